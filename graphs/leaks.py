"""What a web search may not carry once the model has read documents: their words.

A query is the one thing that goes out, and a document can tell a model what to put into it. The web
tool refuses addresses and encoded data (tools/web.py); here runs of words are held against what was
read. Knows texts; knows nothing of tools.
"""

import re
from collections.abc import Iterable

from ..tools.documents import Passage

RUN = 8
"""Words in a row that may not be those of a document."""
_WORD = re.compile(r"\w+")


def leak_of(query: str, question: str, passages: Iterable[Passage]) -> str | None:
    """Why a query is not sent; None where it is. `passages` are what the model has read.

    Words of the question may go out, and those of pages of the web, which are no secret.
    """
    runs = _runs(query)
    if runs:
        runs -= _runs(question)
    if runs and any(runs & _runs(passage.text) for passage in passages if passage.url is None):
        return (
            f"a web search may not carry {RUN} words in a row of a document:"
            " ask in a few words of your own"
        )
    return None


def _runs(text: str) -> set[tuple[str, ...]]:
    """Every run of `RUN` words."""
    words = _WORD.findall(text.lower())
    return set(zip(*(words[start:] for start in range(RUN)), strict=False))
