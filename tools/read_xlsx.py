"""Excel workbooks as pages of rows (extra `[office]`). Knows openpyxl's cells.

A sheet is a page, labelled with its name; a long one is several, labelled with its rows too. Of a
formula the value is read that was saved with it; macros and links to other files are left alone.
"""

import datetime
import io
import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from .archives import EXTRA, check_archive
from .errors import DocumentError
from .sheets import pages_of
from .source import MAX_PAGES, SourceInfo, SourcePage
from .text import clean

try:
    import openpyxl
except ImportError:  # an extra
    openpyxl = None

_PERCENT = re.compile(r"0(?:\.(0+))?%")


class XlsxFile:
    """A workbook, read row by row. Raises `DocumentError` when it is none."""

    def __init__(self, data: bytes):
        if openpyxl is None:
            raise DocumentError(EXTRA)
        check_archive(data, "xl/workbook.xml")
        self._notes: list[str] = []
        self._pages: list[SourcePage] = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of styles and parts that are not read
                book = openpyxl.load_workbook(
                    io.BytesIO(data), read_only=True, data_only=True, keep_links=False
                )
                for sheet in book.worksheets:
                    self._read(sheet)
                properties = book.properties
        except MemoryError:
            raise
        except Exception as error:
            # openpyxl has no exception of its own: a damaged part shows as any of Python's.
            raise DocumentError(
                f"is damaged and cannot be read as a workbook ({type(error).__name__})"
            ) from None
        metadata = {
            "Title": properties.title,
            "Author": properties.creator,
            "CreationDate": properties.created and properties.created.isoformat(),
        }
        self.info = SourceInfo(
            len(self._pages), {k: str(v) for k, v in metadata.items() if v}, tuple(self._notes)
        )

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """The pages from `first` on."""
        yield from self._pages[first - 1 :]

    def _read(self, sheet: Any) -> None:
        name = " ".join(clean(str(sheet.title))[0].split()) or "?"
        sheet.reset_dimensions()  # the size that the file claims may be a million empty columns
        rows = ((number, [shown(cell) for cell in cells]) for number, cells in enumerate(sheet, 1))
        pages, dropped = pages_of(rows)
        if dropped > 0:
            self._notes.append(f"sheet {name}: {dropped:,} columns on the right were left out")
        if sheet.sheet_state != "visible":
            self._notes.append(f"sheet {name} is hidden in the workbook")
        room = MAX_PAGES - len(self._pages)
        if len(pages) > room:
            self._notes.append(f"sheet {name}: only {room:,} of {len(pages):,} pages of rows")
        for where, text in pages[:room]:
            label = f"{name}, rows {where}" if where else name
            kept, removed = clean(text)
            self._pages.append(SourcePage(len(self._pages) + 1, label, kept, removed))


def shown(cell: Any) -> str:
    """A cell's value as text: dates as ISO writes them, percentages as percentages."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime | datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int | float):
        percent = _PERCENT.search(str(cell.number_format or ""))
        if percent:
            return f"{value * 100:.{len(percent[1] or '')}f}%"
        # As many digits as Excel keeps; never in powers of ten, which no page shows.
        return f"{Decimal(f'{value:.15g}'):f}" if abs(value) < 1e21 else f"{value:g}"
    return str(value)
