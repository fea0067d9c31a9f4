"""Whether something went up or down: a question that names one year and means the one before, too.

Knows wordings, years and signs. Knows nothing of rows.
"""

import re
from dataclasses import dataclass

from .measures import measure_in
from .periods import years
from .terms import closeness, content, stems

_ING = (
    r"improving|growing|increasing|rising|expanding|getting (?:better|larger|bigger|higher)"
    r"|going up|on the rise|declining|decreasing|falling|shrinking|worsening|deteriorating"
    r"|dropping|getting (?:worse|smaller|lower)|going down"
)
_PAST = (
    r"improved|grown|increased|risen|expanded|gone up|declined|decreased|fallen|shrunk|worsened"
    r"|deteriorated|dropped|gone down"
)
_BASE = (
    r"improve|grow|increase|rise|expand|go up|decline|decrease|fall|shrink|worsen|deteriorate|drop"
    r"|go down"
)
_ASKED = re.compile(
    r"^(?:and |so |but )?(?:"
    rf"(?:is|are|was|were)\s+(?P<a>.+?)\s+(?:still |now |really )?(?P<v>{_ING})"
    rf"|(?:has|have|had)\s+(?P<b>.+?)\s+(?:been )?(?P<w>{_ING}|{_PAST})"
    rf"|(?:did|does|do)\s+(?P<c>.+?)\s+(?P<x>{_BASE})"
    r")\b(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_OBJECT = re.compile(
    r"^\s+(?:its|their|the)\s+(?P<item>.+?)(?=\s+(?:in|for|as|at|by|over|from|between|compared"
    r"|versus|vs|since|during|year)\b|[,?.]|$)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    rf"\b(?:{_ING}|growth|increase|decrease|change|trend|gap|difference|spread)\b", re.IGNORECASE
)
_OR = re.compile(rf"^,?\s+or\s+(?:{_ING}|{_PAST}|{_BASE}|not)\b", re.IGNORECASE)
_SINCE = re.compile(
    r"\b(?:compared (?:with|to)|versus|vs\.?|than|since|from|against|over)\s"
    r"(?:in |the |fiscal |year |fy\s?)*(?:19|20)\d\d",
    re.IGNORECASE,
)
_YES_OR_NO = re.compile(r"^(?:has|have|had|did|does|do|is|are|was|were)\b", re.IGNORECASE)
_UP = re.compile(
    r"\b(?:increas|gr[eo]w|ris(?:e|en|ing)|rose|improv|expand|positive|higher|larger|bigger|better"
    r"|g(?:o|one|oing) up)",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:decreas|declin|fall|fell|negative|lower|smaller|drop|shr[aiu]nk|worse|deteriorat"
    r"|g(?:o|one|oing) down)",
    re.IGNORECASE,
)
_GOOD = re.compile(r"\b(?:improv|better|wors|deteriorat)", re.IGNORECASE)
_BURDEN = re.compile(
    r"\b(?:costs?|expenses?|loss(?:es)?|debts?|liabilit\w+|borrowings?|payables?|leverage"
    r"|days|charges?|tax(?:es)?|turnover of staff|injur\w+|accidents?|complaints?)\b",
    re.IGNORECASE,
)
"""Of these more is not better, and often nobody can say."""
_LONGEST = 10
"""Words of an item."""
_SAME = 0.8
"""Closeness from which a word of a measure stands in a sentence."""


@dataclass(frozen=True)
class Trend:
    """What is asked to have moved, and between which years."""

    item: str
    """As the question words it; a measure of tools.measures by its name there."""
    before: str
    after: str
    measure: bool


def trend_in(question: str) -> Trend | None:
    """What a question asks to have risen or fallen; None when it asks for something else.

    >>> trend_in("Is Harrow's gross margin improving as of FY2024?")
    Trend(item='gross margin', before='2023', after='2024', measure=True)
    """
    asked, dates = _ASKED.match(question.strip()), sorted(years(question))
    if not asked or len(dates) not in (1, 2) or (len(dates) == 1 and _SINCE.search(question)):
        return None
    item, rest = asked["a"] or asked["b"] or asked["c"], _OR.sub("", asked["rest"])
    object_ = _OBJECT.match(rest)
    if object_:
        item = f"{item} {object_['item']}"
    if _OTHER.search(item) or _OTHER.search(rest) or len(item.split()) > _LONGEST:
        return None
    before = dates[0] if len(dates) == 2 else str(int(dates[0]) - 1)
    name = measure_in(item)
    return Trend(name or item, before, dates[-1], name is not None)


def tells(question: str, text: str) -> bool:
    """Whether a sentence may answer: one on a measure that rose or fell has to name it."""
    trend = trend_in(question)
    if trend is None or not trend.measure:
        return True
    there = frozenset(stems(text))
    return all(closeness(term, there) >= _SAME for term in content(trend.item))


def moved(trend: Trend, question: str, shown: str) -> str:
    """`Gross margin rose by 1.5 percentage points on the year before`: no year but the asked."""
    how = "fell" if shown.startswith("-") else "rose"
    both = trend.before in years(question)
    span = f"from {trend.before} to {trend.after}" if both else "on the year before"
    item = trend.item[:1].upper() + trend.item[1:]
    return f"{item} {how} by {shown.lstrip('-')} {span}"


def verdict(question: str, value: str) -> str:
    """`Yes. ` or `No. ` to whether something went up or is positive; else nothing.

    Whether more of a burden is better is not said.
    """
    up, down = bool(_UP.search(question)), bool(_DOWN.search(question))
    if not _YES_OR_NO.match(question.strip()) or up == down or not float(value or 0):
        return ""
    if _GOOD.search(question) and _BURDEN.search(question):
        return ""
    return "No. " if value.startswith("-") == up else "Yes. "
