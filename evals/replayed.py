"""What came of a replay, as a person, a test or a report reads it.

Knows the result; knows nothing of how a run is replayed.
"""

from collections.abc import Callable
from typing import Literal

from pydantic import PrivateAttr

from ..graphs.answer import Answer
from ..graphs.trace import Trace
from ..tools.documents import Frozen
from .cone import Reuse
from .divergence import Divergence

Status = Literal["identical", "benign", "behavioural", "broken"]


class Replay(Frozen):
    """What came of a replay. A divergence is data, not an error."""

    trace: str
    """Id of the trace; its file name where the record could not be read."""
    ok: bool
    """Identical, or different only in what has no meaning."""
    status: Status
    divergences: tuple[Divergence, ...] = ()
    """In the order in which they were met; the first is the one to look at."""
    warnings: tuple[Divergence, ...] = ()
    """What is worth knowing and no difference of the run: a cut record, other libraries."""
    answer: Answer | None = None
    """The answer of the replay."""
    prefix: bool = False
    """The record was cut short; it was replayed as far as it goes."""
    stopped: bool = False
    """A call was not recorded and could not be made: the replay ends there."""
    tainted: bool = False
    """Lenient: a call was served what was recorded for another one."""
    unchecked: tuple[str, ...] = ()
    """Tools that are not ours: their recorded schemas stood in."""
    reuse: Reuse | None = None
    """Of a live replay: how much came from the trace, and what the rest cost."""
    recorded: str | None = None
    """Of a live replay or a fork: id of the new trace; None when it is not on disk."""
    seconds: float = 0.0
    """Wall time of the replay itself."""
    _made: Callable[[], Trace] | None = PrivateAttr(default=None)

    @property
    def made(self) -> Trace:
        """The run that came of it. Raises `AttributeError` where none did (a broken record).

        Of one that is, whole, what was recorded: the record, read when it is asked for.
        """
        if self._made is None:
            raise AttributeError("this replay came to no run")
        return self._made()

    def raise_for_divergence(self) -> None:
        """Raise `AssertionError` naming the first divergence, unless `ok`: a test in one line."""
        if not self.ok:
            more = len(self.divergences) - 1
            rest = f"\n(and {more} more)" if more else ""
            raise AssertionError(f"trace {self.trace} diverged: {self.divergences[0]}{rest}")
