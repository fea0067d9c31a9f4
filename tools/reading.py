"""Reading: the sentences or the cell of the evidence that answer a question, or why none does.

Knows questions, passages and weights. Pure: the same question and evidence give the same answer.
Every number and word of an answer is copied from the evidence.
"""

from collections.abc import Sequence

from .agreement import quarters_in
from .evidence import Shown
from .judging import Choice, judge
from .languages import is_foreign
from .lookup import Found, Weights, find_cells
from .names import has_name
from .periods import years
from .pieces import pieces_of
from .question import Question, generic
from .tables import Row, rows
from .terms import closeness, content, stems, tokens

ENOUGH = 0.45
"""The least `confidence` in a sentence that may answer."""


LEAST = 0.4
"""The score under which a sentence never answers, whatever its lead."""


CELL_ENOUGH = 0.6
"""The least fit of a table cell that may answer."""


class Evidence:
    """Passages cut into pieces and rows, once, with the weight of every stem."""

    def __init__(self, passages: Sequence[Shown]) -> None:
        self.passages = list(passages)
        self.pieces = [piece for passage in passages for piece in pieces_of(passage)]
        self.rows: list[Row] = rows(passages)
        self.weights = Weights(
            [piece.text for piece in self.pieces],
            " ".join(dict.fromkeys(passage.place for passage in self.passages)),
        )

    def text(self) -> str:
        """Everything that was shown, names and headings included."""
        return "\n".join(f"{passage.place}\n{passage.text}" for passage in self.passages)


def best_cell(question: Question, evidence: Evidence) -> Found | None:
    """The table cell that the question asks for, if one fits at all; its `score` says how well."""
    if not (question.subject or question.names) or question.kind in ("yes_no", "person", "place"):
        return None
    period = _year(question)
    quarters = [each for each in question.periods if not each.isdigit()]
    subject = tuple(term for term in question.subject if term not in question.aside)
    if len(subject) < 2:
        subject = question.subject  # `If ..., what does that cost?`: the clause says what it is
    found = find_cells(
        subject, period, question.names, evidence.rows, evidence.weights, question.statements
    )
    for cell in found:
        if question.kind != "date" and _titled(cell):
            continue
        around = f"{cell.cell.column} {cell.row.line} {cell.row.section} {cell.row.passage.place}"
        if all(quarter in quarters_in(around) for quarter in quarters):
            return cell
    return None


def _titled(found: Found) -> bool:
    """Whether a row is a title with its year rather than an amount: `Fares 2025`."""
    cells, row = found.row.cells, found.row
    return (
        len(cells) == 1 and not row.unit and not found.period and cells[0].text in years(row.line)
    )


def choose(question: Question, evidence: Evidence) -> list[Choice]:
    """Pieces that may answer, best first; after them those that are barred."""
    choices = []
    for rank, piece in enumerate(evidence.pieces):
        choice = judge(question, piece, evidence.weights)
        if choice is not None:
            choices.append((choice, rank))
    choices.sort(key=lambda item: (item[0].barred, -item[0].score, item[1]))
    return _rarer_first([choice for choice, _ in choices], evidence.weights)


def _rarer_first(choices: list[Choice], weights: Weights) -> list[Choice]:
    """Of two near equals on one page the one that holds the rarer asked-for word goes first."""
    if len(choices) < 2:
        return choices
    first, second = choices[:2]
    if second.barred:
        return choices
    close = first.score - second.score <= 0.06
    if not close or first.piece.passage.id != second.piece.passage.id:
        return choices
    lacks = max((weights(term) for term in first.missing), default=0.0)
    if lacks > max((weights(term) for term in second.missing), default=0.0) and second.missing:
        return [second, first, *choices[2:]]
    return choices


def confidence(choices: Sequence[Choice], evidence: Evidence) -> float:
    """How sure the best choice is: its score, its lead on the next, and retrieval's first place."""
    if not choices:
        return 0.0
    top = choices[0]
    if top.barred:
        return 0.0
    if top.score < LEAST:
        return top.score  # no lead makes up for so little
    rivals = [c.score for c in choices[1:] if c.piece.text != top.piece.text]
    next_best = max(rivals, default=0.0)
    lead = min(0.4, max(0.0, top.score - max(0.0, next_best)))
    breadth = min(1.0, len(evidence.pieces) / 30)  # a lead over few rivals tells little
    several = len(evidence.passages) > 1
    first = several and top.piece.passage.id == evidence.passages[0].id
    return top.score + 0.5 * lead * breadth + (0.05 if first else 0.0)


def missing_from(question: Question, evidence: Evidence) -> str:
    """Why the evidence does not answer, in one clause."""
    if is_foreign(question.text):
        return "without a language model only questions in English are read: name one (--model)"
    everything = evidence.text()
    for name in question.names:
        if not has_name(name, everything):
            return f"nothing that was found names {name}"
    there = set(years(everything))
    dated = [period for period in question.periods if period.isdigit() and period not in there]
    if dated and question.subject:
        return f"no passage gives {_sought(question)} for {' and '.join(dated)}"
    if dated:
        return f"nothing that was found speaks of {dated[0]}"
    if question.periods and _stated_otherwise(question, evidence):
        return f"no passage gives {_sought(question)} for {' and '.join(question.periods)}"
    have = frozenset(stems(everything))
    words = {term: word for word in tokens(question.text) for term in content(word)}
    lacking = [
        words.get(term, term)
        for term in question.terms
        if not generic(term) and closeness(term, have) < 0.6
    ]
    if lacking:
        return f"no passage speaks of {' or '.join(lacking[:3])}"
    what = " ".join(words.get(term, term) for term in question.subject[:6]) or "this"
    when = f" for {' and '.join(question.periods)}" if question.periods else ""
    return f"no passage states it clearly enough ({what}{when})"


def _stated_otherwise(question: Question, evidence: Evidence) -> bool:
    """Whether what is asked is stated for another period."""
    subject = tuple(term for term in question.subject if term not in question.aside)
    rows, weights = evidence.rows, evidence.weights
    return any(
        cell.score >= CELL_ENOUGH
        for cell in find_cells(subject, None, question.names, rows, weights, question.statements)
    )


_BESIDE = frozenset(
    ("and", "of", "per", "margin", "ratio", "share", "rate", "total", "average", "growth")
)
"""Words that belong to what is looked for when they stand beside it."""


def _sought(question: Question) -> str:
    """What is looked for, in the words of the question: `gross margin (Vexholt)`."""
    words = tokens(question.text)
    own = [any(term in question.subject for term in content(word)) for word in words]
    kept = [
        word
        for place, word in enumerate(words)
        if own[place]
        or (word.lower() in _BESIDE and any(own[max(0, place - 1) : place]))
        and (word.lower() not in ("and", "of", "per") or any(own[place + 1 : place + 2]))
        or (word.lower() in ("total", "average") and any(own[place + 1 : place + 2]))
    ]
    what = " ".join(dict.fromkeys(kept)) or "this"
    names = ", ".join(name for name in question.names if name not in kept)
    return f"{what} ({names})" if names else what


def _year(question: Question) -> str | None:
    found = [period for period in question.periods if period.isdigit()]
    return found[-1] if found else next(iter(question.periods), None)
