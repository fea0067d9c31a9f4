"""Text as a person reads it in a terminal: safe, short, with its numbers and places said plainly.

Pure functions of text. No character of a document may steer a terminal: `visible` sees to that.
Knows nothing of answers, colour or layout.
"""

import itertools
import re

_DECIMALS = 8
_FIGURE = re.compile(r"(?<!\w)\(?[-$\u20ac\u00a3]?\d[\d.,]*%?\)?(?!\w)")

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with every character that could steer a terminal, or hide, written as an escape.

    Newlines stay, tabs become spaces.
    """
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str, limit: int = 100) -> str:
    """The text on one line, cut at `limit` characters."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def plural(count: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    many = {"query": "queries", "reply": "replies", "try": "tries"}.get(noun, noun + "s")
    return f"{count:,} {noun if count == 1 else many}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    if value < 0.0995:
        return f"{value * 1000:.0f} ms"
    if value < 99.5:
        return f"{value:.1f} s"
    return f"{int(value) // 60} min {int(value) % 60} s"


def place(document: str, page: int | None, label: str | None, url: str | None = None) -> str:
    """Where a passage stands: `report.pdf, page 12 (printed 10)`, or a title and its URL."""
    name = one_line(document, 80)
    if url is not None:
        return f"{name}  {one_line(url, 300)}"
    if page is None:
        return name
    printed = f" (printed {one_line(label, 20)})" if label and label != str(page) else ""
    return f"{name}, page {page}{printed}"


def quoted(quote: str) -> str:
    """A quote to be read: prose flows on, rows of a table stay lines of their own."""
    text = ""
    rows = [" ".join(line.split()) for line in visible(quote).strip().split("\n")]
    for before, row in itertools.pairwise(["", *rows]):
        is_row = len(_FIGURE.findall(before)) > 1 or len(_FIGURE.findall(row)) > 1
        text += ("\n" if is_row and text else " ") + row
    return text.strip()


def short_number(text: str) -> str:
    """A number of many decimals, cut for the eye and marked so; the record has all of them."""
    whole, point, decimals = text.partition(".")
    if point and decimals.isdecimal() and len(decimals) > _DECIMALS + 2:
        return f"{whole}.{decimals[:_DECIMALS]}..."
    return text


_STEM = 6
"""Letters by which two forms of a word are taken for the same one."""


def snippet(text: str, query: str, width: int = 240) -> str:
    """The stretch of a text that holds the most different words of the query, on one line."""
    line = " ".join(text.split())
    if len(line) <= width:
        return visible(line)
    wanted = {word for word in re.findall(r"\w+", query.casefold()) if len(word) > 2}
    stems = {word[:_STEM] for word in wanted}
    words = [(match.start(), match[0][:_STEM]) for match in re.finditer(r"\w+", line.casefold())]
    found = [(start, stem) for start, stem in words if stem in stems]
    best, most = 0, 0
    for start, _ in found:
        held = len({word for place, word in found if start <= place < start + width - 40})
        if held > most:
            best, most = start, held
    begin = max(0, best - 20)
    begin = line.find(" ", begin) + 1 if begin else 0
    piece = line[begin : begin + width]
    if begin + width < len(line):
        piece = piece.rsplit(" ", 1)[0] + " ..."
    return visible(("... " if begin else "") + piece)
