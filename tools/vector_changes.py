"""How the vectors of an index are made anew: rows go, move and come, cells are learned.

Knows the tables of `tools/vectors.py`. Knows nothing of searching in them.
"""

import math
from collections.abc import Iterator

import faiss
import numpy as np
import numpy.typing as npt

from .blocks import Array
from .embedders import Vectors
from .lexical import Integers
from .vectors import Cells, Compressed, Flat, Scale, Table

_CHUNK = 50_000
"""Vectors decoded, encoded or sorted into cells at a time: 50 MB at 256 dimensions."""
_SAMPLE = 100
"""Vectors a cell is learned from, about."""


def revised(old: Table, places: Integers, fresh: Vectors, placed: Integers, scale: Scale) -> Table:
    """The same with rows dropped, moved and added.

    `places[row]` is the new row of each old row, or -1 to drop it; `placed[i]` is the new row of
    `fresh[i]`.
    """
    stay = np.flatnonzero(places >= 0)
    total = len(stay) + len(fresh)
    kinds = ("flat", "sq8", "ivf-sq8")
    kind = max(scale.kind(total), old.kind if total else "flat", key=kinds.index)
    if kind == "flat":
        values = np.zeros((total, old.dimension), dtype=np.float32)
        if len(stay):
            values[places[stay]] = old.decode(0, len(old))[stay]
        values[placed] = fresh
        return Flat(values)
    learned = old if isinstance(old, Compressed) and total <= 2 * old.trained_on else None

    def sample() -> Vectors:
        return _sample(old, stay, fresh, max(_CHUNK, _SAMPLE * _cells(total)))

    base = learned or _learn(sample(), total)
    codes = np.empty((total, old.dimension), dtype=np.uint8)
    for rows in _chunks(len(old)):
        kept = rows[places[rows] >= 0]
        if len(kept):
            first, last = int(kept[0]), int(kept[-1]) + 1
            if old is learned and isinstance(old, Compressed):
                lines = old.lines(first, last)
            else:
                lines = base.quantiser.sa_encode(old.decode(first, last))
            codes[places[kept]] = lines[kept - first]
    for rows in _chunks(len(fresh)):
        codes[placed[rows]] = base.quantiser.sa_encode(fresh[rows[0] : rows[-1] + 1])
    flat = Compressed(Array(codes), base.trained, base.trained_on)
    if kind == "sq8":
        return flat
    centres = learned.centres if isinstance(learned, Cells) else _centres(sample(), _cells(total))
    return _sorted(flat, centres)


def _cells(count: int) -> int:
    return 1 << max(1, round(math.log2(4 * math.sqrt(max(count, 1)))))


def _chunks(count: int) -> Iterator[npt.NDArray[np.int64]]:
    for start in range(0, count, _CHUNK):
        yield np.arange(start, min(start + _CHUNK, count))


def _sample(old: Table, stay: npt.NDArray[np.int64], fresh: Vectors, count: int) -> Vectors:
    """Vectors spread evenly over all that will be there."""
    total = len(stay) + len(fresh)
    chosen = np.unique(np.linspace(0, total - 1, min(count, total)).astype(np.int64))
    parts: list[Vectors] = [fresh[chosen[chosen >= len(stay)] - len(stay)]]
    rows = stay[chosen[chosen < len(stay)]]
    for chunk in _chunks(len(old)):
        inside = rows[(rows >= chunk[0]) & (rows <= chunk[-1])]
        if len(inside):
            parts.append(old.decode(int(chunk[0]), int(chunk[-1]) + 1)[inside - chunk[0]])
    return np.concatenate(parts)


def _learn(sample: Vectors, total: int) -> Compressed:
    index = faiss.IndexScalarQuantizer(sample.shape[1], faiss.ScalarQuantizer.QT_8bit)
    index.train(sample)
    none = Array(np.zeros((0, sample.shape[1]), dtype=np.uint8))
    return Compressed(none, faiss.vector_to_array(index.sq.trained), total)


def _centres(sample: Vectors, cells: int) -> Vectors:
    means = faiss.Kmeans(
        sample.shape[1], min(cells, len(sample)), niter=8, spherical=True, seed=1,
        min_points_per_centroid=1, max_points_per_centroid=_SAMPLE,
    )  # fmt: skip
    means.train(sample)
    assert means.centroids is not None
    return means.centroids


def _sorted(flat: Compressed, centres: Vectors) -> Cells:
    """The rows of a table sorted into the cells of these centres."""
    coarse = faiss.IndexFlatIP(flat.dimension)
    coarse.add(centres)
    owner = np.zeros(len(flat), dtype=np.int64)
    for rows in _chunks(len(flat)):
        start, stop = int(rows[0]), int(rows[-1]) + 1
        owner[start:stop] = coarse.search(flat.decode(start, stop), 1)[1][:, 0]
    members = np.argsort(owner, kind="stable").astype(np.int32)
    bounds = np.zeros(len(centres) + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=len(centres)), out=bounds[1:])
    codes = Array(flat.codes.whole()[members])
    return Cells(codes, flat.trained, flat.trained_on, centres, bounds, Array(members))
