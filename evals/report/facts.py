"""What a report says of an evaluation, as data; how a row ended, and what it took.

Knows the shapes (`evals.report.building` fills them). Knows nothing of HTML, Markdown or XML.
"""

from typing import Literal

from ...tools.documents import Frozen
from ..columns import AMOUNTS
from ..comparison import Comparison
from ..divergence import Divergence
from ..estimate import Estimate
from ..evaluation import Row
from ..flips import PASSING
from ..patterns import Patterns, amount

Outcome = Literal["pass", "fail", "error", "unscored"]


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
    """The metric."""
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


def outcome(row: Row, metric: str) -> Outcome:
    """How a row ended by a metric: an error without a value is one, whatever it would have been."""
    value = row.value(metric)
    if row.error is not None:
        return "error"
    if value is None:
        return "unscored"
    return "pass" if value >= PASSING else "fail"


def spent(row: Row, spend: str) -> float | None:
    """What a row took, by the amount that the report counts."""
    assert spend in AMOUNTS
    return amount(row, spend)
