"""The whole and its parts: whether a row, a column or a sentence tells of a segment only.

Reports state an item of the whole company in its statements and of segments, divisions and regions
in notes. Who names no part means the whole. Knows how such notes are headed and how sentences
begin; nothing of how well anything fits.
"""

import re
from collections.abc import Collection

from .names import has_name, names_in
from .periods import is_period
from .question import generic
from .terms import closeness, content, stem, stems
from .wordlists import CALENDAR, SPANS

_PARTED = re.compile(
    r"\b(?:segments?|divisions?|business (?:units?|areas?|lines?)|product lines?|geograph\w+"
    r"|by (?:region|country|countries|market|product|customer|business|category|brand|site)\w*)\b",
    re.IGNORECASE,
)
"""Headings of tables that take an item apart."""
_WHOLE = re.compile(
    r"\b(?:totals?|consolidated|group|company|overall|altogether|all segments)\b", re.IGNORECASE
)
_VERB = re.compile(
    r"\b(?:was|were|is|are|has|have|had|amounted|totall?ed|came|reached|stood|rose|fell|grew"
    r"|(?:in|de)creased|declined|improved|dropped|slipped|represented|accounted|made)\b",
    re.IGNORECASE,
)
_LIGHT = frozenset(
    (
        *map(stem, (*SPANS, *CALENDAR)),
        *stems("net consolidated full first second third fourth half three six nine twelve"),
    )
)
"""Stems beside an item that make no part of it: spans of time and `net`."""
_SHARE = r"(?:%|\bper ?cent) of (?:\w+ ){0,2}"


def whole(text: str) -> bool:
    """Whether a label or a column header says that it is of the whole."""
    return bool(_WHOLE.search(text))


def parted(text: str) -> bool:
    """Whether a text speaks of segments, divisions, regions or the like."""
    return bool(_PARTED.search(text))


def of_part(label: str, section: str, around: str, asked: str) -> bool:
    """Whether a row is of one part, of which a question (or what is looked up) says nothing.

    `section` are the headings over the row, nearest last; `around` what else heads its table. A
    total is of no part. A part is asked for by its name, or by a word of the nearest heading that
    the label does not have.
    """
    if whole(label) or not parted(f"{section} {around}"):
        return False
    if any(has_name(name, f"{label} {section}") for name in names_in(asked)):
        return False
    nearest = section.split(" / ")[-1]
    told = frozenset(stems(nearest)) - frozenset(stems(label))
    return not any(closeness(term, told) >= 0.8 for term in content(asked) if not generic(term))


def itself(label: str, subject: Collection[str]) -> bool:
    """Whether a label says what is asked and no more: `Total revenue` for revenue."""
    found = frozenset(subject)
    own = [term for term in content(label) if not generic(term) and term not in _LIGHT]
    return bool(own) and all(closeness(term, found) >= 0.8 for term in own)


def narrowed(sentence: str, subject: Collection[str], known: Collection[str]) -> bool:
    """Whether a sentence tells of a part of what is asked: `Revenue in Norway was ...`.

    `subject` are the stems of what is asked, `known` those that narrow nothing: of the question
    and of the title of the document. True too of a share of it: `11 % of revenue`.

    >>> narrowed("Revenue in Norway was 31 million in 2024.", ["revenu"], [])
    True
    >>> narrowed("In 2024 total revenue was 136 million.", ["revenu"], [])
    False
    """
    text = " ".join(sentence.split())
    verb = _VERB.search(text)
    begun = text[: verb.start()] if verb else ""
    for clause in reversed(re.split(r"[,;:\u2013\u2014]", begun)):
        terms = content(clause)
        if any(closeness(term, frozenset(subject)) >= 0.8 for term in terms):
            return any(
                closeness(term, frozenset((*subject, *known))) < 0.8
                and not (generic(term) or is_period(term) or term in _LIGHT or term.isdecimal())
                for term in terms
            )
    return any(
        closeness(term, frozenset(subject)) >= 0.8
        for match in re.finditer(rf"{_SHARE}(\w+)", text)
        for term in content(match[1])
    )
