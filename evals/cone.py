"""A live replay: what depends on a change is asked anew, everything else comes from the trace.

Knows which calls may go live. A tool that writes never runs again. The network is open for the
calls that were asked to be live, and for nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from ..graphs.calls import Call, Calls, ModelOutcome, ToolOutcome
from ..graphs.metering import cost_of, tokens_of
from ..graphs.model import ModelRequest
from ..graphs.trace import ModelStep, StepError, ToolStep, Trace
from ..tools.documents import Frozen
from ..tools.tool import Tool
from .hermetic import open_network
from .recorded import Diverged, was_cut_short

Live = Literal["model", "tools", "all"]


class Reuse(Frozen):
    """How much of a live replay came from the trace."""

    model_calls: int
    model_live: int
    tool_calls: int
    """Calls that were refused without being run are not counted."""
    tool_live: int
    blocked: int
    """Calls of tools that write, which were refused."""
    cost_usd: float | None
    """Of the live model calls; None when it is not known, and 0 when there were none."""
    input_tokens: int | None
    output_tokens: int | None

    def __str__(self) -> str:
        parts = [
            f"{self.model_calls - self.model_live} of {self.model_calls} model calls reused",
            f"{self.model_live} live",
        ]
        if self.tool_calls:
            served = self.tool_calls - self.tool_live
            parts.append(f"{served} of {self.tool_calls} tool calls reused")
            parts.append(f"{self.tool_live} live")
        if self.blocked:
            parts.append(f"{self.blocked} refused (they write)")
        cost = "cost unknown" if self.cost_usd is None else f"${self.cost_usd:.4f}"
        if not self.model_live:
            cost = "no cost"
        return ", ".join([*parts, cost])


@dataclass
class Cone:
    """`Otherwise` that goes live for what `live` names."""

    at_once = False
    live: Live
    calls: Calls
    """The live ones (`graphs.live.LiveCalls`)."""
    runnable: frozenset[str]
    """Tools that can be run here; another one that is asked for ends the replay."""
    again: frozenset[str] = frozenset()
    """Tools that run again though the same call was recorded: what they look at has changed."""
    writes: frozenset[str] = frozenset()
    """Tools that wrote when the run was recorded, whatever they say of themselves today."""
    blocked: set[str] = field(default_factory=set)
    """Keys of the calls that were refused since the tool writes."""
    asked: list[ModelOutcome] = field(default_factory=list)
    """How the live model calls ended."""
    ran: int = 0
    """How many tool calls were live."""

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """Ask the live model; raises `Diverged` when only the tools are live."""
        if self.live == "tools":
            raise Diverged
        with open_network():
            outcome = await self.calls.model(call, request, on_text)
        self.asked.append(outcome)
        return outcome

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """Run a tool that only looks; raises `Diverged` when it is not live, or not here."""
        if self._writes(tool):
            self.blocked.add(call.key)
            message = (
                f"{tool.name} changes the world, so a replay does not run it, and this call was"
                " not recorded; do without it"
            )
            return ToolOutcome(error=StepError(type="ToolError", message=message))
        if self.live == "model" or tool.name not in self.runnable:
            raise Diverged
        self.ran += 1
        with open_network():
            return await self.calls.tool(call, tool, arguments)

    def takes(self, call: Call, tool: Tool) -> bool:
        """Whether a tool that only looks is asked again for what it gave before."""
        if self.live == "model" or self._writes(tool) or tool.name not in self.runnable:
            return False
        return tool.name in self.again or (self.live == "tools" and tool.effect == "read")

    def _writes(self, tool: Tool) -> bool:
        return tool.effect == "write" or tool.name in self.writes

    def clock(self) -> float | None:
        """Seconds of the live part."""
        return self.calls.clock()

    def reuse(self, made: Trace) -> Reuse:
        """What of the run that came of it was live."""
        models = sum(isinstance(step, ModelStep) for step in made.steps)
        tools = [
            step for step in made.steps if isinstance(step, ToolStep) and step.status != "refused"
        ]
        open_calls = sum(was_cut_short(step.error) for step in made.steps)
        cost: float | None = 0
        given: int | None = 0
        said: int | None = 0
        if self.asked:
            cost = cost_of([outcome.cost_usd for outcome in self.asked])
            replies = [outcome.reply for outcome in self.asked]
            given, said = tokens_of([reply.tokens if reply else None for reply in replies])
        stopped_at_model = open_calls and isinstance(made.steps[-1], ModelStep)
        return Reuse(
            model_calls=models - bool(stopped_at_model),
            model_live=len(self.asked),
            tool_calls=len(tools) - (0 if stopped_at_model else open_calls),
            tool_live=self.ran,
            blocked=len(self.blocked),
            cost_usd=cost,
            input_tokens=given,
            output_tokens=said,
        )
