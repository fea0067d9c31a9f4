"""The rows nearest to one query, best first: by FAISS, or of cosines that are known already.

Knows nothing of how vectors are kept, of texts or of files.
"""

from typing import Any

import faiss
import numpy as np

from .embedders import Vectors
from .lexical import Integers


def search_index(
    index: Any, query: Vectors, count: int, size: int, rows: Integers | None, probed: int = 0
) -> Integers:
    """A search by FAISS among the allowed rows (None: all), on one core; `probed` cells, if any."""
    count = min(count, size if rows is None else len(rows))
    if count == 0:
        return np.zeros(0, dtype=np.int32)
    parameters: Any = faiss.SearchParametersIVF() if probed else faiss.SearchParameters()
    if probed:
        parameters.nprobe = probed
    if rows is not None:
        allowed = np.zeros(size, dtype=bool)
        allowed[rows] = True
        bits = np.packbits(allowed, bitorder="little")
        # Names of their own: FAISS keeps neither alive.
        selector = faiss.IDSelectorBitmap(len(bits), faiss.swig_ptr(bits))
        parameters.sel = selector
    threads = faiss.omp_get_max_threads()
    # For one query the other cores would only spin: 15 ms of CPU instead of 1 for 15,000 rows.
    faiss.omp_set_num_threads(1)
    try:
        _, found = index.search(query[None, :], count, params=parameters)
    finally:
        faiss.omp_set_num_threads(threads)
    return np.asarray(found[0][found[0] >= 0], dtype=np.int32)


def best_rows(rows: Integers, cosines: Vectors, count: int) -> Integers:
    """The `count` rows with the highest cosine, in order of cosine, then of row."""
    if count < len(rows):
        chosen = np.argpartition(-cosines, count - 1)[:count] if count else np.zeros(0, np.int64)
        rows, cosines = rows[chosen], cosines[chosen]
    return rows[np.lexsort((rows, -cosines))].astype(np.int32)
