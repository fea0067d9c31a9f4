"""The clauses of a sentence, and which way each speaks: denied or not, rising or falling.

Knows English words that turn a clause round. Knows nothing of sources or scores.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from .source import stems

_CLAUSE = re.compile(r"[;:,]\s+|\s[\u2013\u2014-]\s|\b(?:but|while|whereas|although)\b\s*")
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|cannot|\w*n['\u2019]t|neither|nor|without|nobody|nothing|unable|"
    r"fail(?:s|ed)?)\b",
    re.IGNORECASE,
)
_RISE = re.compile(
    r"\b(?:rose|ris(?:e|es|en|ing)|increas\w+|gr[eo]w(?:n|s|th|ing)?|higher|more|gain\w*|up|above)\b",
    re.IGNORECASE,
)
_FALL = re.compile(
    r"\b(?:f[ae]ll(?:s|en|ing)?|decreas\w+|declin\w+|drop\w*|lower\w*|less|fewer|down|below|"
    r"reduc\w+|shr[aiu]nk\w*)\b",
    re.IGNORECASE,
)


_NEGATION_HINTS = ("no", "never", "n't", "neither", "without", "unable", "fail")
_RISE_HINTS = ("rose", "ris", "increas", "gr", "higher", "more", "gain", "up", "above")
_FALL_HINTS = (
    "fall", "fell", "decreas", "declin", "drop", "lower", "less", "fewer", "down", "below",
    "reduc", "shr",
)  # fmt: skip
"""What stands in whatever the patterns find, in lower case."""


@lru_cache(maxsize=16_384)
def negates(word: str) -> bool:
    """Whether a word says that something is not."""
    return _NEGATION.fullmatch(word) is not None


class Clause:
    """A piece of a sentence: its words, and which way it speaks."""

    def __init__(self, text: str, words: Iterable[str] = ()) -> None:
        self.text = text
        self.words = frozenset(words)
        self._negated: bool | None = None
        self._moves: tuple[bool, bool] | None = None

    @property
    def negated(self) -> bool:
        """Whether it says that something is not."""
        if self._negated is None:
            self._negated = _holds(self.text, _NEGATION, _NEGATION_HINTS)
        return self._negated

    @property
    def moves(self) -> tuple[bool, bool]:
        """Whether something rises in it, and whether something falls."""
        if self._moves is None:
            rises = _holds(self.text, _RISE, _RISE_HINTS)
            self._moves = rises, _holds(self.text, _FALL, _FALL_HINTS)
        return self._moves

    def opposes(self, other: "Clause") -> bool:
        """A negation more or less, or rise against fall."""
        if self.negated != other.negated:
            return True
        rises, falls = self.moves
        return rises != falls and other.moves == (falls, rises)


def _holds(text: str, pattern: re.Pattern[str], hints: Sequence[str]) -> bool:
    # a few pieces of words are looked for in a tenth of the time; outside of ASCII case is no
    # matter of lower()
    if text.isascii() and not any(map(text.lower().__contains__, hints)):
        return False
    return pattern.search(text) is not None


@lru_cache(maxsize=16_384)
def clauses(piece: str) -> tuple[Clause, ...]:
    """The clauses of a sentence."""
    return tuple(Clause(text, stems(text)) for text in _CLAUSE.split(piece))
