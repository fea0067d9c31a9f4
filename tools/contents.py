"""What an index holds: documents, passages, vectors and words, in memory and as files.

The order of rows follows the documents' ids, so contents depend on what is in them, not on the
order of arrival. Knows nothing of folders to be read, of ranking or of generations on disk.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt
import orjson

from . import vectors as tables
from .blocks import Part, Texts
from .chunks import headline
from .documents import Document, Passage
from .embedders import Vectors
from .errors import SettingsError
from .languages import ENGLISH
from .lexical import Integers, Lexical, Scores, Words
from .pagetypes import Kinds, PageRows
from .prior import Names
from .rows import Rows
from .store import Files
from .vector_changes import revised as revised_vectors
from .vectors import Flat, Scale, VectorTable

_FULL_OF_FIGURES = 0.15
"""A passage of which this share is digits is as full of figures as any."""


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
            self._made[place] = Document.model_validate(orjson.loads(self.lines[place]))
        return self._made[place]


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

    @staticmethod
    def empty(dimension: int) -> "Kept":
        """Of nothing."""
        none = np.zeros(0, dtype=np.int32)
        return Kept(
            documents=Documents.of(()),
            paths={},
            lines=Texts.of(()),
            owners=none,
            pages=none,
            figures=np.zeros(0, dtype=np.float32),
            vectors=Flat(np.zeros((0, dimension), dtype=np.float32)),
            lexical=Lexical.empty(),
            headings=Lexical.empty(),
            table_rows=Rows.empty,
        )

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

    def rows_of(self, documents: Collection[str]) -> Integers:
        """Rows of the given documents, in order; ids that are not here are passed over."""
        chosen = sorted({self.numbers[key] for key in documents if key in self.numbers})
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


@dataclass(frozen=True)
class Kept(Contents):
    """Contents that are kept in files and can be revised."""

    lines: Texts
    vectors: tables.Table
    lexical: Lexical
    headings: Lexical

    def revised(
        self,
        keep: Collection[str],
        added: Sequence[tuple[Document, Sequence[Passage]]],
        paths: Mapping[str, str],
        renamed: Mapping[str, Document],
        embed: Callable[[list[str]], Vectors],
        scale: Scale,
    ) -> "Kept":
        """The same with only the documents in `keep`, plus the added ones, under these paths.

        `renamed` gives kept documents that are known by another path now; `scale` says how the
        vectors are kept.
        """
        fresh = {document.id: (document, passages) for document, passages in added}
        kept = {key for key in keep if key in self.numbers and key not in fresh}
        order = sorted({*kept, *fresh})
        spans = {key: self.starts[self.numbers[key] :][:2].tolist() for key in kept}
        sizes = [len(fresh[k][1]) if k in fresh else spans[k][1] - spans[k][0] for k in order]
        starts = dict(zip(order, np.cumsum([0, *sizes]).tolist(), strict=False))
        total = sum(sizes)
        places = np.full(self.size, -1, dtype=np.int32)
        pages = np.zeros(total, dtype=np.int32)
        figures = np.zeros(total, dtype=np.float32)
        lines: list[bytes] = []
        texts: list[str] = []
        headlines: list[str] = []
        bodies: list[str] = []
        languages: list[str] = []
        where: list[int] = []
        for key in order:
            if key not in fresh:
                start, stop = spans[key]
                places[start:stop] = starts[key] + np.arange(stop - start)
                lines.extend(self.lines.run(start, stop))
                continue
            language = language_of(fresh[key][0])
            languages.extend([language] * len(fresh[key][1]))
            for row, passage in enumerate(fresh[key][1], starts[key]):
                lines.append(_line(passage))
                pages[row] = passage.page or 0
                figures[row] = _figures(passage.text)
                texts.append(ranked_text(passage))
                headlines.append(headline(passage))
                bodies.append(passage.text)
                where.append(row)
        stay = places >= 0
        pages[places[stay]] = self.pages[stay]
        figures[places[stay]] = self.figures[stay]
        placed = np.array(where, dtype=np.int32)
        dimension = self.vectors.dimension
        embedded = np.zeros((0, dimension), dtype=np.float32)
        if texts:
            embedded = _checked(embed(texts), len(texts), dimension)
        documents = [
            fresh[key][0] if key in fresh else renamed.get(key) or self.documents[self.numbers[key]]
            for key in order
        ]
        rows = self.rows.revised(places, bodies, placed)
        return Kept(
            documents=Documents.of(documents),
            paths=dict(sorted(paths.items())),
            lines=Texts.of(lines),
            owners=np.repeat(np.arange(len(order), dtype=np.int32), sizes).astype(np.int32),
            pages=pages,
            figures=figures,
            vectors=revised_vectors(self.vectors, places, embedded, placed, scale),
            lexical=self.lexical.revised(places, texts, placed, languages),
            headings=self.headings.revised(places, headlines, placed, languages),
            table_rows=lambda: rows,
        )

    def encode(self) -> dict[str, Part]:
        """As files: nothing in them is code. The arrays are little-endian."""
        return {
            **_encode_texts("documents", self.documents.lines),
            "document-ids.txt": "".join(self.documents.ids).encode(),
            "paths.json": orjson.dumps(dict(self.paths), option=orjson.OPT_INDENT_2),
            **_encode_texts("passages", self.lines),
            "owners.i32": self.owners,
            "pages.i32": self.pages,
            "figures.f32": self.figures,
            "vectors.txt": f"{self.vectors.kind} {self.vectors.dimension}".encode(),
            **self.vectors.parts(),
            **_encode_words("lexical", self.lexical),
            **_encode_words("headings", self.headings),
            **self.rows.encode(),
        }

    @classmethod
    def decode(cls, files: Files) -> "Kept":
        """From the files that `encode` made; what is large is not read yet."""
        ids = files["document-ids.txt"].decode()
        kind, dimension = files["vectors.txt"].decode().split()
        return cls(
            documents=Documents(
                [ids[start : start + _ID] for start in range(0, len(ids), _ID)],
                _decode_texts("documents", files),
            ),
            paths=orjson.loads(files["paths.json"]),
            lines=_decode_texts("passages", files),
            owners=files.array("owners.i32", "<i4").whole(),
            pages=files.array("pages.i32", "<i4").whole(),
            figures=files.array("figures.f32", "<f4").whole(),
            vectors=tables.load(kind, int(dimension), files.array),
            lexical=_decode_words("lexical", files),
            headings=_decode_words("headings", files),
            table_rows=lambda: Rows.decode(files),
        )


_ID = 32
"""Characters of a document id."""


def language_of(document: Document) -> str:
    """The language that a document's words were stemmed in."""
    return document.metadata.get("language", ENGLISH)


def ranked_text(passage: Passage) -> str:
    """What words and vectors are made of: the header, then the passage."""
    return f"{passage.header}\n{passage.text}"


def _figures(text: str) -> float:
    digits = sum(map(str.isdigit, text))
    return min(1.0, digits / (_FULL_OF_FIGURES * len(text)))


def _encode_texts(name: str, texts: Texts) -> dict[str, Part]:
    return {
        f"{name}.bin": texts.data.whole(),
        f"{name}-offsets.i64": texts.offsets.whole(),
    }


def _decode_texts(name: str, files: Files) -> Texts:
    return Texts(files.array(f"{name}.bin", "<u1"), files.array(f"{name}-offsets.i64", "<i8"))


def _encode_words(name: str, words: Lexical) -> dict[str, Part]:
    return {
        **_encode_texts(f"{name}-terms", words.vocabulary),
        f"{name}-offsets.i64": words.offsets.whole(),
        f"{name}-rows.i32": words.rows.whole(),
        f"{name}-counts.i32": words.counts.whole(),
        f"{name}-lengths.i32": words.lengths,
    }


def _decode_words(name: str, files: Files) -> Lexical:
    return Lexical(
        _decode_texts(f"{name}-terms", files),
        files.array(f"{name}-offsets.i64", "<i8"),
        files.array(f"{name}-rows.i32", "<i4"),
        files.array(f"{name}-counts.i32", "<i4"),
        files.array(f"{name}-lengths.i32", "<i4").whole(),
    )


def _line(passage: Passage) -> bytes:
    return orjson.dumps(
        {
            "ordinal": int(passage.id.rsplit("-", 1)[1]),
            "label": passage.page_label,
            "header": passage.header,
            "text": passage.text,
        }
    )


def _checked(vectors: Vectors, count: int, dimension: int) -> Vectors:
    if vectors.shape != (count, dimension):
        raise SettingsError(
            f"The embedder gave vectors of shape {vectors.shape}, expected {(count, dimension)}"
        )
    if not np.isfinite(vectors).all():
        raise SettingsError("The embedder gave vectors with values that are not numbers")
    return vectors
