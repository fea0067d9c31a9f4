"""Everything a report says of an evaluation, worked out once; the faces only lay it out.

Knows evaluations, patterns and comparisons. Knows nothing of HTML, Markdown, XML or terminals.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from ...tools.documents import Frozen
from ...tools.errors import GoldError
from ..columns import AMOUNTS, LOWER, columns_of
from ..comparison import Comparison, compare
from ..divergence import Divergence
from ..estimate import Estimate
from ..evaluation import Evaluation, Row
from ..flips import PASSING
from ..gold import GoldCase, GoldSet
from ..metrics import METRICS
from ..patterns import Patterns, amount, patterns
from ..slices import gold_rank
from ..stats import SEED, kappa, mean_estimate

Outcome = Literal["pass", "fail", "error", "unscored"]
MOST_CASES = 2_000
_RANKS = 10


class MetricLine(Frozen):
    """One metric over the whole evaluation."""

    name: str
    about: str
    amount: bool
    """Not bounded by 1: quantiles stand beside the mean."""
    estimate: Estimate
    unscored: int
    median: float | None = None
    p90: float | None = None


class Labelled(Frozen):
    """What a judge said of an answer that a person labelled too."""

    case: str
    judge: float
    """From 0 to 1."""
    human: float
    """0 or 1."""


class Calibration(Frozen):
    """A judge held against labels of people."""

    judge: str
    labels: tuple[Labelled, ...]
    agreement: Estimate
    """Cohen's kappa at the judge's 0.5."""


class Point(Frozen):
    """An evaluation as cost and quality."""

    id: str
    model: str
    quality: Estimate
    cost: Estimate


class Rank(Frozen):
    """How many cases have their first right page at a rank, and how they ended."""

    rank: str
    """`1` to `10`, `11+` or `not found`."""
    passed: int
    failed: int


class CaseView(Frozen):
    """A row as the report shows it."""

    row: Row
    outcome: Outcome
    value: float | None
    reason: str
    expected: str
    rank: int | None
    """Of the first right page; 0: not retrieved; None: not known."""
    flip: Literal["", "lost", "won"] = ""
    before: str = ""
    """Of a flip: what the other evaluation's verdict says."""
    before_trace: str | None = None
    divergences: tuple[Divergence, ...] = ()


class Report(Frozen):
    """One evaluation, ready to be read."""

    id: str
    gold: str
    model: str
    created: str
    settings: dict[str, str]
    primary: str
    complete: bool
    cases: int
    repeats: int
    rows: int
    outcomes: dict[Outcome, int]
    refused: int
    metrics: tuple[MetricLine, ...]
    amounts: tuple[MetricLine, ...]
    """Cost, latency, tokens, requests; those that are known."""
    total_cost: float | None
    """Of the rows whose cost is known; None: of none."""
    cost_rows: int
    seconds: tuple[float, ...]
    ranks: tuple[Rank, ...]
    patterns: Patterns | None
    comparison: Comparison | None
    points: tuple[Point, ...]
    spend: str
    """What the points count as cost: `cost`, else `tokens`."""
    calibration: Calibration | None
    views: tuple[CaseView, ...]
    """Failures first; at most `most_cases`."""
    hidden: int
    """Rows that are not shown."""
    notes: tuple[str, ...]


def build(
    evaluation: Evaluation,
    gold: GoldSet | None = None,
    *,
    against: Evaluation | None = None,
    margin: float = 0.05,
    quarantined: Mapping[str, str] | None = None,
    labels: Iterable[Labelled] = (),
    judge: str = "",
    divergences: Mapping[str, Sequence[Divergence]] | None = None,
    most_cases: int = MOST_CASES,
    seed: int = SEED,
) -> Report:
    """Work out the report of an evaluation.

    `against`: the baseline; the report is of what changed since. `labels`: what people said of
    answers that `judge` judged. `divergences`: by trace id. Raises `GoldError` without a row.
    """
    if not evaluation.rows:
        raise GoldError(f"evaluation {evaluation.id} has no row: nothing was asked yet")
    primary = evaluation.metrics[0] if evaluation.metrics else "correct"
    cases = {case.id: case for case in gold.cases} if gold is not None else {}
    held = None
    if against is not None:
        held = compare(
            against, evaluation, margin=margin, quarantined=quarantined, seed=seed,
            most_flips=len(evaluation.rows),
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
    lines = _lines(evaluation, primary, seed)
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
        calibration=calibration(labels, judge),
        views=tuple(views[:most_cases]),
        hidden=max(0, len(views) - most_cases),
        notes=_notes(evaluation, gold, held),
    )


def outcome(row: Row, metric: str) -> Outcome:
    """How a row ended by a metric: an error without a value is one, whatever it would have been."""
    value = row.value(metric)
    if row.error is not None:
        return "error"
    if value is None:
        return "unscored"
    return "pass" if value >= PASSING else "fail"


def calibration(labels: Iterable[Labelled], judge: str) -> Calibration | None:
    """A judge's agreement with people; None without a label."""
    known = tuple(labels)
    if not known:
        return None
    said = [int(item.judge >= PASSING) for item in known]
    return Calibration(
        judge=judge or "the judge",
        labels=known,
        agreement=kappa(said, [int(item.human >= PASSING) for item in known]),
    )


def _lines(evaluation: Evaluation, primary: str, seed: int) -> list[MetricLine]:
    columns = columns_of(evaluation)
    names = dict.fromkeys((primary, *evaluation.metrics, *columns.values))
    # repeats of a case and cases of a document are not independent
    groups = [
        group if group is not None else f"case {case}"
        for case, group in zip(columns.cases, columns.groups, strict=True)
    ]
    found = []
    for name in names:
        if name not in columns.values:
            continue
        values = columns.values[name]
        if name == primary and name not in LOWER:
            values = np.where(np.isnan(values) & columns.errors, 0.0, values)
        scored = np.flatnonzero(~np.isnan(values)).tolist()
        known = values[scored]
        large = name in LOWER or bool(((known < 0) | (known > 1)).any())
        found.append(
            MetricLine(
                name=name,
                about=METRICS[name].about if name in METRICS else "",
                amount=large,
                estimate=mean_estimate(
                    known, [groups[place] for place in scored], bounded=not large, seed=seed
                ),
                unscored=len(values) - len(known),
                median=float(np.quantile(known, 0.5)) if len(known) else None,
                p90=float(np.quantile(known, 0.9)) if len(known) else None,
            )
        )
    return found


def _point(evaluation: Evaluation, primary: str, spend: str, seed: int) -> Point:
    columns = columns_of(evaluation)
    groups = [
        group if group is not None else f"case {case}"
        for case, group in zip(columns.cases, columns.groups, strict=True)
    ]
    found = []
    for name in (primary, spend):
        values = columns.values.get(name, np.empty(0))
        if name == primary and len(values):
            values = np.where(np.isnan(values) & columns.errors, 0.0, values)
        scored = np.flatnonzero(~np.isnan(values)).tolist()
        own = [groups[place] for place in scored]
        found.append(mean_estimate(values[scored], own, bounded=name == primary, seed=seed))
    return Point(id=evaluation.id, model=evaluation.model, quality=found[0], cost=found[1])


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


def spent(row: Row, spend: str) -> float | None:
    """What a row took, by the amount that the report counts."""
    assert spend in AMOUNTS
    return amount(row, spend)
