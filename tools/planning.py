"""A calculation on looked-up numbers: which cells, and the expression over them.

Knows operations, phrases and cells. Does not calculate.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .buying import purchase
from .formulas import formula_in
from .lookup import Found, Weights, find_cells
from .measures import measure
from .operations import AVERAGE, Operation
from .phrases import STRICT, pair_in, tidy
from .question import Question, generic
from .tables import Row, counts, size
from .terms import content, tokens
from .trends import Trend, trend_in

ENOUGH = 0.62
"""The least fit of every operand."""


_RATE = re.compile(r"\b(?:margins?|ratios?|rates?|shares?|per)\b", re.IGNORECASE)
"""Words of a measure that is not its first word: `ebitda margin` is not ebitda."""


@dataclass(frozen=True)
class Plan:
    """Looked-up operands and what to compute of them."""

    operation: Operation
    operands: tuple[Found, ...]
    expression: str
    percent: bool
    """The result is a percentage."""
    phrases: tuple[str, ...]
    """How the question words each operand."""


@dataclass(frozen=True)
class Wanted:
    """One operand as the question words it."""

    terms: tuple[str, ...]
    period: str | None
    phrase: str


@dataclass(frozen=True)
class Needed:
    """What a question wants computed, of which operands."""

    operation: Operation
    sides: list[Wanted]
    template: str = ""
    """The expression with `{0}`, `{1}`, ... for the operands, where the operation does not say."""
    percent: bool = False


def wanted(question: Question) -> Needed | None:
    """The operands that the question's operation needs; None when it has none that we can plan."""
    trend = trend_in(question.text)
    if trend is not None:
        return _moved(trend, question)
    return _formula(question) or _operation(question)


def _moved(trend: Trend, question: Question) -> Needed | None:
    """Both years of what is asked to have risen or fallen."""
    known = measure(trend.item) if trend.measure else None
    if known is None:
        named = {term for name in question.names for term in content(name)}
        terms = tuple(term for term in _terms(trend.item) if term not in named)
        if not terms or _RATE.search(trend.item):
            return None
        dates = (trend.before, trend.after)
        return Needed("change", [Wanted(terms, date, tidy(trend.item)) for date in dates])
    if any(known.averages):
        return None
    sides = [
        Wanted(_terms(item.replace("net sales", "revenue")), date, item)
        for date in (trend.after, trend.before)
        for item in known.items
    ]
    places = [f"{{{place}}}" for place in range(len(sides))]
    half = len(known.items)
    now, before = (known.template.format(*part) for part in (places[:half], places[half:]))
    template = f"({now}) - ({before})"
    template = f"({template}) * 100" if known.percent else template
    return Needed("formula", sides, template, known.percent)


def _formula(question: Question) -> Needed | None:
    """Operands of a formula that the question states, or of an average of shares."""
    periods = [period for period in question.periods if period[0].isdigit()]
    formula = formula_in(question.text, max(periods, default=""))
    if formula is not None:
        sides = [Wanted(_terms(phrase), year or None, phrase) for phrase, year in formula.leaves]
        plain = re.fullmatch(r"\{0\} / \{1\}", formula.template)
        if all(side.terms for side in sides):
            return Needed("ratio" if plain else "formula", sides, "" if plain else formula.template)
    pair = pair_in(question)
    if pair is None or pair[0] != "share" or len(periods) < 2 or not AVERAGE.search(question.text):
        return None
    sides = [
        Wanted(_terms(text), period, tidy(text)) for period in sorted(periods) for text in pair[1:]
    ]
    shares = ", ".join(f"{{{place}}} / {{{place + 1}}}" for place in range(0, len(sides), 2))
    return Needed("average", sides, f"mean({shares}) * 100", True)


def _operation(question: Question) -> Needed | None:
    if question.operation is None and not STRICT.search(question.text):
        return None
    periods = [period for period in question.periods if period[0].isdigit()]
    one = periods[-1] if periods else None
    pair = pair_in(question)
    if pair and question.operation not in ("growth", "cagr"):
        operation, first, second = pair
        dates = [one, one]
        if len(periods) == 2 and periods[0] in first and periods[1] in second:
            dates = [periods[0], periods[1]]
        sides = [
            Wanted(_terms(text), date, tidy(text))
            for text, date in zip((first, second), dates, strict=True)
        ]
        if all(side.terms for side in sides) and (
            sides[0].terms != sides[1].terms or dates[0] != dates[1]
        ):
            return Needed(operation, sides)
    if question.operation is None:
        return None
    named = _by_names(question, one)
    if named:
        return Needed(question.operation, named)
    subject = question.subject + tuple(
        term for name in question.names for term in content(name) if term not in question.subject
    )
    phrase = " ".join((*question.names, *_spelled(question)))
    if not subject:
        return None
    if question.operation in ("growth", "change", "cagr", "times", "ratio", "share"):
        if question.operation in ("ratio", "share", "times"):
            return None
        if len(periods) == 1:
            if question.operation == "cagr":
                return None
            periods = [str(int(periods[0]) - 1), periods[0]]
        if len(periods) < 2:
            return None
        periods = [min(periods), max(periods)]
        return Needed(question.operation, [Wanted(subject, period, phrase) for period in periods])
    if len(periods) >= 2:
        return Needed(question.operation, [Wanted(subject, period, phrase) for period in periods])
    return None


def _by_names(question: Question, period: str | None) -> list[Wanted]:
    """Two names, one measure (`compare the weight of A and B`): a side for each name."""
    if question.operation not in ("change", "ratio", "sum", "times") or len(question.names) != 2:
        return []
    if len([each for each in question.periods if each.isdigit()]) > 1 or not question.subject:
        return []
    return [
        Wanted(
            tuple(dict.fromkeys((*question.subject, *content(name)))),
            period,
            f"{name} {' '.join(_spelled(question))}",
        )
        for name in question.names
    ]


def _spelled(question: Question) -> list[str]:
    """The words of the subject as the question writes them."""
    return [
        word
        for word in tokens(question.text)
        if any(term in question.subject for term in content(word))
    ]


def plan(question: Question, rows: Sequence[Row], weights: Weights) -> Plan | None:
    """The calculation, when every operand is found well enough; else None."""
    bought = purchase(question, rows, weights)
    if bought is not None:
        return Plan("total", bought[0], bought[1], False, ("",) * len(bought[0]))
    needed = wanted(question)
    if needed is None:
        return None
    operation, sides = needed.operation, needed.sides
    choices: list[list[Found]] = []
    for side in sides:
        names = tuple(
            name
            for name in question.names
            if _inside(name, side.terms) or not any(_inside(name, other.terms) for other in sides)
        )
        bare = tuple(t for t in side.terms if not any(t in content(name) for name in names))
        terms = bare or side.terms
        cells = find_cells(terms, side.period, names, rows, weights, question.statements)
        cells = [cell for cell in cells if cell.score >= ENOUGH][:6]
        if not cells:
            return None
        choices.append(cells)
    phrases = tuple(side.phrase for side in sides)
    operands = _together(operation, choices)
    if operands is None:
        return None
    if needed.template:
        signed = [_signed(size(found.row, found.cell)) for found in operands]
        return Plan(operation, operands, needed.template.format(*signed), needed.percent, phrases)
    expression, percent = _expression(operation, operands)
    if not expression:
        return None
    if operation == "change" and all(cell.cell.percent for cell in operands):
        percent = False
    return Plan(operation, tuple(operands), expression, percent, phrases)


def _together(operation: Operation, choices: Sequence[Sequence[Found]]) -> tuple[Found, ...] | None:
    """One cell a side: of one scale, not the same twice, from one table or document if possible."""
    best: tuple[float, tuple[Found, ...]] | None = None
    for first in choices[0]:
        chosen = [first]
        total = first.score + 0.01 * min(6, len(first.cell.number))
        for cells in choices[1:]:
            rated = [
                (cell.score + max(_kinship(other, cell) for other in chosen), cell)
                for cell in cells
                if _alike(operation, first, cell)
                and all((cell.row, cell.cell) != (other.row, other.cell) for other in chosen)
            ]
            if not rated:
                break
            score, cell = max(rated, key=lambda item: item[0])
            chosen.append(cell)
            total += score
        if len(chosen) == len(choices) and (best is None or total > best[0] + 1e-9):
            best = (total, tuple(chosen))
    return best[1] if best else None


def _alike(operation: Operation, first: Found, other: Found) -> bool:
    """Whether two amounts go into one sum: one scale; only a ratio takes money by heads."""
    if operation in ("ratio", "formula", "times") and counts(other.row):
        return True
    return _scale(other) == _scale(first) and counts(first.row) == counts(other.row)


def _kinship(first: Found, other: Found) -> float:
    if first.row == other.row:
        return 0.08
    if (
        first.row.label == other.row.label
        and first.row.passage.document != other.row.passage.document
    ):
        return 0.05
    if first.row.passage.id == other.row.passage.id:
        return 0.05
    return 0.03 if first.row.passage.document == other.row.passage.document else 0.0


def _scale(found: Found) -> str:
    if found.cell.percent:
        return "%"
    if counts(found.row):
        return ""
    words = found.row.unit.split()
    return words[0] if words and words[0] in ("thousands", "millions", "billions") else ""


def _expression(operation: Operation, operands: Sequence[Found]) -> tuple[str, bool]:
    numbers = [size(found.row, found.cell) for found in operands]
    if all(number.startswith("-") for number in numbers):
        numbers = [number[1:] for number in numbers]  # costs in parentheses: compare their size
    elif operation in ("ratio", "share", "times"):
        numbers = [number.lstrip("-") for number in numbers]
    numbers = [_signed(number) for number in numbers]
    first, last = numbers[0], numbers[-1]
    if operation == "growth":
        return f"({last} - {first}) / {first} * 100", True
    if operation == "change":
        same = operands[0].row == operands[-1].row or operands[0].period != operands[-1].period
        return (f"{last} - {first}", False) if same else (f"{first} - {last}", False)
    if operation == "share":
        return f"{first} / {last} * 100", True
    if operation == "ratio" and _part_of_whole(operands):
        return f"{first} / {last} * 100", True
    if operation in ("ratio", "times"):
        return f"{first} / {last}", False
    if operation == "sum":
        return " + ".join(numbers), False
    if operation == "average":
        return f"({' + '.join(numbers)}) / {len(numbers)}", False
    if operation == "cagr":
        span = int(operands[-1].period[-4:]) - int(operands[0].period[-4:])
        return f"(({last} / {first}) ^ (1 / {span}) - 1) * 100", True
    return "", False


def _signed(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


def _part_of_whole(operands: Sequence[Found]) -> bool:
    """Equity of total assets, profit of revenue: a ratio that is told in per cent."""
    first, last = operands[0], operands[-1]
    whole = re.match(r"total |revenue|net sales|sales\b", last.row.label, re.IGNORECASE)
    liabilities = re.search(r"liabilit|debt", last.row.label, re.IGNORECASE)
    return (
        bool(whole)
        and not liabilities
        and not counts(last.row)
        and abs(float(first.cell.number)) < abs(float(last.cell.number))
    )


def _terms(text: str) -> tuple[str, ...]:
    found = tuple(term for term in content(tidy(text)) if not generic(term))
    return found or tuple(term for term in content(tidy(text)) if term != "fiscal")


def _inside(name: str, terms: Sequence[str]) -> bool:
    return all(term in terms for term in content(name))
