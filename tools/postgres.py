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
import orjson

from .blocks import Blocks, Texts, write_parts
from .building import Change, build
from .chunks import CHUNKER
from .contents import Contents, Documents
from .embedders import Embedder
from .errors import SettingsError
from .keeping import Decide, check_identity, identity
from .kept import Kept
from .lexical import Integers, Lexical
from .postgres_address import shown_address, without_secrets
from .postgres_parts import Lines, PgVectors, PgWords, Place, table_rows
from .scratch import Column, Scratch
from .spool import Spool
from .store import Files
from .vectors import Scale

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
_TABLES = ("workings_documents", "workings_passages", "workings_words")
_SENT = 1024
"""Vectors that are read at a time."""
_EXACT = Scale(sq8=1 << 62, ivf=1 << 62)


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
            with Scratch(None, _unwritable) as scratch:
                spool = Spool(scratch)
                wanted = change(before, spool)
                if wanted is not None:
                    new = self._built(spool)
                    with connection.transaction():
                        self._write(connection, new, wanted)
        return self.load()

    def _built(self, spool: Spool) -> Kept:
        """What was read, as an index of its own."""
        none = Kept.empty(self._embedder.dimension)
        parts, _, _ = build(none, spool, Change((), {}, {}), self._embedder.embed, _EXACT)
        column = Column(spool.scratch, "<u1")
        written = write_parts(column, parts)
        data = column.mapped().data
        return Kept.decode(Files(data, Blocks(data, written["blocks"], _changed), written["parts"]))

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

    def _write(self, connection: Any, new: Kept, wanted: Change) -> None:
        """Bring the tables from what they are to what is wanted."""
        mine = self._collection
        stay = sorted(set(wanted.keep) - set(new.documents.ids))
        for table in _TABLES:
            column = "id" if table == "workings_documents" else "document"
            connection.execute(
                f"DELETE FROM {table} WHERE collection = %s AND NOT ({column} = ANY(%s))",
                [mine, stay],
            )
        for key, document in wanted.moved.items():
            connection.execute(
                "UPDATE workings_documents SET body = %s WHERE collection = %s AND id = %s",
                [orjson.dumps(document.model_dump(mode="json")), mine, key],
            )
        spans = list(zip(new.starts[:-1].tolist(), new.starts[1:].tolist(), strict=True))
        columns = (new.pages, new.figures, new.lexical.lengths, new.headings.lengths)
        _registered(connection)
        with connection.cursor() as cursor:
            copied = "COPY workings_documents FROM STDIN WITH (FORMAT binary)"
            with cursor.copy(copied) as copy:
                copy.set_types(["text", "text", *["bytea"] * 5])
                for number, (start, stop) in enumerate(spans):
                    numbers = [column[start:stop].tobytes() for column in columns]
                    key, body = new.documents.ids[number], new.documents.lines[number]
                    copy.write_row([mine, key, body, *numbers])
            with cursor.copy("COPY workings_passages FROM STDIN WITH (FORMAT binary)") as copy:
                copy.set_types(["text", "text", "int4", "bytea", "vector"])
                for number, (start, stop) in enumerate(spans):
                    key = new.documents.ids[number]
                    for row in range(start, stop):
                        if row % _SENT == 0:
                            last = min(row + _SENT, new.size)
                            matrix = new.vectors.decode(np.arange(row, last, dtype=np.int32))
                            new.vectors.drop()
                        vector = matrix[row % _SENT]
                        copy.write_row([mine, key, row - start, new.lines[row], vector])
            with cursor.copy("COPY workings_words FROM STDIN WITH (FORMAT binary)") as copy:
                copy.set_types(["text", "text", "text", "text", "bytea", "bytea"])
                for field, words in (("text", new.lexical), ("heading", new.headings)):
                    for term, number, ordinals, counts in _entries(words, new):
                        key = new.documents.ids[number]
                        parts = (ordinals.tobytes(), counts.tobytes())
                        copy.write_row([mine, field, term, key, *parts])
            cursor.execute("DELETE FROM workings_paths WHERE collection = %s", [mine])
            with cursor.copy("COPY workings_paths FROM STDIN") as copy:
                for path, key in wanted.paths.items():
                    copy.write_row([mine, path, key])
        connection.execute(
            "INSERT INTO workings_collections VALUES (%s, %s, 1) ON CONFLICT (name) DO UPDATE SET"
            " made_with = excluded.made_with, revision = workings_collections.revision + 1",
            [mine, json.dumps(identity(self._embedder, self._chunker))],
        )


def _entries(words: Lexical, contents: Kept) -> Iterator[tuple[str, int, Integers, Integers]]:
    """For every term and document with it: its passages in the document, and its count in each."""
    for term, rows, counts in words.entries():
        owners = contents.owners[rows]
        cuts = np.flatnonzero(np.diff(owners)) + 1
        for part, count in zip(np.split(rows, cuts), np.split(counts, cuts), strict=True):
            number = int(contents.owners[part[0]])
            yield term, number, (part - contents.starts[number]).astype(np.int32), count


def _unwritable(error: OSError) -> SettingsError:
    return SettingsError(
        f"The folder for temporary files cannot be written: {error.strerror or error}. Nothing was"
        " changed; make room there or set TMPDIR, then index again"
    )


def _changed() -> SettingsError:
    return SettingsError("A temporary file was changed by something else; index again")


def _driver() -> Any:
    try:
        import psycopg  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "An index in PostgreSQL needs the extra postgres: pip install 'workings[postgres]'"
        ) from None
    return psycopg


def _registered(connection: Any) -> None:
    """Tell a connection how vectors are written."""
    try:
        from pgvector.psycopg import register_vector  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "An index in PostgreSQL needs the extra postgres: pip install 'workings[postgres]'"
        ) from None
    register_vector(connection)
