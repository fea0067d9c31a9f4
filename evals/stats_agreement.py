"""How far a judge can be trusted: Cohen's kappa, AUROC, and rates corrected for its errors.

Each with its interval. Knows nothing of judges: two sequences of labels, or scores and labels.
"""

import math
from collections.abc import Hashable, Sequence

import numpy as np

from .estimate import Estimate, wilson
from .stats_clusters import Clusters, Groups, checked, clusters
from .stats_distributions import Array, normal_quantile


def kappa(a: Sequence[Hashable], b: Sequence[Hashable], *, confidence: float = 0.95) -> Estimate:
    """Cohen's kappa of two raters over the same items: agreement beyond chance.

    J. Cohen, Educational and Psychological Measurement 20 (1960); error by J. Fleiss, J. Cohen
    and B. Everitt, Psychological Bulletin 72 (1969), equation 13. Below 50 items, or where 10 do
    not lie on either side of agreement, Wilson's interval of the agreement with the chance
    agreement held. No value where both gave one and the same label to all: it is 0/0.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} labels and {len(b)}: expected two for each item")
    labels = {label: place for place, label in enumerate(dict.fromkeys([*a, *b]))}
    for label in labels:
        if label is None or (isinstance(label, float) and math.isnan(label)):
            raise ValueError(f"a label is {label}: leave out items that were not rated")
    n, size = len(a), len(labels)
    if n == 0:
        return _nothing("no data")
    cells = np.zeros((size, size))
    np.add.at(cells, ([labels[x] for x in a], [labels[x] for x in b]), 1)
    shares = cells / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    chance = float(rows @ columns)
    agreed = float(np.trace(shares))
    if size == 1:
        return _nothing("kappa has no value: both gave one label to all", n)
    value = (agreed - chance) / (1 - chance)
    same = round(agreed * n)
    if n < 50 or min(same, n - same) < 10:
        held = wilson(same, n, confidence)
        assert held.low is not None and held.high is not None
        low, high = ((limit - chance) / (1 - chance) for limit in (held.low, held.high))
        return Estimate(
            value=value, low=low, high=high, n=n, method=f"kappa, {held.method} of the agreement"
        )
    diagonal = np.diag(shares)
    off = shares * (columns[:, None] + rows[None, :]) ** 2
    first = float((diagonal * (1 - (rows + columns) * (1 - value)) ** 2).sum())
    second = (1 - value) ** 2 * float(off.sum() - np.trace(off))
    third = (value - chance * (1 - value)) ** 2
    error = math.sqrt(max(first + second - third, 0.0) / n) / (1 - chance)
    wide = normal_quantile(0.5 + confidence / 2) * error
    return Estimate(
        value=value,
        low=max(value - wide, -1.0),
        high=min(value + wide, 1.0),
        n=n,
        method=f"kappa, Fleiss-Cohen-Everitt {confidence:.0%}",
    )


def auroc(
    scores: Sequence[float] | Array,
    positive: Sequence[bool] | Array,
    groups: Groups = None,
    *,
    confidence: float = 0.95,
) -> Estimate:
    """Chance that a positive scores above a negative, ties counted half; `n` counts items.

    Error by E. DeLong, D. DeLong and D. Clarke-Pearson, Biometrics 44 (1988); with groups by N.
    Obuchowski, Biometrics 53 (1997). The interval is taken on the logit scale (M. Pepe, "The
    Statistical Evaluation of Medical Tests", 2003, section 5.2.5), so that it stays within [0, 1].
    Where everything is separated: Wilson's at the size of the smaller class. One class: no value.
    """
    values = checked(scores, "scores")
    truth = checked(np.asarray(positive, dtype=float), "positive")
    if len(values) != len(truth):
        raise ValueError(f"{len(values)} scores and {len(truth)} labels: expected one for each")
    if not ((truth == 0) | (truth == 1)).all():
        raise ValueError("positive: expected true or false for each item")
    above, below = values[truth == 1], values[truth == 0]
    if not len(above) or not len(below):
        return _nothing("AUROC has no value: one class only", len(values))
    won = _placements(above, below)
    lost = 1 - _placements(below, above)
    value = float(won.mean())
    influence = np.empty(len(values))
    influence[truth == 1] = (won - value) / len(above)
    influence[truth == 0] = (lost - value) / len(below)
    if groups is None:
        variance = _spread(won) + _spread(lost)
        method = f"DeLong {confidence:.0%}, logit"
    else:
        sums = clusters(influence, groups).sums
        variance = float((sums**2).sum()) * len(sums) / max(len(sums) - 1, 1)
        method = f"Obuchowski {confidence:.0%} over {len(sums)} groups, logit"
    if variance <= 0 or not 0 < value < 1:
        size = min(len(above), len(below))
        held = wilson(round(value * size), size, confidence)
        return Estimate(
            value=value, low=held.low, high=held.high, n=len(values),
            method=f"Wilson {confidence:.0%} at n={size}, the smaller class",
        )  # fmt: skip
    wide = normal_quantile(0.5 + confidence / 2) * math.sqrt(variance) / (value * (1 - value))
    centre = math.log(value / (1 - value))
    low, high = (1 / (1 + math.exp(-(centre + side * wide))) for side in (-1, 1))
    return Estimate(value=value, low=low, high=high, n=len(values), method=method)


def corrected_rate(
    passed: int,
    n: int,
    *,
    true_passes: tuple[int, int],
    true_fails: tuple[int, int],
    confidence: float = 0.95,
) -> Estimate:
    """The true pass rate behind a judge's, from its errors on cases that people labelled.

    `true_passes`: (called pass, all) among what people passed; `true_fails`: (called fail, all)
    among what they failed. Point by W. Rogan and B. Gladen, American Journal of Epidemiology 107
    (1978); interval by Z. Lang and J. Reiczigel, Preventive Veterinary Medicine 113 (2014), which
    counts the uncertainty of the judge's errors too. No value when the judge does not tell passes
    from fails (sensitivity + specificity <= 1).
    """
    for name, (right, all_) in (
        ("passed", (passed, n)), ("true_passes", true_passes), ("true_fails", true_fails)
    ):  # fmt: skip
        if not 0 <= right <= all_:
            raise ValueError(f"{name} {right} of {all_}: expected 0 <= count <= all")
    if n == 0:
        return _nothing("no data")
    if not true_passes[1] or not true_fails[1]:
        return _nothing("not corrected: no labels of both kinds", n)
    sensitivity = true_passes[0] / true_passes[1]
    specificity = true_fails[0] / true_fails[1]
    if sensitivity + specificity <= 1:
        return _nothing("not corrected: the judge does not tell passes from fails", n)
    value = (passed / n + specificity - 1) / (sensitivity + specificity - 1)
    z = normal_quantile(0.5 + confidence / 2)
    size = n + z * z
    rate = (passed + z * z / 2) / size
    size_1, size_0 = true_passes[1] + 2, true_fails[1] + 2
    sensitive, specific = (true_passes[0] + 1) / size_1, (true_fails[0] + 1) / size_0
    youden = sensitive + specific - 1
    centre = (rate + specific - 1) / youden
    of_1 = sensitive * (1 - sensitive) / size_1
    of_0 = specific * (1 - specific) / size_0
    shift = 2 * z * z * (centre * of_1 - (1 - centre) * of_0)
    spread = rate * (1 - rate) / size + centre**2 * of_1 + (1 - centre) ** 2 * of_0
    wide = z * math.sqrt(spread) / youden
    return Estimate(
        value=min(max(value, 0.0), 1.0),
        low=min(max(centre + shift - wide, 0.0), 1.0),
        high=min(max(centre + shift + wide, 0.0), 1.0),
        n=n,
        method=f"Rogan-Gladen, Lang-Reiczigel {confidence:.0%}",
    )


def _placements(of: Array, among: Array) -> Array:
    """For each value the share of the others that lie below it, ties counted half."""
    ordered = np.sort(among)
    below = np.searchsorted(ordered, of, "left")
    upto = np.searchsorted(ordered, of, "right")
    result: Array = (below + upto) / 2 / len(among)
    return result


def _spread(values: Array) -> float:
    return Clusters(sums=values, sizes=np.ones(len(values))).variance


def _nothing(method: str, n: int = 0) -> Estimate:
    return Estimate(value=None, low=None, high=None, n=n, method=method)
