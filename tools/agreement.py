"""Whether a piece is of the kind and the time that a question asks for.

Knows what dates, amounts, people, causes and negations look like. Knows nothing of likeness.
"""

import re

from .light_words import LIGHT
from .likeness import likeness
from .periods import periods_in, years
from .pieces import Piece
from .question import Question
from .terms import closeness, content, stem, stems, tokens
from .wordlists import SPANS

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


_PROPER = re.compile(
    r"(?<=\S\s)(?!(?:January|February|March|April|May|June|July|August|September|October|November|"
    r"December)\b)[A-Z][\w'-]+"
)


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


_BOUND = re.compile(r"\b(?:since|until|before|after|than)\s+(?:19|20)\d\d\b", re.IGNORECASE)


_SHARE = re.compile(r"\d[\d.,]*\s?(?:%|per ?cent)")


_DIGIT = re.compile(r"\d")


_ANY_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


_TIMED = re.compile(
    r"\bhow (?:soon|quickly|often|frequently|long (?:do|does|did|can|could|may|before|after|until|"
    r"have|has|will|would|shall|are|were)\b)(?!.*\bbe\W*$)|\bhow long (?:must|should)\b"
    r"(?!.*\bbe\W*$)",
    re.IGNORECASE,
)
"""A question that a span of time answers, or a point of it."""


_SPAN = re.compile(
    r"\b(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|once|twice|daily|weekly|"
    r"monthly|quarterly|annually|yearly|immediately|at once|without delay|never|always|ever|until|"
    r"(?:19|20)\d\d|\d\d:\d\d)\b",
    re.IGNORECASE,
)


_IN_YEAR = re.compile(r"\b(?:what|which) year\b", re.IGNORECASE)


_MEASURED = {
    "heavy": r"\b(?:kg|g|t|lb|kilo\w*|grams?|tonnes?|pounds)\b",
    "tall": r"\b(?:m|cm|mm|ft|met\w+)\b",
    "wide": r"\b(?:m|cm|mm|ft|met\w+)\b",
    "deep": r"\b(?:m|cm|mm|ft|met\w+)\b",
    "far": r"\b(?:m|km|ft|miles?|met\w+|kilomet\w+)\b",
    "old": r"\b(?:years?|months?|since|founded|19\d\d|20\d\d)\b",
}


def agreement(question: Question, piece: Piece) -> float:
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
        change += 0.03 if _PROPER.search(text) or _ROLE.search(text) else -0.4
    elif kind == "place":
        change += 0.03 if _PLACE.search(text) or _PROPER.search(text) else -0.15
    if _TIMED.search(question.text) and not _SPAN.search(text):
        change -= 0.25
    if _IN_YEAR.search(question.text) and not _ANY_YEAR.search(text):
        change -= 0.25
    change -= 0.2 if _off_the_point(question, piece) else 0.0
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


_POINT = re.compile(
    r"\b(?:what|which|how many)\s+(?P<point>(?:[\w-]+\s+){1,3}?)"
    r"(?:does|do|did|is|are|was|were|has|have|"
    r"had|can|could|must|may|will|would|should|shall)\b",
    re.IGNORECASE,
)


def _off_the_point(question: Question, piece: Piece) -> bool:
    """Whether a piece lacks what a `which discount does ...` asks for, in any wording."""
    asked = _POINT.search(question.text)
    if not asked:
        return False
    points = [term for term in content(asked["point"]) if term in question.subject]
    if not points or points[-1] in _COMMON:
        return False
    around = f"{piece.text} {piece.before} {piece.passage.header}"
    if closeness(points[-1], frozenset(stems(around))) >= 0.6:
        return False
    word = question.words.get(points[-1], points[-1])
    return not likeness([word], tokens(around))[0]


_COMMON = frozenset(stem(word) for word in (*LIGHT, *SPANS))


def _measured(question: str, text: str) -> bool:
    """Whether a `how heavy` is answered in a unit of weight, and so on."""
    asked = re.search(r"\bhow (heavy|tall|wide|deep|far|old)\b", question, re.IGNORECASE)
    return not asked or bool(re.search(_MEASURED[asked.group(1).lower()], text, re.IGNORECASE))


def of_period(question: Question, piece: Piece) -> bool:
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
