"""Statistics that can be believed: the names the other rooms and files use.

Pure and seeded; every formula names its source where it stands. Knows nothing of metrics, files
or cases. Bad input is a `ValueError` that names the value; no data is an estimate without one.
"""

from .estimate import Estimate, wilson
from .stats_agreement import auroc, corrected_rate, kappa
from .stats_clusters import SEED, generator
from .stats_intervals import difference_estimate, mean_estimate, tango
from .stats_power import (
    DISCORDANCE,
    detectable,
    detectable_line,
    detectable_mean,
    power_mean,
    power_paired,
    sample_size_mean,
    sample_size_paired,
)
from .stats_repeats import over_cases, pass_at_k, pass_hat_k
from .stats_sequential import Look, Sequential
from .stats_tests import equivalent, holm, mcnemar, non_inferior, permutation

__all__ = [
    "DISCORDANCE",
    "SEED",
    "Estimate",
    "Look",
    "Sequential",
    "auroc",
    "corrected_rate",
    "detectable",
    "detectable_line",
    "detectable_mean",
    "difference_estimate",
    "equivalent",
    "generator",
    "holm",
    "kappa",
    "mcnemar",
    "mean_estimate",
    "non_inferior",
    "over_cases",
    "pass_at_k",
    "pass_hat_k",
    "permutation",
    "power_mean",
    "power_paired",
    "sample_size_mean",
    "sample_size_paired",
    "tango",
    "wilson",
]
