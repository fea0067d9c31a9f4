"""What the reading process tells its parent of a PDF, and the limits both sides know.

Knows neither a PDF library nor a file: the parent imports this without loading either.
"""

from dataclasses import dataclass

MEMORY = 450_000_000
"""Bytes that the reading process may take beyond what it has mapped when it starts."""

OPEN_SECONDS = 10
PAGE_SECONDS = 5
"""CPU seconds for opening a file and for one page; beyond them the system ends the process."""

FILE_SECONDS = 10.0
SECONDS_A_PAGE = 0.05
"""CPU seconds for a whole file: so many, and so many more for each page that was read. An honest
page takes a tenth of that."""

MAX_PAGES = 20_000
MAX_PAGE_CHARACTERS = 1_000_000
MAX_CHARACTERS = 50_000_000
"""Text that is kept of one file."""


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
    cut: bool = False
    """The page has more than `MAX_PAGE_CHARACTERS`; the rest was left out."""
    draft: bool = False
    """The same page is sent once more, perhaps better."""
    failed: str = ""
    """Why the page could not be read; the text is then empty."""


@dataclass(frozen=True)
class PdfInfo:
    """What is known of the file before its pages are read."""

    pages: int
    metadata: dict[str, str]
    notes: tuple[str, ...] = ()
