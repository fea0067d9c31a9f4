"""The pages of a PDF as clean text. Knows the two PDF libraries and their weak spots.

Runs in a child process (`tools/child.py`): a PDF can be a bomb, and pdfium is not thread-safe.
pdfium reads the text: fast, and a table row stays on one line. It now and then runs a bulleted
line or a row into the one before; such a line end is put back where the text jumps down and left.
pypdf is the second reader: for a page whose lines cannot be put back (its layout mode), and for a
file that pdfium does not open.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from .errors import DocumentError
from .rescue import SecondReader, short
from .signature import looks_like
from .source import MAX_PAGE_CHARACTERS, MAX_PAGES, SourceInfo, SourcePage
from .text import clean

_LINE_LOST = 600
"""A line this long on a page is not a line: the layout reader has a try."""

_BACK, _SAME, _DOWN = 20.0, 1.0, 4.0
"""Points: a word that is lower or higher by `_DOWN` and not right of the one before starts a line;
one that is `_BACK` to the left does so even in upright text."""

_LONG = 8
"""Blanks: in a line with more, three words are looked at before all are."""

_MARK, _HYPHEN = "\ufffe", "\x02"
"""What pdfium gives for a hyphen at a line end and for a character it cannot name; ours for the
former. `clean` removes and counts what is left of either."""

_WORD = re.compile(r"\S+")
_BLANKS = re.compile(r"[ \t]+")
_EMPTY = re.compile(r"\n{3,}")


class PdfFile:
    """An open PDF. Raises `DocumentError` when neither library can open it."""

    def __init__(self, data: bytes):
        self._data = data
        self._pdfium: pdfium.PdfDocument | None = None
        self._second: SecondReader | None = None
        if b"%PDF-" not in data[:1024]:
            raise DocumentError(_not_pdf(data))
        try:
            self._pdfium = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            if error.err_code == raw.FPDF_ERR_PASSWORD:
                raise DocumentError(
                    "is protected by a password: save a copy without one and index that"
                ) from None
            self._second = SecondReader(data)
        self.info = self._look()

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """Read the pages from `first` on; a page may come twice, the later one is the better."""
        for number in range(first, min(self.info.pages, MAX_PAGES) + 1):
            try:
                page = self._by_pdfium(number) if self._pdfium else self._by_pypdf(number)
            except Exception as error:  # the libraries raise anything on a damaged page
                yield SourcePage(number, str(number), "", failed=short(error))
                continue
            if self._pdfium is None or not _lines_lost(page.text):
                yield page
                continue
            yield replace(page, draft=True)  # in case the second reader does not come back
            yield self._by_layout(page) or page

    def _look(self) -> SourceInfo:
        notes = []
        if self._pdfium is None:
            assert self._second is not None
            count, metadata = self._second.pages, self._second.metadata()
            notes.append("damaged: read by the second reader, tables may be out of order")
        else:
            count, metadata = len(self._pdfium), self._pdfium.get_metadata_dict(skip_empty=True)
            if b"/XFA" in self._data and len(self._pdfium) == 1:
                notes.append("an XFA form: what stands in the form itself cannot be read")
        if count == 0:
            raise DocumentError("has no pages")
        if count > MAX_PAGES:
            notes.append(f"only the first {MAX_PAGES:,} of {count:,} pages were read")
        return SourceInfo(count, metadata, tuple(notes))

    def _by_pdfium(self, number: int) -> SourcePage:
        assert self._pdfium is not None
        label = clean(self._pdfium.get_page_label(number - 1))[0].strip() or str(number)
        page = self._pdfium[number - 1]
        try:
            words = page.get_textpage()
            try:
                text = _lines(words)
                cut = words.count_chars() > MAX_PAGE_CHARACTERS
            finally:
                words.close()
        finally:
            page.close()
        text, removed = clean(text)
        return SourcePage(number, label, _tidy(text), removed, cut=cut)

    def _by_layout(self, page: SourcePage) -> SourcePage | None:
        """Read the page again by pypdf's layout mode; None unless that found the lines."""
        if self._second is None:
            try:
                self._second = SecondReader(self._data)
            except DocumentError:
                return None
        try:
            text, removed = clean(self._second.text(page.number, layout=True))
        except Exception:  # pypdf raises anything on a damaged page; there is a text already
            return None
        text = _tidy(text)
        if _lines_lost(text) or _letters(text) < 0.95 * _letters(page.text):
            return None
        return replace(page, text=text, removed=removed, layout=True)

    def _by_pypdf(self, number: int) -> SourcePage:
        assert self._second is not None
        text, removed = clean(self._second.text(number, layout=False))
        return SourcePage(number, self._second.label(number), _tidy(text), removed)


def _lines(page: pdfium.PdfTextPage) -> str:
    """Return the text of a page with the line ends that pdfium dropped put back."""
    count = page.count_chars()
    if count > MAX_PAGE_CHARACTERS:
        return str(page.get_text_range(0, MAX_PAGE_CHARACTERS))
    text: str = page.get_text_range()
    places = _places(text, count)
    if places is None:  # the library left characters out: positions no longer fit the text
        return re.sub(rf"(?<=\w){_MARK}(?=\w)", "-\n", text)
    text = _hyphens(text, page, places)
    origins = _Origins(page, places)
    pieces, copied, start = [], 0, 0
    for line in text.replace(_HYPHEN, "\n").split("\n"):  # a hyphen here swallowed a line end
        blanks = line.count(" ")
        if blanks and not (blanks > _LONG and origins.level(start, line)):
            for cut in origins.cuts(start, line):
                pieces.append(text[copied:cut])
                copied = cut
        start += len(line) + 1
    pieces.append(text[copied:])
    return "\n".join(pieces).replace(_HYPHEN, "-\n")


class _Origins:
    """Where the words of a page stand, in points; up and right is more."""

    def __init__(self, page: pdfium.PdfTextPage, places: Sequence[int]):
        self._handle = page.raw
        self._places = places
        self._x, self._y = ctypes.c_double(), ctypes.c_double()
        self._into = ctypes.byref(self._x), ctypes.byref(self._y)

    def level(self, start: int, line: str) -> bool:
        """Whether first, middle and last word of a line stand at one height, left to right.

        Such a line is taken as one without looking at every word of it, which is slow. (Of 2,089
        pages of filings none is read otherwise for that.)
        """
        full = line.rstrip()
        first = len(line) - len(line.lstrip())
        middle, last = full.find(" ", len(full) // 2) + 1, full.rfind(" ") + 1
        at = [self._at(start + place) or (-1.0, -1.0) for place in (first, middle, last)]
        (x, y), (middle_x, middle_y), (last_x, last_y) = at
        near = abs(middle_y - y) <= _DOWN and abs(last_y - y) <= _DOWN
        return near and 0 <= x <= middle_x <= last_x

    def cuts(self, start: int, line: str) -> Iterator[int]:
        """Ends of the words after which the line jumps down and left."""
        before_x = before_y = 0.0
        end = -1
        for word in _WORD.finditer(line):
            at = self._at(start + word.start())
            if at is None:
                continue
            if end >= 0 and at[0] < before_x + _SAME and abs(at[1] - before_y) > _DOWN:
                # Upright text also climbs at one and the same place: the last word climbed too.
                last = self._at(end - 1)
                climbed = last is not None and abs(last[1] - before_y) >= _DOWN
                if not climbed or at[0] < before_x - _BACK:
                    yield end
            before_x, before_y = at
            end = start + word.end()

    def _at(self, place: int) -> tuple[float, float] | None:
        if not raw.FPDFText_GetCharOrigin(self._handle, self._places[place], *self._into):
            return None
        return self._x.value, self._y.value


def _places(text: str, count: int) -> Sequence[int] | None:
    """Return the library's index of each character; it counts those beyond 16 bits twice."""
    if len(text) == count:
        return range(count)
    widths = [2 if character > "\uffff" else 1 for character in text]
    if sum(widths) != count:
        return None
    return list(accumulate(widths, initial=0))


def _hyphens(text: str, page: pdfium.PdfTextPage, places: Sequence[int]) -> str:
    """Tell hyphens at line ends, which swallow the line end, from characters without a meaning."""
    if _MARK not in text and _HYPHEN not in text:
        return text
    text = text.replace(_HYPHEN, _MARK)
    return re.sub(
        _MARK,
        lambda match: (
            _HYPHEN if raw.FPDFText_IsHyphen(page.raw, places[match.start()]) == 1 else _MARK
        ),
        text,
    )


def _lines_lost(text: str) -> bool:
    """Say whether a line of the page is so long, with so many words, that lines were run together.

    A page of no sensible length is left as it is: the second reader is slow.
    """
    if len(text) > 50_000:
        return False
    return any(len(line) > _LINE_LOST and line.count(" ") > 60 for line in text.split("\n"))


def _letters(text: str) -> int:
    return len("".join(text.split()))


def _tidy(text: str) -> str:
    """Runs of blanks as one, none at the ends of lines, at most one empty line."""
    if "  " in text or "\t" in text:
        text = _BLANKS.sub(" ", text)
    text = "\n".join(map(str.strip, text.split("\n")))
    return _EMPTY.sub("\n\n", text).strip()


def _not_pdf(data: bytes) -> str:
    if not data:
        return "is empty (0 bytes)"
    kind = looks_like(data)
    if kind:
        return f"is not a PDF: it is {kind}"
    return "is not a PDF: it does not begin as one"
