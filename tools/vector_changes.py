"""How the vectors of an index are made anew: rows go, move and come, cells are learned.

Some thousand vectors are in memory at a time; what they are learned from lies on the disk. Knows
the tables of `tools/vectors.py` and their files. Knows nothing of searching.
"""

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import faiss
import numpy as np
import numpy.typing as npt

from .blocks import Array, Part
from .compressed import Cells, Compressed
from .embedders import Vectors
from .lexical import Integers
from .scratch import Column, Scratch, drop
from .vectors import Scale, Table

_CHUNK = 2_048
"""Vectors decoded, encoded or sorted into cells at a time: 2 MB at 256 dimensions."""
_LEAST_SAMPLE = 50_000
_SAMPLE = 100
"""Vectors a cell is learned from, about."""

Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Moves:
    """Where the rows of a table go, and where new ones come; both keep their order."""

    places: Integers
    """The new row of each old row, or -1 to drop it; ascending but for those."""
    placed: Integers
    """The new row of each new vector; ascending."""

    @property
    def total(self) -> int:
        """How many rows there will be."""
        return int((self.places >= 0).sum()) + len(self.placed)

    def chunks(self) -> Iterator[tuple[int, Integers, Integers]]:
        """For so many new rows at a time: the first, the old rows and the new vectors in them."""
        stay = np.flatnonzero(self.places >= 0).astype(np.int32)
        lasting = self.places[stay]
        for start in range(0, self.total, _CHUNK):
            a, b = np.searchsorted(lasting, [start, start + _CHUNK]).tolist()
            c, d = np.searchsorted(self.placed, [start, start + _CHUNK]).tolist()
            yield start, stay[a:b], np.arange(c, d, dtype=np.int32)


def revised(
    old: Table, moves: Moves, fresh: Column, scale: Scale, scratch: Scratch
) -> dict[str, Part]:
    """The files of the same table with rows dropped, moved and added.

    `fresh` are the new vectors (float32, one line each). `tools/vectors.py` loads what is made.
    """
    total, dimension = moves.total, old.dimension
    kinds = ("flat", "sq8", "ivf-sq8")
    kind = max(scale.kind(total), old.kind if total else "flat", key=kinds.index)
    named: dict[str, Part] = {"vectors.txt": f"{kind} {dimension}".encode()}
    if kind == "flat":
        return {**named, "vectors.f32": _exact(old, moves, fresh, scratch)}
    learned = old if isinstance(old, Compressed) and total <= 2 * old.trained_on else None
    sample = functools.cache(lambda: _sample(old, moves, fresh, scratch))
    base = _learn(sample(), dimension, total) if learned is None else learned
    codes = _coded(old, base, moves, fresh, scratch)
    named |= {
        "vectors-trained.f32": base.trained.astype("<f4").tobytes(),
        "vectors-trained-on.i64": np.array([base.trained_on], dtype="<i8").tobytes(),
    }
    if kind == "sq8":
        return {**named, "vectors.sq8": codes}
    known = learned.centres if isinstance(learned, Cells) else None
    centres = _centres(sample(), dimension, _cells(total)) if known is None else known
    flat = Compressed(Array(codes.mapped()), base.trained, base.trained_on)
    return {**named, **_sorted(flat, centres, scratch)}


def _cells(count: int) -> int:
    return 1 << max(1, round(math.log2(4 * math.sqrt(max(count, 1)))))


def _exact(old: Table, moves: Moves, fresh: Column, scratch: Scratch) -> Column:
    out = Column(scratch, "<f4", old.dimension)
    for start, rows, new in moves.chunks():
        values = np.empty((len(rows) + len(new), old.dimension), dtype=np.float32)
        values[moves.places[rows] - start] = old.decode(rows)
        values[moves.placed[new] - start] = _some(fresh, new)
        out.append(values)
        old.drop()
    return out


def _coded(old: Table, base: Compressed, moves: Moves, fresh: Column, scratch: Scratch) -> Column:
    out = Column(scratch, "<u1", old.dimension)
    for start, rows, new in moves.chunks():
        codes = np.empty((len(rows) + len(new), old.dimension), dtype=np.uint8)
        if len(rows) and old is base:
            codes[moves.places[rows] - start] = base.lines(rows)
        elif len(rows):
            codes[moves.places[rows] - start] = base.quantiser.sa_encode(old.decode(rows))
        if len(new):
            codes[moves.placed[new] - start] = base.quantiser.sa_encode(_some(fresh, new))
        out.append(codes)
        old.drop()
    return out


def _some(fresh: Column, new: Integers) -> Vectors:
    """New vectors that follow each other."""
    first = int(new[0]) if len(new) else 0
    return fresh.part(first, first + len(new))


def _sample(old: Table, moves: Moves, fresh: Column, scratch: Scratch) -> Column:
    """Vectors spread evenly over all that will be there, on disk: there are up to 100 a cell."""
    total = moves.total
    stay = np.flatnonzero(moves.places >= 0).astype(np.int32)
    count = min(max(_LEAST_SAMPLE, _SAMPLE * _cells(total)), total)
    chosen = np.unique(np.linspace(0, total - 1, count).astype(np.int64))
    out = Column(scratch, "<f4", old.dimension)
    lines = chosen[chosen >= len(stay)] - len(stay)
    for start in range(0, len(fresh), _CHUNK):
        inside = lines[(lines >= start) & (lines < start + _CHUNK)]
        out.append(fresh.part(start, start + _CHUNK)[inside - start])
    rows = stay[chosen[chosen < len(stay)]]
    for start in range(0, len(rows), _CHUNK):
        out.append(old.decode(rows[start : start + _CHUNK]))
        old.drop()
    return out


def _learn(sample: Column, dimension: int, total: int) -> Compressed:
    """The quantiser: it needs no more than the lowest and the highest value of each dimension."""
    low = np.full(dimension, np.inf, dtype=np.float32)
    high = -low
    for start in range(0, len(sample), _CHUNK):
        values = sample.part(start, start + _CHUNK)
        low, high = np.minimum(low, values.min(axis=0)), np.maximum(high, values.max(axis=0))
    index = faiss.IndexScalarQuantizer(dimension, faiss.ScalarQuantizer.QT_8bit)
    index.train(np.stack([low, high]))
    none = Array(np.zeros((0, dimension), dtype=np.uint8))
    return Compressed(none, faiss.vector_to_array(index.sq.trained), total)


def _centres(sample: Column, dimension: int, cells: int) -> Vectors:
    """Learned by k-means, which wants its whole sample: it reads it from the mapped file."""
    means = faiss.Kmeans(
        dimension, min(cells, len(sample)), niter=8, spherical=True, seed=1,
        min_points_per_centroid=1, max_points_per_centroid=_SAMPLE,
    )  # fmt: skip
    values = sample.mapped()
    means.train(values)
    drop(values)
    assert means.centroids is not None
    return means.centroids


def _sorted(flat: Compressed, centres: Vectors, scratch: Scratch) -> dict[str, Part]:
    """The rows of a table sorted into the cells of these centres, as files."""
    coarse = faiss.IndexFlatIP(flat.dimension)
    coarse.add(centres)
    owner = np.zeros(len(flat), dtype=np.int32)
    for start in range(0, len(flat), _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(flat)), dtype=np.int32)
        owner[rows] = coarse.search(flat.decode(rows), 1)[1][:, 0]
        flat.drop()
    members = np.argsort(owner, kind="stable").astype(np.int32)
    bounds = np.zeros(len(centres) + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=len(centres)), out=bounds[1:])
    codes, order = Column(scratch, "<u1", flat.dimension), Column(scratch, "<i4")
    order.append(members)
    for start in range(0, len(members), _CHUNK):
        codes.append(flat.lines(members[start : start + _CHUNK]))
        flat.drop()
    return {
        "vectors.sq8": codes,
        "cells-centres.f32": centres.astype("<f4").tobytes(),
        "cells-bounds.i64": bounds.astype("<i8").tobytes(),
        "cells-members.i32": order,
    }
