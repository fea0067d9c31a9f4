"""The vectors of an index, one a row: nearest rows and cosines. Knows nothing of texts or files.

Three ways of keeping them, chosen from how many there are (`Scale`):

- `flat`: as they are, compared one by one with FAISS. Exact.
- `sq8`: one byte a dimension (FAISS's 8-bit scalar quantiser), all compared. A quarter of the
  memory; of the ten nearest about 1.5 % are others.
- `ivf-sq8`: the same bytes, sorted into cells by k-means; a query looks into the cells nearest to
  it. Tens of times fewer comparisons; of the ten nearest about 2.5 % are others.

An index that grew into one way stays in it when it shrinks, until it is rebuilt: the exact vectors
are gone. Quantiser and cells are learned again when there are twice the vectors they were made of.
Rows that are not allowed are left out before anything is ranked, in each of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import faiss
import numpy as np

from .blocks import Array
from .compressed import Cells, Compressed
from .embedders import Vectors
from .lexical import Integers
from .nearest import search_index


@dataclass(frozen=True)
class Scale:
    """From how many vectors on each way of keeping them is used."""

    sq8: int = 200_000
    ivf: int = 500_000

    def kind(self, count: int) -> str:
        """The way for so many."""
        return "ivf-sq8" if count >= self.ivf else "sq8" if count >= self.sq8 else "flat"


class VectorTable(Protocol):
    """What an index needs of its vectors."""

    @property
    def kind(self) -> str:
        """`flat`, `sq8`, `ivf-sq8`, or what a database calls its own."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def __len__(self) -> int: ...

    def cosines(self, rows: Integers, query: Vectors) -> Vectors:
        """Cosine of the query with each of the rows."""
        ...

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows (of the given ones, when given; ascending) with the highest cosine, best first.

        `count` of them, or as many as there are.
        """
        ...


@dataclass(frozen=True)
class Flat:
    """Exact vectors."""

    values: Array
    """float32, one line a row."""
    dimension: int

    kind = "flat"

    def __len__(self) -> int:
        return len(self.values)

    def cosines(self, rows: Integers, query: Vectors) -> Vectors:
        """Cosine of the query with each of the rows."""
        # Not `@`: for so little work BLAS keeps every core spinning (13 ms of CPU against 4).
        return np.asarray(np.einsum("ij,j->i", self.values.at(rows), query), dtype=np.float32)

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows with the highest cosine, by FAISS."""
        return search_index(self.searched, query, count, len(self), rows)

    @cached_property
    def searched(self) -> Any:
        """All of them in an index of FAISS's, made at the first search of all."""
        index = faiss.IndexFlatIP(self.dimension)
        index.add(self.values.whole())
        self.values.drop()  # FAISS has its own copy
        return index

    def decode(self, rows: Integers) -> Vectors:
        """The vectors of these rows."""
        return self.values.at(rows)

    def drop(self) -> None:
        """Give back the memory of a mapped file."""
        self.values.drop()


Table = Flat | Compressed
"""A table that is kept in files."""


def load(kind: str, dimension: int, array: Callable[..., Array]) -> Table:
    """A table from its files; `array(name, dtype, columns)` gives one of them."""
    if kind == "flat":
        return Flat(array("vectors.f32", "<f4", dimension), dimension)
    codes = array("vectors.sq8", "<u1", dimension)
    trained = array("vectors-trained.f32", "<f4").whole()
    trained_on = int(array("vectors-trained-on.i64", "<i8").whole()[0])
    if kind == "sq8":
        return Compressed(codes, trained, trained_on)
    return Cells(
        codes,
        trained,
        trained_on,
        array("cells-centres.f32", "<f4", dimension).whole(),
        array("cells-bounds.i64", "<i8").whole(),
        array("cells-members.i32", "<i4"),
    )


def told(table: VectorTable) -> str:
    """One line on how the vectors are kept and what that costs."""
    size = len(table) * table.dimension
    exact = f"{4 * size / 1e6:,.1f} MB"
    if isinstance(table, Cells):
        return (
            f"vectors: {len(table):,} in {len(table.centres):,} cells, one byte a dimension"
            f" (ivf-sq8, {size / 1e6:,.1f} MB; exact ones would take {exact} and tens of times the"
            " work; about 2.5 % of the nearest ten differ from exact)"
        )
    if table.kind == "sq8":
        return (
            f"vectors: {len(table):,}, one byte a dimension (sq8, {size / 1e6:,.1f} MB instead of"
            f" {exact}; about 1.5 % of the nearest ten differ from exact)"
        )
    return f"vectors: {len(table):,}, exact ({table.kind}, {exact})"
