"""What an index holds at one time: documents, passages, vectors and words, and where each lies.

The order of rows follows the documents' ids, so contents depend on what is in them, not on the
order of arrival. Knows nothing of how they came to be or are kept, of folders or of ranking.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import orjson

from .blocks import Texts
from .documents import Document, Passage
from .embedders import Vectors
from .languages import ENGLISH
from .lexical import Integers, Scores, Words
from .pagetypes import Kinds, PageRows
from .prior import Names
from .rows import Rows
from .vectors import VectorTable


class Documents(Sequence[Document]):
    """Documents, each made when it is first looked at. Their ids are known without that."""

    def __init__(self, ids: Sequence[str], lines: Texts) -> None:
        self.ids = ids
        self.lines = lines
        self._made: dict[int, Document] = {}

    @classmethod
    def of(cls, documents: Sequence[Document]) -> "Documents":
        """These documents."""
        lines = Texts.of([orjson.dumps(d.model_dump(mode="json")) for d in documents])
        return cls([document.id for document in documents], lines)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Document]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place):  # type: ignore[no-untyped-def]
        """The document at a place (slices are not offered)."""
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        place %= len(self)
        if place not in self._made:
            self._made[place] = self._read(place)
        return self._made[place]

    def passing(self) -> Iterator[Document]:
        """Each in turn; none is kept."""
        return map(self._read, range(len(self)))

    def _read(self, place: int) -> Document:
        return Document.model_validate(orjson.loads(self.lines[place]))


class Lines(Protocol):
    """The passages, each as one JSON object."""

    def __len__(self) -> int: ...

    def __getitem__(self, row: int) -> bytes: ...


@dataclass(frozen=True)
class Contents:
    """Everything in an index at one time; never changed, only revised into another.

    Large parts may lie on disk, or in a database (`tools/postgres.py`), and are read when needed.
    """

    documents: Documents
    """Sorted by id."""
    paths: Mapping[str, str]
    """Stored path -> document id; several paths may hold the same document."""
    lines: Lines
    """One JSON object a passage."""
    owners: Integers
    """Index into `documents` of each row; ascending."""
    pages: Integers
    """Page number of each row."""
    figures: Scores
    """How much of each row is digits, 0 to 1 (1: a table of numbers)."""
    vectors: VectorTable
    """One vector a row."""
    lexical: Words
    """Words of header and text."""
    headings: Words
    """Words of the headings over each row."""
    table_rows: Callable[[], Rows]
    """Gives `rows`."""

    @property
    def size(self) -> int:
        """How many passages there are."""
        return len(self.owners)

    @cached_property
    def rows(self) -> Rows:
        """The rows of tables in the passages."""
        return self.table_rows()

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Document id -> its place in `documents`."""
        return {key: number for number, key in enumerate(self.documents.ids)}

    @cached_property
    def starts(self) -> npt.NDArray[np.int64]:
        """The rows of document d are those from `starts[d]` to before `starts[d + 1]`."""
        return np.searchsorted(self.owners, np.arange(len(self.documents) + 1))

    @cached_property
    def page_codes(self) -> npt.NDArray[np.int64]:
        """One number for each page of each document, along the rows."""
        return self.owners.astype(np.int64) << 32 | self.pages

    @cached_property
    def page_rows(self) -> PageRows:
        """The pages of all documents and the rows on them."""
        return PageRows.of(self.page_codes, self.figures)

    @cached_property
    def kinds(self) -> Kinds:
        """Which pages are of the kinds that packs describe."""
        return Kinds(self.page_rows, self.lexical, self.headings)

    @cached_property
    def names(self) -> Names:
        """What the documents are called, prepared for questions."""
        return Names(self.documents)

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of the documents, sorted."""
        return tuple(sorted({language_of(document) for document in self.documents}))

    def passage(self, row: int) -> Passage:
        """The passage in one row."""
        fields = orjson.loads(self.lines[row])
        document = self.documents[int(self.owners[row])]
        page = int(self.pages[row])
        return Passage(
            id=f"{document.id[:8]}-{page}-{fields['ordinal']}",
            document=document.name,
            document_id=document.id,
            title=document.title,
            page=page,
            page_label=fields["label"],
            text=fields["text"],
            header=fields["header"],
        )

    def places_of(self, documents: Collection[str]) -> frozenset[int]:
        """Places in `documents` of these ids; ids that are not here are passed over."""
        return frozenset(self.numbers[key] for key in documents if key in self.numbers)

    def rows_of(self, documents: Collection[str]) -> Integers:
        """Rows of the given documents, in order; ids that are not here are passed over."""
        chosen = sorted(self.places_of(documents))
        spans = [np.arange(self.starts[d], self.starts[d + 1], dtype=np.int32) for d in chosen]
        return np.concatenate([np.zeros(0, dtype=np.int32), *spans])

    def rows_on(self, document: str, page: int) -> Integers:
        """Rows of one page of a document that is here, in order."""
        number = self.numbers[document]
        start, stop = int(self.starts[number]), int(self.starts[number + 1])
        return (start + np.flatnonzero(self.pages[start:stop] == page)).astype(np.int32)

    def cosines(self, rows: Integers, query: Vectors) -> npt.NDArray[np.float32]:
        """Cosine of the query with each of the rows."""
        return self.vectors.cosines(rows, query)

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows (of the given ones, when given) with the highest cosine."""
        return self.vectors.nearest(query, count, rows)


def language_of(document: Document) -> str:
    """The language that a document's words were stemmed in."""
    return document.metadata.get("language", ENGLISH)


def ranked_text(header: str, text: str) -> str:
    """What words and vectors of a passage are made of."""
    return f"{header}\n{text}"
