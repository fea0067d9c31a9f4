"""How a cell and a result are told: label, measure, period, amount with its unit.

Knows rows and plans. Every word is the row's, its heading's, or of a few fixed templates.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from .lookup import Found
from .names import names_in
from .periods import is_period, years
from .planning import Plan
from .question import generic
from .tables import counts, size
from .terms import closeness, content, stem, stems, tokens
from .wordlists import CALENDAR

_A_SHARE = re.compile(r"per (?:\w+ )?share")


_NAMED = 2
"""Things that a sum or an average names; more are `these`."""


def stated(found: Found, phrase: str) -> str:
    """`Marine Instruments, revenue, 2024: 76,452 thousand euros.`"""
    measure, column = measure_of(found, phrase), found.cell.column.strip()
    told = "" if measure.casefold() in column.casefold() else measure
    parts = [label_of(found), told, column]
    shown = f"{amount_of(found)}{shown_unit(unit_of(found), found.cell.text)}"
    return f"{', '.join(part for part in parts if part)}: {shown}."


def measure_of(found: Found, phrase: str) -> str:
    """What is asked of a row whose label is but a part (a segment, a place): the heading's words.

    Empty when the label itself holds a word of what was asked.
    """
    label = frozenset(stems(found.row.label))
    terms = [term for term in content(phrase) if not generic(term) and not is_period(term)]
    names = {term for name in names_in(f"of {phrase}") for term in content(name)}
    if any(closeness(term, label) >= 0.6 for term in terms if term not in names):
        return ""
    headings = found.row.section.split(" / ")[:-3:-1]
    if not found.row.section:  # the table began in the passage before
        headings = found.row.passage.header.split(" | ")[1:3]
    for line in headings:
        words = [
            word
            for word in tokens(line)
            if any(closeness(term, frozenset((stem(word),))) >= 0.8 for term in terms)
            and stem(word) not in label
            and not word[0].isdigit()
            and word.lower() not in CALENDAR
        ]
        if words:
            text = " ".join(dict.fromkeys(words))
            return text[:1].lower() + text[1:] if text[1:2].islower() else text
    return ""


def _subject(found: Found, phrase: str) -> str:
    """`revenue of Marine Instruments`, or the label alone."""
    measure = measure_of(found, phrase)
    label = " ".join(found.row.label.split())
    return f"{measure} of {label}" if measure else label


def keeps_unit(planned: Plan) -> bool:
    """Whether a stated formula only adds and subtracts, so that its result keeps the unit."""
    return planned.operation == "formula" and not re.search(r"[*/^]|mean", planned.expression)


def conclusion(planned: Plan, told: Sequence[str], shown: str) -> str:
    """What the result is, in the words of the rows: `Revenue grew by 10.3% from 2024 to 2025`."""
    first, last = planned.operands[0], planned.operands[-1]
    a, b = _subject(first, told[0]), _subject(last, told[-1])
    operation = planned.operation
    dated = a == b and years(first.cell.column) and years(last.cell.column)
    over = f" from {first.cell.column} to {last.cell.column}" if dated else ""
    moved = first.cell.column != last.cell.column and bool(over)
    if operation in ("growth", "change") and moved:
        if shown.startswith("-"):
            return f"{a} fell by {shown[1:]}{over}"
        return f"{a} {'grew' if operation == 'growth' else 'rose'} by {shown}{over}"
    if operation == "cagr" and moved:
        return f"{a}{over}: a compound annual growth rate of {shown}"
    if (
        planned.percent
        and operation in ("share", "ratio")
        and len(planned.operands) == 2
        and a != b
    ):
        return f"{a} is {shown} of {b}"
    if operation == "ratio" and a != b:
        return f"The ratio of {a} to {b} is {shown}"
    subjects = [_subject(*pair) for pair in zip(planned.operands, told, strict=True)]
    if operation in ("sum", "average"):
        of = " and ".join(dict.fromkeys(subjects)) if len(set(subjects)) <= _NAMED else "these"
        return f"The {operation} of {of} is {shown}"
    name = {
        "growth": "The change is", "change": "The difference is", "ratio": "The ratio is",
        "share": "That is", "total": "The total is", "times": "That is a factor of",
        "cagr": "The compound annual growth rate is", "formula": "The result is",
    }[operation]  # fmt: skip
    return f"{name} {shown}"


def label_of(found: Found) -> str:
    """The label of a row as the beginning of a sentence."""
    label = " ".join(found.row.label.split())
    return label[0].upper() + label[1:] if label else "It"


def amount_of(found: Found) -> str:
    """The number of a cell as printed; of a cost in brackets its size."""
    text = found.cell.text
    turned = "(" in text and not size(found.row, found.cell).startswith("-")
    return _bare(text.strip("() ") if turned else text)


def _bare(text: str) -> str:
    return " ".join(text.replace("$ ", "$").split())


def unit_of(found: Found) -> str:
    """The unit of a cell, such as `thousands of euros`; empty for what is counted."""
    if found.cell.percent:
        return "%"
    label = found.row.label.lower()
    if counts(found.row) or _A_SHARE.search(label):
        inside = re.search(r"\bin (euros|dollars|cents)\b", f"{label} {found.row.section.lower()}")
        return inside.group(1) if inside else ""
    return found.row.unit


def shown_unit(unit: str, beside: str) -> str:
    """` thousand euros` behind an amount; nothing where it is printed there already."""
    if not unit or unit == "%" or unit in beside:
        return ""
    scale, _, money = unit.partition(" of ")
    scale = {"thousands": "thousand", "millions": "million", "billions": "billion"}.get(
        scale, scale
    )
    named = money and not re.search(r"[$\u20ac\u00a3]|EUR|USD|GBP", beside)
    return f" {scale} {money}" if named else f" {scale}"


def exact(number: str) -> Fraction:
    """A number as text, exactly."""
    return Fraction(number.replace(",", ""))


def rounded(number: str, places: int) -> str:
    """A number as text, rounded half up."""
    value = exact(number)
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    text = f"{whole:0{places + 1}d}"
    text = f"{text[:-places]}.{text[-places:]}" if places else text
    if "." in text and places != 1:
        text = text.rstrip("0").rstrip(".")
    return ("-" if value < 0 and whole else "") + text


def grouped(number: str) -> str:
    """A number as text with commas at the thousands."""
    head, dot, tail = number.lstrip("-").partition(".")
    return ("-" if number.startswith("-") else "") + f"{int(head):,}" + dot + tail
