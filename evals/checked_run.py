"""A run of our own graph against the record of a run: calls answered from it, writes held to it.

Knows a tape (graphs.tape) and what the graph asks and tells; builds no trace, so it only knows
*whether* the runs are the same. What is different, or not covered, raises `Missed`.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ..graphs.answer import Answer
from ..graphs.calls import Call, ModelOutcome, ToolOutcome
from ..graphs.checked import Missed
from ..graphs.hashed import Hashed
from ..graphs.heard import Heard
from ..graphs.model import ModelRequest
from ..graphs.recorder import Recorder
from ..graphs.steps import ModelStep, Start, StepError, ToolStep
from ..graphs.tape import Tape
from ..tools.tool import Tool, ToolResult


class TapeCalls:
    """`graphs.calls.Calls` over a tape: every call where it stood, or none."""

    at_once = True

    def __init__(self, tape: Tape):
        self.tape = tape

    def model_step(self, call: Call, index: int) -> Any:
        """How this very call, at this place of the run, ended."""
        heard = self.tape.take(self.tape.models, (call.node, call.key))
        if heard is None or (heard.index, heard.name) != (index, call.name):
            raise Missed(f"{call.node} asks for {call.name} what was not recorded")
        return _Said(heard)

    def tool_step(self, call: Call, begun: ToolStep) -> tuple[ToolStep, ToolResult | None]:
        """The step and its result, where it is this call, written the same."""
        heard = self.tape.take(self.tape.tools, (call.node, call.key))
        if heard is None or heard.index != begun.index or not _written_the_same(heard, begun):
            raise Missed(f"{call.node} calls {call.name} as was not recorded")
        return begun, ToolResult.model_validate(heard.result)

    async def model(
        self, call: Call, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelOutcome:
        """Never asked: `model_step` answers or raises."""
        raise Missed(call.name)

    async def tool(self, call: Call, tool: Tool, arguments: dict[str, object]) -> ToolOutcome:
        """Never asked: `tool_step` answers or raises."""
        raise Missed(call.name)

    def clock(self) -> float:
        """Seconds that the recorded run took."""
        return self.tape.seconds()


class _Said:
    """What a node needs of a model step."""

    attempts = ()
    error = None

    def __init__(self, heard: Heard):
        self.reply = heard.reply
        self.cost_usd = heard.cost_usd


class CheckedRecorder(Recorder):
    """A `Recorder` that keeps hashes alone: what nodes wrote, and the answer."""

    def __init__(self, tape: Tape):
        super().__init__()
        self.tape = tape
        self.hashed = Hashed((), frozenset(tape.hashes()))
        self._wrote: list[tuple[str, str, str | None]] = []
        self._given: Answer | None = None

    def same(self) -> bool:
        """Whether all of the run, from start to end, is what was recorded."""
        return (
            self._wrote == self.tape.nodes
            and self.tape.played
            and self._given is not None
            and self.hashed.hash(self._given) == self.tape.answer
        )

    def start(self, start: Start) -> None:
        """It is that of the record."""

    def request(self, step: ModelStep | ToolStep) -> None:
        """Held to the record by its key, when it ends."""

    def again(self, step: ModelStep | ToolStep) -> None:
        """It is that of the record."""

    def result(self, step: ModelStep | ToolStep) -> None:
        """A call that is not of the record, unless it went well."""
        if isinstance(step, ModelStep) or step.status != "ok" or step.error is not None:
            raise Missed(f"a {step.status if isinstance(step, ToolStep) else 'new'} call")

    def wrote(
        self, node: str, superstep: int, hash: str, route: str | None, writes: Mapping[str, Any]
    ) -> None:
        """A node of ours ran."""
        self._wrote.append((node, hash, route))

    def node(self, record: object) -> NoReturn:
        """Not of our graph."""
        raise Missed("a node of another graph")

    def approval(self, approval: object) -> NoReturn:
        """Not covered."""
        raise Missed("an approval")

    def finish(self, answer: Answer | None = None, error: StepError | None = None) -> None:
        """The run ended."""
        self._given = answer if error is None else None


def _written_the_same(heard: Heard, begun: ToolStep) -> bool:
    """Whether two equal calls are so in what no key holds: ids, the text of the arguments."""
    asked = heard.asked
    return (
        heard.name == begun.name
        and asked["request_id"] == begun.request_id
        and asked["raw_arguments"] == begun.raw_arguments
        and asked.get("arguments") == begun.arguments
        and heard.effect == begun.effect
    )
