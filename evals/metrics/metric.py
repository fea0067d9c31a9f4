"""What a metric is: a name, what it means, and a function from a case and an answer to a verdict.

Knows the shape only. The metrics stand in the files beside this one, by family.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ...graphs.answer import Answer
from ...graphs.trace import Trace
from ..checks import Verdict, verdict
from ..gold import GoldCase
from .once import once

Scale = Literal["share", "score", "amount"]
"""share: 0 or 1 for each case, so that the mean is a proportion (Wilson, McNemar). score: 0 to 1.
amount: not bounded (tokens, seconds); quantiles say more than a mean."""


@dataclass(frozen=True)
class Metric:
    """One way to look at an answer."""

    name: str
    about: str
    """One line: what it is, and whose definition."""
    measure: Callable[[GoldCase, Answer], Verdict]
    """The verdict is unscored where the case, or the answer, says nothing about it."""
    scale: Scale = "share"
    better: Literal["higher", "lower"] = "higher"
    when_failed: float | None = None
    """What a case gets that came to no answer (an error), where it would be scored; None:
    unscored. Whatever asks whether the answer is right gets 0: failing is no way out."""
    of_run: bool = False
    """Looks at what the run did, so that a run that failed has it too."""
    apart: bool = False
    """Takes long and shares nothing with other metrics: `measure_each` does it on its own."""


def scored(metric: str, value: float, reason: str) -> Verdict:
    """A verdict with a value."""
    return verdict(metric, float(value), reason)


def unscored(metric: str, reason: str) -> Verdict:
    """A verdict without one; no data is never 0."""
    return verdict(metric, None, reason)


@once
def trace_of(answer: Answer) -> Trace | None:
    """The run that gave the answer, where it is known."""
    try:
        return answer.trace
    except AttributeError:
        return None
