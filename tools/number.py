"""What a number in a text is: where it stands, what it says, and how it is written.

Knows no text; `tools/number_amounts.py` reads one, `tools/numbers.py` finds them.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any


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


def number_of(fields: dict[str, Any]) -> Number:
    """A number of these fields; the others are as they mostly are."""
    # a page of a statement holds hundreds; the frozen class sets each field by a call
    number = Number.__new__(Number)
    number.__dict__.update(fields)
    return number
