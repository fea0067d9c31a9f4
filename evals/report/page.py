"""The report as one HTML page that needs nothing else: no network, no script, light and dark.

What is put in is escaped, and a content security policy forbids everything but our own styles, so
that no text of a document, a model or a gold set can do anything here. Lays out; works out nothing.
"""

from ..estimate import wilson
from .against import against_cards, verdict_box
from .cases import cases_card
from .facts import Report, spent
from .parts import card, empty, forest, key, pill
from .plots import bars, crosses, esc, histogram, interval, reliability, scale, strips, ticks
from .style import STYLE, filter_rules
from .words import chance, figure, limits, percent, share, sized

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


def html_page(report: Report) -> str:
    """The whole page."""
    body = "\n".join(
        part
        for part in (
            _tiles(report),
            against_cards(report.comparison) if report.comparison is not None else "",
            _metrics(report),
            _where(report),
            f'<div class="two">{_ranks(report)}{_latency(report)}{_spend(report)}'
            f"{_calibration(report)}</div>",
            cases_card(report),
        )
        if part
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{esc(report.gold or report.id)}: {esc(_headline(report))}</title>
<style>{STYLE}{filter_rules()}</style>
</head>
<body>
{_head(report)}
<main>
{body}
</main>
{_foot(report)}
</body>
</html>
"""


def _headline(report: Report) -> str:
    line = next((line for line in report.metrics if line.name == report.primary), None)
    return f"{report.primary} {figure(line)}" if line is not None else report.id


def _head(report: Report) -> str:
    chosen = " ".join(
        f"<code>{esc(name)}={esc(value if len(value) <= 60 else value[:57] + '...')}</code>"
        for name, value in list(report.settings.items())[:12]
    )
    again = f", {report.repeats} times each" if report.repeats > 1 else ""
    when = f" on {esc(report.created[:16].replace('T', ' '))}" if report.created else ""
    verdict = verdict_box(report.comparison) if report.comparison is not None else ""
    notes = ""
    if report.notes:
        listed = "".join(f"<li>{esc(note)}</li>" for note in report.notes)
        many = f"{len(report.notes)} note{'s' * (len(report.notes) != 1)}"
        opened = " open" * (len(report.notes) <= 3)
        head = f"<summary>\u25be {many}</summary>"
        notes = f'<details class="notes"{opened}>{head}<ul>{listed}</ul></details>'
    return (
        f"<header><h1>{esc(report.model)} on {esc(report.gold or 'a gold set')}</h1>"
        f'<p class="lead">Evaluation <code>{esc(report.id)}</code>: {report.cases:,}'
        f" case{'s' * (report.cases != 1)}{again}{when}. {chosen}</p>{verdict}{notes}</header>"
    )


def _tiles(report: Report) -> str:
    tiles = []
    line = next((line for line in report.metrics if line.name == report.primary), None)
    if line is not None:
        tiles.append((line.name, figure(line), f"{limits(line.estimate)}n = {line.estimate.n:,}"))
    ended = report.outcomes
    wrong = ended["fail"]
    tiles.append(("failed", f"{wrong:,}", f"{ended['error']:,} more ended in an error"))
    tiles.append(("refused", f"{report.refused:,}", f"of {report.rows:,} answers"))
    for amount in report.amounts:
        if amount.name == "latency" and amount.median is not None:
            tiles.append(("latency, median", sized(amount.median, "latency"),
                          f"9 of 10 within {sized(amount.p90, 'latency')}"))  # fmt: skip
        if amount.name == "tokens":
            tiles.append(("tokens a case", sized(amount.estimate.value), "read and written"))
    if report.total_cost is not None:
        known = report.cost_rows
        some = f"of {known:,} rows whose price is known" if known < report.rows else "in all"
        tiles.append(("cost", f"${report.total_cost:,.4g}", some))
    return '<div class="tiles">' + "".join(
        f'<div class="tile"><div class="k">{esc(name)}</div><div class="v">{esc(value)}</div>'
        f'<div class="s">{esc(under)}</div></div>'
        for name, value, under in tiles
    ) + "</div>"  # fmt: skip


def _metrics(report: Report) -> str:
    rows = []
    for line in report.metrics:
        estimate = line.estimate
        if estimate.value is None:
            plot = '<span class="soft">not scored in any case</span>'
        else:
            plot = interval(
                estimate.value, estimate.low, estimate.high, span=(0.0, 1.0),
                title=f"{line.name}: {share(estimate)}",
            )  # fmt: skip
        away = f"<br><small>{line.unscored:,} unscored</small>" if line.unscored else ""
        name = f'<span title="{esc(line.about)}">{esc(line.name)}</span>'
        rows.append((name, plot, [("", figure(line)), ("95 %", limits(estimate).rstrip(", ")),
                                  ("n", f"{estimate.n:,}{away}")]))  # fmt: skip
    inner = forest(("metric", "", "value", "95 % interval", "n"), rows, scale((0.0, 1.0), True))
    if report.amounts:
        inner += forest(
            ("amount", "", "mean", "median", "9 of 10 within", "n"),
            [(esc(line.name), None,
              [("mean", figure(line)), ("median", sized(line.median, line.name)),
               ("9 of 10 within", sized(line.p90, line.name)), ("n", f"{line.estimate.n:,}")])
             for line in report.amounts],
        )  # fmt: skip
    first = next((line for line in report.metrics if line.name == report.primary), None)
    how = f" {esc(report.primary)}: {esc(first.estimate.method)}." if first is not None else ""
    return card(
        "Metrics", "A dot is the mean, the bar its 95 % interval.", inner,
        f"Cases of one document, and repeats of one case, count as one group.{how}",
    )  # fmt: skip


def _where(report: Report) -> str:
    found = report.patterns
    if found is None:
        return ""
    shown = [*found.found, *found.unproven]
    top = max([p.failed / p.n for p in shown] + [p.failed_elsewhere / p.n_elsewhere for p in shown]
              + [0.2])  # fmt: skip
    span = (0.0, min(1.0, ticks(0.0, top * 1.25, 4)[-1] or 1.0))
    rows = []
    for item in shown:
        proven = item.p_adjusted <= found.alpha
        inside, outside = item.failed / item.n, item.failed_elsewhere / item.n_elsewhere
        plot = interval(
            inside, None, None, span=span, other=outside, kind="fail" if proven else "unscored",
            title=f"{item.slice}: {percent(inside, 0)} fail, elsewhere {percent(outside, 0)}",
        )  # fmt: skip
        name = f"<strong>{esc(item.slice)}</strong>" if proven else esc(item.slice)
        if item.also:
            name += f' <span class="soft">(the same cases: {esc(", ".join(item.also))})</span>'
        if item.explained_by:
            name += f'<br><span class="soft">explained by {esc(item.explained_by)}</span>'
        elif proven:
            name += f'<br><span class="soft">{esc(item.advice)}</span>'
        word = "pattern" if proven else "may be chance"
        rows.append((name, plot, [
            ("fail here", f"{item.failed}/{item.n}"),
            ("elsewhere", f"{item.failed_elsewhere}/{item.n_elsewhere}"),
            ("adjusted p", chance(item.p_adjusted)),
            ("", pill(word, "fail" if proven else "unscored")),
        ]))  # fmt: skip
    wrong = found.failed - found.refused - found.errors
    ends = (
        f"{found.failed} of {found.cases} cases fail: {wrong} with a wrong answer, {found.refused}"
        f" refused, {found.errors} with an error."
    )
    if not found.found:
        ends += " No slice stands out beyond chance."
    table = forest(("slice", "", "fail here", "elsewhere", "adjusted p", ""), rows,
                   scale(span, True)) if rows else ""  # fmt: skip
    legend = key(("fail", "share that fails here"), ("", "share that fails elsewhere (ring)"))
    return card(
        "Where it fails",
        esc(ends),
        table + (legend if rows else ""),
        f"{found.slices} slices looked at, {found.tested} large enough to be found; exact tests,"
        f" one-sided, corrected by Holm's method at {found.alpha:g}.",
    )


def _ranks(report: Report) -> str:
    if not report.ranks:
        return empty("Retrieval", "Ranks need the gold set, with pages that are expected.")
    names = [item.rank for item in report.ranks]
    total = sum(item.passed + item.failed for item in report.ranks)
    missing = sum(i.passed + i.failed for i in report.ranks if i.rank == "not found")
    plot = bars(
        ["none" if name == "not found" else name for name in names],
        [item.passed for item in report.ranks], [item.failed for item in report.ranks],
        f"rank of the first right page in {total} cases; in {missing} it was not retrieved",
    )  # fmt: skip
    return card(
        "Retrieval",
        f"Rank of the first right page; {missing} of {total} cases never saw one.",
        plot + key(("pass", "passed"), ("fail", "failed")),
    )


def _latency(report: Report) -> str:
    known = sorted(report.seconds)
    if not known or known[-1] <= 0:
        return empty("Latency", "No time was measured.")
    line = next((line for line in report.amounts if line.name == "latency"), None)
    middle = () if line is None else (("half within", line.median), ("9 of 10 within", line.p90))
    marks = [(said, value) for said, value in middle if value is not None]
    plot = histogram(known, marks, "s", f"latency of {len(known)} runs")
    return card("Latency", f"Seconds of each of {len(known):,} runs.", plot,
                f"The longest took {known[-1]:.3g} s.")  # fmt: skip


def _spend(report: Report) -> str:
    unit = "USD a case" if report.spend == "cost" else "tokens a case"
    points = [p for p in report.points if p.quality.value is not None and p.cost.value]
    if len(points) > 1:
        drawn = []
        for place, point in enumerate(points):
            q, c = point.quality, point.cost
            assert q.value is not None and c.value is not None
            drawn.append((
                point.id if len(point.id) < 25 else point.id[:22] + "...",
                "better" if place == len(points) - 1 else "equivalent",
                (c.value, c.value if c.low is None else max(c.low, 0.0),
                 c.value if c.high is None else c.high),
                (q.value, q.value if q.low is None else q.low,
                 q.value if q.high is None else q.high),
            ))  # fmt: skip
        said = "; ".join(
            f"{p.id}: {percent(p.quality.value)} at {sized(p.cost.value)}" for p in points
        )
        return card("Cost against quality", f"{esc(report.primary)} in percent; crosses are 95 %"
                    " intervals.", crosses(drawn, unit, said))  # fmt: skip
    lanes = []
    for name, kind in (("passed", "pass"), ("failed", "fail")):
        wanted = ("pass",) if name == "passed" else ("fail", "error")
        amounts = [spent(v.row, report.spend) for v in report.views if v.outcome in wanted]
        known = [amount for amount in amounts if amount is not None]
        lanes.append((f"{name}", kind, known))
    if not any(max(values, default=0) > 0 for _, _, values in lanes):
        return empty("Cost against quality", "Neither price nor tokens are known (no model, or a"
                     " local one that does not count).")  # fmt: skip
    return card("Cost against quality", "A dot is a case; the bar is the median.",
                strips(lanes, unit, f"{unit} of cases that passed and failed"))  # fmt: skip


def _calibration(report: Report) -> str:
    held = report.calibration
    if held is None:
        return ""
    bins: list[tuple[float, float, float, float, int]] = []
    for place in range(5):
        inside = [item for item in held.labels if min(int(item.judge * 5), 4) == place]
        if inside:
            yes = wilson(sum(item.human >= 0.5 for item in inside), len(inside))
            assert yes.value is not None and yes.low is not None and yes.high is not None
            said = sum(item.judge for item in inside) / len(inside)
            bins.append((said, yes.value, yes.low, yes.high, len(inside)))
    kappa = held.agreement
    told = "kappa has no value" if kappa.value is None else f"kappa {kappa.value:.2f}"
    if kappa.low is not None and kappa.high is not None:
        told += f" ({kappa.low:.2f} to {kappa.high:.2f})"
    return card(
        "Judge against people",
        f"{esc(held.judge)}: {told} over {len(held.labels)} labels. Up: the share that people call"
        " right.",
        reliability(bins, f"share that people call right, by what the judge says; {told}"),
        "A perfect judge lies on the dashed line; larger dots are more labels.",
    )


def _foot(report: Report) -> str:
    return (
        "<footer>Made by Workings. Intervals are 95 %; a figure without data is not shown as 0."
        " Trace ids are files of the traces folder: <code>workings trace show ID</code>.</footer>"
    )
