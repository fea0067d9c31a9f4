"""What a paired comparison can show before it is run: power, sample size, detectable effect.

For verdicts of pass and fail: the exact McNemar test, with the share of cases on which the two
sides disagree (`discordance`). For means: a paired t test, with the spread of the differences.
"""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from .stats_distributions import Array, binomial, normal_below, normal_quantile, t_quantile

DISCORDANCE = 0.2
"""Share of cases on which two versions disagree, assumed where nothing is known yet."""
_LARGE = 300
_MOST = 100_000_000


def power_paired(
    n: int, effect: float, discordance: float = DISCORDANCE, alpha: float = 0.05
) -> float:
    """Chance that the exact McNemar test finds a difference of `effect` (b - a) in n cases.

    The sum over the number of discordant pairs, each with the exact binomial tails (M. Duffy,
    "On the power of the McNemar test", Biometrics 40, 1984). Above 300 expected pairs the normal
    limit (R. Connor, Biometrics 43, 1987) less one pair for continuity. A discordance below
    |effect| is raised to it: no fewer cases can differ.
    """
    _check(n, alpha)
    effect = abs(effect)
    discordance = max(discordance, effect)
    if not 0 <= discordance <= 1:
        raise ValueError(f"effect {effect} and discordance {discordance}: expected shares")
    if n == 0 or discordance == 0:
        return 0.0
    if n * discordance > _LARGE:
        wide = normal_quantile(1 - alpha / 2) * math.sqrt(discordance)
        spread = math.sqrt(discordance - effect**2)
        if spread == 0:
            return 1.0
        shift = max(effect - 1 / n, 0.0) * math.sqrt(n)
        return normal_below((shift - wide) / spread) + normal_below((-shift - wide) / spread)
    middle, reach = n * discordance, 5 * math.sqrt(n * discordance) + 8
    pairs = np.arange(max(0, int(middle - reach)), min(n, int(middle + reach)) + 1)
    weights = binomial(pairs, n, discordance)
    critical = _critical(alpha, int(pairs[-1]))[pairs]
    won = (discordance + effect) / (2 * discordance)
    return float(weights @ (_tails(pairs, critical, 1 - won) + _tails(pairs, critical, won)))


def sample_size_paired(
    effect: float, discordance: float = DISCORDANCE, alpha: float = 0.05, power: float = 0.8
) -> int:
    """Cases that the exact McNemar test needs to find `effect` with this power."""
    _check_power(effect, power)
    wide = normal_quantile(1 - alpha / 2) + normal_quantile(power)
    rough = max(discordance, abs(effect)) * (wide / effect) ** 2
    return _smallest(lambda n: power_paired(n, effect, discordance, alpha) >= power, rough)


@lru_cache(maxsize=1024)
def detectable(
    n: int, discordance: float = DISCORDANCE, alpha: float = 0.05, power: float = 0.8
) -> float | None:
    """Smallest difference in pass rate that n cases find with this power.

    None: no difference at all is found so often in n cases (below 6 cases, whatever differs).
    """
    _check_power(1.0, power)
    return _least(lambda effect: power_paired(n, effect, discordance, alpha) >= power, 1.0)


def power_mean(n: int, effect: float, spread: float, alpha: float = 0.05) -> float:
    """Chance that a paired t test finds a mean difference of `effect`; `spread`: its s.d.

    The noncentral t by its normal approximation, Abramowitz and Stegun 26.7.10.
    """
    _check(n, alpha)
    if not 0 < spread < math.inf:
        raise ValueError(f"spread {spread}: expected a number above 0")
    if n < 2:
        return 0.0
    degrees = n - 1
    wide = t_quantile(1 - alpha / 2, degrees)
    shift = abs(effect) / spread * math.sqrt(n)
    scale = math.sqrt(1 + wide * wide / (2 * degrees))
    inner = wide * (1 - 1 / (4 * degrees))
    return normal_below((shift - inner) / scale) + normal_below((-shift - inner) / scale)


def sample_size_mean(effect: float, spread: float, alpha: float = 0.05, power: float = 0.8) -> int:
    """Pairs that a paired t test needs to find a mean difference with this power."""
    _check_power(effect, power)
    rough = ((normal_quantile(1 - alpha / 2) + normal_quantile(power)) * spread / effect) ** 2
    return _smallest(lambda n: power_mean(n, effect, spread, alpha) >= power, rough)


def detectable_mean(n: int, spread: float, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """Smallest mean difference that n pairs find with this power; None with fewer than 2."""
    _check_power(1.0, power)
    return _least(lambda effect: power_mean(n, effect, spread, alpha) >= power, 1_000 * spread)


def detectable_line(
    n: int, discordance: float | None = None, alpha: float = 0.05, power: float = 0.8
) -> str:
    """One sentence for a person, before a run: what n cases can and cannot show."""
    share = DISCORDANCE if discordance is None else discordance
    assumed = "assuming" if discordance is None else "with"
    cases = f"{n:,} case{'' if n == 1 else 's'}"
    least = detectable(n, share, alpha, power)
    if least is None:
        return f"{cases}: too few to show any difference, even if every case changes (6 are needed)"
    changed = max(share, least)
    return (
        f"{cases}: a difference of {least * 100:.1f} points in pass rate is found {power:.0%} of"
        f" the time ({assumed} {changed:.0%} of cases changing); a smaller one may go unseen"
    )


@lru_cache(maxsize=64)
def _table(alpha: float, size: int) -> Array:
    """For each number of discordant pairs the largest count that is still rejected; -1: none.

    One more pair moves P(X <= k) to P(X <= k) - P(X = k) / 2.
    """
    result = np.full(size + 1, -1.0)
    critical, below, above = -1, 0.0, 1.0
    # `below` is P(X <= critical) and `above` is P(X = critical + 1), X ~ Binomial(pairs, 1/2).
    for pairs in range(1, size + 1):
        at = float(binomial(critical, pairs - 1, 0.5)) if critical >= 0 else 0.0
        below -= at / 2
        above = float(binomial(critical + 1, pairs, 0.5))
        if below + above <= alpha / 2:
            critical, below = critical + 1, below + above
        result[pairs] = critical
    return result


def _critical(alpha: float, size: int) -> Array:
    # Rounded up, so that few tables are made.
    return _table(alpha, 1 << max(6, size.bit_length()))


def _tails(pairs: np.ndarray, critical: Array, chance: float) -> Array:
    """P(X <= critical) for each number of pairs, X ~ Binomial(pairs, chance)."""
    columns = np.arange(int(critical.max()) + 1)
    terms = binomial(columns[None, :], pairs[:, None], chance)
    result: Array = np.where(columns[None, :] <= critical[:, None], terms, 0.0).sum(axis=1)
    return result


def _smallest(enough: Callable[[int], bool], rough: float) -> int:
    """The smallest n with enough power, looked for around a rough one."""
    if rough > _MOST:
        raise ValueError("more than 100,000,000 cases are needed: the effect is too small")
    high = max(2, math.ceil(1.1 * rough))
    while not enough(high):
        high = math.ceil(1.2 * high)
    low = int(0.8 * high)
    while low > 0 and enough(low):
        low, high = int(0.8 * low), low
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _least(enough: Callable[[float], bool], top: float) -> float | None:
    if not enough(top):
        return None
    low, high = 0.0, top
    for _ in range(17):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _check(n: int, alpha: float) -> None:
    if n < 0:
        raise ValueError(f"n {n}: expected 0 or more cases")
    if not 0 < alpha < 1:
        raise ValueError(f"alpha {alpha}: expected a number between 0 and 1")


def _check_power(effect: float, power: float) -> None:
    if not 0 < power < 1:
        raise ValueError(f"power {power}: expected a number between 0 and 1")
    if not 0 < abs(effect) < math.inf:
        raise ValueError(f"effect {effect}: expected a number other than 0")
