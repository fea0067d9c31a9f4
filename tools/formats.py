"""Which files are read, by their ending, and who reads them: one line a format.

Readers are named, not imported: a library is loaded where and when a file of its kind is read.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .documents import Kind
from .source import Source


@dataclass(frozen=True)
class Format:
    """One kind of file."""

    kind: Kind
    reader: str
    """`module:Class` in this package; the class takes the file's bytes and fits `Source`."""
    apart: bool = True
    """Whether it is read in the child process, under its limits of memory and time. Only a reader
    that can do no harm, whatever the bytes, is spared that."""

    def load(self) -> Callable[[bytes], Source]:
        """The reader, imported now if it was not before."""
        module, _, name = self.reader.partition(":")
        reader: Callable[[bytes], Source] = getattr(
            importlib.import_module(f".{module}", __package__), name
        )
        return reader

    def open(self, data: bytes) -> Source:
        """The file, opened. Raises `DocumentError`."""
        return self.load()(data)


FORMATS = {
    ".pdf": Format("pdf", "pdf:PdfFile"),
    ".md": Format("md", "plain:PlainFile", apart=False),
    ".txt": Format("txt", "plain:PlainFile", apart=False),
    ".html": Format("html", "read_html:HtmlFile"),
    ".htm": Format("html", "read_html:HtmlFile"),
    ".docx": Format("docx", "read_docx:DocxFile"),
    ".xlsx": Format("xlsx", "read_xlsx:XlsxFile"),
    ".xlsm": Format("xlsx", "read_xlsx:XlsxFile"),
    ".csv": Format("csv", "read_csv:CsvFile"),
    ".tsv": Format("csv", "read_csv:CsvFile"),
}
"""By ending, in lower case."""


def format_of(path: Path) -> Format | None:
    """Who reads a file; None when nobody does."""
    return FORMATS.get(path.suffix.lower())
