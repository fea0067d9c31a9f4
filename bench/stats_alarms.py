"""Tests: how often they cry when nothing differs, and how often when something does."""

import multiprocessing

import numpy as np
from common import table
from stats_bounds import PROCESSES, RUNS, SEED, expect
from workings.evals.metric_comparison import compared
from workings.evals.stats import (
    difference_estimate,
    equivalent,
    holm,
    mcnemar,
    permutation,
    power_mean,
    power_paired,
    sample_size_paired,
    wilson,
)
from workings.evals.stats_sequential import Sequential, evidence


def alarm_tests(rng):
    """Each test as a function of the run's number: whether it raised a false alarm."""

    def pairs(n):
        """Two runs of the same version: every case has its own chance to pass."""
        chance = rng.beta(1.5, 0.8, n)
        return (rng.random(n) < chance).astype(float), (rng.random(n) < chance).astype(float)

    def scores(n):
        chance = rng.beta(1.5, 0.8, n)
        return (
            np.clip(chance + rng.normal(0, 0.2, n), 0, 1),
            np.clip(chance + rng.normal(0, 0.2, n), 0, 1),
        )

    def tied(count):
        """What differs between the two runs differs for a whole document: its retrieval changed."""
        sizes = rng.integers(1, 6, count)
        groups = np.repeat(np.arange(count), sizes)
        chance = rng.beta(1.5, 0.8, count)
        sides = []
        for _ in range(2):
            own = np.clip(chance + rng.normal(0, 0.25, count), 0, 1)
            sides.append((rng.random(len(groups)) < own[groups]).astype(float))
        return sides[0], sides[1], groups.tolist()

    def wins(a, b):
        return int(((a == 1) & (b == 0)).sum()), int(((a == 0) & (b == 1)).sum())

    def outside(estimate):
        return estimate.low > 0 or estimate.high < 0

    def by_mcnemar(n, mid):
        return lambda run: mcnemar(*wins(*pairs(n)), mid=mid) <= 0.05

    def by_flips(n):
        def one(run):
            a, b = scores(n)
            return permutation(b - a, seed=SEED + run) <= 0.05

        return one

    def by_flips_tied(count):
        def one(run):
            a, b, groups = tied(count)
            return permutation(b - a, groups, seed=SEED + run) <= 0.05

        return one

    def by_interval(n):
        return lambda run: outside(difference_estimate(*scores(n), seed=SEED + run))

    def by_interval_tied(count):
        def one(run):
            a, b, groups = tied(count)
            return outside(difference_estimate(a, b, groups, seed=SEED + run))

        return one

    def by_tango(n):
        return lambda run: outside(difference_estimate(*pairs(n)))

    def by_holm(run):
        """Five metrics that hang together: any of them called different is a false alarm."""
        n = 80
        chance = rng.beta(1.5, 0.8, n)
        base = [rng.random(n) for _ in range(2)]
        p = []
        for _ in range(5):
            sides = [(0.7 * one + 0.3 * rng.random(n) < chance).astype(float) for one in base]
            p.append(mcnemar(*wins(*sides)))
        return min(holm(p)) <= 0.05

    def by_compare(run):
        """The verdict of `compare` over three metrics, as a user gets it."""
        a, b = pairs(60)
        x, y = scores(60)
        u, v = pairs(60)
        rows = compared(
            ["correct", "f1", "exact"],
            [(a, b), (x, y), (u, v)],
            [None] * 60,
            0.05,
            0.05,
            SEED + run,
        )
        return any(row.verdict in ("better", "worse") for row in rows)

    def by_compare_tied(run):
        a, b, groups = tied(30)
        rows = compared(["correct"], [(a, b)], groups, 0.05, 0.05, SEED + run)
        return rows[0].verdict in ("better", "worse")

    def by_equivalence(n, margin, changing):
        """b is really worse by the margin: calling that equivalent is the error."""

        def one(run):
            draw = rng.random(n)
            lost = draw < (changing + margin) / 2
            won = (draw >= (changing + margin) / 2) & (draw < changing)
            a = np.where(lost, 1.0, np.where(won, 0.0, 1.0))
            b = np.where(won, 1.0, np.where(lost, 0.0, 1.0))
            return equivalent(difference_estimate(a, b), margin)

        return one

    def sequential_pairs(run):
        a, b = pairs(300)
        return evidence(b - a)[-1] <= 0.05

    def sequential_scores(run):
        a, b = scores(300)
        return evidence(b - a)[-1] <= 0.05

    def sequential_stop(run):
        """The class itself, every look: better, worse, or equivalent at a true loss of the margin."""
        stop = Sequential(margin=0.2)
        draw = rng.random(100)
        for value in np.where(draw < 0.3, -1.0, np.where(draw < 0.4, 1.0, 0.0)):
            stop.add(float(value))
            if stop.look().decision != "go on":
                return stop.look().decision != "worse"
        return False

    return [
        ("exact McNemar, n=60", by_mcnemar(60, False)),
        ("exact McNemar, n=400", by_mcnemar(400, False)),
        ("mid-p McNemar, n=60", by_mcnemar(60, True)),
        ("Tango's interval without 0, n=60", by_tango(60)),
        ("sign flips, scores, n=10 (all of them)", by_flips(10)),
        ("sign flips, scores, n=60", by_flips(60)),
        ("sign flips, 30 groups of 1-5", by_flips_tied(30)),
        ("interval without 0, scores, n=10 (t)", by_interval(10)),
        ("interval without 0, scores, n=60 (bootstrap)", by_interval(60)),
        ("interval without 0, 30 groups of 1-5 (t)", by_interval_tied(30)),
        ("interval without 0, 80 groups of 1-5 (bootstrap)", by_interval_tied(80)),
        ("Holm over 5 metrics that hang together, any", by_holm),
        ("verdict of `compare`, 3 metrics, any", by_compare),
        ("verdict of `compare`, 30 groups of 1-5", by_compare_tied),
        ("equivalent at a true loss of the margin (10 points), n=200", by_equivalence(200, 0.1, 0.2)),
        ("equivalent at a true loss of the margin (5 points), n=100, hardly any change", by_equivalence(100, 0.05, 0.05)),
        ("sequential, looked at after each of 300 verdicts", sequential_pairs),
        ("sequential, looked at after each of 300 scores", sequential_scores),
        ("sequential stop other than `worse` at a true loss of the margin (20 points), 100 looks", sequential_stop),
    ]  # fmt: skip


def alarms_of(number):
    """One test over all its runs, with a generator of its own, so that tests may run side by side."""
    name, test = alarm_tests(np.random.default_rng([SEED + 1, number]))[number]
    runs = RUNS // 10 if name.startswith("sequential stop") else RUNS
    return name, sum(bool(test(run)) for run in range(runs)), runs


def false_alarms():
    count = len(alarm_tests(np.random.default_rng(0)))
    with multiprocessing.Pool(PROCESSES) as pool:
        found = pool.map(alarms_of, range(count), chunksize=1)
    body = []
    for name, alarms, runs in found:
        held = wilson(alarms, runs, 0.99)
        ok = expect(held.low <= 0.05, name)
        body.append(
            [name, f"{alarms}/{runs} = {alarms / runs:.2%}", f"{held.low:.2%}-{held.high:.2%}", ok]
        )
    print("\nFalse alarms: two runs of the same version (A/A), level 5 %:")
    table(["test", "alarms", "99 % interval", "does not lie above 5 %"], body)


def power():
    rng = np.random.default_rng(SEED + 2)
    body = []
    for n, effect, changing in (
        (30, 0.25, 0.35), (60, 0.15, 0.25), (100, 0.1, 0.2), (250, 0.06, 0.15), (400, 0.05, 0.2),
        (1000, 0.04, 0.2), (2000, 0.03, 0.25),
    ):  # fmt: skip
        stated = power_paired(n, effect, changing)
        seen = 0
        for _ in range(RUNS):
            won, lost, _ = rng.multinomial(
                n, [(changing + effect) / 2, (changing - effect) / 2, 1 - changing]
            )
            seen += mcnemar(int(lost), int(won)) <= 0.05
        body.append(
            _power_row(
                f"McNemar, n={n}, {effect:.0%} of {changing:.0%} changing", stated, seen, RUNS
            )
        )
    for n, effect in ((8, 1.2), (15, 0.7), (40, 0.5), (100, 0.25)):
        stated = power_mean(n, effect, 1.0)
        seen = sum(
            permutation(rng.normal(effect, 1.0, n), seed=SEED + run) <= 0.05
            for run in range(RUNS // 4)
        )
        body.append(_power_row(f"sign flips, n={n}, effect {effect} s.d.", stated, seen, RUNS // 4))
    print("\nPower as stated and as simulated:")
    table(["comparison", "stated", "simulated", "within 3 points"], body)
    need = sample_size_paired(0.1, 0.3)
    print(
        f"Sample size for 10 points where 30 % change, power 80 %: {need}; stated power there {power_paired(need, 0.1, 0.3):.1%}."
    )


def _power_row(name, stated, seen, runs):
    return [
        name,
        f"{stated:.1%}",
        f"{seen / runs:.1%}",
        expect(abs(stated - seen / runs) <= 0.03, f"power {name}"),
    ]
