"""Markdown and text files as pages. Knows encodings and where a long text may be cut.

A short text is one page. A long one is cut at headings and paragraphs into numbered pieces of
about 3,000 characters, which are its pages from then on: a citation needs a place to point at.
"""

import codecs
import re
from collections.abc import Iterator

from .errors import DocumentError
from .signature import looks_like
from .source import SourceInfo, SourcePage
from .text import clean

ONE_PAGE = 4_000
"""A text of up to so many characters is one page."""

PAGE = 3_000
"""The size at which a longer text is cut, where it can be."""

_MAX_BYTES = 50_000_000

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes({*range(32), 127} - set(b"\t\n\r\f\v\x1b\b"))
_BLOCK = re.compile(r"\n[ \t]*\n+|\n(?=#{1,6} )")
_HEADING = re.compile(r"#{1,6}\s+(.*?)\s*#*\s*$")


class PlainFile:
    """A text file, decoded, cleaned and cut. Raises `DocumentError` when it is none.

    Its title is the first heading, else the first line.
    """

    def __init__(self, data: bytes):
        check_size(data)
        decoded, notes = decode(data)
        text, self._removed = clean(decoded)
        text = text.strip("\n")
        self._pages = cut(text)
        self.info = SourceInfo(len(self._pages), notes=notes, title=_title(text))

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """The pages from `first` on; what was removed is told with the first of the file."""
        for number, text in enumerate(self._pages[first - 1 :], first):
            removed = self._removed if number == 1 else 0
            yield SourcePage(number, str(number), text, removed)


def check_size(data: bytes) -> None:
    """Raises `DocumentError` for a file of text that is empty, or longer than what is read."""
    if not data:
        raise DocumentError("is empty (0 bytes)")
    if len(data) > _MAX_BYTES:
        size, most = len(data) / 1e6, _MAX_BYTES / 1e6
        raise DocumentError(f"is {size:,.0f} MB of text; at most {most:.0f} MB are read")


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a text file, and notes on it. Raises `DocumentError` when it is none."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace")
            return text, (_replaced(text, encoding),) if "\ufffd" in text else ()
    head = data[:4096]
    kind = looks_like(data)
    if kind == "a PDF":
        raise DocumentError("is a PDF, not a text file: give it the ending .pdf")
    if b"\0" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        for zeros, others, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
            if zeros > 0.3 * len(head) / 2 and others == 0:
                text = data.decode(encoding, errors="replace")
                return text, (f"read as {encoding}, which the file does not say of itself",)
    if len(head.translate(None, _CONTROLS)) < 0.95 * len(head):
        raise DocumentError(f"is not a text file: it is {kind or 'binary data'}")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        note = f"not valid UTF-8 at byte {error.start:,}: read as Latin-1"
        return data.decode("cp1252", errors="replace").replace("\ufffd", "?"), (note,)


def _replaced(text: str, encoding: str) -> str:
    return f"{text.count(chr(0xFFFD)):,} characters are not valid {encoding} and were replaced"


def _title(text: str) -> str:
    first = ""
    for line in text[:20_000].split("\n"):
        heading = _HEADING.match(line)
        if heading and heading[1]:
            return heading[1]
        first = first or line.strip(" \t#*=_-")
    return first


def cut(text: str) -> list[str]:
    """Cut a text into pages; joined by white space they are the whole text."""
    if len(text) <= ONE_PAGE:
        return [text]
    blocks = []
    start = 0
    for gap in _BLOCK.finditer(text):
        blocks.extend(_shorter(text[start : gap.end()]))
        start = gap.end()
    blocks.extend(_shorter(text[start:]))
    pages: list[str] = []
    current: list[str] = []
    size = 0
    for block in blocks:
        heading = block.startswith("#") and size > PAGE / 2
        if current and (heading or size + len(block) > PAGE):
            pages.append("".join(current).strip("\n"))
            current, size = [], 0
        current.append(block)
        size += len(block)
    pages.append("".join(current).strip("\n"))
    return [page for page in pages if page.strip()]


def _shorter(block: str) -> list[str]:
    """Cut a block that is larger than a page at a line end, else at a space, else anywhere."""
    pieces = []
    start = 0
    while len(block) - start > PAGE:
        limit = start + PAGE
        cut = block.rfind("\n", start + PAGE // 2, limit) + 1
        cut = cut or block.rfind(" ", start + PAGE // 2, limit) + 1 or limit
        pieces.append(block[start:cut])
        start = cut
    pieces.append(block[start:])
    return pieces
