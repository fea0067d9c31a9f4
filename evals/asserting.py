"""`assert_grade`: a gold case as an assertion of a test.

Knows what an answer has to be for a test to pass; measuring is `evals.metrics`.
"""

from collections.abc import Sequence

from ..graphs.answer import Answer
from .gold import GoldCase
from .metrics import Metric, measure, metrics

_LONGEST = 500


def assert_grade(
    answer: Answer,
    case: GoldCase,
    measured: Sequence[str | Metric] = ("correct",),
    *,
    least: float = 1.0,
) -> None:
    """Assert that the answer is what the gold case expects.

    Every metric has to have a value of at least `least`; one that says nothing about the case
    (unscored) does not count, but one of them has to say something. `AssertionError` quotes the
    question, the answer and the reasons.
    """
    __tracebackhide__ = True
    verdicts = measure(metrics(measured), case, answer)
    scored = [verdict for verdict in verdicts if verdict.value is not None]
    failed = [v for v in scored if v.value is not None and v.value < least] if scored else verdicts
    if not failed:
        return
    told = "\n".join(
        f"  {verdict.metric} = {'unscored' if verdict.value is None else f'{verdict.value:g}'}:"
        f" {verdict.reason}"
        for verdict in failed
    )
    said = answer.reason or "refused" if answer.refused else answer.text
    text = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 3]}..."
    raise AssertionError(f"case {case.id}: {case.question}\n  answer: {text}\n{told}")
