"""Files as documents and pages, many at a time. Knows how the work is shared out, no format.

One bad file never stops the others: `read_all` gives a `Skipped` with the reason in its place.
Who reads a kind of file is told in `tools/formats.py`; most are read in child processes
(`tools/pool.py`). Profiling and cutting stay in the parent: they take a fifth of the time that the
children take, and handing the text over twice would cost more than a core gains.
"""

import os
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from .assembly import assemble
from .documents import Document, Page
from .errors import DocumentError
from .folder import SUFFIXES, Found, Skipped, content_id, read_bytes, show
from .formats import format_of
from .paged import Pages, SourcePages
from .pool import Child
from .scratch import Scratch

__all__ = ["SUFFIXES", "Read", "read", "read_all"]

ONE_CHILD_BYTES = 3_000_000
"""Files of up to so many bytes together are not worth a second process."""

LONG_TEXT = 2_000_000
"""Bytes of text from which on a child reads it."""

MOST_CHILDREN = 4
"""So many keep the parent busy with cutting, words and vectors."""


@dataclass(frozen=True)
class Read:
    """A file that was read."""

    found: Found
    document: Document
    pages: Sequence[Page]

    def close(self) -> None:
        """The pages are not needed any more."""
        if isinstance(self.pages, Pages):
            self.pages.close()


def read(path: str | Path) -> tuple[Document, tuple[Page, ...]]:
    """Read one file. Raises `DocumentError` with one clear sentence when it cannot be read.

    A document in which no page has text is returned, with a note that says so.
    """
    path = Path(path).absolute()
    with Child() as child:
        document, pages = _read(path, path.parent, child, None)
        return document, tuple(pages)


def read_all(
    files: Iterable[Found],
    workers: int | None = None,
    scratch: Scratch | None = None,
) -> Generator[Read | Skipped, None, None]:
    """Read the files, in their order, each as soon as it and those before it are done.

    `workers` is the number of child processes (default: one a core, at most `MOST_CHILDREN`; one
    for a few small files); a child is started when it is first needed. Memory holds a few files;
    with a scratch, on which the pages of a long one lie until `Read.close`, little of each.
    """
    files = list(files)
    if workers is None:
        small = sum(item.size for item in files if _apart(item.path)) <= ONE_CHILD_BYTES
        workers = 1 if small else min(MOST_CHILDREN, os.cpu_count() or 1)
    children: SimpleQueue[Child] = SimpleQueue()
    started = [Child() for _ in range(workers)]
    for child in started:
        children.put(child)

    def work(item: Found) -> Read | Skipped:
        child = children.get()
        try:
            return Read(item, *_read(item.path, item.root, child, scratch))
        except DocumentError as error:
            return Skipped(item.path, _reason(error, item.path))
        finally:
            children.put(child)

    waiting: deque[Future[Read | Skipped]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="workings-read")
    try:
        for item in files:
            waiting.append(pool.submit(work, item))
            if len(waiting) > 2 * workers:
                yield _next(waiting)
        while waiting:
            yield _next(waiting)
    finally:
        for future in waiting:
            future.cancel()
        if waiting:  # given up half way: the work under way is not waited for
            for child in started:
                child.stop()
        pool.shutdown()
        for child in started:
            child.close()


def _next(waiting: deque[Future[Read | Skipped]]) -> Read | Skipped:
    result = waiting[0].result()
    waiting.popleft()
    return result


def _read(
    path: Path, root: Path, child: Child, scratch: Scratch | None
) -> tuple[Document, Sequence[Page]]:
    name, form = show(path.name), format_of(path)
    if form is None:
        raise DocumentError(
            f"{name} is not a kind that is read ({', '.join(sorted(SUFFIXES))}).", path
        )
    if _apart(path):
        text = child.read(path, root, scratch)
        return assemble(path, form.kind, text.key, text.info, text.pages, text.notes)
    data = read_bytes(path, root)
    try:
        source = form.open(data)
    except DocumentError as error:
        raise DocumentError(f"{name} {error}.", path) from None
    pages = SourcePages(scratch)
    for page in source.pages():
        pages.put(page)
    return assemble(path, form.kind, content_id(data), source.info, pages)


def _reason(error: DocumentError, path: Path) -> str:
    """Return the message without the name that it begins with, for a `Skipped`."""
    return str(error).removeprefix(show(path.name)).lstrip(": ").rstrip(".")


def _apart(path: Path) -> bool:
    """Whether a child reads it: text too, when it is so long that it would fill our memory."""
    form = format_of(path)
    if form is None or form.apart:
        return form is not None
    try:
        return os.lstat(path).st_size > LONG_TEXT
    except OSError:
        return False
