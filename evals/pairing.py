"""Which rows of two evaluations belong together: the same case, asked the same question.

Knows columns of rows. Nothing of statistics.
"""

from collections.abc import Mapping

import numpy as np

from ..tools.errors import GoldError
from .columns import LOWER, Columns, Floats


class Pairing:
    """Which rows of two evaluations belong together; values by case, repeats averaged."""

    def __init__(self, left: Columns, right: Columns, quarantined: Mapping[str, str]):
        asked_a = dict(zip(left.cases, left.questions, strict=True))
        asked_b = dict(zip(right.cases, right.questions, strict=True))
        self.only_a = tuple(case for case in asked_a if case not in asked_b)
        self.only_b = tuple(case for case in asked_b if case not in asked_a)
        both = [case for case in asked_a if case in asked_b]
        self.changed = tuple(case for case in both if asked_a[case] != asked_b[case])
        self.quarantined = {case: quarantined[case] for case in both if case in quarantined}
        without = {*self.changed, *self.quarantined}
        self.cases = [case for case in both if case not in without]
        if not self.cases:
            raise GoldError(
                f"{left.id} ({len(asked_a)} cases) and {right.id} ({len(asked_b)} cases) have no"
                f" case in common to compare ({len(self.changed)} changed,"
                f" {len(self.quarantined)} quarantined): evaluate the same gold set with both"
            )
        place = {case: number for number, case in enumerate(self.cases)}
        self.places = tuple(
            np.array([place.get(case, -1) for case in side.cases]) for side in (left, right)
        )
        found: list[str | None] = [None] * len(self.cases)
        for side, places in zip((right, left), reversed(self.places), strict=True):
            for where, group in zip(places.tolist(), side.groups, strict=True):
                if where >= 0 and group is not None:
                    found[where] = group
        self.groups = found
        self._sides = (left, right)

    def pair(self, metric: str, failing: bool) -> tuple[Floats, Floats]:
        """Values of both sides by case; NaN: unscored. `failing`: an error without one is 0."""
        a, b = (
            self._by_case(side, places, metric, failing)
            for side, places in zip(self._sides, self.places, strict=True)
        )
        return a, b

    def _by_case(self, side: Columns, places: np.ndarray, metric: str, failing: bool) -> Floats:
        values = side.column(metric)
        if failing and metric not in LOWER:
            values = np.where(np.isnan(values) & side.errors, 0.0, values)
        kept = (places >= 0) & ~np.isnan(values)
        size = len(self.cases)
        sums = np.bincount(places[kept], weights=values[kept], minlength=size)
        counts = np.bincount(places[kept], minlength=size)
        with np.errstate(invalid="ignore"):
            result: Floats = sums / counts
        return result
