"""The answer of a looked-up number: every operand with its citation, then the result.

Every word is the table's or of a few fixed templates; what comes of it is verified like any draft.
Knows nothing of models or of steps.
"""

import re
from collections.abc import Sequence

from ..tools.tables import size
from ..tools.telling import grouped, rounded, shown_unit, unit_of
from ..tools.trends import moved, trend_in, verdict
from .answer import Calculation
from .lookup import Lookup
from .lookup_cells import Chosen, found_of, told
from .state import Draft, DraftCitation, DraftSentence

_QUOTE = 230
_DECIMALS = re.compile(r"\b(\d|one|two|three|four) decimals?\b", re.IGNORECASE)
_PLACES = {"one": 1, "two": 2, "three": 3, "four": 4}
_DIFFERENCE = re.compile(r"\(?([a-p]) - ([a-p])\)?")
_OF_SHARES = re.compile(r"\(.*/.*\) - \(.*/.*\)")


def looked_up(lookup: Lookup, calculations: Sequence[Calculation], question: str) -> Draft | None:
    """The draft of a look-up that is done; None of one that is not."""
    if lookup.stage != "done" or not lookup.cells:
        return None
    operands = tuple(dict.fromkeys(map(_operand, lookup.cells)))
    names = [item.name for item in lookup.items]
    if lookup.formula in names:
        chosen = found_of(lookup.cells[names.index(lookup.formula)])
        lead = verdict(question, size(chosen.row, chosen.cell))
        first = operands[0].model_copy(update={"text": lead + operands[0].text})
        return Draft(
            refused=False,
            sentences=(first, *operands[1:]),
            value=size(chosen.row, chosen.cell)[:60],
            unit=unit_of(chosen)[:40],
        )
    if not calculations:
        return None
    text, value, unit = _result(lookup, calculations[-1], question)
    return Draft(
        refused=False, sentences=(*operands, DraftSentence(text=text)), value=value, unit=unit
    )


def _operand(cell: Chosen) -> DraftSentence:
    line = cell.row.line.strip()
    quote = line if len(line) <= _QUOTE else line[:_QUOTE].rsplit(" ", 1)[0]
    cited = DraftCitation(passage=str(cell.passage), quote=quote)
    return DraftSentence(text=told(cell)[:600], citations=(cited,))


def _result(lookup: Lookup, calculation: Calculation, question: str) -> tuple[str, str, str]:
    """How the result is told, its value and its unit."""
    found = [found_of(cell) for cell in lookup.cells]
    points = all(each.cell.percent for each in found)
    sums = not re.search(r"[*/^]|mean", lookup.formula)
    percent = "%" in lookup.unit and not (points and sums)
    asked = _DECIMALS.search(question)
    places = 1 if percent else 2
    if asked:
        places = _PLACES.get(asked[1].lower()) or int(asked[1])
    value = rounded(calculation.result, places)
    if percent and _OF_SHARES.search(lookup.formula):
        unit, shown = "percentage points", f"{value} percentage points"
    elif percent:
        unit, shown = "%", f"{value}%"
    elif sums:
        unit = "percentage points" if points else unit_of(found[0])
        shown = grouped(value) + (" percentage points" if points else shown_unit(unit, ""))
    else:
        unit, shown = "", grouped(value)
    lead, trend = verdict(question, value), trend_in(question)
    pair = _DIFFERENCE.fullmatch(lookup.formula)
    labels = {item.name: item.line_item for item in lookup.items}
    if pair and labels[pair[1]] == labels[pair[2]]:
        how = "fell" if value.startswith("-") else "rose"
        text = f"{lead}{labels[pair[1]]} {how} by {shown.lstrip('-')}: {calculation.expression}."
    elif trend is not None and trend.measure:
        text = f"{lead}{moved(trend, question, shown)}: {calculation.expression}."
    else:
        text = f"{lead}The answer is {shown}: {calculation.expression}."
    return text[:600], value[:60], unit[:40]
