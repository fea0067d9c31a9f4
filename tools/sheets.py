"""Rows of cells as pages of text, each with the row of names on top. Knows no format of file.

A line is `label | cell | cell`, as tables are found in any document (`tools/rows.py`). A short
sheet is one page; a long one is cut into pages small enough to be one passage each, so that no row
is ever read without the names of its columns.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

SEPARATOR = " | "
WHOLE = 4_000
"""A sheet of up to so many characters is one page."""
PAGE = 1_100
"""The size of the pages of a longer one; more where the names alone are long."""
MOST_COLUMNS = 300
LONGEST_CELL = 4_000
_LOOKED_AT = 15
"""Rows at the top that may hold the names of the columns."""
_PREAMBLE = 300
"""Characters above the names (a title, `in millions`) that are repeated with them."""

_NUMBER = re.compile(r"[-+(]?\s*[$\u20ac\u00a3]?\s*\d[\d,. ]*\s*%?\)?")
_YEAR = re.compile(r"(?:FY ?)?(?:19|20)\d\d")

Cells = Sequence[str]


def pages_of(rows: Iterable[tuple[int, Cells]]) -> tuple[list[tuple[str, str]], int]:
    """The pages of a sheet as (rows as `2-31`, text), and how many columns were left out.

    `rows` are the numbers of rows, from 1, with their cells. A sheet that is one page says nothing
    of rows; an empty one has no page.
    """
    lines: list[tuple[int, str]] = []
    head: list[tuple[int, Cells]] = []
    dropped = 0
    for number, cells in rows:
        kept = [tidy(cell) for cell in cells[:MOST_COLUMNS]]
        dropped = max(dropped, len(cells) - MOST_COLUMNS)
        while kept and not kept[-1]:
            kept.pop()
        if kept:
            if len(head) < _LOOKED_AT:
                head.append((number, kept))
            lines.append((number, SEPARATOR.join(kept)))
    if not lines:
        return [], dropped
    if sum(len(line) + 1 for _, line in lines) <= WHOLE:
        return [("", "\n".join(line for _, line in lines))], dropped
    names = _names(head)
    above, rest = lines[: names + 1], lines[names + 1 :]
    top = _top([line for _, line in above])
    if names < 0 or not rest:
        above, rest, top = [], lines, []
    return list(_cut(top, above, rest)), dropped


def tidy(cell: str) -> str:
    """A cell on one line, without what would look like the end of it."""
    return " ".join(cell[:LONGEST_CELL].replace("|", "/").split())


def _cut(
    top: list[str], above: list[tuple[int, str]], rest: list[tuple[int, str]]
) -> Iterator[tuple[str, str]]:
    """Pages with the names on top; the first has all that stands above them."""
    head = [line for _, line in above]
    limit = max(PAGE, 3 * sum(len(line) + 1 for line in top))
    size, kept = sum(len(line) + 1 for line in head), list(head)
    first = above[0][0] if above else rest[0][0]
    last, some = first, False
    for number, line in rest:
        if some and size + len(line) > limit:
            yield f"{first}-{last}", "\n".join(kept)
            kept, first, some = list(top), number, False
            size = sum(len(each) + 1 for each in top)
        kept.append(line)
        size += len(line) + 1
        last, some = number, True
    yield f"{first}-{last}", "\n".join(kept)


def _names(rows: Sequence[tuple[int, Cells]]) -> int:
    """Which of the first rows names the columns: the first with hardly a gap and no figure; -1."""
    width = max(len(cells) for _, cells in rows)
    for place, (_, cells) in enumerate(rows):
        filled = [cell for cell in cells if cell]
        plain = all(_YEAR.fullmatch(cell) or not _NUMBER.fullmatch(cell) for cell in filled)
        if plain and 2 * len(filled) >= width and (len(filled) > 1 or width == 1):
            return place
    return -1


def _top(lines: list[str]) -> list[str]:
    """What is repeated on every page: the names, and what stands above them when that is short."""
    above = lines[:-1]
    return lines if sum(map(len, above)) <= _PREAMBLE else lines[-1:]
