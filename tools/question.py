"""What a question asks for: its kind, periods, names, operation and the things it is about.

Knows English questions. Knows nothing of evidence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from .light_words import FLUFF
from .names import names_in
from .operations import Operation, operation_of
from .periods import is_period, periods_in
from .statements import Statement, statements_in
from .terms import aliases, content, hinted, stem, tokens
from .wording import core
from .wordlists import GENERIC, OPERATIONS

Kind = Literal["number", "percent", "date", "person", "place", "yes_no", "text"]


_NEGATION = re.compile(
    r"\b(?:not|never|no|none|cannot|can't|isn't|aren't|doesn't|don't|didn't|won't|wasn't|weren't|"
    r"without|except|excluding|excluded?|neither|nor|prohibit\w*|forbidden)\b",
    re.IGNORECASE,
)


_GENERIC_STEMS = frozenset(stem(word) for word in GENERIC)
_OPERATION_STEMS = frozenset(stem(word) for word in OPERATIONS)
_FLUFF_STEMS = frozenset(stem(word) for word in FLUFF)


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
    statements: tuple[Statement, ...] = ()
    """The statements of accounts that it says to look in."""


@lru_cache(maxsize=256)
def analyse(text: str) -> Question:
    """Take a question apart."""
    statements = statements_in(text)
    text = core(text)
    periods = periods_in(text)
    names = tuple(name for name in names_in(text) if not _short_form(name, text))
    terms = tuple(term for term in content(text) if term not in periods and not is_period(term))
    telling = tuple(term for term in terms if term not in _FLUFF_STEMS)
    terms = telling if len(telling) > 1 or names else terms
    named = {part for name in names for part in content(name)}
    operation = operation_of(text, periods)
    per = {stem(word) for word in re.findall(r"\bper (share)\b", text, re.IGNORECASE)}
    subject = tuple(
        term
        for term in terms
        if term not in _GENERIC_STEMS
        and (term not in _OPERATION_STEMS or term in per)
        and term not in named
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
        statements=statements,
    )


def _short_form(name: str, text: str) -> bool:
    """Whether it is no name but short for common words: `COGS`, `DPO` of `days ... (DPO)`."""
    if not name.isupper() or " " in name:
        return False
    return bool(
        aliases(stem(name)) or hinted(stem(name)) or statements_in(name) or f"({name})" in text
    )


def generic(term: str) -> bool:
    """Whether a stem says nothing of what is looked for (`total`, `report`, `fiscal`)."""
    return term in _GENERIC_STEMS or term in _OPERATION_STEMS


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
    """Stems of a leading clause or sentence: `After a breach, when ...`, `It broke. How ...`."""
    cut = _asking(text)
    if not cut:
        return frozenset()
    return frozenset(content(text[:cut])) - frozenset(content(text[cut:]))


def _kind(text: str) -> Kind:
    low = text.lower()[_asking(text) :]
    opening = " ".join(low.split()[:14])
    if re.search(
        r"\b(?:percent(?:age)?|per cent|what share|what proportion|rate)\b|%", low
    ) and re.search(r"\b(?:what|how|which|by)\b", opening):
        return "percent"
    first = _WH.search(low)
    if (first and first.group().lower() == "when") or re.search(
        r"\b(?:what (?:date|day|year|month|time)|(?:in|on|by|from|until|since) (?:which|what)"
        r" (?:date|year|month|day)|which year|deadline)\b",
        low,
    ):
        return "date"
    if re.search(
        r"\bhow (?:many|much|old|long|far|tall|high|heavy|deep|fast|often|large|big|wide|"
        r"thick|quickly|soon)\b|\bwhat (?:is|was|were|are) the (?:number|amount|total|"
        r"maximum|minimum|weight|price|cost|length|size|height|depth|capacity|revenue|"
        r"value)\b|\bwhat (?:does|do|did|would|will) .+ (?:weigh|cost|measure|earn)\b",
        low,
    ):
        return "number"
    if (
        _METRIC.search(low)
        and not re.match(
            r"(?:who|where|when|why|is|are|was|were|do|does|did|has|have|had|can|could|will|"
            r"would)\b",
            low,
        )
        and not re.search(
            r"\b(?:drove|caused?|policy|method|why|explain|describe|definition|mean by)\b", low
        )
    ):
        return "number"
    if re.search(
        r"\b(?:who|whom|whose)\b|\b(?:which|what) (?:person|manager|director|auditor|bidder|"
        r"company|supplier|customer|bank|firm|vendor|member|team|department)\b",
        low,
    ):
        return "person"
    if re.search(
        r"\bwhere\b|\b(?:what|which) (?:city|country|place|town|location|site|state)\b", low
    ):
        return "place"
    if re.match(
        r"(?:and |so |but )?(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|"
        r"may|must|should)\b",
        low,
    ):
        return "yes_no"
    return "text"


_METRIC = re.compile(
    r"\b(?:revenues?|sales|turnover|profits?|income|costs?|expenses?|price|weight|capacity|ebitda?|"
    r"assets|liabilities|equity|cash(?: flow)?|dividends?|earnings|salary|margin|headcount|backlog|"
    r"capital expenditures?|borrowings|debt|inventor(?:y|ies)|receivables|payables|goodwill|"
    r"depreciation|"
    r"amorti[sz]ation|population|number of|amount|limit|range|temperature|accuracy|diameter|"
    r"height|speed|depth|length|width|duration|lead time|delivery time|availability)\b"
    r"(?!\s+(?:officer|director|policy|manager|statement|recognition))"
)
