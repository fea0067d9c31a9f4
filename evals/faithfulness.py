"""How far a text is supported by its sources, by code alone: 1 (all of it) down to 0.

What stands in no source is counted: a content word (less for a synonym), a little word (`not`,
`all`, `after` change a sentence as much as any), two words that nowhere stand near each other, and,
weighing more, a name, a number, a negation more or less, a rise for a fall. The sum is set against
the length of the text; support is 1 / (1 + that). Knows English words. A paraphrase in other words
is scored low, and a wrong sentence made of right words high: a score to compare runs by, never a
promise (bench/faithfulness.py says what it is worth beside token overlap and embedding cosine).
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import chain

from ..tools.documents import Frozen
from ..tools.names import is_short_for
from ..tools.number_words import find_words
from ..tools.numbers import Number, find_numbers, shows
from ..tools.sentences import sentences
from ..tools.terms import closeness, stem, tokens
from ..tools.wordlists import CALENDAR, STOP

WORD, LITTLE_WORD, COMPANY = 1.0, 1.0, 0.25
"""What a word that no source has counts; a pair of words that no source has near each other."""
NAME, NUMBER, OPPOSITE = 2.0, 3.0, 2.0
"""What a name or number that no source has counts, and a clause that is turned round."""
_SHORT = 10
"""Words added to the length of a text, so that few words are not judged by one of them."""
_NEAR = 3
"""Content words that may lie between two that stand near each other, and one."""
_APART = 1 << 24
"""More than a sentence has words."""
_COUNT = 12
"""Up to here a number in words may be the text's own count of things (`two reasons`)."""

_MOST_WORDS = 100_000
_HUGE = 10**300

_LIST_MARK = re.compile(r"^\s*(?:[-*\u2022]|\(?\d{1,2}[.)])\s+", re.MULTILINE)
_CLAUSE = re.compile(r"[;:,]\s+|\s[\u2013\u2014-]\s|\b(?:but|while|whereas|although)\b\s*")
# what must not stand before is looked at behind the capital: few signs of a text are capitals
_CAPITAL = re.compile(r"[A-Z](?<!^[A-Z])(?<!\w[A-Z])(?<![.!?:\"\u201c]\s[A-Z])[\w'\u2019&-]*[\w]")
_NUMBER = re.compile(
    r"(?=[$\u20ac\u00a3\d])(?:[$\u20ac\u00a3]\s?)?(?P<digits>\d+(?:[.,]\d+)*)"
    r"(?:\s?(?:%|per ?cent|pct)|"
    r"[\s-]?(?:thousand|[mbtr]*illion|[mbt]n|mln|bln|[kmbt])\b)?",
    re.IGNORECASE,
)
_JOINED = frozenset(".,-\u2212\u2013/:'($\u20ac\u00a3")
_GOES_ON = re.compile(
    r"\w|[.,:/'-]\w|\s?(?:%|\)|per ?cent|pct)|"
    r"[\s-]?(?:thousand|[mbtr]*illion|[mbt]n|mln|bln|[kmbt])\b",
    re.IGNORECASE,
)
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


class Support(Frozen):
    """One sentence and how far it is supported."""

    sentence: str
    unsupported: float
    """What of it stands in no source: about so many words."""
    words: int
    reason: str
    """What that is; empty where all of it stands in a source."""

    @property
    def value(self) -> float:
        """0 to 1."""
        return combined([self])


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
        return tuple((_size(number), number) for number in find_numbers(self.text, words=True))

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


def score(text: str, sources: Sequence[str]) -> float:
    """How far the sources support the text. `ValueError` when the text has no word."""
    return combined(supports(text, sources))


def supports(text: str, sources: Sequence[str]) -> tuple[Support, ...]:
    """How far the sources, all of them together, support each sentence of the text."""
    ready = tuple(prepare(source) for source in sources)
    found = (support(sentence, ready) for sentence in sentences(_LIST_MARK.sub("", text)))
    return tuple(item for item in found if item.words)


def combined(found: Sequence[Support]) -> float:
    """Of sentences the score of their text. `ValueError` when there is no word in them."""
    words = sum(item.words for item in found)
    if not words:
        raise ValueError("the text has no word that could be supported")
    # by the root: in proportion a long text hides its errors, without it long texts are all bad
    return 1 / (1 + sum(item.unsupported for item in found) / math.sqrt(words + _SHORT))


def support(sentence: str, sources: Sequence[Source], known: Sequence[str] = ()) -> Support:
    """How far sources support a sentence.

    `known`: texts whose numbers need no source (the question, results of calculations).
    """
    words = _words(sentence)
    content = [word for word in words if word not in _STOP]
    anywhere = frozenset().union(*(source.stems for source in sources))
    unsupported, told = 0.0, []
    lacking = {word: 1 - closeness(word, anywhere) for word in words if word not in anywhere}
    strange = []
    for word, share in lacking.items():
        name = words[word]
        if name and share > 0.2 and not any(is_short_for(name, item.words) for item in sources):
            strange.append(name)
            unsupported += NAME
        else:
            unsupported += (LITTLE_WORD if word in _STOP else WORD) * share
    missing = _missing(sentence, sources, known)
    unsupported += NUMBER * len(missing)
    apart = [
        pair
        for pair in zip(content, content[1:], strict=False)
        if not any(source.near(*pair) for source in sources)
    ]
    unsupported += COMPANY * len(apart)
    if missing:
        told.append(f"no source has {', '.join(missing)}")
    if strange:
        told.append(f"no source names {', '.join(strange)}")
    otherwise = _contradiction(sentence, content, sources)
    if otherwise is not None:
        unsupported += OPPOSITE
        told.append(f"the source says it otherwise: {otherwise[:80]!r}")
    plain = [word for word, share in lacking.items() if share > 0.4 and words[word] not in strange]
    if plain:
        told.append(f"words in no source: {', '.join(plain)}")
    elif apart and not told:
        told.append(f"not said together: {', '.join(map(' '.join, apart[:3]))}")
    return Support(
        sentence=sentence, unsupported=unsupported, words=len(words), reason="; ".join(told)
    )


_STOP = frozenset(stem(word) for word in STOP)


def _words(text: str) -> dict[str, str]:
    """Stems in order, each with the name that it is (or nothing); numbers are looked at apart."""
    names = {name.lower(): name for name in _CAPITAL.findall(text)}
    found: dict[str, str] = {}
    for token in tokens(text):
        plain = token.lower().replace("\u2019", "'")
        word = "" if token[0].isdigit() else stem(token)
        if word and word not in found:
            found[word] = "" if plain in CALENDAR else names.get(plain, "")
    return found


def _missing(sentence: str, sources: Sequence[Source], known: Sequence[str]) -> list[str]:
    """The numbers of a sentence that no source has, as written."""
    # to find all numbers of a text takes a hundred times longer than to look for one
    written = list(_NUMBER.finditer(sentence))
    texts = [source.text for source in sources]
    if all(_any_has(number[0], texts) or _any_has(number["digits"], known) for number in written):
        starts = [0, *(number.end() for number in written)]
        ends = [*(number.start() for number in written), len(sentence)]
        bare = "0".join([sentence[start:end] for start, end in zip(starts, ends, strict=True)])
        if not any(find_words(bare)):
            return []
    numbers = find_numbers(sentence, words=True)
    return [number.text for number in numbers if not _stands(number, sources, known)]


def _stands(number: Number, sources: Sequence[Source], known: Sequence[str]) -> bool:
    """Whether a source has the number: the same, rounded, or in another scale."""
    bare = not (number.percent or number.decimals or _is_amount(number))
    if bare and number.size <= _COUNT and not number.text[:1].isdigit():
        return True
    if _any_has(number.text, [source.text for source in sources]):
        return True
    if any(is_one_of(number, find_numbers(text, words=True)) for text in known):
        return True
    size, slack = _size(number), number.scale / 10**number.decimals
    return any(
        abs(size - other_size) <= slack and _equal(number, other)
        for source in sources
        for other_size, other in source.numbers
    )


def _size(number: Number) -> float:
    """The magnitude, for a first look: fractions are compared slowly."""
    return float(number.magnitude) if number.magnitude < _HUGE else math.inf


def is_one_of(number: Number, known: Sequence[Number]) -> bool:
    """Whether a number shows one of these, rounded as it is; they may leave out its scale.

    `EUR 36 million` shows the 36 that was reckoned in millions, and 12.5 % shows 0.125.
    """
    half = Fraction(1, 2 * 10**number.decimals)
    return any(
        abs(number.size - exact) <= half
        for other in known
        for exact in ((other.size, other.size * 100) if number.percent else (other.size,))
    )


def _any_has(number: str, texts: Sequence[str]) -> bool:
    for text in texts:
        if number in text and _is_written(number, text):
            return True
    return False


def _is_written(number: str, text: str) -> bool:
    """Whether a number stands in a text just as it is written, whole and of the same kind."""
    start = text.find(number)
    while start >= 0:
        end = start + len(number)
        before = text[start - 1 : start]
        if not (before.isalnum() or before in _JOINED) and not _GOES_ON.match(text, end):
            return True
        start = text.find(number, end)
    return False


def _equal(number: Number, other: Number) -> bool:
    if number.percent != other.percent and (_is_amount(number) or _is_amount(other)):
        return False
    if number.magnitude == other.magnitude:
        return True
    return number.percent == other.percent and shows(
        replace(number, value=number.size), other.magnitude
    )


def _is_amount(number: Number) -> bool:
    return number.scale > 1 or number.currency is not None


def _contradiction(sentence: str, content: Sequence[str], sources: Sequence[Source]) -> str | None:
    """The clause that says it otherwise: of those with most of the words, where none agrees."""
    wanted = {word for word in content if not _negates(word)}
    best, nearest = len(wanted) / 2, list[_Clause]()
    for source in sources:
        for piece, shared in source.shared(wanted):
            if shared < best:
                continue
            for clause in _clauses(piece):
                found = len(wanted & clause.words)
                if found > best:
                    best, nearest = found, [clause]
                elif found == best and nearest:
                    nearest.append(clause)
    if not nearest:
        return None
    says = _Clause(sentence)
    return nearest[0].text if all(says.opposes(clause) for clause in nearest) else None


@lru_cache(maxsize=16_384)
def _negates(word: str) -> bool:
    return _NEGATION.fullmatch(word) is not None


class _Clause:
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

    def opposes(self, other: "_Clause") -> bool:
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
def _clauses(piece: str) -> tuple[_Clause, ...]:
    """The clauses of a sentence."""
    return tuple(_Clause(text, _stems(text)) for text in _CLAUSE.split(piece))


@lru_cache(maxsize=8192)
def prepare(text: str) -> Source:
    """A source made ready; remembered, since many sentences are held against the same one."""
    pieces = sentences(text)
    stems: set[str] = set()
    places: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        words = _stems(piece)
        stems.update(words)
        content = [word for word in words if word not in _STOP]
        for place, word in enumerate(content, number * _APART):
            if word in places:
                places[word].append(place)
            else:
                places[word] = [place]
    return Source(text, tuple(pieces), frozenset(stems), places)


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


def _stems(text: str) -> dict[str, None]:
    """Stems of the words in order, each once; no numbers."""
    return dict.fromkeys(chain.from_iterable(map(_looked.__getitem__, text.split())))
