"""The index over documents: kept in step with files, searched by meaning and words, read by page.

Knows how the parts work together. Knows nothing of tools, models or people.
"""

import difflib
import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from .chunks import CHUNKER
from .contents import Contents
from .documents import Document, Hit, Passage
from .embedders import Embedder, WordLlama
from .errors import SettingsError, ToolError
from .folder import show
from .ingest import IndexReport, Progress, read_planned, report
from .plan import is_under, make_plan, real_path
from .retrieval import RetrievalOptions
from .row_search import FoundRow
from .row_search import find as find_rows
from .searching import QUESTION_LIMIT, places, search
from .store import REBUILD, Store

_NAMED = 0.25
"""A document with at least this prior is named by the question."""


class Index:
    """Documents, passages and how to find them. Reading is safe from several threads."""

    def __init__(self, folder: Path, embedder: Embedder, contents: Contents, fresh: bool) -> None:
        self.folder = folder
        self.embedder = embedder
        self._store = Store(folder)
        self._contents = contents
        self._fresh = fresh

    @classmethod
    def open(
        cls, folder: Path, embedder: Embedder | None = None, *, rebuild: bool = False
    ) -> "Index":
        """The index in a folder, empty when there is none yet (nothing is written before `update`).

        Raises `SettingsError`, with the one command that rebuilds, when what is there is damaged or
        was made by another version, chunker or embedder. With `rebuild` what is there is ignored,
        and replaced by the first `update`.
        """
        model = embedder if embedder is not None else WordLlama()
        index = cls(folder, model, Contents.empty(model.dimension), fresh=rebuild)
        if not rebuild:
            index._contents = index._load()
        return index

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document, by name."""
        return tuple(sorted(self._contents.documents, key=lambda d: (d.name, d.id)))

    @property
    def fingerprint(self) -> str:
        """Content hash of what is in it: documents, chunker and embedder, not paths or order."""
        digest = hashlib.blake2b(digest_size=16)
        for part in (CHUNKER, self.embedder.id, self.embedder.hash):
            digest.update(part.encode() + b"\n")
        for document in self._contents.documents:
            digest.update(document.id.encode() + b"\n")
        return digest.hexdigest()

    def update(self, paths: Iterable[str | Path], progress: Progress | None = None) -> IndexReport:
        """Bring the index in step with these files and folders.

        Files are known by content: what is unchanged is not read again, a file that is gone from a
        folder given here is removed, a file that can no longer be read keeps its old content only
        when that did not change. `progress` is told files done, files to read, and a name.
        Raises `SettingsError` for a missing folder, one with nothing to read, or a disk that does
        not take the index; then nothing has changed.
        """
        given = [Path(path) for path in paths]
        with self._store.lock():
            before = Contents.empty(self.embedder.dimension) if self._fresh else self._load()
            plan = make_plan(before.documents, before.paths, given)
            added = read_planned(plan, progress)
            if added or self._fresh or plan.after != dict(before.paths):
                moved = plan.moved(before.documents)
                embed = self.embedder.embed
                contents = before.revised(plan.keep, added, plan.after, moved, embed)
                self._store.write(self._facts(contents), contents.encode())
            else:
                contents = before
            self._contents, self._fresh = contents, False
        return report(plan, contents)

    def select(self, paths: Iterable[str | Path]) -> frozenset[str]:
        """Ids of the documents at or under these paths; empty when none of them is indexed."""
        roots = [real_path(Path(path)) for path in paths]
        return frozenset(key for path, key in self._contents.paths.items() if is_under(path, roots))

    def named(
        self, question: str, documents: Collection[str] | None = None
    ) -> tuple[tuple[Document, float], ...]:
        """Documents that a question names by name, period or type, best first.

        A name that fits counts 1, the right period 0.3, the type 0.3; less than 0.25 in all is not
        naming.
        """
        contents = self._contents
        scores = contents.names.read(question[:QUESTION_LIMIT], places(contents, documents)).scores
        named = [(contents.documents[place], s) for place, s in scores.items() if s >= _NAMED]
        return tuple(sorted(named, key=lambda pair: (-pair[1], pair[0].name, pair[0].id)))

    def search(
        self,
        query: str,
        k: int = 8,
        documents: Collection[str] | None = None,
        options: RetrievalOptions | None = None,
    ) -> list[Hit]:
        """The best `k` passages for a question, of the given documents only, when given.

        Other documents are left out before anything is ranked. Empty when nothing fits at all.
        """
        return search(self._contents, self.embedder, query, k, documents, options)

    def rows(
        self,
        line_item: str,
        period: str = "",
        about: str = "",
        k: int = 3,
        documents: Collection[str] | None = None,
    ) -> list[FoundRow]:
        """The best `k` table rows for a line item and a period, of the given documents only.

        `about` is the question, which may name documents, statements and periods.
        """
        return find_rows(self._contents, line_item, period, about, k, documents)

    def page(self, document: str, page: int) -> tuple[Passage, ...]:
        """The passages of one page (1-based), in order; none when the page has no text.

        `document` is a name (the ending may be left out) or an id. Raises `ToolError`, naming what
        there is, when the document or page does not exist.
        """
        contents = self._contents
        found = self.resolve(document)
        if not 1 <= page <= found.pages:
            raise ToolError(
                f"{show(found.name)} has no page {page}: its pages are 1 to {found.pages}."
            )
        code = contents.numbers[found.id] << 32 | page
        return tuple(contents.passage(int(r)) for r in np.flatnonzero(contents.page_codes == code))

    def resolve(self, document: str, documents: Collection[str] | None = None) -> Document:
        """The one document meant by a name (the ending may be left out), a title or an id.

        Raises `ToolError`, naming what there is among `documents`, when there is none or several.
        """
        return _one_document(document, _among(self._contents, documents))

    def _load(self) -> Contents:
        stored = self._store.read()
        if stored is None:
            return Contents.empty(self.embedder.dimension)
        manifest, files = stored
        for what, mine in self._identity().items():
            if manifest.get(what) != mine:
                raise SettingsError(
                    f"The index {self.folder} was made with the {what} {manifest.get(what)!r}, not"
                    f" {mine!r}: {REBUILD}"
                )
        try:
            return Contents.decode(files)
        except (KeyError, ValueError) as error:
            raise SettingsError(
                f"The index {self.folder} has parts this version does not know"
                f" ({type(error).__name__}): {REBUILD}"
            ) from None

    def _identity(self) -> dict[str, object]:
        model = self.embedder
        embedder = {"id": model.id, "dimension": model.dimension, "hash": model.hash}
        return {"chunker": CHUNKER, "embedder": embedder}

    def _facts(self, contents: Contents) -> dict[str, object]:
        counts = {"documents": len(contents.documents), "passages": len(contents.lines)}
        return {**self._identity(), **counts}


def _among(contents: Contents, documents: Collection[str] | None) -> list[Document]:
    if documents is None:
        return list(contents.documents)
    chosen = set(documents)
    return [document for document in contents.documents if document.id in chosen]


def _one_document(wanted: str, documents: Collection[Document]) -> Document:
    key = wanted.strip().casefold()
    for matches in (
        [d for d in documents if wanted in (d.id, d.name)],
        [d for d in documents if key in (d.name.casefold(), Path(d.name).stem.casefold())],
        [d for d in documents if key == d.title.casefold()],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            ids = ", ".join(f"{show(d.name)} (id {d.id})" for d in matches)
            raise ToolError(f"{len(matches)} documents are called {wanted!r}: {ids}. Use the id.")
    names = sorted(show(document.name) for document in documents)
    if not names:
        raise ToolError("There are no documents.")
    near = difflib.get_close_matches(wanted, names, n=5, cutoff=0.4)
    listed = near or names[:20]
    more = f" and {len(names) - len(listed)} more" if len(names) > len(listed) else ""
    raise ToolError(f"No document is called {wanted!r}. There are: {', '.join(listed)}{more}.")
