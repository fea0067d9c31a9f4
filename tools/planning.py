"""A calculation on looked-up numbers: which cells, and the expression over them.

Knows operations, phrases and cells. Does not calculate.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .lookup import Found, Weights, find_cells
from .question import Operation, Question, generic
from .tables import Row, size
from .terms import content, tokens

ENOUGH = 0.62
"""The least fit of every operand."""

_NOT = r"(?!.*\b(?:19|20)\d\d\b)"
_TWO: tuple[tuple[str, str], ...] = (
    ("ratio", r"\((?P<a>[^()/\d][^()/]*?) ?/ ?(?P<b>[^()/\d][^()/]*?)\)"),
    ("change", r"(?:\btake |\btaking |\bas |\bis |\bof |\bwas |: ?|\bcalculate )?(?P<a>(?:(?!\b(?:take|taking|as|is|was|what|calculate)\b)[^,;:.?])+?) minus (?P<b>[^,;:.?]+)"),
    ("ratio", r"(?:\b(?:is|was|were|are) )?(?:the )?(?P<a>[\w' -]+?) per (?P<b>employee|customer|head|capita)\b"),
    ("ratio", r"\bratio (?:of|between) (?P<a>.+?) (?:to|and) (?P<b>.+)"),
    ("ratio", r"\b(?:what (?:is|was|are|were)|calculate|compute) (?:the )?(?P<a>.+?) divided by (?P<b>.+)"),
    ("ratio", r"\b(?P<a>[\w&' -]+?)[- ]to[- ](?P<b>[\w&' -]+?) ratio"),
    ("times", r"\bhow many times (?:\w+ )?(?:was|were|is|are|did|does) (?P<a>.+?) (?:than|of|as|the|cover(?:ed)?|exceed(?:ed)?|compared (?:to|with)) (?P<b>.+)"),
    ("share", r"(?P<a>.+?) as an? (?:percentage|percent|share|proportion|%|fraction) of (?P<b>.+)"),
    ("share", r"\b(?:percent(?:age)?|per cent|share|proportion|fraction|part|%) of (?P<b>.+?) (?:came from|comes from|come from|was from|is from|from|(?:was|is|were|are|has been) (?:made up (?:of|by)|generated (?:by|in)|spent on|due to|attributable to|earned (?:in|by)|made (?:in|by)|represented by|in|from|held (?:in|as))|(?:spent|went|goes) (?:on|to)|(?:was|is|were|are)) (?P<a>.+)"),
    ("share", r"\b(?:percent(?:age)?|per cent|share|proportion|fraction|part|%) of (?P<b>.+?) (?:did|does|do) (?P<a>.+?) (?:represent|account for|make up|contribute|generate|cost|form|constitute|take)"),
    ("change", r"\bdifference (?:in (?P<head>.+?) )?between (?P<a>.+?) and (?P<b>.+)"),
    ("change", r"\bhow much (?:more|less|higher|lower|larger|smaller|greater|heavier|lighter|longer|shorter|bigger) (?P<head>(?:(?!did|was|were|is|are|does|do|has|had)\w+ )*)(?:did|was|were|is|are|does|do|has|had) (?P<a>.+?) (?:than|compared (?:to|with)) (?P<b>.+)"),
    ("change", r"\bhow many (?:more|less|fewer) (?P<head>(?:(?!did|was|were|is|are|does|do|has|had)\w+ )*)(?:did|was|were|is|are|does|do|has|had) (?P<a>.+?) (?:than|compared (?:to|with)) (?P<b>.+)"),
    ("change", r"\b(?:how much|by how much) (?P<head>\w+er) (?:is|are|was|were) (?P<a>.+?) than (?P<b>.+)"),
    ("change", r"\bby how much (?:did|does|do|was|is|were) (?P<a>.+?) (?:exceed|higher than|greater than|more than|larger than|above) (?P<b>.+)"),
    ("sum", r"\b(?:combined|total|joint|aggregate) (?P<head>[\w' -]+?) (?:of|for|from|in|by) (?P<a>.+?) and (?P<b>.+)"),
    ("sum", r"\b(?:sum of|adding|add) (?P<a>.+?) (?:and|to|plus) (?P<b>.+)"),
    ("sum", r"\b(?:what (?:is|was|were|are|did)|how (?:much|many)) (?P<a>.+?) (?:and|plus) (?P<b>.+?)(?:,? (?:combined|together|in total|added|sum))"),
)  # fmt: skip
_MARGIN = re.compile(
    r"\b(?P<kind>gross|operating|net|profit|ebitda|pre-?tax|cash flow|ebit)\s+(?:profit |income )?margin\b",
    re.IGNORECASE,
)
_MARGIN_OF = {
    "gross": "gross profit", "operating": "operating profit income", "net": "net profit income",
    "profit": "profit", "ebitda": "ebitda", "pretax": "profit before tax",
    "pre-tax": "profit before tax", "cash flow": "operating cash flow", "ebit": "ebit",
}  # fmt: skip
_STRICT = re.compile(r"\bminus\b|\bper (?:employee|customer|head|capita)\b|\S+ / \S+", re.I)
"""Wordings that are a calculation even when no other word says so."""
_ONLY_YEAR = r"\W*(?:in |for |of |the |fy\s?|fiscal |years? |year[- ]end )*(?:19|20)\d\d\W*"
_TIDY = re.compile(
    r"\b(?:in|for|of|during|at|as of|by|over|from|to|between|and|the end of)?\s*(?:the )?(?:fiscal(?: years?)?|fy|years?|"
    r"year[- ]end)?\s*(?:19|20)\d\d\b|\b(?:combined|together|in total|altogether|percent(?:age)?)\b|[?.,:;]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Plan:
    """Looked-up operands and what to compute of them."""

    operation: Operation
    operands: tuple[Found, ...]
    expression: str
    percent: bool
    """The result is a percentage."""


@dataclass(frozen=True)
class Wanted:
    """One operand as the question words it."""

    terms: tuple[str, ...]
    period: str | None
    phrase: str


def wanted(question: Question) -> tuple[Operation, list[Wanted]] | None:
    """The operands that the question's operation needs; None when it has none that we can plan."""
    if question.operation is None and not _STRICT.search(question.text):
        return None
    periods = [period for period in question.periods if period[0].isdigit()]
    one = periods[-1] if periods else None
    pair = _pair(question)
    if pair and not (question.operation in ("growth", "cagr")):
        operation, first, second = pair
        dates = [one, one]
        if len(periods) == 2 and periods[0] in first and periods[1] in second:
            dates = [periods[0], periods[1]]
        sides = [
            Wanted(_terms(text), date, _tidy(text))
            for text, date in zip((first, second), dates, strict=True)
        ]
        if all(side.terms for side in sides) and (
            sides[0].terms != sides[1].terms or dates[0] != dates[1]
        ):
            return operation, sides
    if question.operation is None:
        return None
    named = _by_names(question, one)
    if named:
        return question.operation, named
    subject = question.subject + tuple(
        term for name in question.names for term in content(name) if term not in question.subject
    )
    phrase = " ".join((*question.names, *question.subject))
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
        return question.operation, [Wanted(subject, period, phrase) for period in periods]
    if len(periods) >= 2:
        return question.operation, [Wanted(subject, period, phrase) for period in periods]
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
    needed = wanted(question)
    if needed is None:
        return None
    operation, sides = needed
    choices: list[list[Found]] = []
    for side in sides:
        names = tuple(
            name
            for name in question.names
            if _inside(name, side.terms) or not any(_inside(name, other.terms) for other in sides)
        )
        bare = tuple(t for t in side.terms if not any(t in content(name) for name in names))
        cells = find_cells(bare or side.terms, side.period, names, rows, weights)
        cells = [cell for cell in cells if cell.score >= ENOUGH][:6]
        if not cells:
            return None
        choices.append(cells)
    operands = _together(choices)
    if operands is None:
        return None
    expression, percent = _expression(operation, operands)
    if not expression:
        return None
    if operation == "change" and all(cell.cell.percent for cell in operands):
        percent = False
    return Plan(operation, tuple(operands), expression, percent)


def _together(choices: Sequence[Sequence[Found]]) -> tuple[Found, ...] | None:
    """One cell a side: of one scale, not the same twice, from one table or document if possible."""
    best: tuple[float, tuple[Found, ...]] | None = None
    for first in choices[0]:
        chosen = [first]
        total = first.score + 0.01 * min(6, len(first.cell.number))
        for cells in choices[1:]:
            rated = [
                (cell.score + _kinship(first, cell), cell)
                for cell in cells
                if (_scale(cell) == _scale(first) or not _scale(cell) and _counted(cell))
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


def _counted(found: Found) -> bool:
    """Whether a row counts people or things rather than money."""
    return bool(
        re.search(
            r"\b(?:number|employees|headcount|staff|stations|shares)\b", found.row.label, re.I
        )
    )


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
    if _counted(found):
        return ""
    words = found.row.unit.split()
    return words[0] if words and words[0] in ("thousands", "millions", "billions") else ""


def _expression(operation: Operation, operands: Sequence[Found]) -> tuple[str, bool]:
    numbers = [size(found.row, found.cell) for found in operands]
    if all(number.startswith("-") for number in numbers):
        numbers = [number[1:] for number in numbers]  # costs in parentheses: compare their size
    elif operation in ("ratio", "share", "times"):
        numbers = [number.lstrip("-") for number in numbers]
    numbers = [f"({number})" if number.startswith("-") else number for number in numbers]
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


def _part_of_whole(operands: Sequence[Found]) -> bool:
    """Equity of total assets, profit of revenue: a ratio that is told in per cent."""
    first, last = operands[0], operands[-1]
    whole = re.match(r"total |revenue|net sales|sales\b", last.row.label, re.IGNORECASE)
    liabilities = re.search(r"liabilit|debt", last.row.label, re.IGNORECASE)
    return (
        bool(whole)
        and not liabilities
        and not _counted(last)
        and abs(float(first.cell.number)) < abs(float(last.cell.number))
    )


def _pair(question: Question) -> tuple[Operation, str, str] | None:
    text = question.text
    if " / " not in text and "/" not in re.sub(r"\w/\w", "", text):
        text = re.sub(r"\s*\([^)]*\)", "", text)
    margin = _MARGIN.search(text)
    if margin and question.operation == "share":
        return "share", _MARGIN_OF[margin["kind"].lower()], "revenue"
    for operation, pattern in _TWO:
        match = re.search(pattern, text, re.IGNORECASE)
        if not match:
            continue
        groups = match.groupdict()
        head = (groups.get("head") or "").strip()
        if operation == "change" and not head:
            adjective = re.search(
                r"\b(heavier|lighter|longer|shorter|taller|wider|deeper|cheaper|faster)\b", text
            )
            head = adjective.group(1) if adjective else ""
        first, second = f"{head} {groups['a']}", f"{head} {groups['b']}"
        second = re.split(r"[.?!](?:\s|$)| (?:as a percentage|in per ?cent|rounded)\b", second)[0]
        if any(re.fullmatch(_ONLY_YEAR, groups[side].strip(), re.I) for side in ("a", "b")):
            continue
        return operation, first, second  # type: ignore[return-value]
    return None


def _terms(text: str) -> tuple[str, ...]:
    found = tuple(term for term in content(_tidy(text)) if not generic(term))
    return found or tuple(term for term in content(_tidy(text)) if term != "fiscal")


def _tidy(text: str) -> str:
    return " ".join(_TIDY.sub(" ", text).split())


def _inside(name: str, terms: Sequence[str]) -> bool:
    return all(term in terms for term in content(name))
