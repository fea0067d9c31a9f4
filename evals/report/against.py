"""What changed since a baseline, on the page: the verdict, each metric, the cases that flipped.

Lays out; works out nothing.
"""

from ..comparison import Comparison
from ..metric_comparison import MetricComparison
from .parts import Line, card, forest, pill
from .plots import esc, interval, scale
from .words import chance, effect, side


def verdict_box(held: Comparison) -> str:
    """The verdict in a sentence."""
    first = held.metrics[0]
    reach = ""
    if first.low is not None and first.high is not None:
        reach = f" ({effect(first, first.low)} to {effect(first, first.high)})"
    words = {
        "better": "better than", "worse": "worse than", "equivalent": "as good as",
        "inconclusive": "neither shown better nor worse than",
    }[first.verdict]  # fmt: skip
    need = ""
    if first.need_n is not None:
        need = f" Need {first.need_n:,} more cases to decide a difference of this size."
    unit = "" if first.lower_is_better else " points"
    return (
        f'<p class="verdict {first.verdict}"><strong>{first.verdict.capitalize()}.</strong>'
        f" {esc(held.b)} is {words} {esc(held.a)} by {esc(first.metric)}:"
        f" {effect(first, first.effect)}{unit}{reach}, p = {chance(first.p_holm)} over"
        f" {first.n:,} paired cases.{need}</p>"
    )


def against_cards(held: Comparison) -> str:
    """What changed: each metric, then the cases that flipped."""
    edge = max(
        [abs(x) for m in held.metrics for x in (m.low, m.high, m.effect) if x is not None]
        + [held.metrics[0].margin * 2, 0.02]
    )
    span = (-edge * 1.05, edge * 1.05)
    heads = ("metric", "", "before", "now", "change", "p (Holm)", "verdict")
    table = forest(heads, [_changed(m, span) for m in held.metrics if m.n],
                   scale(span, True, points=True))  # fmt: skip
    beside = [metric for metric in held.beside if metric.n]
    if beside:
        table += forest(("amount", *heads[1:]), [_changed(m, None) for m in beside])
    first = held.metrics[0]
    inner = card(
        f"Against {esc(held.a)}",
        "Change of each metric over the same cases, in points. The band is what does not matter.",
        table,
        f"{esc(first.metric)}: {esc(first.test)}; interval by {esc(first.interval)}; p corrected"
        " for the metrics it stands with.",
    )
    return inner + _flips(held)


def _changed(metric: MetricComparison, span: tuple[float, float] | None) -> Line:
    """A metric's row; with a plot of the change where there is a span."""
    plot = None
    if span is not None and metric.effect is not None and not metric.lower_is_better:
        plot = interval(
            metric.effect,
            metric.low,
            metric.high,
            span=span,
            zero=0.0,
            margin=metric.margin,
            kind=metric.verdict,
            title=f"{metric.metric}: {effect(metric, metric.effect)}, {metric.verdict}",
        )
    need = "" if metric.need_n is None else f"<br><small>need {metric.need_n:,} more</small>"
    return (
        esc(metric.metric),
        plot,
        [
            ("before", side(metric, metric.a)),
            ("now", side(metric, metric.b)),
            ("change", effect(metric, metric.effect)),
            ("p", chance(metric.p_holm)),
            ("", pill(metric.verdict, metric.verdict) + need),
        ],
    )


def _flips(held: Comparison) -> str:
    first = held.metrics[0]
    if first.a is None or first.b is None:
        return ""
    both = max(0, round(first.n * first.b) - held.won)
    neither = max(0, first.n - both - held.won - held.lost)
    cells = (
        f'<div class="grid2" role="img" aria-label="{both} pass in both, {held.won} won,'
        f' {held.lost} lost, {neither} fail in both">'
        '<div class="h"></div><div class="h">passes now</div><div class="h">fails now</div>'
        f'<div class="h">passed before</div><div class="cell"><b>{both:,}</b>still pass</div>'
        f'<div class="cell lost"><b>{held.lost:,}</b>lost</div>'
        f'<div class="h">failed before</div><div class="cell won"><b>{held.won:,}</b>won</div>'
        f'<div class="cell"><b>{neither:,}</b>still fail</div></div>'
    )
    if not held.lost + held.won:
        return card("Flips", "No case changed sides.", cells)
    listed = "".join(
        f'<li><details class="{"lost" if flip.lost else "won"}"><summary>'
        f"{pill('lost' if flip.lost else 'won', 'lost' if flip.lost else 'won')}"
        f'<span class="q">{esc(flip.question)}</span><span class="id">{esc(flip.case)}</span>'
        f'</summary><div class="in"><dl><dt>before</dt><dd>{esc(flip.reason_a)}'
        f" {_trace(flip.trace_a)}</dd><dt>now</dt><dd>{esc(flip.reason_b)} {_trace(flip.trace_b)}"
        "</dd></dl></div></details></li>"
        for flip in held.flips[:100]
    )
    more = len(held.flips) - 100
    note = f"{more} more are among the cases below." if more > 0 else ""
    return card(
        "Flips", "Cases that changed sides; the lost ones come first.",
        f'{cells}<ul class="flat" style="margin-top:16px">{listed}</ul>', note,
    )  # fmt: skip


def _trace(id: str | None) -> str:
    return f"<code>{esc(id)}</code>" if id else ""
