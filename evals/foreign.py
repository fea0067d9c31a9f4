"""Runs of other programs as traces of ours: recorded from what they said, and run again.

A foreign trace keeps the *original* messages as the requests of its model steps, and beside them,
as separate facts, what the model replied, what the tools gave, and what was fed from outside
(`start.options["foreign"]`). A replay rebuilds every request from those facts alone, through
`graphs.generic`; so a message that is dropped, swapped or edited on either side no longer fits the
other, and is named by its place in the conversation.

`start.options["foreign"]` is `{format, id, inputs, speakers, shape, hashes, details}`: `inputs` as
in `graphs.generic.Script`; `shape` by index of message (see `evals.exporters.openai`); `hashes` of
every message in order, which also hold what comes after the last request.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue, TypeAdapter, ValidationError

from ..graphs import generic
from ..graphs.answer import Answer
from ..graphs.calls import Call, Calls, ModelOutcome, ToolOutcome
from ..graphs.canonical import canonical, message_hash
from ..graphs.model import Message, ModelReply, ModelRequest, ToolRequest
from ..graphs.prompts import Prompts
from ..graphs.reader import MESSAGE_LIMIT
from ..graphs.recorder import Recorder
from ..graphs.run import Approve
from ..graphs.trace import ModelStep, Start, StepError, ToolStep, Trace
from ..tools.documents import Frozen
from ..tools.errors import TraceError
from ..tools.tool import Tool, ToolResult
from .compare import ABSENT, compare_requests, first_difference
from .conversation import Conversation, Heard
from .divergence import Divergence, Kind
from .recorded import Diverged, RecordedCalls, stand_ins

KEY = "foreign"


class Foreign(Frozen):
    """What a foreign trace says beside its steps."""

    format: str
    id: str
    """As the record named it, before it became a file name."""
    inputs: tuple[tuple[Message, ...], ...]
    speakers: tuple[str | None, ...] = ()
    shape: dict[str, dict[str, JsonValue]] = {}
    hashes: tuple[str, ...] = ()
    details: dict[str, JsonValue] = {}


_FOREIGN = TypeAdapter(Foreign)


def is_foreign(trace: Trace) -> bool:
    """Whether the run was made by another program."""
    return KEY in trace.start.options


def foreign_of(trace: Trace) -> Foreign:
    """What the trace says of its origin. Raises `TraceError` when that is not whole."""
    return _read(trace.start)


def _read(start: Start) -> Foreign:
    try:
        return _FOREIGN.validate_json(canonical(start.options.get(KEY)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise TraceError(
            f"trace {start.id}: run.start options.{KEY}: {place}: {first['msg']}"
        ) from None


def record(conversation: Conversation, id: str, format: str, recorder: Recorder) -> Trace:
    """Write a conversation down as a trace. Raises `ValueError` when it is too long for one."""
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
        raise OSError(recorder.broken)
    return trace


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


def messages_of(trace: Trace) -> list[Message]:
    """The conversation, from replies, results and inputs. Raises `TraceError`."""
    inputs = deque(foreign_of(trace).inputs)
    speakers = deque(foreign_of(trace).speakers)
    messages = list(inputs.popleft() if inputs else ())
    asked = False
    for step in trace.steps:
        if isinstance(step, ModelStep):
            if asked and inputs:
                messages.extend(inputs.popleft())
            asked = True
            name = speakers.popleft() if speakers else None
            if step.reply is not None:
                requests = step.reply.tool_requests
                messages.append(
                    Message(
                        role="assistant",
                        content=step.reply.content,
                        tool_requests=requests,
                        name=name,
                    )
                )
            continue
        content = str((step.result or {}).get("content", ""))
        message = generic.tool_message(step.request_id, content, step.error)
        if message is not None:
            messages.append(message)
    return messages + (list(inputs.popleft()) if asked and inputs else [])


async def rerun(
    start: Start,
    calls: Calls,
    tools: Mapping[str, Tool],
    recorder: Recorder,
    *,
    prompts: Prompts | None = None,
    approve: Approve | None = None,
) -> Answer:
    """Drive a foreign run on recorded calls (`evals.attempt.Drive`); ours of tools and prompts do
    not matter to it. Raises `Diverged` at the first difference.

    Every request is rebuilt from state and served by its key; at the end every message is compared
    with the recorded hashes, so that what no request shows is checked too.
    """
    messages = await _run(start, calls, recorder)
    recorded = _read(start).hashes
    made = tuple(message_hash(message) for message in messages)
    place = _first(recorded, made)
    if place is not None:
        before = f"message {recorded[place]}" if place < len(recorded) else ABSENT
        after = _shown(messages[place].content) if place < len(made) else ABSENT
        path = f"/messages/{place}"
        raise Diverged((_new(start.id, 0, "history_changed", path, before, after),))
    answer = generic.answer_of(start, recorder.trace.steps)
    return answer.with_trace(recorder.end(answer))


async def differences(before: Trace, after: Trace) -> tuple[Divergence, ...]:
    """How `after` differs from `before`: its conversation is run again, and each request that it
    leads to is compared with the one that was recorded then. Names the first message that differs
    (`/messages/N`); empty when the conversations are the same. Raises `TraceError`.
    """
    calls = _Beside(before, after)
    try:
        made = await _run(after.start, calls, Recorder())
    except Diverged as error:
        return error.divergences
    expected = messages_of(before)
    place = _first(expected, made)
    if place is None:
        return _shapes(before, after)
    pair = [
        list_[place].model_dump(mode="json", exclude_defaults=True) if place < len(list_) else None
        for list_ in (expected, made)
    ]
    old_message, new_message = pair
    if old_message is None or new_message is None:
        path, old_text, new_text = f"/messages/{place}", _shown(old_message), _shown(new_message)
    else:
        found = first_difference(old_message, new_message, f"/messages/{place}")
        assert found is not None
        path, old_text, new_text = found
    return (_new(before.id, calls.step, "history_changed", path, old_text, new_text),)


def _shapes(before: Trace, after: Trace) -> tuple[Divergence, ...]:
    """Equal messages that were written down differently: the first."""
    old, new = (foreign_of(trace).shape for trace in (before, after))
    for place in sorted({*old, *new}, key=lambda key: (len(key), key)):
        found = first_difference(old.get(place, {}), new.get(place, {}), f"/messages/{place}")
        if found is not None:
            return (_new(before.id, 0, "history_changed", *found),)
    return ()


class _Beside:
    """Calls: a trace is served while each request is held against another's, in order."""

    def __init__(self, before: Trace, after: Trace):
        self._before = before
        self._served = RecordedCalls(after)
        self._expected = deque(step for step in before.steps if isinstance(step, ModelStep))
        self.step = 0

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        if self._expected:
            step = self._expected.popleft()
            self.step = step.index
            changes = compare_requests(step.request, request)
            if changes:
                raise Diverged(tuple(_new(self._before.id, step.index, *item) for item in changes))
        return await self._served.model(call, request, on_text)

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        return await self._served.tool(call, tool, arguments)

    def clock(self) -> float:
        return self._served.clock()


async def _run(start: Start, calls: Calls, recorder: Recorder) -> list[Message]:
    foreign = _read(start)
    tools = stand_ins(Trace(start=start))
    seen = {str(tool["name"]) for tool in start.tools if tool.get("seen")}
    return await generic.run(
        generic.Script(
            start=start,
            calls=calls,
            tools=tools,
            offered=tuple(tool for name, tool in tools.items() if name not in seen),
            recorder=recorder,
            inputs=foreign.inputs or ((),),
            speakers=foreign.speakers,
        )
    )


def _first(before: Sequence[object], after: Sequence[object]) -> int | None:
    """The first place where two lists differ."""
    for place, (old, new) in enumerate(zip(before, after, strict=False)):
        if old != new:
            return place
    return None if len(before) == len(after) else min(len(before), len(after))


def _new(trace: str, step: int, kind: Kind, path: str, before: str, after: str) -> Divergence:
    return Divergence(
        trace=trace, step=step, node="agent", kind=kind, path=path, before=before, after=after
    )


def _shown(value: object) -> str:
    if value is None:
        return ABSENT
    text = value if isinstance(value, str) else canonical(value).decode("utf-8", "replace")
    return " ".join(text.split())[:120]


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
