"""From files to passages: what one update of an index reads, and what it reports.

Knows the order of reading, profiling and cutting. Knows nothing of ranking or of files on disk.
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from .chunking import Chunker, Fixed
from .contents import Contents
from .documents import Document, Page
from .folder import Found, Skipped, show, store
from .journal import Journal
from .languages import ENGLISH, detect
from .plan import Plan
from .profiles import profile
from .readers import Read, read_all
from .scratch import Scratch
from .spool import Spool
from .vectors import told

Progress = Callable[[int, int, str], None]
"""Told files done, files to read, and the name of the last one."""


@dataclass(frozen=True)
class Reading:
    """How far the reading is."""

    files: int
    """Done, with those that were left out and those that an earlier run had read."""
    files_in_all: int
    size: int
    """Bytes of the files read in this run."""
    size_in_all: int
    """Bytes to read in this run."""
    pages: int
    """Read in this run."""


Watch = Callable[[Reading], None]
"""Told after every file."""


@dataclass(frozen=True)
class IndexReport:
    """What one update did. Paths are as `folder.store` writes them, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Known paths with other content than before."""
    unchanged: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    """Those of `added` whose content stood under a path that is gone now."""
    removed: tuple[str, ...] = ()
    """Known paths that are gone, or whose new content cannot be read."""
    duplicates: tuple[str, ...] = ()
    """Paths whose content stands in the index under another path already."""
    skipped: tuple[Skipped, ...] = ()
    resumed: int = 0
    """Files that an earlier update had read before it was stopped."""
    documents: int = 0
    """In the index now."""
    pages: int = 0
    passages: int = 0
    vectors: str = ""
    """One line on how the vectors are kept, and what that costs."""


def read_planned(
    plan: Plan,
    journal: Journal,
    spool: Spool,
    progress: Progress | None,
    watch: Watch | None,
    chunker: Chunker | None = None,
    language: str | None = None,
) -> None:
    """Read the files of a plan, cut into passages, into the spool; the plan learns what came of it.

    What the journal has is not read again, and what is read is kept there. `language` is that of
    all of them; None: each document's own, by its small words.
    """
    cut = (chunker or Fixed()).cut
    files = plan.to_read()
    read: dict[str, str] = {}
    size = pages = 0
    size_in_all = sum(found.size for found in files)
    with closing(_each(plan, files, journal, spool.scratch)) as each:
        for done, (found, item, again) in enumerate(each, 1):
            if isinstance(item, Skipped):
                plan.skipped.append(item)
                name = item.path.name
            else:
                document = _described(item.document, item.pages, language)
                spool.add(document, cut(document, item.pages))
                read[store(found.path)] = document.id
                name = document.name
                item.close()
            if again:
                plan.resumed += 1
                size_in_all -= found.size
            else:
                size += found.size
                pages += len(item.pages) if isinstance(item, Read) else 0
            if progress is not None:
                progress(done, len(files), show(name))
            if watch is not None:
                watch(Reading(done, len(files), size, size_in_all, pages))
    plan.settle(read)


def _each(
    plan: Plan, files: list[Found], journal: Journal, scratch: Scratch
) -> Generator[tuple[Found, Read | Skipped, bool], None, None]:
    """Every file with what was read of it, and whether an earlier update had done so."""
    rest = []
    for found in files:
        known = journal.read(found, plan.now[store(found.path)])
        if known is None:
            rest.append(found)
        else:
            yield found, Read(found, *known), True
    # Closed, so that nothing is being read any more when the scratch goes.
    with closing(read_all(rest, scratch=scratch)) as reading:
        for found, item in zip(rest, reading, strict=True):
            if isinstance(item, Read):
                journal.keep(item.document, item.pages)
            yield found, item, False


def report(plan: Plan, contents: Contents) -> IndexReport:
    """What an update did, from its plan and what is in the index now."""
    now, known, after, first = plan.now, plan.known, plan.after, plan.wanted
    kept = [path for path in sorted(now) if path in after]
    added = tuple(path for path in kept if path not in known)
    gone = {key for path, key in known.items() if path not in after}
    return IndexReport(
        added=added,
        moved=tuple(path for path in added if after[path] in gone),
        changed=tuple(path for path in kept if path in known and known[path] != now[path]),
        unchanged=tuple(path for path in kept if known.get(path) == now[path]),
        removed=tuple(sorted(path for path in known if path not in after)),
        duplicates=tuple(path for path in kept if first[after[path]] != path),
        skipped=tuple(plan.skipped),
        resumed=plan.resumed,
        documents=len(contents.documents),
        pages=sum(document.pages for document in contents.documents.passing()),
        passages=contents.size,
        vectors=told(contents.vectors),
    )


def _described(document: Document, pages: Sequence[Page], language: str | None) -> Document:
    learned = profile(document, pages)
    spoken = language or detect(pages)
    if spoken != ENGLISH:
        learned = {**learned, "language": spoken}
    return document.model_copy(update={"metadata": {**learned, **document.metadata}})
