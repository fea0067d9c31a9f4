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
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ..tools.documents import Frozen
from ..tools.names import is_short_for
from ..tools.number_words import find_words
from ..tools.numbers import Number, find_numbers, shows
from ..tools.sentences import sentences
from ..tools.terms import closeness, stem, tokens
from ..tools.wordlists import CALENDAR
from .clauses import Clause, clauses, negates
from .source import STOP_STEMS, Source, prepare, size_of

WORD, LITTLE_WORD, COMPANY = 1.0, 1.0, 0.25
"""What a word that no source has counts; a pair of words that no source has near each other."""
NAME, NUMBER, OPPOSITE = 2.0, 3.0, 2.0
"""What a name or number that no source has counts, and a clause that is turned round."""
_SHORT = 10
"""Words added to the length of a text, so that few words are not judged by one of them."""
_COUNT = 12
"""Up to here a number in words may be the text's own count of things (`two reasons`)."""

_LIST_MARK = re.compile(r"^\s*(?:[-*\u2022]|\(?\d{1,2}[.)])\s+", re.MULTILINE)
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
    content = [word for word in words if word not in STOP_STEMS]
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
            unsupported += (LITTLE_WORD if word in STOP_STEMS else WORD) * share
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
    size, slack = size_of(number), number.scale / 10**number.decimals
    return any(
        abs(size - other_size) <= slack and _equal(number, other)
        for source in sources
        for other_size, other in source.numbers
    )


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
    return any(number in text and _is_written(number, text) for text in texts)


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
    wanted = {word for word in content if not negates(word)}
    best, nearest = len(wanted) / 2, list[Clause]()
    for source in sources:
        for piece, shared in source.shared(wanted):
            if shared < best:
                continue
            for clause in clauses(piece):
                found = len(wanted & clause.words)
                if found > best:
                    best, nearest = found, [clause]
                elif found == best and nearest:
                    nearest.append(clause)
    if not nearest:
        return None
    says = Clause(sentence)
    return nearest[0].text if all(says.opposes(clause) for clause in nearest) else None
