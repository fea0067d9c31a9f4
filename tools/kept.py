"""Contents that are kept in files: made of nothing, revised into others, written and read.

Knows the names and forms of the files. Knows nothing of folders to be read, of ranking or of
generations on disk.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from . import vectors as tables
from .blocks import Part, Texts
from .chunks import headline
from .contents import Contents, Documents, language_of, ranked_text
from .documents import Document, Passage
from .embedders import Vectors
from .errors import SettingsError
from .lexical import Lexical
from .rows import Rows
from .store import Files
from .vector_changes import revised as revised_vectors
from .vectors import Flat, Scale

_ID = 32
"""Characters of a document id."""
_FULL_OF_FIGURES = 0.15
"""A passage of which this share is digits is as full of figures as any."""


@dataclass(frozen=True)
class Kept(Contents):
    """Contents that are kept in files and can be revised."""

    lines: Texts
    vectors: tables.Table
    lexical: Lexical
    headings: Lexical

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
