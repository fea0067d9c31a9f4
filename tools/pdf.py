"""The pages of a PDF as clean text. Knows the two PDF libraries and their weak spots.

Runs in a child process (`tools/child.py`): a PDF can be a bomb, and pdfium is not thread-safe.
pdfium reads the text: fast, and a table row stays on one line. It now and then runs a bulleted
line or a row into the one before; such a line end is put back where the text jumps down and left.
pypdf is the second reader: for a page whose lines cannot be put back (its layout mode), and for a
file that pdfium does not open.
"""

import ctypes
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from .errors import DocumentError
from .text import clean

MAX_PAGES = 20_000
MAX_PAGE_CHARACTERS = 1_000_000

_PYPDF_LIMITS = {
    "stream_parsing_work_maximum_count": 200_000,
    "zlib_maximum_output_length": 16_000_000,
    "lzw_maximum_output_length": 16_000_000,
    "run_length_maximum_output_length": 16_000_000,
    "array_based_stream_maximum_output_length": 16_000_000,
    "stream_decoding_work_maximum_length": 64_000_000,
    "xform_maximum_invocations_per_extraction": 200,
    "page_tree_maximum_entries": 20_000,
    "page_tree_maximum_page_entries": 400_000,
}
"""Far below pypdf's own limits, which let a 30 KB file run for minutes."""

_LINE_LOST = 600
"""A line this long on a page is not a line: the layout reader has a try."""

_BACK, _DOWN = 2.0, 4.0
"""Points to the left and up or down by which a word starts a new line."""

_WORD = re.compile(r"\S+")
_OTHER_KINDS = {
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89PNG": "a PNG picture",
    b"GIF8": "a GIF picture",
    b"PK\x03\x04": "a ZIP archive or Office document",
    b"\xd0\xcf\x11\xe0": "an old Office document",
    b"<!DOCTYPE": "an HTML page",
    b"<html": "an HTML page",
    b"{\\rtf": "an RTF document",
    b"%!PS": "a PostScript file",
    b"\x7fELF": "a program",
    b"\x1f\x8b": "a gzip archive",
}


@dataclass(frozen=True)
class PdfPage:
    """One page as it was read."""

    number: int
    label: str
    text: str
    removed: int = 0
    """Invisible characters that were taken out."""
    layout: bool = False
    """Read by pypdf's layout mode, because pdfium had lost the lines."""
    failed: str = ""
    """Why the page could not be read; the text is then empty."""


@dataclass(frozen=True)
class PdfInfo:
    """What is known of the file before its pages are read."""

    pages: int
    metadata: dict[str, str]
    notes: tuple[str, ...] = ()


class PdfFile:
    """An open PDF. Raises `DocumentError` when neither library can open it."""

    def __init__(self, data: bytes):
        self._data = data
        self._pdfium: pdfium.PdfDocument | None = None
        if b"%PDF-" not in data[:1024]:
            raise DocumentError(_not_pdf(data))
        try:
            self._pdfium = pdfium.PdfDocument(data)
        except pdfium.PdfiumError as error:
            if error.err_code == raw.FPDF_ERR_PASSWORD:
                raise DocumentError(
                    "is protected by a password: save a copy without one and index that"
                ) from None
            self._second = _SecondReader(data)
        else:
            self._second = None
        self.info = self._look()

    def pages(self, first: int = 1) -> Iterator[PdfPage]:
        """Read the pages from `first` on; a page may come twice, the later one is the better."""
        for number in range(first, min(self.info.pages, MAX_PAGES) + 1):
            try:
                if self._pdfium is None:
                    yield self._by_pypdf(number)
                    continue
                page = self._by_pdfium(number)
            except Exception as error:  # the libraries raise anything on a damaged page
                yield PdfPage(number, str(number), "", failed=_short(error))
                continue
            yield page
            if max(map(len, page.text.split("\n"))) > _LINE_LOST:
                better = self._by_layout(page)
                if better is not None:
                    yield better

    def _look(self) -> PdfInfo:
        notes = []
        if self._pdfium is None:
            count, metadata = len(self._second.reader.pages), self._second.metadata()
            notes.append("damaged: read by the second reader, tables may be out of order")
        else:
            count, metadata = len(self._pdfium), self._pdfium.get_metadata_dict(skip_empty=True)
            if self._pdfium.get_formtype() == raw.FORMTYPE_XFA_FULL:
                notes.append("an XFA form: what stands in the form itself cannot be read")
        if count == 0:
            raise DocumentError("has no pages")
        if count > MAX_PAGES:
            notes.append(f"only the first {MAX_PAGES:,} of {count:,} pages were read")
        return PdfInfo(count, metadata, tuple(notes))

    def _by_pdfium(self, number: int) -> PdfPage:
        assert self._pdfium is not None
        label = clean(self._pdfium.get_page_label(number - 1))[0].strip() or str(number)
        page = self._pdfium[number - 1]
        try:
            words = page.get_textpage()
            try:
                text = _lines(words)
            finally:
                words.close()
        finally:
            page.close()
        text, removed = clean(text)
        return PdfPage(number, label, _tidy(text), removed)

    def _by_layout(self, page: PdfPage) -> PdfPage | None:
        """Read the page again by pypdf's layout mode; None unless that found the lines."""
        if self._second is None:
            try:
                self._second = _SecondReader(self._data)
            except DocumentError:
                return None
        text, removed = clean(self._second.text(page.number, layout=True))
        text = _tidy(text)
        longest = max(map(len, text.split("\n")))
        if longest > _LINE_LOST or len("".join(text.split())) < 0.95 * len(
            "".join(page.text.split())
        ):
            return None
        return PdfPage(page.number, page.label, text, removed, layout=True)

    def _by_pypdf(self, number: int) -> PdfPage:
        text, removed = clean(self._second.text(number, layout=False))
        return PdfPage(number, self._second.label(number), _tidy(text), removed)


class _SecondReader:
    """pypdf with tight limits."""

    def __init__(self, data: bytes):
        # Imported here: pypdf takes 0.1 s to load and most files never need it.
        import pypdf  # noqa: PLC0415

        logging.getLogger("pypdf").setLevel(logging.CRITICAL)
        self._limits = lambda: pypdf.apply_configuration(**_PYPDF_LIMITS)
        try:
            with self._limits():
                self.reader = pypdf.PdfReader(io.BytesIO(data))
                len(self.reader.pages)
        except Exception as error:  # pypdf raises AttributeError and worse on damaged files
            raise DocumentError(f"is damaged and cannot be opened ({_short(error)})") from None

    def metadata(self) -> dict[str, str]:
        try:
            found = self.reader.metadata or {}
            return {str(key).lstrip("/"): str(value) for key, value in islice(found.items(), 50)}
        except Exception:  # a damaged information dictionary is no reason to lose the pages
            return {}

    def label(self, number: int) -> str:
        try:
            return clean(self.reader.page_labels[number - 1])[0].strip() or str(number)
        except Exception:  # damaged labels: the page number will do
            return str(number)

    def text(self, number: int, *, layout: bool) -> str:
        with self._limits():
            page = self.reader.pages[number - 1]
            if layout:
                return page.extract_text(
                    extraction_mode="layout", layout_mode_space_vertically=False
                )
            return page.extract_text()


def _lines(page: pdfium.PdfTextPage) -> str:
    """Return the text of a page with the line ends that pdfium dropped put back."""
    count = page.count_chars()
    if count > MAX_PAGE_CHARACTERS:
        return page.get_text_range(0, MAX_PAGE_CHARACTERS)
    text = page.get_text_range()
    if len(text) != count:  # characters beyond 16 bits: positions no longer fit the text
        return _hyphens(page.get_text_bounded())
    x, y = ctypes.c_double(), ctypes.c_double()
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    origin, handle = raw.FPDFText_GetCharOrigin, page.raw
    pieces, copied, end = [], 0, 0
    before_x = before_y = 0.0
    for word in _WORD.finditer(text):
        start = word.start()
        if not origin(handle, start, at_x, at_y):
            continue
        left, height = x.value, y.value
        if (
            start > end > 0
            and left < before_x - _BACK
            and abs(height - before_y) > _DOWN
            and "\n" not in text[end:start]
        ):
            pieces.append(text[copied:end])
            copied = start
        before_x, before_y, end = left, height, word.end()
    pieces.append(text[copied:])
    return _hyphens("\n".join(pieces))


def _hyphens(text: str) -> str:
    """Write out pdfium's mark for a hyphen at a line end, which swallows the line end."""
    return text.replace("\ufffe", "-\n").replace("\x02", "-\n")


def _tidy(text: str) -> str:
    lines = (re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _not_pdf(data: bytes) -> str:
    if not data:
        return "is empty (0 bytes)"
    for magic, kind in _OTHER_KINDS.items():
        if data[:512].lstrip()[: len(magic)].lower() == magic.lower():
            return f"is not a PDF: it looks like {kind}"
    return "is not a PDF: it does not begin as one"


def _short(error: Exception) -> str:
    text = clean(" ".join(str(error).split()))[0]
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__
