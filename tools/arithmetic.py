"""Evaluates plain arithmetic: exact fractions first, decimals where a function or root needs them.

Knows Python's expression grammar, of which only numbers, + - * / // % **, brackets and calls of
`functions` are allowed, and the size of every operation before it is done. It knows nothing of
currency signs, commas or units (see `expression`).
"""

import ast
import re
from collections.abc import Sequence
from datetime import date
from decimal import Context, Decimal, DecimalException, localcontext
from fractions import Fraction

from . import functions
from .errors import ToolError
from .functions import Value, decimal, magnitude, settled

DIGITS = 34
"""Significant digits of a result that is not exact."""
NODES = 300
BITS = 1 << 13
"""Numerator and denominator of an exact value; beyond it the value is rounded."""
LARGEST = Fraction(int(1.7976931348623157e308))
"""Larger values are refused, and so is what is closer to 0 than its inverse."""
_SMALLEST = 1 / LARGEST
_PRECISIONS = (60, 110, 220, 400)
"""The result is computed at rising precisions until two neighbours agree."""
_FOUR = re.compile(r"(?:[0-9 .()+-]|\*(?!\*)|/(?!/)){1,1000}")
"""The four operations on so few digits never leave the exact fractions: once is enough."""


def evaluate(plain: str) -> Fraction | Decimal:
    """The value: a `Fraction` when it is exact, else a `Decimal` right to 34 significant digits.

    Raises `ToolError` with the reason when the text is not plain arithmetic, has no real value or
    would need numbers beyond the limits.
    """
    try:
        tree = ast.parse(plain, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise ToolError(f"{plain[:60]!r} is not complete arithmetic; check the operators") from None
    # no sign of a text makes more than three parts of a tree
    if len(plain) > NODES and sum(1 for _ in ast.walk(tree)) > 3 * NODES:
        raise ToolError(f"the expression has more than {NODES} parts; compute it in pieces")
    exact = _FOUR.fullmatch(plain) is not None
    earlier: Value | None = None
    for precision in _PRECISIONS:
        context = Context(prec=precision, Emax=999_999, Emin=-999_999)
        try:
            with localcontext(context):
                value = _Evaluation(plain).number(tree.body)
                if exact and isinstance(value, Fraction):
                    return value
                if earlier is not None and _agree(earlier, value):
                    return value if value == earlier else decimal(value)
        except DecimalException:
            raise ToolError("a number on the way is too large, too small or not real") from None
        except RecursionError:
            raise ToolError("the expression is nested too deeply; compute it in pieces") from None
        earlier = value
    raise ToolError("the digits cancel out and no reliable value is left; rearrange the expression")


def _agree(left: Value, right: Value) -> bool:
    if left == right:
        return True
    return abs(decimal(left) - decimal(right)) <= abs(decimal(right)).scaleb(-DIGITS - 2)


class _Evaluation:
    """One pass over a tree at the current decimal precision."""

    def __init__(self, source: str):
        self.source = source

    def number(self, node: ast.expr) -> Value:
        value = self.value(node)
        if isinstance(value, date):
            raise ToolError("a date is not a number; use days_between, months_between or '-'")
        return value

    def value(self, node: ast.expr) -> Value | date:
        match node:
            case ast.Constant():
                return _sized(self.literal(node))
            case ast.Name(id="pi"):
                return functions.pi()
            case ast.Name(id="e"):
                return Decimal(1).exp()
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.number(operand)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.number(operand)
            case ast.BinOp(left=left, op=operator, right=right):
                if isinstance(operator, ast.Add | ast.Sub):
                    _check_percent(left, right)
                return self.operation(operator, self.value(left), self.value(right))
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self.call(name, arguments)
        raise ToolError(
            f"{ast.get_source_segment(self.source, node)!r} is not arithmetic; only numbers, "
            "+ - * / // % **, brackets and the functions are"
        )

    def literal(self, node: ast.Constant) -> Fraction:
        text = self.source[node.col_offset : node.end_col_offset]
        mantissa, _, exponent = text.lower().partition("e")
        if not mantissa.replace(".", "", 1).isdigit() or (exponent and abs(int(exponent)) > 310):
            raise ToolError(f"{text[:40]!r} is not a number within 1e-308 and 1e308")
        return Fraction(text)

    def operation(self, operator: ast.operator, left: Value | date, right: Value | date) -> Value:
        if isinstance(left, date) or isinstance(right, date):
            if isinstance(left, date) and isinstance(right, date) and isinstance(operator, ast.Sub):
                return functions.ON_DATES["days_between"](right, left)
            raise ToolError("only a date can be subtracted from a date; the result is in days")
        match operator:
            case ast.Add():
                return _sized(functions.add(left, right))
            case ast.Sub():
                return _sized(functions.add(left, -right))
            case ast.Mult():
                return _sized(functions.multiply(left, right))
            case ast.Div():
                return _sized(functions.divide(left, right))
            case ast.FloorDiv() | ast.Mod():
                a, b = settled(left), settled(right)
                if not b:
                    raise ToolError("division by zero has no value; check the divisor")
                return _sized(Fraction(a // b) if isinstance(operator, ast.FloorDiv) else a % b)
            case ast.Pow():
                return _power(left, right)
        raise ToolError(f"{type(operator).__name__} is not an operator here; use + - * / // % **")

    def call(self, name: str, nodes: Sequence[ast.expr]) -> Value | date:
        if len(nodes) == 1 and isinstance(nodes[0], ast.Tuple) and name in functions.ON_LISTS:
            nodes = nodes[0].elts
        if name == "percent" and len(nodes) == 1:
            return _sized(functions.divide(self.number(nodes[0]), Fraction(100)))
        if name == "date":
            return self.date(nodes)
        if name not in functions.ARITY:
            raise ToolError(f"{name!r} is not a function here; use {', '.join(functions.ARITY)}")
        least, most = functions.ARITY[name]
        if len(nodes) < least or (most is not None and len(nodes) > most):
            wanted = (
                f"{least} or more" if most is None else f"{least}" + f" to {most}" * (most > least)
            )
            raise ToolError(f"{name} takes {wanted} arguments, not {len(nodes)}")
        if name in functions.ON_DATES:
            start, end = map(self.value, nodes)
            if not (isinstance(start, date) and isinstance(end, date)):
                raise ToolError(f"{name} takes two dates written as YYYY-MM-DD")
            return functions.ON_DATES[name](start, end)
        arguments = [self.number(node) for node in nodes]
        if name == "pow":
            return _power(*arguments)
        if name in functions.ON_LISTS:
            return _sized(functions.ON_LISTS[name](arguments))
        return _sized(functions.ON_NUMBERS[name](*arguments))

    def date(self, nodes: Sequence[ast.expr]) -> date:
        parts = [int(settled(self.number(node))) for node in nodes]
        try:
            year, month, day = parts
            return date(year, month, day)
        except (ValueError, OverflowError):
            raise ToolError(f"{parts} is not a date of the calendar; check day and month") from None


def _sized(value: Value) -> Value:
    """The value, rounded when its exact form is long; `ToolError` when it is out of range."""
    if not value:
        return Fraction(0)
    if isinstance(value, Decimal):
        if abs(value.adjusted()) > 308 or abs(value) > LARGEST:
            raise ToolError("a result is beyond 1e308 or below 1e-308; such sizes are not computed")
        return value
    if not _SMALLEST <= abs(value) <= LARGEST:
        raise ToolError("a result is beyond 1e308 or below 1e-308; such sizes are not computed")
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS:
        return decimal(value)
    return value


def _power(base: Value, exponent: Value) -> Value:
    if not base:
        if settled(exponent) > 0:
            return Fraction(0)
        raise ToolError("0 to the power of 0 or of a negative number has no agreed value")
    size = decimal(magnitude(base)).log10() * decimal(exponent)
    if abs(size) > 309:
        raise ToolError("a power is beyond 1e308 or below 1e-308; such sizes are not computed")
    whole = settled(exponent).denominator == 1
    if base < 0 and not whole:
        raise ToolError("a root of a negative number is not real; it is not computed")
    if whole and isinstance(base, Fraction):
        n = int(settled(exponent))
        bits = max(base.numerator.bit_length(), base.denominator.bit_length()) * abs(n)
        if bits <= BITS or abs(base) == 1:
            return _sized(base**n if abs(base) != 1 else Fraction(base if n % 2 else 1))
    result = functions.power(magnitude(base), exponent)
    return _sized(-result if base < 0 and int(settled(exponent)) % 2 else result)


def _check_percent(left: ast.expr, right: ast.expr) -> None:
    """`200 + 10%` means 220 to one and 200.1 to another; only percentages and 1 add up plainly."""
    sides = [_is_percent(left), _is_percent(right)]
    plain = [_is_share(left), _is_share(right)]
    if any(sides) and not all(plain):
        raise ToolError(
            "a percentage is added to or taken from a number, which is read in two ways; write "
            "number*(1+p/100) for a part of the number, or the decimal fraction for a sum"
        )


def _is_percent(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp):
        return _is_percent(node.operand)
    name = node.func if isinstance(node, ast.Call) else None
    return isinstance(name, ast.Name) and name.id == "percent"


def _is_share(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return node.value == 1
    if isinstance(node, ast.UnaryOp):
        return _is_share(node.operand)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        return _is_share(node.left) and _is_share(node.right)
    return _is_percent(node)
