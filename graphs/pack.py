"""Evidence as text for a model: passages and calculations in XML tags with ids, under a budget.

The text is data: its angle brackets are escaped, so that nothing in it can close a tag. Knows
nothing of who reads it.
"""

import html
from collections.abc import Iterable, Sequence

from ..tools.documents import Passage
from .answer import Calculation

CHARACTERS_PER_TOKEN = 4
"""The usual estimate for English; budgets are estimates."""


def passage_xml(number: int, passage: Passage) -> str:
    """One passage as the model sees it."""
    attributes = [f'id="{number}"', f'document="{html.escape(passage.document)}"']
    if passage.page is not None:
        attributes.append(f'page="{passage.page}"')
    if passage.url is not None:
        attributes.append(f'url="{html.escape(passage.url)}"')
    if passage.date is not None:
        attributes.append(f'date="{html.escape(passage.date)}"')
    if passage.header:
        attributes.append(f'header="{html.escape(" ".join(passage.header.split()))[:200]}"')
    return f"<passage {' '.join(attributes)}>{html.escape(passage.text, quote=False)}</passage>"


def calculation_xml(number: int, calculation: Calculation) -> str:
    """One calculation as the model sees it."""
    expression = html.escape(calculation.expression)
    return (
        f'<calculation id="{number}" expression="{expression}">{calculation.result}</calculation>'
    )


def pack(numbers: Iterable[int], passages: Sequence[Passage], tokens: int) -> tuple[str, list[int]]:
    """Passages as XML, in the given order, as many as fit into `tokens`; and which those are.

    The first one is always in, cut if it must be. A passage whose text another one holds already
    is left out.
    """
    left = tokens * CHARACTERS_PER_TOKEN
    parts: list[str] = []
    used: list[int] = []
    seen: list[str] = []
    for number in numbers:
        passage = passages[number - 1]
        if any(passage.text in text for text in seen):
            continue
        xml = passage_xml(number, passage)
        if len(xml) > left:
            if parts:
                continue
            overhead = len(xml) - len(passage.text)
            cut = passage.text[: max(200, left - overhead)]
            xml = passage_xml(number, passage.model_copy(update={"text": cut}))
        parts.append(xml)
        used.append(number)
        seen.append(passage.text)
        left -= len(xml)
    return "\n".join(parts), used


def by_turns(searches: Sequence[Sequence[int]], oldest_first: bool = False) -> list[int]:
    """Ids of all searches, best of each first, then the second of each, and so on; each once.

    With several searches no one of them can crowd the others out of the budget. The last one goes
    first, being the most considered; `oldest_first` is for models whose first query is the
    question itself and whose later ones are poor.
    """
    order: dict[int, None] = {}
    turns = list(searches) if oldest_first else list(reversed(searches))
    for rank in range(max((len(search) for search in searches), default=0)):
        for search in turns:
            if rank < len(search):
                order.setdefault(search[rank])
    return list(order)
