"""Slices: small named questions about a case or its row, by which failures may gather.

Each is a function of a row, and of its gold case where that is known, to True, False or None (does
not apply). None of them looks at a verdict. Knows nothing of statistics (`evals.patterns`).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from .evaluation import PageRef, Row
from .gold import GoldCase

Holds = Callable[[Row, GoldCase | None], bool | None]
About = Literal["question", "expected", "retrieval", "run", "label"]


@dataclass(frozen=True)
class Slice:
    """One way to cut a run in two."""

    name: str
    about: About
    """What it looks at: the question, what is expected, what was retrieved, what the run did, or
    a label that somebody gave (tag, document)."""
    advice: str
    """What to look at first, when failures gather here."""
    holds: Holds
    by_group: bool = False
    """It is a group itself (a document): cases are not tested within their group then."""


_NEGATION = re.compile(
    r"\b(not|no|never|none|neither|nor|nothing|nobody|nowhere|without|except|excluding|exclude[sd]?"
    r"|unless|lacks?|fails? to|other than|cannot)\b|n['’]t\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d")
_AMOUNT = re.compile(
    r"\b(how (?:much|many)|what (?:percentage|percent|share|amount|number|ratio)|percent(?:age)?"
    r"|total|sum|average|ratio|margin|rate)\b|%",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_SPAN = re.compile(r"\b(between|from|since|over)\b.*\b(19|20)\d\d\b", re.IGNORECASE)
_HOPS = re.compile(
    r"\b(and|as well as|both|respectively|the [\w-]+ (?:that|which|who)|whose|in which|compared?"
    r"|than|difference|change[ds]?|increase[ds]?|decrease[ds]?|grow(?:th|n)?|grew|versus|vs)\b",
    re.IGNORECASE,
)
_COMPARES = re.compile(
    r"\b(compared?|than|difference|versus|vs|higher|lower|more|less|change[ds]?|increase[ds]?"
    r"|decrease[ds]?|growth|grew|rise|rose|fell)\b",
    re.IGNORECASE,
)


def years(text: str) -> set[str]:
    """The years from 1900 to 2099 that stand in a text."""
    return set(_YEAR.findall(text))


def _asks(name: str, advice: str, test: Callable[[str], bool]) -> Slice:
    return Slice(name, "question", advice, lambda row, case: test(row.question))


QUESTION: tuple[Slice, ...] = (
    _asks(
        "negation in the question",
        "does the answer change when the question is negated? (`--confirm negate`)",
        lambda text: _NEGATION.search(text) is not None,
    ),
    _asks(
        "a number in the question",
        "are the numbers of the question searched for as they are written?",
        lambda text: _NUMBER.search(_YEAR.sub("", text)) is not None,
    ),
    _asks(
        "asks for an amount",
        "are the tables found, and is the unit the one that was asked for?",
        lambda text: _AMOUNT.search(text) is not None,
    ),
    _asks(
        "several hops",
        "the question needs more than one fact: is there a search for each?",
        lambda text: _HOPS.search(text) is not None,
    ),
    _asks(
        "asks to compare",
        "are both sides of the comparison retrieved?",
        lambda text: _COMPARES.search(text) is not None,
    ),
    _asks(
        "a year in the question",
        "does the answer change with the year? (`--confirm year`)",
        lambda text: bool(years(text)),
    ),
    _asks(
        "several years in the question",
        "are the pages of every year retrieved, and is the right column read?",
        lambda text: len(years(text)) > 1,
    ),
)


def gold_rank(row: Row, case: GoldCase | None) -> int | None:
    """Place of the first gold page among the retrieved ones, from 1; 0: not among them."""
    if case is None or not case.pages or case.refusal or not row.retrieved:
        return None
    for rank, page in enumerate(row.retrieved, 1):
        if page.page in case.pages and case.document in (None, page.document):
            return rank
    return 0


def _ranked(test: Callable[[int, int], bool]) -> Holds:
    def holds(row: Row, case: GoldCase | None) -> bool | None:
        rank = gold_rank(row, case)
        return test(rank, len(row.retrieved)) if rank else None

    return holds


def _not_found(row: Row, case: GoldCase | None) -> bool | None:
    rank = gold_rank(row, case)
    return None if rank is None else rank == 0


def _expects(test: Callable[[GoldCase], bool]) -> Holds:
    return lambda row, case: None if case is None else test(case)


EXPECTED: tuple[Slice, ...] = (
    Slice(
        "a refusal is expected",
        "expected",
        "it answers what the documents do not say: is the refusal's threshold too low?",
        _expects(lambda case: case.refusal),
    ),
    Slice(
        "a number is expected",
        "expected",
        "look at unit, scale and the row that was read",
        _expects(lambda case: case.value is not None),
    ),
    Slice(
        "several pages are expected",
        "expected",
        "is one of the pages missing among those retrieved?",
        lambda row, case: len(case.pages) > 1 if case is not None and case.pages else None,
    ),
)


def _alike(pages: Sequence[PageRef]) -> bool:
    """Whether documents stand side by side whose names differ in the year only."""
    names: dict[str, set[str]] = {}
    for page in pages:
        names.setdefault(_YEAR.sub("#", page.document), set()).add(page.document)
    return any(len(found) > 1 for found in names.values())


def _of_found(
    test: Callable[[Sequence[PageRef]], bool],
) -> Holds:
    return lambda row, case: test(row.retrieved) if row.retrieved else None


RETRIEVAL: tuple[Slice, ...] = (
    Slice(
        "the right page is not retrieved",
        "retrieval",
        "the model never saw it: look at the search, not at the prompt",
        _not_found,
    ),
    Slice(
        "the right page is not first",
        "retrieval",
        "does the first passage win whatever it says? (`--confirm first`)",
        _ranked(lambda rank, count: rank > 1),
    ),
    Slice(
        "the right page is last",
        "retrieval",
        "is what stands last cut off or overlooked? (`--confirm first`)",
        _ranked(lambda rank, count: count > 1 and rank == count),
    ),
    Slice(
        "the right page is in the middle",
        "retrieval",
        "is what stands in the middle overlooked? (`--confirm first`)",
        _ranked(lambda rank, count: 1 < rank < count),
    ),
    Slice(
        "look-alike years retrieved",
        "retrieval",
        "the same document of several years was shown: is the year told with each passage?",
        _of_found(_alike),
    ),
    Slice(
        "several documents retrieved",
        "retrieval",
        "are documents mixed up? Narrow the search, or name the document with each passage",
        _of_found(lambda pages: len({page.document for page in pages}) > 1),
    ),
    Slice(
        "nothing retrieved", "retrieval", "no page was shown", lambda row, case: not row.retrieved
    ),
)

RUN: tuple[Slice, ...] = (
    Slice("no tool was called", "run", "it answered from nothing", lambda row, case: not row.tools),
    Slice(
        "the same tool again",
        "run",
        "it searches again: are the first results poor?",
        lambda row, case: len(set(row.tools)) < len(row.tools) if row.tools else None,
    ),
    Slice(
        "nothing is cited",
        "run",
        "the answer stands on no page",
        lambda row, case: not row.cited if row.text and not row.refused else None,
    ),
)


def automatic(rows: Iterable[Row], least: int = 3) -> tuple[Slice, ...]:
    """Every slice for these rows: the fixed ones, and those that the rows themselves suggest.

    Of tags, documents and tools those with at least `least` rows inside and outside; lengths and
    numbers of pages by the upper third.
    """
    known = tuple(rows)
    found = [*QUESTION, *EXPECTED, *RETRIEVAL, *RUN]
    found += _upper("a long question", "question", "is the search given too many words?",
                    known, lambda row: len(row.question.split()))  # fmt: skip
    found += _upper("many pages retrieved", "retrieval", "does the budget cut what matters?",
                    known, lambda row: len(row.retrieved))  # fmt: skip
    found += _upper("many model requests", "run", "repairs and repeats: look at the steps",
                    known, lambda row: row.requests)  # fmt: skip
    for tag in _often((tag for row in known for tag in set(row.tags)), len(known), least):
        found.append(Slice(f"tag {tag}", "label", "look at the cases of this tag", _tagged(tag)))
    for tool in _often((tool for row in known for tool in set(row.tools)), len(known), least):
        found.append(Slice(f"tool {tool}", "run", f"look at what {tool} gave", _used(tool)))
    for group in _often((row.group for row in known if row.group), len(known), least):
        found.append(
            Slice(f"document {group}", "label", "was it read well?", _of(group), by_group=True)
        )
    return tuple(found)


def _tagged(tag: str) -> Holds:
    return lambda row, case: tag in row.tags


def _used(tool: str) -> Holds:
    return lambda row, case: tool in row.tools


def _of(group: str) -> Holds:
    return lambda row, case: row.group == group


def _often(names: Iterable[str], total: int, least: int) -> list[str]:
    counts = Counter(names)
    return sorted(name for name, count in counts.items() if least <= count <= total - least)


def _upper(
    name: str, about: About, advice: str, rows: Sequence[Row], size: Callable[[Row], int]
) -> list[Slice]:
    """The upper third by size, where sizes differ."""
    sizes = sorted(map(size, rows))
    if len(sizes) < 6:
        return []
    limit = sizes[len(sizes) * 2 // 3]
    if limit == sizes[0]:
        limit += 1
    if limit > sizes[-1]:
        return []
    return [Slice(f"{name} ({limit} or more)", about, advice, lambda row, case: size(row) >= limit)]
