"""A trace: what happened in one run, as a person, a replay or a metric reads it.

Knows the whole; its parts are in `graphs.steps`, the format on disk in `graphs.reader` and
docs/trace.md. Knows nothing of who recorded it or of replaying.
"""

from pathlib import Path
from typing import Literal

from ..tools.documents import Frozen
from .answer import Answer
from .reader import FORMAT, read
from .steps import (
    Approval,
    Attempt,
    ModelStep,
    NodeRecord,
    Start,
    Step,
    StepError,
    ToolStep,
)

__all__ = [
    "Approval",
    "Attempt",
    "ModelStep",
    "NodeRecord",
    "Start",
    "Step",
    "StepError",
    "ToolStep",
    "Trace",
]


class Trace(Frozen):
    """One recorded run."""

    format: str = FORMAT
    start: Start
    steps: tuple[Step, ...] = ()
    """In the order of `index`. A call whose end was not recorded has an error `Aborted`."""
    nodes: tuple[NodeRecord, ...] = ()
    approvals: tuple[Approval, ...] = ()
    answer: Answer | None = None
    error: StepError | None = None
    status: Literal["done", "failed", "aborted"] = "aborted"
    """`aborted`: the record stops before the run ended (a killed process)."""
    dropped_bytes: int = 0
    """Length of a torn last line that was left out."""
    notes: tuple[str, ...] = ()
    """What else a reader should know: records of a kind that this version does not know."""

    @property
    def id(self) -> str:
        """The run's id, which is also the trace's file name."""
        return self.start.id

    @property
    def question(self) -> str:
        """What was asked."""
        return self.start.question

    @property
    def cut_short(self) -> tuple[str, ...]:
        """That the record stops before the run ended, in a sentence; nothing where it does not."""
        if self.status != "aborted":
            return ()
        torn = f"; {self.dropped_bytes} bytes of a torn last line are left out"
        return (
            f"the record of {self.id} stops before the run ended"
            f"{torn if self.dropped_bytes else ''}",
        )

    @classmethod
    def load(cls, path: str | Path) -> "Trace":
        """Read a trace file. Raises `TraceError` naming the line that is damaged.

        Only reads: it runs no code of the file, and opens nothing but the file and its blobs.
        """
        parts = read(Path(path))
        return cls(
            start=parts.start,
            steps=tuple(parts.steps),
            nodes=tuple(parts.nodes),
            approvals=tuple(parts.approvals),
            answer=parts.answer,
            error=parts.error,
            status=parts.status,
            dropped_bytes=parts.dropped_bytes,
            notes=tuple(parts.notes),
        )
