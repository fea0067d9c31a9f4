"""What an update of an index has to do: which files are new, changed or gone. Reads no document.

Files are known by content (`folder.document_id`); paths are text as `folder.store` writes them.
"""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .documents import Document
from .errors import DocumentError, SettingsError
from .folder import Found, Skipped, document_id, find_files, restore, show, store


@dataclass
class Plan:
    """Paths before and after an update. `settle` is told how the reading went."""

    known: dict[str, str]
    """Path -> document id before, for the paths under what was given."""
    now: dict[str, str]
    """The same as found on disk now."""
    after: dict[str, str]
    """Every path the index will have."""
    files: dict[str, Found]
    skipped: list[Skipped]
    keep: set[str] = field(default_factory=set)
    """Ids of documents that need not be read."""
    resumed: int = 0
    """Files that need not be read because an update that was stopped had read them."""

    @property
    def wanted(self) -> dict[str, str]:
        """Document id -> the first of its paths: the one it is read from and named after."""
        return {key: path for path, key in sorted(self.after.items(), reverse=True)}

    def to_read(self) -> list[Found]:
        """The files to read, one a document."""
        wanted = self.wanted.items()
        return [self.files[path] for key, path in sorted(wanted) if key not in self.keep]

    def settle(self, read: Mapping[str, str]) -> None:
        """Take in what was read (path -> document id): paths that could not be read are dropped.

        A file that changed between the look at it and its reading counts as what was read.
        """
        got = set(read.values()) | self.keep
        for path, key in read.items():
            self.now[path] = self.after[path] = key
        self.after = {path: key for path, key in self.after.items() if key in got}

    def moved(self, documents: Iterable[Document]) -> dict[str, Document]:
        """Kept documents whose first path is another one now."""
        wanted = self.wanted
        return {
            document.id: document.model_copy(
                update={"path": wanted[document.id], "name": shown_name(wanted[document.id])}
            )
            for document in documents
            if document.id in self.keep and document.path != wanted[document.id]
        }


def make_plan(
    documents: Iterable[Document], paths: Mapping[str, str], given: Sequence[Path]
) -> Plan:
    """Compare what is indexed (`documents` under `paths`) with the files under `given`.

    A file that cannot be opened keeps what was indexed of it. Raises `SettingsError` when a given
    path is missing, or when there is nothing to read and nothing was indexed there.
    """
    scope = [real_path(path) for path in given]
    known = {path: key for path, key in paths.items() if is_under(path, scope)}
    found, skipped = _find(given, known)
    now: dict[str, str] = {}
    files: dict[str, Found] = {}
    for file in found:
        path = store(file.path)
        try:
            now[path] = document_id(file)
            files[path] = file
        except DocumentError as error:
            skipped.append(Skipped(file.path, str(error)))
            if path in known:
                now[path] = known[path]
    after = {**{path: key for path, key in paths.items() if path not in known}, **now}
    plan = Plan(known, now, after, files, skipped)
    names = {document.id: document.name for document in documents}
    plan.keep = {
        key
        for key, path in plan.wanted.items()
        # Another name is another title: such a file is read again, like a new one.
        if key in names and (names[key] == shown_name(path) or path not in files)
    }
    return plan


def is_under(path: str, roots: Collection[Path]) -> bool:
    """Whether a stored path is one of the roots or lies in one."""
    return any(restore(path).is_relative_to(root) for root in roots)


def real_path(path: Path) -> Path:
    """The path with every link resolved, as paths are stored."""
    return Path(os.path.realpath(path))


def shown_name(path: str) -> str:
    """The name a document read from a stored path has."""
    return show(restore(path).name)


def _find(given: Sequence[Path], known: Collection[str]) -> tuple[list[Found], list[Skipped]]:
    try:
        return find_files(given)
    except DocumentError as error:
        if known:
            # The folder held documents before and is empty now: they are gone, which is news.
            return [], []
        raise SettingsError(str(error)) from None
