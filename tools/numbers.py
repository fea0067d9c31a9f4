"""Numbers as they stand in text: amounts, percentages, years, dates. Knows no document and no sum.

Finds what a reader would call a number, with its sign, scale word and currency, and compares it
with another or with an exact value. Digits that belong to a name (Q3, ISO27001, v2.1), to a marker
such as [1] or to a web address are not numbers.
"""

import re
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from .number import Number
from .number_amounts import any_amount, bare_amount, unit_amount
from .number_names import may_hold_dates, may_hold_names
from .number_patterns import DATES, FISCAL, NAMES, NAMES_WITHOUT_MAIL, NEXT, RANGE, amount_at
from .number_words import find_words

__all__ = ["Number", "find_numbers", "parse_amount", "same_amount", "shows"]

_REMEMBERED = 10_000
"""Characters of a text whose numbers are remembered."""
_LONGEST = 300
"""Digits of a number; a longer run is a code."""
_LONGEST_RANGE = 5
_WORD = re.compile(r"[^\W\d_]+")


def find_numbers(text: str, words: bool = False) -> tuple[Number, ...]:
    """The numbers of a text, in their order; `words` adds those that are spelt out."""
    found = _remembered(text) if len(text) <= _REMEMBERED else _digits(text)
    if not words:
        return found
    return _remembered_words(text) if len(text) <= _REMEMBERED else _with_words(text, found)


@lru_cache(maxsize=2048)
def _remembered(text: str) -> tuple[Number, ...]:
    # a check asks for the numbers of the same passages again and again
    return _digits(text)


@lru_cache(maxsize=2048)
def _remembered_words(text: str) -> tuple[Number, ...]:
    return _with_words(text, _remembered(text))


def _digits(text: str) -> tuple[Number, ...]:
    taken: list[tuple[int, int]] = []
    if may_hold_names(text):
        names = NAMES if "@" in text else NAMES_WITHOUT_MAIL
        taken = [match.span() for match in names.finditer(text)]
    found: list[Number] = []
    for match in DATES.finditer(text) if may_hold_dates(text) else ():
        if not _overlaps(match.start(), match.end(), taken):
            found += _date_parts(match)
            taken.append(match.span())
    for match in FISCAL.finditer(text) if "FY" in text else ():
        if not _overlaps(match.start(), match.end(), taken):
            digits = match["year"]
            year = Fraction(int(digits) + (2000 if len(digits) == 2 else 0))
            found.append(Number(match[0], *match.span(), value=year, year=True))
            taken.append(match.span())
    others = len(found)
    taken.sort()
    at = 0
    while digit := NEXT.search(text, at):
        kind = digit.lastgroup
        amount = digit if kind else amount_at(text, at, digit.start())
        if amount is None:
            break
        start, end = (amount.start(), amount.end("plain")) if kind else amount.span("digits")
        if taken:
            inside = [span[1] for span in taken if span[0] < end and start < span[1]]
            if inside:
                at = max(inside)
                continue
        if end - start > _LONGEST:
            at = end
            continue
        if kind == "plain":
            number = bare_amount(text, amount[0], start, end, False)
        elif kind == "unit":
            number = unit_amount(text[start:end], amount)
        else:
            number = any_amount(text, amount)
        found.append(number)
        at = max(number.end, end)
    if others:
        found.sort(key=lambda number: number.start)
    return tuple(_ranges(text, found))


def _with_words(text: str, digits: tuple[Number, ...]) -> tuple[Number, ...]:
    spelt = list(find_words(text))
    if not spelt:
        return digits
    found = list(digits)
    # both in their order: what ends before a word ends before all that follow it
    passed = 0
    for start, end, value, scale in spelt:
        while passed < len(digits) and digits[passed].end <= start:
            passed += 1
        at = passed
        while at < len(digits) and digits[at].end <= start:
            at += 1
        if at == len(digits) or digits[at].start >= end:
            found.append(Number(text[start:end], start, end, value, scale=scale))
    if len(found) == len(digits):
        return digits
    found.sort(key=lambda number: number.start)
    return tuple(found)


def parse_amount(text: str) -> Number | None:
    """The one number a short text consists of, as a gold value does; None for anything else.

    A few words may stand around it (`about $1.58 billion`, `12 employees`).
    """
    numbers = find_numbers(text)
    if len(numbers) != 1 or numbers[0].date or numbers[0].reference:
        return None
    number = numbers[0]
    rest = text[: number.start] + " " + text[number.end :]
    if NAMES.search(rest) or len(_WORD.findall(rest)) > 3:
        return None
    return number


def same_amount(a: Number, b: Number) -> bool:
    """Whether both are the same amount: scale applied, per cent only like per cent, signs count."""
    if a.percent != b.percent:
        return False
    if a.scale == b.scale:
        return a.ratio == b.ratio
    (above, below), (over, under) = a.ratio, b.ratio
    return above * a.scale * under == over * b.scale * below


def shows(shown: Number, exact: Fraction, scale: int | None = None) -> bool:
    """Whether `shown` is `exact` rounded to the decimals shown (a half may go either way).

    A percentage may show a share (12.5 % for 0.125) or a value in per cent (12.5); a scale word
    is divided out, or `scale` in its stead. The sign counts: hand in the magnitude where the words
    carry the sign.
    """
    # in whole numbers: fractions would reduce every step
    above, below = shown.ratio
    over, under = exact.as_integer_ratio()
    if shown.percent:
        exacts = [(over * 100, under)]
        if abs(over) >= under or shown.decimals:
            exacts.append((over, under))
    else:
        exacts = [(over, under * (shown.scale if scale is None else scale))]
    return any(
        abs(above * bottom - top * below) * 2 * 10**shown.decimals <= below * bottom
        and (above != 0) == (top != 0)
        for top, bottom in exacts
    )


def _overlaps(start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    return any(low < end and start < high for low, high in spans)


def _date_parts(match: re.Match[str]) -> list[Number]:
    parts = []
    for digits in re.finditer(r"[0-9]+", match[0]):
        start = match.start() + digits.start()
        year = len(digits[0]) == 4
        value = Fraction(int(digits[0]))
        parts.append(Number(digits[0], start, start + len(digits[0]), value, year=year, date=True))
    return parts


def _ranges(text: str, numbers: list[Number]) -> list[Number]:
    """In `5-10%`, `1 to 2 million` and `pp. 3-5` what marks one number marks both."""
    result = numbers[:]
    for index in range(len(result) - 2, -1, -1):
        left, right = result[index], result[index + 1]
        if right.start - left.end > _LONGEST_RANGE:
            continue
        if not RANGE.fullmatch(text[left.end : right.start]):
            continue
        bare = not (left.percent or left.scale > 1 or left.year or left.date or left.reference)
        if bare and (right.percent or right.scale > 1):
            result[index] = replace(left, percent=right.percent, scale=right.scale)
        elif left.reference and right.text.isdigit():
            result[index + 1] = replace(right, reference=True)
    return result
