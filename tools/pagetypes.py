"""Which pages are of a kind that a pack describes. Knows words of passages, nothing of questions.

Everything comes from the inverted indexes, so no page is read: a line is found where all its words
stand in one passage, a title where they stand in the headings over it.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .lexical import Integers, Scores, Words
from .pack import Pack, PageType
from .patterns import Phrase

TITLED = 0.4
"""What the title is worth beside the lines, which make up the rest."""
_PLAIN = 0.35
"""What a page without figures keeps of the score of a table of numbers."""

_LEAST = 0.4
"""A document whose best page is less like a kind than this has no page of that kind."""


@dataclass(frozen=True)
class PageRows:
    """The pages of an index and the rows on each."""

    of_row: Integers
    """Number of the page of each row, counted over all documents."""
    owners: Integers
    """Document of each page."""
    figures: Scores
    """How much of each page is figures, 0 to 1."""

    @classmethod
    def of(cls, codes: npt.NDArray[np.int64], figures: Scores) -> "PageRows":
        """From the page code (document, page) and the share of figures of every row."""
        pages, of_row = np.unique(codes, return_inverse=True)
        rows = np.maximum(np.bincount(of_row, minlength=len(pages)), 1)
        full = np.bincount(of_row, weights=figures, minlength=len(pages)) / rows
        owners = (pages >> 32).astype(np.int32)
        return cls(of_row.astype(np.int32), owners, full.astype(np.float32))


def likeness(kind: PageType, pages: PageRows, words: Words, headings: Words) -> Scores:
    """How much each page is of a kind, 0 to 1.

    The share of `enough` lines that stand on it makes up 0.6, a title above them 0.4 (a kind
    described by one of the two alone is judged by it alone); a title among `never` makes it 0.
    Where a table of numbers is wanted, a page without figures keeps about a third.
    """
    title = _titled(kind, pages, headings)
    score = title
    if kind.lines:
        lines = np.zeros(len(pages.owners), dtype=np.float32)
        for line in kind.lines:
            lines[_where(line, words, pages)] += 1.0
        share = np.minimum(lines / kind.enough, 1.0)
        by_both: Scores = (1 - TITLED) * share + TITLED * title * share
        score = by_both if kind.title else share
    if kind.figures:
        full = np.minimum(pages.figures * 2, 1.0)
        score = (score * (_PLAIN + (1 - _PLAIN) * full)).astype(np.float32)
    for line in kind.never:
        score[_where(line, headings, pages)] = 0.0
    return score


def _titled(kind: PageType, pages: PageRows, headings: Words) -> Scores:
    """How much each page's headings are a title of the kind: wholly from half their words on."""
    title = np.zeros(len(pages.owners), dtype=np.float32)
    for line in kind.title:
        for stems in line.words:
            rows = _together(stems, headings)
            share = np.minimum(2 * len(stems) / np.maximum(headings.lengths[rows], 1), 1.0)
            np.maximum.at(title, pages.of_row[rows], share.astype(np.float32))
    return title


def _where(line: Phrase, words: Words, pages: PageRows) -> Integers:
    """Pages with a row that has all the words of one way of reading the line."""
    return np.unique(np.concatenate([pages.of_row[_together(w, words)] for w in line.words]))


def _together(stems: Collection[str], words: Words) -> Integers:
    """Rows that have all of these words."""
    rows, *others = sorted((words.postings(stem)[0] for stem in stems), key=len)
    for other in others:
        rows = np.intersect1d(rows, other, assume_unique=True)
    return rows


class Kinds:
    """The kinds of page of one index, worked out when first asked for and kept.

    A kind is known by the content hash of its pack and its name. Safe from several threads: at
    worst one is worked out twice.
    """

    def __init__(self, pages: PageRows, words: Words, headings: Words) -> None:
        self._pages, self._words, self._headings = pages, words, headings
        self._known: dict[tuple[str, str], Scores] = {}

    def of(self, pack: Pack, name: str) -> Scores:
        """How much each page is of a kind, beside the page of its document that is most so."""
        key = (pack.hash, name)
        if key not in self._known:
            score = likeness(pack.types[name], self._pages, self._words, self._headings)
            self._known[key] = _beside_best(score, self._pages.owners)
        return self._known[key]


def _beside_best(score: Scores, owners: Integers) -> Scores:
    best = np.full(int(owners.max(initial=-1)) + 1, _LEAST, dtype=np.float32)
    np.maximum.at(best, owners, score)
    scaled: Scores = score / best[owners]
    return scaled
