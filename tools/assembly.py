"""What a reader told of a file, as `Document` and pages: its title, its properties, its notes.

Notes name every page that is not there in full, with the reason. Knows no format's library.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from .documents import Document, Kind, Page
from .errors import DocumentError
from .folder import show, store
from .paged import Pages, SourcePages
from .source import MAX_PAGE_CHARACTERS, SourceInfo, SourcePage
from .text import clean

SCANNED = "(scanned?)"
"""Ends the name of what pages without text probably are: pictures of pages."""

_ROWS = ("xlsx", "csv")
"""Kinds whose first line names columns, not the document."""

_REASONS = 20
"""Different reasons for pages that were not read which are told one by one."""

_POOR_TITLE = re.compile(
    r"(?i)^(?:microsoft (?:word|powerpoint|excel) - .*|untitled.*|\(?(?:anonymous|unspecified)\)?|"
    r"document\d*|print|\d[\d\W]*|.*\.(?:docx?|pdf|xlsx?|pptx?|indd|html?|tmp|rtf|qxd)|"
    r"(?:https?|file):.*|about:blank|none|null|title|page ?1?|slide ?1?|presentation ?1?)$"
)
_NO_TITLE = re.compile(
    r"(?i)^(?:table of contents|contents|united states.*|for immediate release.*|confidential.*|"
    r"draft.*|page \d+.*|(?:www\.|https?:).*)$"
)
"""First lines that say nothing of this document: its file name says more."""
_DATE = re.compile(r"(?:D:)?(\d{4})(?:-?(\d{2}))?(?:-?(\d{2}))?")


def assemble(
    path: Path,
    kind: Kind,
    key: str,
    info: SourceInfo,
    found: SourcePages,
    told: Iterable[str] = (),
) -> tuple[Document, Pages]:
    """The document in a file. `key` is its id; `told` are notes on how the reading went.

    Raises `DocumentError` when there is no page, or none that could be read.
    """
    name = show(path.name)
    faults = _Faults(found)
    if sum(map(len, faults.reasons.values())) == len(found):
        first = next(iter(faults.reasons), None)
        raise DocumentError(
            f"{name} has no pages."
            if first is None
            else f"{name}: none of its pages can be read (page 1: {first}).",
            path,
            1,
        )
    pages = Pages(found)
    properties = {key: clean(str(value))[0].strip() for key, value in info.metadata.items()}
    given = properties.get("Title", "")
    metadata = {
        "file": show(path.stem),
        "pdf_title": given if kind == "pdf" else "",
        "author": properties.get("Author", ""),
        "created": _date(properties.get("CreationDate", "")),
    }
    document = Document(
        id=key,
        name=name,
        path=store(path),
        title=_cut(info.title) or _title(given, () if kind in _ROWS else pages) or show(path.stem),
        kind=kind,
        pages=info.pages,
        metadata={key: value for key, value in metadata.items() if value},
        notes=(*info.notes, *told, *_notes(kind, len(found), faults)),
    )
    return document, pages


def listed(numbers: Iterable[int]) -> str:
    """Page numbers in order, runs of them as `4-9`."""
    runs = []
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        first, *rest = (number for _, number in run)
        runs.append(f"{first}-{rest[-1]}" if rest else str(first))
    return ", ".join(runs)


class _Faults:
    """What is not in full on the pages of a file, from one look at each."""

    def __init__(self, found: Iterable[SourcePage]) -> None:
        self.blank: list[int] = []
        self.cut: list[int] = []
        self.reasons: dict[str, list[int]] = {}
        """Why pages were not read."""
        self.removed = self.layout = 0
        for page in found:
            if page.failed:
                kept = page.failed in self.reasons or len(self.reasons) < _REASONS
                reason = page.failed if kept else "other faults"
                self.reasons.setdefault(reason, []).append(page.number)
            elif not page.text.strip():
                self.blank.append(page.number)
            if page.cut:
                self.cut.append(page.number)
            self.removed += page.removed
            self.layout += page.layout


def _notes(kind: Kind, pages: int, faults: _Faults) -> list[str]:
    notes = []
    blank, cut = faults.blank, faults.cut
    paged = kind == "pdf"
    if blank and len(blank) == pages:
        notes.append(f"no text on any page {SCANNED}" if paged else "no text")
    elif blank and paged:
        notes.append(f"{_count(len(blank), 'page')} without text {SCANNED}: {listed(blank)}")
    notes.extend(
        f"page{'' if len(numbers) == 1 else 's'} {listed(numbers)} "
        f"{'was' if len(numbers) == 1 else 'were'} not read: {reason}"
        for reason, numbers in faults.reasons.items()
    )
    if cut:
        each = f"only {MAX_PAGE_CHARACTERS:,} characters were kept"
        notes.append(f"page{'' if len(cut) == 1 else 's'} {listed(cut)}: {each}")
    if faults.removed:
        notes.append(f"removed {_count(faults.removed, 'invisible character')}")
    if faults.layout:
        notes.append(f"layout fallback on {_count(faults.layout, 'page')}")
    return notes


def _title(given: str, pages: Sequence[Page]) -> str:
    """The title of the properties when a person wrote it, else the first line with words."""
    if len(given) >= 4 and not _POOR_TITLE.match(given):
        return _cut(given)
    for page in pages[:2]:
        for line in page.text.split("\n")[:10]:
            if len(re.findall(r"[^\W\d_]{2,}", line)) >= 2:
                return "" if _NO_TITLE.match(line) else _cut(line)
    return ""


def _cut(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= 200 else title[:199].rsplit(" ", 1)[0] + "\u2026"


def _date(value: str) -> str:
    """A date (as PDF or ISO writes it) as YYYY-MM-DD, or as much of it as there is."""
    match = _DATE.match(value)
    return "-".join(part for part in match.groups() if part) if match else ""


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
