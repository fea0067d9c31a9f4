"""The calculator: an expression as a person writes it, and its value as text.

Knows how a result is shown. Reading is in `expression`, evaluation in `arithmetic`.
"""

import asyncio
import re
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from .arithmetic import DIGITS, evaluate
from .expression import plain
from .functions import ARITY
from .tool import Tool, ToolResult, tool

SHOWN = 310
"""Digits of an exact result that are shown; a longer one is rounded like one without end."""

_QUICK = re.compile(r"(?:[\d\s.,()+\-/%$]|\*(?!\*)){1,100}")
"""The four operations on so few digits take no time: sending them to a thread takes more."""


def calculate(expression: str) -> str:
    """The value of an expression: exact when its decimal ends, else 34 significant digits.

    Percentages, thousands commas, currency signs and units are read as people write them; `//`
    and `%` are floor division and remainder as in Python; `round` rounds half to even; logarithms
    are natural; angles are radians; `pct_change` and `cagr` are in per cent. Raises `ToolError`
    with the reason for what has no real value, has two readings, or needs numbers beyond 1e308.
    """
    return shown(evaluate(plain(expression)))


def shown(value: Fraction | Decimal) -> str:
    """A value as text: no exponent, no trailing zeros, unless it is very large or small."""
    if isinstance(value, Fraction):
        twos = (value.denominator & -value.denominator).bit_length() - 1
        rest, fives = value.denominator >> twos, 0
        while rest % 5 == 0:
            rest, fives = rest // 5, fives + 1
        places = max(twos, fives)
        if rest == 1 and places <= SHOWN:
            digits = str(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
            text = f"{digits[:-places]}.{digits[-places:]}" if places else digits
            return "-" * (value < 0) + text
        with localcontext(Context(prec=DIGITS + 10)):
            value = Decimal(value.numerator) / Decimal(value.denominator)
    with localcontext(Context(prec=DIGITS)):
        rounded = (+value).normalize()
    if not rounded:
        return "0"
    return f"{rounded:f}" if -20 < rounded.adjusted() < DIGITS else f"{rounded:E}"


def calculator_tool() -> Tool:
    """The calculator as a tool; it is pure."""

    async def calculator(expression: str) -> ToolResult:
        if _QUICK.fullmatch(expression):
            result = calculate(expression)
        else:
            result = await asyncio.to_thread(calculate, expression)
        return ToolResult(content=result, expression=expression)

    calculator.__doc__ = (
        "Compute the value of one arithmetic expression exactly. The expression holds numbers, "
        "+ - * / ** and brackets, percentages, and these functions with a space after each comma: "
        f"{', '.join(ARITY)}. pct_change takes the old and the new value, cagr the first value, "
        "the last value and the years; both give per cent. Dates are written as YYYY-MM-DD. "
        "No words, no names of quantities: only their values."
    )
    return tool(calculator, effect="pure")
