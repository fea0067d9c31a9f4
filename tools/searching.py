"""One search over the contents of an index: which rows are weighed, and what each part gives.

Knows how the parts of a score come together. Knows nothing of files, tools or people.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .contents import Contents
from .documents import Hit
from .embedders import Embedder
from .languages import of_question
from .lexical import Integers, Scores, highest
from .pack import Pack
from .packs import pack_of
from .prior import Naming
from .retrieval import (
    RetrievalOptions,
    clean_question,
    parts_of_question,
    rank,
    wants_number,
    weigh,
)
from .spans import Dates, within

QUESTION_LIMIT = 20_000
"""Characters of a question that are looked at."""
MOST_QUERIES = 8
"""Queries that one search adds up."""
_CANDIDATES = 2000
"""Rows whose whole score is worked out, when more than that are allowed."""

Pages = tuple[int, int]
"""First and last physical page, 1-based, both included."""


def search(
    contents: Contents,
    embedder: Embedder,
    query: str | Sequence[str],
    k: int,
    documents: Collection[str] | None = None,
    options: RetrievalOptions | None = None,
    *,
    pages: Pages | None = None,
    dates: Dates | None = None,
) -> list[Hit]:
    """The best `k` passages for a question, or for several that ask for the same.

    Only of the given documents, pages and dates, when given; what is outside is left out before
    anything is ranked. Scores of several queries are averaged part by part.
    """
    options = options or RetrievalOptions()
    found = weighed(contents, embedder, query, documents, options, pages=pages, dates=dates)
    if found is None or k < 1:
        return []
    pages_of = contents.page_codes[found.rows]
    ranked = rank(found.rows, pages_of, found.addends, k, options)
    return [Hit(passage=contents.passage(r.row), score=r.score, parts=r.parts) for r in ranked]


@dataclass(frozen=True)
class Weighed:
    """Rows with what each part of a score gives to each of them."""

    rows: Integers
    """Ascending."""
    addends: dict[str, Scores]
    """By part, along `rows`."""


def weighed(
    contents: Contents,
    embedder: Embedder,
    query: str | Sequence[str],
    documents: Collection[str] | None,
    options: RetrievalOptions,
    *,
    pages: Pages | None = None,
    dates: Dates | None = None,
) -> Weighed | None:
    """What `search` ranks: of many rows those that are worth it. None when there is nothing."""
    pack = pack_of(options.pack, options.pack_hash)
    queries = [query] if isinstance(query, str) else list(query)[:MOST_QUERIES]
    queries = [each[:QUESTION_LIMIT] for each in queries if each.strip()]
    if options.multi_query and len(queries) == 1:
        queries = [queries[0], *parts_of_question(queries[0])][:MOST_QUERIES]
    if not queries or not contents.size:
        return None
    allowed = allowed_rows(contents, documents, pages, dates)
    if allowed is not None and not len(allowed):
        return None
    among = None if documents is None else contents.places_of(documents)
    asked = [_Query(contents, embedder, each, among, options, pack) for each in queries]
    rows = np.arange(contents.size, dtype=np.int32) if allowed is None else allowed
    if len(rows) > _CANDIDATES:
        worth = np.zeros(contents.size, dtype=bool)
        for each in asked:
            each.mark(worth, allowed)
        rows = np.flatnonzero(worth).astype(np.int32)
    return Weighed(rows, _average([each.addends(rows) for each in asked]))


class _Query:
    """One query, read and ready to be scored."""

    def __init__(
        self,
        contents: Contents,
        embedder: Embedder,
        query: str,
        among: frozenset[int] | None,
        options: RetrievalOptions,
        pack: Pack | None,
    ) -> None:
        self.contents, self.options = contents, options
        named = contents.names.read(query, among, pack.kinds_of(query) if pack else None)
        asked = clean_question(query)
        self.vector = embedder.embed([asked])[0]
        self.number = wants_number(asked)
        spoken = of_question(asked, contents.languages)
        self.weights = weigh(asked, named.consumed, options, spoken)
        self.added = pack.expand(asked) if pack else {}
        self.prior = _document_priors(contents, named)
        self.kind = _page_kinds(contents, pack, asked)

    def mark(self, worth: npt.NDArray[np.bool_], allowed: Integers | None) -> None:
        """Mark those of many rows (None: all) that are worth a whole score."""
        contents, options = self.contents, self.options
        rough = contents.lexical.scores(self.weights)
        if self.added:
            rough = rough + options.expansion * contents.lexical.scores(self.added)
        inside: Integers | slice = slice(None) if allowed is None else allowed
        rough = rough[inside] / (float(rough[inside].max()) or 1.0)
        if self.prior.any():
            rough = rough + options.prior * self.prior[contents.owners[inside]]
        if self.kind is not None:
            rough = rough + options.page_types * self.kind[contents.page_rows.of_row[inside]]
        best = highest(rough, _CANDIDATES)
        worth[best if allowed is None else allowed[best]] = True
        worth[contents.nearest(self.vector, _CANDIDATES // 2, allowed)] = True

    def addends(self, rows: Integers) -> dict[str, Scores]:
        """What each part gives to each of the rows (ascending)."""
        contents, options = self.contents, self.options
        lexical = contents.lexical.scores_of(self.weights, rows)
        expansion = options.expansion * contents.lexical.scores_of(self.added, rows)
        best = float((lexical + expansion).max()) or 1.0
        weights = {
            **{stem: options.expansion * w for stem, w in self.added.items()},
            **self.weights,
        }
        addends = {
            "lexical": lexical / best,
            "headings": options.headings * contents.headings.scores_of(weights, rows) / best,
            "dense": options.dense * np.maximum(contents.cosines(rows, self.vector), 0),
            "figures": options.figures * self.number * contents.figures[rows],
            "prior": options.prior * self.prior[contents.owners[rows]],
        }
        if options.pack:
            kind = 0 if self.kind is None else self.kind[contents.page_rows.of_row[rows]]
            addends["expansion"] = expansion / best
            addends["page type"] = options.page_types * kind * np.ones(len(rows), np.float32)
        return addends


def _average(found: Sequence[Mapping[str, Scores]]) -> dict[str, Scores]:
    if len(found) == 1:
        return dict(found[0])
    return {
        part: np.mean([each[part] for each in found], axis=0, dtype=np.float32) for part in found[0]
    }


def allowed_rows(
    contents: Contents,
    documents: Collection[str] | None,
    pages: Pages | None,
    dates: Dates | None,
) -> Integers | None:
    """Rows that may be found; None for all of them."""
    if dates is not None:
        known = contents.documents
        given = None if documents is None else set(documents)
        documents = {
            d.id for d in known if (given is None or d.id in given) and within(d.metadata, dates)
        }
    rows = None if documents is None else contents.rows_of(documents)
    if pages is None:
        return rows
    first, last = pages
    inside = (contents.pages >= first) & (contents.pages <= last)
    return np.flatnonzero(inside).astype(np.int32) if rows is None else rows[inside[rows]]


def _document_priors(contents: Contents, named: Naming) -> Scores:
    of_document = np.zeros(len(contents.documents), dtype=np.float32)
    of_document[list(named.scores)] = list(named.scores.values())
    return of_document


def _page_kinds(contents: Contents, pack: Pack | None, question: str) -> Scores | None:
    """How much each page is of a kind that the question wants to see; None without a pack."""
    if pack is None:
        return None
    page = np.zeros(len(contents.page_rows.owners), dtype=np.float32)
    for name, weight in pack.wanted(question).items():
        page = np.maximum(page, weight * contents.kinds.of(pack, name))
    return page
