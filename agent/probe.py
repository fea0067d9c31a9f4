"""One tiny request to a model, to see that it is there. Knows nothing of how that is shown."""

import asyncio
import time

from ..graphs.model import ChatModel, Message, ModelRequest
from ..tools.errors import ProviderError

_PATIENCE = 60.0
"""Seconds; a local model may have to be loaded first."""


async def probe(model: ChatModel) -> str:
    """What came back, in a few words. Raises `ProviderError`, also after a minute of silence."""
    message = Message(role="user", content="Reply with the single word: ready")
    request = ModelRequest(model=model.id, params={"max_tokens": 16}, messages=(message,))
    began = time.monotonic()
    try:
        reply = await asyncio.wait_for(model.attempt(request), _PATIENCE)
    except TimeoutError:
        raise ProviderError(
            f"{model.id} did not answer within {_PATIENCE:.0f} s", kind="timeout", retryable=True
        ) from None
    took = time.monotonic() - began
    said = f"answered in {took:.1f} s"
    return f"{said} as {reply.model}" if reply.model else said
