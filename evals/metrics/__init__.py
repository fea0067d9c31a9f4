"""The metrics that need no model: a registry by name. Those of a judge are `evals.judge`.

measure(metrics(["correct", "page_recall@5"]), case, answer)
"""

import difflib
import re
from collections.abc import Iterable, Sequence

from ...graphs.answer import Answer, Usage
from ...graphs.trace import Trace
from ...tools.errors import SettingsError
from ..checks import Verdict
from ..gold import GoldCase
from . import actions, correctness, effort, grounding, pages
from .bridges import BRIDGES, bridge
from .metric import Metric, Scale, scored, unscored

__all__ = [
    "DEFAULT",
    "METRICS",
    "Metric",
    "Scale",
    "measure",
    "measure_each",
    "measure_failed",
    "metrics",
    "scored",
    "unscored",
]

METRICS: dict[str, Metric] = {
    metric.name: metric
    for family in (correctness, pages, grounding, actions, effort)
    for metric in family.METRICS
}
"""By name. `page_recall@K` and `page_hit@K` are known for any K, the others as they stand here.
`BRIDGES` are known too, with the extra `bridges`."""

DEFAULT: tuple[str, ...] = (
    "correct",
    "refusal_precision",
    "refusal_recall",
    "citation_precision",
    "citation_recall",
    "context_recall",
    "faithfulness",
    "steps",
    "tokens",
    "cost",
    "latency",
)
"""What is measured when nothing else is asked for; the first is the primary one."""

_RANKED = re.compile(r"(page_recall|page_hit)@([1-9]\d{0,3})")


def metrics(names: Iterable[str | Metric] = DEFAULT) -> tuple[Metric, ...]:
    """Metrics by name, each once, in the order given; one of your own may stand among them.

    Raises `SettingsError` for a name that is not known, with the nearest that is.
    """
    found: dict[str, Metric] = {}
    for name in names:
        metric = name if isinstance(name, Metric) else _named(name)
        if found.setdefault(metric.name, metric) != metric:
            raise SettingsError(f"there are two metrics {metric.name!r}: give one another name")
    if not found:
        raise SettingsError(f"no metric is named; there are {', '.join(METRICS)}")
    return tuple(found.values())


def measure(chosen: Sequence[Metric], case: GoldCase, answer: Answer) -> tuple[Verdict, ...]:
    """A verdict of each metric. One that fails is unscored and says why: no row is lost for it."""
    found = []
    for metric in chosen:
        try:
            found.append(metric.measure(case, answer))
        except Exception as error:
            said = f"the metric failed: {type(error).__name__}: {error}"
            found.append(unscored(metric.name, said))
    return tuple(found)


def measure_each(
    chosen: Sequence[Metric], asked: Sequence[tuple[GoldCase, Answer]]
) -> list[tuple[Verdict, ...]]:
    """`measure` of each case and answer, sooner.

    Long metrics, those that stand `apart`, are measured on all answers one after the other: a
    processor that goes through the same code again has it at hand. The rest go answer by answer,
    since they share what they look at (`once`).
    """
    groups = [[metric] for metric in chosen if metric.apart]
    groups.append([metric for metric in chosen if not metric.apart])
    found: list[dict[str, Verdict]] = [{} for _ in asked]
    for group in groups:
        names = [metric.name for metric in group]
        for (case, answer), verdicts in zip(asked, found, strict=True):
            verdicts.update(zip(names, measure(group, case, answer), strict=True))
    order = [metric.name for metric in chosen]
    return [tuple(map(verdicts.__getitem__, order)) for verdicts in found]


def measure_failed(
    chosen: Sequence[Metric], case: GoldCase, reason: str, trace: Trace | None = None
) -> tuple[Verdict, ...]:
    """The verdicts on a case that came to no answer.

    What asks whether the answer is right gets `when_failed` (0) where the case says anything about
    it; what looks at the run is measured on its trace; the rest is unscored. What the run took
    until it failed stands in its row.
    """
    empty = Answer(question=case.question, text="", usage=Usage(model="none"))
    seen = empty if trace is None else empty.with_trace(trace)
    found = []
    for metric, verdict in zip(chosen, measure(chosen, case, seen), strict=True):
        if metric.when_failed is not None and verdict.value is not None:
            verdict = scored(metric.name, metric.when_failed, f"no answer: {reason}")
        elif trace is None or not metric.of_run:
            verdict = unscored(metric.name, f"no answer: {reason}")
        found.append(verdict)
    return tuple(found)


def _named(name: str) -> Metric:
    if name in METRICS:
        return METRICS[name]
    if ranked := _RANKED.fullmatch(name):
        return pages.at(ranked[1], int(ranked[2]))
    if name in BRIDGES:
        return bridge(name)
    near = difflib.get_close_matches(name, (*METRICS, *BRIDGES), n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(METRICS)}"
    raise SettingsError(f"the metric {name!r:.60} is not known: {hint}")
