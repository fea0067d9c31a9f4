"""Intervals: how often they hold the truth, by enumeration and by simulation."""

import math
from fractions import Fraction

import numpy as np
from common import table
from stats_bounds import RUNS, SEED, expect
from workings.evals.stats import (
    auroc,
    corrected_rate,
    kappa,
    mean_estimate,
    pass_hat_k,
    wilson,
)
from workings.evals.stats_clusters import clusters
from workings.evals.stats_distributions import binomial
from workings.evals.stats_intervals import bootstrap_limits


def score_accepts(k, n, p, z):
    """Wilson's interval holds p exactly when the score test of p accepts: no formula of the interval needed."""
    return (k - n * p) ** 2 <= z * z * n * p * (1 - p)


def wilson_coverage():
    z = 1.959963984540054
    worst, lowest, mean, count = 0.0, 1.0, 0.0, 0
    for n in (1, 2, 5, 10, 20, 50, 100, 200):
        held = [wilson(k, n) for k in range(n + 1)]
        for step in range(1, 100):
            p = Fraction(step * 2 + 1, 203)
            exact = sum(
                math.comb(n, k) * p**k * (1 - p) ** (n - k)
                for k in range(n + 1)
                if score_accepts(k, n, float(p), z)
            )
            chances = binomial(np.arange(n + 1), n, float(p))
            ours = sum(c for c, e in zip(chances, held, strict=True) if e.low <= float(p) <= e.high)
            worst = max(worst, abs(float(ours) - float(exact)))
            if n >= 20:
                lowest, mean, count = min(lowest, float(exact)), mean + float(exact), count + 1
    print(
        f"Wilson: coverage equals exact enumeration (rational arithmetic, score test; 8 sizes x 99 rates) to"
        f" {worst:.1e} (bound 1e-9: {expect(worst <= 1e-9, 'Wilson')}); for n >= 20 it is {mean / count:.1%} on average,"
        f" {lowest:.1%} at worst."
    )


def clustered(rng, count, rate, tie, most=5):
    """Binary values in `count` groups of 1..most, correlated within by a beta-binomial with intra-class correlation `tie`."""
    sizes = rng.integers(1, most + 1, count)
    own = rng.beta(rate * (1 / tie - 1), (1 - rate) * (1 / tie - 1), count)
    groups = np.repeat(np.arange(count), sizes)
    return (rng.random(len(groups)) < own[groups]).astype(float), groups


def coverage():
    rng = np.random.default_rng(SEED)

    def single(n, p):
        return lambda: ((rng.random(n) < p).astype(float), None, p)

    def scores(n, a, b):
        return lambda: (rng.beta(a, b, n), None, a / (a + b))

    def grouped(count, p, tie):
        return lambda: (*clustered(rng, count, p, tie), p)

    cases = [
        ("0/1, n=50, rate 0.2", single(50, 0.2), 50 * 0.2),
        ("0/1, n=50, rate 0.5", single(50, 0.5), 25),
        ("0/1, n=100, rate 0.1", single(100, 0.1), 10),
        ("0/1, n=100, rate 0.9", single(100, 0.9), 10),
        ("0/1, n=300, rate 0.05", single(300, 0.05), 15),
        ("scores, n=50, beta(2, 1)", scores(50, 2, 1), 16),
        ("scores, n=50, beta(0.3, 0.6)", scores(50, 0.3, 0.6), 16),
        ("0/1 in 50 groups of 1-5, rate 0.3, correlation 0.3", grouped(50, 0.3, 0.3), 15),
        ("0/1 in 80 groups of 1-5, rate 0.15, correlation 0.5", grouped(80, 0.15, 0.5), 12),
        ("0/1, n=20, rate 0.3", single(20, 0.3), 6),
        ("scores, n=12, beta(2, 1)", scores(12, 2, 1), 4),
        ("0/1 in 12 groups of 1-5, rate 0.3, correlation 0.3", grouped(12, 0.3, 0.3), 4),
        ("0/1 in 60 groups of 1-5, rate 0.05, correlation 0.3", grouped(60, 0.05, 0.3), 3),
    ]
    body = []
    for name, draw, each in cases:
        boot = held = 0
        methods = {}
        for run in range(RUNS // 4):
            values, groups, truth = draw()
            sample = clusters(values, None if groups is None else groups.tolist())
            low, high = bootstrap_limits(sample, seed=SEED + run)
            boot += low <= truth <= high
            estimate = mean_estimate(
                values, None if groups is None else groups.tolist(), seed=SEED + run
            )
            held += estimate.low - 1e-12 <= truth <= estimate.high + 1e-12
            kind = estimate.method.split(" ")[0]
            methods[kind] = methods.get(kind, 0) + 1
        enough = sample.count >= 50 and each >= 10
        taken = ", ".join(f"{m} {k / (RUNS // 4):.0%}" for m, k in sorted(methods.items()))
        ok = expect(boot / (RUNS // 4) >= 0.93, f"bootstrap {name}") if enough else "not its place"
        body.append([name, f"{boot / (RUNS // 4):.1%}", ok, f"{held / (RUNS // 4):.1%}", taken])
    print(
        f"\nCoverage of 95 % intervals, {RUNS // 4} samples each. The bootstrap alone, and what the product takes:"
    )
    table(["sample", "bootstrap", ">= 93 %", "product", "its method"], body)


def agreement():
    """Intervals of kappa, AUROC and the corrected rate against the truth they were drawn from."""
    rng = np.random.default_rng(SEED + 3)
    body = []
    runs = RUNS // 4
    for n, rate, error in ((30, 0.5, 0.15), (60, 0.7, 0.1), (200, 0.3, 0.1), (200, 0.8, 0.25)):
        agreed = (1 - error) ** 2 + error**2
        said = rate * (1 - error) + (1 - rate) * error
        chance = said**2 + (1 - said) ** 2
        truth = (agreed - chance) / (1 - chance)
        held = 0
        for _ in range(runs):
            real = rng.random(n) < rate
            a, b = real ^ (rng.random(n) < error), real ^ (rng.random(n) < error)
            estimate = kappa(a.tolist(), b.tolist())
            held += estimate.value is None or estimate.low <= truth <= estimate.high
        body.append([f"kappa {truth:.2f}, n={n}", f"{held / runs:.1%}"])
    for n, shift in ((40, 0.5), (40, 1.5), (200, 1.0)):
        truth = 0.5 * math.erfc(-shift / 2)
        held = 0
        for _ in range(runs):
            label = np.arange(n) % 3 == 0
            estimate = auroc(rng.normal(label * shift, 1.0), label)
            held += estimate.low <= truth <= estimate.high
        body.append([f"AUROC {truth:.2f}, n={n}, a third positive", f"{held / runs:.1%}"])
    for n, labels, truth in ((100, 40, 0.6), (300, 100, 0.9), (1000, 60, 0.5)):
        held = 0
        for _ in range(runs):
            passed = rng.binomial(n, truth * 0.9 + (1 - truth) * 0.2)
            good, bad = rng.binomial(labels, 0.9), rng.binomial(labels, 0.8)
            estimate = corrected_rate(
                int(passed), n, true_passes=(int(good), labels), true_fails=(int(bad), labels)
            )
            held += estimate.low <= truth <= estimate.high
        body.append(
            [f"corrected rate {truth}, n={n}, {labels} labels of either kind", f"{held / runs:.1%}"]
        )
    print(f"\nCoverage of the judge's figures, {runs} samples each:")
    table(["figure", "coverage of 95 % interval"], body)
    chance, k, all_runs = 0.7, 3, 5
    mean = sum(
        float(binomial(c, all_runs, chance)) * pass_hat_k(c, all_runs, k)
        for c in range(all_runs + 1)
    )
    off = abs(mean - chance**k)
    print(
        f"pass^{k} from {all_runs} runs, enumerated: off its truth {chance}^{k} by {off:.1e} (unbiased: {expect(off < 1e-12, 'pass^k')})."
    )
