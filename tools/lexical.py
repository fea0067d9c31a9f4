"""Words of passages and how well a query's words fit them (BM25). Knows nothing of documents.

Raw counts are kept, not scores, so that passages can come and go without reading the others again,
and weights can differ from query to query.
BM25: Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with Lucene's idf,
which is never negative: log(1 + (N - df + 0.5) / (df + 0.5)).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import Stemmer

K1 = 1.5
"""How soon more of the same word stops helping."""
B = 0.75
"""How much a long passage is held against its counts."""

_WORD = re.compile(r"\d+(?:[.,]\d+)*(?![^\W_])|[^\W_]+")
_STOP_WORDS = """
    a an and are as at be been but by can could did do does for from had has have he her his how
    i if in into is it its me my no not of on or our she should so such than that the their them
    then there these they this those to up us was we were what when where which who whom whose
    why will with would you your"""
_STOP = frozenset(_STOP_WORDS.split())

Scores = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int32]


def words(text: str) -> list[str]:
    """Words in lower case; a number is one word without its thousands commas."""
    found = _WORD.findall(text.lower())
    return [word.replace(",", "") if "," in word else word for word in found]


class _Terms(dict[str, int]):
    """Word -> term number (-1: a stop word); a new word is stemmed and numbered when first seen."""

    def __init__(self, terms: Sequence[str]) -> None:
        super().__init__()
        self.numbers = {term: number for number, term in enumerate(terms)}
        self._stem = Stemmer.Stemmer("english").stemWord

    def __missing__(self, word: str) -> int:
        number = -1
        if word not in _STOP:
            number = self.numbers.setdefault(self._stem(word), len(self.numbers))
        self[word] = number
        return number


def terms(text: str) -> list[str]:
    """The stemmed words of a text, without stop words, in order, repeats kept."""
    stem = Stemmer.Stemmer("english").stemWord
    return [stem(word) for word in words(text) if word not in _STOP]


@dataclass(frozen=True)
class Lexical:
    """An inverted index: for every term the rows it stands in and how often."""

    terms: tuple[str, ...]
    offsets: npt.NDArray[np.int64]
    """Entries of term t are `rows[offsets[t]:offsets[t + 1]]`."""
    rows: Integers
    counts: Integers
    lengths: Integers
    """Words in each row."""
    numbers: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "numbers", {term: i for i, term in enumerate(self.terms)})

    @classmethod
    def empty(cls) -> "Lexical":
        """Of no rows at all."""
        none = np.zeros(0, dtype=np.int32)
        return cls((), np.zeros(1, dtype=np.int64), none, none, none)

    def revised(self, places: Integers, texts: Sequence[str], order: Integers) -> "Lexical":
        """The same with rows dropped, moved and added.

        `places[row]` is the new row of each old row, or -1 to drop it; `order[i]` is the new row of
        `texts[i]`. Terms no longer used are forgotten; the result depends on the rows alone, not on
        the way to it.
        """
        known = _Terms(self.terms)
        added_terms: list[Integers] = []
        added_rows: list[Integers] = []
        added_counts: list[Integers] = []
        size = int((places >= 0).sum()) + len(texts)
        lengths = np.zeros(size, dtype=np.int32)
        kept = places >= 0
        lengths[places[kept]] = self.lengths[kept]
        for row, text in zip(order.tolist(), texts, strict=True):
            found = np.array([known[word] for word in words(text)], dtype=np.int32)
            found = found[found >= 0]
            lengths[row] = len(found)
            unique, count = np.unique(found, return_counts=True)
            added_terms.append(unique)
            added_rows.append(np.full(len(unique), row, dtype=np.int32))
            added_counts.append(count.astype(np.int32))
        old_terms = np.repeat(np.arange(len(self.terms), dtype=np.int32), np.diff(self.offsets))
        old_rows = places[self.rows] if len(self.rows) else self.rows
        stay = old_rows >= 0
        all_terms = np.concatenate([old_terms[stay], *added_terms])
        all_rows = np.concatenate([old_rows[stay], *added_rows])
        all_counts = np.concatenate([self.counts[stay], *added_counts])
        used = np.unique(all_terms)
        by_number = list(known.numbers)
        names = sorted((by_number[number], number) for number in used.tolist())
        renumber = np.zeros(len(by_number), dtype=np.int32)
        renumber[[number for _, number in names]] = np.arange(len(names), dtype=np.int32)
        all_terms = renumber[all_terms]
        sorting = np.lexsort((all_rows, all_terms))
        offsets = np.zeros(len(names) + 1, dtype=np.int64)
        np.cumsum(np.bincount(all_terms, minlength=len(names)), out=offsets[1:])
        return Lexical(
            tuple(name for name, _ in names),
            offsets,
            all_rows[sorting],
            all_counts[sorting],
            lengths,
        )

    def scores(self, query: Mapping[str, float]) -> Scores:
        """BM25 of every row for stemmed terms with their weights."""
        total = len(self.lengths)
        out = np.zeros(total, dtype=np.float32)
        if not total:
            return out
        norm = K1 * (1 - B + B * self.lengths / max(float(self.lengths.mean()), 1.0))
        for term, weight in query.items():
            number = self.numbers.get(term)
            if number is None:
                continue
            part = slice(self.offsets[number], self.offsets[number + 1])
            rows, counts = self.rows[part], self.counts[part]
            idf = np.log(1 + (total - len(rows) + 0.5) / (len(rows) + 0.5))
            out[rows] += (weight * idf * counts / (counts + norm[rows])).astype(np.float32)
        return out
