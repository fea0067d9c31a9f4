"""How a question is read and how scores become one ranking. Knows no files and no disk.

The score of a passage is a sum: its words (BM25 over the best passage's), half the cosine of its
vector, and the prior of its document. Sums of normalised scores did better than ranks combined
(BENCHMARKS.md).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .documents import Frozen
from .lexical import Integers, Scores, terms


class RetrievalOptions(Frozen):
    """What a ranking may be told; part of every trace."""

    dense: float = 0.5
    """Weight of the cosine beside the lexical score, which is at most 1."""
    prior: float = 0.8
    """Weight of what the question says of documents (0 to 1 each)."""
    named: float = 0.3
    """Lexical weight of the words that name a document: the prior has them already."""
    per_page: int = 2
    """Passages of one page among the results; the page's others come after them."""


@dataclass(frozen=True)
class Ranked:
    """One row of an index with its score and the addends."""

    row: int
    score: float
    parts: dict[str, float]


# Phrases that say how to answer, not what about. Each ends with its clause.
_INSTRUCTIONS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\bif\b[^.?!]*?(?:\bnot\b|n't\b)[^.?!]*?,?\s*(?:then\s+)?(?:please\s+)?(?:state|say|tell|write)"
        r"\b[^.?!]*[.?!]?",
        r"\bassum(?:e|ing) that (?:you|we) [^.?!,:]*[.?!,:]",
        r"\b(?:approach|address|answer|respond to) (?:the|this) (?:following )?question\b"
        r"(?: asked)?(?:\s+(?:by|as if|assuming|to the best of)\b)?",
        r"\bto the best of your abilit(?:y|ies)\b",
        r"\b(?:please\s+)?(?:answer|respond|reply|express(?:ed)?|give (?:the|your) answer)"
        r"\s+in\b[^.?!;]*",
        r"\b(?:and\s+)?round(?:ed)?\s+(?:your answer\s+)?to\b[^.?!;)]*",
        r"\bgive an? (?:response|answer) to the question\b",
        r"\bcalculate what was asked by\b",
        r"\b(?:in|as) (?:units of )?percents?\b",
        r"\(in (?:us[d$]?|eur|gbp|usd)?\s*\$?(?:thousands|millions|billions)[^)]*\)",
        r"\b(?:by )?(?:primarily |only )?"
        r"(?:using|utilizing|relying on|based on|drawing conclusions from)"
        r" (?:the |information |details |line items )*"
        r"(?:that is |that are |which are |clearly |provided |stated |shown |outlined "
        r"|primarily |only )*"
        r"(?=in\b|from\b)",
        r"\bbase your (?:answer|judge?ments?) on\b",
        r"\bplease\b",
    )
)


def clean_question(question: str) -> str:
    """The question without phrases on how to answer; whole when too little would be left."""
    text = question
    for pattern in _INSTRUCTIONS:
        text = pattern.sub(" ", text)
    text = " ".join(text.split())
    return text if len(terms(text)) >= 2 else question


def weigh(question: str, consumed: Collection[str], options: RetrievalOptions) -> dict[str, float]:
    """Stemmed words of a question with their lexical weights."""
    return {term: options.named if term in consumed else 1.0 for term in terms(question)}


def rank(
    rows: Integers,
    lexical: Scores,
    dense: Scores,
    prior: Scores,
    pages: npt.NDArray[np.int64],
    k: int,
    options: RetrievalOptions,
) -> list[Ranked]:
    """The best `k` of `rows`; all arrays run along `rows`, `pages` numbers the page of each.

    Lexical scores are divided by the best of `rows`; ties go to the lower row. A row with no
    lexical score and no positive cosine is not a result.
    """
    top = float(lexical.max()) if len(lexical) else 0.0
    words = lexical / top if top > 0 else np.zeros_like(lexical)
    cosine = options.dense * np.maximum(dense, 0)
    place = options.prior * prior
    total = words + cosine + place
    matches = (words > 0) | (cosine > 0)
    order = np.lexsort((rows, -total))
    order = order[matches[order]]
    first: list[int] = []
    later: list[int] = []
    seen: dict[int, int] = {}
    for index in order.tolist():
        page = int(pages[index])
        seen[page] = seen.get(page, 0) + 1
        (first if seen[page] <= options.per_page else later).append(index)
        if len(first) >= k:
            break
    return [
        Ranked(
            int(rows[index]),
            float(total[index]),
            {
                "lexical": float(words[index]),
                "dense": float(cosine[index]),
                "prior": float(place[index]),
            },
        )
        for index in (first + later)[:k]
    ]
