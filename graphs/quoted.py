"""Where words stand in the passages of a run: a quote, or the line that a claim was made from.

Knows words, numbers and passages; whether a sentence may be shown is `graphs.verify`'s.
"""

import html
from collections.abc import Sequence

from ..tools.documents import Passage
from ..tools.numbers import Number, find_numbers
from ..tools.quotes import find_quote
from ..tools.sentences import sentences
from ..tools.terms import content
from .pack import following, joined

_OVERLAP = 0.6
"""Share of a sentence's content words that a line must hold to be cited for it by code."""
_FEWEST_WORDS = 3
"""Content words below which a likeness says nothing."""
_LONGEST_QUOTE = 300


def find(passages: Sequence[Passage], number: str, quote: str) -> tuple[Passage, str] | None:
    """Where a quote stands: in the passage named, else in another one of this run."""
    quote = html.unescape(quote)
    if not any(map(str.isdigit, quote)) and len(quote.split()) < 2 and len(quote) < 8:
        return None
    named = int(number) if number.isdecimal() and len(number) < 6 else 0
    order = [passages[named - 1]] if 0 < named <= len(passages) else []
    # A wrong id with right words is a slip of the pen: the words decide.
    for passage in (*order, *passages):
        span = find_quote(quote, passage.text)
        if span is not None:
            return passage, passage.text[span[0] : span[1]]
    return None


def across(passages: Sequence[Passage], quote: str) -> list[tuple[Passage, str]]:
    """The parts of a quote that goes on from one passage into the next one of its page.

    Neighbours are shown in one tag (graphs.pack), so that a model sees no join.
    """
    for first, second in following(passages):
        text = joined(first.text, second.text)
        span = find_quote(html.unescape(quote), text)
        if span is not None:
            end = len(first.text)
            parts = ((first, text[span[0] : end]), (second, text[end : span[1]]))
            return [(each, part.strip()) for each, part in parts if any(map(str.isalnum, part))]
    return []


def own_line(passages: Sequence[Passage], text: str) -> tuple[Passage, str] | None:
    """The line or sentence of a passage that holds all numbers and most words of a claim."""
    claim = set(content(text))
    if len(claim) < _FEWEST_WORDS:
        return None
    numbers = find_numbers(text)
    best: tuple[float, Passage, str] | None = None
    for passage in passages:
        for line in _lines(passage.text):
            share = len(claim & set(content(line))) / len(claim)
            if share < _OVERLAP or (best is not None and share <= best[0]):
                continue
            there = find_numbers(line)
            if all(any(same_digits(n, other) for other in there) for n in numbers):
                best = (share, passage, line)
    return None if best is None else (best[1], best[2])


def touches(text: str, quote: str) -> bool:
    """Whether a quote has anything to do with a claim: one content word or number in common."""
    if set(content(text)) & set(content(quote)):
        return True
    numbers = find_numbers(quote, words=True)
    return any(same_digits(n, other) for n in find_numbers(text, words=True) for other in numbers)


def same_digits(number: Number, other: Number) -> bool:
    """Equal digits, whatever sign, scale word or per cent sign stands beside them."""
    (above, below), (over, under) = number.ratio, other.ratio
    return below == under and abs(above) == abs(over)


def _lines(text: str) -> list[str]:
    pieces = [line.strip() for line in text.split("\n")]
    pieces.extend(sentence.strip() for sentence in sentences(text))
    return [piece for piece in pieces if 8 <= len(piece) <= _LONGEST_QUOTE]
