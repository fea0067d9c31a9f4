"""The three statements of accounts: which a question names, and which one a heading begins.

Knows the general English words for them. Knows nothing of what stands in them.
"""

import re
from functools import lru_cache
from typing import Literal

Statement = Literal["income", "balance", "cash"]

_OF = r"statements? of (?:consolidated )?"
_NAMES: dict[Statement, re.Pattern[str]] = {
    "income": re.compile(
        rf"\b(?:(?:income|earnings|profit (?:and|&) loss|p ?& ?l) statements?|"
        rf"{_OF}(?:income|operations|earnings|profits?)|profit and loss account|p ?& ?l)\b",
        re.IGNORECASE,
    ),
    "balance": re.compile(rf"\b(?:balance sheets?|{_OF}financial position)\b", re.IGNORECASE),
    "cash": re.compile(rf"\b(?:cash[- ]?flows? statements?|{_OF}cash ?flows?)\b", re.IGNORECASE),
}
_TITLES: dict[Statement, str] = {
    "income": "consolidated statements of operations, income statement",
    "balance": "consolidated balance sheets",
    "cash": "consolidated statements of cash flows",
}
_PLAIN = re.compile(r"\bcomprehensive\b|\bparent company\b|\bindex to\b", re.IGNORECASE)


def statements_in(text: str) -> tuple[Statement, ...]:
    """The statements that a text names, each once."""
    return tuple(name for name, pattern in _NAMES.items() if pattern.search(text))


@lru_cache(maxsize=4096)
def begun_by(heading: str) -> Statement | None:
    """The one statement whose table a heading stands over; None for none, several or a digest."""
    if _PLAIN.search(heading):
        return None
    found = statements_in(heading)
    return found[0] if len(found) == 1 else None


def title_of(statement: Statement) -> str:
    """How reports head it, for a search."""
    return _TITLES[statement]
