"""Where each number of a calculation comes from: the question, an earlier result, a closed list of
constants, or a passage of this run. A number from nowhere makes the calculation worthless.

Knows the rule of the first promise (docs/design.md); knows nothing of answers or sentences.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from ..tools.documents import Passage
from ..tools.numbers import Number, find_numbers
from ..tools.text import words
from .answer import Calculation, Operand

UNKNOWN = "unknown"
"""The source of a number that stands nowhere in this run."""

CONSTANTS = frozenset(map(Fraction, (1, 2, 12, 100, 365)))
"""Constants of common formulas: one, halves and averages, months, per cent, days."""

_WORDS: dict[str, tuple[Fraction, ...]] = {
    "half": (Fraction(1, 2),),
    "halves": (Fraction(1, 2),),
    "twice": (Fraction(2),),
    "double": (Fraction(2),),
    "triple": (Fraction(3),),
    "third": (Fraction(3), Fraction(1, 3)),
    "quarter": (Fraction(4), Fraction(1, 4)),
    "quarterly": (Fraction(4),),
    "dozen": (Fraction(12),),
    "hour": (Fraction(60),),
    "minute": (Fraction(60),),
    "day": (Fraction(24), Fraction(7)),
    "daily": (Fraction(7),),
    "week": (Fraction(7), Fraction(52)),
    "weekly": (Fraction(7), Fraction(52)),
    "month": (Fraction(30), Fraction(4)),
    "year": (Fraction(52),),
    "thousand": (Fraction(1000),),
    "million": (Fraction(10**6),),
    "billion": (Fraction(10**9),),
}
"""Constants that a word of the question brings with it."""


def trace_operands(
    expression: str,
    result: str,
    question: str,
    passages: Sequence[Passage],
    earlier: Sequence[Calculation],
) -> Calculation:
    """The calculation with the source of each of its numbers."""
    asked = find_numbers(question, words=True)
    brought = {value for word in words(question) for value in _brought(word)}
    numbers = find_numbers(expression)
    brought |= _scales(numbers, passages)
    operands: dict[str, Operand] = {}
    for number in numbers:
        if number.text not in operands:
            source = _source(number, asked, brought, len(numbers), passages, earlier)
            operands[number.text] = Operand(number=number.text, source=source)
    return Calculation(expression=expression, result=result, operands=tuple(operands.values()))


def is_traced(calculation: Calculation) -> bool:
    """Whether every number of it has a source."""
    return all(operand.source != UNKNOWN for operand in calculation.operands)


def _scales(numbers: Sequence[Number], passages: Sequence[Passage]) -> set[Fraction]:
    """The scales among the numbers that a passage names: its amounts are `in millions`."""
    found = set()
    for word in ("thousand", "million", "billion"):
        (scale,) = _WORDS[word]
        if any(number.ratio == (scale.numerator, 1) for number in numbers) and any(
            word in f"{passage.header} {passage.text}".lower() for passage in passages
        ):
            found.add(scale)
    return found


def _brought(word: str) -> tuple[Fraction, ...]:
    return _WORDS.get(word, _WORDS.get(word.removesuffix("s"), ()))


def _source(
    number: Number,
    asked: Iterable[Number],
    brought: set[Fraction],
    count: int,
    passages: Sequence[Passage],
    earlier: Sequence[Calculation],
) -> str:
    if any(_same(number, other) for other in asked):
        return "question"
    for place, calculation in enumerate(earlier, start=1):
        if any(_same(number, other) for other in find_numbers(calculation.result)):
            return f"calculation {place}"
    above, below = number.ratio
    # The mean of n numbers divides by n, which stands nowhere.
    is_count = below == 1 and 2 <= abs(above) < count
    if is_count or number.size in CONSTANTS or number.size in brought:
        return "constant"
    for passage in passages:
        if any(_same(number, other) for other in find_numbers(passage.text)):
            return f"passage {passage.id}"
    return UNKNOWN


def _same(number: Number, other: Number) -> bool:
    """The same digits, scaled or not, a percentage or its fraction; the sign is the formula's."""
    above, below = number.ratio
    over, under = other.ratio
    ours, theirs = abs(above) * under, abs(over) * below
    return (
        ours == theirs
        or ours * number.scale == theirs * other.scale
        or (other.percent and not number.percent and ours * 100 == theirs)
    )
