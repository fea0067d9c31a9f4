"""Wordings of two operands: `the ratio of A to B`, `how much more A than B`. Knows phrases only."""

import re

from .operations import Operation
from .question import Question

_TWO: tuple[tuple[str, str], ...] = (
    ("ratio", r"\((?P<a>[^()/\d][^()/]*?) ?/ ?(?P<b>[^()/\d][^()/]*?)\)"),
    (
        "change",
        r"(?:\btake |\btaking |\bas |\bis |\bof |\bwas |: ?|\bcalculate "
        r")?(?P<a>(?:(?!\b(?:take|taking|as|is|was|what|calculate)\b)[^,;:.?])+?) minus "
        r"(?P<b>[^,;:.?]+)",
    ),
    (
        "ratio",
        r"(?:\b(?:is|was|were|are) )?(?:the )?(?P<a>[\w' -]+?) per (?P<b>employee|customer|"
        r"head|capita)\b",
    ),
    ("ratio", r"\bratio (?:of|between) (?P<a>.+?) (?:to|and) (?P<b>.+)"),
    (
        "ratio",
        r"\b(?:what (?:is|was|are|were)|calculate|compute) (?:the )?(?P<a>.+?) divided by "
        r"(?P<b>.+)",
    ),
    ("ratio", r"\b(?P<a>[\w&' -]+?)[- ]to[- ](?P<b>[\w&' -]+?) ratio"),
    (
        "times",
        r"\bhow many times (?:\w+ )?(?:was|were|is|are|did|does) (?P<a>.+?) (?:than|of|as|"
        r"the|cover(?:ed)?|exceed(?:ed)?|compared (?:to|with)) (?P<b>.+)",
    ),
    ("share", r"(?P<a>.+?) as an? (?:percentage|percent|share|proportion|%|fraction) of (?P<b>.+)"),
    (
        "share",
        r"\b(?:percent(?:age)?|per cent|share|proportion|fraction|part|%) of (?P<b>.+?) "
        r"(?:came from|comes from|come from|was from|is from|from|(?:was|is|were|are|has "
        r"been) (?:made up (?:of|by)|generated (?:by|in)|spent on|due to|attributable to|"
        r"earned (?:in|by)|made (?:in|by)|represented by|in|from|held (?:in|as))|(?:spent|"
        r"went|goes) (?:on|to)|(?:was|is|were|are)) (?P<a>.+)",
    ),
    (
        "share",
        r"\b(?:percent(?:age)?|per cent|share|proportion|fraction|part|%) of (?P<b>.+?) "
        r"(?:\w+ed|works?|lives?|sits?) (?:in|from|on|by|for|at) (?P<a>.+)",
    ),
    (
        "share",
        r"\b(?:percent(?:age)?|per cent|share|proportion|fraction|part|%) (?:was|is|were|are) "
        r"(?P<a>.+?) of (?P<b>.+)",
    ),
    (
        "share",
        r"\b(?:percent(?:age)?|per cent|share|proportion|fraction|part|%) of (?P<b>.+?) "
        r"(?:did|does|do) (?P<a>.+?) (?:represent|account for|make up|contribute|generate|"
        r"cost|form|constitute|take)",
    ),
    ("change", r"\bdifference (?:in (?P<head>.+?) )?between (?P<a>.+?) and (?P<b>.+)"),
    (
        "change",
        r"\bhow much (?:more|less|higher|lower|larger|smaller|greater|heavier|lighter|longer|"
        r"shorter|bigger) (?P<head>(?:(?!did|was|were|is|are|does|do|has|had)\w+ )*)(?:did|"
        r"was|were|is|are|does|do|has|had) (?P<a>.+?) (?:than|compared (?:to|with)) (?P<b>.+)",
    ),
    (
        "change",
        r"\bhow many (?:more|less|fewer) (?P<head>(?:(?!did|was|were|is|are|does|do|has|"
        r"had)\w+ )*)(?:did|was|were|is|are|does|do|has|had) (?P<a>.+?) (?:than|compared "
        r"(?:to|with)) (?P<b>.+)",
    ),
    (
        "change",
        r"\b(?:how much|by how much) (?P<head>\w+er) (?:is|are|was|were) (?P<a>.+?) than "
        r"(?P<b>.+)",
    ),
    (
        "change",
        r"\b(?:who|which(?: of [\w ]+)?) "
        r"(?P<head>\w+ (?:more|less|higher|lower|larger|bigger)\b.*?), "
        r"(?P<a>[^,]+?) or (?P<b>[^,]+?),? (?:and )?by how much\b",
    ),
    (
        "change",
        r"\bby how much (?:did|does|do|was|is|were) (?P<a>.+?) (?:exceed|higher than|greater "
        r"than|more than|larger than|above) (?P<b>.+)",
    ),
    (
        "sum",
        r"\b(?:combined|total|joint|aggregate) (?P<head>[\w' -]+?) (?:of|for|from|in|by) "
        r"(?P<a>.+?) and (?P<b>.+)",
    ),
    ("sum", r"\b(?:sum of|adding|add) (?P<a>.+?) (?:and|to|plus) (?P<b>.+)"),
    (
        "sum",
        r"\b(?:what (?:is|was|were|are|did)|how (?:much|many)) (?P<a>.+?) (?:and|plus) "
        r"(?P<b>.+?)(?:,? (?:combined|together|in total|added|sum))",
    ),
)


_MARGIN = re.compile(
    r"\b(?P<kind>gross|operating|net|profit|ebitda|pre-?tax|cash flow|ebit)\s+(?:profit |"
    r"income )?(?:% |percent(?:age)? )?margin\b",
    re.IGNORECASE,
)


_MARGIN_OF = {
    "gross": "gross profit", "operating": "operating profit income", "net": "net profit income",
    "profit": "profit", "ebitda": "ebitda", "pretax": "profit before tax",
    "pre-tax": "profit before tax", "cash flow": "operating cash flow", "ebit": "ebit",
}  # fmt: skip


STRICT = re.compile(r"\bminus\b|\bper (?:employee|customer|head|capita)\b|\S+ / \S+", re.I)
"""Wordings that are a calculation even when no other word says so."""


_ONLY_YEAR = r"\W*(?:in |for |of |the |fy\s?|fiscal |years? |year[- ]end )*(?:19|20)\d\d\W*"


_TIDY = re.compile(
    r"\b(?:in|for|of|during|at|as of|by|over|from|to|between|and|the end of)?\s*(?:the "
    r")?(?:fiscal(?: years?)?|fy|years?|"
    r"year[- ]end)?\s*(?:19|20)\d\d\b|\b(?:combined|together|in total|altogether|"
    r"percent(?:age)?)\b|[?.,:;]",
    re.IGNORECASE,
)


def pair_in(question: Question) -> tuple[Operation, str, str] | None:
    """The two phrases that a question compares, with what it wants of them."""
    text = question.text
    if " / " not in text and "/" not in re.sub(r"\w/\w", "", text):
        text = re.sub(r"\s*\([^)]*\)", "", text)
    margin = _MARGIN.search(text)
    if margin and question.operation == "share":
        return "share", _MARGIN_OF[margin["kind"].lower()], "revenue"
    for operation, pattern in _TWO:
        match = re.search(pattern, text, re.IGNORECASE)
        if not match:
            continue
        groups = match.groupdict()
        head = (groups.get("head") or "").strip()
        if operation == "change" and not head:
            adjective = re.search(
                r"\b(heavier|lighter|longer|shorter|taller|wider|deeper|cheaper|faster)\b", text
            )
            head = adjective.group(1) if adjective else ""
        first, second = f"{head} {groups['a']}", f"{head} {groups['b']}"
        second = _completed(second, groups["a"])
        second = re.split(r"[.?!](?:\s|$)| (?:as a percentage|in per ?cent|rounded)\b", second)[0]
        if any(re.fullmatch(_ONLY_YEAR, groups[side].strip(), re.I) for side in ("a", "b")):
            continue
        return operation, first, second  # type: ignore[return-value]
    return None


def _completed(second: str, first: str) -> str:
    """A second phrase with what it leaves out of the first: `the one for B`, `B's`."""
    thing = re.split(r"\s(?:for|of|in|on|at|from|by|with)\s", first.strip(), maxsplit=1)[0]
    second = re.sub(
        r"\b(?:the one|those|that)(?= (?:for|of|in|on|at|from|by|with)\b)", thing, second
    )
    owner = re.search(r"^(?P<whose>.*\w['\u2019]s)\s+(?P<what>.+)$", first.strip())
    alone = re.match(r"\s*(?P<name>[\w .&-]+['\u2019]s)(?=\s*(?:[?.,]|$|in\b|for\b|at\b))", second)
    if owner and alone:
        return f"{alone['name']} {owner['what']}{second[alone.end() :]}"
    return second


def tidy(text: str) -> str:
    """A phrase without years and words of adding up."""
    return " ".join(_TIDY.sub(" ", text).split())
