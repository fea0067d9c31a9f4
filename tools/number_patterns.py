"""How numbers, dates and names with digits are written: the expressions that find them.

Knows forms of writing and scale words. Knows nothing of what is around a number or of amounts.
"""

import re

SCALES = {
    "thousand": 3, "k": 3, "million": 6, "mn": 6, "mm": 6, "mln": 6, "m": 6, "billion": 9,
    "bn": 9, "bln": 9, "b": 9, "trillion": 12, "tn": 12, "t": 12,
}  # fmt: skip
"""A scale word or its short form -> the power of ten."""
CODES = "USD|EUR|GBP|CHF|JPY|CAD|AUD|INR|CNY|SEK|NOK|DKK"
"""Codes of currencies, as alternatives."""
_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_MINUS = "[-\u2212\u2013\ufe63\uff0d]"
_MONTH = (
    "(?:(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)|May|MAY)\b\.?"
)
_DIGITS = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]{1,2}(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]+)?"
    "|[0-9]{1,3}(?:[\u00a0\u2007\u2009\u202f'\u2019][0-9]{3})+(?:\\.[0-9]+)?"
    r"|[0-9]+(?:\.[0-9]+)?|(?<![A-Za-z0-9.])\.[0-9]+)"
)
_AMOUNT = re.compile(
    rf"(?P<open>\((?={_SPACE}?[^()]*\)))?"
    rf"(?P<sign>{_MINUS})?"
    rf"(?:(?P<before>(?:\b(?:US|CA|AU|NZ|HK|C|A|S))?\$|[€£¥₹]|\b(?:{CODES})\b){_SPACE}?)?"
    rf"(?P<open2>\()?(?P<sign2>{_MINUS})?"
    rf"(?P<digits>(?<![0-9]){_DIGITS}(?![0-9]))"
    rf"(?P<close>{_SPACE}?\))?"
    rf"(?:{_SPACE}?(?P<percent>%|\b(?:percent|per cent|pct|percentage points?)\b))?"
    rf"(?:(?P<short>k|K|mm|MM|m|M|b|B|t|T|tn|bn|mn)\b"
    rf"|[-\s]?(?P<scale>(?:thousand|million|billion|trillion|mln|mn|bln|bn|tn))\b)?"
    rf"(?P<close2>{_SPACE}?\))?"
    rf"(?:{_SPACE}?(?P<after>€|£|(?:{CODES}|[Dd]ollars|[Ee]uros)\b))?",
)
_NAMES = (
    r"\[[0-9]{1,3}(?:\s*[,;\u2013-]\s*[0-9]{1,3})*\]"  # citation markers
    r"|\((?<=[A-Za-z0-9.,%].)[0-9]{1,2}\)"  # footnote marks
    r"|\b(?:"
    r"(?<!\.)v?[0-9]++(?:\.[0-9]+){2,}"  # versions and section numbers
    r"|[0-9]{1,2}-[A-Z]\b"  # forms such as 10-K
    r"|(?=[A-Za-z_]++-?[0-9])(?:"
    r"(?!FY)[A-Z][A-Za-z]*+-(?!(?:19|20)[0-9]{2}\b)[0-9]+\w*\b(?!%)"  # COVID-19, SHA-256
    r"|(?!(?:FY|USD|EUR|GBP|CHF|US)[0-9])[A-Za-z_]++[0-9][\w.]*[\w]|(?!FY)[A-Za-z_]++[0-9]\b)"
    r"|[0-9]+[A-Za-z_]+[0-9]\w*)"  # 3f9a, 1Q22
)
_ADDRESSES = r"https?://\S+|www\.\S+"
NAMES = re.compile(rf"{_ADDRESSES}|[\w.+-]{{1,64}}+@[\w.-]{{1,250}}|{_NAMES}")
"""Digits that are part of a name, a marker or an address."""
NAMES_WITHOUT_MAIL = re.compile(f"{_ADDRESSES}|{_NAMES}")
"""The same for a text without an @: mail addresses are sought at every letter."""
DATES = re.compile(
    r"(?P<iso>\b[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?![0-9-]))"
    r"|(?P<slash>\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b)"
    r"|(?P<dots>\b[0-3]?[0-9]\.[01]?[0-9]\.(?:19|20)[0-9]{2}\b)|(?P<time>\b[0-2]?[0-9]:[0-5][0-9]\b)"
    rf"|(?P<day>\b[0-9]{{1,2}}(?:st|nd|rd|th)?(?: of)?\s+{_MONTH}(?:,?\s+[0-9]{{4}}\b)?)"
    rf"|(?P<month>\b{_MONTH}\s+[0-9]{{1,2}}(?:st|nd|rd|th)?\b(?!,[0-9]{{3}}\b)(?:,?\s*[0-9]{{4}}\b)?)"
)
"""Dates and times of day."""
FISCAL = re.compile(r"\bFY\s?(?:'|\u2019)?(?P<year>(?:19|20)?[0-9]{2})\b")
ORDINAL = re.compile(r"(?:st|nd|rd|th)\b", re.IGNORECASE)
BARE = re.compile(r"[0-9]+(?:\.[0-9]+)?")
"""Nothing but digits and a point."""
PARTS = ("before", "after", "short", "scale", "percent", "sign", "sign2")
"""What an amount may have beside its digits and brackets."""
RANGE = re.compile(rf"\s?(?:[-\u2013\u2014]|to)\s?{_SPACE}?")
"""What joins the two ends of a range."""
_UNREMARKABLE = frozenset("abcdefghijklmnopqrstuvwxyz,;:)]'\"/")
"""Signs before digits, or before a space before them, with which no amount begins."""
_BEGINS_NONE = f"[{re.escape(''.join(sorted(_UNREMARKABLE)))}]"
_GOES_ON = (
    r"\w|[.,'\u2019\u00a0\u2007\u2009\u202f][0-9]|[-\s]?(?:[)%€£]|per|pct|thousand|million|billion"
    rf"|trillion|ml?n|bl?n|tn|{CODES}|[Dd]ollars|[Ee]uros)"
)
"""What may stand behind digits and be of their amount."""
NEXT = re.compile(
    rf"[0-9](?:(?:(?<={_BEGINS_NONE}[0-9])|(?<={_BEGINS_NONE}\s[0-9]))"
    rf"(?P<plain>[0-9]*+(?:\.[0-9]++)?+)"
    rf"(?P<unit>%| (?:percent|thousand|million|billion|trillion)\b)?(?!{_GOES_ON}))?"
)
"""The next digit; and `plain`, the other digits of its amount, where nothing is of it but these
and at most a usual `unit`.
"""


def amount_at(text: str, at: int, place: int) -> re.Match[str] | None:
    """The first amount at or behind a place, its parts by name; `place` is its next digit's."""
    # `_AMOUNT.search(text, at)`; what stands before the next digit mostly begins no amount
    before = text[place - 1] if place > at else ""
    if before.isspace():
        before = text[place - 2] if place - 1 > at else ""
    if (place and text[place - 1].isdecimal()) or (before and before not in _UNREMARKABLE):
        return _AMOUNT.search(text, at)
    return _AMOUNT.match(text, place)
