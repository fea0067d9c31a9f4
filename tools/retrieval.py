"""How a question is read and how scores become one ranking. Knows no files and no disk.

The score of a passage is a sum: its words and those of its headings (BM25 over the best passage's),
the cosine of its vector, the prior of its document, when a number is asked for how full of figures
it is, and with a pack whether its page is of a wanted kind. Sums of normalised scores did better
than ranks combined.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .documents import Frozen
from .languages import ENGLISH
from .lexical import Integers, Scores, terms, words
from .packs import pack_of


class RetrievalOptions(Frozen):
    """What a ranking may be told; part of every trace."""

    dense: float = 0.5
    """Weight of the cosine beside the lexical score, which is at most 1."""
    headings: float = 0.4
    """Weight of the words in the headings over a passage, on the scale of the lexical score."""
    figures: float = 0.4
    """What a table of numbers gains when the question asks for a number."""
    prior: float = 1.0
    """Weight of what the question says of documents: a name counts 1 (`tools/prior.py`)."""
    named: float = 0.3
    """Lexical weight of the words that name a document: the prior has them already."""
    per_page: int = 2
    """Passages of one page among the results; the page's others come after them."""
    pack: str | None = None
    """Name or path of a pack (`tools/packs.py`): what is known of a field. None: nothing."""
    pack_hash: str | None = None
    """Content hash of that pack, as `with_pack` sets it; another content is refused."""
    expansion: float = 1.0
    """Weight of a pack's added words, beside the weight that the pack gives each."""
    page_types: float = 0.5
    """What a page gains that is wholly of a kind the question wants to see."""
    multi_query: bool = False
    """Ask each sentence or clause of a long question by itself too, and add up what they find."""


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


_FISCAL_YEAR = re.compile(r"\bFY\s?'?(?:((?:19|20)\d\d)|(\d\d))\b")
"""Pages write the year without FY, so the question does too."""

_QUANTITY = re.compile(
    r"\bhow (?:much|many|often|large|high|low|long|far|old)\b|\b(?:amounts?|totals?|rates?|ratios?"
    r"|percent(?:age)?s?|averages?|numbers? of|sum|change[ds]?|grow(?:th|n)?|grew|increased?"
    r"|decreased?|declined?|drop(?:ped)?|difference|figures?)\b",
    re.I,
)


_CLAUSE_END = re.compile(r"(?<=[.?!;])\s+|,\s+(?=(?:and|or|if|but|what|how|which|who)\b)", re.I)
_FEWEST = 3
"""Words to look for that a part of a question needs."""


def clean_question(question: str) -> str:
    """The question without phrases on how to answer; whole when nothing would be left."""
    text = question
    for pattern in _INSTRUCTIONS:
        text = pattern.sub(" ", text)
    text = _FISCAL_YEAR.sub(lambda match: f" {match[1] or '20' + match[2]}", text)
    text = " ".join(text.split())
    return text if terms(text) else question


def with_pack(options: RetrievalOptions | None, name: str | None) -> RetrievalOptions:
    """The options with a pack, by name or path (`none` or None: without), and its content hash."""
    pack = pack_of(name)
    settled = {"pack": name, "pack_hash": pack.hash} if pack else {"pack": None, "pack_hash": None}
    return (options or RetrievalOptions()).model_copy(update=settled)


def parts_of_question(question: str) -> list[str]:
    """Sentences and clauses of a long question that ask something by themselves.

    None when there is only one, and none that has fewer than `_FEWEST` words to look for.
    """
    parts = [" ".join(part.split()) for part in _CLAUSE_END.split(clean_question(question))]
    parts = [part for part in parts if len(terms(part)) >= _FEWEST]
    return parts if len(parts) > 1 else []


def weigh(
    question: str,
    consumed: Collection[str],
    options: RetrievalOptions,
    languages: Collection[str] = (ENGLISH,),
) -> dict[str, float]:
    """Stemmed words of a question, in these languages, with their lexical weights.

    `consumed` are English stems of the words that name a document.
    """
    if tuple(languages) == (ENGLISH,):
        return {term: options.named if term in consumed else 1.0 for term in terms(question)}
    weights: dict[str, float] = {}
    for word in words(question):
        weight = options.named if any(term in consumed for term in terms(word)) else 1.0
        for language in languages:
            for term in terms(word, language):
                weights[term] = min(weight, weights.get(term, 1.0))
    return weights


def wants_number(question: str) -> bool:
    """Whether the question asks for a quantity or for how one changed."""
    return bool(_QUANTITY.search(question))


def rank(
    rows: Integers,
    pages: npt.NDArray[np.int64],
    addends: Mapping[str, Scores],
    k: int,
    options: RetrievalOptions,
) -> list[Ranked]:
    """The best `k` of `rows` by the sum of `addends`; all arrays run along `rows`.

    `pages` numbers the page of each row. Ties go to the lower row. A row whose `lexical` and
    `dense` are both 0 is not a result.
    """
    total = np.sum(list(addends.values()), axis=0)
    matches = (addends["lexical"] > 0) | (addends["dense"] > 0)
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
            {name: float(values[index]) for name, values in addends.items()},
        )
        for index in (first + later)[:k]
    ]
