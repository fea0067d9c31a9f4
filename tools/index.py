"""The index over documents: kept in step with files, searched by meaning and words, read by page.

Knows how the parts work together. Knows nothing of tools, models or people.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from .building import Change
from .chunking import FIXED, Chunker, chunker_of
from .contents import Contents
from .documents import Document, Hit, Passage
from .embedders import Embedder, WordLlama
from .errors import ToolError
from .folder import Skipped, show
from .ingest import IndexReport, Progress, Watch, read_planned, report
from .journal import Journal, Remembering
from .keeping import FolderKeeper, Keeper
from .kept import Kept
from .languages import check_language
from .left_out import LeftOut
from .plan import Plan, is_under, make_plan, real_path
from .postgres import PostgresKeeper
from .postgres_address import is_database
from .removing import Removal, removal
from .resolving import among, named, one_document
from .retrieval import RetrievalOptions
from .row_search import FoundRow
from .row_search import find as find_rows
from .searching import Pages, search
from .spans import Dates
from .spool import Spool
from .vectors import Scale
from .why import PageRanks, explain

_SCALE = Scale()


class Index:
    """Documents, passages and how to find them. Reading is safe from several threads."""

    def __init__(
        self,
        keeper: Keeper,
        embedder: Embedder,
        contents: Contents,
        fresh: bool,
        journal: Journal,
        left_out: LeftOut,
        chunker: Chunker,
        language: str | None = None,
    ) -> None:
        self.embedder = embedder
        self._keeper = keeper
        self._contents = contents
        self._fresh = fresh
        self._journal = journal
        self._left_out = left_out
        self._chunker = chunker
        self._language = language

    @classmethod
    def open(
        cls,
        location: Path | str,
        embedder: Embedder | None = None,
        *,
        rebuild: bool = False,
        collection: str = "default",
        scale: Scale = _SCALE,
        chunker: str = FIXED,
        language: str | None = None,
    ) -> "Index":
        """The index in a folder, empty when there is none yet (nothing is written before `update`).

        `location` is a folder, or `postgresql://USER:PASSWORD@HOST/DATABASE` (extra `[postgres]`),
        where a `collection` is what a folder is here. `scale` says from how many passages on
        vectors are compressed and files are mapped instead of read; a database has no use for it.
        `chunker` is `fixed` or `semantic` (`tools/chunking.py`). `language` is that of what is read
        from now on (`tools/languages.py`); None: each document's own, as its small words tell.
        Raises `SettingsError`, with the one command that rebuilds, when what is there is damaged or
        was made by another version, chunker or embedder. With `rebuild` what is there is ignored,
        and replaced by the first `update`.
        """
        model = embedder if embedder is not None else WordLlama()
        spoken = None if language is None else check_language(language)
        way = chunker_of(chunker, model)
        database = isinstance(location, str) and is_database(location)
        folder = None if database else Path(location)
        journal = Journal(folder)
        remembering = Remembering(model, journal)
        keeper: Keeper
        if folder is None:
            keeper = PostgresKeeper(str(location), remembering, collection, way.id)
        else:
            keeper = FolderKeeper(folder, remembering, scale, way.id)
        contents = Kept.empty(model.dimension) if rebuild else keeper.load()
        left_out = LeftOut(folder)
        return cls(keeper, model, contents, rebuild, journal, left_out, way, spoken)

    @property
    def location(self) -> str:
        """Where it is kept, without a password."""
        return self._keeper.shown

    @property
    def documents(self) -> tuple[Document, ...]:
        """Every document, by name."""
        with self._keeper.reading(self._contents) as contents:
            return tuple(sorted(contents.documents, key=lambda d: (d.name, d.id)))

    @property
    def fingerprint(self) -> str:
        """Content hash of what is in it: documents, chunker and embedder, not paths or order."""
        digest = hashlib.blake2b(digest_size=16)
        with self._keeper.reading(self._contents) as contents:
            ids = contents.documents.ids
        for part in (self._chunker.id, self.embedder.id, self.embedder.hash, *ids):
            digest.update(part.encode() + b"\n")
        return digest.hexdigest()

    def update(
        self,
        paths: Iterable[str | Path],
        progress: Progress | None = None,
        watch: Watch | None = None,
    ) -> IndexReport:
        """Bring the index in step with these files and folders.

        Files are known by content: what is unchanged is not read again, a file that is gone from a
        folder given here is removed, a file that can no longer be read keeps its old content only
        when that did not change. An update that was killed is taken up where it stopped.
        `progress` is told files done, files to read, and a name; `watch` how far it is in bytes.
        Raises `SettingsError` for a missing folder, one with nothing to read, or a disk that does
        not take the index; then nothing has changed.
        """
        given = [Path(path) for path in paths]
        plans: list[Plan] = []

        def change(before: Contents, spool: Spool) -> Change | None:
            plan = make_plan(before.documents.passing(), before.paths, given)
            plans.append(plan)
            self._journal.begin()
            read_planned(plan, self._journal, spool, progress, watch, self._chunker, self._language)
            self._left_out.revise([real_path(path) for path in given], plan.skipped)
            if not len(spool) and not self._fresh and plan.after == dict(before.paths):
                return None
            return Change(plan.keep, plan.after, plan.moved(before.documents.passing()))

        self._contents = self._keeper.update(self._fresh, change)
        self._fresh = False
        self._journal.end()
        return report(plans[-1], self._contents)

    def remove(self, names: Iterable[str | Path], everywhere: bool = False) -> Removal:
        """Take out what is indexed under paths (files or folders, there or gone), names or ids.

        No file is touched; indexing its folder again brings a document back. Content that stands
        under another path too stays, unless `everywhere`. Raises `SettingsError` for a name that
        nothing is indexed under; then nothing has changed.
        """
        wanted = list(names)
        told: list[Removal] = []

        def change(before: Contents, _: Spool) -> Change:
            what, how = removal(before, wanted, everywhere)
            told.append(what)
            return how

        self._contents = self._keeper.update(False, change)
        return told[-1]

    def affected(self, names: Iterable[str | Path]) -> tuple[Document, ...]:
        """The documents that `remove` would take out with these names, `everywhere`."""
        with self._keeper.reading(self._contents) as contents:
            return removal(contents, names, True)[0].documents

    @property
    def twins(self) -> dict[str, tuple[str, ...]]:
        """Document id -> its other paths: files of the same content, which are kept once."""
        with self._keeper.reading(self._contents) as contents:
            found: dict[str, list[str]] = {}
            for path, key in sorted(contents.paths.items()):
                found.setdefault(key, []).append(path)
        return {key: tuple(paths[1:]) for key, paths in found.items() if len(paths) > 1}

    @property
    def left_out(self) -> tuple[Skipped, ...]:
        """Files that the last updates could not take in, with the reasons, by path."""
        return self._left_out.read()

    def verify(self) -> str:
        """Read every byte of the index again and check it; one line on what was read.

        Raises `SettingsError`, with the one command that rebuilds, when anything is not as written.
        """
        return self._keeper.verify()

    def select(self, paths: Iterable[str | Path]) -> frozenset[str]:
        """Ids of the documents at or under these paths; empty when none of them is indexed."""
        roots = [real_path(Path(path)) for path in paths]
        with self._keeper.reading(self._contents) as contents:
            return frozenset(key for path, key in contents.paths.items() if is_under(path, roots))

    def named(
        self, question: str, documents: Collection[str] | None = None
    ) -> tuple[tuple[Document, float], ...]:
        """Documents that a question names by name, period or type, with how well, best first."""
        with self._keeper.reading(self._contents) as contents:
            return named(contents, question, documents)

    def search(
        self,
        query: str | Sequence[str],
        k: int = 8,
        documents: Collection[str] | None = None,
        options: RetrievalOptions | None = None,
        *,
        pages: Pages | None = None,
        dates: Dates | None = None,
    ) -> list[Hit]:
        """The best `k` passages for a question, or for several that ask for the same.

        Only of the given documents (ids), pages (first and last, 1-based) and dates (first and last
        day, ISO; `tools/spans.py`), when given: all else is left out before anything is ranked.
        Empty when nothing fits at all.
        """
        with self._keeper.reading(self._contents) as contents:
            return search(
                contents, self.embedder, query, k, documents, options, pages=pages, dates=dates
            )

    def why(
        self,
        query: str | Sequence[str],
        document: str,
        page: int,
        k: int = 8,
        documents: Collection[str] | None = None,
        options: RetrievalOptions | None = None,
        *,
        pages: Pages | None = None,
        dates: Dates | None = None,
        embedder: Embedder | None = None,
    ) -> PageRanks:
        """How `search` with the same arguments ranks one page (1-based), stage by stage.

        `document` is a name or an id. With another `embedder` only the most promising passages are
        ranked. Raises `ToolError` as `page` does.
        """
        found = self._with_page(document, page)
        with self._keeper.reading(self._contents) as contents:
            return explain(
                contents, self.embedder, query, found.id, page, k, documents, options,
                pages=pages, dates=dates, other=embedder,
            )  # fmt: skip

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
        with self._keeper.reading(self._contents) as contents:
            return find_rows(contents, line_item, period, about, k, documents)

    def page(self, document: str, page: int) -> tuple[Passage, ...]:
        """The passages of one page (1-based), in order; none when the page has no text.

        `document` is a name (the ending may be left out) or an id. Raises `ToolError`, naming what
        there is, when the document or page does not exist.
        """
        found = self._with_page(document, page)
        with self._keeper.reading(self._contents) as contents:
            return tuple(contents.passage(row) for row in contents.rows_on(found.id, page).tolist())

    def _with_page(self, document: str, page: int) -> Document:
        found = self.resolve(document)
        if not 1 <= page <= found.pages:
            raise ToolError(
                f"{show(found.name)} has no page {page}: its pages are 1 to {found.pages}."
            )
        return found

    def resolve(self, document: str, documents: Collection[str] | None = None) -> Document:
        """The one document meant by a name (the ending may be left out), a title or an id.

        Raises `ToolError`, naming what there is among `documents`, when there is none or several.
        """
        with self._keeper.reading(self._contents) as contents:
            return one_document(document, among(contents, documents), contents.paths)
