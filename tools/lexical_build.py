"""The words of passages become the files of an inverted index, from the first row to the last.

Knows the forms of the files. Knows nothing of ranking. The result depends on the rows alone, not on
the way to them: terms that are no longer used are forgotten.
"""

from array import array
from collections.abc import Iterator

import numpy as np

from .blocks import Part
from .inverting import Integers, Inverter
from .languages import small_words
from .lexical import Lexical, stemmer, words
from .scratch import Column, Scratch, TextColumn


class WordsBuilder:
    """The words of one field: rows of an older index and new ones, in the order of rows."""

    def __init__(self, scratch: Scratch, old: Lexical) -> None:
        self._scratch = scratch
        self._old = old
        self._inverter = Inverter(scratch)
        self._known: dict[str, _Terms] = {}
        self._lengths = Column(scratch, "<i4")
        self._new = array("i")

    def keep(self, start: int, stop: int) -> None:
        """The next rows are these of the older index."""
        self._put()
        self._lengths.append(self._old.lengths[start:stop])

    def add(self, row: int, text: str, language: str) -> None:
        """The next row is new; its text is in a language of `tools/languages.py`."""
        number_of = self._known.get(language)
        if number_of is None:
            number_of = self._known[language] = _Terms(self._inverter.numbers, language)
        found = [number for word in words(text) if (number := number_of[word]) >= 0]
        self._new.append(len(found))
        self._inverter.add(row, found)
        if self._inverter.full or len(number_of) > _MOST_WORDS:
            self._inverter.flush()
            for known in self._known.values():
                known.clear()
            self._put()

    def parts(self, name: str, places: Integers) -> dict[str, Part]:
        """As files. `places[row]` is the new row of each row of the older index; -1: it is gone."""
        self._put()
        vocabulary = TextColumn(self._scratch)
        offsets, rows, counts = (Column(self._scratch, kind) for kind in ("<i8", "<i4", "<i4"))
        offsets.append([0])
        for some in self._inverter.merged(_Older(self._old, places)):
            vocabulary.extend(some.terms)
            offsets.append(len(rows) + np.cumsum(some.sizes))
            rows.append(some.rows)
            counts.append(some.counts)
        return {
            f"{name}-terms.bin": vocabulary.data,
            f"{name}-terms-offsets.i64": vocabulary.offsets,
            f"{name}-offsets.i64": offsets,
            f"{name}-rows.i32": rows,
            f"{name}-counts.i32": counts,
            f"{name}-lengths.i32": self._lengths,
        }

    def _put(self) -> None:
        if self._new:
            self._lengths.append(np.frombuffer(self._new, dtype=np.int32))
            self._new = array("i")


_MOST_WORDS = 30_000
"""Different words, as they stand in the texts, that are held in memory."""


class _Terms(dict[str, int]):
    """Word of one language -> term number (-1: a stop word); new words are numbered as they come.

    `numbers` is shared by the languages of an index.
    """

    def __init__(self, numbers: dict[str, int], language: str) -> None:
        super().__init__()
        self._numbers = numbers
        self._stem = stemmer(language)
        self._stop = small_words(language)

    def __missing__(self, word: str) -> int:
        number = -1
        if word not in self._stop:
            number = self._numbers.setdefault(self._stem(word), len(self._numbers))
        self[word] = number
        return number


class _Older:
    """The entries of an older index."""

    def __init__(self, old: Lexical, places: Integers) -> None:
        self._old, self._places, self._next = old, places, 0

    def terms(self, ahead: int) -> Iterator[tuple[bytes, int]]:
        """Each term and how many entries it has."""
        old = self._old
        for start in range(0, len(old.vocabulary), ahead):
            stop = min(start + ahead, len(old.vocabulary))
            sizes = np.diff(old.offsets.part(start, stop + 1)).tolist()
            yield from zip(old.vocabulary.run(start, stop), sizes, strict=True)

    def take(self, count: int) -> tuple[Integers, Integers]:
        """Rows and counts of the next entries."""
        start, self._next = self._next, self._next + count
        rows = self._places[self._old.rows.part(start, self._next)]
        counts = self._old.counts.part(start, self._next)
        self._old.rows.drop()
        return rows, counts
