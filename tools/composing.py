"""The answer of the extractive model: a cell, a calculation, verbatim sentences, or a refusal.

Knows how each is worded. Every word is copied or belongs to one of a few fixed templates.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from .amounts import amount_in
from .evidence import Computed, Shown
from .judging import Choice, is_row
from .lookup import Found
from .names import names_in
from .periods import is_period, years
from .planning import Plan, plan
from .polarity import polarity
from .question import Question, analyse, generic, parts
from .reading import (
    CELL_ENOUGH,
    ENOUGH,
    Evidence,
    best_cell,
    choose,
    confidence,
    missing_from,
)
from .tables import counts, size
from .terms import closeness, content, stem, stems, tokens
from .wordlists import CALENDAR

_LONGEST_QUOTE = 230
_LONGEST_TEXT = 390
_MOST_OPERANDS = 5
"""Sentences on operands; the schema takes six in all."""
_NAMED = 2
"""Things that a sum or an average names; more are `these`."""
_PART = 0.3
"""The least score of a sentence for the second part of a double question."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the answer and its citations: (passage id, verbatim quote)."""

    text: str
    citations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Composed:
    """An answer, or a refusal with its reason."""

    sentences: tuple[Sentence, ...] = ()
    value: str = ""
    unit: str = ""
    reason: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing answers."""
        return not self.sentences


def compose(
    asked: str, passages: Sequence[Shown], calculations: Sequence[Computed] = ()
) -> Composed:
    """Answer a question from evidence, or say why it cannot be done."""
    question = analyse(asked)
    evidence = Evidence(passages)
    usable = [item for item in calculations if not item.result.startswith("Error")]
    if usable:
        planned = plan(question, evidence.rows, evidence.weights) if passages else None
        for item in reversed(usable):
            if planned is not None and item.expression == planned.expression:
                return _calculated(question, planned, item)
        if not passages or planned is None:
            return _bare_calculation(usable[-1])
    if not passages:
        return Composed(reason="nothing was found that could answer it")
    double = parts(question.text)
    if len(double) > 1:
        return _read_parts(question, double, evidence)
    return _read(question, evidence)


def _read_parts(question: Question, double: Sequence[str], evidence: Evidence) -> Composed:
    """A double question: each part read for itself, the later ones near the first one's answer."""
    first = _read(analyse(double[0]), evidence)
    whole = _read(question, evidence)
    if first.refused:
        return whole
    sentences = list(first.sentences)
    cited = {passage for sentence in sentences for passage, _ in sentence.citations}
    near = Evidence([item for item in evidence.passages if item.id in cited])
    value, unit = first.value, first.unit
    for part in double[1:]:
        asked = analyse(part)
        choices = [each for each in choose(asked, near) if each.score >= _PART and not each.barred]
        if choices:
            told = _told(asked, choices[0], choices[:1])
            sentences.extend(item for item in told.sentences if item not in sentences)
            value, unit = value or told.value, unit or told.unit
    return Composed(sentences=tuple(sentences[:3]), value=value, unit=unit)


def _read(question: Question, evidence: Evidence) -> Composed:
    cell = best_cell(question, evidence)
    choices = choose(question, evidence)
    sure = confidence(choices, evidence)
    choices = [choice for choice in choices if not choice.barred]
    top = choices[0] if choices else None
    if cell is not None and cell.score >= CELL_ENOUGH and _prefer_cell(question, cell, top):
        return _told_cell(question, cell)
    if top is None or sure < ENOUGH:
        return Composed(reason=missing_from(question, evidence))
    other = _of_another(question, top, choices)
    if other:
        return Composed(reason=other)
    return _told(question, top, choices)


def _of_another(question: Question, top: Choice, choices: Sequence[Choice]) -> str:
    """Why a look-alike is no answer: what is asked is stated, but of something else than named."""
    named = {term for name in question.names for term in content(name)}
    if not set(top.missing) - named:
        return ""
    for choice in choices[1:]:
        if choice.missing and set(choice.missing) <= named and choice.coverage >= 0.6:
            names = ", ".join(question.names)
            return f"it is stated, but not of {names}" if names else ""
    return ""


def _prefer_cell(question: Question, cell: Found, top: Choice | None) -> bool:
    if top is None:
        return True
    if is_row(top.piece.text) and top.piece.text == cell.row.line:
        return True
    if question.kind != "date" and question.periods:
        told = set(years(top.piece.text)) & set(question.periods)
        return not (told and top.score >= max(0.85, cell.score))
    if question.kind == "date" or question.kind == "text" and not question.periods:
        return cell.score >= 0.8 and cell.score > top.score
    return cell.score >= min(0.8, top.score - 0.1)


def _told_cell(question: Question, found: Found) -> Composed:
    row, cell = found.row, found.cell
    unit = _unit(found)
    if len(row.cells) == 1 and not years(cell.column):
        text = f"{_label(found)}: {row.line.split(row.label, 1)[-1].strip(' :|')}"
        if unit and unit not in text and unit.rstrip("s") not in text:
            text += _shown_unit(unit, text)
        text = text.rstrip(".") + "."
    else:
        text = _stated(found, question.text)
    return Composed(
        sentences=(Sentence(text, ((row.passage.id, _quote(row.line)),)),),
        value=size(found.row, found.cell),
        unit="%" if cell.percent else unit,
    )


def _stated(found: Found, phrase: str) -> str:
    """`Marine Instruments, revenue, 2024: 76,452 thousand euros.`"""
    parts = [_label(found), _measure(found, phrase), found.cell.column.strip()]
    shown = f"{_amount(found)}{_shown_unit(_unit(found), found.cell.text)}"
    return f"{', '.join(part for part in parts if part)}: {shown}."


def _measure(found: Found, phrase: str) -> str:
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
    measure = _measure(found, phrase)
    label = " ".join(found.row.label.split())
    return f"{measure} of {label}" if measure else label


def _amount(found: Found) -> str:
    text = found.cell.text
    turned = "(" in text and not size(found.row, found.cell).startswith("-")
    return _bare(text.strip("() ") if turned else text)


def _calculated(question: Question, planned: Plan, item: Computed) -> Composed:
    sentences = []
    told = [
        phrase if _measure(found, phrase) else question.text
        for found, phrase in zip(planned.operands, planned.phrases, strict=True)
    ]
    for found, phrase in zip(planned.operands, told, strict=True):
        quote = ((found.row.passage.id, _quote(found.row.line)),)
        sentence = Sentence(_stated(found, phrase), quote)
        if sentence not in sentences:
            sentences.append(sentence)
    result = _rounded(item.result, 1 if planned.percent else 2)
    points = all(found.cell.percent for found in planned.operands)
    if planned.percent:
        shown, unit = f"{result}%", "%"
    elif planned.operation in ("ratio", "times", "formula") and not _one_sum(planned):
        shown, unit = result, ""
    else:
        unit = "percentage points" if points else _unit(planned.operands[0])
        shown = _grouped(result) + (" percentage points" if points else _shown_unit(unit, ""))
    text = f"{_conclusion(planned, told, shown)}."
    text = text[:1].upper() + text[1:]
    cited = tuple(dict.fromkeys(c for sentence in sentences for c in sentence.citations))
    if not any(found.row.label in text for found in planned.operands):
        cited = ()  # the number alone: no quote speaks of it
    value = result.replace(",", "")
    sentences = sentences[:_MOST_OPERANDS]
    return Composed(sentences=(*sentences, Sentence(text, cited[:3])), value=value, unit=unit)


def _one_sum(planned: Plan) -> bool:
    """Whether a stated formula only adds and subtracts, so that its result keeps the unit."""
    return planned.operation == "formula" and not re.search(r"[*/^]|mean", planned.expression)


def _conclusion(planned: Plan, told: Sequence[str], shown: str) -> str:
    """What the result is, in the words of the rows: `Revenue grew by 10.3% from 2024 to 2025`."""
    first, last = planned.operands[0], planned.operands[-1]
    a, b = _subject(first, told[0]), _subject(last, told[-1])
    operation = planned.operation
    dated = a == b and years(first.cell.column) and years(last.cell.column)
    over = f" from {first.cell.column} to {last.cell.column}" if dated else ""
    moved = first.cell.column != last.cell.column and bool(over)
    if operation in ("growth", "change") and moved:
        verb = "grew" if operation == "growth" else "rose"
        return f"{a} {'changed' if shown.startswith('-') else verb} by {shown}{over}"
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


def _bare_calculation(item: Computed) -> Composed:
    result = item.result
    shown = _rounded(result, 6) if len(result) > 18 else result
    equals = "=" if _exact(shown) == _exact(result) else "is about"
    return Composed(sentences=(Sentence(f"{item.expression} {equals} {shown}."),), value=shown)


def _told(question: Question, top: Choice, choices: Sequence[Choice]) -> Composed:
    piece = top.piece
    sentences = [_verbatim(piece.passage, piece.text, _of_what(question, piece.text))]
    said = polarity(question, piece.text, piece.passage.place)
    if said:
        told = sentences[0]
        sentences[0] = Sentence(f"{said}. {told.text}"[:_LONGEST_TEXT], told.citations)
    if piece.text.rstrip().endswith(":"):
        follow = _following(piece.passage, piece.text)
        sentences.extend(_verbatim(piece.passage, item) for item in follow)
    elif top.missing or top.coverage < 0.75:
        for other in choices[1:4]:
            if other.score >= top.score - 0.12 and set(top.missing) - set(other.missing):
                sentences.append(_verbatim(other.piece.passage, other.piece.text))
                break
    value, unit = amount_in(question, piece.text)
    return Composed(sentences=tuple(dict.fromkeys(sentences)), value=value, unit=unit)


def _following(passage: Shown, text: str) -> list[str]:
    at = passage.text.find(text)
    lines = [line.strip() for line in passage.text[at + len(text) :].splitlines() if line.strip()]
    return lines[:4]


def _of_what(question: Question, text: str) -> bool:
    """`Which one ...?` answered by `it` or `this model`: the title has to say which."""
    which = re.match(r"which\b", question.text, re.IGNORECASE)
    return bool(
        which and re.search(r"\b(?:this\s+(?:model|product|version|type|plan)|it)\b", text, re.I)
    )


def _verbatim(passage: Shown, text: str, titled: bool = False) -> Sentence:
    text_ = re.sub(r"\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`", "", text)
    shown = re.sub(
        r"^(?:\d{1,2}(?:\.\d{1,2})+(?=\s+[A-Z])|[\u2022*\u25aa\u25cf-]|#+)\s+",
        "",
        " ".join(text_.split()),
    )
    title = passage.title or re.split(r" \| | - |\. ", passage.header)[0] or passage.document
    shown = f"{title}: {shown}" if titled else shown
    if len(shown) > _LONGEST_TEXT:
        shown = shown[:_LONGEST_TEXT].rsplit(" ", 1)[0] + " \u2026"
    return Sentence(shown, ((passage.id, _quote(text)),))


def _quote(text: str) -> str:
    """A verbatim beginning of the text that fits into a citation."""
    text = text.strip()
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE].rsplit(" ", 1)[0]


def _label(found: Found) -> str:
    label = " ".join(found.row.label.split())
    return label[0].upper() + label[1:] if label else "It"


def _bare(text: str) -> str:
    return " ".join(text.replace("$ ", "$").split())


_A_SHARE = re.compile(r"per (?:\w+ )?share")


def _unit(found: Found) -> str:
    if found.cell.percent:
        return "%"
    label = found.row.label.lower()
    if counts(found.row) or _A_SHARE.search(label):
        inside = re.search(r"\bin (euros|dollars|cents)\b", f"{label} {found.row.section.lower()}")
        return inside.group(1) if inside else ""
    return found.row.unit


def _shown_unit(unit: str, beside: str) -> str:
    """` thousand euros` behind an amount; nothing where it is printed there already."""
    if not unit or unit == "%" or unit in beside:
        return ""
    scale, _, money = unit.partition(" of ")
    scale = {"thousands": "thousand", "millions": "million", "billions": "billion"}.get(
        scale, scale
    )
    named = money and not re.search(r"[$\u20ac\u00a3]|EUR|USD|GBP", beside)
    return f" {scale} {money}" if named else f" {scale}"


def _exact(number: str) -> Fraction:
    return Fraction(number.replace(",", ""))


def _rounded(number: str, places: int) -> str:
    value = _exact(number)
    scaled = abs(value) * 10**places
    whole = int(scaled + Fraction(1, 2))
    text = f"{whole:0{places + 1}d}"
    text = f"{text[:-places]}.{text[-places:]}" if places else text
    if "." in text and places != 1:
        text = text.rstrip("0").rstrip(".")
    return ("-" if value < 0 and whole else "") + text


def _grouped(number: str) -> str:
    head, dot, tail = number.lstrip("-").partition(".")
    return ("-" if number.startswith("-") else "") + f"{int(head):,}" + dot + tail
