"""What a question wants computed, and of which operands. Knows operations, phrases and measures.

Looks nothing up.
"""

import re
from dataclasses import dataclass

from .formulas import formula_in
from .measures import measure
from .operations import AVERAGE, Operation
from .phrases import STRICT, pair_in, tidy
from .question import Question, generic
from .terms import content, tokens
from .trends import Trend, trend_in

_RATE = re.compile(r"\b(?:margins?|ratios?|rates?|shares?|per)\b", re.IGNORECASE)
"""Words of a measure that is not its first word: `ebitda margin` is not ebitda."""


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


def _terms(text: str) -> tuple[str, ...]:
    found = tuple(term for term in content(tidy(text)) if not generic(term))
    return found or tuple(term for term in content(tidy(text)) if term != "fiscal")
