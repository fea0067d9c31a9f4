"""Every case on the page: what was asked, answered, expected and retrieved, and its trace.

Narrowed by radio buttons and style rules, without a script. Lays out; works out nothing.
"""

from .facts import CaseView, Report
from .parts import card, pill
from .plots import esc
from .style import FILTERS

_MARKS = {
    "pass": "\u2713 pass",
    "fail": "\u2717 fail",
    "error": "! error",
    "unscored": "\u2013 none",
}
_PAGES = 12
_TEXT = 4_000


def cases_card(report: Report) -> str:
    """The card with its filters."""
    counts = {name: sum(view.outcome == name for view in report.views) for name in FILTERS}
    counts["all"] = len(report.views)
    counts["flipped"] = sum(bool(view.flip) for view in report.views)
    offered = [name for name in FILTERS if counts[name]]
    radios = "".join(
        f'<input class="filter" type="radio" name="f" id="f-{name}"{" checked" * (name == "all")}>'
        for name in offered
    )
    labels = "".join(
        f'<label for="f-{name}">{_names()[name]} {counts[name]:,}</label>' for name in offered
    )
    shown = "".join(_case(view, report.repeats) for view in report.views)
    note = f"{report.hidden:,} more rows are not shown here; they are in the evaluation." * bool(
        report.hidden
    )
    inner = (
        f'{radios}<div class="filters" role="group" aria-label="show">{labels}</div>'
        f'<div class="cases">{shown}</div>'
    )
    return card("Cases", "Failures first. Open one for its answer, pages and trace.", inner, note)


def _names() -> dict[str, str]:
    return {"all": "all", "fail": "failed", "error": "errors", "pass": "passed",
            "unscored": "not scored", "flipped": "flipped"}  # fmt: skip


def _case(view: CaseView, repeats: int) -> str:
    row = view.row
    classes = f"{view.outcome}{' flipped' if view.flip else ''}"
    name = f"{row.case} #{row.repeat + 1}" if repeats > 1 else row.case
    flip = f" {pill(view.flip, view.flip)}" if view.flip else ""
    facts: list[tuple[str, str]] = []
    answer = row.text if len(row.text) <= _TEXT else row.text[:_TEXT] + " ..."
    if row.error is not None:
        facts.append(("error", esc(row.error)))
    else:
        said = f"refused. {answer}" if row.refused else answer
        facts.append(("answer", esc(said) or "(empty)"))
    if view.expected:
        facts.append(("expected", esc(view.expected)))
    if view.reason and view.reason != row.error:
        facts.append(("because", esc(view.reason)))
    if view.flip:
        old = f" <code>{esc(view.before_trace)}</code>" if view.before_trace else ""
        facts.append(("before", f"{esc(view.before)}{old}"))
    if row.retrieved:
        pages = "; ".join(
            f"{page.document} {page.page}" if page.page is not None else page.document
            for page in row.retrieved[:_PAGES]
        )
        more = f"; {len(row.retrieved) - _PAGES} more" if len(row.retrieved) > _PAGES else ""
        rank = "" if view.rank is None else f" (right page: {_rank(view.rank)})"
        facts.append(("retrieved", esc(pages + more + rank)))
    if row.cited:
        facts.append(("cited", esc("; ".join(
            f"{page.document} {page.page}" if page.page is not None else page.document
            for page in row.cited))))  # fmt: skip
    if row.tools:
        facts.append(("tools", esc(", ".join(row.tools))))
    if row.tags:
        facts.append(("tags", esc(", ".join(row.tags))))
    scores = ", ".join(
        f"{verdict.metric} {verdict.value:.3g}"
        for verdict in row.verdicts
        if verdict.value is not None
    )
    if scores:
        facts.append(("scores", esc(scores)))
    cost = "" if row.cost_usd is None else f", ${row.cost_usd:.4g}"
    tokens = "" if row.tokens is None else f", {row.tokens:,} tokens"
    facts.append(("took", esc(f"{row.seconds:.3g} s, {row.requests} requests{tokens}{cost}")))
    if row.trace:
        facts.append(("trace", f"<code>workings trace show {esc(row.trace)}</code>"))
    for item in view.divergences[:5]:
        facts.append(
            ("diverges", esc(f"step {item.step}, {item.kind}: {item.before} -> {item.after}"))
        )
    listed = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return (
        f'<details class="{classes}"><summary>{pill(_MARKS[view.outcome], view.outcome)}{flip}'
        f'<span class="q">{esc(row.question)}</span><span class="id">{esc(name)}</span></summary>'
        f'<div class="in"><dl>{listed}</dl></div></details>'
    )


def _rank(rank: int) -> str:
    return f"rank {rank}" if rank else "not among them"
