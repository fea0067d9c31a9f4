"""Tests of a paired difference, Holm's correction, and what counts as equivalent.

Two-sided p values; a sample without a difference has p = 1. Knows nothing of metrics or files.
"""

import itertools
import math
from collections.abc import Sequence

import numpy as np

from .estimate import Estimate
from .stats_clusters import SEED, Groups, clusters, generator
from .stats_distributions import Array, binomial, binomial_below, normal_below
from .stats_intervals import MANY_GROUPS

_ENUMERATED = 12
_FLIPS = 9_999


def mcnemar(lost: int, won: int, mid: bool = False) -> float:
    """Exact p of McNemar's test: `lost` pass in a and fail in b, `won` the other way.

    Q. McNemar, Psychometrika 12 (1947), with the binomial distribution of the discordant pairs.
    `mid` counts half of what was seen: M. Fagerland, S. Lydersen and P. Laake, "The McNemar test
    for binary matched-pairs data", BMC Medical Research Methodology 13 (2013).
    """
    if lost < 0 or won < 0:
        raise ValueError(f"{lost} lost and {won} won: expected counts of 0 or more")
    pairs, fewer = lost + won, min(lost, won)
    if pairs == 0:
        return 1.0
    tail = binomial_below(fewer, pairs)
    if mid:
        # The whole of the middle is halved once where both tails meet in it.
        seen = float(binomial(fewer, pairs, 0.5))
        return 1.0 - seen / 2 if lost == won else 2 * tail - seen
    return min(1.0, 2 * tail)


def permutation(
    differences: Sequence[float] | Array, groups: Groups = None, *, seed: int = SEED
) -> float:
    """P of the sign-flip test that the mean difference is 0; the signs of a group flip together.

    R. A. Fisher, "The Design of Experiments" (1935), section 21. Every assignment of signs is
    counted with 12 differing groups or fewer; else 9,999 drawn ones and the one seen, B. Phipson
    and G. Smyth, Stat. Appl. Genetics Mol. Biology 9 (2010); above 5,000 the normal limit.
    """
    sums = np.abs(signed := clusters(differences, groups).sums)
    seen = abs(float(signed.sum()))
    sums = sums[sums > 0]
    if not sums.size:
        return 1.0
    enough = seen - 1e-9 * float(sums.sum())
    if sums.size <= _ENUMERATED:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=sums.size)))
        return float((np.abs(signs @ sums) >= enough).mean())
    if sums.size > MANY_GROUPS:
        return 2 * normal_below(-seen / math.sqrt(float((sums**2).sum())))
    random = generator(seed)
    total, width = float(sums.sum()), -(-sums.size // 8)
    reached = 1
    chunk = max(1, 200_000 // sums.size)
    for start in range(0, _FLIPS, chunk):
        times = min(chunk, _FLIPS - start)
        drawn = np.frombuffer(random.bytes(times * width), dtype=np.uint8).reshape(times, width)
        plus = np.unpackbits(drawn, axis=1, count=sums.size).astype(float) @ sums
        reached += int((np.abs(2 * plus - total) >= enough).sum())
    return reached / (_FLIPS + 1)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """P values that may be compared with alpha as they are, however many tests there were.

    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6 (1979). In the order given.
    """
    for place, p in enumerate(p_values):
        if not 0 <= p <= 1:
            raise ValueError(f"p_values[{place}] is {p}: expected a number from 0 to 1")
    order = sorted(range(len(p_values)), key=lambda place: p_values[place])
    adjusted = [0.0] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = highest
    return tuple(adjusted)


def non_inferior(effect: Estimate, margin: float, lower_is_better: bool = False) -> bool:
    """Whether b is not worse than a by `margin` or more: the interval of b - a lies above it.

    At confidence 1 - alpha the error is at most alpha / 2: E9 Statistical Principles (ICH 1998),
    section 3.3.2. False without an interval.
    """
    _check_margin(margin)
    if effect.low is None or effect.high is None:
        return False
    return effect.high < margin if lower_is_better else effect.low > -margin


def equivalent(effect: Estimate, margin: float) -> bool:
    """Whether the difference is within `margin` either way: two one-sided tests at once.

    D. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987). With the whole 95 %
    interval (not the 90 % one) each side is tested at 2.5 %: what is shown is what decides.
    """
    return non_inferior(effect, margin) and non_inferior(effect, margin, lower_is_better=True)


def _check_margin(margin: float) -> None:
    if not 0 <= margin < math.inf:
        raise ValueError(f"margin {margin}: expected a number of 0 or more")
