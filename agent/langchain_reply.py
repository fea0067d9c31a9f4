"""What a model says, put together from LangChain's pieces without believing them.

LangChain's own merging repairs argument text that was cut off (`{"expression": "2+` becomes a
valid call) and loses refusals; here the raw text is kept, and every way of not answering has a
name. Knows nothing of requests.
"""

import json
from collections.abc import Callable
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from ..graphs.model import ModelReply, Tokens, ToolRequest
from ..tools.errors import ProviderError

TEXT_LIMIT = 200_000
"""Characters of text in one reply."""
ARGUMENTS_LIMIT = 65_536
"""Characters of one tool call's arguments."""
CALLS_LIMIT = 1_000
"""Tool calls in one reply (how many of them may run is the graph's to say)."""

_FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "completed": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "safety": "content_filter",
}
"""Other services' words for what OpenAI calls stop, tool_calls, length and content_filter."""


class _Call:
    """A tool call that is still arriving."""

    def __init__(self, id: str, name: str) -> None:
        self.id = id
        self.name = name
        self.pieces: list[str] = []
        self.length = 0


class ReplyBuilder:
    """Gathers one reply.

    `needs_finish`: a stream that ends without a finish reason was cut off (true of services that
    speak OpenAI's protocol; others may give none). `as_content`: name of the tool whose arguments
    are the output that was asked for, and so the reply's content.
    """

    def __init__(
        self,
        service: str,
        on_text: Callable[[str], None] | None = None,
        needs_finish: bool = False,
        as_content: str | None = None,
    ) -> None:
        self._service = service
        self._on_text = on_text
        self._needs_finish = needs_finish
        self._as_content = as_content
        self._text: list[str] = []
        self._length = 0
        self._refusal = ""
        self._calls: dict[int, list[_Call]] = {}
        self._finish: str | None = None
        self._model: str | None = None
        self._tokens: Tokens | None = None

    @property
    def started(self) -> bool:
        """Whether any part of an answer has arrived."""
        return bool(self._text or self._calls or self._refusal)

    @property
    def partial(self) -> str:
        """The text that has arrived so far."""
        return "".join(self._text)

    def add(self, message: BaseMessage) -> None:
        """Take in a piece of a stream, or a whole message where the model cannot stream.

        Raises `ProviderError` (bad_response) as soon as the reply is larger than any honest one.
        """
        if not isinstance(message, AIMessageChunk):
            self.add_whole(message)
            return
        self._add_text(_text_of(message.content))
        self._refusal += _refusal_of(message)
        self._add_metadata(message)
        for position, piece in enumerate(message.tool_call_chunks):
            index = piece.get("index")
            self._add_piece(
                index if isinstance(index, int) else position,
                piece.get("id"),
                piece.get("name"),
                piece.get("args") or "",
            )
        function = message.additional_kwargs.get("function_call")
        if isinstance(function, dict):
            self._add_piece(0, None, function.get("name"), function.get("arguments") or "")

    def add_whole(self, message: BaseMessage) -> None:
        """Take in a message that came in one piece."""
        if not isinstance(message, AIMessage):
            raise ProviderError(
                f"{self._service} answered with a message of type {message.type!r}.", "bad_response"
            )
        self._needs_finish = False
        self._add_text(_text_of(message.content))
        self._refusal += _refusal_of(message)
        self._add_metadata(message)
        for index, (id, name, arguments) in enumerate(_calls_of(message)):
            self._add_piece(index, id, name, arguments)

    def reply(self) -> ModelReply:
        """Return the whole reply; raises `ProviderError` for each way of not answering."""
        content, requests = self.partial, self._requests()
        if self._finish == "content_filter":
            raise ProviderError(
                f"{self._service} held its answer back (content filter).",
                "content_filter",
                partial=content,
            )
        if self._refusal:
            said = " ".join(self._refusal.split())[:200]
            raise ProviderError(
                f"the model refused to answer: {said!r}", "refusal", partial=content
            )
        if self._needs_finish and self._finish is None:
            if not self.started:
                raise ProviderError(f"{self._service} sent no answer at all.", "empty")
            raise ProviderError(
                f"{self._service} stopped in the middle of its answer.",
                "truncated",
                partial=content,
            )
        if not content and not requests:
            raise ProviderError(_nothing(self._service, self._finish), "empty")
        return ModelReply(
            content=content,
            tool_requests=requests,
            finish=self._finish or ("tool_calls" if requests else "stop"),
            model=self._model,
            tokens=self._tokens,
            chunks=tuple(len(piece) for piece in self._text) if len(self._text) > 1 else (),
        )

    def _requests(self) -> tuple[ToolRequest, ...]:
        return tuple(
            ToolRequest(id=call.id, name=call.name, arguments="".join(call.pieces))
            for index in sorted(self._calls)
            for call in self._calls[index]
            if call.name != self._as_content
        )

    def _add_text(self, piece: str) -> None:
        if not piece:
            return
        self._length += len(piece)
        if self._length > TEXT_LIMIT:
            raise ProviderError(
                f"{self._service} sent more than {TEXT_LIMIT:,} characters of text; the rest was "
                "not read.",
                "bad_response",
            )
        self._text.append(piece)
        if self._on_text is not None:
            self._on_text(piece)

    def _add_piece(self, index: int, id: str | None, name: str | None, arguments: str) -> None:
        calls = self._calls.setdefault(index, [])
        # Some services number every call 0 and tell them apart by id only.
        if not calls or (id and name and calls[-1].id and id != calls[-1].id):
            if sum(map(len, self._calls.values())) >= CALLS_LIMIT:
                raise ProviderError(
                    f"{self._service} asked for more than {CALLS_LIMIT:,} tool calls at once.",
                    "bad_response",
                )
            calls.append(_Call(id or "", name or ""))
        call = calls[-1]
        call.id = call.id or id or ""
        call.name = call.name or name or ""
        if call.name == self._as_content:
            self._add_text(arguments)
            return
        call.length += len(arguments)
        if call.length > ARGUMENTS_LIMIT:
            raise ProviderError(
                f"{self._service} sent a tool call with more than {ARGUMENTS_LIMIT:,} characters "
                "of arguments.",
                "bad_response",
            )
        call.pieces.append(arguments)

    def _add_metadata(self, message: AIMessage) -> None:
        said = message.response_metadata
        self._finish = _finish_of(said) or self._finish
        model = said.get("model_name") or said.get("model")
        self._model = model if isinstance(model, str) and model else self._model
        usage = message.usage_metadata
        # LangChain writes 0 for a count that the service left out; no prompt has 0 tokens.
        if usage and usage.get("input_tokens"):
            self._tokens = Tokens(input=usage["input_tokens"], output=usage["output_tokens"])


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        return content
    pieces = []
    for block in content:
        if isinstance(block, str):
            pieces.append(block)
        elif isinstance(block, dict) and block.get("type") == "text":
            pieces.append(str(block.get("text") or ""))
    return "".join(pieces)


def _refusal_of(message: AIMessage) -> str:
    refusal = message.additional_kwargs.get("refusal")
    if isinstance(refusal, str):
        return refusal
    if isinstance(message.content, str):
        return ""
    return "".join(
        str(block.get("refusal") or "")
        for block in message.content
        if isinstance(block, dict) and block.get("type") == "refusal"
    )


def _finish_of(said: dict[str, Any]) -> str | None:
    word: Any = said.get("finish_reason") or said.get("stop_reason") or said.get("done_reason")
    if not word and said.get("status") == "incomplete":
        details = said.get("incomplete_details")
        word = details.get("reason") if isinstance(details, dict) else None
        word = word or "length"
    word = word or (said.get("status") if said.get("status") == "completed" else None)
    if not isinstance(word, str):
        return None
    return _FINISH.get(word.lower(), word)


def _calls_of(message: AIMessage) -> list[tuple[str | None, str, str]]:
    """(id, name, raw arguments) of a message that came whole, as raw as they can be had."""
    raw = message.additional_kwargs.get("tool_calls")
    if isinstance(raw, list) and raw:
        return [_raw_call(call) for call in raw]
    function = message.additional_kwargs.get("function_call")
    if isinstance(function, dict):
        return [_raw_call({"function": function})]
    calls: list[tuple[str | None, str, str]] = [
        (call["id"], call["name"], json.dumps(call["args"], ensure_ascii=False))
        for call in message.tool_calls
    ]
    calls += [
        (call["id"], call["name"] or "", call["args"] or "") for call in message.invalid_tool_calls
    ]
    return calls


def _raw_call(call: Any) -> tuple[str | None, str, str]:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict):
        return None, "", ""
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        arguments = "" if arguments is None else json.dumps(arguments, ensure_ascii=False)
    id, name = call.get("id"), function.get("name")
    return (
        id if isinstance(id, str) else None,
        name if isinstance(name, str) else "",
        arguments,
    )


def _nothing(service: str, finish: str | None) -> str:
    if finish == "length":
        return (
            f"{service} used up its output tokens before it wrote any text. Allow it more "
            "(max_tokens)."
        )
    return f"{service} answered with nothing (finish reason {finish!r})."
