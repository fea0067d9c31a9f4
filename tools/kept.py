"""Contents that are kept in files, as they are read.

Knows the names and forms of the files; `tools/building.py` writes them. Knows nothing of folders to
be read, of ranking or of generations on disk.
"""

from dataclasses import dataclass

import numpy as np
import orjson

from . import vectors as tables
from .blocks import Array, Texts
from .contents import Contents, Documents
from .lexical import Lexical
from .rows import Rows
from .store import Files
from .vectors import Flat

_ID = 32
"""Characters of a document id."""


@dataclass(frozen=True)
class Kept(Contents):
    """Contents that are kept in files."""

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
            vectors=Flat(Array(np.zeros((0, dimension), dtype=np.float32)), dimension),
            lexical=Lexical.empty(),
            headings=Lexical.empty(),
            table_rows=Rows.empty,
        )

    @classmethod
    def decode(cls, files: Files) -> "Kept":
        """From the files of an index; what is large is not read yet."""
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


def _decode_texts(name: str, files: Files) -> Texts:
    return Texts(files.array(f"{name}.bin", "<u1"), files.array(f"{name}-offsets.i64", "<i8"))


def _decode_words(name: str, files: Files) -> Lexical:
    return Lexical(
        _decode_texts(f"{name}-terms", files),
        files.array(f"{name}-offsets.i64", "<i8"),
        files.array(f"{name}-rows.i32", "<i4"),
        files.array(f"{name}-counts.i32", "<i4"),
        files.array(f"{name}-lengths.i32", "<i4").whole(),
    )
