"""Files as documents and pages. Knows each kind's reader, and what to tell a person about a file.

One bad file never stops the others: `read_all` gives a `Skipped` with the reason in its place.
PDFs are read in child processes (`tools/pool.py`), text files here.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from .documents import Document, Kind, Page
from .errors import DocumentError
from .folder import SUFFIXES, Found, Skipped, content_id, read_bytes, show, store
from .pdfpage import MAX_PAGE_CHARACTERS
from .plain import read_plain
from .pool import Child, PdfText
from .text import clean

__all__ = ["SUFFIXES", "Read", "read", "read_all"]

ONE_CHILD_BYTES = 3_000_000
"""PDFs of up to so many bytes together are not worth a second process."""

_KINDS: dict[str, Kind] = {".pdf": "pdf", ".md": "md", ".txt": "txt"}
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
_DATE = re.compile(r"(?:D:)?(\d{4})(\d{2})?(\d{2})?")


@dataclass(frozen=True)
class Read:
    """A file that was read."""

    found: Found
    document: Document
    pages: tuple[Page, ...]


def read(path: str | Path) -> tuple[Document, tuple[Page, ...]]:
    """Read one file. Raises `DocumentError` with one clear sentence when it cannot be read.

    A document in which no page has text is returned, with a note that says so.
    """
    path = Path(path).absolute()
    with Child() as child:
        return _read(path, path.parent, child)


def read_all(
    files: Iterable[Found],
    progress: Callable[[Path], None] | None = None,
    workers: int | None = None,
) -> Iterator[Read | Skipped]:
    """Read the files, in their order, each as soon as it and those before it are done.

    `workers` is the number of child processes (default: one a core, at most 4; one for a few small
    files). `progress` is told each path when its result is handed out. Memory holds a few files.
    """
    files = list(files)
    if workers is None:
        small = sum(item.size for item in files if _is_pdf(item.path)) <= ONE_CHILD_BYTES
        workers = 1 if small else min(4, os.cpu_count() or 1)
    children: SimpleQueue[Child] = SimpleQueue()
    started = [Child() for _ in range(workers)]
    for child in started:
        children.put(child)

    def work(item: Found) -> Read | Skipped:
        child = children.get()
        try:
            return Read(item, *_read(item.path, item.root, child))
        except DocumentError as error:
            return Skipped(item.path, _reason(error, item.path))
        finally:
            children.put(child)

    waiting: deque[tuple[Found, Future[Read | Skipped]]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="workings-read")
    try:
        for item in files:
            waiting.append((item, pool.submit(work, item)))
            if len(waiting) > 2 * workers:
                yield _next(waiting, progress)
        while waiting:
            yield _next(waiting, progress)
    finally:
        for _, future in waiting:
            future.cancel()
        if waiting:  # given up half way: the work under way is not waited for
            for child in started:
                child.stop()
        pool.shutdown()
        for child in started:
            child.close()


def _next(
    waiting: deque[tuple[Found, Future[Read | Skipped]]], progress: Callable[[Path], None] | None
) -> Read | Skipped:
    item, future = waiting[0]
    result = future.result()
    waiting.popleft()
    if progress is not None:
        progress(item.path)
    return result


def _read(path: Path, root: Path, child: Child) -> tuple[Document, tuple[Page, ...]]:
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise DocumentError(
            f"{show(path.name)} is not a kind that is read ({', '.join(sorted(SUFFIXES))}).", path
        )
    if kind == "pdf":
        return _pdf(path, child.read(path, root))
    return _plain(path, kind, read_bytes(path, root))


def _plain(path: Path, kind: Kind, data: bytes) -> tuple[Document, tuple[Page, ...]]:
    try:
        text = read_plain(data)
    except DocumentError as error:
        raise DocumentError(f"{show(path.name)} {error}.", path) from None
    pages = tuple(
        Page(number=number, label=str(number), text=page)
        for number, page in enumerate(text.pages, start=1)
    )
    notes = [*text.notes, *_removed(text.removed)]
    if not any(page.text.strip() for page in pages):
        notes.append("no text")
    document = Document(
        id=content_id(data),
        name=show(path.name),
        path=store(path),
        title=_cut_title(text.title) or show(path.stem),
        kind=kind,
        pages=len(pages),
        metadata={"file": show(path.stem)},
        notes=tuple(notes),
    )
    return document, pages


def _pdf(path: Path, text: PdfText) -> tuple[Document, tuple[Page, ...]]:
    assert text.head is not None
    found = [text.pages[number] for number in sorted(text.pages)]
    pages = tuple(Page(number=page.number, label=page.label, text=page.text) for page in found)
    properties = {key: clean(str(value))[0].strip() for key, value in text.head["metadata"].items()}
    metadata = {
        "file": show(path.stem),
        "pdf_title": properties.get("Title", ""),
        "author": properties.get("Author", ""),
        "created": _date(properties.get("CreationDate", "")),
    }
    failed = [page for page in found if page.failed]
    if len(failed) == len(found):
        raise DocumentError(
            f"{show(path.name)}: none of its pages can be read (page 1: {failed[0].failed})."
            if failed
            else f"{show(path.name)} has no pages.",
            path,
            1,
        )
    blank = [page.number for page in found if not page.text and not page.failed]
    layout = sum(1 for page in found if page.layout)
    notes = [*text.head["notes"], *text.notes]
    if blank and len(blank) == len(found):
        notes.append("no text on any page (scanned?)")
    elif blank:
        notes.append(f"{_count(len(blank), 'page')} without text (scanned?): {_listed(blank)}")
    notes.extend(f"page {page.number} was not read: {page.failed}" for page in failed[:5])
    if len(failed) > 5:
        notes.append(f"{len(failed) - 5} more pages were not read")
    for page in found:
        if page.cut:
            notes.append(f"page {page.number}: only {MAX_PAGE_CHARACTERS:,} characters were kept")
    notes.extend(_removed(sum(page.removed for page in found)))
    if layout:
        notes.append(f"layout fallback on {_count(layout, 'page')}")
    document = Document(
        id=text.head["id"],
        name=show(path.name),
        path=store(path),
        title=_pdf_title(metadata["pdf_title"], pages) or show(path.stem),
        kind="pdf",
        pages=text.head["pages"],
        metadata={key: value for key, value in metadata.items() if value},
        notes=tuple(notes),
    )
    return document, pages


def _pdf_title(given: str, pages: tuple[Page, ...]) -> str:
    """Return the title of the properties when a person wrote it, else the first line with words."""
    if len(given) >= 4 and not _POOR_TITLE.match(given):
        return _cut_title(given)
    for page in pages[:2]:
        for line in page.text.split("\n")[:10]:
            if len(re.findall(r"[^\W\d_]{2,}", line)) >= 2:
                return "" if _NO_TITLE.match(line) else _cut_title(line)
    return ""


def _cut_title(title: str) -> str:
    title = " ".join(title.split())
    return title if len(title) <= 200 else title[:199].rsplit(" ", 1)[0] + "\u2026"


def _date(value: str) -> str:
    """Return a PDF date as YYYY-MM-DD (or as much of it as there is)."""
    match = _DATE.match(value)
    return "-".join(part for part in match.groups() if part) if match else ""


def _removed(count: int) -> list[str]:
    return [f"removed {_count(count, 'invisible character')}"] if count else []


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _listed(numbers: list[int]) -> str:
    more = f" and {len(numbers) - 20} more" if len(numbers) > 20 else ""
    return ", ".join(map(str, numbers[:20])) + more


def _reason(error: DocumentError, path: Path) -> str:
    """Return the message without the name that it begins with, for a `Skipped`."""
    return str(error).removeprefix(show(path.name)).lstrip(": ").rstrip(".")


def _is_pdf(path: Path) -> bool:
    return path.suffix.lower() == ".pdf"
