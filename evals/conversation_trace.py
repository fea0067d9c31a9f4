"""A conversation of another program written down as a trace.

Knows conversations and the recorder; how such a trace is run again is `evals.foreign`.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from ..graphs import generic
from ..graphs.canonical import canonical, message_hash
from ..graphs.lines import LINE_LIMIT
from ..graphs.model import Message, ModelReply, ToolRequest
from ..graphs.reader import MESSAGE_LIMIT
from ..graphs.recorder import Recorder
from ..graphs.trace import ModelStep, Start, StepError, ToolStep, Trace
from ..tools.errors import SettingsError
from ..tools.tool import ToolResult
from .conversation import Conversation, Heard
from .foreign import KEY, Foreign

SIZE_LIMIT = LINE_LIMIT // 2
"""Bytes that a conversation may have: its parts must each fit into one line or blob."""


def record(conversation: Conversation, id: str, format: str, recorder: Recorder) -> Trace:
    """Write a conversation down as a trace.

    Raises `ValueError` when it is too long for one, `SettingsError` when it cannot be written.
    """
    size = _size(conversation)
    if size > SIZE_LIMIT:
        raise ValueError(f"it has {size:,} bytes; a trace of one run takes {SIZE_LIMIT:,}")
    taken = _Taken(conversation)
    called = [call.name for heard in taken.heard for call in heard.message.tool_requests]
    start = Start(
        id=id,
        created=conversation.created,
        question=_question(conversation),
        model=conversation.model,
        options={KEY: taken.foreign(format, conversation.id or id, conversation)},
        tools=_offered(conversation.tools, called),
    )
    schemas = tuple(_schema(tool) for tool in conversation.tools)
    recorder.start(start)
    steps: list[ModelStep | ToolStep] = []
    for place, answers in taken.turns:
        heard = taken.heard[place]
        messages = tuple(item.message for item in taken.heard[:place])
        asked = generic.model_step(start, len(steps) + 1, heard.message.name, messages, schemas)
        recorder.request(asked)
        reply = ModelReply(
            content=heard.message.content,
            tool_requests=heard.message.tool_requests,
            finish=heard.finish,
            model=heard.model,
            tokens=heard.tokens,
        )
        steps.append(asked.model_copy(update={"reply": reply}))
        recorder.result(steps[-1])
        calls = heard.message.tool_requests
        begun = [generic.tool_step(len(steps) + 1 + n, call) for n, call in enumerate(calls)]
        for step in begun:
            recorder.request(step)
        for step, answer in zip(begun, answers, strict=True):
            steps.append(_ended(step, None if answer is None else taken.heard[answer]))
            recorder.result(steps[-1])
    trace = recorder.end(generic.answer_of(start, steps))
    if recorder.broken is not None:
        raise SettingsError(recorder.broken)
    return trace


def _size(conversation: Conversation) -> int:
    """Bytes of what is kept of it, as JSON."""
    parts = [[item.message, dict(item.shape), item.error] for item in conversation.messages]
    return len(canonical([parts, conversation.tools, dict(conversation.details)]))


class _Taken:
    """A conversation taken apart: who was answering what, and what came from outside."""

    def __init__(self, conversation: Conversation):
        self.heard = list(conversation.messages)
        self.inputs: list[list[Message]] = [[]]
        self.turns: list[tuple[int, list[int | None]]] = []
        """For each turn of the model: its place, and the places of the results of its calls."""
        place = total = 0
        while place < len(self.heard):
            heard = self.heard[place]
            if not heard.speaks:
                self.inputs[-1].append(heard.message)
                place += 1
                continue
            total += place
            if total > MESSAGE_LIMIT:
                raise ValueError(f"its requests hold more than {MESSAGE_LIMIT:,} messages")
            answers, end = self._results(place)
            self.turns.append((place, answers))
            self.inputs.append([])
            place = end

    def _results(self, place: int) -> tuple[list[int | None], int]:
        """The results that follow a message, in the order of its calls; where they end.

        What answers no call of it, or an earlier call than the one before, is fed from outside.
        """
        calls = self.heard[place].message.tool_requests
        answers: list[int | None] = [None] * len(calls)
        first = 0
        place += 1
        while place < len(self.heard):
            heard = self.heard[place]
            if heard.speaks or heard.message.role != "tool":
                break
            found = _answered(heard, calls, first)
            if found is None:
                break
            answers[found] = place
            self.heard[place] = _plain_result(heard, calls[found])
            first = found + 1
            place += 1
        return answers, place

    def foreign(self, format: str, id: str, conversation: Conversation) -> dict[str, JsonValue]:
        """The part of `start.options` that no step holds."""
        names = [self.heard[place].message.name for place, _ in self.turns]
        value = Foreign(
            format=format,
            id=id,
            inputs=tuple(tuple(messages) for messages in self.inputs),
            speakers=tuple(names) if any(names) else (),
            shape={str(n): dict(item.shape) for n, item in enumerate(self.heard) if item.shape},
            hashes=tuple(message_hash(item.message) for item in self.heard),
            details=dict(conversation.details),
        )
        plain: dict[str, JsonValue] = value.model_dump(mode="json", exclude_defaults=True)
        return plain


def _question(conversation: Conversation) -> str:
    if conversation.question is not None:
        return conversation.question
    asked = (item.message for item in conversation.messages if item.message.role == "user")
    return next((message.content for message in asked), "")


def _schema(tool: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        "name": tool["name"],
        "description": tool.get("description", ""),
        "parameters": tool.get("parameters") or {},
    }


def _offered(
    tools: Sequence[dict[str, JsonValue]], called: Sequence[str]
) -> tuple[dict[str, JsonValue], ...]:
    """The recorded definitions; then, marked `seen`, what was called without one."""
    known = {str(tool["name"]): _schema(tool) for tool in tools}
    rest = dict.fromkeys(name for name in called if name not in known)
    seen: list[dict[str, JsonValue]] = [{**_schema({"name": name}), "seen": True} for name in rest]
    return (*known.values(), *seen)


def _answered(heard: Heard, calls: Sequence[ToolRequest], first: int) -> int | None:
    """Which call a tool's message answers: the one with its id, else the next one."""
    given = heard.message.tool_request_id
    for place in range(first, len(calls)):
        if not given or calls[place].id == given:
            fits = heard.message.name in (None, calls[place].name)
            return place if given or fits else None
    return None


def _plain_result(heard: Heard, call: ToolRequest) -> Heard:
    """The message as the graph would make it; what it had besides is kept in its shape."""
    shape = dict(heard.shape)
    if heard.message.name is not None:
        shape["name"] = heard.message.name
    if heard.message.tool_request_id != call.id:
        shape["tool_call_id"] = heard.message.tool_request_id
    message = heard.message.model_copy(update={"tool_request_id": call.id, "name": None})
    return Heard(message, error=heard.error, shape=shape)


def _ended(step: ToolStep, heard: Heard | None) -> ToolStep:
    if heard is None:
        error = StepError(type=generic.UNANSWERED, message="the record holds no result")
        return step.model_copy(update={"status": "error", "error": error})
    if heard.error is not None:
        error = StepError(type="ToolError", message=heard.message.content)
        return step.model_copy(update={"status": "error", "error": error})
    result = ToolResult(content=heard.message.content).model_dump(mode="json")
    return step.model_copy(update={"result": result})
