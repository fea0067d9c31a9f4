"""What repeats of a case tell: the chance that one of k passes, and that all k do.

Knows counts of passes and runs. Unbiased estimators, not powers of the pass rate.
"""

from collections.abc import Sequence
from math import comb

from .estimate import Estimate
from .stats_clusters import SEED, Groups
from .stats_intervals import mean_estimate


def pass_at_k(passes: int, runs: int, k: int) -> float | None:
    """Chance that at least one of k runs passes; None with fewer than k runs.

    M. Chen et al., "Evaluating large language models trained on code" (2021), equation 1.
    """
    _check(passes, runs, k)
    return None if runs < k else 1 - comb(runs - passes, k) / comb(runs, k)


def pass_hat_k(passes: int, runs: int, k: int) -> float | None:
    """Chance that all of k runs pass (pass^k); None with fewer than k runs.

    S. Yao et al., "tau-bench: a benchmark for tool-agent-user interaction" (2024), section 3.
    """
    _check(passes, runs, k)
    return None if runs < k else comb(passes, k) / comb(runs, k)


def over_cases(
    counts: Sequence[tuple[int, int]],
    k: int,
    *,
    every: bool = True,
    groups: Groups = None,
    seed: int = SEED,
) -> Estimate:
    """pass^k (`every`) or pass@k over cases, each (passes, runs). `n` counts cases with k runs."""
    measure = pass_hat_k if every else pass_at_k
    values = [measure(passes, runs, k) for passes, runs in counts]
    if groups is not None and len(groups) != len(values):
        raise ValueError(f"{len(groups)} groups for {len(values)} cases: expected one for each")
    kept = [place for place, value in enumerate(values) if value is not None]
    return mean_estimate(
        [value for value in values if value is not None],
        None if groups is None else [groups[place] for place in kept],
        seed=seed,
    )


def _check(passes: int, runs: int, k: int) -> None:
    if not 0 <= passes <= runs or k < 1:
        raise ValueError(f"{passes} passes of {runs}, k={k}: expected 0 <= passes <= runs, k >= 1")
