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

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from .blocks import Array
from .embedders import Vectors
from .lexical import Integers
from .nearest import best_rows, search_index

_PROBED = 0.2
"""The share of the cells that a query looks into in `ivf-sq8`: where recall is .97."""
_LISTED = 50_000
"""So few allowed rows are compared one by one, without looking at cells."""


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


@dataclass(frozen=True)
class Compressed:
    """One byte a dimension: a value is `low + (high - low) * (code + 0.5) / 255`."""

    codes: Array
    """uint8, one line a row."""
    trained: npt.NDArray[np.float32]
    """FAISS's: `low` of each dimension, then `high - low` of each."""
    trained_on: int
    """How many vectors there were when that was learned."""

    kind = "sq8"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return len(self.trained) // 2

    def __len__(self) -> int:
        return len(self.codes)

    def cosines(self, rows: Integers, query: Vectors) -> Vectors:
        """Cosine of the query with each of the rows, from the codes."""
        return self._products(self.codes.at(rows), query)

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows with the highest cosine: all allowed ones are compared."""
        if rows is not None and len(rows) <= _LISTED:
            return best_rows(rows, self.cosines(rows, query), count)
        return search_index(self.searched, query, count, len(self), rows)

    @cached_property
    def searched(self) -> Any:
        """All codes in an index of FAISS's, made at the first search: it compares twice as fast."""
        index = self._quantiser()
        index.add_sa_codes(self.codes.whole())
        return index

    def decode(self, rows: Integers) -> Vectors:
        """The vectors of these rows, nearly."""
        values: Vectors = self.quantiser.sa_decode(np.ascontiguousarray(self.lines(rows)))
        return values

    def lines(self, rows: Integers) -> npt.NDArray[np.uint8]:
        """The codes of these rows."""
        return self.codes.at(rows)

    def drop(self) -> None:
        """Give back the memory of a mapped file."""
        self.codes.drop()

    @cached_property
    def quantiser(self) -> Any:
        """FAISS's quantiser with what was learned, to encode and decode."""
        return self._quantiser()

    def _quantiser(self) -> Any:
        index = faiss.IndexScalarQuantizer(
            self.dimension, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
        )
        faiss.copy_array_to_vector(self.trained, index.sq.trained)
        index.is_trained = True
        return index

    def _products(self, codes: npt.NDArray[np.uint8], query: Vectors) -> Vectors:
        # The product is linear in the codes: nothing is decoded. In pieces that stay in the cache,
        # which is as fast as FAISS's own loop on one core, and wakes no other.
        low, span = np.split(self.trained, 2)
        weights = (query * span / 255).astype(np.float32)
        constant = np.float32(query @ (low + span * np.float32(0.5 / 255)))
        out = np.empty(len(codes), dtype=np.float32)
        for start in range(0, len(codes), 2000):
            piece = codes[start : start + 2000].astype(np.float32)
            np.einsum("ij,j->i", piece, weights, out=out[start : start + 2000])
        return out + constant


@dataclass(frozen=True)
class Cells(Compressed):
    """The same in cells: `codes` has one cell after the other, not one row after the other."""

    centres: Vectors
    """One unit vector a cell."""
    bounds: npt.NDArray[np.int64]
    """The codes of cell c are `codes[bounds[c]:bounds[c + 1]]`."""
    members: Array
    """int32: the row of each line of `codes`; ascending within a cell."""

    kind = "ivf-sq8"

    @cached_property
    def places(self) -> Integers:
        """The line of `codes` of each row."""
        places = np.empty(len(self.members), dtype=np.int32)
        places[self.members.whole()] = np.arange(len(self.members), dtype=np.int32)
        return places

    def cosines(self, rows: Integers, query: Vectors) -> Vectors:
        """Cosine of the query with each of the rows, from the codes."""
        return self._products(self.codes.at(self.places[rows]), query)

    def nearest(self, query: Vectors, count: int, rows: Integers | None) -> Integers:
        """The rows with the highest cosine in the cells nearest to the query.

        The fewer rows are allowed, the more cells: as many comparisons, and as many found.
        """
        if rows is not None and len(rows) <= _LISTED:
            return best_rows(rows, self.cosines(rows, query), count)
        share = 1.0 if rows is None else len(rows) / len(self)
        cells = len(self.centres)
        probed = min(cells, math.ceil(cells * max(_PROBED, 8 * count / len(self)) / share))
        return search_index(self.searched, query, count, len(self), rows, probed)

    @cached_property
    def coarse(self) -> Any:
        """The centres, for FAISS."""
        index = faiss.IndexFlatIP(self.dimension)
        index.add(self.centres)
        return index

    @cached_property
    def searched(self) -> Any:
        """All cells in an index of FAISS's, made at the first search."""
        index: Any = faiss.IndexIVFScalarQuantizer(
            self.coarse,
            self.dimension,
            len(self.centres),
            faiss.ScalarQuantizer.QT_8bit,
            faiss.METRIC_INNER_PRODUCT,
            False,
        )
        faiss.copy_array_to_vector(self.trained, index.sq.trained)
        index.is_trained = True
        members = self.members.whole().astype(np.int64)
        for cell in range(len(self.centres)):
            start, stop = self.bounds[cell : cell + 2].tolist()
            if start < stop:
                codes = np.ascontiguousarray(self.codes.part(start, stop))
                index.invlists.add_entries(
                    cell,
                    stop - start,
                    faiss.swig_ptr(members[start:stop]),
                    faiss.swig_ptr(codes),
                )
        index.ntotal = len(self)
        return index

    def lines(self, rows: Integers) -> npt.NDArray[np.uint8]:
        """The codes of these rows."""
        return self.codes.at(self.places[rows])


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
