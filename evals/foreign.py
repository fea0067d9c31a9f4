"""Runs of other programs as traces of ours: recorded from what they said, and run again.

A foreign trace keeps the *original* messages as the requests of its model steps, and beside them,
as separate facts, what the model replied, what the tools gave, and what was fed from outside
(`start.options["foreign"]`). A replay rebuilds every request from those facts alone, through
`graphs.generic`; so a message that is dropped, swapped or edited on either side no longer fits the
other, and is named by its place in the conversation.

`start.options["foreign"]` is `{format, id, inputs, speakers, shape, hashes, details}`: `inputs` as
in `graphs.generic.Script`; `shape` by index of message (see `evals.exporters.openai`); `hashes` of
every message in order, which also hold what comes after the last request. A live replay or a fork
of one has other messages from some place on: its trace keeps neither `shape` nor `hashes`.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence

from pydantic import JsonValue, TypeAdapter, ValidationError

from ..graphs import generic
from ..graphs.answer import Answer
from ..graphs.calls import Call, Calls, ModelOutcome, ToolOutcome
from ..graphs.canonical import canonical, message_hash
from ..graphs.model import Message, ModelRequest
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.run import Approve
from ..graphs.trace import ModelStep, Start, ToolStep, Trace
from ..tools.documents import Frozen
from ..tools.errors import TraceError
from ..tools.tool import Tool
from .compare import ABSENT, compare_requests, first_difference
from .cone import Cone
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
    return read_foreign(trace.start)


def read_foreign(start: Start) -> Foreign:
    """`foreign_of`, of what a run was given."""
    try:
        return _FOREIGN.validate_json(canonical(start.options.get(KEY)), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "it"
        raise TraceError(
            f"trace {start.id}: run.start options.{KEY}: {place}: {first['msg']}"
        ) from None


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
    with the recorded hashes, so that what no request shows is checked too. Where part of it is
    live the conversation may go on as it likes.
    """
    if isinstance(calls, RecordedCalls) and isinstance(calls.otherwise, Cone):
        start = _going_on(start)
    messages = await _run(start, calls, recorder)
    recorded = read_foreign(start).hashes
    made = tuple(message_hash(message) for message in messages)
    place = _first(recorded, made) if recorded else None
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

    at_once = True

    def __init__(self, before: Trace, after: Trace):
        self._before = before
        self._served = RecordedCalls(after)
        self._expected = deque(step for step in before.steps if isinstance(step, ModelStep))
        self.step = 0

    def model_step(self, call: Call, index: int) -> None:
        """Every request is to be held against the other's."""

    def tool_step(self, call: Call, begun: ToolStep) -> None:
        """Every call is to be made."""

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
    foreign = read_foreign(start)
    tools = stand_ins(start.tools)
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


def _going_on(start: Start) -> Start:
    """The start without what it says of messages that a live run may write otherwise."""
    bare = read_foreign(start).model_copy(update={"shape": {}, "hashes": ()})
    options = {**start.options, KEY: bare.model_dump(mode="json", exclude_defaults=True)}
    return start.model_copy(update={"options": options})


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
