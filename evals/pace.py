"""How many cases are asked at once, found by trying: more while it goes well, half when told off.

Additive increase, multiplicative decrease with a slow start (V. Jacobson, "Congestion avoidance
and control", SIGCOMM 1988): one at first, doubled with every round; after the service has said
"too many requests" half as many, then one more a round. Knows a clock that is handed in; nothing
of cases.
"""

from collections.abc import Callable

FIRST_WAIT = 1.0
"""Seconds to wait after a refusal that names no time; each further one in a row doubles."""
LONGEST_WAIT = 60.0
"""Seconds, where the service names no time."""


class Pace:
    """At most `most` at once; `clock` in seconds."""

    def __init__(self, most: int, clock: Callable[[], float]):
        self._most = most
        self._clock = clock
        self._size = 1.0
        self._slow = float(most)
        """Above this size one more a round is tried, no longer twice as many."""
        self._cut_at = float("-inf")
        self._until = float("-inf")
        self._refusals = 0
        self._spoke = False

    @property
    def size(self) -> int:
        """How many may be under way."""
        return int(self._size)

    @property
    def wait(self) -> float:
        """Seconds until the next may start; 0: now."""
        return max(0.0, self._until - self._clock())

    def went_well(self) -> None:
        """One ended without a refusal."""
        self._refusals = 0
        if self._spoke and self._size >= self._slow:
            self._size += 1 / self._size
        else:
            self._size += 1
        self._size = min(self._size, float(self._most))

    def refused(self, began: float, retry_after: float | None = None) -> None:
        """One that began at `began` was told that there are too many.

        Those that began before the last cut had no chance to heed it: they do not cut again.
        """
        now = self._clock()
        self._spoke = True
        wait = retry_after
        if began > self._cut_at:
            self._size = max(1.0, self._size / 2)
            self._slow = self._size
            self._cut_at = now
            self._refusals += 1
        if wait is None:
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** max(0, self._refusals - 1))
        self._until = max(self._until, now + wait)
