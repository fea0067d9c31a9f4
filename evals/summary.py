"""An evaluation in figures: each metric as an estimate, what is unscored, what it took.

Knows rows and statistics. Values are clustered by document where cases name more than one, else by
case, so that repeats of a case are not taken for more cases. Knows nothing of layout.
"""

import statistics
from collections.abc import Sequence

from ..tools.documents import Frozen
from ..tools.errors import SettingsError
from .columns import LOWER
from .estimate import Estimate
from .evaluation import Evaluation, Row
from .metrics import Scale, metrics
from .metrics.repeats import pass_at_k, pass_hat_k
from .stats import SEED, mean_estimate


class MetricSummary(Frozen):
    """One metric over an evaluation."""

    metric: str
    scale: Scale
    estimate: Estimate
    unscored: int
    """Rows about which the metric says nothing; they are in no figure."""


class Spread(Frozen):
    """An amount over the rows; None where no row knows it."""

    total: float | None
    median: float | None
    p95: float | None
    known: int
    """Rows that know it."""


class Summary(Frozen):
    """What a table of an evaluation shows."""

    id: str
    gold: str
    model: str
    cases: int
    repeats: int
    rows: int
    complete: bool
    errors: int
    refused: int
    metrics: tuple[MetricSummary, ...]
    """The primary one first; with repeats followed by pass@k and pass^k of it."""
    tokens: Spread
    cost_usd: Spread
    seconds: Spread
    requests: int


def summary(evaluation: Evaluation, *, seed: int = SEED) -> Summary:
    """The figures of an evaluation; the same rows give the same figures."""
    rows = evaluation.rows
    answered = [row for row in rows if row.error is None]
    return Summary(
        id=evaluation.id,
        gold=evaluation.gold,
        model=evaluation.model,
        cases=evaluation.cases or len({row.case for row in rows}),
        repeats=evaluation.repeats,
        rows=len(rows),
        complete=evaluation.complete,
        errors=sum(row.error is not None for row in rows),
        refused=sum(row.refused for row in rows),
        metrics=(*_measured(evaluation, seed), *_repeated(evaluation, seed)),
        tokens=_spread([float(row.tokens) for row in rows if row.tokens is not None]),
        cost_usd=_spread([row.cost_usd for row in rows if row.cost_usd is not None]),
        seconds=_spread([row.seconds for row in answered]),
        requests=sum(row.requests for row in rows),
    )


def _measured(evaluation: Evaluation, seed: int) -> list[MetricSummary]:
    found = []
    for name in evaluation.metrics:
        scored = [(row, value) for row in evaluation.rows if (value := row.value(name)) is not None]
        scale = scale_of(name, [value for _, value in scored])
        found.append(
            MetricSummary(
                metric=name,
                scale=scale,
                estimate=_estimate(scored, scale, seed),
                unscored=len(evaluation.rows) - len(scored),
            )
        )
    return found


def _repeated(evaluation: Evaluation, seed: int) -> list[MetricSummary]:
    """pass@k and pass^k of the primary metric, k being the number of repeats."""
    if evaluation.repeats < 2 or not evaluation.metrics:
        return []
    name, k = evaluation.metrics[0], evaluation.repeats
    values = [value for row in evaluation.rows if (value := row.value(name)) is not None]
    if scale_of(name, values) != "share":
        return []
    return [
        MetricSummary(
            metric=title.format(k=k),
            scale="share",
            estimate=measure(evaluation, k, name, seed=seed),
            unscored=len(evaluation.rows) - len(values),
        )
        for title, measure in (("pass@{k}", pass_at_k), ("pass^{k}", pass_hat_k))
    ]


def scale_of(name: str, values: Sequence[float] = ()) -> Scale:
    """Whether a metric's values are shares, scores or amounts.

    Of one we do not know, as a judge's: a share where each value is 0 or 1, else a score.
    """
    try:
        return metrics([name])[0].scale
    except SettingsError:
        if name in LOWER:
            return "amount"
        return "share" if values and {*values} <= {0.0, 1.0} else "score"


def _estimate(scored: Sequence[tuple[Row, float]], scale: Scale, seed: int) -> Estimate:
    groups = [row.case if row.group is None else f"group {row.group}" for row, _ in scored]
    one = len({*groups}) == 1 and len({row.case for row, _ in scored}) > 1
    if one:
        groups = [row.case for row, _ in scored]
    values = [value for _, value in scored]
    found = mean_estimate(values, groups, bounded=scale != "amount", seed=seed)
    if not one:
        return found
    return found.model_copy(update={"method": f"{found.method}, for this one document"})


def _spread(values: Sequence[float]) -> Spread:
    if not values:
        return Spread(total=None, median=None, p95=None, known=0)
    ordered = sorted(values)
    # nearest rank, the smallest value that at least 95 % do not exceed
    p95 = ordered[-(-95 * len(ordered) // 100) - 1]
    return Spread(total=sum(values), median=statistics.median(ordered), p95=p95, known=len(ordered))
