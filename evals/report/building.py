"""A report is worked out, once for every face: figures, flips, patterns, ranks, calibration.

Knows evaluations, patterns and comparisons. Knows nothing of layout.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from ...tools.errors import GoldError
from ..columns import AMOUNTS, columns_of
from ..comparison import Comparison, compare
from ..divergence import Divergence
from ..estimate import Estimate
from ..evaluation import Evaluation, Row
from ..flips import PASSING
from ..gold import GoldCase, GoldSet
from ..judged import PREFIX
from ..labels import Label, agreed
from ..metrics import METRICS
from ..patterns import Patterns, patterns
from ..slices import gold_rank
from ..stats import SEED, kappa, mean_estimate
from ..summary import scale_of, summary
from .facts import (
    Calibration,
    CaseView,
    Labelled,
    MetricLine,
    Outcome,
    Point,
    Rank,
    Report,
    outcome,
)

MOST_CASES = 2_000
_RANKS = 10


def build(
    evaluation: Evaluation,
    gold: GoldSet | None = None,
    *,
    against: Evaluation | None = None,
    margin: float = 0.05,
    by: Literal["group", "case"] = "group",
    quarantined: Mapping[str, str] | None = None,
    labels: Sequence[Label] = (),
    judge: str = "",
    divergences: Mapping[str, Sequence[Divergence]] | None = None,
    most_cases: int = MOST_CASES,
    seed: int = SEED,
) -> Report:
    """Work out the report of an evaluation.

    `against`: the baseline; the report is of what changed since (`by`: as in `compare`).
    `labels`: what people said of its answers, for the metric `judge`. `divergences`: by trace id.
    Raises `GoldError` where there is no row.
    """
    if not evaluation.rows:
        raise GoldError(f"evaluation {evaluation.id} has no row: nothing was asked yet")
    primary = evaluation.metrics[0] if evaluation.metrics else "correct"
    cases = {case.id: case for case in gold.cases} if gold is not None else {}
    held = None
    if against is not None:
        held = compare(
            against, evaluation, margin=margin, quarantined=quarantined, seed=seed,
            most_flips=len(evaluation.rows), by=by,
        )  # fmt: skip
    flips = {flip.case: flip for flip in held.flips} if held is not None else {}
    given = divergences or {}
    views = []
    for row in evaluation.rows:
        flip = flips.get(row.case)
        views.append(
            CaseView(
                row=row,
                outcome=outcome(row, primary),
                value=row.value(primary),
                reason=_reason(row, primary),
                expected=_expected(cases.get(row.case)),
                rank=gold_rank(row, cases.get(row.case)),
                flip="" if flip is None else "lost" if flip.lost else "won",
                before="" if flip is None else flip.reason_a,
                before_trace=None if flip is None else flip.trace_a,
                divergences=tuple(given.get(row.trace or "", ())),
            )
        )
    order = ("fail", "error", "unscored", "pass")
    views.sort(key=lambda view: (view.flip != "lost", order.index(view.outcome)))
    outcomes: dict[Outcome, int] = {"pass": 0, "fail": 0, "error": 0, "unscored": 0}
    for view in views:
        outcomes[view.outcome] += 1
    lines = _lines(evaluation, seed)
    known = [row.cost_usd for row in evaluation.rows if row.cost_usd is not None]
    sides = [side for side in (against, evaluation) if side is not None]
    spend = "cost" if all(r.cost_usd is not None for s in sides for r in s.rows) else "tokens"
    return Report(
        id=evaluation.id,
        gold=evaluation.gold,
        model=evaluation.model,
        created=evaluation.created,
        settings={name: _said(value) for name, value in evaluation.settings.items()},
        primary=primary,
        complete=evaluation.complete,
        cases=len({row.case for row in evaluation.rows}),
        repeats=evaluation.repeats,
        rows=len(evaluation.rows),
        outcomes=outcomes,
        refused=sum(row.refused for row in evaluation.rows),
        metrics=tuple(line for line in lines if not line.amount),
        amounts=tuple(line for line in lines if line.amount and line.estimate.n),
        total_cost=sum(known) if known else None,
        cost_rows=len(known),
        seconds=tuple(row.seconds for row in evaluation.rows),
        ranks=_ranks(views),
        patterns=_patterns(evaluation, gold),
        comparison=held,
        points=tuple(_point(side, primary, spend, seed) for side in sides),
        spend=spend,
        calibration=calibration(evaluation, labels, judge),
        views=tuple(views[:most_cases]),
        hidden=max(0, len(views) - most_cases),
        notes=_notes(evaluation, gold, held),
    )


def calibration(
    evaluation: Evaluation, labels: Sequence[Label], judge: str = ""
) -> Calibration | None:
    """A judge's metric against what people agree on; None where no answer has both.

    `judge`: the metric (default: the first whose name begins with `judge:`, else the primary one).
    """
    names = [name for name in evaluation.metrics if name.startswith(PREFIX)]
    metric = judge or next(iter(names), evaluation.metrics[0] if evaluation.metrics else "")
    said = {row.key: row.value(metric) for row in evaluation.rows}
    known, _ = agreed(labels)
    pairs = [
        Labelled(case=key[0], judge=value, human=label.value)
        for key, label in known.items()
        if (value := said.get(key)) is not None and label.value is not None
    ]
    if not pairs:
        return None
    return Calibration(
        judge=metric,
        labels=tuple(pairs),
        agreement=kappa(
            [pair.judge >= PASSING for pair in pairs], [pair.human >= PASSING for pair in pairs]
        ),
    )


def _lines(evaluation: Evaluation, seed: int) -> list[MetricLine]:
    """Metrics as `summary` has them, then the amounts that every row has."""
    columns = columns_of(evaluation)
    found = []
    for item in summary(evaluation, seed=seed).metrics:
        if item.scale != "amount":
            found.append(_line(item.metric, item.estimate, item.unscored))
    others = [name for name in evaluation.metrics if scale_of(name) == "amount"]
    for name in dict.fromkeys((*AMOUNTS, *others)):
        if name in columns.values:
            values = columns.values[name]
            known = values[~np.isnan(values)]
            if name == "tokens" and not len(known):
                continue  # a model that is rules has none to count
            line = _line(name, _mean(evaluation, name, seed), len(values) - len(known), amount=True)
            middle = [float(np.quantile(known, share)) for share in (0.5, 0.9) if len(known)]
            found.append(line.model_copy(update=dict(zip(("median", "p90"), middle, strict=False))))
    return found


def _line(name: str, estimate: Estimate, unscored: int, amount: bool = False) -> MetricLine:
    about = METRICS[name].about if name in METRICS else ""
    return MetricLine(name=name, about=about, amount=amount, estimate=estimate, unscored=unscored)


def _mean(evaluation: Evaluation, name: str, seed: int) -> Estimate:
    """The mean of an amount, by document where there are several, else by case."""
    columns = columns_of(evaluation)
    several = len({group for group in columns.groups if group is not None}) > 1
    own = [
        f"group {group}" if several and group is not None else case
        for case, group in zip(columns.cases, columns.groups, strict=True)
    ]
    values = columns.values[name]
    scored = np.flatnonzero(~np.isnan(values)).tolist()
    return mean_estimate(values[scored], [own[place] for place in scored], bounded=False, seed=seed)


def _point(evaluation: Evaluation, primary: str, spend: str, seed: int) -> Point:
    quality = next(
        (
            item.estimate
            for item in summary(evaluation, seed=seed).metrics
            if item.metric == primary
        ),
        Estimate(value=None, low=None, high=None, n=0, method="no data"),
    )
    cost = _mean(evaluation, spend, seed)
    return Point(id=evaluation.id, model=evaluation.model, quality=quality, cost=cost)


def _ranks(views: Sequence[CaseView]) -> tuple[Rank, ...]:
    """Where the first right page stood; nothing where it is not known of any case."""
    counts: dict[str, list[int]] = {str(rank): [0, 0] for rank in range(1, _RANKS + 1)}
    counts |= {f"{_RANKS + 1}+": [0, 0], "not found": [0, 0]}
    told = False
    for view in views:
        if view.rank is not None and view.outcome in ("pass", "fail"):
            told = True
            late = view.rank > _RANKS
            name = "not found" if not view.rank else f"{_RANKS + 1}+" if late else str(view.rank)
            counts[name][view.outcome == "fail"] += 1
    if not told:
        return ()
    last = max(
        (int(name) for name, n in counts.items() if name.isdigit() and n != [0, 0]), default=1
    )
    return tuple(
        Rank(rank=name, passed=passed, failed=failed)
        for name, (passed, failed) in counts.items()
        if passed + failed or name == "not found" or (name.isdigit() and int(name) <= last)
    )


def _patterns(evaluation: Evaluation, gold: GoldSet | None) -> Patterns | None:
    try:
        return patterns(evaluation, gold)
    except GoldError:
        return None  # nothing is scored, which the table of metrics says


def _notes(
    evaluation: Evaluation, gold: GoldSet | None, held: Comparison | None
) -> tuple[str, ...]:
    found = []
    if not evaluation.complete:
        wanted = evaluation.cases * evaluation.repeats
        found.append(f"not complete: {len(evaluation.rows)} of {wanted} askings are here")
    failed = sum(row.error is not None for row in evaluation.rows)
    if failed:
        found.append(
            f"{failed} of {len(evaluation.rows)} rows ended in an error; they count as failed"
        )
    if gold is None:
        found.append("without the gold set, expected answers and ranks of pages are not shown")
    if held is not None:
        found.extend(held.notes)
    return tuple(found)


def _reason(row: Row, metric: str) -> str:
    if row.error is not None:
        return row.error
    return next((verdict.reason for verdict in row.verdicts if verdict.metric == metric), "")


def _expected(case: GoldCase | None) -> str:
    if case is None:
        return ""
    if case.refusal:
        return "a refusal"
    if case.answer is not None:
        return case.answer
    if case.value is not None:
        return f"{case.value:g} {case.unit or ''}".strip()
    return ", ".join(case.contains)


def _said(value: object) -> str:
    return value if isinstance(value, str) else repr(value)
