"""An evaluation as a person reads it in a terminal: each metric with its interval, what it took.

Knows layout. Knows nothing of where the text goes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from .render import grid
from .wording import one_line, plural, seconds, visible

if TYPE_CHECKING:
    from ..evals.evaluation import Evaluation, Row
    from ..evals.progress import Progress
    from ..evals.summary import MetricSummary, Spread, Summary

_FAILED = 5


def evaluation_view(found: "Summary", rows: "Sequence[Row]" = ()) -> Group:
    """The table of an evaluation; `rows`: of those that ended in an error the first are told."""
    times = f" x {found.repeats}" if found.repeats > 1 else ""
    head = Text.assemble(
        (visible(found.id), "bold"),
        f"  {visible(found.gold)}, {plural(found.cases, 'case')}{times}  {visible(found.model)}",
    )
    parts: list[RenderableType] = [head]
    if not found.complete:
        asked = f"not complete: {found.rows} of {found.cases * found.repeats} ended"
        parts.append(Text(asked, style="yellow"))
    parts += [Text(), _metrics(found.metrics), Text(), *_taken(found)]
    failed = [row for row in rows if row.error is not None]
    if failed:
        parts.append(Text(f"{plural(len(failed), 'error')} (each counts as failed)", style="red"))
        parts += [
            Text(f"  {visible(row.case)}  {one_line(row.error or '', 120)}", style="dim")
            for row in failed[:_FAILED]
        ]
        if len(failed) > _FAILED:
            parts.append(Text(f"  ... {len(failed) - _FAILED} more", style="dim"))
    return Group(*parts)


def evaluations_view(found: "Sequence[tuple[Evaluation, Summary]]") -> RenderableType:
    """The evaluations there are, one a line, the newest last."""
    if not found:
        return Text("no evaluation is kept here: workings eval GOLD makes one")
    right = {"justify": "right", "no_wrap": True}
    table = grid(
        {"no_wrap": True}, {"no_wrap": True}, {"overflow": "fold"}, right, {"no_wrap": True}
    )
    table.add_row(*(Text(word, style="dim") for word in ("id", "gold", "model", "rows", "")))
    for evaluation, figures in found:
        first = figures.metrics[0] if figures.metrics else None
        said = "" if first is None else f"{visible(first.metric)} {_figures(first)}"
        total = figures.cases * figures.repeats
        count = f"{figures.rows}" if figures.complete else f"{figures.rows} of {total}"
        table.add_row(
            visible(evaluation.id), visible(evaluation.gold), visible(evaluation.model), count, said
        )
    return table


def progress_line(now: "Progress") -> str:
    """How far it is: done, rate, cost and what is left."""
    parts = [f"{now.done:,} of {now.total:,}"]
    if now.rate:
        parts.append(f"{now.rate:.1f}/s" if now.rate >= 1 else f"{60 * now.rate:.1f}/min")
    if now.cost_usd:
        parts.append(f"{now.cost_usd:.4f} USD")
    elif now.tokens:
        parts.append(f"{now.tokens:,} tokens")
    if now.errors:
        parts.append(plural(now.errors, "error"))
    if now.waiting:
        parts.append(f"the service asks to wait {seconds(now.waiting)}")
    elif now.left is not None:
        parts.append(f"{seconds(now.left)} left")
    return ", ".join(parts)


def _metrics(metrics: "Sequence[MetricSummary]") -> RenderableType:
    right = {"justify": "right", "no_wrap": True}
    table = grid({"no_wrap": True}, right, right, right, right, {"overflow": "fold"})
    heads = ("", "", "95 % interval", "n", "unscored", "")
    table.add_row(*(Text(head, style="dim") for head in heads))
    for metric in metrics:
        estimate = metric.estimate
        known = estimate.low is not None and estimate.high is not None
        between = f"{_figure(metric, estimate.low)} to {_figure(metric, estimate.high)}"
        table.add_row(
            visible(metric.metric),
            _figure(metric, estimate.value),
            between if known else "none",
            f"{estimate.n:,}",
            f"{metric.unscored:,}" if metric.unscored else "",
            Text(estimate.method if estimate.n else "", style="dim"),
        )
    return table


def _figure(metric: "MetricSummary", value: float | None) -> str:
    if value is None:
        return "no data"
    if metric.scale == "share":
        return f"{value * 100:.1f} %"
    if metric.scale == "score":
        return f"{value:.3f}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _figures(metric: "MetricSummary") -> str:
    low, high = metric.estimate.low, metric.estimate.high
    if low is None or high is None:
        return _figure(metric, metric.estimate.value)
    between = f"{_figure(metric, low)} to {_figure(metric, high)}"
    return f"{_figure(metric, metric.estimate.value)} ({between})"


def _taken(found: "Summary") -> list[RenderableType]:
    """Tokens, money and time; what is not known is said."""
    lines = []
    if found.tokens.total is not None:
        tokens = f"{found.tokens.total:,.0f} tokens{_each(found.tokens, '{:,.0f}')}"
        lines.append(tokens + _partly(found.tokens, found.rows))
    else:
        lines.append("tokens: not counted")
    if found.cost_usd.total is not None:
        cost = f"{found.cost_usd.total:.4g} USD{_each(found.cost_usd, '{:.3g}')}"
        lines.append(cost + _partly(found.cost_usd, found.rows))
    else:
        lines.append("cost: not known")
    if found.seconds.median is not None and found.seconds.p95 is not None:
        middle, late = seconds(found.seconds.median), seconds(found.seconds.p95)
        lines.append(f"latency: half within {middle}, 95 % within {late}")
    lines.append(f"{plural(found.refused, 'refusal')} of {plural(found.rows, 'row')}")
    return [Text(line, style="dim") for line in lines]


def _each(spread: "Spread", how: str) -> str:
    return f" ({how.format(spread.median)} for half of the cases)" if spread.median else ""


def _partly(spread: "Spread", rows: int) -> str:
    return "" if spread.known == rows else f", known of {spread.known:,} of {rows:,} rows"
