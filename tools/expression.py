"""The human form of an expression, made plain: `15% of $1,577` becomes `percent(15)*1577`.

Knows how people and models write arithmetic: currency signs, thousands commas, percent signs, unit
words, the letter x, dashes and signs of other scripts. It does not evaluate. What can be read in
two ways is refused with both readings named; nothing is guessed.
"""

import re

from .errors import ToolError
from .functions import ARITY
from .readings import commas, percents
from .symbols import CONSTANTS, LENGTH, Symbol, symbols
from .units import REFUSED_WORDS, SCALES, SHORT_SCALES, Units

_NUMBER = r"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"
_PLAIN = re.compile(rf"{_NUMBER}(?: [-+*/] {_NUMBER})*")
"""Numbers and operators that are plain as they stand."""
_OPERATORS = {"plus": "+", "minus": "-", "times": "*", "mod": "%"}


def plain(expression: str) -> str:
    """The expression in Python's notation, of plain numbers, calls and operators only.

    Raises `ToolError` naming what cannot be read, or can be read in two ways.
    """
    if len(expression) <= LENGTH and _PLAIN.fullmatch(expression):
        return expression
    parts = _units(percents(commas(symbols(expression))))
    _check_neighbours(parts)
    _check_of(parts)
    # Spaces keep two signs two: `* *` is not a power.
    return " ".join("*" if part.kind == "of" else part.text for part in parts)


def _units(symbols: list[Symbol]) -> list[Symbol]:
    """Drop units and currencies, apply scale words, name operators and constants."""
    units = Units()
    result: list[Symbol] = []
    at = 0
    while at < len(symbols):
        symbol = symbols[at]
        last = result[-1] if result else None
        ended = last is not None and last.kind in ("number", "close", "percent", "constant")
        following = symbols[at + 1] if at + 1 < len(symbols) else None
        if symbol.kind == "currency":
            _check_currency(symbol, last, following, ended)
            units.currency(symbol.text)
            if ended and last is not None:
                last.money, last.after = True, symbol.after
            elif following is not None:
                following.money, following.before = True, symbol.before or following.before
        elif symbol.kind == "times":
            if not ended or not _multiplies(symbol, following):
                raise ToolError("'x' is read as times only; it must stand between two numbers")
            result.append(Symbol("op", "*", True, True))
        elif symbol.kind == "word" and symbol.text.lower() in _OPERATORS:
            result.append(Symbol("op", _OPERATORS[symbol.text.lower()], True, True))
        elif symbol.kind == "word" and symbol.text.lower() == "of" and ended:
            result.append(Symbol("of", "of", True, True))
        elif symbol.kind == "word" and ended and last is not None:
            at = _drop_words(symbols, at, last, units)
            continue
        elif symbol.kind == "word":
            if symbol.text.lower() not in CONSTANTS:
                raise ToolError(f"{symbol.text!r} is not a number; write its value in digits")
            result.append(Symbol("constant", symbol.text.lower(), symbol.before, symbol.after))
        elif symbol.text == "/" and ended and following is not None and following.kind == "word":
            if following.text.lower() in CONSTANTS or symbol.before or following.before:
                result.append(symbol)
            else:
                units.per()
        else:
            if symbol.kind == "call":
                units.call(symbol.text)
            elif symbol.text in ("+", "-") and ended:
                units.adds = True
            if symbol.kind in ("op", "call"):
                units.next_operand()
            result.append(symbol)
        at += 1
    units.check()
    return result


def _multiplies(symbol: Symbol, following: Symbol | None) -> bool:
    """Whether an x means times: `5x - 3` and `5x` hold an unknown instead."""
    if following is None or following.kind in ("op", "close"):
        negative = following is not None and following.text == "-" and not following.after
        return negative and symbol.before
    return True


def _check_currency(
    symbol: Symbol, last: Symbol | None, following: Symbol | None, ended: bool
) -> None:
    if ended and last is not None and last.kind in ("number", "close") and not last.money:
        return
    if following is None or not (following.kind in ("number", "call") or following.text == "-"):
        raise ToolError(f"{symbol.text!r} stands alone; write it right before or after a number")


def _drop_words(symbols: list[Symbol], at: int, last: Symbol, units: Units) -> int:
    """Read the words behind an operand; returns the index behind them."""
    first = not units.below
    while at < len(symbols) and symbols[at].kind == "word":
        symbol = symbols[at]
        word = symbol.text.lower()
        if word in _OPERATORS or word == "of":
            break
        attached = first and not symbol.before
        if first and (scale := _scale(symbol.text, attached, last)):
            last.text = f"{last.text}e{scale}"
        elif (
            word in REFUSED_WORDS
            or word in SCALES
            or word in CONSTANTS
            or word in ARITY
            or not word.isalpha()
        ):
            if word != "°":
                raise ToolError(
                    f"{symbol.text!r} behind a number changes its value or is unclear; write the "
                    "value itself in digits"
                )
            units.word(word)
        elif last.kind == "percent" and word in ("off", "more", "less", "increase", "decrease"):
            raise ToolError(f"a percentage with {word!r} is unclear; write the multiplication")
        else:
            units.word(word)
        last.after = symbol.after
        first = False
        at += 1
    return at


def _scale(word: str, attached: bool, last: Symbol) -> int | None:
    """The power of ten that a word stands for; None when it is a unit."""
    if word.lower() in SCALES:
        scale = SCALES[word.lower()]
    elif word.lower() in SHORT_SCALES:
        if not last.money and (word == "mm" or word == "m" and not attached):
            return None
        if not last.money and not (attached and word in ("k", "K")):
            raise ToolError(
                f"{word!r} may be a scale or a unit; write the number out in digits, without it"
            )
        scale = SHORT_SCALES[word.lower()]
    else:
        return None
    if last.kind != "number" or "e" in last.text.lower():
        raise ToolError(f"{word!r} must stand right behind a plain number; write it in digits")
    return scale


def _check_neighbours(symbols: list[Symbol]) -> None:
    """Two operands in a row are refused, and a lone amount in brackets: accounts write minus so."""
    ends = ("number", "percent", "close", "constant", "date")
    starts = ("number", "percent", "open", "constant", "call", "date")
    for left, right in zip(symbols, symbols[1:], strict=False):
        if left.kind in ends and right.kind in starts and left.kind != "call":
            raise ToolError(
                f"{left.text!r} and {right.text!r} stand side by side; write the operator between "
                "them"
            )
    for index in range(1, len(symbols) - 1):
        lone = symbols[index]
        called = index > 1 and symbols[index - 2].kind == "call"
        if (
            symbols[index - 1].kind == "open"
            and symbols[index + 1].kind == "close"
            and lone.kind == "number"
            and (lone.money or lone.grouped)
            and not called
        ):
            raise ToolError(
                f"({lone.text}) may be a negative amount as accounts write it; write "
                f"-{lone.text} or {lone.text}"
            )


def _check_of(symbols: list[Symbol]) -> None:
    """`of` binds like times; behind a division the reading would depend on taste."""
    for index, symbol in enumerate(symbols):
        if symbol.kind != "of":
            continue
        start = index - 1
        depth = 1 if symbols[start].kind == "close" else 0
        while depth:
            start -= 1
            depth += (symbols[start].kind == "close") - (symbols[start].kind == "open")
        before = [left.text for left in symbols[max(0, start - 3) : start]]
        plain_fraction = (
            before[-1:] == ["/"]
            and start == index - 1
            and symbols[start].kind == symbols[start - 2].kind == "number"
            and before[-3:-2] not in (["/"], ["//"], ["%"], ["**"])
        )
        counted = symbols[index - 1].kind == "number" and not plain_fraction
        if counted and float(symbols[index - 1].text) >= 1:
            raise ToolError("'of' behind a whole number is unclear; write '*' or '/' instead")
        if before[-1:] in (["/"], ["//"], ["%"], ["**"]) and not plain_fraction:
            raise ToolError("'of' behind a division is unclear; write brackets and '*'")
