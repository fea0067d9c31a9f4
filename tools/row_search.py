"""The rows of tables that an item of a report and a period name, each with columns and unit.

Candidates come from the labels kept at ingest (tools/rows.py); the text of their pages is read for
cells, column headers, unit and section. Knows nothing of models or of what is computed.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from .contents import Contents
from .documents import Passage
from .evidence import Shown
from .lexical import Scores, terms
from .parts import of_part
from .periods import periods_in, years
from .statements import Statement, begun_by, statements_in
from .tables import Row, rows
from .terms import STOP, aliases, folded, stems

CANDIDATES = 150
"""Rows of the index whose pages are considered, for one item."""
PAGES = 24
"""Pages that are read for one item."""
_SYNONYM = 0.95
"""What a label in other words is worth."""
_AROUND = 0.5
"""What a word of the item counts that stands over the row (section, column, page) only."""
_NAMED = 0.3
"""What a row gains in a statement of accounts that is named, and half of it loses elsewhere."""
_STATED = 0.15
"""What a row gains in any statement of accounts when none is named."""
_FLOWS = 0.05
"""The same for cash flows, which tell of every balance how it changed."""
_MOVED = 0.7
"""What a row that tells a change counts where none is asked for."""
_PERIOD = 0.15
"""What a row gains with a column of the period asked for, and loses with those of others only."""
_PART = 0.25
"""What a row of a segment loses where no segment is asked for."""
_PRIOR = 0.5
"""Weight of what the question says of the document."""
_TITLE = 400
"""Characters of a page that may hold the title of its statement."""
_LIGHT = 0.3
_LIGHT_TERMS = frozenset(terms("total net consolidated"))
"""Words that say little of what a label counts unless asked for, and their share of weight."""
_CHANGE = re.compile(r"\W*(?:net )?\W*(?:change|increase|decrease)", re.I)
_ASKS_CHANGE = re.compile(r"\b(?:change|increase|decrease)", re.I)
_NOTE = re.compile(r"\s*\((?:see )?notes? [^)]*\)", re.I)
_NOTES = re.compile(r"\bnote \d|\bsupplemental\b", re.I)
_GAP = re.compile(r"(?<=[a-z]{3}) (?=[a-z]\b)")
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE = re.compile(
    rf"(?:\b(?:the|for|fiscal|as|of|at|years?|quarters?|months?|three|six|nine|twelve|ended|ending"
    rf"|{_MONTHS})\b|[\W\d])+",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FoundRow:
    """A row, the passage it stands in, and how well it fits an item."""

    passage: Passage
    row: Row
    score: float


def find(
    contents: Contents,
    line_item: str,
    period: str,
    about: str,
    k: int,
    documents: Collection[str] | None = None,
) -> list[FoundRow]:
    """The best `k` rows for one item, of the given documents only, when given.

    `about` is the question: the documents, statements and periods that it names. A score is the
    fit of the label (0 to 1) with what the place adds; a line is told once.
    """
    index = contents.rows
    wanted = variants(line_item)
    if not wanted or not len(index.passages):
        return []
    places = None if documents is None else contents.places_of(documents)
    naming = contents.names.read(f"{about} {period}", places)
    prior = np.zeros(len(contents.documents), dtype=np.float32)
    prior[list(naming.scores)] = [_PRIOR * score for score in naming.scores.values()]
    fits = _fits(contents, wanted)
    if places is not None:
        inside = np.zeros(len(contents.documents), dtype=bool)
        inside[list(places)] = True
        fits = np.where(inside[contents.owners[index.passages]], fits, 0)
    rough = fits + prior[contents.owners[index.passages]] * (fits > 0)
    best = np.argsort(-rough, kind="stable")[:CANDIDATES]
    best = best[fits[best] > 0]
    codes = contents.page_codes[index.passages[best]].tolist()
    asked = periods_in(period) or periods_in(about)
    statements = statements_in(f"{about} {line_item}")
    found: dict[tuple[int, str], FoundRow] = {}
    for code in list(dict.fromkeys(codes))[:PAGES]:
        for passage, row in _rows_of(contents, code):
            fit = _fit(contents, wanted, row)
            if fit <= 0:
                continue
            if _CHANGE.match(row.label) and not _ASKS_CHANGE.search(line_item):
                fit *= _MOVED
            score = fit + float(prior[code >> 32]) + _PERIOD * _dated(row, asked)
            score += _standing(row, statements, f"{about} {line_item}")
            if (code, row.line) not in found or found[code, row.line].score < score:
                found[code, row.line] = FoundRow(passage, row, round(score, 4))
    return sorted(found.values(), key=lambda item: -item.score)[:k]


def variants(line_item: str) -> list[tuple[str, ...]]:
    """The stems of an item, and of other ways to say it."""
    own = tuple(dict.fromkeys(terms(line_item)))
    found = {own: None} if own else {}
    for base in (tuple(stems(line_item)), folded(stems(line_item))):
        for place, term in enumerate(base):
            for phrase in sorted(aliases(term)):
                words = (*base[:place], *phrase, *base[place + 1 :])
                found.setdefault(tuple(dict.fromkeys(w for w in words if w not in STOP)))
    return list(found)[:16]


def _fits(contents: Contents, wanted: Sequence[Sequence[str]]) -> Scores:
    """The fit of every label of the index: in the words of the item, or in other ones."""
    best = contents.rows.fit(wanted[0])
    for other in wanted[1:]:
        best = np.maximum(best, _SYNONYM * contents.rows.fit(other))
    return best


def _fit(contents: Contents, wanted: Sequence[Sequence[str]], row: Row) -> float:
    """The same for one row as it is read on its page: what stands over it counts in part."""
    label = frozenset(terms(_NOTE.sub("", row.label)))
    around = frozenset(terms(f"{row.section} {' '.join(cell.column for cell in row.cells)}"))

    def weight(term: str) -> float:
        light = term in _LIGHT_TERMS and term not in wanted[0]
        return contents.rows.rarity_of(term) * (_LIGHT if light else 1)

    own = sum(map(weight, label))
    best = 0.0
    for place, variant in enumerate(wanted):
        total = sum(map(weight, variant))
        inside = sum(weight(term) for term in variant if term in label)
        if not inside:
            continue
        beside = sum(weight(term) for term in variant if term in around and term not in label)
        fit = 2 * (inside + _AROUND * beside) / (total + own + _AROUND * beside)
        best = max(best, fit * (_SYNONYM if place else 1))
    return best


def _standing(row: Row, statements: Collection[Statement], asked: str) -> float:
    """What a row gains or loses by the statement it stands in, or as one of a segment."""
    # Some printers leave a gap before the last letter of a title.
    head = _GAP.sub("", f"{row.passage.header} {row.passage.text[:_TITLE]}")
    kind = None if _NOTES.search(head) else begun_by(head)
    if statements:
        return _NAMED if kind in statements else -_NAMED / 2
    if kind is None:
        label = " ".join((row.label, *(cell.column for cell in row.cells)))
        return -_PART if of_part(label, row.section, head, asked) else 0.0
    return _FLOWS if kind == "cash" else _STATED


def _rows_of(contents: Contents, code: int) -> Iterable[tuple[Passage, Row]]:
    """The rows of one page, as tables.rows reads them; dates in the place of a label are none."""
    numbers = np.flatnonzero(contents.page_codes == code).tolist()
    passages = {p.id: p for p in map(contents.passage, numbers)}
    for row in rows([_shown(passage) for passage in passages.values()]):
        if not _DATE.fullmatch(row.label):
            yield passages[row.passage.id], row


def _shown(passage: Passage) -> Shown:
    return Shown(
        id=passage.id,
        document=passage.document,
        text=passage.text,
        page=str(passage.page or ""),
        title=passage.title,
        header=passage.header,
    )


def _dated(row: Row, asked: Collection[str]) -> int:
    """1: a column or the label has a period that is asked for; -1: only others; 0: unknown."""
    wanted = {period for period in asked if period.isdigit()}
    dates = set(years(" ".join(cell.column for cell in row.cells)))
    if not wanted or not dates:
        return 0
    return 1 if wanted & dates else -1
