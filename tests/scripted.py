"""The public scripted model, with what only our own tests say."""

from workings.evals.scripted import Message, ScriptedModel, calls, drafts, says
from workings.tools.errors import ProviderError

__all__ = ["Message", "ScriptedModel", "busy", "calls", "drafts", "says"]


def busy(retry_after=None):
    return ProviderError("busy", kind="rate_limit", retryable=True, retry_after=retry_after)
