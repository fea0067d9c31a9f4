"""A question without what only tells how to answer it, and names that are short for longer ones.

Knows English phrasings. Knows nothing of evidence.
"""

import re

from .retrieval import clean_question
from .thesaurus import IDIOMS

_ASIDE = re.compile(r"\s*\((?:formerly|previously|also|now|aka|f/k/a)\b[^)]*\)", re.IGNORECASE)


_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")


_ORDER = re.compile(
    r"^(?:please\s+)?(?:give (?:a|an|your|the) (?:response|answer|solution)|approach|address|"
    r"respond|"
    r"answer|base|calculate what|provide (?:a|an|your) (?:response|answer)|round|assume that|"
    r"you are|"
    r"use only|solve|here's the question)\b",
    re.IGNORECASE,
)


_LEAD = re.compile(
    r"^(?:by|using|taking|based on|according to|assum\w+|you are|in|from|given|drawing|relying|"
    r"here's)\b[^?]*?\b(?:statement|statements|sheet|information|analyst|banker|question|details|"
    r"perspective|standpoint|filing|report)\b[^?:,]*[:,]\s*(?=[a-z])",
    re.IGNORECASE,
)


_REST = re.compile(
    r"^your abilit\w+\W+|(?<=[.)])[\s.]*\b(?:using|relying|based|within)\b[^?]*$", re.I
)
"""What is left of an order when its beginning was taken out."""


def core(question: str) -> str:
    """The asking part of a question: no orders on form, no `formerly known as`."""
    text = _ASIDE.sub("", " ".join(question.split()))
    text = re.sub(r"\s+([,.?!])", r"\1", clean_question(text))
    kept = [
        part
        for part in _SENTENCE.split(text)
        if re.search(r"\bdefined? as\b", part) or not _ORDER.match(part) or "?" in part
    ]
    text = _LEAD.sub("", " ".join(kept)).strip()
    text = _REST.sub("", text)
    text = re.sub(r"\?\s*[.,;]?\s*(?:[a-z(][^?]*)?$", "?", re.sub(r"\(\s*\)\s*", "", text))
    text = re.sub(r"^[a-z]", lambda match: match.group().upper(), text)
    for idiom, word in IDIOMS:
        text = re.sub(idiom, word, text, flags=re.IGNORECASE)
    return text if re.search(r"\w{3}", text) else question
