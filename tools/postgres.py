"""An index in PostgreSQL with the extension pgvector: the same contents, the same ranking.

Texts, vectors and the counts of words lie in tables and are asked for as needed; the few numbers of
each passage (page, share of digits, words) are kept here, and read again when another process has
changed the collection. Vectors are compared exactly; the ranking is that of `tools/searching.py`.
An update is one transaction, and one writer at a time works on a collection. Knows no question.

    workings_collections   name, what it was made with, how often it was changed
    workings_documents     a document, and the numbers of its passages as little-endian arrays
    workings_paths         where documents were read from
    workings_passages      a passage as JSON, and its vector
    workings_words         for a term and a document: in which passages, and how often
"""

import contextlib
import json
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from .blocks import Texts
from .chunks import CHUNKER
from .contents import Contents, Documents
from .embedders import Embedder
from .errors import SettingsError
from .keeping import Decide, check_identity, identity
from .kept import Kept
from .postgres_address import shown_address, without_secrets
from .postgres_parts import Lines, PgVectors, PgWords, Place, table_rows
from .postgres_write import send, unwritable, written
from .scratch import Scratch
from .spool import Spool

_SCHEMA = """
CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS workings_collections (
    name text COLLATE "C" PRIMARY KEY, made_with text NOT NULL, revision bigint NOT NULL);
CREATE TABLE IF NOT EXISTS workings_documents (
    collection text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, body bytea NOT NULL,
    pages bytea NOT NULL, figures bytea NOT NULL, words bytea NOT NULL, headings bytea NOT NULL,
    PRIMARY KEY (collection, id));
CREATE TABLE IF NOT EXISTS workings_paths (
    collection text COLLATE "C" NOT NULL, path text NOT NULL, document text NOT NULL,
    PRIMARY KEY (collection, path));
CREATE TABLE IF NOT EXISTS workings_passages (
    collection text COLLATE "C" NOT NULL, document text COLLATE "C" NOT NULL,
    ordinal integer NOT NULL, line bytea NOT NULL, embedding vector NOT NULL,
    PRIMARY KEY (collection, document, ordinal));
CREATE TABLE IF NOT EXISTS workings_words (
    collection text COLLATE "C" NOT NULL, field text COLLATE "C" NOT NULL,
    term text COLLATE "C" NOT NULL, document text COLLATE "C" NOT NULL,
    ordinals bytea NOT NULL, counts bytea NOT NULL,
    PRIMARY KEY (collection, field, term, document));
CREATE INDEX IF NOT EXISTS workings_words_documents ON workings_words (collection, document);
"""
_COUNTED = """
SELECT document, count(*), min(ordinal), max(ordinal),
    min(vector_dims(embedding)), max(vector_dims(embedding))
FROM workings_passages WHERE collection = %s GROUP BY document ORDER BY document
"""


class PostgresKeeper:
    """One collection in a database. `location` is a `postgresql://` address."""

    def __init__(
        self, location: str, embedder: Embedder, collection: str, chunker: str = CHUNKER
    ) -> None:
        self._chunker = chunker
        self._location = location
        self._collection = collection
        self._embedder = embedder
        self._mutex = threading.RLock()
        self._reader: Any = None
        self._revision = -1
        self._contents: Contents = Kept.empty(embedder.dimension)

    @property
    def shown(self) -> str:
        """Server, database and collection; never the password."""
        return f"{shown_address(self._location)}, collection {self._collection!r}"

    def load(self) -> Contents:
        """What the collection holds now."""
        with self.reading(self._contents) as contents:
            return contents

    @contextlib.contextmanager
    def reading(self, contents: Contents) -> Iterator[Contents]:
        """The newest contents, seen as at one moment whatever others write. One thread at a time.

        What was loaded before (`contents`) counts only when nothing was changed since.
        """
        with self._mutex, self._telling(), self._connected().transaction():
            revision, made_with = self._state(self._reader)
            if revision != self._revision:
                if revision:
                    check_identity(self.shown, made_with, self._embedder, self._chunker)
                self._contents, self._revision = self._loaded(self._reader), revision
            yield self._contents

    def update(self, fresh: bool, change: Decide) -> Contents:
        """One transaction, under a lock of the collection's own.

        What was read stands in files without a name, where the system keeps temporary ones, until
        it was sent.
        """
        with self._telling(), self._connection() as connection:
            connection.execute("SELECT pg_advisory_lock(hashtext('workings schema'))")
            with connection.transaction():
                connection.execute(_SCHEMA)
            connection.execute("SELECT pg_advisory_unlock(hashtext('workings schema'))")
            lock = "SELECT pg_advisory_lock(hashtext('workings'), hashtext(%s))"
            connection.execute(lock, [self._collection])
            before = Kept.empty(self._embedder.dimension) if fresh else self.load()
            with Scratch(None, unwritable) as scratch:
                spool = Spool(scratch)
                wanted = change(before, spool)
                if wanted is not None:
                    new = written(spool, self._embedder)
                    made_with = json.dumps(identity(self._embedder, self._chunker))
                    with connection.transaction():
                        send(connection, self._collection, new, wanted, made_with)
        return self.load()

    def verify(self) -> str:
        """Whether every passage of every document is there, with a vector of the right length."""
        with self.reading(self._contents) as contents:
            found = self._reader.execute(_COUNTED, [self._collection]) if contents.size else []
            sizes = np.diff(contents.starts).tolist()
            dimension = self._embedder.dimension
            expected = [
                (key, size, 0, size - 1, dimension, dimension)
                for key, size in zip(contents.documents.ids, sizes, strict=True)
                if size
            ]
            if list(found) != expected:
                raise SettingsError(
                    f"The index {self.shown} is damaged (passages are missing or too many):"
                    " index it again with --rebuild"
                )
        return f"{self.shown}: {contents.size:,} passages, each with its vector"

    def _connected(self) -> Any:
        if self._reader is None or self._reader.closed or self._reader.broken:
            self._reader = self._connection()
            weakref.finalize(self, self._reader.close)
            psycopg = _driver()
            self._reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self._reader.read_only = True
        return self._reader

    def _connection(self) -> Any:
        psycopg = _driver()
        try:
            return psycopg.connect(
                self._location, autocommit=True, connect_timeout=10, application_name="workings"
            )
        except psycopg.ProgrammingError:
            raise SettingsError(
                f"The address {shown_address(self._location)} cannot be understood; expected"
                " postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
            ) from None

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        """What the database refuses, in one line without the password."""
        psycopg = _driver()
        try:
            yield
        except psycopg.Error as error:
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise SettingsError(
                f"The database {shown_address(self._location)} cannot be used:"
                f" {without_secrets(said, self._location)}. Nothing was changed; check the address"
                " and that the server runs, then try again"
            ) from None

    def _state(self, connection: Any) -> tuple[int, dict[str, Any]]:
        """How often the collection was changed (0: never written), and what made it."""
        if connection.execute("SELECT to_regclass('workings_words')").fetchone()[0] is None:
            return 0, {}
        row = connection.execute(
            "SELECT revision, made_with FROM workings_collections WHERE name = %s",
            [self._collection],
        ).fetchone()
        return (row[0], json.loads(row[1])) if row else (0, {})

    def _loaded(self, connection: Any) -> Contents:
        if not self._state(connection)[0]:
            return Kept.empty(self._embedder.dimension)
        rows = connection.execute(
            "SELECT id, body, pages, figures, words, headings FROM workings_documents"
            " WHERE collection = %s ORDER BY id",
            [self._collection],
        ).fetchall()
        paths = connection.execute(
            "SELECT path, document FROM workings_paths WHERE collection = %s", [self._collection]
        ).fetchall()
        ids = [row[0] for row in rows]
        sizes = [len(row[2]) // 4 for row in rows]
        place = Place(
            self._answer,
            self._collection,
            ids,
            np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
        )

        def joined(column: int, dtype: str) -> npt.NDArray[Any]:
            return np.frombuffer(b"".join(row[column] for row in rows), dtype=dtype)

        return Contents(
            documents=Documents(ids, Texts.of([row[1] for row in rows])),
            paths=dict(sorted(paths)),
            lines=Lines(place),
            owners=np.repeat(np.arange(len(ids), dtype=np.int32), sizes).astype(np.int32),
            pages=joined(2, "<i4"),
            figures=joined(3, "<f4"),
            vectors=PgVectors(place, self._embedder.dimension),
            lexical=PgWords(place, "text", joined(4, "<i4")),
            headings=PgWords(place, "heading", joined(5, "<i4")),
            table_rows=lambda: table_rows(place),
        )

    def _answer(self, question: str, values: dict[str, Any]) -> list[Any]:
        answers: list[Any] = self._reader.execute(question, values).fetchall()
        return answers


def _driver() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "An index in PostgreSQL needs the extra postgres: pip install 'workings[postgres]'"
        ) from None
    return psycopg
