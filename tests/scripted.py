"""A model that says what a test wrote down, strict both ways: no unexpected and no unused reply."""

import json

from workings.graphs.model import Message, ModelReply, ModelRequest, Profile, Tokens, ToolRequest
from workings.tools.errors import ProviderError


class ScriptedModel:
    """Answers request n with reply n; an exception in the script is raised."""

    def __init__(self, *script, profile=None, id="scripted:test"):
        self.id = id
        self.profile = profile or Profile()
        self.script = list(script)
        self.requests: list[ModelRequest] = []

    async def attempt(self, request, on_text=None):
        self.requests.append(request)
        if not self.script:
            raise AssertionError(f"unexpected request {len(self.requests)}: {request}")
        reply = self.script.pop(0)
        if callable(reply):
            reply = reply(request)
        if isinstance(reply, Exception):
            raise reply
        if on_text is not None and reply.content:
            on_text(reply.content)
        return reply

    def assert_finished(self):
        assert not self.script, f"{len(self.script)} replies were never asked for"


def calls(*requests, finish="tool_calls", content=""):
    """A reply that asks for tools: (name, arguments) each; arguments a dict or raw text."""
    made = tuple(
        ToolRequest(
            id=f"service-{place}",
            name=name,
            arguments=arguments if isinstance(arguments, str) else json.dumps(arguments),
        )
        for place, (name, arguments) in enumerate(requests)
    )
    return ModelReply(content=content, tool_requests=made, finish=finish, tokens=TOKENS)


def says(text, finish="stop"):
    """A reply in plain text."""
    return ModelReply(content=text, finish=finish, tokens=TOKENS)


def drafts(*sentences, refused=False, reason="", value="", unit=""):
    """A reply with a structured answer: (text, passage, quote) or (text,) each."""
    written = [
        {
            "text": sentence[0],
            "citations": [{"passage": sentence[1], "quote": sentence[2]}] if sentence[1:] else [],
        }
        for sentence in sentences
    ]
    body = {
        "refused": refused,
        "reason": reason,
        "sentences": written,
        "value": value,
        "unit": unit,
    }
    return says(json.dumps(body))


def busy(retry_after=None):
    return ProviderError("busy", kind="rate_limit", retryable=True, retry_after=retry_after)


TOKENS = Tokens(input=10, output=5)
__all__ = ["Message", "ScriptedModel", "busy", "calls", "drafts", "says"]
