"""What a question wants computed: a change, a share, a sum. Knows wordings only."""

import re
from typing import Literal

Operation = Literal[
    "change", "growth", "ratio", "share", "sum", "average", "times", "cagr", "total", "formula"
]


_GROWTH = re.compile(
    r"\b(?:growth(?: rate)?|grow|grew|grown|(?:percent(?:age)?|%|relative|year[- ]o(?:ver|"
    r"n)[- ]year|yoy) "
    r"(?:change|increase|decrease|decline|rise|fall|growth|drop)|"
    r"(?:increase|decrease|decline|rise|fall|drop|change)d? (?:in )?(?:percent|%)|"
    r"(?:by )?(?:what|how many|which) (?:percent(?:age)?|per cent|%)(?: (?:did|has|have|was|"
    r"were|is))? )",
    re.IGNORECASE,
)


_CHANGE = re.compile(
    r"\b(?:change[ds]?|differences?|differ|increase[ds]?|decrease[ds]?|rise|rose|risen|fall|fell|"
    r"fallen|declined?|drop(?:ped)?|how (?:much|many) (?:more|less|higher|lower|larger|"
    r"smaller|fewer|"
    r"greater|heavier|lighter|longer|shorter|cheaper|bigger)|gap|by how (?:much|many)|"
    r"exceed(?:ed|s)?|grow|grew|"
    r"more than in|less than in)\b",
    re.IGNORECASE,
)


_TIMES = re.compile(r"\bhow many times\b|\bas a multiple of\b", re.IGNORECASE)


_SHARE = re.compile(
    r"\b(?:what|which|as an?) (?:percent(?:age)?|per cent|share|proportion|fraction|part)\b|"
    r"\b(?:percentage|share|proportion) of\b|\bmargin\b|\bas an? (?:percentage|share|%) of\b",
    re.IGNORECASE,
)


_RATIO = re.compile(r"\bratio\b|\bdivided by\b", re.IGNORECASE)


_SUM = re.compile(
    r"\b(?:sum of|add up|sum up|altogether over|combined|together|added (?:up|together)|in "
    r"total over|cumulative(?:ly)?|"
    r"total (?:of|for|over|across) (?:the )?(?:two|three|both|all|years|fiscal))\b",
    re.IGNORECASE,
)


AVERAGE = re.compile(r"\b(?:average|mean)\b", re.IGNORECASE)


_CAGR = re.compile(r"\bcagr\b|\bcompound(?:ed)? annual\b", re.IGNORECASE)


def operation_of(text: str, periods: tuple[str, ...]) -> Operation | None:
    """What a question wants computed; None when it wants a fact."""
    quantity = re.search(
        r"\b(?:how (?:much|many|big|large)|what|which|by how|calculate|compute|find|give|"
        r"tell|determine|work out|"
        r"percent(?:age)?|ratio|difference|sum|average|add|compare|per|minus)\b",
        text,
        re.IGNORECASE,
    )
    if not quantity or re.match(
        r"(?:why|who|where|when|what (?:drove|caused|led)|is|are|was|were|do|does|did|has|have)\b",
        text,
        re.IGNORECASE,
    ):
        return None
    if _CAGR.search(text):
        return "cagr"
    if _TIMES.search(text):
        return "times"
    if _RATIO.search(text):
        return "ratio"
    if _GROWTH.search(text) and (
        _CHANGE.search(text) or re.search(r"growth|grow|grew", text, re.I)
    ):
        amount = re.search(
            r"\bhow (?:much|many) (?:more|less|higher|lower)\b|\bin (?:euros|dollars|absolute)",
            text,
            re.I,
        )
        return "change" if amount else "growth"
    if _SHARE.search(text):
        return "share"
    if AVERAGE.search(text) and len(periods) > 1:
        return "average"
    if _SUM.search(text):
        return "sum"
    if _CHANGE.search(text) and re.search(
        r"how (?:much|many|big|large)|what (?:is|was|were)|difference|calculate|compute|by how",
        text,
        re.I,
    ):
        return "change"
    return None
