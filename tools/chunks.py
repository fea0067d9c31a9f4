"""How a page becomes passages, and what each passage is told about its place.

Knows lines, headings and running headers. Knows nothing of files, ranking or indexes.
"""

import re
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from .documents import Document, Page, Passage
from .rows import rows_in

CHUNKER = "lines-1000/3"
"""Names the way of cutting; an index made with another one is rebuilt, not mixed."""

TARGET = 1000
"""Characters after which a passage ends at the next good place."""
LIMIT = 1300
"""Characters that a passage never exceeds."""
LEAST = 250
"""A rest shorter than this joins the passage before it, when that stays within `LIMIT`."""
OVERLAP = 160
"""A passage that ends inside a sentence hands its last line on, when it is at most this long."""

SEPARATOR = " | "
"""Stands between the parts of a header: title, headings, columns of a table, first lines."""

_LINES_OF = 1 << 16
"""Characters whose lines are told apart at a time."""

_COLUMNS_LONGEST = 120
"""Characters of a line that may stand over the columns of a table."""
_INSIDE = 2
"""Lines that may stand before the first row of a piece that begins inside a table."""
_YEARS = re.compile(r"\b(?:19|20)\d\d[^\S\n]\D{0,24}\b(?:19|20)\d\d\D{0,12}$")
_UNIT = re.compile(r"(?:[($]|\bin )[^.]{0,20}\b(?:thousands|millions|billions)\b[^.]*$", re.I)
_SENTENCE_END = re.compile(r"[.!?:;][\"'”’)\]]*\s*$")
_BREAK = re.compile(r"(?<=[.!?;])\s+|\s+")
_NUMBER = re.compile(r"\d[\d,.]*")
_MARKDOWN = re.compile(r"#{1,6}\s+\S")
_NUMBERED = re.compile(
    r"(?:(?:item|part|section|chapter|note|article)\s+)?\w{1,4}(?:\.\d+)*[.):]?\s+\S", re.I
)


Spans = Callable[[str], Iterable[tuple[int, int]]]
"""Where the passages of a page's text start and end, in order, without surrounding white space."""


def passages(
    document: Document, pages: Sequence[Page], spans: Spans | None = None
) -> Iterator[Passage]:
    """Cut the pages of one document into passages, in reading order; one at a time is made.

    Every passage lies on one page and its text is a contiguous part of that page's text. Lines are
    kept whole (table rows with them) unless one line alone is over `LIMIT`. `spans` is another way
    of cutting (`tools/chunking.py`).
    """
    cut_at = spans or _spans
    running = _running_lines(pages)
    heading = ""
    for page in pages:
        first, captions = _first_lines(page.text, running)
        over = _over_tables(page.text)
        for ordinal, (start, end) in enumerate(cut_at(page.text)):
            inside = _headings(page.text[start:end], running)
            own = inside[0] if inside and page.text[start:end].find(inside[0]) < 200 else heading
            piece = page.text[start:end]
            # Near the front: of a long header a prompt shows the beginning.
            lines = (document.title, own, *_over(over, start, piece), *captions, first)
            heading = inside[-1] if inside else heading
            yield Passage(
                id=f"{document.id[:8]}-{page.number}-{ordinal}",
                document=document.name,
                document_id=document.id,
                title=document.title,
                page=page.number,
                page_label=page.label,
                text=piece,
                header=_header(lines),
            )


def headline(header: str, title: str) -> str:
    """The headings over a passage: the part of its header that is neither title nor body text."""
    return "\n".join(p for p in header.split(SEPARATOR) if p != title and is_heading(p))


def _header(lines: Iterable[str]) -> str:
    parts: list[str] = []
    for line in lines:
        if line and not any(line in kept for kept in parts):
            parts.append(line)
    return SEPARATOR.join(parts)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the passages of a page start and end, without surrounding white space."""
    # A page of a million characters has lines in number: line i is text[ends[i]:ends[i + 1]].
    ends = array("q", [0])
    ends.extend(end for _, end in lines_of(text))
    count = len(ends) - 1
    start = 0
    while start < count:
        begin = ends[start]
        stop, size = start, 0
        good = 0
        while stop < count and (stop == start or ends[stop + 1] - begin <= LIMIT):
            stop += 1
            size = ends[stop] - begin
            if size >= TARGET - 200 and _SENTENCE_END.search(text[ends[stop - 1] : ends[stop]]):
                good = stop
            if size >= TARGET:
                break
        rest = ends[count] - ends[stop]
        if rest < LEAST and size + rest <= LIMIT:
            stop = count
        elif good:
            stop = good
        end = ends[stop]
        piece = text[begin:end]
        kept = piece.strip()
        if kept:
            left = begin + len(piece) - len(piece.lstrip())
            yield left, left + len(kept)
        last = text[ends[stop - 1] : end]
        repeat = (
            stop < count
            and stop - 1 > start
            and len(last) <= OVERLAP
            and not _SENTENCE_END.search(last)
        )
        start = stop - 1 if repeat else stop


def each_line(text: str) -> Iterator[str]:
    """The lines of a text with their ends; of a long text not all at once."""
    start, size = 0, _LINES_OF
    while len(text) - start > size:
        *whole, last = text[start : start + size].splitlines(keepends=True)
        yield from whole
        start += size - len(last)
        size = _LINES_OF if whole else 2 * size
    yield from text[start:].splitlines(keepends=True)


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the lines, line end included; a line over `LIMIT` is cut at a sentence or space."""
    position = 0
    for line in each_line(text):
        end = position + len(line)
        while end - position > LIMIT:
            window = text[position : position + TARGET]
            stops = [match.end() for match in _BREAK.finditer(window) if match.end() > TARGET // 2]
            sentences = [stop for stop in stops if _SENTENCE_END.search(window[:stop])]
            cut = sentences[-1] if sentences else stops[-1] if stops else TARGET
            yield position, position + cut
            position += cut
        if end > position:
            yield position, end
        position = end


def _headings(text: str, running: frozenset[str]) -> list[str]:
    return [
        line.strip().lstrip("#").strip()
        for line in text.splitlines()
        if is_heading(line.strip()) and line.strip() not in running
    ]


def is_heading(line: str) -> bool:
    """A short line that looks set apart: markdown, numbered, or mostly capitalised words."""
    if not 3 <= len(line) <= 90 or not any(map(str.isalpha, line)):
        return False
    if _MARKDOWN.match(line):
        return True
    if line[-1] in ".,;" or len(_NUMBER.findall(line)) > 1 or "$" in line or line[0] in "•-*☐☒☑(":
        return False
    words = [word for word in re.findall(r"[^\W\d_]+", line) if len(word) > 3]
    if not words:
        return False
    capital = sum(word[0].isupper() for word in words)
    numbered = line[0].isdigit() and bool(_NUMBERED.match(line))
    return bool(capital >= (0.5 if numbered else 0.75) * len(words))


def _first_lines(text: str, running: frozenset[str]) -> tuple[str, list[str]]:
    """The beginning of the page as one line, and those of its first lines that are headings."""
    kept: list[str] = []
    size = 0
    for line in map(str.strip, each_line(text)):
        if not line or line in running or not any(map(str.isalpha, line)):
            continue
        kept.append(line[: 160 - size])
        size += len(kept[-1]) + 1
        if len(kept) == 3 or size >= 160:
            break
    return " ".join(kept), [line for line in kept if is_heading(line)]


def _over_tables(text: str) -> list[tuple[int, str, bool]]:
    """Lines with the column years or the unit of a table: (end, line, whether it has years)."""
    found = []
    position = 0
    for line in each_line(text):
        position += len(line)
        if len(line) <= _COLUMNS_LONGEST:
            # The plain tests come first: few lines pass them.
            if ("20" in line or "19" in line) and _YEARS.search(line.rstrip()):
                found.append((position, line.strip(), True))
            elif ("illions" in line or "housands" in line) and _UNIT.search(line.rstrip()):
                found.append((position, line.strip(), False))
    return found


def _over(lines: Sequence[tuple[int, str, bool]], start: int, piece: str) -> Iterator[str]:
    """What stands over a piece that begins inside a table: its unit, then its columns."""
    above = [(line, dated) for end, line, dated in lines if end <= start]
    first = next(rows_in(piece), None) if above else None
    if first is None or first[0] > _INSIDE:
        return
    yield from [line for line, dated in above if not dated][-1:]
    yield from [line for line, dated in above if dated][-1:]


def _running_lines(pages: Sequence[Page]) -> frozenset[str]:
    """Lines that stand at the top or bottom of many pages: they say nothing of one page."""
    seen: Counter[str] = Counter()
    for page in pages:
        lines = filter(None, map(str.strip, each_line(page.text)))
        seen.update({*islice(lines, 3), *deque(lines, 2)})
    least = max(3, len(pages) // 5)
    return frozenset(line for line, count in seen.items() if count >= least)
