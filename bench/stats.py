"""The statistics against enumeration, simulation and other libraries. Seeds were set before the first run.

Not called statistics.py: a script's folder comes first on the path, and the standard library has one.
statsmodels and scikit-learn are for this bench only: `WORKINGS_BENCH_PYTHON` names a Python that has them.
"""

import json
import math
import multiprocessing
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from common import table
from workings.evals.metric_comparison import compared
from workings.evals.stats import (
    auroc,
    corrected_rate,
    difference_estimate,
    equivalent,
    holm,
    kappa,
    mcnemar,
    mean_estimate,
    pass_hat_k,
    permutation,
    power_mean,
    power_paired,
    sample_size_paired,
    wilson,
)
from workings.evals.stats_clusters import clusters
from workings.evals.stats_distributions import binomial
from workings.evals.stats_intervals import bootstrap_limits
from workings.evals.stats_sequential import Sequential, evidence

SEED = 5_2026_11
RUNS = int(os.environ.get("WORKINGS_BENCH_RUNS", "10000"))
PROCESSES = int(os.environ.get("WORKINGS_BENCH_PROCESSES", os.cpu_count() or 1))
FAILED = []


def expect(holds, what):
    if not holds:
        FAILED.append(what)
    return "yes" if holds else "**no**"


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


REFERENCE = """
import json, sys
import numpy as np
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from sklearn.metrics import cohen_kappa_score, roc_auc_score
import statsmodels, sklearn
asked = json.load(sys.stdin)
print(json.dumps({
    "versions": f"statsmodels {statsmodels.__version__}, scikit-learn {sklearn.__version__}",
    "mcnemar": [float(mcnemar([[0, a], [b, 0]], exact=True).pvalue) for a, b in asked["mcnemar"]],
    "holm": [multipletests(p, method="holm")[1].tolist() for p in asked["holm"]],
    "kappa": [float(cohen_kappa_score(a, b)) for a, b in asked["kappa"]],
    "auroc": [float(roc_auc_score(y, s)) for s, y in asked["auroc"]],
}))
"""


def libraries():
    python = os.environ.get("WORKINGS_BENCH_PYTHON", sys.executable)
    rng = np.random.default_rng(SEED + 4)
    asked = {
        "mcnemar": [[int(x), int(y)] for x, y in [*np.ndindex(40, 40), *rng.integers(0, 50_000, (200, 2)).tolist()] if x + y],
        "holm": [np.round(rng.random(int(k)) ** 3, 6).tolist() for k in rng.integers(1, 30, 300)],
        "kappa": [[rng.integers(0, 3, n).tolist(), rng.integers(0, 4, n).tolist()] for n in (5, 50, 500) * 40],
        "auroc": [[np.round(rng.random(60), 1).tolist(), [i % 3 == 0 for i in range(60)]] for _ in range(100)],
    }  # fmt: skip
    done = subprocess.run(
        [python, "-c", REFERENCE],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        print(
            "\nAgainst statsmodels and scikit-learn: not installed, left out (WORKINGS_BENCH_PYTHON)."
        )
        return
    theirs = json.loads(done.stdout)
    ours = {
        "mcnemar": [mcnemar(a, b) for a, b in asked["mcnemar"]],
        "holm": [p for family in asked["holm"] for p in holm(family)],
        "kappa": [kappa(a, b).value for a, b in asked["kappa"]],
        "auroc": [auroc(s, y).value for s, y in asked["auroc"]],
    }
    theirs["holm"] = [p for family in theirs["holm"] for p in family]
    body = []
    for name in ours:
        off = max(abs(a - b) for a, b in zip(ours[name], theirs[name], strict=True))
        body.append(
            [
                name,
                len(ours[name]),
                f"{off:.1e}",
                expect(off <= 1e-12, f"{name} against the library"),
            ]
        )
    print(f"\nAgainst {theirs['versions']}:")
    table(["", "cases", "largest difference", "<= 1e-12"], body)


def write_evaluation(folder, name, count, rng):
    folder.mkdir(parents=True)
    head = {
        "format": "workings-evaluation/1", "id": name, "gold": "gold.jsonl", "gold_hash": "0" * 16, "model": "extractive",
        "settings": {}, "metrics": ["correct", "citations", "f1"], "repeats": 1, "created": "",
    }  # fmt: skip
    (folder / "evaluation.json").write_text(json.dumps(head))
    with open(folder / "rows.jsonl", "w", encoding="utf-8") as out:
        for case in range(count):
            draw = rng.random(4)
            verdicts = [
                {
                    "metric": "correct",
                    "value": float(draw[0] < 0.7),
                    "reason": "holds '412.3'; 412.3 EUR million is 412.3 million",
                },
                {
                    "metric": "citations",
                    "value": float(draw[1] < 0.9),
                    "reason": "2 citations, all verified",
                },
                {"metric": "f1", "value": float(draw[2]), "reason": "7 of 9 words"},
            ]
            out.write(json.dumps({
                "case": f"case-{case}", "repeat": 0, "question": f"What was the revenue of company {case} in 2025?", "tags": ["table"],
                "group": None, "trace": f"{case:016x}", "text": "Revenue was EUR 412.3 million in 2025 [1].", "refused": False,
                "error": None, "verdicts": verdicts, "tools": ["search_documents"],
                "retrieved": [{"document": "annual-report.pdf", "page": page} for page in range(8)],
                "cited": [{"document": "annual-report.pdf", "page": 3}], "requests": 2, "input_tokens": 1800, "output_tokens": 90,
                "cost_usd": 0.001 * float(draw[3]), "seconds": float(draw[3]),
            }) + "\n")  # fmt: skip


TIMED = """
import resource, sys
from workings.agent.cli import main
code = main(["compare", sys.argv[1], sys.argv[2], "--json"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
"""


def scale():
    rng = np.random.default_rng(SEED + 5)
    count = 100_000
    with tempfile.TemporaryDirectory() as folder:
        sides = [Path(folder, name) for name in ("a", "b")]
        for side in sides:
            write_evaluation(side, side.name, count, rng)
        size = sum((side / "rows.jsonl").stat().st_size for side in sides) / 2**20
        done = subprocess.run(
            [sys.executable, "-c", TIMED, *map(str, sides)],
            capture_output=True,
            text=True,
            check=False,
        )
        code, seconds, peak = map(float, done.stderr.split("\n")[-2].split())
        found = json.loads(done.stdout)
        again = subprocess.run(
            [sys.executable, "-c", TIMED, *map(str, sides)],
            capture_output=True,
            text=True,
            check=False,
        )
    same = expect(again.stdout == done.stdout, "the same output twice")
    print(
        f"\n`workings compare A B --json` over {count:,} pairs, 3 metrics and 4 amounts ({size:.0f} MB of rows): {seconds:.1f} CPU s"
        f" (<= 5: {expect(code == 0 and seconds <= 5, 'CPU of 100,000 pairs')}), {peak:.0f} MB at most"
        f" (<= 500: {expect(peak <= 500, 'memory of 100,000 pairs')}), everything included; {found['lost'] + found['won']:,} flips;"
        f" the same bytes again: {same}."
    )


def main():
    wilson_coverage()
    coverage()
    false_alarms()
    power()
    agreement()
    libraries()
    scale()
    if FAILED:
        print("\nNot met: " + "; ".join(FAILED) + ".")
    return 1 if FAILED else 0


if __name__ == "__main__":
    sys.exit(main())
