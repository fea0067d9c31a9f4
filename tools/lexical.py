"""Words of passages and how well a query's words fit them (BM25). Knows nothing of documents.

Raw counts are kept, not scores, so that passages can come and go without reading the others again,
and weights can differ from query to query. Where the counts lie (`Lexical`: arrays, perhaps on
disk; `tools/postgres.py`: tables) makes no difference to the scores.
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with Lucene's idf,
which is never negative: log(1 + (N - df + 0.5) / (df + 0.5)).
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
import Stemmer

from .blocks import Array, Texts
from .languages import ENGLISH, NONE, small_words

K1 = 1.5
"""How soon more of the same word stops helping."""
B = 0.75
"""How much a long passage is held against its counts."""

MANY = 200_000
"""From so many rows on, `scores` leaves the commonest words of a long query to few rows."""
POSTINGS = 400_000
"""How many entries of a query's words are then read for all rows; the rarest words come first."""
_PROMISING = 20_000
"""About so many of the best rows by those words are then given the points of the others too."""

_AT_A_TIME = 4096

_WORD = re.compile(r"\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+")
Scores = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


def words(text: str) -> list[str]:
    """Words in lower case; a number is one word without its thousands commas."""
    found = _WORD.findall(text.lower())
    return [word.replace(",", "") if "," in word else word for word in found]


def stemmer(language: str) -> Callable[[str], str]:
    """What makes a stem of a word; `none` leaves it as it is."""
    if language == NONE:
        return str
    stem: Callable[[str], str] = Stemmer.Stemmer(language).stemWord
    return stem


def terms(text: str, language: str = ENGLISH) -> list[str]:
    """The stemmed words of a text, without stop words, in order, repeats kept."""
    stem, stop = stemmer(language), small_words(language)
    return [stem(word) for word in words(text) if word not in stop]


class Words(Protocol):
    """Which rows the terms stand in, and how often."""

    @property
    def lengths(self) -> Integers:
        """Words in each row."""
        ...

    def postings(self, term: str) -> tuple[Integers, Integers]:
        """The rows with this term, ascending, and its count in each."""
        ...

    def scores(self, query: Mapping[str, float]) -> Scores:
        """BM25 of every row for stemmed terms with their weights; rough for many rows."""
        ...

    def scores_of(self, query: Mapping[str, float], rows: Integers) -> Scores:
        """BM25 of these rows (ascending)."""
        ...


class Ranking:
    """BM25 for whatever has `lengths` and `postings`."""

    def scores(
        self: Words, query: Mapping[str, float], many: int = MANY, budget: int = POSTINGS
    ) -> Scores:
        """BM25 of every row for stemmed terms with their weights.

        From `many` rows on, once the rarest terms have used up the `budget` of entries, the others
        count only in the most promising rows: elsewhere the score is too low, never too high.
        """
        lengths = self.lengths
        out = np.zeros(len(lengths), dtype=np.float32)
        found = _entries(self, query)
        late: list[_Entries] = []
        if len(lengths) >= many:
            found.sort(key=lambda entries: len(entries.rows))
            read = np.cumsum([len(entries.rows) for entries in found])
            early = max(1, int(np.searchsorted(read, budget, side="right")))
            found, late = found[:early], found[early:]
        average = _average(lengths)
        for entries in found:
            out[entries.rows] += entries.points(lengths[entries.rows], average)
        if late:
            rows = _above(out, _PROMISING)
            for entries in late:
                entries.add(out, rows, rows, lengths[rows], average)
        return out

    def scores_of(self: Words, query: Mapping[str, float], rows: Integers) -> Scores:
        """BM25 of these rows (ascending), the same as in `scores` of all terms."""
        out = np.zeros(len(rows), dtype=np.float32)
        lengths = self.lengths
        average, own = _average(lengths), lengths[rows]
        for entries in _entries(self, query):
            entries.add(out, np.arange(len(rows)), rows, own, average)
        return out


@dataclass(frozen=True)
class _Entries:
    """One term of a query."""

    rows: Integers
    counts: Integers
    weight: float
    """The term's weight in the query times its idf."""

    def points(self, lengths: Integers, average: float, where: Integers | None = None) -> Scores:
        """What it adds to its rows (at the places `where` in them), which are so long."""
        counts = self.counts if where is None else self.counts[where]
        norm = K1 * (1 - B + B * lengths / average)
        points: Scores = (self.weight * counts / (counts + norm)).astype(np.float32)
        return points

    def add(
        self,
        out: Scores,
        places: npt.NDArray[np.integer],
        rows: Integers,
        lengths: Integers,
        average: float,
    ) -> None:
        """Add the points of `rows` (ascending, so long) to `out` at `places`."""
        if not len(self.rows) or not len(rows):
            return
        where = np.searchsorted(self.rows, rows)
        where[where == len(self.rows)] = 0
        here = self.rows[where] == rows
        out[places[here]] += self.points(lengths[here], average, where[here])


def highest(values: Scores, count: int) -> Integers:
    """Places of the `count` highest values (of all, when there are fewer), in no order.

    Of very many, the positive ones only: those are found far sooner than by a partition of all.
    """
    places = _above(values, count) if len(values) >= MANY else np.arange(len(values))
    if len(places) > count:
        places = places[np.argpartition(-values[places], count)[:count]]
    return places.astype(np.int32)


def _above(values: Scores, count: int) -> Integers:
    """Places of at least the `count` highest positive values (fewer, when fewer are), ascending.

    The bar is set by a sample.
    """
    sample = values[:: max(1, len(values) // 16_384)]
    wanted = int(1.5 * count * len(sample) / max(1, len(values))) + 32
    if wanted < len(sample):
        bar = np.partition(sample, -wanted)[-wanted]
        if bar > 0:
            places = np.flatnonzero(values >= bar)
            if len(places) >= count:
                return places.astype(np.int32)
    return np.flatnonzero(values > 0).astype(np.int32)


def _average(lengths: Integers) -> float:
    return max(float(lengths.mean()), 1.0) if len(lengths) else 1.0


def _entries(of: Words, query: Mapping[str, float]) -> list[_Entries]:
    total = len(of.lengths)
    found = []
    for term, weight in query.items():
        rows, counts = of.postings(term)
        if len(rows):
            idf = np.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5))
            found.append(_Entries(rows, counts, weight * idf))
    return found


@dataclass(frozen=True)
class Lexical(Ranking):
    """An inverted index: for every term the rows it stands in and how often."""

    vocabulary: Texts
    """The terms as UTF-8, sorted."""
    offsets: Array
    """int64; entries of term t are `rows[offsets[t]:offsets[t + 1]]`."""
    rows: Array
    """int32, like `counts`."""
    counts: Array
    lengths: Integers
    """Words in each row."""

    @classmethod
    def empty(cls) -> "Lexical":
        """Of no rows at all."""
        none = np.zeros(0, dtype=np.int32)
        return cls(Texts.of(()), Array(np.zeros(1, dtype=np.int64)), Array(none), Array(none), none)

    def postings(self, term: str) -> tuple[Integers, Integers]:
        """The rows with this term, ascending, and its count in each."""
        number = self.vocabulary.find(term.encode())
        start, stop = (0, 0) if number is None else self.offsets.part(number, number + 2).tolist()
        return self.rows.part(start, stop), self.counts.part(start, stop)

    def entries(self) -> Iterator[tuple[str, Integers, Integers]]:
        """Every term, in order, with its rows and counts."""
        for start in range(0, len(self.vocabulary), _AT_A_TIME):
            stop = min(start + _AT_A_TIME, len(self.vocabulary))
            bounds = self.offsets.part(start, stop + 1).tolist()
            spans = itertools.pairwise(bounds)
            for term, span in zip(self.vocabulary.run(start, stop), spans, strict=True):
                yield term.decode(), self.rows.part(*span), self.counts.part(*span)
            self.rows.drop()
