"""A report and failure patterns as a person reads them in a terminal.

Knows layout and colour. Knows nothing of where the text goes.
"""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from ..evals.report.words import sized
from .render import grid
from .render_compare import comparison_view
from .wording import one_line, plural, visible

if TYPE_CHECKING:
    from ..evals.attribute import Attributions
    from ..evals.counterfactual import Counterfactual
    from ..evals.patterns import Pattern, Patterns
    from ..evals.report import MetricLine, Report

_FAILED = 10
_WIDE = 24


def report_view(report: "Report") -> Group:
    """The whole report: figures, patterns, comparison, the first failed cases."""
    again = f" x {report.repeats}" if report.repeats > 1 else ""
    parts: list[RenderableType] = [
        Text.assemble(
            (visible(report.id), "bold"),
            f"  {visible(report.gold)}, {plural(report.cases, 'case')}{again}"
            f"  {visible(report.model)}",
        ),
        Text(),
        _metrics(report),
    ]
    if report.patterns is not None:
        parts += [Text(), patterns_view(report.patterns)]
    if report.ranks:
        parts += [Text(), _ranks(report)]
    if report.comparison is not None:
        parts += [Text(), comparison_view(report.comparison)]
    else:
        parts += _failed(report)
    parts += [Text(f"note: {visible(note)}", style="yellow") for note in report.notes]
    return Group(*parts)


def patterns_view(found: "Patterns") -> Group:
    """Where it fails: each slice that stands out, then those that may be chance."""
    wrong = found.failed - found.refused - found.errors
    parts: list[RenderableType] = [
        Text.assemble(
            ("Where it fails", "bold"),
            f"  {found.failed} of {plural(found.cases, 'case')}: {wrong} wrong,"
            f" {found.refused} refused, {plural(found.errors, 'error')}",
        )
    ]
    if not found.found:
        parts.append(Text(f"no slice of {found.slices} stands out beyond chance", style="dim"))
    for item in found.found:
        parts.append(Text(visible(str(item)), style="red"))
        if item.also:
            parts.append(Text(f"  the same cases: {visible(', '.join(item.also))}", style="dim"))
        if item.explained_by:
            parts.append(Text(f"  explained by {visible(item.explained_by)}", style="dim"))
        else:
            parts.append(Text(f"  {_effect(item)}; {visible(item.advice)}", style="dim"))
            ids = ", ".join(item.cases[:8]) + (", ..." if len(item.cases) > 8 else "")
            parts.append(Text(f"  {visible(ids)}", style="dim"))
    if found.unproven:
        told = "; ".join(
            f"{item.slice} {item.failed}/{item.n} vs {item.failed_elsewhere}/{item.n_elsewhere}"
            for item in found.unproven[:3]
        )
        parts.append(Text(f"may be chance: {visible(told)}", style="dim"))
    parts.append(
        Text(
            f"{plural(found.slices, 'slice')} looked at, {found.tested} large enough to be found;"
            f" exact tests, Holm at {found.alpha:g}",
            style="dim",
        )
    )
    parts += [Text(f"note: {visible(note)}", style="yellow") for note in found.notes]
    return Group(*parts)


def counterfactual_view(found: "Counterfactual") -> Group:
    """A suspicion that was tried."""
    colour = {"confirmed": "red", "not confirmed": "green"}.get(found.verdict, "yellow")
    parts: list[RenderableType] = [
        Text.assemble((f"{found.kind}: {found.verdict}", colour), f"  {visible(found.reason)}")
    ]
    for case, why in list(found.left_out.items())[:5]:
        parts.append(Text(f"  left out {visible(case)}: {one_line(why, 100)}", style="dim"))
    return Group(*parts)


def attributions_view(found: "Attributions") -> Group:
    """Which part flipped each case."""
    parts: list[RenderableType] = [
        Text.assemble(("What flipped them", "bold"), f"  {visible(str(found))}")
    ]
    table = grid({"no_wrap": True}, {"no_wrap": True}, {"overflow": "fold"})
    for item in found.cases:
        parts_in = f" ({' x '.join(item.parts)})" if item.cause == "interaction" else ""
        table.add_row(
            visible(item.case), f"{item.cause}{parts_in}", Text(visible(item.reason), style="dim")
        )
    parts.append(table)
    return Group(*parts)


def _metrics(report: "Report") -> RenderableType:
    right = {"justify": "right", "no_wrap": True}
    table = grid({"no_wrap": True}, right, {"no_wrap": True}, right, right, {"no_wrap": True})
    heads = ("", "", "", "95 % interval", "n", "")
    table.add_row(*(Text(head, style="dim") for head in heads))
    for line in report.metrics:
        value, low, high = line.estimate.value, line.estimate.low, line.estimate.high
        told = "-" if value is None else f"{value * 100:.1f} %"
        reach = "none" if low is None or high is None else f"{low * 100:.1f} to {high * 100:.1f}"
        away = f"{line.unscored} unscored" if line.unscored else ""
        table.add_row(
            visible(line.name), told, _bar(line), reach, f"{line.estimate.n:,}",
            Text(away, style="dim"),
        )  # fmt: skip
    for line in report.amounts:
        value = line.estimate.value
        half = "" if line.median is None else f"half within {sized(line.median, line.name)}"
        most = "" if line.p90 is None else f"9 of 10 within {sized(line.p90, line.name)}"
        table.add_row(
            visible(line.name), sized(value, line.name), Text(half, style="dim"), "",
            f"{line.estimate.n:,}", Text(most, style="dim"),
        )  # fmt: skip
    return table


def _bar(line: "MetricLine") -> Text:
    """The interval on a line from 0 to 1."""
    low, high, value = line.estimate.low, line.estimate.high, line.estimate.value
    if value is None or low is None or high is None:
        return Text("")

    def at(share: float) -> int:
        return min(_WIDE - 1, max(0, round(share * (_WIDE - 1))))

    marks = ["\u00b7"] * _WIDE
    for place in range(at(low), at(high) + 1):
        marks[place] = "\u2500"
    marks[at(value)] = "\u25cf"
    return Text("".join(marks), style="cyan")


def _ranks(report: "Report") -> Text:
    told = ", ".join(f"{item.rank}: {item.passed + item.failed}" for item in report.ranks)
    return Text.assemble(("Rank of the right page", "bold"), f"  {told}")


def _failed(report: "Report") -> list[RenderableType]:
    bad = [view for view in report.views if view.outcome in ("fail", "error")]
    if not bad:
        return []
    parts: list[RenderableType] = [Text(), Text(plural(len(bad), "failed row"), style="bold")]
    for view in bad[:_FAILED]:
        where = f"  ({visible(view.row.trace)})" if view.row.trace else ""
        parts.append(
            Text.assemble(
                (f"- {visible(view.row.case)}", "red"), f"  {one_line(view.row.question, 90)}",
                (f"\n    {one_line(view.reason, 120)}{where}", "dim"),
            )
        )  # fmt: skip
    if len(bad) > _FAILED:
        parts.append(
            Text(f"  ... {len(bad) - _FAILED} more (--html FILE has them all)", style="dim")
        )
    return parts


def _effect(item: "Pattern") -> str:
    found = item.difference
    if found.value is None or found.low is None or found.high is None:
        return item.test
    return (
        f"{found.value * 100:+.0f} points ({found.low * 100:.0f} to {found.high * 100:.0f}),"
        f" {item.test}"
    )
