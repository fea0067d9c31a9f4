"""The report as Markdown, short enough for a comment on a pull request.

Texts of cases cannot make markup, links, mentions or HTML of their own. Lays out; works out
nothing.
"""

import re

from ..comparison import Comparison
from .facts import Report
from .words import chance, effect, figure, finding, limits, percent, side, sized

_MARKS = {
    "better": "\U0001f7e2",
    "worse": "\U0001f534",
    "equivalent": "\U0001f535",
    "inconclusive": "\U0001f7e1",
}
_FLIPS = 10
_FAILED = 10


def markdown(report: Report) -> str:
    """Verdict, tables, flips and patterns; the failed cases where nothing is compared."""
    parts = [f"## {_text(report.model)} on {_text(report.gold or report.id)}"]
    held = report.comparison
    if held is not None:
        parts += _against(held)
    parts += _metrics(report)
    found = report.patterns
    if found is not None:
        proven = [item for item in found.found if item.explained_by is None]
        if proven:
            parts.append("**Where it fails**")
            parts.append("\n".join(f"- {_text(str(item))}" for item in proven))
        elif found.failed:
            parts.append(
                f"**Where it fails**: {found.failed} of {found.cases} cases, and no slice of"
                f" {found.slices} stands out beyond chance."
            )
    if held is None:
        parts += _failed(report)
    parts += [f"> Note: {_text(note)}" for note in report.notes]
    parts.append(f"<sub>evaluation {_code(report.id)}, intervals 95 %</sub>")
    return "\n\n".join(parts) + "\n"


def _against(held: Comparison) -> list[str]:
    first = held.metrics[0]
    points = "" if first.lower_is_better else " points"
    reach = ""
    if first.low is not None and first.high is not None:
        reach = f" ({effect(first, first.low)} to {effect(first, first.high)})"
    word = {"better": "than", "worse": "than", "equivalent": "to"}.get(first.verdict, "against")
    need = f" Need {first.need_n:,} more cases." if first.need_n is not None else ""
    parts = [
        f"{_MARKS[first.verdict]} **{first.verdict.capitalize()}** {word} {_code(held.a)} by"
        f" {_text(first.metric)}: {effect(first, first.effect)}{points}{reach}, p ="
        f" {chance(first.p_holm)} over {first.n:,} paired cases; {held.won} won, {held.lost} lost."
        + need
    ]
    lines = [
        "| metric | before | now | change | p (Holm) | n | verdict |",
        "|---|--:|--:|--:|--:|--:|---|",
    ]
    for metric in (*held.metrics, *(m for m in held.beside if m.n)):
        lines.append(
            f"| {_text(metric.metric)} | {side(metric, metric.a)} | {side(metric, metric.b)} |"
            f" {effect(metric, metric.effect)} | {chance(metric.p_holm)} | {metric.n:,} |"
            f" {finding(metric)} |"
        )
    parts.append("\n".join(lines))
    if held.flips:
        shown = [
            f"- {'lost' if flip.lost else 'won'} {_code(flip.case)} {_text(flip.question)}:"
            f" {_text(flip.reason_b or flip.reason_a)}"
            for flip in held.flips[:_FLIPS]
        ]
        more = held.lost + held.won - len(shown)
        if more:
            shown.append(f"- ... {more} more")
        parts.append(
            f"<details><summary>{held.lost} lost, {held.won} won</summary>\n\n"
            + "\n".join(shown) + "\n\n</details>"
        )  # fmt: skip
    return parts


def _metrics(report: Report) -> list[str]:
    lines = ["| metric | value | 95 % interval | n |", "|---|--:|--:|--:|"]
    for line in report.metrics:
        lines.append(
            f"| {_text(line.name)} | {figure(line)} | {limits(line.estimate).rstrip(', ') or '-'} |"
            f" {line.estimate.n:,} |"
        )
    for line in report.amounts:
        lines.append(
            f"| {_text(line.name)} | {figure(line)} | 9 of 10 within {sized(line.p90, line.name)} |"
            f" {line.estimate.n:,} |"
        )
    return ["\n".join(lines)]


def _failed(report: Report) -> list[str]:
    bad = [view for view in report.views if view.outcome in ("fail", "error")]
    if not bad:
        return []
    ended = report.outcomes
    shown = [
        f"- {_code(view.row.case)} {_text(view.row.question)}: {_text(view.reason)}"
        for view in bad[:_FAILED]
    ]
    more = ended["fail"] + ended["error"] - len(shown)
    if more > 0:
        shown.append(f"- ... {more} more")
    share = percent((ended["fail"] + ended["error"]) / report.rows)
    return [f"<details><summary>{len(bad)} failed ({share})</summary>\n\n" + "\n".join(shown)
            + "\n\n</details>"]  # fmt: skip


def _text(text: str, most: int = 160) -> str:
    """A text on one line that is nothing but text."""
    line = " ".join("".join(c if c.isprintable() or c.isspace() else "?" for c in text).split())
    if len(line) > most:
        line = line[: most - 3] + "..."
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    line = re.sub(r"([\\`*_{}\[\]()#+!|~$])", r"\\\1", line)
    # a mention, a reference or an address would be made a link
    return line.replace("@", "@\u200b").replace("://", ":\u200b//").replace("www.", "www\u200b.")


def _code(text: str) -> str:
    """An id in monospace."""
    line = " ".join("".join(c if c.isprintable() else "?" for c in text).split())
    return "`" + line.replace("`", "'").replace("|", "\\|") + "`"
