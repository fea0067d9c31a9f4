"""What is known of a field: words that a question may mean, kinds of page, intents.

Knows what a pack says of a question. Knows nothing of files (tools/packs.py), indexes or ranking.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache

from .patterns import Phrase, Said


@dataclass(frozen=True)
class Asked:
    """When something holds: the question has one of `when` and none of `unless`."""

    when: tuple[Phrase, ...]
    unless: tuple[Phrase, ...] = ()

    def holds(self, question: Said) -> bool:
        """Whether it holds for a question."""
        return any(map(question.has, self.when)) and not any(map(question.has, self.unless))


@dataclass(frozen=True)
class Expansion:
    """Words that a question may mean."""

    asked: Asked
    add: frozenset[str]
    """Stems."""
    weight: float


@dataclass(frozen=True)
class PageType:
    """How a kind of page is known."""

    name: str
    title: tuple[Phrase, ...]
    """In the headings over a passage."""
    lines: tuple[Phrase, ...]
    """Anywhere on the page, each within one passage, in any order."""
    never: tuple[Phrase, ...]
    """In the headings of a page that only looks like one."""
    enough: int
    """So many lines make it certain."""
    figures: bool
    """Whether it is a table of numbers."""


@dataclass(frozen=True)
class Intent:
    """Kinds of page that a question wants to see, and how much."""

    asked: Asked
    wants: dict[str, float]


@dataclass(frozen=True)
class Kind:
    """A type of document that a question is likely about."""

    asked: Asked
    type: str
    weight: float


@dataclass(frozen=True)
class Pack:
    """What is known of one field."""

    name: str
    about: str
    hash: str
    """blake2b-128 of the file, in hex: what it says, wherever it lies."""
    expansions: tuple[Expansion, ...]
    pages: tuple[PageType, ...]
    intents: tuple[Intent, ...]
    kinds: tuple[Kind, ...]

    @cached_property
    def types(self) -> dict[str, PageType]:
        """Kinds of page by name."""
        return {page.name: page for page in self.pages}

    def expand(self, question: str) -> dict[str, float]:
        """Stems to look for beside those of the question, with their weights."""
        said = _said(question)
        added: dict[str, float] = {}
        for expansion in self.expansions:
            if expansion.asked.holds(said):
                for stem in expansion.add:
                    added[stem] = max(added.get(stem, 0.0), expansion.weight)
        for stem in said.stems:
            added.pop(stem, None)
        return dict(sorted(added.items()))

    def wanted(self, question: str) -> dict[str, float]:
        """Kinds of page the question wants to see, each with a weight up to 1."""
        said = _said(question)
        wanted: dict[str, float] = {}
        for intent in self.intents:
            if intent.asked.holds(said):
                for name, weight in intent.wants.items():
                    wanted[name] = max(wanted.get(name, 0.0), weight)
        return dict(sorted(wanted.items()))

    def kinds_of(self, question: str) -> dict[str, float]:
        """Types of document the question is likely about, each with a weight up to 1."""
        said = _said(question)
        kinds: dict[str, float] = {}
        for kind in self.kinds:
            if kind.asked.holds(said):
                kinds[kind.type] = max(kinds.get(kind.type, 0.0), kind.weight)
        return kinds


@lru_cache(maxsize=64)
def _said(question: str) -> Said:
    return Said.of(question)
