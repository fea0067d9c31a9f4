"""One amount as it is written: digits with what stands beside them, read into a number.

Knows signs, brackets, currencies, scales and per cent. Where amounts are is found by
`tools/numbers.py`, with the expressions of `tools/number_patterns.py`.
"""

import re
from fractions import Fraction
from functools import lru_cache

from .number import Number, number_of
from .number_patterns import BARE, CODES, ORDINAL, PARTS, SCALES
from .number_surroundings import is_list_mark, is_reference, is_sign, repeats_words

_NO_DIGITS = re.compile("[^0-9.]")
_YEAR = re.compile("(?:19|20)[0-9]{2}")


def bare_amount(text: str, digits: str, start: int, end: int, ordinal: bool) -> Number:
    """`any_amount` where nothing but digits and a point was matched."""
    value, ratio, decimals = _value(digits)
    return number_of(
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


def unit_amount(digits: str, match: re.Match[str]) -> Number:
    """`any_amount` where digits and one of the usual units were matched."""
    value, ratio, decimals = _value(digits)
    unit = match["unit"].lstrip()
    scale = SCALES.get(unit, 0)
    return number_of(
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


def any_amount(text: str, match: re.Match[str]) -> Number:
    """The number that a match of an amount's parts says (`amount_at`)."""
    digits = match["digits"]
    start, end = match.span("digits")
    if match.span() == (start, end) and BARE.fullmatch(digits):
        return bare_amount(text, digits, start, end, _is_ordinal(text, end))
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
    return number_of(
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
