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
from dataclasses import dataclass, replace
from functools import lru_cache

from ..tools.documents import Frozen
from ..tools.names import is_short_for
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
_COUNT = 12
"""Up to here a number in words may be the text's own count of things (`two reasons`)."""

_LIST_MARK = re.compile(r"^\s*(?:[-*\u2022]|\(?\d{1,2}[.)])\s+", re.MULTILINE)
_CLAUSE = re.compile(r"[;:,]\s+|\s[\u2013\u2014-]\s|\b(?:but|while|whereas|although)\b\s*")
_CAPITAL = re.compile(r"(?<![.!?:\"\u201c]\s)(?<!^)\b[A-Z][\w'\u2019&-]*[\w]")
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

    stems: frozenset[str]
    company: frozenset[tuple[str, str]]
    """Pairs of content words that stand near each other in one sentence."""
    numbers: tuple[Number, ...]
    clauses: tuple[tuple[frozenset[str], str], ...]
    """Content words and text of each clause."""
    words: tuple[str, ...]


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


def support(sentence: str, sources: Sequence[Source], known: Sequence[Number] = ()) -> Support:
    """How far sources support a sentence.

    `known`: numbers that need no source (the question's, results of calculations).
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
    numbers = find_numbers(sentence, words=True)
    missing = [number.text for number in numbers if not _stands(number, sources, known)]
    unsupported += NUMBER * len(missing)
    apart = [
        pair
        for pair in zip(content, content[1:], strict=False)
        if not any(pair in source.company for source in sources)
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
    names = {match[0].lower(): match[0] for match in _CAPITAL.finditer(text)}
    found: dict[str, str] = {}
    for token in tokens(text):
        plain = token.lower().replace("\u2019", "'")
        if not plain[0].isdigit():
            found.setdefault(stem(token), "" if plain in CALENDAR else names.get(plain, ""))
    return found


def _stands(number: Number, sources: Sequence[Source], known: Sequence[Number]) -> bool:
    """Whether a source has the number: the same, rounded, or in another scale."""
    bare = not (number.percent or number.decimals or _is_amount(number))
    if bare and number.size <= _COUNT and not number.text[:1].isdigit():
        return True
    others = (*known, *(other for source in sources for other in source.numbers))
    return any(_equal(number, other) for other in others)


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
    wanted = set(content)
    best, opposed = len(wanted) / 2, None
    for source in sources:
        for own, clause in source.clauses:
            found = len(wanted & own)
            if found > best or (found == best and opposed is not None):
                best = found
                opposed = clause if _opposed(sentence, clause) else None
    return opposed


def _opposed(sentence: str, clause: str) -> bool:
    """A negation more or less, or rise against fall."""
    if bool(_NEGATION.search(sentence)) != bool(_NEGATION.search(clause)):
        return True
    rises, falls = bool(_RISE.search(sentence)), bool(_FALL.search(sentence))
    others = bool(_RISE.search(clause)), bool(_FALL.search(clause))
    return rises != falls and others == (falls, rises)


@lru_cache(maxsize=8192)
def prepare(text: str) -> Source:
    """A source made ready; remembered, since many sentences are held against the same one."""
    pieces = sentences(text)
    company = set()
    stems: set[str] = set()
    for piece in pieces:
        words = list(_words(piece))
        stems.update(words)
        content = [word for word in words if word not in _STOP]
        for distance in range(1, _NEAR + 1):
            for one, other in zip(content, content[distance:], strict=False):
                company.add((one, other))
                company.add((other, one))
    return Source(
        stems=frozenset(stems),
        company=frozenset(company),
        numbers=find_numbers(text, words=True),
        clauses=tuple(
            (frozenset(_words(clause)) - _STOP, clause)
            for piece in pieces
            for clause in _CLAUSE.split(piece)
        ),
        words=tuple(tokens(text)),
    )
