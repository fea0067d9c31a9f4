"""Two evaluations of the same cases: better, worse, equivalent, or not enough data to say.

Paired by case, repeats averaged, clustered by group, corrected for the number of metrics. Knows
nothing of how cases are asked or of printing. `evals.compare` compares two runs step by step.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from ..tools.documents import Frozen
from ..tools.errors import GoldError
from .columns import AMOUNTS, LOWER, Columns, columns_of, read_columns
from .evaluation import Evaluation
from .flips import Flip, flips
from .metric_comparison import MetricComparison, compared
from .pairing import Pairing
from .stats import SEED

_NAMED = 10


class Comparison(Frozen):
    """What B is against A."""

    a: str
    b: str
    cases: int
    """In both, with the same question, and not quarantined."""
    only_a: tuple[str, ...]
    only_b: tuple[str, ...]
    changed: tuple[str, ...]
    """Cases whose question is not the same; left out."""
    quarantined: dict[str, str]
    """Cases left out as flaky, with the reason."""
    metrics: tuple[MetricComparison, ...]
    """The first decides."""
    beside: tuple[MetricComparison, ...]
    """Cost, latency, tokens: corrected among themselves."""
    flips: tuple[Flip, ...]
    """Of the first metric: those that got worse come first."""
    lost: int
    won: int
    """How many flipped to fail and to pass, also where `flips` was cut."""
    notes: tuple[str, ...]
    alpha: float
    seed: int

    def objections(self, named: Sequence[str] = (), inferiority: bool = False) -> tuple[str, ...]:
        """Why a gate stays closed; empty: it opens.

        Every named metric must be better or equivalent; when none is named the first one must,
        and no other may be worse. With `inferiority` a metric also passes when it is not inferior.
        """
        found = []
        for place, metric in enumerate(self.metrics):
            decides = metric.metric in named if named else place == 0
            if inferiority and metric.non_inferior:
                continue
            if metric.verdict == "worse" or (decides and metric.verdict == "inconclusive"):
                found.append(f"{metric.metric} is {metric.verdict}")
        return tuple(found)


def compare(
    a: Evaluation | Columns | str | Path,
    b: Evaluation | Columns | str | Path,
    *,
    metrics: Sequence[str] | None = None,
    margin: float = 0.05,
    alpha: float = 0.05,
    seed: int = SEED,
    quarantined: Mapping[str, str] | None = None,
    most_flips: int = 200,
    by: Literal["group", "case"] = "group",
) -> Comparison:
    """Compare b with a, over the cases that both have. The same input gives the same result.

    `metrics`: those that count (default: all that both measured, the primary one first); amounts
    such as cost stand beside unless named. A verdict is better or worse when Holm's p is at most
    alpha and the interval excludes 0; else equivalent when the interval lies within +-margin;
    else inconclusive. A row that ended in an error and has no value fails the primary metric.
    `by`: what the verdict is to hold for: `group`, other documents too (cases of one document
    count as one draw); `case`, other questions on these.
    Raises `GoldError` when no case is in both, a metric is unknown, or a file cannot be read.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha {alpha}: expected a number between 0 and 1")
    if not 0 <= margin < math.inf:
        raise ValueError(f"margin {margin}: expected a number of 0 or more")
    left, right = _columns(a), _columns(b)
    names = _names(left, right, metrics)
    pairing = Pairing(left, right, quarantined or {})
    primary = left.metrics[0] if left.metrics else None
    beside = [name for name in AMOUNTS if name not in names]
    if metrics is None:
        beside = list(dict.fromkeys([*beside, *(n for n in left.metrics if n in LOWER)]))
    beside = [name for name in beside if name in left.values and name in right.values]
    measured = [pairing.pair(name, failing=name == primary) for name in names]
    along = [pairing.pair(name, failing=False) for name in beside]
    groups = pairing.groups if by == "group" else [None] * len(pairing.groups)
    table = compared(names, measured, groups, margin, alpha, seed)
    lost, won, shown = flips(left, right, pairing, names, measured, most_flips)
    return Comparison(
        a=left.id,
        b=right.id,
        cases=len(pairing.cases),
        only_a=pairing.only_a,
        only_b=pairing.only_b,
        changed=pairing.changed,
        quarantined=pairing.quarantined,
        metrics=table,
        beside=compared(beside, along, groups, margin, alpha, seed),
        flips=shown,
        lost=lost,
        won=won,
        notes=_notes(left, right, pairing, table),
        alpha=alpha,
        seed=seed,
    )


def _columns(side: Evaluation | Columns | str | Path) -> Columns:
    if isinstance(side, Columns):
        return side
    return columns_of(side) if isinstance(side, Evaluation) else read_columns(side)


def _names(left: Columns, right: Columns, wanted: Sequence[str] | None) -> list[str]:
    if wanted is not None:
        for name in wanted:
            left.column(name)
            right.column(name)
        return list(dict.fromkeys(wanted))
    both = [name for name in left.metrics if name in left.values and name in right.values]
    names = [name for name in both if name not in LOWER]
    if not names:
        raise GoldError(
            f"{left.id} and {right.id} measured no metric in common"
            f" ({', '.join(left.metrics)}; {', '.join(right.metrics)})"
        )
    return names


def _notes(
    left: Columns, right: Columns, pairing: Pairing, table: Sequence[MetricComparison]
) -> tuple[str, ...]:
    """What a reader must know before believing the table."""
    found = []
    total = len(pairing.cases)
    if (left.id, left.created) == (right.id, right.created):
        found.append(f"A and B are the same evaluation ({left.id}): nothing can differ")
    for side, only in ((left, pairing.only_a), (right, pairing.only_b)):
        if only:
            found.append(f"{_cases(only)} only in {side.id}: compared over the {total} in both")
    if pairing.changed:
        found.append(f"{_cases(pairing.changed)} with another question in {right.id}: left out")
    if pairing.quarantined:
        found.append(f"{_cases(tuple(pairing.quarantined))} in quarantine: left out")
    if left.gold_hash != right.gold_hash:
        found.append(
            f"the gold sets differ ({left.gold} {left.gold_hash[:8]}, {right.gold}"
            f" {right.gold_hash[:8]}): verdicts may rest on different expectations"
        )
    for side in (left, right):
        failed = int(side.errors.sum())
        if failed:
            found.append(f"{failed} of {len(side.cases)} rows of {side.id} ended in an error")
    for metric in table:
        if metric.n < total:
            found.append(f"{metric.metric}: scored on both sides in {metric.n} of {total} cases")
    return tuple(found)


def _cases(ids: Sequence[str]) -> str:
    more = f", ... {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return f"{len(ids)} case{'s' * (len(ids) != 1)} ({', '.join(ids[:_NAMED])}{more})"
