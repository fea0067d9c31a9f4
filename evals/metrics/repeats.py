"""What the repeats of cases tell: pass@k and pass^k of a metric over an evaluation.

A repeat passes where the metric gives it 1. Repeats without a value are no runs. Formulas are
`evals.stats_repeats`.
"""

from ..estimate import Estimate
from ..evaluation import Evaluation
from ..stats_clusters import SEED
from ..stats_repeats import over_cases


def pass_at_k(
    evaluation: Evaluation, k: int, metric: str = "correct", *, seed: int = SEED
) -> Estimate:
    """Chance that at least one of k repeats of a case passes (Chen et al., 2021)."""
    counts, groups = _counts(evaluation, metric)
    return over_cases(counts, k, every=False, groups=groups, seed=seed)


def pass_hat_k(
    evaluation: Evaluation, k: int, metric: str = "correct", *, seed: int = SEED
) -> Estimate:
    """pass^k: chance that all of k repeats of a case pass (tau-bench, Yao et al., 2024)."""
    counts, groups = _counts(evaluation, metric)
    return over_cases(counts, k, every=True, groups=groups, seed=seed)


def _counts(evaluation: Evaluation, metric: str) -> tuple[list[tuple[int, int]], list[str]]:
    """(passes, runs) of each case that was scored at all, and the group it belongs to."""
    found: dict[str, tuple[int, int]] = {}
    groups: dict[str, str] = {}
    for row in evaluation.rows:
        value = row.value(metric)
        if value is not None:
            passes, runs = found.get(row.case, (0, 0))
            found[row.case] = (passes + (value == 1.0), runs + 1)
            groups[row.case] = row.group or row.case
    return list(found.values()), list(groups.values())
