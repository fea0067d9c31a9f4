"""A lenient replay: a call that was not recorded is served the nearest one that was.

Knows recorded calls. What it serves is not an answer to what was asked, so the run is tainted; it
is for seeing every difference in one pass, never for judging an answer.
"""

from collections.abc import Callable

from ..graphs.calls import Call, ModelOutcome, ToolOutcome
from ..graphs.model import ModelRequest
from ..graphs.trace import ModelStep, ToolStep
from ..tools.tool import Tool
from .recorded import Diverged, RecordedCalls, was_cut_short


class Nearest:
    """`Otherwise` that serves a recorded call of the same node and name."""

    at_once = True

    def __init__(self) -> None:
        self.calls: RecordedCalls | None = None
        """Whose recordings it serves; set once these are there."""
        self.tainted = False
        """Whether anything was served that was not asked for."""

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """The next reply of this node and name; raises `Diverged` when there is none at all."""
        step = self._nearest("model", call)
        assert isinstance(step, ModelStep) and self.calls is not None
        return self.calls.reply(step, on_text)

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """The next result of this tool; raises `Diverged` when there is none at all."""
        step = self._nearest("tool", call)
        assert isinstance(step, ToolStep) and self.calls is not None
        return self.calls.result(step)

    def takes(self, call: Call, tool: Tool) -> bool:
        """Never: an equal request is served its own result."""
        return False

    def clock(self) -> float | None:
        """Those of the record."""
        return None

    def _nearest(self, kind: str, call: Call) -> ModelStep | ToolStep:
        assert self.calls is not None
        everything = self.calls.trace.steps
        for steps in (self.calls.unserved(), list(reversed(everything))):
            for step in steps:
                refused = isinstance(step, ToolStep) and step.status == "refused"
                same = (step.kind, step.node, step.name) == (kind, call.node, call.name)
                if same and not refused and not was_cut_short(step.error):
                    self.calls.serve(step)
                    self.tainted = True
                    return step
        raise Diverged
