"""Numbers as they stand in text: amounts, percentages, years, dates. Knows no document and no sum.

Finds what a reader would call a number, with its sign, scale word and currency, and compares it
with another or with an exact value. Digits that belong to a name (Q3, ISO27001, v2.1), to a marker
such as [1] or to a web address are not numbers.
"""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from .number_names import may_hold_dates, may_hold_names
from .number_patterns import (
    BARE,
    CODES,
    DATES,
    FISCAL,
    NAMES,
    NAMES_WITHOUT_MAIL,
    NEXT,
    ORDINAL,
    PARTS,
    RANGE,
    SCALES,
    amount_at,
)
from .number_surroundings import is_list_mark, is_reference, is_sign, repeats_words
from .number_words import find_words

_REMEMBERED = 10_000
"""Characters of a text whose numbers are remembered."""
_LONGEST = 300
"""Digits of a number; a longer run is a code."""
_LONGEST_RANGE = 5
_NO_DIGITS = re.compile("[^0-9.]")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Number:
    """One number and how it is written."""

    text: str
    start: int
    end: int
    value: Fraction
    """Signed, without percent and scale: 12.5 for 12.5 %, 1.58 for 1.58 billion."""
    percent: bool = False
    scale: int = 1
    """What the word behind multiplies by: 1 to 10**12."""
    currency: str | None = None
    """A sign or a three-letter code, as written; dollars and euros are $ and €."""
    decimals: int = 0
    """Digits shown after the point."""
    year: bool = False
    """A bare 1900 to 2099, or a fiscal year; it may still be a plain count."""
    date: bool = False
    """Part of a date or of a time of day."""
    ordinal: bool = False
    reference: bool = False
    """The number of a page, section, note or table rather than an amount."""

    @cached_property
    def amount(self) -> Fraction:
        """The signed value with its scale; a percentage stays in per cent."""
        return self.value * self.scale

    @cached_property
    def ratio(self) -> tuple[int, int]:
        """Numerator and denominator of the value, reduced: what is quickly compared."""
        return self.value.as_integer_ratio()

    @cached_property
    def size(self) -> Fraction:
        """The digits alone, as a number: whatever sign, scale or per cent stands beside them."""
        return abs(self.value)

    @property
    def magnitude(self) -> Fraction:
        """The amount without its sign: `(1,577)` in a statement is 1,577 in a sentence."""
        return abs(self.amount)


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
            number = _bare_amount(text, amount[0], start, end, False)
        elif kind == "unit":
            number = _unit_amount(text[start:end], amount)
        else:
            number = _amount(text, amount)
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


def _bare_amount(text: str, digits: str, start: int, end: int, ordinal: bool) -> Number:
    """`_amount` where nothing but digits and a point was matched."""
    value, ratio, decimals = _value(digits)
    return _number(
        {
            "text": digits,
            "start": start,
            "end": end,
            "value": value,
            "ratio": ratio,
            "decimals": decimals,
            "year": len(digits) == 4 and digits[:2] in ("19", "20") and not decimals,
            "ordinal": ordinal,
            "reference": is_reference(text, start),
        }
    )


def _unit_amount(digits: str, match: re.Match[str]) -> Number:
    """`_amount` where digits and one of the usual units were matched."""
    value, ratio, decimals = _value(digits)
    unit = match["unit"].lstrip()
    scale = SCALES.get(unit, 0)
    return _number(
        {
            "text": match[0],
            "start": match.start(),
            "end": match.end(),
            "value": value,
            "ratio": ratio,
            "percent": not scale,
            "scale": 10**scale,
            "decimals": decimals,
        }
    )


def _amount(text: str, match: re.Match[str]) -> Number:
    digits = match["digits"]
    start, end = match.span("digits")
    if match.span() == (start, end) and BARE.fullmatch(digits):
        return _bare_amount(text, digits, start, end, _is_ordinal(text, end))
    before, after, short, word, percent, sign, sign2 = match.group(*PARTS)
    plain = _NO_DIGITS.sub("", digits)
    money = before or after
    scale = 1
    if short and (short in ("k", "K", "M", "B", "MM", "tn", "bn", "mn", "m") or money):
        scale = 10 ** SCALES[short.lower()]
        end = match.end("short")
    elif word:
        scale = 10 ** SCALES[word.lower()]
        end = match.end("scale")
    if percent:
        end = match.end("percent")
    if after:
        end = match.end("after")
    if before:
        start = match.start("before")
    negative = False
    if sign2:
        negative, start = True, min(start, match.start("sign2"))
    elif sign and is_sign(text, match.start("sign")):
        negative, start = True, match.start("sign")
    bare = not (money or percent or scale > 1 or negative) and plain == digits
    year = bare and _YEAR.fullmatch(digits) is not None
    listed = False
    if not negative and not year:
        opened, opened2, closed, closed2 = match.group("open", "open2", "close", "close2")
        if (opened or opened2) and (closed or closed2):
            outer = match.start("open" if opened else "open2")
            listed = bare and is_list_mark(text, outer, match.end())
            if not listed and not (bare and repeats_words(text, outer, digits)):
                negative = True
                start, end = min(start, outer), max(end, match.end("close"), match.end("close2"))
    value, ratio, decimals = _value(plain)
    currency = before
    if after and not before:
        currency = {"d": "$", "e": "€"}.get(after[0].lower(), after)
    if after and re.fullmatch(CODES, after):
        currency = after
    return _number(
        {
            "text": text[start:end],
            "start": start,
            "end": end,
            "value": -value if negative else value,
            "ratio": (-ratio[0], ratio[1]) if negative else ratio,
            "percent": bool(percent),
            "scale": scale,
            "currency": "$" if currency and currency.endswith("$") else currency,
            "decimals": decimals,
            "year": year,
            "ordinal": _is_ordinal(text, end),
            "reference": listed or bare and is_reference(text, start),
        }
    )


@lru_cache(maxsize=4096)
def _value(digits: str) -> tuple[Fraction, tuple[int, int], int]:
    """The value of digits with at most one point, its ratio, and how many stand behind the point.

    Most of them stand in a text more than once.
    """
    whole, _, decimals = digits.partition(".")
    if decimals:
        value = Fraction(int(whole + decimals), 10 ** len(decimals))
    else:
        value = Fraction(int(whole))
    return value, value.as_integer_ratio(), len(decimals)


def _is_ordinal(text: str, end: int) -> bool:
    return text[end : end + 1].isalpha() and ORDINAL.match(text, end) is not None


def _number(fields: dict[str, Any]) -> Number:
    """A number of these fields; the others are as they mostly are."""
    # a page of a statement holds hundreds; the frozen class sets each field by a call
    number = Number.__new__(Number)
    number.__dict__.update(fields)
    return number


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
