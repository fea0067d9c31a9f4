"""The parts of an expression: numbers, words, signs, brackets and dates, as they were written.

Knows the spellings (dashes, times and division signs, no-break spaces); not what they mean
together.
"""

import re
from dataclasses import dataclass

from .errors import ToolError
from .functions import ARITY
from .units import CURRENCIES

LENGTH = 1000
"""Characters that an expression may have: longer is not typed by hand."""
DEPTH = 50
"""Brackets that may be open at once."""
CONSTANTS = ("pi", "e")

_SIGNS = str.maketrans(
    {c: "-" for c in "\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"}
    | {c: " * " for c in "\u00d7\u2217\u22c5\u2715"}
    | {c: " / " for c in "\u00f7\u2044\u2215"}
    | {c: " " for c in "\u00a0\u2007\u2009\u202f\t\n\r"}
    | {c: '"' for c in "\u201c\u201d\u2018\u2019'"}
    | {"^": "**"}
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<{}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    r'(?P<q>"?)(?:(?P<y>(?:1[89]|2[01])\d\d)-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12]\d|3[01])'
    r"|(?P<d2>\d{1,2})\s+" + _MONTH.format("m2") + r",?\s+(?P<y2>\d{4})"
    r"|" + _MONTH.format("m3") + r"\s+(?P<d3>\d{1,2}),?\s+(?P<y3>\d{4}))(?P=q)(?![\w.])",
    re.IGNORECASE,
)
_PART = re.compile(
    r"(?P<space> +)"
    r"|(?P<currency>(?:US|CA|AU|NZ|HK|C|A|S)?\$|[€£¥₹]|(?:" + "|".join(CURRENCIES) + r")\b)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<times>[xX](?=[ \d.(]|[$€£]))"
    r"|(?P<word>[A-Za-z_°][A-Za-z0-9_]*)"
    r"|(?P<op>\*\*|//|[-+*/%(),\[\]])"
)
_PHRASES = re.compile(r"\b(?:(divided)|multiplied) by\b")


@dataclass
class Symbol:
    """One part of an expression; the readings change it in place."""

    kind: str
    """number, word, times, percent, op, call, open, date, constant, of, unit or currency."""
    text: str
    before: bool
    """White space stands before it."""
    after: bool = False
    money: bool = False
    grouped: bool = False


def symbols(expression: str) -> list[Symbol]:
    """The parts in their order, with dates made calls; `ToolError` for what is no part."""
    if len(expression) > LENGTH:
        raise ToolError(
            f"the expression has {len(expression):,} characters; at most {LENGTH:,} are read"
        )
    text = expression.translate(_SIGNS).strip().removesuffix("=").strip()
    if not text:
        raise ToolError("the expression is empty; write the numbers and operators to compute")
    text = _PHRASES.sub(lambda m: "/" if m[1] else "*", text)
    found: list[Symbol] = []
    at, depth = 0, 0
    while at < len(text):
        before = at == 0 or text[at - 1] == " "
        if match := _DATE.match(text, at):
            found.append(Symbol("date", _date(match), before))
        elif not (match := _PART.match(text, at)):
            raise ToolError(_unreadable(text, at))
        elif match.lastgroup != "space":
            kind, word = match.lastgroup or "", match[0]
            if kind == "number":
                _check_number(word, text, at, match.end())
            if kind == "op" and word in "([":
                depth += 1
                called = word == "(" and found and found[-1].kind == "word"
                if called:
                    found[-1] = _function(found[-1])
                kind = "open"
            elif kind == "op" and word in ")]":
                depth -= 1
                kind = "close"
            found.append(Symbol(kind, word, before))
        if depth < 0 or depth > DEPTH:
            raise ToolError(
                f"more than {DEPTH} brackets are open at once"
                if depth > 0
                else f"a bracket is closed at {text[at:][:20]!r} that was never opened"
            )
        at = match.end()
        if match[0].strip():
            found[-1].after = at >= len(text) or text[at] == " "
    if depth:
        raise ToolError("a bracket is not closed; add the missing ')'")
    return found


def _function(word: Symbol) -> Symbol:
    name = word.text.lower()
    if name not in ARITY:
        raise ToolError(f"{word.text!r} is not a function here; there are {', '.join(ARITY)}")
    return Symbol("call", name, word.before)


def _check_number(word: str, text: str, at: int, end: int) -> None:
    if text[end : end + 1] == "_" or re.match(r"\.\d", text[end:]):
        raise ToolError(f"{text[at:][:20]!r} is not a number; write digits and one decimal point")
    if word == "0" and re.match("[xX][0-9A-Fa-f]", text[end:]):
        raise ToolError(f"{text[at:][:20]!r} may be hexadecimal; write the number in decimal")
    if at and re.match(r"[\w.]", text[at - 1]) and text[at - 1] not in "xX":
        raise ToolError(_unreadable(text, at))


def _date(match: re.Match[str]) -> str:
    year = match["y"] or match["y2"] or match["y3"]
    day = match["d"] or match["d2"] or match["d3"]
    name = match["m2"] or match["m3"]
    month = _MONTHS.index(name.lower()) + 1 if name else int(match["m"])
    return f"date({int(year)},{month},{int(day)})"


def _unreadable(text: str, at: int) -> str:
    hint = {
        "=": "write only what is to be computed, without '='",
        '"': "only dates such as YYYY-MM-DD may be quoted",
        ".": "a point stands alone; write a digit beside it",
        "!": "write factorial( ) instead",
    }.get(text[at], "write numbers, + - * / // % **, brackets and the functions only")
    return f"{text[at:][:20]!r} cannot be read as arithmetic; {hint}"
