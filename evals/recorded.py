"""The calls of a replay: every model reply and tool result comes from a trace.

Knows a trace and what is asked of it; knows nothing of the graph. A call is served by where it
stands and the content of the whole request; equal requests in the order in which they were made.
What happens to a request that was not recorded is decided by another (`Otherwise`): by itself this
never answers one request with another one's reply.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from pydantic import JsonValue

from ..graphs.calls import Call, ModelOutcome, ToolOutcome
from ..graphs.model import ModelRequest
from ..graphs.trace import ModelStep, StepError, ToolStep, Trace
from ..tools.tool import Tool, ToolResult
from .divergence import Divergence

_CUT_SHORT = ("Aborted", "Cancelled", "Diverged")


class Diverged(Exception):
    """A call that cannot be answered. Not a `WorkingsError`: no node may take it for a failure.

    `divergences` are what the one that raises it knows; the rest is found by comparing the runs.
    """

    def __init__(self, divergences: tuple[Divergence, ...] = ()):
        super().__init__(str(divergences[0]) if divergences else "a call was not recorded")
        self.divergences = divergences


class RecordEnds(Exception):
    """The run of the record was cut short here; what came before is the same."""


class Otherwise(Protocol):
    """Answers the calls that were not recorded, or raises `Diverged`."""

    @property
    def at_once(self) -> bool:
        """Whether it answers without waiting for anything."""
        ...

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """A model call with a request that was not recorded."""
        ...

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """A tool call that was not recorded."""
        ...

    def takes(self, call: Call, tool: Tool) -> bool:
        """Whether it answers this tool call even where a recorded result is there."""
        ...

    def clock(self) -> float | None:
        """Seconds that it counts; None when those of the record stand."""
        ...


class Never:
    """`Otherwise` of an exact replay: what was not recorded ends it."""

    at_once = True

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """Raise `Diverged`."""
        raise Diverged

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """Raise `Diverged`."""
        raise Diverged

    def takes(self, call: Call, tool: Tool) -> bool:
        """Never."""
        return False

    def clock(self) -> float | None:
        """Those of the record."""
        return None


class RecordedCalls:
    """`graphs.calls.Calls` over a trace.

    Raises pydantic's `ValidationError` when a recorded result is not one of a tool.
    """

    def __init__(self, trace: Trace, otherwise: Otherwise | None = None):
        self.trace = trace
        self.otherwise = otherwise or Never()
        self.at_once = self.otherwise.at_once
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

    def model_step(self, call: Call, index: int) -> ModelStep | None:
        """The recorded step, where it is this call at this place of the run."""
        step = self._same("model", call, index)
        return step if isinstance(step, ModelStep) else None

    def tool_step(self, call: Call, begun: ToolStep) -> tuple[ToolStep, ToolResult | None] | None:
        """The recorded step and its result, where it is this call, written the same."""
        waiting = self._waiting.get(("tool", call.node, call.key))
        step = waiting[0] if waiting else None
        if not isinstance(step, ToolStep) or not _written_the_same(step, begun):
            return None
        if self._same("tool", call, begun.index) is None:
            return None
        return step, self._results.get(step.index)

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """The recorded outcome of this request, streamed in the recorded pieces."""
        step = self._take("model", call)
        if step is None:
            return await self.otherwise.model(call, request, on_text)
        assert isinstance(step, ModelStep)
        return self.reply(step, on_text)

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """The recorded outcome of this call. The tool itself is never run here."""
        if self.otherwise.takes(call, tool):
            self._take("tool", call)
            return await self.otherwise.tool(call, tool, arguments)
        step = self._take("tool", call)
        if step is None:
            return await self.otherwise.tool(call, tool, arguments)
        assert isinstance(step, ToolStep)
        return self.result(step)

    def clock(self) -> float:
        """Seconds that the recorded run took; of a live replay those of its live part."""
        live = self.otherwise.clock()
        if live is not None:
            return live
        return 0.0 if self.trace.answer is None else self.trace.answer.usage.seconds

    def reply(self, step: ModelStep, on_text: Callable[[str], None] | None = None) -> ModelOutcome:
        """How a recorded model call ended."""
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

    def result(self, step: ToolStep) -> ToolOutcome:
        """How a recorded tool call ended."""
        return ToolOutcome(
            result=self._results.get(step.index), error=step.error, seconds=step.seconds
        )

    def unserved(self) -> list[ModelStep | ToolStep]:
        """Recorded calls that nobody has made, in order."""
        return [step for step in self._unserved.values() if not was_cut_short(step.error)]

    def serve(self, step: ModelStep | ToolStep) -> None:
        """Count a recorded call as made."""
        self._unserved.pop(step.index, None)
        waiting = self._waiting.get((step.kind, step.node, step.key))
        if waiting is not None and step in waiting:
            waiting.remove(step)

    def _same(self, kind: str, call: Call, index: int) -> ModelStep | ToolStep | None:
        """Serve the recorded call whole, where it stands at the same place under the same name."""
        waiting = self._waiting.get((kind, call.node, call.key))
        if not waiting or not self.at_once:
            return None
        step = waiting[0]
        if step.index != index or step.name != call.name or was_cut_short(step.error):
            return None
        waiting.popleft()
        del self._unserved[index]
        return step

    def _take(self, kind: str, call: Call) -> ModelStep | ToolStep | None:
        waiting = self._waiting.get((kind, call.node, call.key))
        if waiting:
            step = waiting.popleft()
            if was_cut_short(step.error):
                raise RecordEnds
            del self._unserved[step.index]
            return step
        if self.cut_short and not self._unserved:
            raise RecordEnds
        return None


def _written_the_same(step: ToolStep, begun: ToolStep) -> bool:
    """Whether two equal calls are so in what no key holds: ids, the text of the arguments."""
    return (
        step.request_id == begun.request_id
        and step.raw_arguments == begun.raw_arguments
        and step.arguments == begun.arguments
        and step.effect == begun.effect
        and step.status != "refused"
    )


def stand_ins(offered: Iterable[Mapping[str, JsonValue]]) -> dict[str, Tool]:
    """The tools that a run was offered, as they were described; none of them can be run."""
    tools = {}
    for described in offered:
        fields: dict[str, Any] = dict(described)
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


def was_cut_short(error: StepError | None) -> bool:
    """Whether a call was begun and its end is not known."""
    return error is not None and error.type in _CUT_SHORT
