"""A text made ready to be held against: its sentences, the stems of its words, its numbers.

Knows English words. Knows nothing of what is held against it, nor of citations.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from ..tools.numbers import Number, find_numbers
from ..tools.sentences import sentences
from ..tools.terms import stem, tokens
from ..tools.wordlists import STOP

STOP_STEMS = frozenset(stem(word) for word in STOP)
"""Of the words that say nothing by themselves."""
_NEAR = 3
"""Content words that may lie between two that stand near each other, and one."""
_APART = 1 << 24
"""More than a sentence has words."""
_MOST_WORDS = 100_000
_HUGE = 10**300


@dataclass(frozen=True)
class Source:
    """A source, prepared."""

    text: str
    pieces: tuple[str, ...]
    """Its sentences."""
    stems: frozenset[str]
    places: dict[str, list[int]]
    """Where each content word stands: which sentence times `_APART`, and which word of it."""

    @cached_property
    def numbers(self) -> tuple[tuple[float, Number], ...]:
        """Its numbers by size; most are found in the text as they are written, without them."""
        return tuple((size_of(number), number) for number in find_numbers(self.text, words=True))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Its words as written."""
        return tuple(tokens(self.text))

    def shared(self, words: Iterable[str]) -> Iterator[tuple[str, int]]:
        """The sentences that have any of these content words, in order, and how many of them."""
        counts: dict[int, int] = {}
        for word in words:
            for place in self.places.get(word, ()):
                number = place // _APART
                counts[number] = counts.get(number, 0) + 1
        for number in sorted(counts):
            yield self.pieces[number], counts[number]

    def near(self, one: str, other: str) -> bool:
        """Whether two content words stand near each other in one sentence."""
        there = self.places.get(other)
        if there is None:
            return False
        for place in self.places.get(one, ()):
            for away in there:
                if -_NEAR <= place - away <= _NEAR:
                    return True
        return False


@lru_cache(maxsize=8192)
def prepare(text: str) -> Source:
    """A source made ready; remembered, since many sentences are held against the same one."""
    pieces = sentences(text)
    known: set[str] = set()
    places: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        words = stems(piece)
        known.update(words)
        content = [word for word in words if word not in STOP_STEMS]
        for place, word in enumerate(content, number * _APART):
            if word in places:
                places[word].append(place)
            else:
                places[word] = [place]
    return Source(text, tuple(pieces), frozenset(known), places)


class _Looked(dict[str, tuple[str, ...]]):
    """The stems in what stands between two spaces, of no number; kept once they were looked up.

    No token goes on over white space. So a text's stems are those of its pieces one after the
    other, and most pieces were seen before: it is not looked through for words again.
    """

    def __missing__(self, piece: str) -> tuple[str, ...]:
        if len(self) >= _MOST_WORDS:
            self.clear()
        words = [token for token in tokens(piece) if not token[0].isdigit()]
        found = self[piece] = tuple(filter(None, map(stem, words)))
        return found


_looked = _Looked()


def stems(text: str) -> dict[str, None]:
    """Stems of the words in order, each once; no numbers."""
    return dict.fromkeys(chain.from_iterable(map(_looked.__getitem__, text.split())))


def size_of(number: Number) -> float:
    """The magnitude, for a first look: fractions are compared slowly."""
    return float(number.magnitude) if number.magnitude < _HUGE else math.inf
