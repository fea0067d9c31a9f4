"""What the text around digits makes of them: a sign, a list mark, a repetition, a page number.

Knows the text on both sides of a place. Knows nothing of how digits are written or of amounts.
"""

import re
from fractions import Fraction

from .number_names import HARMLESS, may_refer
from .number_words import find_words

_REFERENCE = re.compile(
    r"(?:\b(?:pp?|pages?|sections?|chapters?|notes?|figures?|fig|tables?|items?|steps?|appendix"
    r"|article|question|footnotes?|exhibit)\.?|\bno\.|[#§])\s*$",
    re.IGNORECASE,
)


def is_reference(text: str, start: int) -> bool:
    """`page 12`, `Note 3`: the number of a part of a text."""
    if text[start - 3 : start - 1] in HARMLESS and text[start - 1] == " ":
        return False
    before = text[max(0, start - 12) : start]
    return may_refer(before) and bool(_REFERENCE.search(before))


def is_sign(text: str, at: int) -> bool:
    """A dash is a sign unless it stands behind a word or number: then it joins or subtracts."""
    if at and (text[at - 1].isalnum() or text[at - 1] in ")%"):
        return False
    behind = text[:at].rstrip()
    return not (behind and (behind[-1].isdigit() or behind[-1] in ")%"))


def is_list_mark(text: str, start: int, end: int) -> bool:
    """`(1) First` at the start of a line lists."""
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return not line.strip() and bool(re.match(r"[ \t]+[A-Za-z]", text[end:]))


def repeats_words(text: str, start: int, digits: str) -> bool:
    """`thirty (30) days` repeats the word in digits."""
    before = text[max(0, start - 80) : start].rstrip()
    return any(
        end == len(before) and value * scale == Fraction(digits)
        for _, end, value, scale in find_words(before)
    )
