"""Numbers that are spelt out in English: twenty-five, two thirds, half a million, a dozen.

Knows the cardinals and a few fractions; ordinals and digits are left alone.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

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
_FIRST = {*_SMALL, *_SCALES, "hundred", "dozen", "half", "a"}
"""What a spelt-out number may begin with."""
_WORD = re.compile(r"[A-Za-z]+")
_JOINED = re.compile(r"[ \t\u00a0]?[- \u00a0\u2010][ \t]?")

Found = tuple[int, int, Fraction, int]
"""Start, end, value without scale, scale."""


def find_words(text: str) -> Iterator[Found]:
    """The spelt-out numbers of a text, in their order."""
    if _FIRST.isdisjoint(map(str.lower, _WORD.findall(text))):
        return
    words = list(_WORD.finditer(text))
    at = 0
    while at < len(words):
        if words[at][0].lower() not in _FIRST:
            at += 1
            continue
        reading = _fraction(text, words, at) or _cardinal(text, words, at)
        if reading is None:
            at += 1
            continue
        behind, value, scale = reading
        yield words[at].start(), words[behind - 1].end(), value, scale
        at = behind


def _word(text: str, words: list[re.Match[str]], at: int, first: bool = False) -> str:
    """The word at an index, empty unless only a space or hyphen stands before it."""
    if at >= len(words):
        return ""
    if not first and not _JOINED.fullmatch(text[words[at - 1].end() : words[at].start()]):
        return ""
    return words[at][0].lower()


def _cardinal(text: str, words: list[re.Match[str]], at: int) -> tuple[int, Fraction, int] | None:
    total = group = 0
    index, first, seen = at, True, False
    while True:
        word = _word(text, words, index, first)
        following = _word(text, words, index + 1)
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
            return index + 1, Fraction(max(group, 1) * 12), 1
        elif word in _SCALES and (seen or first):
            if following not in (*_SMALL, "and") and not total:
                return index + 1, Fraction(group if seen else 1), _SCALES[word]
            total, group, seen = total + max(group, 1) * _SCALES[word], 0, True
        elif word == "and" and seen and (group or total) and following in _SMALL:
            if group % 100:
                break
        else:
            break
        index, first = index + 1, False
    if not seen:
        return None
    return index, Fraction(total + group), 1


def _fraction(text: str, words: list[re.Match[str]], at: int) -> tuple[int, Fraction, int] | None:
    word = _word(text, words, at, True)
    following = _word(text, words, at + 1)
    if word == "half":
        behind, value = at + 1, Fraction(1, 2)
    elif word in ("a", "one", "two", "three") and following in _PARTS:
        top = {"two": 2, "three": 3}.get(word, 1)
        behind, value = at + 2, Fraction(top, _PARTS[following])
    else:
        return None
    index = behind + (_word(text, words, behind) == "of")
    if _word(text, words, index) == "a" and (scale := _SCALES.get(_word(text, words, index + 1))):
        return index + 2, value, scale
    return behind, value, 1
