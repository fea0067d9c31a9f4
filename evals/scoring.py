"""One asked case becomes a row: what happened, and what the metrics say of it.

Knows an answer or the error instead of one, and the trace of either. Asks nothing
(`evals.running`) and reads no file (`evals.rescoring`).
"""

from collections.abc import Sequence
from functools import lru_cache

from ..graphs.answer import Answer
from ..graphs.canonical import canonical, digest
from ..graphs.redact import redact
from ..graphs.steps import StepError
from ..graphs.trace import ModelStep, ToolStep, Trace
from .checks import Verdict
from .evaluation import PageRef, Row
from .gold import GoldCase, GoldSet
from .metrics import Metric, measure, measure_failed
from .metrics.metric import trace_of
from .metrics.pages import Page, cited_pages, retrieved_pages

_FEW = 6
"""Cases that are redacted at once."""


def row_of(
    case: GoldCase,
    repeat: int,
    outcome: Answer | BaseException | StepError | str,
    metrics: Sequence[Metric] = (),
    *,
    trace: Trace | None = None,
    verdicts: tuple[Verdict, ...] | None = None,
) -> Row:
    """The row of one asking, with the verdicts of `metrics`.

    `outcome`: the answer, or why there is none; an error that knows its run (`.trace`) brings what
    was done until then. `trace`: that run, where neither the answer nor the error knows it.
    `verdicts`: those on the answer, where it was measured already.
    """
    known = trace_of(outcome) if isinstance(outcome, Answer) else getattr(outcome, "trace", None)
    run = known if isinstance(known, Trace) else trace
    if isinstance(outcome, Answer):
        answer = outcome if run is None or known is run else outcome.with_trace(run)
        verdicts = measure(metrics, case, answer) if verdicts is None else verdicts
        usage = answer.usage
        requests, cost, seconds = usage.requests, usage.cost_usd, usage.seconds
        tokens = usage.input_tokens, usage.output_tokens
        text, refused, error, cited = answer.text, answer.refused, None, cited_pages(answer)
    else:
        error = told(outcome)
        verdicts = measure_failed(metrics, case, error, run)
        requests, tokens, cost, seconds = _taken(run)
        text, refused, cited = "", False, ()
    steps = run.steps if run is not None else ()
    return Row(
        case=case.id,
        repeat=repeat,
        question=case.question,
        tags=case.tags,
        group=case.group or case.document,
        trace=run.id if run is not None else None,
        text=text,
        refused=refused,
        error=error,
        verdicts=verdicts,
        tools=tuple(
            step.name for step in steps if isinstance(step, ToolStep) and step.status != "refused"
        ),
        retrieved=_refs(retrieved_pages(run)) if run is not None else (),
        cited=_refs(cited),
        requests=requests,
        input_tokens=tokens[0],
        output_tokens=tokens[1],
        cost_usd=cost,
        seconds=seconds,
    )


def told(error: BaseException | StepError | str) -> str:
    """Why there is no answer, in a line."""
    if isinstance(error, str):
        return error
    name = error.type if isinstance(error, StepError) else type(error).__name__
    message = error.message if isinstance(error, StepError) else str(error)
    return f"{name}: {message}" if message else name


def hash_of(gold: GoldSet) -> str:
    """Content hash of the cases of a gold set, for `Evaluation.gold_hash`."""
    cases = gold.cases
    some = (cases[start : start + _FEW] for start in range(0, len(cases), _FEW))
    return digest(b"[%s]" % b",".join(map(_recorded, some)))


def _recorded(cases: Sequence[GoldCase]) -> bytes:
    """Cases as they stand in the list that `content_hash` is given."""
    # a list is looked through as a whole first, and one with many brackets in vain
    plain = [case.model_dump(mode="json", exclude_defaults=True) for case in cases]
    return canonical(redact(plain))[1:-1]


def _taken(
    run: Trace | None,
) -> tuple[int, tuple[int | None, int | None], float | None, float]:
    """Requests, tokens, cost and seconds of a run that came to no answer."""
    steps = run.steps if run is not None else ()
    asked = [step for step in steps if isinstance(step, ModelStep)]
    counted = [step.reply.tokens for step in asked if step.reply and step.reply.tokens]
    costs = [step.cost_usd for step in asked]
    known = [cost for cost in costs if cost is not None]
    return (
        sum(1 + len(step.attempts) for step in asked),
        (
            sum(tokens.input for tokens in counted) if counted else None,
            sum(tokens.output for tokens in counted) if counted else None,
        ),
        sum(known) if known and len(known) == len(costs) else None,
        sum(step.seconds for step in steps),
    )


def _refs(pages: Sequence[Page]) -> tuple[PageRef, ...]:
    return tuple(_ref(*page) for page in pages)


@lru_cache(maxsize=16_384)
def _ref(document: str, page: int | None) -> PageRef:
    return PageRef(document=document, page=page)
