"""What an index holds: documents, passages, vectors and words, in memory and as files.

The order of rows follows the documents' ids, so contents depend on what is in them, not on the
order of arrival. Knows nothing of folders to be read, of ranking or of generations on disk.
"""

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt
import orjson

from .chunks import headline
from .documents import Document, Passage
from .embedders import Vectors
from .errors import SettingsError
from .lexical import Integers, Lexical, Scores
from .prior import Names
from .rows import Rows

_FULL_OF_FIGURES = 0.15
"""A passage of which this share is digits is as full of figures as any."""


@dataclass(frozen=True)
class Contents:
    """Everything in an index at one time; never changed, only revised into another."""

    documents: tuple[Document, ...]
    """Sorted by id."""
    paths: Mapping[str, str]
    """Stored path -> document id; several paths may hold the same document."""
    lines: tuple[bytes, ...]
    """One JSON object a passage."""
    owners: Integers
    """Index into `documents` of each row."""
    pages: Integers
    """Page number of each row."""
    figures: Scores
    """How much of each row is digits, 0 to 1 (1: a table of numbers)."""
    vectors: Any
    """A FAISS index whose ids are the rows."""
    lexical: Lexical
    """Words of header and text."""
    headings: Lexical
    """Words of the headings over each row."""
    rows: Rows
    """The rows of tables in the passages."""

    @classmethod
    def empty(cls, dimension: int) -> "Contents":
        """Of nothing."""
        none = np.zeros(0, dtype=np.int32)
        no_figures = np.zeros(0, dtype=np.float32)
        vectors = faiss.IndexFlatIP(dimension)
        words = Lexical.empty()
        return cls((), {}, (), none, none, no_figures, vectors, words, words, Rows.empty())

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Document id -> its place in `documents`."""
        return {document.id: number for number, document in enumerate(self.documents)}

    @cached_property
    def page_codes(self) -> npt.NDArray[np.int64]:
        """One number for each page of each document, along the rows."""
        return self.owners.astype(np.int64) << 32 | self.pages

    @cached_property
    def names(self) -> Names:
        """What the documents are called, prepared for questions."""
        return Names(self.documents)

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
        chosen = np.zeros(len(self.documents) + 1, dtype=bool)
        chosen[[self.numbers[key] for key in documents if key in self.numbers]] = True
        return np.flatnonzero(chosen[self.owners]).astype(np.int32)

    def cosines(self, rows: Integers, query: Vectors) -> npt.NDArray[np.float32]:
        """Cosine of the query with each of the rows."""
        if not len(rows):
            return np.zeros(0, dtype=np.float32)
        found: npt.NDArray[np.float32] = self.vectors.reconstruct_batch(rows.astype(np.int64))
        # Not `@`: for so little work BLAS keeps every core spinning (13 ms of CPU against 4).
        cosines: npt.NDArray[np.float32] = np.einsum("ij,j->i", found, query)
        return cosines

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows (of the given ones, when given) with the highest cosine."""
        if rows is None:
            count, parameters = min(count, len(self.lines)), None
        else:
            count = min(count, len(rows))
            selector = faiss.IDSelectorBatch(rows.astype(np.int64))
            parameters = faiss.SearchParameters()
            parameters.sel = selector
        if count == 0:
            return np.zeros(0, dtype=np.int32)
        _, found = self.vectors.search(query[None, :], count, params=parameters)
        return np.asarray(found[0][found[0] >= 0], dtype=np.int32)

    def revised(
        self,
        keep: Collection[str],
        added: Sequence[tuple[Document, Sequence[Passage]]],
        paths: Mapping[str, str],
        renamed: Mapping[str, Document],
        embed: Callable[[list[str]], Vectors],
    ) -> "Contents":
        """The same with only the documents in `keep`, plus the added ones, under these paths.

        `renamed` gives kept documents that are known by another path now.
        """
        kept = {d.id: renamed.get(d.id, d) for d in self.documents if d.id in keep}
        fresh = {document.id: (document, passages) for document, passages in added}
        everything = {**kept, **{key: value[0] for key, value in fresh.items()}}
        order = sorted(everything)
        size = {key: len(value[1]) for key, value in fresh.items()}
        counts = np.bincount(self.owners, minlength=len(self.documents))
        size.update({key: int(counts[self.numbers[key]]) for key in kept})
        starts: dict[str, int] = {}
        total = 0
        for key in order:
            starts[key] = total
            total += size[key]
        places = np.full(len(self.lines), -1, dtype=np.int32)
        for key in kept:
            rows = np.flatnonzero(self.owners == self.numbers[key])
            places[rows] = starts[key] + np.arange(len(rows))
        owners = np.repeat(np.arange(len(order), dtype=np.int32), [size[key] for key in order])
        pages = np.zeros(total, dtype=np.int32)
        matrix = np.zeros((total, self.vectors.d), dtype=np.float32)
        figures = np.zeros(total, dtype=np.float32)
        lines: list[bytes] = [b""] * total
        stay = places >= 0
        pages[places[stay]] = self.pages[stay]
        figures[places[stay]] = self.figures[stay]
        if len(places):
            matrix[places[stay]] = self.vectors.reconstruct_n(0, len(places))[stay]
        for row, place in enumerate(places.tolist()):
            if place >= 0:
                lines[place] = self.lines[row]
        texts: list[str] = []
        headlines: list[str] = []
        bodies: list[str] = []
        where: list[int] = []
        for key, (_, passages) in fresh.items():
            for row, passage in enumerate(passages, starts[key]):
                lines[row] = _line(passage)
                pages[row] = passage.page or 0
                figures[row] = _figures(passage.text)
                texts.append(ranked_text(passage))
                headlines.append(headline(passage))
                bodies.append(passage.text)
                where.append(row)
        placed = np.array(where, dtype=np.int32)
        if texts:
            matrix[placed] = _checked(embed(texts), len(texts), self.vectors.d)
        vectors = faiss.IndexFlatIP(self.vectors.d)
        vectors.add(matrix)
        return Contents(
            documents=tuple(everything[key] for key in order),
            paths=dict(sorted(paths.items())),
            lines=tuple(lines),
            owners=owners.astype(np.int32),
            pages=pages,
            figures=figures,
            vectors=vectors,
            lexical=self.lexical.revised(places, texts, placed),
            headings=self.headings.revised(places, headlines, placed),
            rows=self.rows.revised(places, bodies, placed),
        )

    def encode(self) -> dict[str, bytes]:
        """As files: nothing in them is code."""
        documents = b"\n".join(orjson.dumps(d.model_dump(mode="json")) for d in self.documents)
        return {
            "documents.jsonl": documents,
            "paths.json": orjson.dumps(dict(self.paths), option=orjson.OPT_INDENT_2),
            "passages.jsonl": b"\n".join(self.lines),
            "vectors.faiss": faiss.serialize_index(self.vectors).tobytes(),
            "owners.npy": _array_bytes(self.owners),
            "pages.npy": _array_bytes(self.pages),
            "figures.npy": _array_bytes(self.figures),
            **_encode_words("lexical", self.lexical),
            **_encode_words("headings", self.headings),
            **self.rows.encode(),
        }

    @classmethod
    def decode(cls, files: Mapping[str, bytes]) -> "Contents":
        """From the files that `encode` made, already checked."""
        lines = files["documents.jsonl"].splitlines()
        return cls(
            documents=tuple(Document.model_validate(orjson.loads(line)) for line in lines),
            paths=orjson.loads(files["paths.json"]),
            lines=tuple(files["passages.jsonl"].split(b"\n")) if files["passages.jsonl"] else (),
            owners=_array(files["owners.npy"]),
            pages=_array(files["pages.npy"]),
            figures=_array(files["figures.npy"]),
            vectors=faiss.deserialize_index(np.frombuffer(files["vectors.faiss"], dtype=np.uint8)),
            lexical=_decode_words("lexical", files),
            headings=_decode_words("headings", files),
            rows=Rows.decode(files),
        )


def ranked_text(passage: Passage) -> str:
    """What words and vectors are made of: the header, then the passage."""
    return f"{passage.header}\n{passage.text}"


def _figures(text: str) -> float:
    digits = sum(map(str.isdigit, text))
    return min(1.0, digits / (_FULL_OF_FIGURES * len(text)))


def _encode_words(name: str, words: Lexical) -> dict[str, bytes]:
    return {
        f"{name}-terms.txt": "\n".join(words.terms).encode(),
        f"{name}-offsets.npy": _array_bytes(words.offsets),
        f"{name}-rows.npy": _array_bytes(words.rows),
        f"{name}-counts.npy": _array_bytes(words.counts),
        f"{name}-lengths.npy": _array_bytes(words.lengths),
    }


def _decode_words(name: str, files: Mapping[str, bytes]) -> Lexical:
    terms = files[f"{name}-terms.txt"].decode()
    arrays = ("offsets", "rows", "counts", "lengths")
    return Lexical(
        tuple(terms.split("\n")) if terms else (),
        *(_array(files[f"{name}-{array}.npy"]) for array in arrays),
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


def _array_bytes(array: npt.NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(data: bytes) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return array
