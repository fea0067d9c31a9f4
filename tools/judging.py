"""How well one sentence answers a question: words, meaning, kind, negation, period, names.

Knows a sentence, its neighbours and its passage. Does not compare sentences.
"""

import re
from dataclasses import dataclass

from .agreement import agreement, of_period
from .light_words import LIGHT
from .likeness import likeness
from .lookup import Weights
from .names import has_name
from .pieces import Piece, is_heading, is_row
from .question import Question, generic
from .terms import closeness, content, stem, stems, tokens
from .wordlists import SPANS, STOP

LACKING = 0.12
"""What each asked-for word costs that stands neither in a sentence nor near it."""


REWORDED = 0.25
"""What a common verb or adjective of the question weighs that no evidence has."""
_SPAN_STEMS = frozenset(stem(word) for word in SPANS)
_LIGHT_STEMS = frozenset(stem(word) for word in LIGHT)


_LEANING = re.compile(
    r"\W*(?:it|this|these|they|its|their|his|her|he|she|both|that|such)\b", re.IGNORECASE
)


MODAL = frozenset(
    stems(
        "allowed allow permitted permit required require must possible need needed used use may "
        "able mandatory"
    )
)
"""Stems that a sentence may say with another word: `allowed` by `may`."""


_ASKING = re.compile(
    r"\?\s*$|^\W*(?:\d+[.)]\s*)?(?:please\s+)?(?:describe|state|name|list|explain|provide|specify|"
    r"confirm|give|indicate|which of your|do you|does your|is your|are your|how do you)\b",
    re.IGNORECASE,
)


_NO_PROSE = re.compile(r"(?<=\w) \| |(?:\. ){4}|\.{5}")
"""A running title, a row of a marked table, a line of a table of contents."""


@dataclass(frozen=True)
class Choice:
    """A piece and how well it answers; `missing` are the asked-for things it lacks."""

    piece: Piece
    score: float
    coverage: float
    missing: tuple[str, ...]
    barred: bool = False
    """It speaks of another period than asked: a rival of others, never an answer."""


def judge(question: Question, piece: Piece, weights: Weights) -> Choice | None:
    """How well a piece answers; None when it cannot."""
    text = piece.text
    written = tokens(text)
    if len(written) < 3 or _ASKING.search(text) or is_heading(text) or _NO_PROSE.search(text):
        return None
    row = is_row(text)
    if row and question.periods:
        return None  # its year is in the header: a cell answers, or nothing
    barred = not of_period(question, piece)
    own = frozenset(stems(text))
    near = frozenset(stems(f"{piece.before} {piece.after}"))
    names = frozenset(stems(f"{piece.passage.document} {piece.passage.title}"))
    place = frozenset(stems(piece.passage.header))
    leans = bool(_LEANING.match(text))
    leaning = 0.8 if leans else 0.65
    far = frozenset(stems(piece.earlier))
    around_before = frozenset(stems(piece.before))
    named = {term for name in question.names for term in content(name)}
    present = {
        term
        for name in question.names
        if has_name(name, piece.passage.place)
        for term in content(name)
    }
    exact = {term: closeness(term, own) for term in question.terms}
    open_terms = [term for term in question.terms if exact[term] < 0.6 and term not in named]
    alike = dict(
        zip(
            open_terms,
            likeness(
                [question.words.get(term, term) for term in open_terms],
                [word for word in written if word.lower() not in STOP and not word[0].isdigit()],
            ),
            strict=True,
        )
    )
    total = covered = 0.0
    missing: list[str] = []
    direct = 0
    lacking = 0.0
    for term in question.terms:
        weight = weights(term)
        light = generic(term) or term in _SPAN_STEMS or term in MODAL
        if light and len(question.subject) + len(named) > 1:
            weight *= 0.25
        elif term in question.aside:
            weight *= 0.6
        unknown = not (term[0].isdigit() or term in named or weights.known(term))
        if unknown:
            weight *= REWORDED if term in _LIGHT_STEMS else 1.0
        total += weight
        here = max(exact[term], alike.get(term, 0.0))
        direct += here >= 0.6 or leans and closeness(term, around_before) >= 0.6
        got = max(
            here,
            leaning * closeness(term, around_before),
            0.55 * closeness(term, near),
            0.5 * closeness(term, far),
            0.85 * max(closeness(term, names), float(term in present)),
            (0.85 if term in named else 0.5) * closeness(term, place),
        )
        covered += weight * got
        there = max(here, closeness(term, names), closeness(term, place))
        if there < 0.5 and term not in present and not light:
            missing.append(term)
        if got < 0.3 and not light and term not in question.aside:
            lacking += weight
    if not total or not direct:
        return None
    coverage = covered / total
    if lacking and not any(exact[term] == 1.0 for term in question.terms if term not in named):
        lacking += 1.0  # only synonyms, and not of everything: another thing is spoken of
    score = coverage - LACKING * min(2.0, lacking) - (0.1 if row else 0.0)
    around = f"{text} {piece.before} {piece.after} {piece.passage.place}"
    for name in question.names:
        if not has_name(name, around):
            score -= 0.12 if has_name(name, piece.passage.text) else 0.25
    score += agreement(question, piece) - (0.35 if barred else 0.0)
    if question.kind != "yes_no" and not _new(question, own):
        return None
    asked = frozenset(question.terms)
    mine = content(text)
    shared = sum(1 for term in mine if term in asked) / max(1, len(mine))
    score += 0.08 * shared - 0.002 * max(0, len(written) - 30)
    return Choice(piece, round(score, 4), round(coverage, 4), tuple(missing), barred)


def _new(question: Question, own: frozenset[str]) -> bool:
    """Whether a piece says anything that the question does not."""
    asked = frozenset(question.terms)
    return sum(1 for term in own if term not in asked and len(term) > 1) >= 2
