"""Exact tests that failures gather in one part of a sample, and the interval of how much.

One-sided: is the share in the part higher than elsewhere? Strata (documents, companies) are held
fixed. Knows nothing of slices or rows.
"""

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from .estimate import Estimate
from .stats_clusters import SEED, generator
from .stats_distributions import Array, normal_below
from .stats_intervals import mean_estimate

Bools = Sequence[bool] | np.ndarray
_DRAWN = 9_999
_BY_INTEGERS = 400
_MANY = 200


@dataclass(frozen=True)
class Exact:
    """A p value, and the smallest one that the margins allow.

    What cannot fall below a level cannot be found at it, whatever the outcome.
    """

    p: float
    least: float


def gathered(inside: Bools, failed: Bools, strata: Sequence[Hashable] | None = None) -> Exact:
    """Whether failures gather inside: Fisher's exact test, over strata where there are any.

    With one stratum R. A. Fisher, "The Design of Experiments" (1935), section 21.01; with several
    the exact conditional test that all odds ratios are 1, M. Zelen, Biometrika 58 (1971): the
    failures inside are a sum of independent hypergeometric counts, whose distribution is
    convolved. A stratum that lies wholly inside or outside tells nothing.
    """
    part, bad = np.asarray(inside, dtype=bool), np.asarray(failed, dtype=bool)
    if part.shape != bad.shape or part.ndim != 1:
        raise ValueError(f"{part.shape} inside, {bad.shape} failed: expected one of each a case")
    places: dict[Hashable, list[int]] = {}
    for place in range(len(part)):
        places.setdefault(None if strata is None else strata[place], []).append(place)
    chances, seen = np.ones(1), 0
    for among in places.values():
        size, drawn = len(among), int(part[among].sum())
        marked = int(bad[among].sum())
        if 0 < drawn < size and 0 < marked < size:
            low, high = max(0, drawn + marked - size), min(drawn, marked)
            chances = np.convolve(chances, _hypergeometric(size, marked, drawn, low, high))
            seen += int((part[among] & bad[among]).sum()) - low
    tail = float(chances[seen:].sum())
    return Exact(p=min(1.0, tail), least=float(chances[-1]))


def between(sums: Array, sizes: Array, inside: Bools, seed: int = SEED) -> Exact:
    """The same where whole groups lie inside or outside: groups are dealt anew to both parts.

    `sums`: failures of each group; `sizes`: its cases. Compared is the share inside less the share
    outside. All deals where there are 9,999 or fewer, else so many drawn ones and the one seen;
    above 200 groups the normal limit, W. Hoeffding, Annals of Mathematical Statistics 22 (1951).
    """
    part = np.asarray(inside, dtype=bool)
    count, drawn = len(part), int(part.sum())
    if not 0 < drawn < count:
        return Exact(p=1.0, least=1.0)
    if count > _MANY:
        gaps = sums - sums.sum() / sizes.sum() * sizes
        spread = math.sqrt(drawn * (count - drawn) / (count - 1) * float(gaps.var()))
        reach = float(gaps[part].sum()) / spread if spread else 0.0
        return Exact(p=normal_below(-reach), least=0.0)
    deals = math.comb(count, drawn)
    if deals <= _DRAWN:
        chosen = np.array(list(itertools.combinations(range(count), drawn)))
    else:
        random = generator(seed)
        chosen = np.argsort(random.random((_DRAWN, count)), axis=1)[:, :drawn]
    top, under = sums[chosen].sum(axis=1), sizes[chosen].sum(axis=1)
    gap = top / under - (sums.sum() - top) / (sizes.sum() - under)
    own = sums[part].sum() / sizes[part].sum() - sums[~part].sum() / sizes[~part].sum()
    reached = int((gap >= own - 1e-12).sum())
    if deals <= _DRAWN:
        return Exact(p=reached / deals, least=1 / deals)
    return Exact(p=(reached + 1) / (_DRAWN + 1), least=1 / (_DRAWN + 1))


def risk_difference(
    inside: Bools, failed: Bools, groups: Sequence[Hashable | None] | None = None
) -> Estimate:
    """Share that failed inside less the share outside, with its interval; `n` counts cases.

    The limits of both shares (Wilson's where cases are single, else clustered) are put together
    as in method 10 of R. Newcombe, Statistics in Medicine 17 (1998): G. Zou and A. Donner, the
    same journal 27 (2008), for limits of any kind.
    """
    part, bad = np.asarray(inside, dtype=bool), np.asarray(failed, dtype=float)
    sides = []
    for side in (part, ~part):
        own = None if groups is None else [groups[place] for place in np.flatnonzero(side).tolist()]
        sides.append(mean_estimate(bad[side], own))
    one, other = sides
    if one.value is None or other.value is None:
        return Estimate(value=None, low=None, high=None, n=len(part), method="no data")
    value = one.value - other.value
    if None in (one.low, one.high, other.low, other.high):
        return Estimate(value=value, low=None, high=None, n=len(part), method="no interval")
    assert one.low is not None and one.high is not None
    assert other.low is not None and other.high is not None
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    method = f"Newcombe 95 % ({one.method}; {other.method})"
    return Estimate(
        value=value, low=max(low, -1.0), high=min(high, 1.0), n=len(part), method=method
    )


def reachable(least: Sequence[float], alpha: float) -> list[int]:
    """Places of the tests that can be found at all; only these need be corrected for.

    R. Tarone, "A modified Bonferroni method for discrete data", Biometrics 46 (1990): the family
    is chosen by margins alone, before any outcome is looked at.
    """
    for size in range(1, len(least) + 1):
        able = [place for place, p in enumerate(least) if p <= alpha / size]
        if len(able) <= size:
            return able
    return []


def _hypergeometric(size: int, marked: int, drawn: int, low: int, high: int) -> Array:
    """P(k marked among the drawn) for k = low..high; of large strata by logarithms."""
    if size <= _BY_INTEGERS:
        whole = math.comb(size, drawn)
        counts = [
            math.comb(marked, k) * math.comb(size - marked, drawn - k) for k in range(low, high + 1)
        ]
        return np.array([count / whole for count in counts])
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, size + 1)))])

    def choose(n: int, k: np.ndarray) -> Array:
        result: Array = logs[n] - logs[k] - logs[n - k]
        return result

    k = np.arange(low, high + 1)
    share = choose(marked, k) + choose(size - marked, drawn - k)
    share -= choose(size, np.array(drawn))
    chances = np.exp(share)
    return np.asarray(chances / chances.sum())
