"""The answer of the extractive model: a cell, a calculation, verbatim sentences, or a refusal.

Knows how each is worded. Every word is copied or belongs to one of a few fixed templates.
"""

import re
from collections.abc import Sequence

from .amounts import amount_in
from .composed import LONGEST_TEXT, Composed, Sentence, quote, verbatim
from .evidence import Computed, Shown
from .judging import Choice
from .lookup import Found
from .parts import itself, narrowed
from .periods import years
from .pieces import is_row
from .planning import Plan, plan
from .polarity import polarity
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
from .telling import (
    conclusion,
    exact,
    grouped,
    keeps_unit,
    label_of,
    measure_of,
    rounded,
    shown_unit,
    stated,
    unit_of,
)
from .terms import content
from .trends import moved, tells, trend_in, verdict

_MOST_OPERANDS = 5
"""Sentences on operands; the schema takes six in all."""


_PLAIN = 0.75
"""The coverage from which a sentence stands alone."""


_ITSELF = 0.8
"""The least fit of a row that goes before a sentence on a part of it."""


_HEADING = 4
"""Words that a heading may have."""


_PART = 0.3
"""The least score of a sentence for the second part of a double question."""


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
    choices = [c for c in choices if not c.barred and tells(question.text, c.piece.text)]
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
        return not (told and top.score >= max(0.85, cell.score)) or _whole_beside_part(
            question, cell, top
        )
    if question.kind == "date" or question.kind == "text" and not question.periods:
        return cell.score >= 0.8 and cell.score > top.score
    return cell.score >= min(0.8, top.score - 0.1)


def _whole_beside_part(question: Question, cell: Found, top: Choice) -> bool:
    """A row of the very item, where the sentence tells of a part of it only."""
    place = top.piece.passage
    known = (*question.terms, *content(f"{place.document} {place.title}"))
    named = [term for name in question.names for term in content(name)]
    return (
        cell.score >= _ITSELF
        and itself(cell.row.label, (*question.subject, *named))
        and narrowed(top.piece.text, question.subject, known)
    )


def _told_cell(question: Question, found: Found) -> Composed:
    row, cell = found.row, found.cell
    unit = unit_of(found)
    if len(row.cells) == 1 and not years(cell.column):
        text = f"{label_of(found)}: {row.line.split(row.label, 1)[-1].strip(' :|')}"
        if unit and unit not in text and unit.rstrip("s") not in text:
            text += shown_unit(unit, text)
        text = text.rstrip(".") + "."
    else:
        text = stated(found, question.text)
    return Composed(
        sentences=(Sentence(text, ((row.passage.id, quote(row.line)),)),),
        value=size(found.row, found.cell),
        unit="%" if cell.percent else unit,
    )


def _calculated(question: Question, planned: Plan, item: Computed) -> Composed:
    sentences = []
    told = [
        phrase if measure_of(found, phrase) else question.text
        for found, phrase in zip(planned.operands, planned.phrases, strict=True)
    ]
    for found, phrase in zip(planned.operands, told, strict=True):
        citation = (found.row.passage.id, quote(found.row.line))
        sentence = Sentence(stated(found, phrase), (citation,))
        if sentence not in sentences:
            sentences.append(sentence)
    result = rounded(item.result, 1 if planned.percent else 2)
    points = all(found.cell.percent for found in planned.operands)
    if planned.percent:
        shown, unit = f"{result}%", "%"
    elif planned.operation in ("ratio", "times", "formula") and not keeps_unit(planned):
        shown, unit = result, ""
    else:
        unit = "percentage points" if points else unit_of(planned.operands[0])
        shown = grouped(result) + (" percentage points" if points else shown_unit(unit, ""))
    trend = trend_in(question.text)
    if trend is not None and planned.operation == "formula":
        if planned.percent:
            unit, shown = "percentage points", f"{result} percentage points"
        text = f"{moved(trend, question.text, shown)}."
    else:
        text = f"{conclusion(planned, told, shown)}."
    text = text[:1].upper() + text[1:]
    text = (verdict(question.text, result) if trend is not None else "") + text
    cited = tuple(dict.fromkeys(c for sentence in sentences for c in sentence.citations))
    if not any(found.row.label in text for found in planned.operands):
        cited = ()  # the number alone: no quote speaks of it
    value = result.replace(",", "")
    sentences = sentences[:_MOST_OPERANDS]
    return Composed(sentences=(*sentences, Sentence(text, cited[:3])), value=value, unit=unit)


def _bare_calculation(item: Computed) -> Composed:
    result = item.result
    shown = rounded(result, 6) if len(result) > 18 else result
    equals = "=" if exact(shown) == exact(result) else "is about"
    return Composed(sentences=(Sentence(f"{item.expression} {equals} {shown}."),), value=shown)


def _told(question: Question, top: Choice, choices: Sequence[Choice]) -> Composed:
    piece = top.piece
    sentences = [verbatim(piece.passage, piece.text, _of_what(question, piece.text))]
    said = polarity(question, piece.text, piece.passage.place)
    if said:
        told = sentences[0]
        sentences[0] = Sentence(f"{said}. {told.text}"[:LONGEST_TEXT], told.citations)
    if piece.text.rstrip().endswith(":"):
        follow = _following(piece.passage, piece.text)
        sentences.extend(verbatim(piece.passage, item) for item in follow)
    elif top.missing or top.coverage < _PLAIN:
        sentences.extend(_beside(top, choices))
    value, unit = amount_in(question, piece.text)
    return Composed(sentences=tuple(dict.fromkeys(sentences)), value=value, unit=unit)


def _beside(top: Choice, choices: Sequence[Choice]) -> list[Sentence]:
    """What stands beside an unsure sentence: the next one that speaks on, the nearest rival."""
    piece, found = top.piece, []
    after = piece.after
    prose = len(after.split()) > _HEADING and after.rstrip().endswith(".") and not is_row(after)
    if prose and not is_row(piece.text):
        found.append(verbatim(piece.passage, after))
    for other in choices[1:3]:
        if other.score >= top.score - 0.12 and other.piece.text != after:
            found.append(verbatim(other.piece.passage, other.piece.text))
            break
    return found


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
