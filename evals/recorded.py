"""The calls of a replay: every model reply and tool result comes from a trace.

Knows a trace and what is asked of it; knows nothing of the graph. A call is served by where it
stands and the content of the whole request; equal requests in the order in which they were made.
A request that was not recorded is never answered with another one's reply: it raises.
"""

from collections import deque
from collections.abc import Callable
from typing import Any

from ..graphs.calls import Call, ModelOutcome, ToolOutcome
from ..graphs.model import ModelRequest
from ..graphs.trace import ModelStep, StepError, ToolStep, Trace
from ..tools.tool import Tool, ToolResult
from .divergence import Change, Divergence, Kind, compare_requests, first_difference

_CUT_SHORT = ("Aborted", "Cancelled")


class Diverged(Exception):
    """A call that was not recorded. Not a `WorkingsError`: no node may take it for a failure."""

    def __init__(self, divergences: tuple[Divergence, ...]):
        super().__init__(str(divergences[0]))
        self.divergences = divergences


class RecordEnds(Exception):
    """The run of the record was cut short here; what came before is the same."""


class RecordedCalls:
    """`graphs.calls.Calls` over a trace.

    Raises pydantic's `ValidationError` when a recorded result is not one of a tool.
    """

    def __init__(self, trace: Trace):
        self.trace = trace
        self.cut_short = trace.status == "aborted" or (
            trace.error is not None and trace.error.type in _CUT_SHORT
        )
        """Whether the record stops before the run would have ended by itself."""
        self._waiting: dict[tuple[str, str, str], deque[ModelStep | ToolStep]] = {}
        self._unserved: dict[int, ModelStep | ToolStep] = {}
        self._results: dict[int, ToolResult] = {}
        for step in trace.steps:
            if isinstance(step, ModelStep) or step.status != "refused":
                self._unserved[step.index] = step
                place = (step.kind, step.node, step.key)
                self._waiting.setdefault(place, deque()).append(step)
            if isinstance(step, ToolStep) and (step.result is not None or step.error is None):
                self._results[step.index] = ToolResult.model_validate(step.result)

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """The recorded outcome of this request, streamed in the recorded pieces."""
        step = self._take("model", call)
        if step is None:
            raise Diverged(self._miss_model(call, request))
        assert isinstance(step, ModelStep)
        if on_text is not None and step.reply is not None:
            start = 0
            for length in step.reply.chunks or (len(step.reply.content),):
                on_text(step.reply.content[start : start + length])
                start += length
        return ModelOutcome(
            reply=step.reply,
            error=step.error,
            attempts=step.attempts,
            seconds=step.seconds,
            cost_usd=step.cost_usd,
        )

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """The recorded outcome of this call. The tool itself is never run."""
        step = self._take("tool", call)
        if step is None:
            raise Diverged(self._miss_tool(call, arguments))
        assert isinstance(step, ToolStep)
        result = self._results.get(step.index)
        return ToolOutcome(result=result, error=step.error, seconds=step.seconds)

    def clock(self) -> float:
        """Seconds that the recorded run took."""
        return 0.0 if self.trace.answer is None else self.trace.answer.usage.seconds

    def unserved(self) -> list[ModelStep | ToolStep]:
        """Recorded calls that nobody has made, in order."""
        return [step for step in self._unserved.values() if not _was_cut_short(step.error)]

    def _take(self, kind: str, call: Call) -> ModelStep | ToolStep | None:
        waiting = self._waiting.get((kind, call.node, call.key))
        if waiting:
            step = waiting.popleft()
            if _was_cut_short(step.error):
                raise RecordEnds
            del self._unserved[step.index]
            return step
        if self.cut_short and not self._unserved:
            raise RecordEnds
        return None

    def _miss_model(self, call: Call, request: ModelRequest) -> tuple[Divergence, ...]:
        steps = [
            step
            for step in self._unserved.values()
            if isinstance(step, ModelStep) and step.node == call.node
        ]
        steps.sort(key=lambda step: step.name != call.name)
        if not steps:
            question = request.messages[-1].content if request.messages else ""
            return (self._new(call, 0, ("extra_call", "", "(no call)", _line(question))),)
        nearest = steps[0]
        changes = compare_requests(nearest.request, request)
        if not changes:
            # the same request, but in another order than recorded would have been served
            changes = [("extra_call", "", "(no call)", f"model call {call.name!r}")]
        return tuple(self._new(call, nearest.index, change) for change in changes)

    def _miss_tool(self, call: Call, arguments: dict[str, Any]) -> tuple[Divergence, ...]:
        steps = [
            step
            for step in self._unserved.values()
            if isinstance(step, ToolStep) and step.node == call.node
        ]
        steps.sort(key=lambda step: step.name != call.name)
        if not steps:
            return (self._new(call, 0, ("extra_call", "", "(no call)", f"tool {call.name!r}")),)
        nearest = steps[0]
        kind: Kind = "tool_args_changed"
        if nearest.name != call.name:
            kind = "tool_name_changed"
            return (self._new(call, nearest.index, (kind, "/name", nearest.name, call.name)),)
        difference = first_difference(nearest.arguments, arguments, "")
        if difference is None:
            return (self._new(call, 0, ("extra_call", "", "(no call)", f"tool {call.name!r}")),)
        return (self._new(call, nearest.index, (kind, *difference)),)

    def _new(self, call: Call, step: int, change: Change) -> Divergence:
        kind, path, before, after = change
        return Divergence(
            trace=self.trace.id,
            step=step,
            node=call.node,
            kind=kind,
            path=path,
            before=before,
            after=after,
        )


def stand_ins(trace: Trace) -> dict[str, Tool]:
    """The tools that the run was offered, as they were described; none of them can be run."""
    tools = {}
    for offered in trace.start.tools:
        fields: dict[str, Any] = dict(offered)
        tools[str(fields["name"])] = Tool(
            name=str(fields["name"]),
            description=str(fields.get("description", "")),
            parameters=fields.get("parameters") or {},
            effect=fields.get("effect", "read"),
            run=_never,
        )
    return tools


async def _never(arguments: dict[str, Any]) -> ToolResult:
    raise AssertionError("a replay runs no tool")


def _was_cut_short(error: StepError | None) -> bool:
    return error is not None and error.type in _CUT_SHORT


def _line(text: str) -> str:
    return " ".join(text.split())[:120]
