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
        trace = self._told()
        if trace is None:
            raise AttributeError("this answer was made without a trace")
        return trace

    def with_trace(self, trace: "Trace | Callable[[], Trace] | None") -> "Answer":
        """The same answer, knowing its run, or who can tell of it when asked, or neither."""
        answer = self.model_copy()
        answer._trace = trace
        return answer

    def __eq__(self, other: object) -> bool:
        """Whether all of it is the same, the run too."""
        if isinstance(other, Answer) and self.__dict__ == other.__dict__:
            self._told()
            other._told()
        return super().__eq__(other)

    def __getstate__(self) -> dict[Any, Any]:
        """What is pickled: the run, never who can tell of it."""
        self._told()
        return super().__getstate__()

    def to_json(self) -> dict[str, Any]:
        """The document that `ask --json` prints: plain JSON, with the steps and the trace's id."""
        document = self.model_dump(mode="json")
        trace = self._told()
        document["steps"] = [] if trace is None else [step.summary() for step in trace.steps]
        document["trace"] = None if trace is None else trace.id
        return document

    def _told(self) -> "Trace | None":
        trace = self._trace
        if callable(trace):
            trace = self._trace = trace()
        return trace
