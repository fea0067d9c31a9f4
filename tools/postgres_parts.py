"""The large parts of contents that lie in PostgreSQL, asked for by row: texts, vectors, words.

Knows the tables of `tools/postgres.py`. Knows nothing of connections, transactions or ranking.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from .embedders import Vectors
from .lexical import Integers, Ranking
from .rows import Rows
from .rows_build import rows_of

_REMEMBERED = 512
"""Terms whose entries are kept until the collection changes."""


@dataclass(frozen=True)
class Place:
    """Which passage in the tables is which row; asks only inside `PostgresKeeper.reading`."""

    answer: Callable[[str, dict[str, Any]], list[Any]]
    """Asks the database."""
    collection: str
    ids: list[str]
    starts: npt.NDArray[np.int64]

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The place of each document."""
        return {key: place for place, key in enumerate(self.ids)}

    def ask(self, question: str, **values: Any) -> list[Any]:
        """What the database answers; `%(collection)s` in the question is ours."""
        return self.answer(question, {**values, "collection": self.collection})

    def keys(self, rows: Integers) -> tuple[list[str], list[int]]:
        """Document and ordinal of each row."""
        owners = np.searchsorted(self.starts, rows, side="right") - 1
        return [self.ids[owner] for owner in owners], (rows - self.starts[owners]).tolist()

    def rows(self, found: list[Any]) -> Integers:
        """Rows of (document, ordinal) pairs."""
        rows = [self.starts[self.numbers[key]] + ordinal for key, ordinal in found]
        return np.array(rows, dtype=np.int32)


@dataclass(frozen=True)
class Lines:
    """The passages as JSON."""

    place: Place

    def __len__(self) -> int:
        return int(self.place.starts[-1])

    def __getitem__(self, row: int) -> bytes:
        (document,), (ordinal,) = self.place.keys(np.array([row], dtype=np.int32))
        found = self.place.ask(
            "SELECT line FROM workings_passages WHERE collection = %(collection)s AND"
            " document = %(document)s AND ordinal = %(ordinal)s",
            document=document,
            ordinal=ordinal,
        )
        return bytes(found[0][0])


@dataclass(frozen=True)
class PgVectors:
    """The vectors, compared by the server: every allowed one, exactly."""

    place: Place
    dimension: int
    kind = "pgvector"

    def __len__(self) -> int:
        return int(self.place.starts[-1])

    def cosines(self, rows: Integers, query: Vectors) -> Vectors:
        """Cosine of the query with each of the rows."""
        out = np.zeros(len(rows), dtype=np.float32)
        documents, ordinals = self.place.keys(rows)
        found = self.place.ask(
            f"SELECT asked.number, p.embedding <#> %(query)s::vector {_ASKED_ROWS}",
            query=_literal(query),
            documents=documents,
            ordinals=ordinals,
        )
        for number, product in found:
            out[number - 1] = -product
        return out

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows with the highest cosine; of equal ones the lower row comes first."""
        best = "ORDER BY p.embedding <#> %(query)s::vector, p.document, p.ordinal LIMIT %(count)s"
        if rows is None:
            found = self.place.ask(
                "SELECT p.document, p.ordinal FROM workings_passages p"
                f" WHERE p.collection = %(collection)s {best}",
                query=_literal(query),
                count=count,
            )
        else:
            documents, ordinals = self.place.keys(rows)
            found = self.place.ask(
                f"SELECT p.document, p.ordinal {_ASKED_ROWS} {best}",
                query=_literal(query),
                count=count,
                documents=documents,
                ordinals=ordinals,
            )
        return self.place.rows(found)


_ASKED_ROWS = """
    FROM unnest(%(documents)s::text[], %(ordinals)s::int[])
        WITH ORDINALITY AS asked(document, ordinal, number)
    JOIN workings_passages p ON p.collection = %(collection)s
        AND p.document = asked.document AND p.ordinal = asked.ordinal
"""


class PgWords(Ranking):
    """The words of one field."""

    def __init__(self, place: Place, field: str, lengths: Integers) -> None:
        self.lengths = lengths
        self._place = place
        self._field = field
        self._known: dict[str, tuple[Integers, Integers]] = {}

    def postings(self, term: str) -> tuple[Integers, Integers]:
        """The rows with this term, ascending, and its count in each."""
        if term not in self._known:
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            found = self._place.ask(
                "SELECT document, ordinals, counts FROM workings_words WHERE"
                " collection = %(collection)s AND field = %(field)s AND term = %(term)s"
                " ORDER BY document",
                field=self._field,
                term=term,
            )
            numbers, starts = self._place.numbers, self._place.starts
            none = np.zeros(0, dtype=np.int32)
            rows = [np.frombuffer(o, "<i4") + starts[numbers[key]] for key, o, _ in found]
            counts = [np.frombuffer(c, "<i4") for _, _, c in found]
            joined = np.concatenate([none, *rows]).astype(np.int32)
            self._known[term] = joined, np.concatenate([none, *counts])
        return self._known[term]


def table_rows(place: Place) -> Rows:
    """The rows of tables, recognised in the texts again: they have no table of their own."""
    lines = place.ask(
        "SELECT line FROM workings_passages WHERE collection = %(collection)s"
        " ORDER BY document, ordinal"
    )
    texts = [orjson.loads(bytes(line))["text"] for (line,) in lines]
    return rows_of(texts)


def _literal(vector: Vectors) -> str:
    return "[" + ",".join(map(repr, vector.tolist())) + "]"
