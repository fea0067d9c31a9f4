"""One metric over paired cases: effect, interval, test, verdict, and how many cases are missing.

Knows values by case. Nothing of rows, files or printing.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from ..tools.documents import Frozen
from .columns import LOWER, Floats
from .estimate import Estimate
from .stats import (
    detectable,
    detectable_mean,
    difference_estimate,
    equivalent,
    holm,
    mcnemar,
    mean_estimate,
    non_inferior,
    permutation,
    sample_size_paired,
)
from .stats_distributions import normal_quantile

Finding = Literal["better", "worse", "equivalent", "inconclusive"]
POWER = 0.8


class MetricComparison(Frozen):
    """One metric on both sides. Without a case in common that is scored, figures are None."""

    metric: str
    a: float | None
    b: float | None
    effect: float | None
    """b - a, the mean over cases."""
    low: float | None
    high: float | None
    p: float | None
    """Two-sided, of this metric alone."""
    n: int
    """Cases scored on both sides."""
    verdict: Finding
    need_n: int | None
    """Cases to add until a difference like the one seen would be decided, with 80 % power; None
    when it is decided, or nothing can be said."""
    p_holm: float | None
    """Corrected for the metrics it stands with: what the verdict goes by."""
    margin: float
    """Differences within it do not matter; for an amount a share of a's mean, in its unit."""
    non_inferior: bool
    """The interval excludes a loss of `margin` or more."""
    detectable: float | None
    """The smallest difference that this many cases find 80 % of the time, as they vary here."""
    lower_is_better: bool
    groups: int
    """Independent groups of cases: what the interval and the test count."""
    interval: str
    test: str
    a_estimate: Estimate
    b_estimate: Estimate


def compared(
    names: Sequence[str],
    measured: Sequence[tuple[Floats, Floats]],
    groups: Sequence[str | None],
    margin: float,
    alpha: float,
    seed: int,
) -> tuple[MetricComparison, ...]:
    """Each metric on both sides, with Holm's correction over all of them.

    `measured`: values of a and of b by case, NaN where unscored; `groups`: of the same cases.
    """
    samples = [
        _Sample(a, b, groups, seed, amount=name in LOWER)
        for name, (a, b) in zip(names, measured, strict=True)
    ]
    tested = [sample.p for sample in samples if sample.p is not None]
    corrected = iter(holm(tested))
    adjusted = [None if sample.p is None else next(corrected) for sample in samples]
    return tuple(
        _one(name, sample, p, margin, alpha, max(len(tested), 1))
        for name, sample, p in zip(names, samples, adjusted, strict=True)
    )


class _Sample:
    """The pairs of one metric that are scored on both sides, with test and interval."""

    def __init__(self, a: Floats, b: Floats, groups: Sequence[str | None], seed: int, amount: bool):
        both = np.flatnonzero(~np.isnan(a) & ~np.isnan(b))
        self.a, self.b = a[both], b[both]
        self.n = len(both)
        self.groups = [groups[place] for place in both.tolist()]
        given = [group for group in self.groups if group is not None]
        self.count = len(set(given)) + self.n - len(given)
        sides = (self.a, self.b)
        self.bounded = not amount and all(bool(((side >= 0) & (side <= 1)).all()) for side in sides)
        binary = self.bounded and all(bool(((side == 0) | (side == 1)).all()) for side in sides)
        self.exact = binary and self.count == self.n
        self.p: float | None = None
        self.test = "none: no data"
        difference = self.b - self.a
        if self.n and self.exact:
            self.p = mcnemar(int((difference < 0).sum()), int((difference > 0).sum()))
            self.test = "exact McNemar"
        elif self.n:
            self.p = permutation(difference, self.groups, seed=seed)
            self.test = (
                f"sign flips over {self.count} {'cases' if self.count == self.n else 'groups'}"
            )
        self.effect = difference_estimate(
            self.a, self.b, self.groups, bounded=self.bounded, seed=seed
        )
        self.estimates = tuple(
            mean_estimate(side, self.groups, bounded=self.bounded, seed=seed) for side in sides
        )
        # A win and a loss more, so that a sample without a difference is not one without spread.
        added = 2.0 if self.bounded else 0.0
        self.spread = math.sqrt((float((difference**2).sum()) + added) / (self.n + added or 1))
        self.discordance = (float((difference != 0).sum()) + added) / (self.n + added or 1)


def _one(
    name: str, sample: _Sample, p: float | None, margin: float, alpha: float, family: int
) -> MetricComparison:
    lower = name in LOWER
    a, b = sample.estimates
    if name in LOWER and a.value is not None:
        margin *= abs(a.value)
    effect = sample.effect
    verdict = _verdict(effect, p, margin, alpha, lower)
    least = None
    if sample.n:
        least = (
            detectable(sample.n, sample.discordance, alpha, POWER)
            if sample.exact
            else detectable_mean(sample.count, sample.spread, alpha, POWER)
            if sample.spread > 0
            else None
        )
    return MetricComparison(
        metric=name,
        a=a.value,
        b=b.value,
        effect=effect.value,
        low=effect.low,
        high=effect.high,
        p=sample.p,
        n=sample.n,
        verdict=verdict,
        need_n=_need(sample, margin, alpha / family) if verdict == "inconclusive" else None,
        p_holm=p,
        margin=margin,
        non_inferior=non_inferior(effect, margin, lower),
        detectable=least,
        lower_is_better=lower,
        groups=sample.count,
        interval=effect.method,
        test=sample.test,
        a_estimate=a,
        b_estimate=b,
    )


def _verdict(
    effect: Estimate, p: float | None, margin: float, alpha: float, lower: bool
) -> Finding:
    if p is None or effect.value is None or effect.low is None or effect.high is None:
        return "inconclusive"
    if p <= alpha and (effect.low > 0 or effect.high < 0):
        return "better" if (effect.value > 0) != lower else "worse"
    return "equivalent" if equivalent(effect, margin) else "inconclusive"


def _need(sample: _Sample, margin: float, alpha: float) -> int | None:
    """Cases to add if what was seen is the truth, until the nearer verdict has 80 % power.

    A difference of this size shown to be one, or shown to lie within the margin.
    """
    effect = abs(sample.effect.value or 0.0)
    if sample.exact and not (sample.a != sample.b).any() and margin > 0:
        # Tango's interval without a discordant pair ends at z^2 / (n + z^2).
        return max(1, math.ceil(normal_quantile(0.975) ** 2 * (1 / margin - 1)) - sample.n)
    if not sample.n or sample.spread == 0:
        return None
    # Cases of one group tell less than cases of their own.
    scale = sample.n / sample.count
    if sample.count > 1 and sample.effect.low is not None and sample.effect.high is not None:
        width = (sample.effect.high - sample.effect.low) / 2 / normal_quantile(0.975)
        scale = max(1.0, (width / sample.spread) ** 2 * sample.n)
    needs = []
    if effect > 0:
        wide = normal_quantile(1 - alpha / 2) + normal_quantile(POWER)
        rough = (wide * sample.spread / effect) ** 2
        if sample.exact and rough * sample.discordance < 60:
            rough = sample_size_paired(effect, sample.discordance, alpha, POWER)
        needs.append(rough)
    room = margin - effect
    if room > 0:
        # At no effect either end of the interval can miss the margin.
        either = normal_quantile(POWER if effect > room / 4 else 1 - (1 - POWER) / 2)
        needs.append(((normal_quantile(0.975) + either) * sample.spread / room) ** 2)
    if not needs or not math.isfinite(min(needs)):
        return None
    return max(1, math.ceil(min(needs) * scale) - sample.n)
