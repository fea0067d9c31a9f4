"""Whether a sentence says yes or no to a yes-no question; silence where that is not plain.

Knows negations, conditions and exceptions. Knows nothing of how well the sentence fits.
"""

import re

from .judging import MODAL
from .names import has_name
from .question import Question
from .terms import closeness, content, stems

_NO = re.compile(
    r"\b(?:not|never|no|none|cannot|\w+n't|neither|nor|forbidden|prohibited|no longer)\b",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:if|unless|except|excluding|only|without|until|may|might|could|would|should|about to|"
    r"expected|optional|option|but|however|although|partly|not (?:all|every|always|yet)|"
    r"(?:do|does|did)\s*not\.?$)\b",
    re.IGNORECASE,
)
_LEANING = re.compile(r"\W*(?:[\d.]+\s+)?(?:it|they|this|these)\b", re.IGNORECASE)
_LOOSE = re.compile(
    r"^\W*(?:do|does|did)\b.*\b(?:have|has|own|get)\b|\b(?:or|why)\b", re.IGNORECASE
)


def polarity(question: Question, text: str, place: str) -> str:
    """`Yes`, `No` or nothing: what a sentence that stands at `place` answers."""
    if question.kind != "yes_no" or question.negated or _LOOSE.search(question.text):
        return ""
    own = frozenset(stems(text))
    named = {term for name in question.names for term in content(name)}
    if not all(has_name(name, f"{text} {place}") for name in question.names):
        return ""
    asked = [term for term in question.terms if term not in named]
    around = own | frozenset(stems(place)) if _LEANING.match(text) else own
    lacking = [term for term in asked if closeness(term, around) < 0.8]
    negations = len(_NO.findall(text))
    if negations == 1 and not _OPEN.search(text) and all(term in MODAL for term in lacking):
        return "No" if len(lacking) < len(asked) else ""
    if negations or lacking or not asked or _OPEN.search(text):
        return ""
    return "Yes"
