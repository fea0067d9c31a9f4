"""Intervals of a mean and of a paired difference, clustered by group.

Each says which method it took: the bootstrap where there is enough for it, elsewhere a method
that holds with little data. Knows nothing of metrics or files.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np

from .estimate import Estimate, wilson
from .stats_clusters import SEED, Clusters, Groups, checked, clusters, generator
from .stats_distributions import Array, normal_below, normal_quantile, t_quantile

ENOUGH_GROUPS = 50
ENOUGH_EACH = 10
"""The bootstrap needs this many groups, and this many on either side (passes and fails)."""
MANY_GROUPS = 5_000
"""Above it the bootstrap tells nothing that the normal limit does not, and costs more."""
RESAMPLES = 2_000


def mean_estimate(
    values: Sequence[float] | Array,
    groups: Groups = None,
    *,
    bounded: bool = True,
    confidence: float = 0.95,
    seed: int = SEED,
) -> Estimate:
    """Mean with its interval; `n` counts values, `method` says what was done and why.

    Single values of 0 and 1: Wilson. Else the clustered bootstrap with 50 groups or more and, for
    values in [0, 1], 10 groups' worth on either side. With less: Wilson at the effective sample
    size where one side is rare (Korn and Graubard, Survey Methodology 24, 1998, for the idea) or
    nothing varies, Student's t over groups elsewhere. No values: no data; one amount: no interval.
    `bounded=False`: values have no largest one (seconds), even if these happen to lie in [0, 1].
    """
    _check_confidence(confidence)
    sample = clusters(values, groups)
    if sample.count == 0:
        return _nothing("no data")
    array = checked(values)
    bounded = bounded and _bounded(array)
    binary = bounded and _binary(array)
    if binary and sample.single:
        return wilson(int(array.sum()), len(array), confidence)
    mean = sample.mean
    if bounded and (_rare(sample, binary) or sample.variance == 0):
        size = _effective_size(sample) if binary else sample.effective
        low, high = _score(mean, size, normal_quantile(0.5 + confidence / 2))
        method = f"Wilson {confidence:.0%} at an effective n of {size:.0f}"
        return _estimate(mean, low, high, sample.values, method)
    limits = (0.0, 1.0) if bounded else (-math.inf, math.inf)
    return _by_groups(sample, confidence, seed, limits, enough=sample.count >= ENOUGH_GROUPS)


def difference_estimate(
    a: Sequence[float] | Array,
    b: Sequence[float] | Array,
    groups: Groups = None,
    *,
    bounded: bool = True,
    confidence: float = 0.95,
    seed: int = SEED,
) -> Estimate:
    """Mean of b - a over pairs, with its interval; positive: b is higher. `n` counts pairs.

    Single pairs of 0 and 1: Tango's score interval. Else the clustered bootstrap with 50 groups or
    more of which 10 differ; with less Student's t over groups, to which, for values in [0, 1] and
    fewer than 10 groups that differ, a win and a loss are added (Bonett and Price, J. Educational
    and Behavioral Statistics 37, 2012): no difference seen in 8 cases is no proof of none.
    `bounded` as in `mean_estimate`.
    """
    _check_confidence(confidence)
    before, after = checked(a, "a"), checked(b, "b")
    if len(before) != len(after):
        raise ValueError(f"{len(before)} values of a and {len(after)} of b: expected pairs")
    difference = after - before
    sample = clusters(difference, groups)
    if sample.count == 0:
        return _nothing("no data")
    bounded = bounded and _bounded(before) and _bounded(after)
    if bounded and sample.single and _binary(before) and _binary(after):
        lost = int(((before == 1) & (after == 0)).sum())
        won = int(((before == 0) & (after == 1)).sum())
        return tango(lost, won, len(before), confidence)
    limits = (-1.0, 1.0) if bounded else (-math.inf, math.inf)
    differing = int((sample.sums != 0).sum())
    if bounded and differing < ENOUGH_EACH:
        size = sample.values / sample.count
        padded = Clusters(
            sums=np.append(sample.sums, [size, -size]), sizes=np.append(sample.sizes, [size, size])
        )
        low, high = _t_limits(padded, confidence)
        method = f"t {confidence:.0%} over {_groups(sample)} and a win and a loss added"
        low, high = max(low, limits[0]), min(high, limits[1])
        return _estimate(sample.mean, low, high, sample.values, method)
    enough = sample.count >= ENOUGH_GROUPS and differing >= ENOUGH_EACH
    return _by_groups(sample, confidence, seed, limits, enough=enough)


def tango(lost: int, won: int, n: int, confidence: float = 0.95) -> Estimate:
    """Score interval of a difference of paired proportions, (won - lost) / n.

    T. Tango, "Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design", Statistics in Medicine 17 (1998). `lost`: pass in a, fail in b.
    """
    if lost < 0 or won < 0 or lost + won > n:
        raise ValueError(f"{lost} lost and {won} won of {n}: expected counts within n")
    method = f"Tango {confidence:.0%}"
    if n == 0:
        return _nothing(method)
    z = normal_quantile(0.5 + confidence / 2)

    def score(effect: float) -> float:
        b = (lost + won) * (1 - effect) - 2 * effect * (n - won)
        root = math.sqrt(max(b * b + 8 * n * lost * effect * (1 - effect), 0.0))
        share = max((b + root) / (4 * n), 0.0)
        spread = max(2 * share + effect * (1 - effect), 0.0) / n
        gap = (won - lost) / n - effect
        return gap / math.sqrt(spread) if spread > 0 else math.copysign(math.inf, gap)

    effect = (won - lost) / n
    low = _solve(lambda x: score(x) > z, -1.0, effect)
    high = _solve(lambda x: score(x) >= -z, effect, 1.0)
    return _estimate(effect, low, high, n, method)


def bootstrap_limits(
    sample: Clusters, confidence: float = 0.95, seed: int = SEED, resamples: int = RESAMPLES
) -> tuple[float, float]:
    """Percentile interval of the mean from groups drawn with replacement, expanded for few.

    Plain percentiles are too narrow by sqrt((G-1)/G) and by normal against t (here of effective
    groups); the levels are widened by both: T. Hesterberg, "What teachers should know about the
    bootstrap", The American Statistician 69 (2015), section 3.3.
    """
    count = sample.count
    random = generator(seed)
    means = np.empty(resamples)
    chunk = max(1, 200_000 // count)
    for start in range(0, resamples, chunk):
        stop = min(start + chunk, resamples)
        drawn = random.integers(0, count, size=(stop - start, count), dtype=np.int32)
        sizes = count if sample.single else sample.sizes[drawn].sum(axis=1)
        means[start:stop] = sample.sums[drawn].sum(axis=1) / sizes
    wide = t_quantile(0.5 + confidence / 2, max(sample.effective - 1, 1.0))
    wide *= math.sqrt(count / (count - 1))
    tail = normal_below(-wide)
    low = np.quantile(means, tail, method="lower")
    high = np.quantile(means, 1 - tail, method="higher")
    return float(low), float(high)


def _by_groups(
    sample: Clusters, confidence: float, seed: int, limits: tuple[float, float], enough: bool
) -> Estimate:
    groups = _groups(sample)
    if sample.count < 2:
        return _estimate(sample.mean, None, None, sample.values, f"no interval: {groups} only")
    if enough and sample.count <= MANY_GROUPS:
        low, high = bootstrap_limits(sample, confidence, seed)
        method = f"bootstrap {confidence:.0%} over {groups}"
    else:
        low, high = _t_limits(sample, confidence)
        method = f"t {confidence:.0%} over {groups}"
        if not enough:
            method += ": too little for the bootstrap"
    low, high = max(low, limits[0]), min(high, limits[1])
    return _estimate(sample.mean, low, high, sample.values, method)


def _groups(sample: Clusters) -> str:
    kind = "case" if sample.single else "group"
    return f"{sample.count} {kind}{'s' * (sample.count != 1)}"


def _t_limits(sample: Clusters, confidence: float) -> tuple[float, float]:
    """Mean +- t x robust error, with the degrees of freedom of the effective groups."""
    wide = t_quantile(0.5 + confidence / 2, max(sample.effective - 1, 1.0))
    half = wide * math.sqrt(sample.variance)
    return sample.mean - half, sample.mean + half


def _rare(sample: Clusters, binary: bool) -> bool:
    """Whether one side is seen too seldom: passes or fails; for scores, what is not 0 (or 1)."""
    mean = sample.mean
    if binary:
        return min(mean, 1 - mean) * sample.count < ENOUGH_EACH
    edge = 0.0 if mean < 0.5 else 1.0
    away = int((sample.sums != edge * sample.sizes).sum())
    return away < min(ENOUGH_EACH, sample.count)


def _effective_size(sample: Clusters) -> float:
    """How many independent cases the groups are worth: between groups and values."""
    variance, mean = sample.variance, sample.mean
    if variance == 0:
        return sample.effective
    return min(max(mean * (1 - mean) / variance, sample.effective), float(sample.values))


def _score(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's interval for any n, whole or not."""
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt((share * (1 - share) + z * z / (4 * n)) / n)
    scale = 1 + z * z / n
    return max((centre - spread) / scale, 0.0), min((centre + spread) / scale, 1.0)


def _solve(beyond: Callable[[float], bool], low: float, high: float) -> float:
    """The point in [low, high] where `beyond` turns from true to false."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if beyond(middle) else (low, middle)
    return (low + high) / 2


def _binary(values: Array) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def _bounded(values: Array) -> bool:
    return bool(((values >= 0) & (values <= 1)).all())


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence}: expected a number between 0 and 1")


def _nothing(method: str) -> Estimate:
    return Estimate(value=None, low=None, high=None, n=0, method=method)


def _estimate(value: float, low: float | None, high: float | None, n: int, method: str) -> Estimate:
    return Estimate(value=value, low=low, high=high, n=n, method=method)
