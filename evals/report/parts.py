"""The pieces that a page is made of: cards, tables with a plot in each row, pills, keys.

Knows HTML; every text that is handed in is HTML already (`plots.esc`).
"""

from collections.abc import Sequence

Line = tuple[str, str | None, list[tuple[str, str]]]
"""A row: name, plot (None: none), and cells as (what it is, text)."""


def card(title: str, under: str, inner: str, note: str = "") -> str:
    """A box with a heading."""
    said = f'<p class="sub">{under}</p>' if under else ""
    small = f'<p class="note">{note}</p>' if note else ""
    return f'<section class="card"><h2>{title}</h2>{said}{inner}{small}</section>'


def empty(title: str, why: str) -> str:
    """A box for what cannot be shown, with the reason."""
    return card(title, why, "")


def pill(text: str, kind: str) -> str:
    """A word in its colour."""
    return f'<span class="pill {kind}">{text}</span>'


def key(*items: tuple[str, str]) -> str:
    """What colours mean: (class, text)."""
    return '<div class="key">' + "".join(
        f'<span class="{kind}"><i{"" if kind else _RING}></i>{text}</span>' for kind, text in items
    ) + "</div>"  # fmt: skip


_RING = ' style="background:none;border:2px solid var(--soft);border-radius:50%"'


def forest(heads: Sequence[str], rows: Sequence[Line], scale: str = "") -> str:
    """A table whose second column is a plot; `scale` stands under the plots."""
    plotted = any(plot is not None for _, plot, _ in rows)
    names = [heads[0], *([heads[1]] if plotted else []), *heads[2:]]
    top = "".join(
        f'<th scope="col"{_cell(place, plotted)}>{name or "<span></span>"}</th>'
        for place, name in enumerate(names)
    )
    lines = []
    for name, plot, cells in rows:
        middle = f'<td class="plot">{plot or ""}</td>' if plotted else ""
        rest = "".join(
            f'<td class="n"{f" data-k={chr(34)}{what}{chr(34)}" if what else ""}>{text}</td>'
            for what, text in cells
        )
        lines.append(f'<tr><th scope="row">{name}</th>{middle}{rest}</tr>')
    if plotted and scale:
        empties = "<td></td>" * (len(names) - 2)
        lines.append(f'<tr aria-hidden="true"><td></td><td class="plot">{scale}</td>{empties}</tr>')
    return (
        f'<table class="rows"><thead><tr>{top}</tr></thead><tbody>{"".join(lines)}</tbody></table>'
    )


def _cell(place: int, plotted: bool) -> str:
    return "" if place == 0 or (plotted and place == 1) else ' class="n"'
