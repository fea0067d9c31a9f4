"""What a reader tells of one file, page by page, and the limits that hold for every kind of file.

Knows no library and no file: both sides of the reading process import this. A reader of a new
format is a class that fits `Source`, and one line in `tools/formats.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

MEMORY = 450_000_000
"""Bytes that the reading process may take beyond what it has mapped when its libraries are loaded.
"""

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


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page as it was read."""

    number: int
    """1-based."""
    label: str
    """What is printed on it; the number where nothing is."""
    text: str
    """Cleaned (`tools/text.py`)."""
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
class SourceInfo:
    """What is known of a file before its pages are read."""

    pages: int
    metadata: dict[str, str] = field(default_factory=dict)
    """The file's own properties: `Title`, `Author`, `CreationDate` are used."""
    notes: tuple[str, ...] = ()
    title: str = ""
    """A title that stands in the text itself; without it one is sought."""


class Source(Protocol):
    """An open file. Made from its bytes; raises `DocumentError` (without a name) when it is none.

    The words of the error follow the file's name: "is damaged and cannot be opened".
    """

    info: SourceInfo

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """The pages from `first` on, each as soon as it is read, at most `MAX_PAGES`."""
        ...
