"""The statistics beside those of statsmodels and scikit-learn, which another Python may have."""

import json
import os
import subprocess
import sys

import numpy as np
from common import table
from stats_bounds import SEED, expect
from workings.evals.stats import (
    auroc,
    holm,
    kappa,
    mcnemar,
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
