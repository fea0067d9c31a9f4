"""Word documents as pages of text (extra `[office]`). Knows the parts of a document's XML.

Headings become `#` lines, tables rows of `cell | cell`, list items `-` lines. Such a file has no
pages until it is printed: here a page ends where the writer put a page break, and a longer text is
cut as plain text is (`tools/plain.py`). What was deleted with changes tracked is left out.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from .archives import EXTRA, check_archive
from .errors import DocumentError
from .plain import cut
from .sheets import SEPARATOR, tidy
from .source import MAX_PAGES, SourceInfo, SourcePage
from .text import clean

try:
    import docx
    from docx.oxml import parse_xml
except ImportError:  # an extra
    docx = None  # type: ignore[assignment]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_BREAK = "\f"
_HEADING = re.compile(r"heading ([1-6])$", re.I)
_SKIPPED = {f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}pPr", f"{_W}rPr", _FALLBACK}
_NOTES = ("/footnotes", "/endnotes")
_DEEPEST = 8
"""Tables within tables."""


class DocxFile:
    """A Word document. Raises `DocumentError` when it is none."""

    def __init__(self, data: bytes):
        if docx is None:
            raise DocumentError(EXTRA)
        check_archive(data, "word/document.xml")
        try:
            document = docx.Document(io.BytesIO(data))
            self._styles = {style.style_id: style.name or "" for style in document.styles}
            lines = list(self._blocks(document.element.body))
            lines += self._notes_of(document.part)
            properties = document.core_properties
            metadata = {
                "Title": properties.title,
                "Author": properties.author,
                "CreationDate": properties.created and properties.created.isoformat(),
            }
        except MemoryError:
            raise
        except Exception as error:
            # python-docx lets through whatever a damaged part leads to.
            raise DocumentError(
                f"is damaged and cannot be read as a Word document ({type(error).__name__})"
            ) from None
        self._removed = 0
        pages: list[str] = []
        for part in "\n\n".join(lines).split(_BREAK):
            text, removed = clean(part)
            self._removed += removed
            if text.strip():
                pages += cut(text.strip("\n"))
        self._pages = pages[:MAX_PAGES]
        title = next((line.lstrip("# ") for line in lines if line.startswith("# ")), "")
        notes = (f"only {MAX_PAGES:,} pages are read",) if len(pages) > MAX_PAGES else ()
        known = {key: str(value) for key, value in metadata.items() if value}
        self.info = SourceInfo(len(self._pages), known, notes, title)

    def pages(self, first: int = 1) -> Iterator[SourcePage]:
        """The pages from `first` on."""
        for number, text in enumerate(self._pages[first - 1 :], first):
            yield SourcePage(number, str(number), text, self._removed if number == 1 else 0)

    def _blocks(self, parent: Any, depth: int = 0) -> Iterator[str]:
        """Paragraphs and tables in order, those in content controls too."""
        for child in parent.iterchildren():
            if child.tag == f"{_W}p":
                line = self._paragraph(child)
                if line.strip(" "):
                    yield line
            elif child.tag == f"{_W}tbl" and depth < _DEEPEST:
                rows = [self._row(row, depth) for row in child.iter(f"{_W}tr") if _own(row, child)]
                yield "\n".join(row for row in rows if row)
            elif child.tag in (f"{_W}sdt", f"{_W}sdtContent", f"{_W}ins", f"{_W}customXml"):
                yield from self._blocks(child, depth)

    def _row(self, row: Any, depth: int) -> str:
        cells = []
        for cell in row.iter(f"{_W}tc"):
            if _own(cell, row):
                text = " ".join(self._blocks(cell, depth + 1)).replace(_BREAK, " ")
                cells.append(tidy(text.lstrip("#")))
        return SEPARATOR.join(cells) if any(cells) else ""

    def _paragraph(self, paragraph: Any) -> str:
        text = "".join(_pieces(paragraph))
        style = paragraph.find(f"{_W}pPr/{_W}pStyle")
        name = "" if style is None else self._styles.get(style.get(f"{_W}val"), "")
        before = paragraph.find(f"{_W}pPr/{_W}pageBreakBefore")
        start = (
            _BREAK if before is not None and before.get(f"{_W}val") not in ("0", "false") else ""
        )
        heading = _HEADING.match(name)
        level = 1 if name == "Title" else int(heading[1]) if heading else 0
        if level and text.strip():
            return f"{start}{'#' * level} {' '.join(text.split())}"
        listed = name.startswith("List") or paragraph.find(f"{_W}pPr/{_W}numPr") is not None
        return f"{start}- {text.strip()}" if listed and text.strip() else start + text.rstrip(" ")

    def _notes_of(self, part: Any) -> list[str]:
        """Footnotes and endnotes, on a page of their own at the end."""
        found = []
        for relation in part.rels.values():
            if not relation.is_external and relation.reltype.endswith(_NOTES):
                root = parse_xml(relation.target_part.blob)
                for note in root.iterchildren():
                    text = " ".join(self._blocks(note)).strip()
                    if text and note.get(f"{_W}type") is None:
                        found.append(f"[{note.get(f'{_W}id')}] {text}")
        return [_BREAK + found[0], *found[1:]] if found else []


def _own(item: Any, parent: Any) -> bool:
    """Whether a row or cell is this table's or row's, not that of a table inside."""
    above = item.getparent()
    while above is not parent:
        if above.tag == f"{_W}tbl":
            return False
        above = above.getparent()
    return True


def _pieces(node: Any) -> Iterator[str]:
    """The text of a paragraph; tabs as spaces."""
    for child in node.iterchildren():
        tag = child.tag
        if tag in _SKIPPED:
            continue
        if tag == f"{_W}t":
            yield child.text or ""
        elif tag == f"{_W}tab":
            yield " "
        elif tag == f"{_W}noBreakHyphen":
            yield "-"
        elif tag in (f"{_W}br", f"{_W}cr"):
            yield _BREAK if child.get(f"{_W}type") == "page" else "\n"
        else:
            yield from _pieces(child)
