"""The next tool call of the extractive model: pure, from the question and what was found so far.

Knows what is worth asking for next. Never asks for the same thing twice.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .composing import compose
from .evidence import Computed, Shown
from .lookup import HEAD
from .names import has_name
from .needed import Needed, wanted
from .periods import years
from .planning import plan
from .question import Question, analyse, parts
from .reading import Evidence
from .routing import CALCULATOR, SEARCH, WEB, Loaded, route
from .statements import Statement, begun_by, title_of
from .terms import content, expanded, reworded
from .trends import trend_in

_SEARCHES = 2
"""Rounds of searching, at most."""
_OPERANDS, _AT_ONCE = 3, 5
"""Searches of one round: for operands, and in all."""
PAGE = "read_page"
ROWS = "find_rows"
_PAGES = 3
"""Pages that are read for the rows of operands."""


@dataclass(frozen=True)
class Call:
    """A tool to call."""

    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Done:
    """What was already called and found."""

    made: tuple[tuple[str, dict[str, Any]], ...]
    passages: tuple[Shown, ...]
    calculations: tuple[Computed, ...]
    rows: tuple[tuple[str, str], ...] = ()
    """Document and page of every row of a table that was found, best first for each operand."""


def first_step(question: str, documents: Sequence[Loaded], offered: Sequence[str]) -> list[Call]:
    """The first tool call; none for small talk and for what no tool on offer can find out."""
    chosen = route(question, documents, offered)
    if chosen.tool == SEARCH and WEB not in offered and _about_the_world(question, documents):
        return []
    if chosen.tool == CALCULATOR and chosen.expression is not None:
        return [Call(CALCULATOR, {"expression": chosen.expression})]
    if chosen.tool in (SEARCH, WEB):
        return [Call(chosen.tool, {"query": _query(question)})]
    return []


def _about_the_world(question: str, documents: Sequence[Loaded]) -> bool:
    """Whether only the web could know: weather, news, rates, with no document named."""
    scores = route(question, documents, (SEARCH, WEB)).scores
    named = max((document.named for document in documents), default=0.0)
    return named < 0.5 and scores[WEB] - scores[SEARCH] >= 3.5


def next_step(
    question: str, documents: Sequence[Loaded], offered: Sequence[str], done: Done
) -> list[Call]:
    """What to call after the results so far; nothing when they suffice or nothing more can help."""
    tools = [name for name, _ in done.made]
    if CALCULATOR in tools:
        return []
    if _says_so(question, done):
        return []
    asked = analyse(question)
    evidence = Evidence(done.passages)
    needed = wanted(asked)
    rounds = sum(1 for name in tools if name in (SEARCH, WEB))
    if SEARCH in tools and rounds < _SEARCHES:
        titles = _statement_titles(asked, done)
        if titles:
            return _fresh([*titles, *_operand_searches(asked, needed, SEARCH)][:_AT_ONCE], done)
    if PAGE in offered and PAGE not in tools:
        pages = _statement_pages(asked, done)
        if pages:
            return pages
    if CALCULATOR in offered:
        planned = plan(asked, evidence.rows, evidence.weights)
        if planned is not None:
            return [Call(CALCULATOR, {"expression": planned.expression})]
    searcher = SEARCH if SEARCH in tools else WEB
    double = parts(question)
    if rounds < _SEARCHES and len(double) > 1 and searcher in offered and needed is None:
        about = " ".join(asked.names)
        first = compose(double[0], done.passages)
        if first.refused:
            halves = [double[0], f"{about} {double[1]}".strip()]
            return _fresh([Call(searcher, {"query": _query(each)}) for each in halves], done)
    if rounds < _SEARCHES and needed is not None and searcher in offered:
        return _fresh(_operand_searches(asked, needed, searcher)[:_OPERANDS], done)
    if needed is not None and ROWS in offered and PAGE in offered:
        if ROWS not in tools:
            return [_operand_rows(question, needed)]
        if tools[-1] == ROWS:
            return _row_pages(done)
    if not compose(question, done.passages).refused:
        return []
    if rounds < _SEARCHES and searcher in offered:
        keywords = " ".join((*asked.names, *_words(question, asked.subject), *asked.periods))
        if keywords:
            fresh = _fresh([Call(searcher, {"query": _reworded(expanded(keywords))})], done)
            named = max((document.named for document in documents), default=0.0)
            if searcher == SEARCH and WEB in offered and named < 0.5 and not done.passages:
                return _fresh([Call(WEB, {"query": _query(question)})], done)
            return fresh
    return []


def _operand_searches(asked: Question, needed: Needed | None, searcher: str) -> list[Call]:
    """A search for each operand, with its names and its period."""
    queries = dict.fromkeys(
        " ".join(
            part
            for part in (*_names_not_in(asked.names, side.phrase), side.phrase, side.period)
            if part
        )
        for side in (needed.sides if needed is not None else ())
    )
    return [Call(searcher, {"query": expanded(query)}) for query in queries]


def _operand_rows(question: str, needed: Needed) -> Call:
    """The rows of tables that the operands may be, when no passage holds them."""
    items = [{"line_item": side.phrase, "period": side.period or ""} for side in needed.sides]
    return Call(ROWS, {"items": items[:8], "about": question[:400]})


def _row_pages(done: Done) -> list[Call]:
    """The pages of the rows that were found and are not shown yet."""
    shown = {(passage.document, passage.page) for passage in done.passages}
    pages = dict.fromkeys(place for place in done.rows if place not in shown and place[1].isdigit())
    return [
        Call(PAGE, {"document": document, "page": int(page)})
        for document, page in list(pages)[:_PAGES]
    ]


def _says_so(question: str, done: Done) -> bool:
    """Whether a sentence says yes or no to whether something rose: `Revenue grew to ...`."""
    if trend_in(question) is None or not done.passages:
        return False
    told = compose(question, done.passages).sentences
    return bool(told) and told[0].text.startswith(("Yes. ", "No. "))


def _statement_titles(asked: Question, done: Done) -> list[Call]:
    """A search for each statement that the question names and that was not found yet."""
    found = {_statement_of(asked, passage) for passage in done.passages}
    return [
        Call(SEARCH, {"query": " ".join((*asked.names, *asked.periods, title_of(statement)))})
        for statement in asked.statements
        if statement not in found
    ]


def _statement_pages(asked: Question, done: Done) -> list[Call]:
    """The whole pages of the statements that the question names, one each."""
    pages: dict[Statement, Call] = {}
    for passage in done.passages:
        statement = _statement_of(asked, passage)
        if statement in asked.statements and statement not in pages and passage.page.isdigit():
            arguments = {"document": passage.document, "page": int(passage.page)}
            pages[statement] = Call(PAGE, arguments)
    return list(pages.values())


def _statement_of(asked: Question, passage: Shown) -> Statement | None:
    """The statement that a passage is of, if it is of the companies and years asked about."""
    if not all(has_name(name, passage.place) for name in asked.names):
        return None
    told = years(f"{passage.header} {passage.text}")
    if not all(period in told for period in asked.periods if period.isdigit()):
        return None
    return begun_by(f"{passage.header} {passage.text[:HEAD]}")


def _fresh(calls: Sequence[Call], done: Done) -> list[Call]:
    made = {(name, " ".join(str(a.get("query", a)).lower().split())) for name, a in done.made}
    return [
        call
        for call in calls
        if (call.tool, " ".join(str(call.arguments.get("query", "")).lower().split())) not in made
    ]


def _query(question: str) -> str:
    return expanded(" ".join(question.split())[:400])


def _reworded(keywords: str) -> str:
    """Keywords with the words of a thesaurus that may stand for them."""
    words = [word for key in dict.fromkeys(content(keywords)) for word in reworded(key)]
    return " ".join([keywords, *dict.fromkeys(words)])[:400]


def _names_not_in(names: Sequence[str], phrase: str) -> list[str]:
    return [name for name in names if name.lower() not in phrase.lower()]


def _words(question: str, stems: Sequence[str]) -> list[str]:
    """The words of the question whose stems are asked for, as written."""
    words = []
    for word in re.findall(r"[\w&'-]+", question):
        if any(term in stems for term in content(word)) and word not in words:
            words.append(word)
    return words
