"""Judges as a person reads of them in a terminal: calibrations, preferences, rubrics.

Knows layout. Knows nothing of where the text goes.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from .render import grid
from .wording import one_line, plural, visible

if TYPE_CHECKING:
    from ..evals.estimate import Estimate
    from ..evals.judge.bias import LengthBias, PositionBias
    from ..evals.judge.calibration import Calibration
    from ..evals.judge.judgement import Preference
    from ..evals.judge.rubric import Rubric

_SHOWN = 10


def calibration_view(found: "Calibration", corrected: "Estimate | None" = None) -> Group:
    """A judge against people: the table of both, and what follows from it."""
    counts = grid({"no_wrap": True}, *[{"justify": "right", "no_wrap": True}] * 2)
    counts.add_row("", *(Text(f"judge: {word}", style="dim") for word in ("pass", "fail")))
    counts.add_row(Text("people: pass", style="dim"), f"{found.true_pass}", f"{found.false_fail}")
    counts.add_row(Text("people: fail", style="dim"), f"{found.false_pass}", f"{found.true_fail}")
    figures = grid({"no_wrap": True}, {"overflow": "fold"})
    figures.add_row("kappa", _kappa(found.kappa))
    figures.add_row("agreement", str(found.agreement))
    figures.add_row("sensitivity", str(found.sensitivity))
    figures.add_row("specificity", str(found.specificity))
    if corrected is not None:
        said = str(corrected) if corrected.value is not None else corrected.method
        figures.add_row("pass rate, corrected", said)
    left = [f"{found.unscored} without a verdict"] if found.unscored else []
    left += [f"{found.disputed} on which people disagree"] if found.disputed else []
    head = f"{found.judge.metric}  {found.judge.rubric}  {found.judge.model}"
    return Group(
        Text(visible(head), style="bold"),
        Text(f"{plural(found.n, 'answer')} judged and labelled" + _and(left)),
        Text(),
        counts,
        Text(),
        figures,
    )


def calibrations_view(found: "Sequence[Calibration]") -> RenderableType:
    """One line each; what a gate says of it."""
    if not found:
        return Text("no judge was calibrated here: workings judge calibrate LABELS --evaluation ID")
    table = grid({"no_wrap": True}, {"overflow": "fold"}, {"overflow": "fold"}, {"no_wrap": True})
    table.add_row(*(Text(word, style="dim") for word in ("metric", "model", "kappa", "gate")))
    for one in found:
        takes = Text("refuses", style="yellow") if one.objection() else Text("takes", style="green")
        table.add_row(visible(one.judge.metric), visible(one.judge.model), _kappa(one.kappa), takes)
    return table


def preferences_view(
    wins: "Mapping[str, Estimate]",
    position: "PositionBias",
    length: "LengthBias",
    found: "Mapping[str, Preference]",
) -> Group:
    """Who wins how often, what sways the judge, and the first cases."""
    table = grid({"no_wrap": True}, {"overflow": "fold"})
    for name, share in wins.items():
        table.add_row(visible(name), str(share))
    table.add_row("both orders agree", str(position.consistent))
    table.add_row("the first is preferred", f"{position.first} (no bias: 50 %){_p(position.p)}")
    table.add_row("the longer wins", f"{length.longer}{_p(length.p)}")
    cases = [
        Text(f"  {visible(case)}  {pair.winner or 'unscored'}  {one_line(pair.reason, 90)}")
        for case, pair in list(found.items())[:_SHOWN]
    ]
    more = [Text(f"  ... {len(found) - _SHOWN} more (--json)")] if len(found) > _SHOWN else []
    return Group(table, Text(), *cases, *more)


def rubrics_view(rubrics: "Sequence[Rubric]") -> RenderableType:
    """One line each."""
    table = grid({"no_wrap": True}, {"no_wrap": True, "style": "dim"}, {"overflow": "fold"})
    for rubric in rubrics:
        table.add_row(f"judge:{rubric.name}", f"{rubric.version} {rubric.hash}", rubric.about)
    return table


def _kappa(found: "Estimate") -> str:
    """Kappa is no share: never in per cent."""
    if found.value is None or found.low is None or found.high is None:
        return f"{found.method} (n={found.n})"
    return f"{found.value:.2f} [{found.low:.2f}, {found.high:.2f}] (n={found.n})"


def _p(p: float | None) -> str:
    return "" if p is None else f", p = {p:.2g}"


def _and(parts: Sequence[str]) -> str:
    return f"; left out: {', '.join(parts)}" if parts else ""
