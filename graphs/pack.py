"""Evidence as text for a model: passages and calculations in XML tags with ids, under a budget.

The text is data: its angle brackets are escaped, so that nothing in it can close a tag. What is
left out is told with the reason. Knows nothing of who reads it.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from ..tools.documents import Passage
from .answer import Calculation
from .model import Packing
from .shown import escaped

CHARACTERS_PER_TOKEN = 4
"""The usual estimate for English; budgets are estimates."""
ALIKE = 0.9
"""The share of a passage's runs of words that another must hold to stand for it."""
_RUN = 5
"""Words in a run."""
_OVERLAP = 200
"""Characters that a passage may have in common with the next one of its page."""
_SHORTEST = 20
"""Characters below which what is common is chance."""
_LEAST = 200
"""Characters to which the first passage is cut at the most."""
_WORD = re.compile(r"\w+(?:[.,]\d+)*")


@dataclass(frozen=True)
class Packed:
    """Passages as a model is shown them. Numbers are their places in the evidence, from 1."""

    xml: str
    shown: tuple[int, ...]
    """In the order of the prompt; one for each tag."""
    over: tuple[int, ...] = ()
    """Left out: no room was left for them."""
    same: tuple[tuple[int, int], ...] = ()
    """Left out: (a passage, the one that holds the same)."""
    joined: tuple[tuple[int, int], ...] = ()
    """Shown within the tag of a neighbour on the same page: (a passage, the one of the tag)."""

    def facts(self) -> dict[str, JsonValue]:
        """What the trace keeps of it: numbers only."""
        kept: dict[str, JsonValue] = {"shown": list(self.shown)}
        pairs = {"same": self.same, "joined": self.joined}
        kept |= {name: [list(pair) for pair in each] for name, each in pairs.items() if each}
        return kept | ({"over": list(self.over)} if self.over else {})


def passage_xml(number: int, passage: Passage) -> str:
    """One passage as the model sees it."""
    attributes = [f'id="{number}"', f'document="{html.escape(passage.document)}"']
    if passage.page is not None:
        attributes.append(f'page="{passage.page}"')
    if passage.url is not None:
        attributes.append(f'url="{html.escape(passage.url)}"')
    if passage.date is not None:
        attributes.append(f'date="{html.escape(passage.date)}"')
    if passage.header:
        attributes.append(f'header="{html.escape(" ".join(passage.header.split()))[:200]}"')
    return f"<passage {' '.join(attributes)}>{escaped(passage.text)}</passage>"


def calculation_xml(number: int, calculation: Calculation) -> str:
    """One calculation as the model sees it."""
    expression = html.escape(calculation.expression)
    return (
        f'<calculation id="{number}" expression="{expression}">{calculation.result}</calculation>'
    )


def pack(
    numbers: Iterable[int],
    passages: Sequence[Passage],
    tokens: int,
    packing: Packing = "plain",
) -> Packed:
    """Passages as XML, as many as fit into `tokens`, best first in `numbers`.

    The first one is always in, cut if it must be. A passage whose text another one holds already
    is left out. `plain` keeps the order. `edges` also leaves out what is nearly the same (without
    a number of its own), joins neighbours on a page, and puts the best first, the second best
    last and the least in the middle, where long prompts are read worst (Liu et al., "Lost in the
    Middle", 2023).
    """
    return (_plain if packing == "plain" else _edges)(numbers, passages, tokens)


def _plain(numbers: Iterable[int], passages: Sequence[Passage], tokens: int) -> Packed:
    left = tokens * CHARACTERS_PER_TOKEN
    parts: list[str] = []
    used: list[int] = []
    over: list[int] = []
    same: list[tuple[int, int]] = []
    for number in numbers:
        passage = passages[number - 1]
        holder = next((n for n in used if passage.text in passages[n - 1].text), None)
        if holder is not None:
            same.append((number, holder))
            continue
        xml = passage_xml(number, passage)
        if len(xml) > left:
            if parts:
                over.append(number)
                continue
            xml = _cut(number, passage, left)
        parts.append(xml)
        used.append(number)
        left -= len(xml)
    return Packed("\n".join(parts), tuple(used), tuple(over), tuple(same))


def _cut(number: int, passage: Passage, left: int) -> str:
    xml = passage_xml(number, passage)
    cut = passage.text[: max(_LEAST, left - (len(xml) - len(passage.text)))]
    return passage_xml(number, passage.model_copy(update={"text": cut}))


@dataclass
class _Tag:
    """One tag of the prompt: a passage, or neighbours joined. The best of them gives the id."""

    number: int
    members: dict[int, Passage] = field(default_factory=dict)
    """By ordinal on the page (0 of what is no page's)."""
    xml: str = ""
    runs: frozenset[tuple[str, ...]] = frozenset()
    words: frozenset[str] = frozenset()

    def having(self, ordinal: int, passage: Passage) -> "_Tag":
        """The same with one more passage."""
        members = dict(sorted({**self.members, ordinal: passage}.items()))
        first, *others = members.values()
        text = first.text
        for other in others:
            text = joined(text, other.text)
        words = _WORD.findall(text.casefold())
        return _Tag(
            self.number,
            members,
            passage_xml(self.number, first.model_copy(update={"text": text})),
            _runs(words),
            frozenset(words),
        )

    def next_to(self, ordinal: int, passage: Passage) -> bool:
        """Whether a passage stands right before or after one of these, on the same page."""
        first = next(iter(self.members.values()))
        same_page = (first.document_id, first.page) == (passage.document_id, passage.page)
        beside = ordinal - 1 in self.members or ordinal + 1 in self.members
        return passage.page is not None and same_page and beside

    def holds(self, passage: Passage) -> bool:
        """Whether these say all that a passage says: its words in the same runs, its numbers."""
        if any(passage.text in member.text for member in self.members.values()):
            return True
        words = _WORD.findall(passage.text.casefold())
        own = _runs(words)
        if not own or len(own & self.runs) < ALIKE * len(own):
            return False
        return all(word in self.words for word in words if any(map(str.isdigit, word)))


def _edges(numbers: Iterable[int], passages: Sequence[Passage], tokens: int) -> Packed:
    left = tokens * CHARACTERS_PER_TOKEN
    tags: list[_Tag] = []
    over: list[int] = []
    same: list[tuple[int, int]] = []
    joined: list[tuple[int, int]] = []
    for number in numbers:
        passage = passages[number - 1]
        holder = next((tag for tag in tags if tag.holds(passage)), None)
        if holder is not None:
            same.append((number, holder.number))
            continue
        ordinal = place_on_page(passage)
        place = next((p for p, t in enumerate(tags) if t.next_to(ordinal, passage)), None)
        before = tags[place] if place is not None else _Tag(number)
        after = before.having(ordinal, passage)
        cost = len(after.xml) - len(before.xml)
        if cost > left:
            if tags:
                over.append(number)
                continue
            after.xml = _cut(number, passage, left)
            cost = len(after.xml)
        left -= cost
        if place is None:
            tags.append(after)
        else:
            tags[place] = after
            joined.append((number, after.number))
    order = [*tags[0::2], *reversed(tags[1::2])]
    return Packed(
        "\n".join(tag.xml for tag in order),
        tuple(tag.number for tag in order),
        tuple(over),
        tuple(same),
        tuple(joined),
    )


def place_on_page(passage: Passage) -> int:
    """Its place on its page, which its id ends with (tools/contents.py)."""
    ending = passage.id.rsplit("-", 1)[-1]
    return int(ending) if ending.isdecimal() and len(ending) < 9 else 0


def following(passages: Sequence[Passage]) -> Iterator[tuple[Passage, Passage]]:
    """Passages that stand one right after the other on a page."""
    places = {(p.document_id, p.page, place_on_page(p)): p for p in passages if p.page is not None}
    for (document, page, place), passage in places.items():
        after = places.get((document, page, place + 1))
        if after is not None:
            yield passage, after


def joined(text: str, following: str) -> str:
    """Two texts of a page in a row; the lines that the first hands on are there once."""
    for length in range(min(_OVERLAP, len(text), len(following)), _SHORTEST - 1, -1):
        if text.endswith(following[:length]):
            return text + following[length:]
    return f"{text}\n{following}"


def _runs(words: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Every run of words; a short text is one run."""
    last = max(1, len(words) - _RUN + 1) if words else 0
    return frozenset(tuple(words[start : start + _RUN]) for start in range(last))


def by_turns(searches: Sequence[Sequence[int]], oldest_first: bool = False) -> list[int]:
    """Ids of all searches, best of each first, then the second of each, and so on; each once.

    With several searches no one of them can crowd the others out of the budget. The last one goes
    first, being the most considered; `oldest_first` is for models whose first query is the
    question itself and whose later ones are poor.
    """
    order: dict[int, None] = {}
    turns = list(searches) if oldest_first else list(reversed(searches))
    for rank in range(max((len(search) for search in searches), default=0)):
        for search in turns:
            if rank < len(search):
                order.setdefault(search[rank])
    return list(order)
