"""Pages: those that the run found, and those that the answer cites, against those of the gold.

Pages are ids, (document, page), each once, in the order in which the tools gave them. Context
precision and recall are RAGAS' IDBasedContextPrecision and IDBasedContextRecall over these ids.
Citation precision and recall are the same over the cited pages: by gold pages, not by entailment
as in ALCE (Gao et al., 2023). A case without pages says nothing about any of them.
"""

from functools import partial

from ...graphs.answer import Answer
from ...graphs.trace import ToolStep, Trace
from ..checks import Verdict
from ..gold import GoldCase
from .correctness import graded
from .metric import Metric, scored, trace_of, unscored
from .once import once

Page = tuple[str, int | None]


@once
def retrieved_pages(trace: Trace) -> tuple[Page, ...]:
    """Pages of the passages that tools found, in the order of calls and ranks, each once."""
    found: dict[Page, None] = {}
    for step in trace.steps:
        if isinstance(step, ToolStep) and step.result is not None:
            passages = step.result.get("passages")
            for passage in passages if isinstance(passages, list) else ():
                if isinstance(passage, dict):
                    page = passage.get("page")
                    found.setdefault(
                        (str(passage.get("document")), page if isinstance(page, int) else None)
                    )
    return tuple(found)


@once
def cited_pages(answer: Answer) -> tuple[Page, ...]:
    """Pages that the answer cites, in the order of its markers, each once."""
    return tuple(dict.fromkeys((item.document, item.page) for item in answer.citations))


def is_gold(page: Page, case: GoldCase) -> bool:
    """Whether a page is one of the case; a case without a document means any."""
    return page[1] in case.pages and case.document in (None, page[0])


def page_recall(case: GoldCase, answer: Answer, k: int) -> Verdict:
    """Share of the gold pages among the first k found."""
    return _ranked(f"page_recall@{k}", case, answer, k, share=True)


def page_hit(case: GoldCase, answer: Answer, k: int) -> Verdict:
    """Any gold page among the first k found."""
    return _ranked(f"page_hit@{k}", case, answer, k, share=False)


def _ranked(name: str, case: GoldCase, answer: Answer, k: int, share: bool) -> Verdict:
    marks = _found(case, answer)
    if isinstance(marks, str):
        return unscored(name, marks)
    right, wanted = len({*marks[:k]} - {None}), len({*case.pages})
    value = right / wanted if share else right > 0
    return scored(name, value, f"{right} of {wanted} gold pages among the first {k}")


def reciprocal_rank(case: GoldCase, answer: Answer) -> Verdict:
    """1 / rank of the first gold page; 0 when none was found."""
    marks = _found(case, answer)
    if isinstance(marks, str):
        return unscored("mrr", marks)
    for rank, page in enumerate(marks, 1):
        if page is not None:
            return scored("mrr", 1 / rank, f"page {page} stands at rank {rank}")
    return scored("mrr", 0.0, f"no gold page among {len(marks)}")


def context_precision(case: GoldCase, answer: Answer) -> Verdict:
    """Share of the found pages that are gold; unscored when nothing was found, as RAGAS' NaN."""
    name = "context_precision"
    marks = _found(case, answer)
    if isinstance(marks, str):
        return unscored(name, marks)
    if not marks:
        return unscored(name, "no page was found")
    return _precision(name, marks, "found")


def context_recall(case: GoldCase, answer: Answer) -> Verdict:
    """Share of the gold pages that were found."""
    name = "context_recall"
    marks = _found(case, answer)
    return unscored(name, marks) if isinstance(marks, str) else _recall(name, marks, case, "found")


def citation_precision(case: GoldCase, answer: Answer) -> Verdict:
    """Share of the cited pages that are gold."""
    name = "citation_precision"
    marks = _cited(case, answer)
    if isinstance(marks, str):
        return unscored(name, marks)
    if not marks:
        return unscored(name, "nothing is cited")
    return _precision(name, marks, "cited")


def citation_recall(case: GoldCase, answer: Answer) -> Verdict:
    """Share of the gold pages that are cited."""
    name = "citation_recall"
    marks = _cited(case, answer)
    return unscored(name, marks) if isinstance(marks, str) else _recall(name, marks, case, "cited")


Marks = tuple[int | None, ...]
"""Of pages, one after the other: the number of one that is gold, else None."""


@once
def _found(case: GoldCase, answer: Answer) -> Marks | str:
    """The pages that tools found, or why nothing can be said of them."""
    if not case.pages or case.refusal:
        return "no page is expected"
    trace = trace_of(answer)
    if trace is None:
        return "the answer has no trace"
    return tuple(page[1] if is_gold(page, case) else None for page in retrieved_pages(trace))


@once
def _cited(case: GoldCase, answer: Answer) -> Marks | str:
    if not case.pages or case.refusal:
        return "no page is expected"
    return tuple(page[1] if is_gold(page, case) else None for page in cited_pages(answer))


def _precision(name: str, marks: Marks, what: str) -> Verdict:
    right = len(marks) - marks.count(None)
    return scored(name, right / len(marks), f"{right} of {len(marks)} pages {what} are gold")


def _recall(name: str, marks: Marks, case: GoldCase, what: str) -> Verdict:
    right, wanted = len({*marks} - {None}), len({*case.pages})
    return scored(name, right / wanted, f"{right} of {wanted} gold pages {what}")


def at(name: str, k: int) -> Metric:
    """`page_recall` or `page_hit` at a rank."""
    if name == "page_recall":
        about = f"share of the gold pages among the first {k} found (recall@k)"
        return Metric(f"{name}@{k}", about, partial(page_recall, k=k), "score", of_run=True)
    about = f"a gold page among the first {k} found (any of them supports the answer)"
    return Metric(f"{name}@{k}", about, partial(page_hit, k=k), of_run=True)


METRICS = (
    Metric(
        "pages",
        "at least one gold page is cited",
        partial(graded, name="pages"),
        when_failed=0.0,
    ),
    Metric(
        "citations",
        "something is cited or calculated, and every citation is verified",
        partial(graded, name="citations"),
        when_failed=0.0,
    ),
    Metric(
        "citation_precision",
        "share of the cited pages that are gold (by gold pages; ALCE's is by entailment)",
        citation_precision,
        "score",
    ),
    Metric(
        "citation_recall",
        "share of the gold pages that are cited (by gold pages; ALCE's is by entailment)",
        citation_recall,
        "score",
        when_failed=0.0,
    ),
    at("page_recall", 1),
    at("page_recall", 5),
    at("page_recall", 10),
    at("page_hit", 5),
    Metric(
        "mrr",
        "1 / rank of the first gold page (mean reciprocal rank, TREC-8 QA)",
        reciprocal_rank,
        "score",
        of_run=True,
    ),
    Metric(
        "context_precision",
        "share of the found pages that are gold (RAGAS IDBasedContextPrecision)",
        context_precision,
        "score",
        of_run=True,
    ),
    Metric(
        "context_recall",
        "share of the gold pages that were found (RAGAS IDBasedContextRecall)",
        context_recall,
        "score",
        of_run=True,
    ),
)
