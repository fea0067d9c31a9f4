"""The calculator's functions by name, over exact fractions and decimals. Knows no syntax.

A value is a `Fraction` (exact) or a `Decimal` (rounded to the digits of the current decimal
context). Whatever two roundings of the same number would decide differently (floor, a difference
that vanishes) is settled some digits short of the precision.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal, getcontext
from fractions import Fraction
from math import factorial as _factorial
from math import isqrt
from statistics import median as _median

from .errors import ToolError

Value = Fraction | Decimal
GUARD = 12
"""Last digits of a rounded value that decide nothing."""


def decimal(value: Value) -> Decimal:
    """The value as a decimal of the current precision."""
    if isinstance(value, Decimal):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def settled(value: Value) -> Fraction:
    """The value as a fraction; of a rounded one without the digits that decide nothing."""
    if isinstance(value, Fraction):
        return value
    if not value:
        return Fraction(0)
    places = getcontext().prec - GUARD - 1 - value.adjusted()
    return Fraction(value.quantize(Decimal(1).scaleb(-places))) if places < 10_000 else Fraction(0)


def magnitude(value: Value) -> Value:
    """The value without its sign."""
    return -value if value < 0 else value


def snapped(value: Decimal, size: Decimal) -> Value:
    """Exactly 0 where a result vanishes beside the `size` of what it was computed from."""
    return Fraction(0) if abs(value) <= size.scaleb(GUARD - getcontext().prec) else value


def less(left: Value, right: Value) -> bool:
    """Whether left < right."""
    return settled(left) < settled(right)


def add(left: Value, right: Value) -> Value:
    """The sum of both."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left + right
    a, b = decimal(left), decimal(right)
    return snapped(a + b, max(abs(a), abs(b)))


def multiply(left: Value, right: Value) -> Value:
    """Left times right."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left * right
    return decimal(left) * decimal(right)


def divide(left: Value, right: Value) -> Value:
    """The quotient; `ToolError` for a zero divisor."""
    if not right:
        raise ToolError("division by zero has no value; check the divisor")
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left / right
    return decimal(left) / decimal(right)


def pi() -> Decimal:
    """Pi to the current precision (Machin's formula, by integers)."""
    unit: int = 10 ** (getcontext().prec + 10)

    def arctan_inverse(x: int) -> int:
        total = term = unit // x
        n, sign = 3, -1
        while term:
            term //= x * x
            total += sign * (term // n)
            n, sign = n + 2, -sign
        return total

    return Decimal(4 * (4 * arctan_inverse(5) - arctan_inverse(239))) / unit


def _sum(values: Sequence[Value]) -> Value:
    total: Value = Fraction(0)
    for value in values:
        total = add(total, value)
    return total


def _mean(values: Sequence[Value]) -> Value:
    return divide(_sum(values), Fraction(len(values)))


def _extreme(values: Sequence[Value], largest: bool) -> Value:
    best = values[0]
    for value in values[1:]:
        if less(best, value) if largest else less(value, best):
            best = value
    return best


def _middle(values: Sequence[Value]) -> Value:
    return _median([settled(value) for value in values])


def _whole(value: Value, what: str, low: int, high: int) -> int:
    number = settled(value)
    if number.denominator != 1 or not low <= number <= high:
        raise ToolError(f"{what} must be a whole number from {low} to {high}")
    return int(number)


def _round(value: Value, digits: Value = Fraction(0)) -> Value:
    places = _whole(digits, "the digits of round", -300, 300)
    return Fraction(round(settled(value), places))


def _floor(value: Value) -> Value:
    return Fraction(settled(value).__floor__())


def _ceil(value: Value) -> Value:
    return Fraction(settled(value).__ceil__())


def _sqrt(value: Value) -> Value:
    if value < 0:
        raise ToolError("the square root of a negative number is not real")
    if isinstance(value, Fraction):
        top, bottom = isqrt(value.numerator), isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
    return decimal(value).sqrt()


def _ln(value: Value) -> Value:
    if settled(value) <= 0:
        raise ToolError("the logarithm of a number that is not positive has no value")
    result = decimal(value).ln()
    return snapped(result, Decimal(1)) if isinstance(value, Decimal) else result or Fraction(0)


def _log(value: Value, base: Value | None = None) -> Value:
    return _ln(value) if base is None else divide(_ln(value), _ln(base))


def _exp(value: Value) -> Value:
    if magnitude(value) > 700:
        raise ToolError("exp of more than 700 is too large or too small to show")
    return Fraction(1) if value == 0 else decimal(value).exp()


def _whole_factorial(value: Value) -> Value:
    return Fraction(_factorial(_whole(value, "the argument of factorial", 0, 170)))


def _quarters(value: Value) -> tuple[int, Decimal]:
    """The angle as a number of quarter turns (mod 4) and a rest of at most pi/4."""
    if magnitude(value) > 10**12:
        raise ToolError("the angle is too large; give it in radians below 1e12")
    half = pi() / 2
    turns = (decimal(value) / half).to_integral_value()
    return int(turns) % 4, decimal(value) - turns * half


def _series(x: Decimal, first: int) -> Decimal:
    """x**first/first! - x**(first+2)/(first+2)! + ... (Taylor's series of sine and cosine)."""
    term = total = x if first else Decimal(1)
    n = first
    while term and abs(term) > Decimal(10) ** -(getcontext().prec + 5):
        n += 2
        term = -term * x * x / (n * (n - 1))
        total += term
    return total


def _circle(value: Value, shift: int) -> Value:
    quarter, rest = _quarters(value)
    quarter = (quarter + shift) % 4
    result = _series(rest, 1 - quarter % 2)
    size = max(Decimal(1), abs(decimal(value)))
    return snapped(-result if quarter > 1 else result, size)


def _sin(value: Value) -> Value:
    return _circle(value, 0)


def _cos(value: Value) -> Value:
    return _circle(value, 1)


def _tan(value: Value) -> Value:
    below = _cos(value)
    if not below:
        raise ToolError("tan has no value at this angle")
    return divide(_sin(value), below)


def _pct_change(old: Value, new: Value) -> Value:
    if settled(old) <= 0:
        raise ToolError("a percentage change needs a positive old value; subtract instead")
    return multiply(divide(add(new, -old), old), Fraction(100))


def power(base: Value, exponent: Value) -> Value:
    """A rounded power of a positive base; the caller has checked its size."""
    return getcontext().power(decimal(base), decimal(exponent))


def _cagr(begin: Value, end: Value, years: Value) -> Value:
    if settled(begin) <= 0 or settled(end) <= 0 or settled(years) <= 0:
        raise ToolError("cagr needs a positive begin, end and number of years")
    growth = divide(end, begin)
    if years == 1:
        grown: Value = growth
    else:
        _check_growth(growth, years)
        grown = power(growth, divide(Fraction(1), years))
    return multiply(add(grown, Fraction(-1)), Fraction(100))


def _check_growth(growth: Value, years: Value) -> None:
    if abs(decimal(growth).log10() / decimal(years)) > 300:
        raise ToolError("cagr over so short a time is too large or too small to show")


def _days_between(start: date, end: date) -> Value:
    return Fraction((end - start).days)


def _months_between(start: date, end: date) -> Value:
    """Complete months: a month is complete on the same day of the month."""
    if end < start:
        return -_months_between(end, start)
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months - (end.day < start.day))


def _years_between(start: date, end: date) -> Value:
    if end < start:
        return -_years_between(end, start)
    return Fraction(end.year - start.year - ((end.month, end.day) < (start.month, start.day)))


ON_DATES: dict[str, Callable[[date, date], Value]] = {
    "days_between": _days_between,
    "months_between": _months_between,
    "years_between": _years_between,
}
"""Functions of two dates: start and end; months and years count when they are complete."""
ON_LISTS: dict[str, Callable[[Sequence[Value]], Value]] = {
    "min": lambda values: _extreme(values, largest=False),
    "max": lambda values: _extreme(values, largest=True),
    "sum": _sum,
    "mean": _mean,
    "median": _middle,
}
ON_NUMBERS: dict[str, Callable[..., Value]] = {
    "round": _round,
    "floor": _floor,
    "ceil": _ceil,
    "abs": magnitude,
    "sqrt": _sqrt,
    "log": _log,
    "ln": _ln,
    "log10": lambda value: _log(value, Fraction(10)),
    "log2": lambda value: _log(value, Fraction(2)),
    "exp": _exp,
    "factorial": _whole_factorial,
    "sin": _sin,
    "cos": _cos,
    "tan": _tan,
    "pct_change": _pct_change,
    "cagr": _cagr,
}
ARITY: dict[str, tuple[int, int | None]] = {
    **{name: (1, None) for name in ON_LISTS},
    **{name: (1, 1) for name in ON_NUMBERS},
    **{"round": (1, 2), "log": (1, 2), "pct_change": (2, 2), "cagr": (3, 3), "pow": (2, 2)},
    **{name: (2, 2) for name in ON_DATES},
}
"""Fewest and most arguments of each function a person may write."""
