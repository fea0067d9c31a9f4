"""Which documents a question names: by name, period or type. Knows nothing of passages or text.

What documents are called and when they are of is learned in `tools/profiles.py`.
"""

import math
import re
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .documents import Document
from .lexical import terms, words
from .profiles import dates_in, quarters_in, types_in, years_in

NAME, PERIOD, TYPE = 1.0, 0.6, 0.3
"""What each is worth: a name that fits; the right period instead of a wrong one; the type."""

_ENOUGH = 0.7
"""A name fits in part when its words in the question are at least this share of it, by rarity."""
_CONSUMES = 0.5
"""A name that fits at least so well takes its words out of the search for the page."""
_LONGEST_NAME = 5
_POSSESSIVE = re.compile(r"['’]s\b|['’](?=\s|$)")
_SHORT = re.compile(r"\b[^\W\d_]+(?:&[^\W\d_]+)?\b")


@dataclass(frozen=True)
class Naming:
    """What a question names: a score for each document, and the words that did the naming."""

    scores: Mapping[int, float]
    """Place of a document -> at most `NAME + PERIOD / 2 + TYPE`, below 0 for a wrong period; 0 is
    left out."""
    consumed: frozenset[str]
    """Stems of the words that named a document: they say little about the page."""


class Names:
    """The names of all documents, prepared so that a question is looked up, not compared to all."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._metadata = [document.metadata for document in documents]
        self._owners: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for place, metadata in enumerate(self._metadata):
            for text in metadata.get("names", "").split("; "):
                if text:
                    self._owners[tuple(text.split())].append(place)
        self._by_whole: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._by_letter: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        self._long = [name for name in self._owners if len(name) > 1]
        by_stem: dict[str, list[int]] = defaultdict(list)
        spread: dict[str, set[int]] = defaultdict(set)
        self._stems = {name: tuple(_stem(word) for word in name) for name in self._owners}
        for name, stems in self._stems.items():
            self._by_whole[_joined(name)].append(name)
            if len(name) > 1:
                self._by_letter[name[0][0]].append(name)
            for stem in stems:
                spread[stem].update(self._owners[name])
        # A ticker names in capitals only (`IT`, `ALL`), so it is no word among the names.
        self._tickers: set[str] = set()
        for place, metadata in enumerate(self._metadata):
            if "ticker" in metadata:
                self._tickers.add(metadata["ticker"])
                self._owners["$", metadata["ticker"]].append(place)
        total = len(documents)
        self._rarity = {stem: math.log(1 + total / len(of)) for stem, of in spread.items()}
        for number, name in enumerate(self._long):
            for stem in self._stems[name]:
                by_stem[stem].append(number)
        self._by_stem = {stem: np.array(numbers) for stem, numbers in by_stem.items()}
        weights = [sum(self._rarity[s] for s in self._stems[name]) for name in self._long]
        self._least = np.array(weights) * (_ENOUGH - 1e-6)

    def read(
        self,
        question: str,
        among: Collection[int] | None = None,
        kinds: Mapping[str, float] | None = None,
    ) -> Naming:
        """What the question names, of the documents at the places `among` (None: of all).

        `kinds` are types of document that it does not name and is still likely about, each with
        what that is worth.
        """
        places = range(len(self._metadata)) if among is None else among
        scores: dict[int, float] = {}
        consumed: set[str] = set()
        for name, (fit, used) in self._fits(question).items():
            owners = [place for place in self._owners[name] if place in places]
            if owners and fit >= _CONSUMES:
                consumed |= used
            for place in owners:
                scores[place] = max(scores.get(place, 0.0), NAME * fit)
        years, dates, types = years_in(question), dates_in(question), types_in(question)
        kinds = {} if types or kinds is None else kinds
        if years or dates or types or kinds:
            quarters = set(quarters_in(question))
            for place in places:
                metadata = self._metadata[place]
                kind = metadata.get("type", "")
                extra = TYPE if kind in types else kinds.get(kind, 0.0)
                if (years or dates) and "year" in metadata:
                    # Centred: a document of no known period stands between right and wrong ones.
                    extra += PERIOD * (_period_fit(metadata, years, quarters, dates) - 0.5)
                    consumed |= {metadata["year"]} & {str(year) for year in years}
                if extra:
                    scores[place] = scores.get(place, 0.0) + extra
        return Naming(scores, frozenset(consumed))

    def _fits(self, question: str) -> dict[tuple[str, ...], tuple[float, set[str]]]:
        """Each name that the question has, how well it fits (0 to 1), and the stems that do it."""
        plain = _POSSESSIVE.sub("", question)
        asked = words(plain)
        stems = {_stem(word) for word in asked}
        found: dict[tuple[str, ...], tuple[float, set[str]]] = {}
        # All names at once, then exactly those that may fit: common words are in very many names.
        reached = np.zeros(len(self._long))
        for stem in stems:
            if stem in self._by_stem:
                np.add.at(reached, self._by_stem[stem], self._rarity[stem])
        for name in (self._long[number] for number in np.flatnonzero(reached >= self._least)):
            own = self._stems[name]
            covered = sum(self._rarity[stem] for stem in own if stem in stems)
            share = covered / sum(self._rarity[stem] for stem in own)
            if share >= _ENOUGH:
                found[name] = share * share, {stem for stem in own if stem in stems}
        for token in _SHORT.findall(plain):
            if token in self._tickers:
                found["$", token] = 1.0, {_stem(word) for word in words(token)}
            if 2 <= len(token) <= 8 and sum(map(str.isupper, token)) >= 2:
                for name in self._by_letter.get(token[0].lower(), ()):
                    if _abbreviates(token.lower(), name):
                        found[name] = 1.0, {_stem(word) for word in words(token)}
        for start in range(len(asked)):
            for stop in range(start + 1, min(start + _LONGEST_NAME + 1, len(asked)) + 1):
                run = asked[start:stop]
                for name in self._by_whole.get(_joined(run), ()):
                    found[name] = 1.0, {_stem(word) for word in run}
        return found


def _joined(name: Sequence[str]) -> str:
    return "".join(word for word in name if word != "and")


def _abbreviates(token: str, name: tuple[str, ...]) -> bool:
    """Whether a token is made of beginnings of the name's words, with `n` or `&` for and."""

    def fits(rest: str, parts: tuple[str, ...]) -> bool:
        if not parts:
            return not rest
        if len(parts) < len(name) and rest[:1] in ("n", "&") and fits(rest[1:], parts):
            return True
        return any(
            rest.startswith(parts[0][:size]) and fits(rest[size:], parts[1:])
            for size in range(1, min(len(parts[0]), 4) + 1)
        )

    return fits(token, name)


def _stem(word: str) -> str:
    found = terms(word)
    return found[0] if found else word


def _period_fit(
    metadata: Mapping[str, str], years: set[int], quarters: set[str], dates: set[str]
) -> float:
    """1 for the latest year (or the very date) asked about; less for a year near it."""
    if metadata.get("date") and metadata["date"] in dates:
        return 1.0
    if not years:
        return 0.0
    year, latest = int(metadata["year"]), max(years)
    fit = 1.0 if year == latest else 0.5 if year in years or year == latest + 1 else 0.0
    quarter = metadata.get("quarter")
    if quarters:
        return fit if quarter in quarters else fit * 0.5
    return fit * 0.6 if quarter and quarter != "4" else fit
