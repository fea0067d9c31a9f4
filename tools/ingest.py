"""From files to passages: what one update of an index reads, and what it reports.

Knows the order of reading, profiling and cutting. Knows nothing of ranking or of files on disk.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from .chunks import passages
from .contents import Contents
from .documents import Document, Page, Passage
from .folder import Skipped, show, store
from .plan import Plan
from .profiles import profile
from .readers import read_all
from .vectors import told

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class IndexReport:
    """What one update did. Paths are as `folder.store` writes them, sorted."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Known paths with other content than before."""
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    """Known paths that are gone, or whose new content cannot be read."""
    duplicates: tuple[str, ...] = ()
    """Paths whose content stands in the index under another path already."""
    skipped: tuple[Skipped, ...] = ()
    documents: int = 0
    """In the index now."""
    pages: int = 0
    passages: int = 0
    vectors: str = ""
    """One line on how the vectors are kept, and what that costs."""


def read_planned(plan: Plan, progress: Progress | None) -> list[tuple[Document, list[Passage]]]:
    """Read the files of a plan, cut into passages; the plan learns what was skipped and read."""
    files = plan.to_read()
    added: dict[str, tuple[Document, list[Passage]]] = {}
    read: dict[str, str] = {}
    for done, item in enumerate(read_all(files), 1):
        if isinstance(item, Skipped):
            plan.skipped.append(item)
            name = item.path.name
        else:
            document = _described(item.document, item.pages)
            added[document.id] = (document, passages(document, item.pages))
            read[store(item.found.path)] = document.id
            name = document.name
        if progress is not None:
            progress(done, len(files), show(name))
    plan.settle(read)
    return list(added.values())


def report(plan: Plan, contents: Contents) -> IndexReport:
    """What an update did, from its plan and what is in the index now."""
    now, known, after, first = plan.now, plan.known, plan.after, plan.wanted
    kept = [path for path in sorted(now) if path in after]
    return IndexReport(
        added=tuple(path for path in kept if path not in known),
        changed=tuple(path for path in kept if path in known and known[path] != now[path]),
        unchanged=tuple(path for path in kept if known.get(path) == now[path]),
        removed=tuple(sorted(path for path in known if path not in after)),
        duplicates=tuple(path for path in kept if first[after[path]] != path),
        skipped=tuple(plan.skipped),
        documents=len(contents.documents),
        pages=sum(document.pages for document in contents.documents),
        passages=contents.size,
        vectors=told(contents.vectors),
    )


def _described(document: Document, pages: Collection[Page]) -> Document:
    learned = profile(document, tuple(pages))
    return document.model_copy(update={"metadata": {**learned, **document.metadata}})
