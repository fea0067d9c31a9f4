"""Failure patterns: where the failures of an evaluation gather, and whether that is chance.

Every slice is tested by an exact test, the tests are corrected for how many there are (Holm), and
what is explained by a stronger pattern is said to be. Knows nothing of printing. The slices are in
`evals.slices`, the tests in `evals.stats_exact`.
"""

from collections.abc import Sequence

import numpy as np

from ..tools.documents import Frozen
from ..tools.errors import GoldError
from .columns import AMOUNTS, LOWER
from .estimate import Estimate
from .evaluation import Evaluation, Row
from .flips import PASSING
from .gold import GoldSet
from .slice_tests import LEAST, Bools, Tested, merged, tested_slice
from .slices import Slice, automatic
from .stats_exact import gathered, reachable, risk_difference
from .stats_tests import holm

_SLOWEST = 0.8
"""Of an amount (seconds, tokens) the cases above this quantile count as failed."""


class Pattern(Frozen):
    """A slice in which more cases fail than elsewhere."""

    slice: str
    about: str
    """question, expected, retrieval, run or label."""
    advice: str
    failed: int
    n: int
    """Of so many cases in the slice."""
    failed_elsewhere: int
    n_elsewhere: int
    difference: Estimate
    """Share that fails inside less the share outside."""
    p: float
    """One-sided, of this slice alone."""
    p_adjusted: float
    """Corrected by Holm's method over every slice that could have been found."""
    test: str
    also: tuple[str, ...] = ()
    """Slices that hold (nearly) the same cases."""
    explained_by: str | None = None
    """A stronger pattern: among cases that are alike in it, this one does not stand out."""
    cases: tuple[str, ...] = ()
    """Ids of the cases that failed in it."""

    def __str__(self) -> str:
        return (
            f"fails on {self.slice}: {self.failed}/{self.n} vs"
            f" {self.failed_elsewhere}/{self.n_elsewhere}, p={_chance(self.p)}, adjusted"
            f" p={_chance(self.p_adjusted)}"
        )


class Patterns(Frozen):
    """What was looked for and what was found."""

    evaluation: str
    metric: str
    cases: int
    """Scored ones."""
    failed: int
    found: tuple[Pattern, ...]
    """The strongest first; those that a stronger one explains come last."""
    unproven: tuple[Pattern, ...]
    """The next strongest, which may be chance."""
    slices: int
    """How many were looked at, after merging those that hold the same cases."""
    tested: int
    """How many of them could have been found; the rest are too small."""
    refused: int
    errors: int
    """How the failed cases ended; the others gave a wrong answer."""
    alpha: float
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.found:
            return "\n".join(map(str, self.found))
        return (
            f"no pattern: {self.failed} of {self.cases} cases fail, and no slice of {self.slices}"
            " stands out beyond chance"
        )


def patterns(
    evaluation: Evaluation,
    gold: GoldSet | None = None,
    *,
    metric: str | None = None,
    alpha: float = 0.05,
    slices: Sequence[Slice] | None = None,
    most: int = 5,
) -> Patterns:
    """Find where the failures of a metric gather (default: the primary one).

    A case fails when the mean of its repeats is under 0.5, or it ended in an error; of an amount,
    when it is among the highest fifth. `gold` gives what is expected of each case: pages, values,
    refusals. `slices`: others than `automatic`. `most`: how many unproven ones to tell. Raises
    `GoldError` when no case is scored.
    """
    name = metric or (evaluation.metrics[0] if evaluation.metrics else "correct")
    cases = {case.id: case for case in gold.cases} if gold is not None else {}
    rows, failed = _by_case(evaluation, name)
    chosen = automatic(rows, LEAST) if slices is None else tuple(slices)
    kept = merged(chosen, rows, cases)
    groups = [row.group for row in rows]
    tested = [tested_slice(one, also, inside, applies, failed, groups)
              for one, also, inside, applies in kept]  # fmt: skip
    able = reachable([item.result.least for item in tested], alpha)
    family = [tested[place] for place in able]
    adjusted = holm([item.result.p for item in family])
    order = sorted(range(len(family)), key=lambda place: (adjusted[place], family[place].result.p))
    told = [(family[place], adjusted[place]) for place in order]
    strong = [(item, p) for item, p in told if p <= alpha]
    found = _explained(strong, rows, failed, groups, alpha)
    weak = [_pattern(item, p, rows, failed, groups) for item, p in told if p > alpha][:most]
    bad = [row for row, fails in zip(rows, failed, strict=True) if fails]
    notes = []
    if gold is None:
        notes.append(
            "without the gold set nothing is known of pages and refusals that are expected"
        )
    elif missing := sum(row.case not in cases for row in rows):
        notes.append(f"{missing} of {len(rows)} cases are not in the gold set")
    if not 0 < len(bad) < len(rows):
        notes.append(f"{'every' if bad else 'no'} case fails: there is nothing to tell apart")
    return Patterns(
        evaluation=evaluation.id,
        metric=name,
        cases=len(rows),
        failed=len(bad),
        found=found,
        unproven=tuple(item for item in weak if item.p < 0.5),
        slices=len(tested),
        tested=len(family),
        refused=sum(row.refused and row.error is None for row in bad),
        errors=sum(row.error is not None for row in bad),
        alpha=alpha,
        notes=tuple(notes),
    )


def _by_case(evaluation: Evaluation, metric: str) -> tuple[list[Row], Bools]:
    """A row for each scored case, that ended as most of its repeats did, and which cases fail."""
    by_case: dict[str, list[tuple[Row, float]]] = {}
    primary = bool(evaluation.metrics) and metric == evaluation.metrics[0]
    for row in evaluation.rows:
        value = amount(row, metric)
        if value is None and row.error is not None and primary and metric not in LOWER:
            value = 0.0
        if value is not None:
            by_case.setdefault(row.case, []).append((row, value))
    if not by_case:
        known = ", ".join(evaluation.metrics) or "none"
        raise GoldError(
            f"no case of {evaluation.id} is scored by {metric!r}; its metrics are {known}"
        )
    means = np.array([np.mean([value for _, value in rows]) for rows in by_case.values()])
    limit = float(np.quantile(means, _SLOWEST)) if metric in LOWER else PASSING
    fails = means > limit if metric in LOWER else means < limit
    rows = []
    for asked, bad in zip(by_case.values(), fails, strict=True):
        ended = [row for row, value in asked if (value < limit) == (bad == (metric not in LOWER))]
        rows.append(ended[0] if ended else asked[0][0])
    return rows, fails


def amount(row: Row, metric: str) -> float | None:
    """A metric of a row, or one of the amounts that every row has."""
    found = row.value(metric)
    if found is not None or metric not in AMOUNTS:
        return found
    return {
        "cost": row.cost_usd,
        "latency": row.seconds,
        "tokens": None if row.tokens is None else float(row.tokens),
        "requests": float(row.requests),
    }[metric]


def _explained(
    strong: Sequence[tuple[Tested, float]],
    rows: Sequence[Row],
    failed: Bools,
    groups: list[str | None],
    alpha: float,
) -> tuple[Pattern, ...]:
    """The patterns, each held against the stronger ones that stand by themselves."""
    alone: list[tuple[Tested, Pattern]] = []
    rest: list[Pattern] = []
    for item, p in strong:
        made = _pattern(item, p, rows, failed, groups)
        for other, stronger in alone:
            scope = item.applies
            # where the stronger one does not apply its cases stand for themselves
            strata = [
                (bool(other.inside[place]), bool(other.applies[place]))
                for place in np.flatnonzero(scope).tolist()
            ]
            if gathered(item.inside[scope], failed[scope], strata).p > alpha:
                rest.append(made.model_copy(update={"explained_by": stronger.slice}))
                break
        else:
            alone.append((item, made))
    return (*(made for _, made in alone), *rest)


def _pattern(
    item: Tested, p: float, rows: Sequence[Row], failed: Bools, groups: list[str | None]
) -> Pattern:
    part, bad = item.inside[item.applies], failed[item.applies]
    own = [groups[place] for place in np.flatnonzero(item.applies).tolist()]
    ids = [rows[place].case for place in np.flatnonzero(item.inside & failed).tolist()]
    return Pattern(
        slice=item.slice.name,
        about=item.slice.about,
        advice=item.slice.advice,
        failed=int((part & bad).sum()),
        n=int(part.sum()),
        failed_elsewhere=int((~part & bad).sum()),
        n_elsewhere=int((~part).sum()),
        difference=risk_difference(part, bad, None if item.slice.by_group else own),
        p=item.result.p,
        p_adjusted=p,
        test=item.test,
        also=item.also,
        cases=tuple(ids),
    )


def _chance(p: float) -> str:
    return f"{p:.1e}" if p < 0.001 else f"{p:.3f}"
