"""One query over the contents of an index: which rows are weighed, and what each part gives.

Knows how the parts of a score come together. Knows nothing of files, tools or people.
"""

from collections.abc import Collection

import numpy as np

from .contents import Contents
from .documents import Hit
from .embedders import Embedder
from .lexical import Scores
from .prior import Naming
from .retrieval import RetrievalOptions, clean_question, rank, wants_number, weigh

QUESTION_LIMIT = 20_000
"""Characters of a question that are looked at."""
_CANDIDATES = 2000
"""Rows whose whole score is worked out, when more than that are allowed."""


def search(
    contents: Contents,
    embedder: Embedder,
    query: str,
    k: int,
    documents: Collection[str] | None = None,
    options: RetrievalOptions | None = None,
) -> list[Hit]:
    """The best `k` passages for a question, of the given documents only, when given."""
    options = options or RetrievalOptions()
    query = query[:QUESTION_LIMIT]
    if not query.strip() or k < 1 or not contents.lines:
        return []
    named = contents.names.read(query, places(contents, documents))
    asked = clean_question(query)
    allowed = None if documents is None else contents.rows_of(documents)
    if allowed is not None and not len(allowed):
        return []
    vector = embedder.embed([asked])[0]
    weights = weigh(asked, named.consumed, options)
    lexical = contents.lexical.scores(weights)
    prior = options.prior * _row_priors(contents, named)
    rows = np.arange(len(contents.lines), dtype=np.int32) if allowed is None else allowed
    if len(rows) > _CANDIDATES:
        rough = lexical[rows] / (float(lexical[rows].max()) or 1.0) + prior[rows]
        best = rows[np.argpartition(-rough, _CANDIDATES)[:_CANDIDATES]]
        near = contents.nearest(vector, _CANDIDATES // 2, allowed)
        rows = np.union1d(best, near).astype(np.int32)
    best_words = float(lexical[rows].max()) or 1.0
    addends = {
        "lexical": lexical[rows] / best_words,
        "headings": options.headings * contents.headings.scores(weights)[rows] / best_words,
        "dense": options.dense * np.maximum(contents.cosines(rows, vector), 0),
        "figures": options.figures * wants_number(asked) * contents.figures[rows],
        "prior": prior[rows],
    }
    ranked = rank(rows, contents.page_codes[rows], addends, k, options)
    return [Hit(passage=contents.passage(r.row), score=r.score, parts=r.parts) for r in ranked]


def places(contents: Contents, documents: Collection[str] | None) -> frozenset[int] | None:
    """Places in `contents.documents` of these ids; None for all of them."""
    if documents is None:
        return None
    return frozenset(contents.numbers[key] for key in documents if key in contents.numbers)


def _row_priors(contents: Contents, named: Naming) -> Scores:
    of_document = np.zeros(len(contents.documents), dtype=np.float32)
    of_document[list(named.scores)] = list(named.scores.values())
    return of_document[contents.owners]
