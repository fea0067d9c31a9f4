"""What a question asks for: its kind, periods, names, operation and the things it is about.

Knows English questions. Knows nothing of evidence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .wording import core, is_short_for
from .terms import STOP, closeness, content, stem, tokens

Kind = Literal["number", "percent", "date", "person", "place", "yes_no", "text"]
Operation = Literal["change", "growth", "ratio", "share", "sum", "average", "times", "cagr"]

_YEAR = re.compile(
    r"(?<![\d,.])(?:FY\s?|fiscal(?:\s+year)?\s+)?((?:19|20)\d\d)(?:\s*[/\u2013-]\s*(\d\d)\b(?!\d))?(?![\d,]\d|\.\d|%)",
    re.IGNORECASE,
)
_SHORT_YEAR = re.compile(r"\bFY\s?'?(\d\d)\b", re.IGNORECASE)
_QUARTER = re.compile(r"\b(?:(q[1-4])|(first|second|third|fourth) quarter)\b", re.IGNORECASE)
_QUARTERS = {"first": "Q1", "second": "Q2", "third": "Q3", "fourth": "Q4"}
_SPAN = re.compile(
    r"(?:between|from|over|across|during)?\s*\b((?:19|20)\d\d)\s*(?:-|\u2013|to|through|until)\s*(?:FY\s?)?((?:19|20)\d\d)",
    re.I,
)
_NEGATION = re.compile(
    r"\b(?:not|never|no|none|cannot|can't|isn't|aren't|doesn't|don't|didn't|won't|wasn't|weren't|"
    r"without|except|excluding|excluded?|neither|nor|prohibit\w*|forbidden)\b",
    re.IGNORECASE,
)
_GENERIC = frozenset(
    stem(word)
    for word in """amount total figure value number level question answer report reported company
    group fiscal year years annual end ended ending statement unit units percent percentage
    percents round decimal place places million millions billion billions thousand thousands usd
    eur euro euros dollar dollars period quarter document documents page provide calculate compute
    define defined name list give state use using information data detail details shown line items
    respond response solution base judgement exact please tell many much whole overall rate""".split()
)
_OPERATION_WORDS = frozenset(
    stem(word)
    for word in """change changed difference differ differs increase increased decrease decreased grow
    grew grown growth rise rose risen fall fell fallen decline declined drop dropped more less higher
    lower larger smaller greater fewer ratio share percentage percent proportion fraction margin sum
    total combined together average mean compare compared relative cagr compound times multiple
    absolute terms add added divided per improve improved between year-over-year over yoy
    represent represents account accounted make made up part exceed exceeded spend spent one two three
    four five six gap compare apart minus happen happens happened meant mean intended possible
    carried carry stand stood expect bring brought come came comes take taken took need needed
    ask asks asked get kind sort type big show earned earn pay paid work
    worked works use used using""".split()
)

_GROWTH = re.compile(
    r"\b(?:growth(?: rate)?|grow|grew|grown|(?:percent(?:age)?|%|relative|year[- ]o(?:ver|n)[- ]year|yoy) "
    r"(?:change|increase|decrease|decline|rise|fall|growth|drop)|"
    r"(?:increase|decrease|decline|rise|fall|drop|change)d? (?:in )?(?:percent|%)|"
    r"(?:by )?(?:what|how many|which) (?:percent(?:age)?|per cent|%)(?: (?:did|has|have|was|were|is))? )",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:change[ds]?|differences?|differ|increase[ds]?|decrease[ds]?|rise|rose|risen|fall|fell|"
    r"fallen|declined?|drop(?:ped)?|how (?:much|many) (?:more|less|higher|lower|larger|smaller|fewer|"
    r"greater|heavier|lighter|longer|shorter|cheaper|bigger)|gap|by how (?:much|many)|exceed(?:ed|s)?|grow|grew|"
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
    r"\b(?:sum of|add up|sum up|altogether over|combined|together|added (?:up|together)|in total over|cumulative(?:ly)?|"
    r"total (?:of|for|over|across) (?:the )?(?:two|three|both|all|years|fiscal))\b",
    re.IGNORECASE,
)
_AVERAGE = re.compile(r"\b(?:average|mean)\b", re.IGNORECASE)
_CAGR = re.compile(r"\bcagr\b|\bcompound(?:ed)? annual\b", re.IGNORECASE)
_NAME = re.compile(
    r"\b(?:[A-Z][\w'\u2019&.-]*|\d+[A-Z]\w*)(?:\s+(?:[A-Z][\w'\u2019&.-]*|\d{2,4}[A-Za-z]?\b))*"
)
_MONTHS = frozenset(
    """january february march april may june july august september october november december monday
    tuesday wednesday thursday friday saturday sunday""".split()
)


@dataclass(frozen=True)
class Question:
    """A question, taken apart."""

    text: str
    kind: Kind
    terms: tuple[str, ...]
    """Stems of its content words, without periods."""
    periods: tuple[str, ...]
    """Years as four digits and quarters as `Q2`, in order."""
    names: tuple[str, ...]
    """Proper names, as written."""
    negated: bool
    operation: Operation | None
    aside: frozenset[str]
    """Those of `terms` that stand only in a clause before the asking one."""
    words: dict[str, str]
    """Each of `terms` as the question writes it."""
    subject: tuple[str, ...]
    """`terms` without generic and operation words and without names: what is looked for."""


@lru_cache(maxsize=256)
def analyse(text: str) -> Question:
    """Take a question apart."""
    text = core(text)
    periods = _periods(text)
    names = _names(text)
    terms = tuple(term for term in content(text) if term not in periods and not _is_period(term))
    named = {part for name in names for part in content(name)}
    operation = _operation(text, periods)
    subject = tuple(
        term
        for term in terms
        if term not in _GENERIC and (term not in _OPERATION_WORDS) and term not in named
    )
    return Question(
        text=text,
        kind=_kind(text),
        terms=terms,
        periods=periods,
        names=names,
        negated=bool(_NEGATION.search(text)),
        operation=operation,
        aside=_aside(text),
        words={stem(word): word for word in reversed(tokens(text))},
        subject=subject,
    )


def years(text: str) -> tuple[str, ...]:
    """The years a text names, in order, each once; `FY24` and `2023/24` count as 2024."""
    found: dict[str, None] = {}
    for match in _YEAR.finditer(text):
        year, end = match.groups()
        found.setdefault(year[:2] + end if end and int(end) == (int(year[2:]) + 1) % 100 else year)
    for match in _SHORT_YEAR.finditer(text):
        found.setdefault("20" + match.group(1))
    return tuple(found)


def generic(term: str) -> bool:
    """Whether a stem says nothing of what is looked for (`total`, `report`, `fiscal`)."""
    return term in _GENERIC or term in _OPERATION_WORDS


def periods_in(text: str) -> tuple[str, ...]:
    """Years as four digits and quarters as `Q2` that a text names."""
    return _periods(text)


def _periods(text: str) -> tuple[str, ...]:
    found = list(years(text))
    span = _SPAN.search(text)
    if span and re.search(r"\b(?:average|mean|each|sum|total|combined|cumulative)\b", text, re.I):
        first, last = int(span.group(1)), int(span.group(2))
        if 0 < last - first <= 10:
            found = [str(year) for year in range(first, last + 1)]
    for match in _QUARTER.finditer(text):
        quarter = match.group(1) or _QUARTERS[match.group(2).lower()]
        if quarter.upper() not in found:
            found.append(quarter.upper())
    return tuple(found)


_WH = re.compile(r"\b(?:what|who|whom|when|where|which|how|why)\b", re.IGNORECASE)


def _asking(text: str) -> int:
    """Where the clause that asks begins: after `After a breach, ` or `It was stolen. `."""
    asking = [match.start() for match in _WH.finditer(text)]
    return max((at for at in asking if re.search(r"[,.;:]\s+$", text[:at])), default=0)


def parts(text: str) -> list[str]:
    """The questions of a double one (`Who ..., and when ...?`); one for a plain question."""
    found = re.split(
        r",? and (?=(?:how|what|when|who|which|where|at what|in which|by whom|for how)\b)", text
    )
    return found if all(len(part.split()) >= 3 for part in found) else [text]


def _aside(text: str) -> frozenset[str]:
    """Stems of a leading clause or sentence: `After a breach, when ...`, `It was stolen. How ...`."""
    cut = _asking(text)
    if not cut:
        return frozenset()
    return frozenset(content(text[:cut])) - frozenset(content(text[cut:]))


def _is_period(term: str) -> bool:
    return bool(re.fullmatch(r"(?:fy)?(?:(?:19|20)\d\d|\d\d(?=$)(?<=fy\d\d))|q[1-4]|fy", term))


def _names(text: str) -> tuple[str, ...]:
    found: list[str] = []
    text = re.sub(r"['\u2019]s\b", "'s,", text)
    for match in _NAME.finditer(text):
        name = re.sub(r"['\u2019]s$|[.,;:?!]+$", "", match.group())
        words = name.split()
        if match.start() == 0 or text[: match.start()].rstrip()[-1:] in ".?!:":
            plain = words[0][1:].islower() and not match.group().endswith(("'s", "\u2019s"))
            marked = text[match.end() : match.end() + 1] == ":"
            opener = words[0].lower() in _OPENERS or words[0].lower() in STOP
            if opener or len(words) == 1 and plain and not marked:
                words = words[1:]
        while words and (words[0].lower() in STOP or words[0].lower() in _OPENERS):
            words = words[1:]
        words = [word for word in words if word.lower() not in _MONTHS]
        words = [word for word in words if not re.fullmatch(r"FY\S*|Q[1-4]", word)]
        name = " ".join(words)
        if not name or re.fullmatch(r"(?:FY\s?\d*|Q[1-4]|I|USD|EUR|GBP|\W+|\d+)(?:\s+\d+)*", name):
            continue
        if name not in found:
            found.append(name)
    return tuple(found)


_OPENERS = frozenset(
    """what who when where which why how is are was were do does did has have had can could should
    will would may might must in on at by for from of to the a an list name give show find describe
    explain compare calculate compute tell according assuming based using under over if please and
    or during between among as with within taking assume answer roughly state provide define respond
    approach round express also fiscal""".split()
)


def _operation(text: str, periods: tuple[str, ...]) -> Operation | None:
    quantity = re.search(
        r"\b(?:how (?:much|many|big|large)|what|which|by how|calculate|compute|find|give|tell|determine|work out|"
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
    if _AVERAGE.search(text) and len(periods) > 1:
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


def _kind(text: str) -> Kind:
    low = text.lower()[_asking(text) :]
    opening = " ".join(low.split()[:14])
    if re.search(
        r"\b(?:percent(?:age)?|per cent|what share|what proportion|rate)\b|%", low
    ) and re.search(r"\b(?:what|how|which|by)\b", opening):
        return "percent"
    first = _WH.search(low)
    if (first and first.group().lower() == "when") or re.search(
        r"\b(?:what (?:date|day|year|month|time)|(?:in|on|by|from|until|since) (?:which|what) (?:date|year|month|day)|which year|deadline)\b",
        low,
    ):
        return "date"
    if re.search(
        r"\bhow (?:many|much|old|long|far|tall|high|heavy|deep|fast|often|large|big|wide|thick|quickly|soon)\b|\bwhat (?:is|was|were|are) the (?:number|amount|total|maximum|minimum|weight|price|cost|length|size|height|depth|capacity|revenue|value)\b",
        low,
    ):
        return "number"
    if (
        _METRIC.search(low)
        and not re.match(
            r"(?:who|where|when|why|is|are|was|were|do|does|did|has|have|had|can|could|will|would)\b",
            low,
        )
        and not re.search(
            r"\b(?:drove|caused?|policy|method|why|explain|describe|definition|mean by)\b", low
        )
    ):
        return "number"
    if re.search(
        r"\b(?:who|whom|whose)\b|\b(?:which|what) (?:person|manager|director|auditor|bidder|company|supplier|customer|bank|firm|vendor|member|team|department)\b",
        low,
    ):
        return "person"
    if re.search(
        r"\bwhere\b|\b(?:what|which) (?:city|country|place|town|location|site|state)\b", low
    ):
        return "place"
    if re.match(
        r"(?:and |so |but )?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|may|must|should)\b",
        low,
    ):
        return "yes_no"
    return "text"


_METRIC = re.compile(
    r"\b(?:revenues?|sales|turnover|profits?|income|costs?|expenses?|price|weight|capacity|ebitda?|"
    r"assets|liabilities|equity|cash(?: flow)?|dividends?|earnings|salary|margin|headcount|backlog|"
    r"capital expenditures?|borrowings|debt|inventor(?:y|ies)|receivables|payables|goodwill|depreciation|"
    r"amorti[sz]ation|population|number of|amount|limit|range|temperature|accuracy|diameter|height|speed|depth|length|width|duration|lead time|delivery time|availability)\b"
    r"(?!\s+(?:officer|director|policy|manager|statement|recognition))"
)


def has_name(name: str, text: str) -> bool:
    """Whether every word of a proper name stands in the text, by stem."""
    wanted = [stem(token) for token in tokens(name) if token.lower() not in STOP]
    have = {stem(token) for token in tokens(text)} | {
        stem(token) for token in tokens(re.sub(r"[_-]+", " ", text))
    }
    squeezed = re.sub(r"[\W_]+", "", text.lower())
    found = frozenset(have)
    return (
        all(closeness(part, found) >= 0.8 for part in wanted)
        or re.sub(r"[\W_]+", "", name.lower()) in squeezed
        or is_short_for(name, tokens(re.sub(r"[_-]+", " ", text)))
    )
