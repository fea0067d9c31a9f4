"""The seam between the graph and everything that is not deterministic: model and tool calls.

A live run stands on `LiveCalls` (graphs.live); a replay on recorded ones (evals.replay). The graph
cannot tell them apart. Knows nothing of nodes, limits or recording.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..tools.tool import Tool, ToolResult
from .model import ModelReply, ModelRequest
from .steps import Attempt, ModelStep, StepError, ToolStep


@dataclass(frozen=True)
class Call:
    """Where in a run a call stands."""

    node: str
    name: str
    """Of a model call what it is for (`decide`, `answer`); of a tool call the tool's name."""
    key: str
    """Content hash of the whole request (graphs.canonical)."""
    attempts_left: int = 3
    """How many requests this call may make, retries included (of a model call)."""


@dataclass(frozen=True)
class ModelOutcome:
    """How a model call ended: a reply or an error, never both."""

    reply: ModelReply | None = None
    error: StepError | None = None
    attempts: tuple[Attempt, ...] = ()
    seconds: float = 0.0
    cost_usd: float | None = None
    """None when the price is not known."""

    def ends(self, step: ModelStep) -> ModelStep:
        """The step with this end."""
        return step.model_copy(
            update={
                "reply": self.reply,
                "error": self.error,
                "attempts": self.attempts,
                "seconds": self.seconds,
                "cost_usd": self.cost_usd,
            }
        )


@dataclass(frozen=True)
class ToolOutcome:
    """How a tool call ended: a result or an error, never both."""

    result: ToolResult | None = None
    error: StepError | None = None
    seconds: float = 0.0

    def ends(self, step: ToolStep) -> ToolStep:
        """The step with this end."""
        return step.model_copy(
            update={
                "status": "ok" if self.error is None else "error",
                "result": None if self.result is None else self.result.model_dump(mode="json"),
                "error": self.error,
                "seconds": self.seconds,
            }
        )


class Calls(Protocol):
    """What the graph asks when it needs something that it cannot work out itself."""

    @property
    def at_once(self) -> bool:
        """Whether no call ever waits: then the graph is run without an event loop."""
        ...

    def model_step(self, call: Call, index: int) -> ModelStep | None:
        """The whole step where this very call, at this place of the run, was made before.

        None where it has to be made, by `model`.
        """
        ...

    def tool_step(self, call: Call, begun: ToolStep) -> tuple[ToolStep, ToolResult | None] | None:
        """The whole step, and its result, where this very call was made before; else None."""
        ...

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """Ask the model, retries and deadline included. Expected failures are outcomes."""
        ...

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """Run a tool. A `ToolError` is an outcome; a bug in a tool is one too, named."""
        ...

    def clock(self) -> float:
        """Seconds since the run began, as the trace keeps them."""
        ...
