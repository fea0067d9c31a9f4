"""A small language for phrases, matched in linear time. Knows words, nothing of packs or pages.

    net (sales|revenue)        one of several
    cash [and] equivalents     a part that may be missing
    registered ... exchange    up to `GAP` other words between

Case, endings (`acquires`, `acquired`) and stop words do not count. There are no regular
expressions, so nothing a pack says can make a search slow.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from .lexical import terms

GAP = 8
"""Words that `...` may stand for."""
LONGEST = 200
"""Characters of a pattern."""
MOST = 256
"""Ways of reading one pattern: every choice multiplies them."""
_DEEPEST = 4
_TOKEN = re.compile(r"\.\.\.|[()\[\]|]|(?:(?!\.\.\.)[^\s()\[\]|])+")

Way = tuple[str | None, ...]
"""Stems in order; None is a gap."""


@dataclass(frozen=True)
class Phrase:
    """One pattern, read: it matches when any of its ways does."""

    ways: tuple[Way, ...]

    @property
    def words(self) -> frozenset[frozenset[str]]:
        """The stems of each way, their order left out."""
        return frozenset(frozenset(s for s in way if s is not None) for way in self.ways)


@lru_cache(maxsize=4096)
def phrase(pattern: str) -> Phrase:
    """Read a pattern. Raises `ValueError` that says what is wrong with it."""
    if len(pattern) > LONGEST:
        raise ValueError(f"is {len(pattern)} characters long; at most {LONGEST} are read")
    tokens = _TOKEN.findall(pattern)
    ways, rest = _choices(tokens, 0, "", 0)
    if rest < len(tokens):
        raise ValueError(f"has a {tokens[rest]!r} that closes nothing")
    kept = tuple(dict.fromkeys(filter(None, map(_trimmed, ways))))
    if not kept:
        raise ValueError("has no word to look for (words such as `the` do not count)")
    return Phrase(kept)


@dataclass(frozen=True)
class Said:
    """A text in which phrases are looked for."""

    stems: tuple[str, ...]
    known: frozenset[str | None]
    """The stems, and None: a gap is always there."""

    @classmethod
    def of(cls, text: str) -> "Said":
        """The stems of a text, in order."""
        stems = terms(text)
        return cls(tuple(stems), frozenset((*stems, None)))

    def has(self, wanted: Phrase) -> bool:
        """Whether a phrase stands in it."""
        known = self.known
        for way in wanted.ways:
            if way[0] in known and known.issuperset(way) and _stands(way, self.stems):
                return True
        return False


def _stands(way: Way, stems: Sequence[str]) -> bool:
    """Places where the way may continue are carried along, so no choice is ever taken back."""
    ends: set[int] | None = None
    reach = 1
    for stem in way:
        if stem is None:
            reach = GAP + 1
            continue
        places = (i for i, word in enumerate(stems) if word == stem)
        ends = {
            i
            for i in places
            if ends is None or any(i - step in ends for step in range(1, reach + 1))
        }
        reach = 1
    return bool(ends)


def _choices(tokens: list[str], at: int, closing: str, depth: int) -> tuple[list[Way], int]:
    """Ways of everything up to `closing`, and the place after it."""
    if depth > _DEEPEST:
        raise ValueError(f"nests more than {_DEEPEST} brackets")
    every: list[Way] = []
    here: list[Way] = [()]
    while at < len(tokens):
        token = tokens[at]
        at += 1
        if token in (")", "]"):
            if token != closing:
                return every + here, at - 1
            return every + here, at
        if token == "|":
            if not closing:
                raise ValueError("has a `|` outside of brackets")
            every, here = every + here, [()]
            continue
        if token in ("(", "["):
            inside, at = _choices(tokens, at, ")" if token == "(" else "]", depth + 1)
            if at > len(tokens) or tokens[at - 1] != (")" if token == "(" else "]"):
                raise ValueError(f"has a {token!r} that is not closed")
            options = inside + [()] if token == "[" else inside
        elif token == "...":
            options = [(None,)]
        else:
            options = [tuple(terms(token))]
        here = [first + second for first in here for second in options]
        if len(here) + len(every) > MOST:
            raise ValueError(f"can be read in more than {MOST} ways; write several patterns")
    if closing:
        raise ValueError(f"has a {'(' if closing == ')' else '['!r} that is not closed")
    return every + here, at


def _trimmed(way: Way) -> Way:
    """Without gaps at the ends, or two in a row."""
    kept: list[str | None] = []
    for stem in way:
        if stem is not None or (kept and kept[-1] is not None):
            kept.append(stem)
    if kept and kept[-1] is None:
        kept.pop()
    return tuple(kept)
