"""CSV and TSV files as pages of rows. Knows encodings, what parts the cells, and no library."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

from .errors import DocumentError
from .plain import check_size, decode
from .sheets import LONGEST_CELL, pages_of
from .source import MAX_PAGES, SourceInfo, SourcePage
from .text import clean

_SEPARATORS = ",;\t|"
_TRIED = 50
"""Lines by which what parts the cells is chosen."""
_FIELD_LIMIT = 1_000_000


class CsvFile:
    """A file of rows. Raises `DocumentError` when it is none."""

    def __init__(self, data: bytes):
        check_size(data)
        decoded, notes = decode(data)
        text, self._removed = clean(decoded)
        csv.field_size_limit(_FIELD_LIMIT)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text))
        try:
            pages, dropped = pages_of(enumerate(rows, 1))
        except csv.Error as error:
            raise DocumentError(f"cannot be read as rows: {error}") from None
        if dropped > 0:
            notes = (*notes, f"{dropped:,} columns on the right were left out")
        if len(pages) > MAX_PAGES:
            notes = (*notes, f"only {MAX_PAGES:,} of {len(pages):,} pages of rows are read")
        self._pages = pages[:MAX_PAGES]
        self.info = SourceInfo(len(self._pages), notes=notes)

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """The pages from `first` on; a label is `rows 2-31`, where there are several."""
        for number, (rows, text) in enumerate(self._pages[first - 1 :], first):
            label = f"rows {rows}" if rows else str(number)
            yield SourcePage(number, label, text, self._removed if number == 1 else 0)


def _separator(text: str) -> str:
    """What most of the first lines hold equally often; a comma where nothing does."""
    lines = [line[:LONGEST_CELL] for line in text.split("\n", _TRIED)[:_TRIED] if line.strip()]
    best, most = ",", 0
    for separator in _SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda pair: (pair[1], pair[0]), default=(1, 0))
        if width > 1 and count > most:
            best, most = separator, count
    return best
