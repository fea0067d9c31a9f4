"""What a person or a program is given: an answer with its citations and calculations.

Knows the shape, not how it is made or verified.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import PrivateAttr

from ..tools.documents import Frozen

if TYPE_CHECKING:
    from .trace import Trace


class Citation(Frozen):
    """A marker in the answer's text and the words on a page that it stands for."""

    marker: int
    passage: str
    """Id of the passage, retrieved in this run."""
    document: str
    page: int | None
    page_label: str | None
    url: str | None
    quote: str
    """A contiguous span of the page's own text."""
    verified: bool


class Operand(Frozen):
    """Where a number of a calculation comes from."""

    number: str
    source: str
    """`question`, `constant`, `calculation N` (N counts from 1) or `passage ID`."""


class Calculation(Frozen):
    """An expression the calculator evaluated, and its exact result."""

    expression: str
    result: str
    operands: tuple[Operand, ...] = ()


class Struck(Frozen):
    """A claim that was taken out of the answer, and why."""

    text: str
    reason: str


class Usage(Frozen):
    """What the run took. What is not known is null, never 0."""

    model: str
    """The model that answered, as the service named it, else as it was asked for."""
    requests: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    seconds: float = 0.0


class Answer(Frozen):
    """One answer. `refused` means that the evidence did not support one; `reason` says why."""

    question: str
    text: str
    value: float | int | None = None
    """The answer as a number, in `unit`, when it is one."""
    unit: str | None = None
    refused: bool = False
    reason: str | None = None
    citations: tuple[Citation, ...] = ()
    calculations: tuple[Calculation, ...] = ()
    struck: tuple[Struck, ...] = ()
    usage: Usage
    _trace: "Trace | Callable[[], Trace] | None" = PrivateAttr(default=None)

    @property
    def trace(self) -> "Trace":
        """The run that gave this answer."""
        trace = self._trace
        if callable(trace):
            trace = self._trace = trace()
        if trace is None:
            raise AttributeError("this answer was made without a trace")
        return trace

    def with_trace(self, trace: "Trace | Callable[[], Trace] | None") -> "Answer":
        """The same answer, knowing its run, or who can tell of it when asked, or neither."""
        answer = self.model_copy()
        answer._trace = trace
        return answer

    def to_json(self) -> dict[str, Any]:
        """The document that `ask --json` prints: plain JSON, with the steps and the trace's id."""
        document = self.model_dump(mode="json")
        trace = None if self._trace is None else self.trace
        document["steps"] = [] if trace is None else [step.summary() for step in trace.steps]
        document["trace"] = None if trace is None else trace.id
        return document
