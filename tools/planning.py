"""A calculation on looked-up numbers: which cells, and the expression over them.

Knows operations, phrases and cells. Does not calculate.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .buying import purchase
from .lookup import Found, Weights, find_cells
from .needed import wanted
from .operations import Operation
from .question import Question
from .tables import Row, counts, size
from .terms import content

ENOUGH = 0.62
"""The least fit of every operand."""


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


def _inside(name: str, terms: Sequence[str]) -> bool:
    return all(term in terms for term in content(name))
