"""Numbers that are spelt out in English: twenty-five, two thirds, half a million, a dozen.

Knows the cardinals and a few fractions; ordinals and digits are left alone.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), 2)
}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_PARTS = {"half": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4}
_VOCABULARY = {*_SMALL, *_SCALES, *_PARTS, "hundred", "dozen", "half", "a", "and", "of"}
_FIRST = frozenset(word.encode() for word in (*_SMALL, *_SCALES, "hundred", "dozen", "half"))
"""What a spelt-out number may begin with; before a part it may also be `a`."""
_ENDS = frozenset(word.encode() for word in _PARTS)
_LETTERS = bytes(
    code if chr(code).islower() and code < 128 else 32 for code in bytes(range(256)).lower()
)
"""Letters as small ones, all else as spaces."""
_WORD = re.compile(r"[A-Za-z]+")
_FOLLOWING = re.compile(r"[ \t\u00a0]?[- \u00a0\u2010][ \t]?([A-Za-z]+)")
"""A word behind another, with only a space or hyphen between them."""

Found = tuple[int, int, Fraction, int]
"""Start, end, value without scale, scale."""
_Word = tuple[str, int]
"""A word in small letters, and where it ends."""


def find_words(text: str) -> Iterator[Found]:
    """The spelt-out numbers of a text, in their order."""
    # a sign for a sign, so that places stay what they are
    plain = b" " + text.encode("ascii", "replace").translate(_LETTERS) + b" "
    there = (_FIRST | _ENDS).intersection(plain.split())
    if not there:
        return
    wanted = [*(there & _FIRST), *([b"a"] if there & _ENDS else [])]
    behind = 0
    for start in sorted(start for word in wanted for start in _places(plain, word)):
        if start < behind:
            continue
        words = _joined(text, start)
        reading = _fraction(words) or _cardinal(words)
        if reading is not None:
            count, value, scale = reading
            behind = words[count - 1][1]
            yield start, behind, value, scale


def _places(plain: bytes, word: bytes) -> Iterator[int]:
    """Where a word begins in a text that has a space more in front."""
    alone = b" " + word + b" "
    at = plain.find(alone)
    while at >= 0:
        yield at
        at = plain.find(alone, at + len(word) + 1)


def _joined(text: str, start: int) -> list[_Word]:
    """The word at a place and those that follow with only a space or hyphen between them."""
    match = _WORD.match(text, start)
    words: list[_Word] = []
    while match is not None:
        word = match[match.lastindex or 0].lower()
        words.append((word, match.end()))
        if word not in _VOCABULARY:
            break
        match = _FOLLOWING.match(text, match.end())
    return words


def _word(words: list[_Word], at: int) -> str:
    """The word at an index, empty behind the last."""
    return words[at][0] if at < len(words) else ""


def _cardinal(words: list[_Word]) -> tuple[int, Fraction, int] | None:
    """How many of the words are a number, its value, its scale."""
    total = group = 0
    index, first, seen = 0, True, False
    while True:
        word = _word(words, index)
        following = _word(words, index + 1)
        if word in _SMALL:
            value = _SMALL[word]
            tail = group % 100
            fits = (group or total) and not tail or tail >= 20 and not tail % 10 and 0 < value < 10
            if seen and not fits:
                break
            group, seen = group + value, True
        elif word == "hundred" and (seen or first) and group < 10:
            group, seen = max(group, 1) * 100, True
        elif word == "dozen" and group < 100:
            return index + 1, _whole(max(group, 1) * 12), 1
        elif word in _SCALES and (seen or first):
            if following not in _SMALL and following != "and" and not total:
                return index + 1, _whole(group if seen else 1), _SCALES[word]
            total, group, seen = total + max(group, 1) * _SCALES[word], 0, True
        elif word == "and" and seen and (group or total) and following in _SMALL:
            if group % 100:
                break
        else:
            break
        index, first = index + 1, False
    if not seen:
        return None
    return index, _whole(total + group), 1


def _fraction(words: list[_Word]) -> tuple[int, Fraction, int] | None:
    word = _word(words, 0)
    following = _word(words, 1)
    if word == "half":
        behind, value = 1, Fraction(1, 2)
    elif word in ("a", "one", "two", "three") and following in _PARTS:
        top = {"two": 2, "three": 3}.get(word, 1)
        behind, value = 2, Fraction(top, _PARTS[following])
    else:
        return None
    index = behind + (_word(words, behind) == "of")
    if _word(words, index) == "a" and (scale := _SCALES.get(_word(words, index + 1))):
        return index + 2, value, scale
    return behind, value, 1


@lru_cache(maxsize=1024)
def _whole(value: int) -> Fraction:
    return Fraction(value)
