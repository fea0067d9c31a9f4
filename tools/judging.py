"""How well one sentence answers a question: words, meaning, kind, negation, period, names.

Knows a sentence, its neighbours and its passage. Does not compare sentences.
"""

import re
from dataclasses import dataclass

from .evidence import Shown
from .likeness import likeness
from .lookup import Weights
from .names import has_name
from .periods import periods_in, years
from .question import Question, generic
from .sentences import sentences
from .tables import split_row
from .terms import closeness, content, stems, tokens
from .wordlists import STOP

LACKING = 0.12
"""What each asked-for word costs that stands neither in a sentence nor near it."""


_NEGATION = re.compile(
    r"\b(?:not|never|no|none|cannot|can't|isn't|aren't|doesn't|don't|didn't|won't|wasn't|weren't|"
    r"without|except|excluding|excludes?|excluded|neither|nor|prohibited|forbidden|must not)\b",
    re.IGNORECASE,
)


_DATE = re.compile(
    r"\b(?:january|february|march|april|may|june|july|august|september|october|november|december|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"(?:annually|yearly|monthly|weekly|daily|quarterly|immediately|at once|without delay)|"
    r"(?:\d+|one|two|three|four|five|six|seven|ten|twelve|thirty) "
    r"(?:calendar |business |working )?(?:minutes?|hours?|days?|weeks?|months?|years?)|"
    r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}|(?:1[0-9]|20)\d\d|\d\d?th century|\d0s)\b",
    re.IGNORECASE,
)


_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|"
    r"fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|dozen|half|third|quarter|"
    r"twice|once|several|many|none|no(?! longer))\b",
    re.IGNORECASE,
)


_PERCENT = re.compile(
    r"%|\bper ?cent\b|\bpercent\b|\b(?:half|third|quarter|fifths?|majority)\b", re.I
)


_PROPER = re.compile(r"(?<=\S\s)[A-Z][\w'-]+")


_ROLE = re.compile(
    r"\b(?:officer|director|manager|head|team|board|committee|auditor|owner|department|staff|"
    r"people|users?|administrators?|employees?|customers?|responsible|chair\w*|president|led "
    r"by|king|queen|"
    r"scientists?|company|author|founder|inventor)\b",
    re.IGNORECASE,
)


_PLACE = re.compile(
    r"\b(?:in|at|near|from|to|of|between|across|throughout|off|on)\s+(?:the\s+)?(?:[A-Z]|"
    r"north|south|east|west)"
)


_WHY = re.compile(r"\bwhy\b|\bwhat (?:drove|caused|led)\b|\breasons?\b", re.IGNORECASE)


_CAUSE = re.compile(
    r"\b(?:because|due to|owing|since|as a result|result(?:ed|s)?|caus\w+|reasons?|therefore|"
    r"driven|"
    r"thanks to|so that|led|reflect\w*|mainly|primarily|attributable|follow\w*)\b",
    re.IGNORECASE,
)


_LEANING = re.compile(r"\W*(?:it|this|these|they|its|their|both|that|such)\b", re.IGNORECASE)


_BOUND = re.compile(r"\b(?:since|until|before|after|than)\s+(?:19|20)\d\d\b", re.IGNORECASE)


MODAL = frozenset(
    stems(
        "allowed allow permitted permit required require must possible need needed used use may "
        "able mandatory"
    )
)
"""Stems that a sentence may say with another word: `allowed` by `may`."""


_SHARE = re.compile(r"\d[\d.,]*\s?(?:%|per ?cent)")


_DIGIT = re.compile(r"\d")


_ANY_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


_ASKING = re.compile(
    r"\?\s*$|^\W*(?:\d+[.)]\s*)?(?:please\s+)?(?:describe|state|name|list|explain|provide|specify|"
    r"confirm|give|indicate|which of your|do you|does your|is your|are your|how do you)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """A sentence, list item or line of a passage, verbatim, with its neighbours."""

    passage: Shown
    text: str
    before: str
    after: str


@dataclass(frozen=True)
class Choice:
    """A piece and how well it answers; `missing` are the asked-for things it lacks."""

    piece: Piece
    score: float
    coverage: float
    missing: tuple[str, ...]
    barred: bool = False
    """It speaks of another period than asked: a rival of others, never an answer."""


def pieces_of(passage: Shown) -> list[Piece]:
    """The sentences, items and rows of a passage."""
    parts: list[str] = []
    for part in sentences(passage.text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        tabular = sum(is_row(line) for line in lines)
        parts.extend(lines if len(lines) > 1 and tabular >= 0.5 * len(lines) else [part])
    return [
        Piece(
            passage=passage,
            text=part,
            before=parts[index - 1] if index else "",
            after=parts[index + 1] if index + 1 < len(parts) else "",
        )
        for index, part in enumerate(parts)
    ]


def judge(question: Question, piece: Piece, weights: Weights) -> Choice | None:
    """How well a piece answers; None when it cannot."""
    text = piece.text
    written = tokens(text)
    if len(written) < 4 or _ASKING.search(text) or _is_heading(text) or " | " in text.strip("|"):
        return None
    row = is_row(text)
    if row and question.periods:
        return None  # its year is in the header: a cell answers, or nothing
    barred = not _of_period(question, piece)
    own = frozenset(stems(text))
    near = frozenset(stems(f"{piece.before} {piece.after}"))
    names = frozenset(stems(f"{piece.passage.document} {piece.passage.title}"))
    place = frozenset(stems(piece.passage.header))
    leaning = 0.75 if _LEANING.match(text) else 0.55
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
        light = generic(term) or question.kind == "yes_no" and term in MODAL
        if light and len(question.subject) + len(named) > 1:
            weight *= 0.25
        elif term in question.aside:
            weight *= 0.6
        total += weight
        here = max(exact[term], alike.get(term, 0.0))
        direct += here >= 0.6
        got = max(
            here,
            leaning * closeness(term, near),
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
    score += _agreement(question, piece) - (0.35 if barred else 0.0)
    if question.kind != "yes_no" and not _new(question, own):
        return None
    asked = frozenset(question.terms)
    mine = content(text)
    shared = sum(1 for term in mine if term in asked) / max(1, len(mine))
    score += 0.08 * shared - 0.002 * max(0, len(written) - 30)
    return Choice(piece, round(score, 4), round(coverage, 4), tuple(missing), barred)


def _agreement(question: Question, piece: Piece) -> float:
    """Bonus and malus for kind, negation and period."""
    text = piece.text
    change = 0.0
    kind = question.kind
    if kind == "percent":
        change += 0.05 if _PERCENT.search(text) else -0.3
    elif kind == "number":
        asked_too = [token for token in tokens(question.text) if token[0].isdigit()]
        bare = _ANY_YEAR.sub(" ", text)
        for name in question.names:
            bare = re.sub(rf"\b{re.escape(name.split()[0])} \d+", " ", bare)
        for token in asked_too:
            bare = re.sub(rf"(?<![\w.,]){re.escape(token)}(?![\w%])", " ", bare)
        strict = bool(question.periods)
        change += 0.05 if (_DIGIT if strict else _NUMBER).search(bare) else -0.3
        amount = strict and question.operation is None
        if amount and not _NUMBER.search(_SHARE.sub(" ", bare)):
            change -= 0.15  # a share of it is not its amount
        change -= 0.3 if not _measured(question.text, text) else 0.0
    elif kind == "date":
        change += 0.05 if _DATE.search(text) else -0.35
    elif kind == "person":
        change += 0.03 if _PROPER.search(text) or _ROLE.search(text) else -0.25
    elif kind == "place":
        change += 0.03 if _PLACE.search(text) or _PROPER.search(text) else -0.15
    if _WHY.search(question.text) and not _CAUSE.search(text):
        change -= 0.12
    negated = bool(_NEGATION.search(text))
    if question.negated and not negated:
        change -= 0.15
    elif negated and not question.negated and kind != "yes_no":
        change -= 0.08
    quarters = [period for period in question.periods if not period.isdigit()]
    if quarters and not any(q in quarters_in(f"{text} {piece.passage.place}") for q in quarters):
        change -= 0.35
    asked = [period for period in question.periods if period.isdigit()]
    if asked:
        here = set(years(_BOUND.sub(" ", text)))
        if here:
            change += 0.05
        elif not any(year in years(f"{piece.before} {piece.after}") for year in asked):
            change -= 0.06
    return change


_MEASURED = {
    "heavy": r"\b(?:kg|g|t|lb|kilo\w*|grams?|tonnes?|pounds)\b",
    "tall": r"\b(?:m|cm|mm|ft|met\w+)\b",
    "wide": r"\b(?:m|cm|mm|ft|met\w+)\b",
    "deep": r"\b(?:m|cm|mm|ft|met\w+)\b",
    "far": r"\b(?:m|km|ft|miles?|met\w+|kilomet\w+)\b",
    "old": r"\b(?:years?|months?|since|founded|19\d\d|20\d\d)\b",
}


def _measured(question: str, text: str) -> bool:
    """Whether a `how heavy` is answered in a unit of weight, and so on."""
    asked = re.search(r"\bhow (heavy|tall|wide|deep|far|old)\b", question, re.IGNORECASE)
    return not asked or bool(re.search(_MEASURED[asked.group(1).lower()], text, re.IGNORECASE))


def _of_period(question: Question, piece: Piece) -> bool:
    """Whether a piece may speak of a year that the question names: it does, or what is around it.

    A sentence without a year speaks of the year of its heading or document.
    """
    asked = [period for period in question.periods if period.isdigit()]
    bound = bool(_BOUND.search(question.text))
    told = years(piece.text if bound else _BOUND.sub(" ", piece.text))
    amount = question.kind in ("number", "percent")
    if not asked or any(year in told for year in asked):
        return True
    if told or years(piece.text) and amount:
        return False
    if amount and not _DIGIT.search(piece.text):
        return False
    if any(year in years(f"{piece.before} {piece.after}") for year in asked):
        return True
    place = years(piece.passage.place)
    if any(year in place for year in asked):
        return True
    return not place and any(year in years(piece.passage.text) for year in asked)


def quarters_in(text: str) -> tuple[str, ...]:
    """The quarters that a text names."""
    return tuple(period for period in periods_in(text) if not period.isdigit())


def _new(question: Question, own: frozenset[str]) -> bool:
    """Whether a piece says anything that the question does not."""
    asked = frozenset(question.terms)
    return sum(1 for term in own if term not in asked and len(term) > 1) >= 2


_NUMBERING = re.compile(
    r"^(?:#+\s*)?(?:(?:note|item|section|part|annex|appendix|chapter|table|figure)\s+)?"
    r"(?:\d{1,3}(?:\.\d+)*|[A-Z]{1,4})[.:)]?\s+(?=[A-Z])",
    re.IGNORECASE,
)


def _is_heading(text: str) -> bool:
    text = _NUMBERING.sub("", text) or text
    return (
        "\n" not in text
        and len(text.split()) <= 8
        and text[-1] not in ".;:!"
        and not re.search(r"\d|:", text)
    )


def is_row(text: str) -> bool:
    """Whether a piece is a row of a table rather than a sentence."""
    return bool(split_row(text)[1])
