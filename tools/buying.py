"""What several things cost together: `three pumps with a filter each, at list price`.

Knows counts, items and price rows. Does not calculate.
"""

import re
from collections.abc import Sequence

from .lookup import Found, Weights, find_cells
from .question import Question
from .spoken import digits
from .tables import Row
from .terms import content
from .wordlists import CALENDAR

_ENOUGH = 0.5
"""The least fit of a price row."""
_PRICE = re.compile(r"\b(?:costs?|prices?|pay|charged?|list price|order value)\b", re.IGNORECASE)
_ITEM = re.compile(
    r"(?<![\w.,-])(?P<count>\d{1,4}) (?:x |pieces of |units of )?"
    r"(?P<item>[A-Z][\w-]*(?:(?!\b(?:cost|at list|and \d|each|including|plus \d|altogether)\b)"
    r"[^,?;.])*)"
)
_EXTRA = (
    re.compile(
        r"\beach with (?:its|a|an|one|the|their)(?: own)? (?P<extra>[\w -]+?)(?=[,?.]|$| at )"
    ),
    re.compile(r"\bincluding (?:its|a|an|one|the|their) (?P<extra>[\w -]+?)(?=[,?.]|$| at )"),
    re.compile(r"(?:,|\bwith|\band) (?P<extra>[\w -]+?)s? included\b"),
)


def purchase(
    question: Question, rows: Sequence[Row], weights: Weights
) -> tuple[tuple[Found, ...], str] | None:
    """The price cells and the expression over them; None when it is not such a question."""
    text = digits(question.text)
    if not _PRICE.search(text):
        return None
    items = [(match["count"], match["item"].strip()) for match in _ITEM.finditer(text)]
    items = [
        (count, item)
        for count, item in items
        if not re.fullmatch(r"(?:19|20)\d\d", count) and item.split()[0].lower() not in CALENDAR
    ]
    if not items:
        return None
    extra = next((match["extra"] for each in _EXTRA if (match := each.search(text))), "")
    priced = [row for row in rows if _is_price(row)]
    found: list[Found] = []
    addends: list[str] = []
    for count, item in items:
        name = next((name for name in question.names if name in item), item.split(" with ")[0])
        for phrase in filter(None, (item, extra)):
            own = tuple(term for term in content(phrase) if term not in content(name))
            cells = find_cells(own or content(name), None, (name,), priced, weights)
            if phrase == extra and (not cells or cells[0].score < _ENOUGH):
                cells = find_cells(own, None, (), priced, weights)  # one kit for all models
            if not cells or cells[0].score < _ENOUGH:
                return None
            found.append(cells[0])
            addends.append(f"{count} * {cells[0].cell.number}")
    return tuple(found), " + ".join(addends)


def _is_price(row: Row) -> bool:
    told = f"{row.section} {row.label} {row.unit}"
    return len(row.cells) == 1 and bool(re.search(r"\bprice|\beuros\b|\bdollars\b", told, re.I))
