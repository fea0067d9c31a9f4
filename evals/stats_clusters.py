"""A sample as the statistics see it: checked numbers, summed by the group they share.

Values of one group (a document, a company, the repeats of a case) are not independent, so every
interval and test works on groups. Also the one place where a random generator is made.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from .stats_distributions import Array

SEED = 20261122
"""The seed of every resampling that is given none."""

Groups = Sequence[Hashable | None] | None
"""The group of each value; None in a place: a group of its own."""


def generator(seed: int = SEED) -> np.random.Generator:
    """A random generator; the same seed gives the same numbers."""
    return np.random.default_rng(seed)


def checked(values: Sequence[float] | Array, name: str = "values") -> Array:
    """The values as an array. `ValueError` names the first that is NaN or infinite.

    What is unscored (None) is not a number: leave it out, and count what was left out.
    """
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name}: expected numbers; leave out what is unscored") from None
    if array.ndim != 1:
        raise ValueError(f"{name}: expected one dimension, got the shape {array.shape}")
    wrong = np.flatnonzero(~np.isfinite(array))
    if wrong.size:
        place = int(wrong[0])
        raise ValueError(
            f"{name}[{place}] is {array[place]}: expected a finite number; leave out what is"
            " unscored (None in a sequence counts as NaN)"
        )
    return array


@dataclass(frozen=True)
class Clusters:
    """Sums and sizes by group. The mean is that of the values: groups weigh by their size."""

    sums: Array
    sizes: Array

    @property
    def count(self) -> int:
        """How many groups."""
        return len(self.sizes)

    @property
    def values(self) -> int:
        """How many values."""
        return int(self.sizes.sum())

    @property
    def mean(self) -> float:
        """The mean of the values."""
        return float(self.sums.sum() / self.sizes.sum())

    @property
    def single(self) -> bool:
        """Whether every value is a group of its own."""
        return bool((self.sizes == 1).all())

    @property
    def effective(self) -> float:
        """Groups, counted as fewer where few large ones hold most values.

        Kish's (sum of sizes)^2 / (sum of squared sizes), L. Kish, "Survey Sampling" (1965).
        """
        return float(self.sizes.sum() ** 2 / (self.sizes**2).sum())

    @property
    def variance(self) -> float:
        """Variance of the mean, robust to any dependence within groups. 0 for a single group.

        Linearised ratio of sums, with G/(G-1): Cameron and Miller, "A practitioner's guide to
        cluster-robust inference", J. Human Resources 50 (2015), equation 11 for a mean.
        """
        if self.count < 2:
            return 0.0
        residuals = self.sums - self.sizes * self.mean
        scale = self.count / (self.count - 1)
        return float(scale * (residuals**2).sum() / self.sizes.sum() ** 2)


def clusters(values: Sequence[float] | Array, groups: Groups = None) -> Clusters:
    """Values summed by group. `ValueError` when the lengths differ or a value is not finite."""
    array = checked(values)
    if groups is None:
        return Clusters(sums=array, sizes=np.ones(len(array)))
    if len(groups) != len(array):
        raise ValueError(f"{len(groups)} groups for {len(array)} values: expected one for each")
    index = _indices(groups)
    return Clusters(
        sums=np.bincount(index, weights=array).astype(float),
        sizes=np.bincount(index).astype(float),
    )


def _indices(groups: Sequence[Hashable | None]) -> np.ndarray:
    known: dict[Hashable, int] = {}
    result = np.empty(len(groups), dtype=np.int64)
    for place, group in enumerate(groups):
        key = (place,) if group is None else ("group", group)
        result[place] = known.setdefault(key, len(known))
    return result
