"""Vectors kept as one byte a dimension, all compared (`sq8`) or sorted into cells (`ivf-sq8`).

What each costs is told in `tools/vectors.py`. Knows nothing of how codes and cells are learned
(`tools/vector_changes.py`), of texts or of files.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

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
        return self._products(self.lines(rows), query)

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
