"""A suspicion about failures, tried: the same runs with one thing changed, the model asked anew.

first: the right passage put first against put last. negate, year: the question negated, or with
another year, against the question as it is. Knows forks and replays; what to ask is handed in
(`again.Side`). Says confirmed or not by a paired test, or that there is too little.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

from ..graphs.answer import Answer
from ..graphs.trace import ModelStep, ToolStep, Trace
from ..tools.documents import Frozen
from .again import Side, judged
from .checks import plain
from .estimate import Estimate, wilson
from .flips import PASSING
from .fork import afork
from .gold import GoldCase
from .replay import areplay
from .slices import years
from .stats_tests import mcnemar

Kind = Literal["first", "negate", "year"]
KINDS: tuple[Kind, ...] = ("first", "negate", "year")
_LEVEL = 0.05


class Trial(Frozen):
    """One case with the thing changed."""

    case: str
    changed: str
    """What was changed, in words."""
    before: bool
    """first: passes with the right passage last; else: the answer changed by chance alone."""
    after: bool
    """first: passes with it first; else: the answer changed with the question."""


class Counterfactual(Frozen):
    """What came of it."""

    kind: Kind
    verdict: Literal["confirmed", "not confirmed", "inconclusive"]
    reason: str
    p: float | None
    """Exact McNemar over the cases."""
    share: Estimate
    """first: share that the order decides; else: share of answers that did not change."""
    trials: tuple[Trial, ...]
    left_out: dict[str, str]
    """Cases that could not be tried, with the reason."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.verdict}. {self.reason}"


async def counterfactual(
    kind: Kind, runs: Iterable[tuple[GoldCase, Trace]], side: Side
) -> Counterfactual:
    """Try a suspicion on recorded runs; two live runs for each.

    first is confirmed when more cases pass with the right passage first than with it last. negate
    and year suspect that the model does not hear the word: confirmed when more than half of the
    answers stay the same (the interval above it); not confirmed when they change more often than
    they do when asked the same again.
    """
    trials: list[Trial] = []
    left_out: dict[str, str] = {}
    for case, trace in runs:
        tried = await (
            _order(case, trace, side) if kind == "first" else _ask(kind, case, trace, side)
        )
        if isinstance(tried, str):
            left_out[case.id] = tried
        else:
            trials.append(tried)
    lost = sum(trial.before and not trial.after for trial in trials)
    won = sum(trial.after and not trial.before for trial in trials)
    p = mcnemar(lost, won) if trials else None
    firm = p is not None and p <= _LEVEL
    n = len(trials)
    verdict: Literal["confirmed", "not confirmed", "inconclusive"] = "inconclusive"
    if kind == "first":
        share = wilson(won, n)
        if firm and won > lost:
            verdict = "confirmed"
        elif share.high is not None and share.high < 0.2:
            verdict = "not confirmed"
        reason = (
            f"with the right passage first {sum(t.after for t in trials)} of {n} pass, with it last"
            f" {sum(t.before for t in trials)}"
        )
    else:
        same = sum(not trial.after for trial in trials)
        share = wilson(same, n)
        if share.low is not None and share.low > 0.5:
            verdict = "confirmed"
        elif firm and won > lost:
            verdict = "not confirmed"
        word = "negated" if kind == "negate" else "of another year"
        reason = (
            f"{same} of {n} answers stay the same when the question is {word};"
            f" {sum(t.before for t in trials)} change when it is asked again"
        )
    told = "" if p is None else f" (p={p:.3f})"
    return Counterfactual(
        kind=kind, verdict=verdict, reason=reason + told, p=p, share=share,
        trials=tuple(trials), left_out=left_out,
    )  # fmt: skip


async def _order(case: GoldCase, trace: Trace, side: Side) -> Trial | str:
    """Both orders of the passages of the last search that found the right page."""
    for step in reversed(trace.steps):
        if not isinstance(step, ToolStep) or not step.result:
            continue
        passages: Any = step.result.get("passages") or []
        right = [p for p in passages if _is_right(p, case)]
        rest = [p for p in passages if not _is_right(p, case)]
        if right and rest:
            break
    else:
        return "no search found the right page beside another one"
    # what the model said of the passages is asked anew in both orders
    known = tuple(
        item
        for item in trace.steps
        if not (isinstance(item, ModelStep) and item.index > step.index)
    )
    record = trace.model_copy(update={"steps": known, "nodes": (), "status": "done"})
    passes = []
    for order in (rest + right, right + rest):
        again = await afork(
            record, step.index, order, live="all", model=side.model, tools=side.tools,
            prompts=side.prompts, price=side.price,
        )  # fmt: skip
        if again.answer is None:
            return "a run with another order came to no answer"
        value = await judged(side.judge, case, again.answer)
        if value is None:
            return "the answer is unscored"
        passes.append(value >= PASSING)
    return Trial(
        case=case.id, changed=f"the right passage of {len(passages)} last, then first",
        before=passes[0], after=passes[1],
    )  # fmt: skip


async def _ask(kind: Kind, case: GoldCase, trace: Trace, side: Side) -> Trial | str:
    """The question as it is, and changed."""
    changed = negated(trace.question) if kind == "negate" else other_year(trace)
    if changed is None:
        return "the question cannot be negated by rule" if kind == "negate" else "it names no year"
    if trace.answer is None:
        return "the recorded run came to no answer"
    answers = []
    for question in (trace.question, changed):
        # a search with the same words gives what it gave; the model is asked anew
        record = trace.model_copy(
            update={
                "start": trace.start.model_copy(update={"question": question}),
                "steps": tuple(step for step in trace.steps if isinstance(step, ToolStep)),
                "nodes": (),
                "status": "done",
            }
        )
        again = await areplay(
            record, live="all", model=side.model, tools=side.tools, prompts=side.prompts,
            price=side.price,
        )  # fmt: skip
        if again.answer is None:
            return "a run again came to no answer (are its tools given?)"
        answers.append(again.answer)
    return Trial(
        case=case.id, changed=changed, before=not alike(trace.answer, answers[0]),
        after=not alike(answers[0], answers[1]),
    )  # fmt: skip


def alike(a: Answer, b: Answer) -> bool:
    """Whether two answers say the same: both refuse, or one value, the same quotes, or text."""
    if a.refused or b.refused:
        return a.refused and b.refused
    if a.value is not None and b.value is not None:
        return a.value == b.value
    quotes = [{plain(citation.quote) for citation in item.citations} for item in (a, b)]
    return (bool(quotes[0]) and quotes[0] == quotes[1]) or plain(a.text) == plain(b.text)


_NOT = re.compile(r"\s+(?:not|never)\b|n['\u2019]t\b", re.IGNORECASE)
_CANNOT = re.compile(r"\bcannot\b", re.IGNORECASE)
_WITHOUT = re.compile(r"\bwithout\b", re.IGNORECASE)
_VERB = re.compile(
    r"\b(is|are|was|were|does|do|did|has|have|had|can|could|will|would|may|must|should)\b",
    re.IGNORECASE,
)


def negated(question: str) -> str | None:
    """The question with its negation taken out, or put in after the first auxiliary verb."""
    for pattern, instead in ((_NOT, ""), (_CANNOT, "can"), (_WITHOUT, "with")):
        if pattern.search(question):
            return pattern.sub(instead, question, count=1)
    verb = _VERB.search(question)
    return None if verb is None else f"{question[: verb.end()]} not{question[verb.end() :]}"


def other_year(trace: Trace) -> str | None:
    """The question with another year: one that its passages name, else the year before."""
    asked = sorted(years(trace.question))
    if not asked:
        return None
    shown: set[str] = set()
    for step in trace.steps:
        if isinstance(step, ToolStep) and step.result:
            passages: Any = step.result.get("passages") or []
            for passage in passages:
                shown |= years(f"{passage.get('document', '')} {passage.get('text', '')}")
    spare = sorted(shown - {*asked}, key=lambda y: (abs(int(y) - int(asked[-1])), -int(y)))
    return trace.question.replace(asked[-1], spare[0] if spare else str(int(asked[-1]) - 1))


def _is_right(passage: Any, case: GoldCase) -> bool:
    return passage.get("page") in case.pages and case.document in (None, passage.get("document"))
