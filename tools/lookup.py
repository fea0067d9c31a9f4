"""Finding the row and cell that a few words and a period name.

Knows stems, weights and rows. Knows nothing of whole questions or of what is done with a cell.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .names import has_name
from .parts import of_part, whole
from .periods import years
from .question import generic
from .statements import Statement, begun_by
from .tables import Cell, Row
from .terms import aliases, closeness, content, folded, hinted, stems


class Weights:
    """How much each stem tells within the evidence at hand: rare stems more than common ones."""

    def __init__(self, texts: Iterable[str], around: str = "") -> None:
        counts: Counter[str] = Counter()
        total = 0
        for text in texts:
            total += 1
            counts.update(set(content(text)))
        self._counts = counts
        self._total = max(total, 1)
        self._words = frozenset(counts) | frozenset(stems(around))

    def __call__(self, term: str) -> float:
        """Between 0.25 (in every piece) and 1 (in none or one).

        A stem that no piece has is as rare as the words that may stand for it.
        """
        most = math.log(self._total + 1.5)
        count = self._counts[term] or sum(self._counts[other] for other in hinted(term))
        rarity = math.log((self._total + 1) / (min(count, self._total) + 0.5)) / most
        return 0.25 + 0.75 * min(1.0, max(0.0, rarity))

    def known(self, term: str) -> bool:
        """Whether the evidence has the stem or a word for it: if not, the question rewords it."""
        return closeness(term, self._words) >= 0.6


@dataclass(frozen=True)
class Found:
    """A cell, and how well it fits (0..1)."""

    row: Row
    cell: Cell
    score: float

    @property
    def period(self) -> str:
        """The header of its column."""
        return self.cell.column


def find_cells(
    terms: Sequence[str],
    period: str | None,
    names: Sequence[str],
    rows: Sequence[Row],
    weights: Weights,
    statements: Sequence[Statement] = (),
) -> list[Found]:
    """Cells whose row `terms` name and whose column is `period` (None: the latest), best first.

    Rows of the `statements` to look in go before others.
    """
    found = []
    short = folded(terms)
    asked = f"{' '.join(terms)}. {', '.join(names)}"
    for place, row in enumerate(rows):
        around = f"{row.passage.header} {row.passage.text[:HEAD]}"
        kind = begun_by(around)
        inside = kind is not None and kind in statements
        score = _fit(terms, names, row, weights, inside)
        if short != tuple(terms):
            score = max(score, _fit(short, names, row, weights, inside))
        if score <= 0:
            continue
        chosen = _cell(row, period, [*terms, *(t for name in names for t in content(name))])
        if chosen is not None:
            cell, sure = chosen
            if cell.number:
                # Retrieval's own order breaks near ties.
                score = score * sure - 0.02 * place / len(rows)
                label = f"{row.label} {cell.column}"
                if kind is None and of_part(label, row.section, around, asked):
                    score *= _PART
                score += _INSIDE if inside else _PRIMARY if kind is not None else 0.0
                found.append(Found(row, cell, round(score, 4)))
    found.sort(key=lambda item: -item.score)
    return found


HEAD = 200
"""Characters of a passage that may hold the title of its table."""
_INSIDE = 0.12
"""What a row gains that stands in the statement the question names."""
_PRIMARY = 0.02
"""What a row of any statement gains on one of a digest."""
_PART = 0.9
"""What a row of a segment counts where no segment is asked for."""
_CHANGE = re.compile(r"(?:\W*(?:net )?(?:change|increase|decrease)s?\b|\()", re.IGNORECASE)
_LIGHT = frozenset(("net", "consolid"))
"""Stems of a label that say as little as `total`."""


def _fit(
    terms: Sequence[str],
    names: Sequence[str],
    row: Row,
    weights: Weights,
    inside: bool,
) -> float:
    heads = " ".join(cell.column for cell in row.cells if not years(cell.column))
    label = frozenset(stems(f"{row.label} {heads}"))
    section = frozenset(stems(row.section))
    context = frozenset(stems(row.passage.place))
    wanted = list(dict.fromkeys([*terms, *(t for name in names for t in content(name))]))
    if not wanted:
        return 0.0
    in_label = {term: closeness(term, label) for term in wanted}
    if not any(in_label[term] >= 0.6 for term in wanted):
        return 0.0
    penalty = 1.0
    everything = f"{row.label} {row.section} {row.passage.place} {row.passage.text}"
    for name in names:
        if not has_name(name, everything):
            penalty *= 0.4
        elif not has_name(name, f"{row.label} {heads} {row.section} {row.passage.place}"):
            penalty *= 0.6
    total = covered = 0.0
    named = {t for name in names for t in content(name)}
    title = frozenset(stems(f"{row.passage.document} {row.passage.title}"))
    here = {t for name in names if has_name(name, row.passage.place) for t in content(name)}
    for term in wanted:
        weight = weights(term)
        total += weight
        beside = closeness(term, section)
        around = max(closeness(term, context), float(term in here))
        named_there = term in named or term in title
        got = max(in_label[term], 0.85 * beside, around if named_there else 0.6 * around)
        covered += weight * got
        if got < 0.45:
            penalty *= 0.8
    own = [
        term
        for term in content(row.label)
        if (not generic(term) and term not in _LIGHT or term in wanted)
        and not re.fullmatch(r"(?:19|20)\d\d", term)
    ]
    asked = frozenset(wanted)
    own_total = sum(weights(term) for term in own)
    said = {
        part for t in wanted for phrase in aliases(t) if label.issuperset(phrase) for part in phrase
    }
    own_shared = sum(
        weights(term) * max(_either(term, asked), 0.9 if term in said else 0.0) for term in own
    )
    precision = own_shared / own_total if own_total else 0.0
    if _CHANGE.match(row.label) and not any(generic(term) for term in wanted):
        penalty *= 0.6  # a change of it is not it
    if inside and own and precision >= 0.99:
        # A plain line of the very statement: what else the question says only qualifies it.
        covered, penalty = max(covered, 0.8 * total), max(penalty, 0.95)
    whole = 0.02 if "total" in label or len(own) <= 1 else 0.0
    return min(1.0, 0.65 * covered / total + 0.35 * precision + whole) * penalty


def _either(term: str, wanted: frozenset[str]) -> float:
    forward = closeness(term, wanted)
    return max(forward, max((closeness(other, frozenset((term,))) for other in wanted), default=0))


def _cell(row: Row, period: str | None, wanted: Sequence[str]) -> tuple[Cell, float] | None:
    """The cell of a period, and how sure that is; None when the row has other periods only."""
    dated = [cell for cell in row.cells if years(cell.column)]
    if not dated and any(cell.column for cell in row.cells):
        fits = [
            (max(closeness(t, frozenset(stems(cell.column))) for t in wanted or ("",)), -place)
            for place, cell in enumerate(row.cells)
        ]
        best, place = max(fits)
        if best >= 0.6:
            there = f"{row.line} {row.section} {row.passage.place}"
            if period is None or period in years(there):
                return row.cells[-place], 1.0
            return None
    if period is None:
        if dated:
            return max(dated, key=lambda cell: years(cell.column)[-1]), 1.0
        return _undated(row), 1.0 if _single(row) else 0.8
    if dated:
        exact = [cell for cell in dated if period.lower() in cell.column.lower()]
        return (exact[0], 1.0) if exact else None
    if years(row.line):
        return (row.cells[-1], 0.95) if period in years(row.line) else None
    near = years(f"{row.section} {row.passage.place}")
    if period in near or period.lower() in f"{row.section} {row.passage.place}".lower():
        return _undated(row), 0.9 if _single(row) else 0.7
    if period in years(row.passage.text) and _single(row):
        return _undated(row), 0.8
    return None


def _undated(row: Row) -> Cell:
    """The cell of the whole where the columns are its parts, else the first."""
    return next((cell for cell in row.cells if whole(cell.column)), row.cells[0])


def _single(row: Row) -> bool:
    """Whether one cell alone can be meant."""
    return len(row.cells) == 1 or sum(whole(cell.column) for cell in row.cells) == 1
