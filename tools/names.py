"""Proper names: those of a question, and whether a text has one, whole or in its short form.

Knows capitals and spelling. Knows nothing of documents.
"""

import re
from collections.abc import Sequence

from .terms import closeness, stem, tokens
from .wordlists import CALENDAR, OPENERS, STOP

_NAME = re.compile(
    r"\b(?:[A-Z][\w'\u2019&.-]*|\d+[A-Z]\w*)(?:\s+(?:[A-Z][\w'\u2019&.-]*|\d{2,4}[A-Za-z]?\b))*"
)


def names_in(text: str) -> tuple[str, ...]:
    """Proper names in a question, as written, in order, each once."""
    found: list[str] = []
    text = re.sub(r"['\u2019]s\b", "'s,", text)
    for match in _NAME.finditer(text):
        name = re.sub(r"['\u2019]s$|[.,;:?!]+$", "", match.group())
        words = name.split()
        if match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".?!:":
            plain = words[0][1:].islower() and not match.group().endswith(("'s", "\u2019s"))
            marked = text[match.end() : match.end() + 1] == ":"
            opener = words[0].lower() in OPENERS or words[0].lower() in STOP
            if opener or len(words) == 1 and plain and not marked:
                words = words[1:]
        while words and (words[0].lower() in STOP or words[0].lower() in OPENERS):
            words = words[1:]
        words = [word for word in words if word.lower() not in CALENDAR]
        words = [word for word in words if not re.fullmatch(r"FY\S*|Q[1-4]", word)]
        name = " ".join(words)
        if not name or re.fullmatch(r"(?:FY\s?\d*|Q[1-4]|I|USD|EUR|GBP|\W+|\d+)(?:\s+\d+)*", name):
            continue
        if name not in found:
            found.append(name)
    return tuple(found)


def has_name(name: str, text: str) -> bool:
    """Whether every word of a proper name stands in the text, by stem."""
    wanted = [stem(token) for token in tokens(name) if token.lower() not in STOP]
    have = {stem(token) for token in tokens(text)} | {
        stem(token) for token in tokens(re.sub(r"[_-]+", " ", text))
    }
    squeezed = re.sub(r"[\W_]+", "", text.lower())
    found = frozenset(have)
    return (
        all(closeness(part, found) >= 0.8 for part in wanted)
        or re.sub(r"[\W_]+", "", name.lower()) in squeezed
        or is_short_for(name, tokens(re.sub(r"[_-]+", " ", text)))
    )


def is_short_for(name: str, words: Sequence[str]) -> bool:
    """Whether a name is made of the beginnings of words in a row: `AMEX`, `JnJ`, `IBM`."""
    short = re.sub(r"[^a-z]", "", re.sub(r"(?<=[A-Z])n(?=[A-Z])", "", name).lower())
    if not 2 <= len(short) <= 6 or sum(map(str.isupper, name)) < 2:
        return False
    plain = [word.lower() for word in words if word.lower() not in ("and", "&", "of")]
    return any(
        _starts(short, plain, place, 0) for place, word in enumerate(plain) if word[0] == short[0]
    )


def _starts(rest: str, words: Sequence[str], place: int, used: int) -> bool:
    if not rest:
        return used >= 2
    if place >= len(words):
        return False
    word = words[place]
    longest = min(3, len(rest), len(word))
    return any(
        rest[:length] == word[:length] and _starts(rest[length:], words, place + 1, used + 1)
        for length in range(1, longest + 1)
    )
