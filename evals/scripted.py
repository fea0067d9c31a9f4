"""A model that says what was written down for it: for tests of whoever embeds Workings.

Strict both ways: a request too many raises, and so does a reply that nobody asked for. Knows the
seam to a model; knows nothing of what is tested.

    with ScriptedModel(calls(("calculator", {"expression": "2 + 2"})), drafts(("It is 4.",))) as m:
        answer = Assistant(model=m).ask("What is 2 + 2?")
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from types import TracebackType

from ..graphs.model import Message, ModelReply, ModelRequest, Profile, Tokens, ToolRequest

__all__ = [
    "Message",
    "ScriptedModel",
    "UnexpectedRequest",
    "UnusedReplies",
    "calls",
    "drafts",
    "says",
]

Line = ModelReply | str | Exception | Callable[[ModelRequest], "ModelReply | str | Exception"]
"""One reply: whole, as a text, an error to raise, or made from the request."""
TOKENS = Tokens(input=10, output=5)
"""What every reply made here says it took."""


class UnexpectedRequest(AssertionError):
    """The model was asked once more than there are replies. No node takes it for a failure."""


class UnusedReplies(AssertionError):
    """The test is over and there are replies that were never asked for."""


class ScriptedModel:
    """Answers request n with reply n of the script; a `ChatModel` for `Assistant(model=...)`.

    As a context manager it raises at the end what `assert_finished` raises.
    """

    def __init__(
        self, *script: Line, profile: Profile | None = None, id: str = "scripted:test"
    ) -> None:
        self.id = id
        self.profile = profile or Profile()
        self.requests: list[ModelRequest] = []
        """Everything it was asked, in order."""
        self.script = deque(script)
        """What is left to say."""
        self._unexpected: UnexpectedRequest | None = None

    async def attempt(
        self, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """The next reply; in its pieces to `on_text`. Raises `UnexpectedRequest` after the last."""
        self.requests.append(request)
        if not self.script:
            last = request.messages[-1].content[:80] if request.messages else ""
            self._unexpected = UnexpectedRequest(
                f"request {len(self.requests)} was not expected; it ends in {last!r}"
            )
            raise self._unexpected
        line = self.script.popleft()
        if callable(line):
            line = line(request)
        if isinstance(line, Exception):
            raise line
        reply = says(line) if isinstance(line, str) else line
        if on_text is not None and reply.content:
            start = 0
            for length in reply.chunks or (len(reply.content),):
                on_text(reply.content[start : start + length])
                start += length
        return reply

    def assert_finished(self) -> None:
        """Raise `UnexpectedRequest` or `UnusedReplies` where the script and the run differ."""
        if self._unexpected is not None:
            raise self._unexpected
        if self.script:
            raise UnusedReplies(
                f"{len(self.script)} of {len(self.script) + len(self.requests)} replies were never"
                " asked for"
            )

    def __enter__(self) -> "ScriptedModel":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self.assert_finished()


def says(text: str, finish: str = "stop") -> ModelReply:
    """A reply in plain text."""
    return ModelReply(content=text, finish=finish, tokens=TOKENS)


def calls(
    *requests: tuple[str, Mapping[str, object] | str],
    finish: str = "tool_calls",
    content: str = "",
) -> ModelReply:
    """A reply that asks for tools: (name, arguments) each; arguments a dict or the raw text."""
    made = tuple(
        ToolRequest(
            id=f"service-{place}",
            name=name,
            arguments=arguments if isinstance(arguments, str) else json.dumps(arguments),
        )
        for place, (name, arguments) in enumerate(requests)
    )
    return ModelReply(content=content, tool_requests=made, finish=finish, tokens=TOKENS)


def drafts(
    *sentences: tuple[str, ...],
    refused: bool = False,
    reason: str = "",
    value: str = "",
    unit: str = "",
) -> ModelReply:
    """A reply with a structured answer: (text, passage, quote) or (text,) for each sentence."""
    written = [
        {
            "text": text,
            "citations": [{"passage": cited[0], "quote": cited[1]}] if cited else [],
        }
        for text, *cited in sentences
    ]
    body = {
        "refused": refused,
        "reason": reason,
        "sentences": written,
        "value": value,
        "unit": unit,
    }
    return says(json.dumps(body))
