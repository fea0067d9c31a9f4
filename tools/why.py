"""Why a page was found or not: its rank at every stage of one search, and where it was lost.

Knows the parts of a score in the order in which they are added, and what a search leaves out before
and after. Pure: asks no model. What became of a page in a prompt is told by `evals.why`.

A stage loses the page when from it on the page is never again among the `POOL` times k best. Within
those but not among the k it is lost at the cut: a larger k, or another order, would show it.
"""

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from .contents import Contents, ranked_text
from .documents import Frozen
from .embedders import Embedder
from .lexical import Integers, Scores, highest
from .retrieval import RetrievalOptions, clean_question, rank
from .searching import Pages, Weighed, allowed_rows, weighed
from .spans import Dates

POOL = 5
"""A page within so many times k is near enough for the cut alone to have lost it."""
EMBEDDED = 200
"""Passages, by score with and without vectors each, that another embedder is tried on."""

PARTS: dict[str, tuple[str, ...]] = {
    "lexical": ("lexical", "expansion"),
    "dense": ("dense",),
    "prior": ("prior",),
    "structure": ("headings", "figures", "page type"),
}
"""Stage -> the parts of a score that it adds, in order."""
STAGES = ("text", "filter", "candidates", *PARTS, "fusion", "per-page limit", "cut")
"""Where a search can lose a page. (The limit of passages a page loses none: its best one stays.)"""


class Rival(Frozen):
    """The passage that stands before the page's best one: the last that gets in, or the next."""

    passage: str
    document: str
    page: int | None
    score: float


class StageRank(Frozen):
    """Where the page's best passage stands after one stage."""

    stage: str
    rank: int | None
    """Among all passages that are weighed, by what was added up so far; None: no result at all."""
    score: float | None = None
    """What was added up so far."""
    alone: int | None = None
    """Its rank by what this stage adds alone; equals share the better one."""
    beaten_by: Rival | None = None


class PageRanks(Frozen):
    """How one search ranked one page."""

    query: str
    document: str
    page: int
    k: int
    weighed: int
    """Passages that were ranked."""
    passage: str | None
    """The page's best passage; None when none was ranked."""
    stages: tuple[StageRank, ...]
    lost: str | None
    """The one stage of `STAGES` that lost it; None: it is among the k."""

    @property
    def rank(self) -> int | None:
        """The page's place among the results, however many there are."""
        return self.stages[-1].rank if self.stages else None


def explain(
    contents: Contents,
    embedder: Embedder,
    query: str | Sequence[str],
    document: str,
    page: int,
    k: int,
    documents: Collection[str] | None = None,
    options: RetrievalOptions | None = None,
    *,
    pages: Pages | None = None,
    dates: Dates | None = None,
    other: Embedder | None = None,
) -> PageRanks:
    """The ranks of a page (1-based) of a document (an id) in a search for `query`.

    `other` stands in for the index's own embedder, on the most promising passages only (`EMBEDDED`)
    and on the page's own. An unknown document, or a page that has no text, is lost at `text`.
    """
    options = options or RetrievalOptions()
    told = query if isinstance(query, str) else " / ".join(query)
    here = contents.numbers.get(document)
    name = document if here is None else contents.documents[here].name

    def lost(stage: str, among: int = 0) -> PageRanks:
        return PageRanks(
            query=told, document=name, page=page, k=k, weighed=among, passage=None,
            stages=(), lost=stage,
        )  # fmt: skip

    if here is None:
        return lost("text")
    own = contents.rows_on(document, page)
    if not len(own):
        return lost("text")
    allowed = allowed_rows(contents, documents, pages, dates)
    if allowed is not None and not np.isin(own, allowed).any():
        return lost("filter")
    found = weighed(contents, embedder, query, documents, options, pages=pages, dates=dates)
    if found is None or not np.isin(own, found.rows).any():
        return lost("candidates", 0 if found is None else len(found.rows))
    if other is not None:
        first = query if isinstance(query, str) else query[0]
        found = _embedded_anew(contents, other, first, own, found, options)
    ranked = _Ranked(contents, found, np.isin(found.rows, own), k, options)
    stages = ranked.stages()
    return PageRanks(
        query=told,
        document=name,
        page=page,
        k=k,
        weighed=len(found.rows),
        passage=ranked.best(),
        stages=stages,
        lost=_lost(stages, k),
    )


def _lost(stages: Sequence[StageRank], k: int) -> str | None:
    """The stage from which on the page is out for good."""
    last = stages[-1].rank
    if last is None:
        return "fusion"
    if last <= k:
        return None
    if last <= POOL * k:
        return "cut"
    out = "fusion"
    for stage in reversed(stages[: len(PARTS)]):
        if stage.rank is not None and stage.rank <= POOL * k:
            break
        out = stage.stage
    return out


class _Ranked:
    """The rows of one search, and which of them are the page's."""

    def __init__(
        self,
        contents: Contents,
        found: Weighed,
        mine: npt.NDArray[np.bool_],
        k: int,
        options: RetrievalOptions,
    ) -> None:
        self.contents, self.found, self.mine, self.k = contents, found, mine, k
        self.options = options
        self.total = _sum(found.addends, tuple(found.addends), len(mine))

    def stages(self) -> tuple[StageRank, ...]:
        """One for each part, then all together, then after the limit of passages of a page."""
        so_far = np.zeros(len(self.mine), dtype=np.float32)
        told = []
        for stage, names in PARTS.items():
            part = _sum(self.found.addends, names, len(self.mine))
            so_far = so_far + part
            alone = 1 + int((part > part[self.mine].max()).sum())
            told.append(self._stage(stage, _order(so_far), so_far, alone))
        matches = (self.found.addends["lexical"] > 0) | (self.found.addends["dense"] > 0)
        order = _order(self.total)
        told.append(self._stage("fusion", order[matches[order]], self.total))
        codes = self.contents.page_codes[self.found.rows]
        ranked = rank(self.found.rows, codes, self.found.addends, len(self.mine), self.options)
        places = np.searchsorted(self.found.rows, [each.row for each in ranked])
        told.append(self._stage("per-page limit", places, self.total))
        return tuple(told)

    def best(self) -> str:
        """The id of the page's best passage."""
        place = int(np.argmax(np.where(self.mine, self.total, -np.inf)))
        return self.contents.passage(int(self.found.rows[place])).id

    def _stage(
        self, stage: str, order: npt.NDArray[np.integer], totals: Scores, alone: int | None = None
    ) -> StageRank:
        places = np.flatnonzero(self.mine[order])
        if not len(places):
            return StageRank(stage=stage, rank=None, alone=alone)
        ahead = int(places[0])
        rival = None
        if ahead:
            place = int(order[min(self.k, ahead) - 1])
            passage = self.contents.passage(int(self.found.rows[place]))
            rival = Rival(
                passage=passage.id,
                document=passage.document,
                page=passage.page,
                score=round(float(totals[place]), 6),
            )
        return StageRank(
            stage=stage,
            rank=ahead + 1,
            score=round(float(totals[order[ahead]]), 6),
            alone=alone,
            beaten_by=rival,
        )


def _order(totals: Scores) -> npt.NDArray[np.integer]:
    """Places, best first; equals in the order of rows, as in `rank`."""
    return np.argsort(-totals, kind="stable")


def _sum(addends: Mapping[str, Scores], names: Sequence[str], size: int) -> Scores:
    parts = [addends[name] for name in names if name in addends]
    return np.sum(parts, axis=0) if parts else np.zeros(size, dtype=np.float32)


def _embedded_anew(
    contents: Contents,
    other: Embedder,
    query: str,
    own: Integers,
    found: Weighed,
    options: RetrievalOptions,
) -> Weighed:
    """The most promising rows with what another embedder gives for `dense`."""
    total = _sum(found.addends, tuple(found.addends), len(found.rows))
    chosen = np.isin(found.rows, own)
    for scores in (total, total - found.addends["dense"]):
        chosen[highest(scores, EMBEDDED)] = True
    rows = found.rows[chosen]
    passages = (contents.passage(int(row)) for row in rows)
    texts = [ranked_text(passage.header, passage.text) for passage in passages]
    vectors = other.embed([clean_question(query), *texts])
    cosines = vectors[1:] @ vectors[0]
    addends = {name: values[chosen] for name, values in found.addends.items()}
    addends["dense"] = options.dense * np.maximum(cosines, 0)
    return Weighed(rows, addends)
