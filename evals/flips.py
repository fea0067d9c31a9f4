"""Cases that pass on one side and fail on the other, with the reasons of both.

Knows a metric's values by case; reads the rows of what it shows only.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..tools.documents import Frozen
from .columns import LOWER, Columns, Floats
from .pairing import Pairing

PASSING = 0.5
"""A case passes at this mean over its repeats, or this score."""


class Flip(Frozen):
    """One case that changed sides."""

    case: str
    metric: str
    a: float
    b: float
    """Mean over the repeats."""
    question: str
    reason_a: str
    reason_b: str
    trace_a: str | None
    trace_b: str | None

    @property
    def lost(self) -> bool:
        """Passed in a, fails in b."""
        return self.b < self.a


def flips(
    left: Columns,
    right: Columns,
    pairing: Pairing,
    names: Sequence[str],
    measured: Sequence[tuple[Floats, Floats]],
    most: int,
) -> tuple[int, int, tuple[Flip, ...]]:
    """How many were lost and won in the first metric, and at most `most` of them, losses first."""
    metric = names[0]
    if metric in LOWER:
        return 0, 0, ()
    a, b = measured[0]
    lost = np.flatnonzero((a >= PASSING) & (b < PASSING))
    won = np.flatnonzero((a < PASSING) & (b >= PASSING))
    shown = np.concatenate([lost, won])[:most].tolist()
    wanted = set(shown)
    rows = [_rows(places, wanted) for places in pairing.places]
    found = []
    for case in shown:
        passed = bool(a[case] >= PASSING)
        before = _telling(left, rows[0][case], metric, passing=passed)
        after = _telling(right, rows[1][case], metric, passing=not passed)
        found.append(
            Flip(
                case=pairing.cases[case],
                metric=metric,
                a=float(a[case]),
                b=float(b[case]),
                question=before["question"],
                reason_a=_reason(before, metric),
                reason_b=_reason(after, metric),
                trace_a=before.get("trace"),
                trace_b=after.get("trace"),
            )
        )
    return len(lost), len(won), tuple(found)


def _rows(places: np.ndarray, wanted: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for row in np.flatnonzero(np.isin(places, list(wanted))).tolist():
        found.setdefault(int(places[row]), []).append(row)
    return found


def _telling(side: Columns, rows: list[int], metric: str, passing: bool) -> dict[str, Any]:
    """Of a case's repeats the first that ended as most of them did."""
    values = side.values[metric]
    for row in rows:
        if (values[row] >= PASSING) == passing:
            return side.row(row)
    return side.row(rows[0])


def _reason(row: dict[str, Any], metric: str) -> str:
    if row.get("error"):
        return str(row["error"])
    for verdict in row.get("verdicts", ()):
        if verdict["metric"] == metric:
            return str(verdict["reason"])
    return ""
