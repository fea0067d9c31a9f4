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
from .periods import years
from .planning import Plan, plan
from .question import Question, analyse, parts
from .reading import (
    CELL_ENOUGH,
    ENOUGH,
    Evidence,
    best_cell,
    choose,
    confidence,
    missing_from,
)
from .tables import size
from .terms import content

_LONGEST_QUOTE = 230
_LONGEST_TEXT = 390
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
        choices = [each for each in choose(asked, near) if each.score >= _PART]
        if choices:
            told = _told(asked, choices[0], choices[:1])
            sentences.extend(item for item in told.sentences if item not in sentences)
            value, unit = value or told.value, unit or told.unit
    return Composed(sentences=tuple(sentences[:3]), value=value, unit=unit)


def _read(question: Question, evidence: Evidence) -> Composed:
    cell = best_cell(question, evidence)
    choices = choose(question, evidence)
    top = choices[0] if choices else None
    if cell is not None and cell.score >= CELL_ENOUGH and _prefer_cell(question, cell, top):
        return _told_cell(question, cell)
    if top is None or confidence(choices, evidence) < ENOUGH:
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
        return not (told and top.score >= 0.85)
    if question.kind == "date" or question.kind == "text" and not question.periods:
        return cell.score >= 0.8 and cell.score > top.score
    return cell.score >= min(0.8, top.score - 0.1)


def _told_cell(question: Question, found: Found) -> Composed:
    row, cell = found.row, found.cell
    unit = _unit(found)
    if len(row.cells) == 1 and not years(cell.column):
        text = f"{_label(found)}: {row.line.split(row.label, 1)[-1].strip(' :|')}"
        if unit and unit not in text and unit.rstrip("s") not in text:
            text += f" ({_in(unit)})" if not unit.startswith(("euros", "dollars")) else f" {unit}"
        text = text.rstrip(".") + "."
    else:
        when = _when(found)
        text = f"{_label(found)}{when} was {_amount(found)}{_shown_unit(unit, cell.text)}."
    return Composed(
        sentences=(Sentence(text, ((row.passage.id, _quote(row.line)),)),),
        value=size(found.row, found.cell),
        unit="%" if cell.percent else unit,
    )


def _amount(found: Found) -> str:
    text = found.cell.text
    turned = "(" in text and not size(found.row, found.cell).startswith("-")
    return _bare(text.strip("() ") if turned else text)


def _calculated(question: Question, planned: Plan, item: Computed) -> Composed:
    sentences = []
    for found in planned.operands:
        unit = _unit(found)
        shown = f"{_amount(found)}{_shown_unit(unit, found.cell.text)}"
        text = f"{_label(found)}{_when(found)} was {shown}."
        sentence = Sentence(text, ((found.row.passage.id, _quote(found.row.line)),))
        if sentence not in sentences:
            sentences.append(sentence)
    result = _rounded(item.result, 1 if planned.percent else 2)
    if planned.operation == "ratio" and planned.percent is False:
        result = _rounded(item.result, 2)
    unit = _unit(planned.operands[0])
    value = result.replace(",", "")
    name = {
        "growth": "The change is", "change": "The difference is", "ratio": "The ratio is",
        "share": "That is", "sum": "The sum is",
        "total": "The total is", "average": "The average is",
        "times": "That is a factor of", "cagr": "The compound annual growth rate is",
    }[planned.operation]  # fmt: skip
    if planned.percent:
        text, unit = f"{name} {result}%.", "%"
    elif planned.operation in ("ratio", "times"):
        text, unit = f"{name} {result}.", ""
    else:
        shown = _grouped(result)
        points = all(found.cell.percent for found in planned.operands)
        tail = " percentage points" if points else _shown_unit(unit, "")
        unit = "percentage points" if points else unit
        text = f"{name} {shown}{tail}."
    cited = tuple(dict.fromkeys(c for sentence in sentences for c in sentence.citations))
    return Composed(sentences=(*sentences, Sentence(text, cited[:3])), value=value, unit=unit)


def _bare_calculation(item: Computed) -> Composed:
    result = item.result
    shown = _rounded(result, 6) if len(result) > 18 else result
    equals = "=" if _exact(shown) == _exact(result) else "is about"
    return Composed(sentences=(Sentence(f"{item.expression} {equals} {shown}."),), value=shown)


def _told(question: Question, top: Choice, choices: Sequence[Choice]) -> Composed:
    piece = top.piece
    sentences = [_verbatim(piece.passage, piece.text, _of_what(question, piece.text))]
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
    shown = re.sub(r"^(?:[\u2022*\u25aa\u25cf-]|#+)\s+", "", " ".join(text_.split()))
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


def _when(found: Found) -> str:
    column = found.cell.column
    return f" in {column}" if years(column) else f" ({column})" if column else ""


def _bare(text: str) -> str:
    return " ".join(text.replace("$ ", "$").split())


def _unit(found: Found) -> str:
    if found.cell.percent:
        return "%"
    label = found.row.label.lower()
    if re.search(r"per (?:\w+ )?share|\bnumber of|\bemployees\b|\bheadcount\b|\bstaff\b", label):
        inside = re.search(r"\bin (euros|dollars|cents)\b", f"{label} {found.row.section.lower()}")
        return inside.group(1) if inside else ""
    return found.row.unit


def _shown_unit(unit: str, beside: str) -> str:
    if not unit or unit == "%" or unit in beside:
        return ""
    return (
        f" ({_in(unit)})"
        if unit.split()[0] in ("thousands", "millions", "billions")
        else f" {unit}"
    )


def _in(unit: str) -> str:
    return f"in {unit}" if unit.split()[0] in ("thousands", "millions", "billions") else unit


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
