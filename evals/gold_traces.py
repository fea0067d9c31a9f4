"""A recorded run as a gold case: its question, and its answer as what is expected.

Knows what of an answer can be expected again. Whether the answer was right is for a person to say.
"""

from ..graphs.answer import Answer
from ..graphs.trace import Trace
from ..tools.errors import GoldError
from .gold import GoldCase, GoldSet
from .markers import without_markers


def case_from(trace: Trace, id: str | None = None) -> GoldCase:
    """The case; its id is the run's unless one is given. Raises `GoldError`: no answer.

    The pages are those that are cited of the document that is cited most.
    """
    answer = trace.answer
    if answer is None:
        raise GoldError(f"trace {trace.id} came to no answer, so there is nothing to expect")
    if answer.refused:
        return GoldCase(id=id or trace.id, question=answer.question, refusal=True)
    text = without_markers(answer.text).strip()
    if not text:
        raise GoldError(f"the answer of trace {trace.id} is empty, so there is nothing to expect")
    document, pages, quote = _cited(answer)
    tools = tuple(
        dict.fromkeys(
            step.name for step in trace.steps if step.kind == "tool" and step.status == "ok"
        )
    )
    return GoldCase(
        id=id or trace.id,
        question=answer.question,
        answer=text,
        value=answer.value,
        unit=answer.unit,
        document=document,
        pages=pages,
        evidence=quote,
        tools=tools,
    )


def with_case(gold: GoldSet | None, case: GoldCase) -> GoldSet:
    """The set with one case more. Raises `GoldError` when its id is taken."""
    cases = gold.cases if gold is not None else ()
    for other in cases:
        if other.id == case.id:
            raise GoldError(f"id {case.id!r} is in the set already: give another with --id")
    return GoldSet(cases=(*cases, case))


def _cited(answer: Answer) -> tuple[str | None, tuple[int, ...], str | None]:
    """Document, pages and the first quote of the document that is cited most."""
    counts: dict[str, int] = {}
    for citation in answer.citations:
        if citation.url is None:
            counts[citation.document] = counts.get(citation.document, 0) + 1
    if not counts:
        return None, (), None
    document = max(counts, key=lambda name: counts[name])
    ours = [c for c in answer.citations if c.document == document and c.url is None]
    pages = sorted({c.page for c in ours if c.page is not None})
    return document, tuple(pages), ours[0].quote.strip() or None
