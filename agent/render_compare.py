"""A comparison as a person reads it in a terminal: verdicts, effects, cases that flipped.

Knows layout and colour. Knows nothing of where the text goes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from .render import grid
from .wording import one_line, plural, visible

if TYPE_CHECKING:
    from ..evals.comparison import Comparison
    from ..evals.flakes import History
    from ..evals.flips import Flip
    from ..evals.metric_comparison import MetricComparison

_COLOURS = {"better": "green", "worse": "red", "equivalent": "cyan", "inconclusive": "yellow"}
_UNITS = {"cost": "USD", "latency": "s"}


def comparison_view(found: "Comparison", most: int = 20) -> Group:
    """The whole comparison; at most `most` flips."""
    parts: list[RenderableType] = [
        Text.assemble(
            (visible(found.b), "bold"), " against ", (visible(found.a), "bold"),
            f" over {plural(found.cases, 'case')}",
        ),
        Text(),
        _table(found.metrics),
    ]  # fmt: skip
    known = [metric for metric in found.beside if metric.n]
    if known:
        parts += [Text(), _table(known)]
    unknown = [metric.metric for metric in found.beside if not metric.n]
    if unknown:
        parts.append(Text(f"not known on both sides: {', '.join(unknown)}", style="dim"))
    parts += [Text(), *_verdict(found.metrics[0], found.alpha)]
    if found.lost or found.won:
        parts += [Text(), *_flips(found, most)]
    if found.notes:
        parts.append(Text())
        parts.extend(Text(f"note: {visible(note)}", style="yellow") for note in found.notes)
    return Group(*parts)


def flakes_view(cases: Sequence["History"]) -> RenderableType:
    """Flaky cases: chance that two runs disagree, pass^3, quarantine."""
    if not cases:
        return Text("no case flickers, and none is in quarantine")
    table = grid(
        {"no_wrap": True}, {"justify": "right"}, {"justify": "right"}, {"overflow": "fold"}
    )
    table.add_row(*(Text(head, style="dim") for head in ("case", "flicker", "pass^3", "")))
    for case in cases:
        chance, all_pass = case.flicker, case.pass_hat_k(3)
        aside = "" if case.quarantined is None else f"quarantined: {visible(case.quarantined)}"
        table.add_row(
            visible(case.case),
            "" if chance is None else f"{chance:.2f}",
            "" if all_pass is None else f"{all_pass:.2f}",
            Text(aside, style="yellow"),
        )
    return table


def _table(metrics: Sequence["MetricComparison"]) -> RenderableType:
    right = {"justify": "right", "no_wrap": True}
    words = {"overflow": "fold"}  # where it is narrow, words give way: a cut figure is another one
    table = grid(words, right, right, right, right, right, right, words)
    heads = ("", "A", "B", "B - A", "95 % interval", "p (Holm)", "n", "")
    table.add_row(*(Text(head, style="dim") for head in heads))
    for metric in metrics:
        table.add_row(
            visible(metric.metric),
            _figure(metric, metric.a),
            _figure(metric, metric.b),
            _figure(metric, metric.effect, sign=True),
            _interval(metric),
            "" if metric.p_holm is None else _chance(metric.p_holm),
            str(metric.n),
            _word(metric),
        )
    return table


def _word(metric: "MetricComparison") -> Text:
    word = Text(metric.verdict, style=_COLOURS[metric.verdict])
    if metric.need_n is not None:
        word.append(f": need {metric.need_n:,} more", style="dim")
    return word


def _share(metric: "MetricComparison") -> bool:
    return not metric.lower_is_better and all(
        value is None or 0 <= value <= 1 for value in (metric.a, metric.b)
    )


def _figure(metric: "MetricComparison", value: float | None, sign: bool = False) -> str:
    if value is None:
        return "-"
    plus = "+" if sign else ""
    if _share(metric):
        return f"{value * 100:{plus}.1f}" + ("" if sign else " %")
    unit = f" {_UNITS[metric.metric]}" if metric.metric in _UNITS and not sign else ""
    return f"{value:{plus}.3g}{unit}" if abs(value) < 1000 else f"{value:{plus},.0f}{unit}"


def _interval(metric: "MetricComparison") -> str:
    if metric.low is None or metric.high is None:
        return "none"
    return f"{_figure(metric, metric.low, True)} to {_figure(metric, metric.high, True)}"


def _chance(p: float) -> str:
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def _verdict(metric: "MetricComparison", alpha: float) -> list[RenderableType]:
    """What decided, in words, and what could not have been seen."""
    lines = [
        f"{metric.metric}: {metric.test}, interval by {metric.interval}; p is corrected for the"
        f" metrics it stands with (Holm), level {alpha:g}"
    ]
    if metric.detectable is not None and metric.n and _share(metric) and metric.detectable > 1:
        where = f"{plural(metric.n, 'case')} in {plural(metric.groups, 'group')}"
        lines.append(f"{where}: too few to find any difference in 8 of 10 attempts")
    elif metric.detectable is not None and metric.n:
        scale = metric.detectable * 100 if _share(metric) else metric.detectable
        unit = " points" if _share(metric) else ""
        lines.append(
            f"{plural(metric.n, 'case')} find a difference of {scale:.3g}{unit} in 8 of 10"
            " attempts; a smaller one may go unseen"
        )
    return [Text(visible(line), style="dim") for line in lines]


def _flips(found: "Comparison", most: int) -> list[RenderableType]:
    name = visible(found.metrics[0].metric)
    parts: list[RenderableType] = [
        Text(f"{found.lost} passed in A and fail in B, {found.won} the other way ({name})")
    ]
    shown = list(found.flips[:most])
    for flip in shown:
        parts.append(Padding(_flip(flip), (0, 0, 0, 2)))
    hidden = found.lost + found.won - len(shown)
    if hidden:
        parts.append(Text(f"  ... {hidden} more (--flips {found.lost + found.won})", style="dim"))
    return parts


def _flip(flip: "Flip") -> Text:
    mark, style = ("-", "red") if flip.lost else ("+", "green")
    line = Text.assemble(
        (f"{mark} {visible(flip.case)}", style), f"  {one_line(flip.question, 90)}"
    )
    for side, reason, trace in (
        ("A", flip.reason_a, flip.trace_a), ("B", flip.reason_b, flip.trace_b)
    ):  # fmt: skip
        where = "" if trace is None else f"  ({visible(trace)})"
        line.append(
            f"\n    {side}: {one_line(reason, 120) or 'no reason given'}{where}", style="dim"
        )
    return line
