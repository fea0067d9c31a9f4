"""Metrics that have to ask somebody: a judge. Their shape, and how they stand among the others.

A name such as `judge:correct` is given to a factory that is handed in; knows no judge.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..graphs.answer import Answer
from ..tools.errors import SettingsError
from .checks import Verdict
from .gold import GoldCase
from .metrics import Metric, metrics, scored, unscored
from .metrics.metric import Scale

PREFIX = "judge:"


@dataclass(frozen=True)
class JudgedMetric:
    """As `Metric`, but its verdict has to be waited for."""

    name: str
    """`judge:...`."""
    about: str
    judge: Callable[[GoldCase, Answer], Awaitable[Verdict]]
    """Gives a verdict of this metric's name; what goes wrong in it is an unscored verdict."""
    scale: Scale = "share"
    better: Literal["higher", "lower"] = "higher"
    when_failed: float | None = 0.0
    """What a case gets that came to no answer."""


Factory = Callable[[str], JudgedMetric]
"""Makes the metric of a name that begins with `judge:`. Raises `SettingsError`."""


@dataclass(frozen=True)
class Chosen:
    """The metrics of an evaluation, in the order they were named."""

    names: tuple[str, ...]
    code: tuple[Metric, ...]
    judged: tuple[JudgedMetric, ...]

    @property
    def all(self) -> tuple[Metric | JudgedMetric, ...]:
        """The metrics themselves, in order."""
        found: dict[str, Metric | JudgedMetric] = {item.name: item for item in self.code}
        found |= {item.name: item for item in self.judged}
        return tuple(found[name] for name in self.names)

    async def judge(
        self, case: GoldCase, outcome: Answer | str, verdicts: Sequence[Verdict]
    ) -> tuple[Verdict, ...]:
        """The verdicts of code, and those of the judges beside them, in order.

        `outcome` is the answer, or why there is none. A judge that fails leaves it unscored.
        """
        found = {verdict.metric: verdict for verdict in verdicts}
        for metric in self.judged:
            found[metric.name] = await _verdict(metric, case, outcome)
        return tuple(found[name] for name in self.names if name in found)


def chosen(names: Iterable[str | Metric | JudgedMetric], factory: Factory | None = None) -> Chosen:
    """Metrics by name; a `judge:...` is made by the factory. Raises `SettingsError`."""
    order: dict[str, None] = {}
    code: list[str | Metric] = []
    judged: dict[str, JudgedMetric] = {}
    for item in names:
        if isinstance(item, str) and item.startswith(PREFIX):
            if factory is None:
                raise SettingsError(f"the metric {item!r:.60} needs a judge, and none is given")
            item = factory(item)
        if isinstance(item, JudgedMetric):
            judged[item.name] = item
            order.setdefault(item.name)
        else:
            code.append(item)
            order.setdefault(item if isinstance(item, str) else item.name)
    known = metrics(code) if code or not judged else ()
    return Chosen(names=tuple(order), code=known, judged=tuple(judged.values()))


async def _verdict(metric: JudgedMetric, case: GoldCase, outcome: Answer | str) -> Verdict:
    if isinstance(outcome, str):
        if metric.when_failed is None:
            return unscored(metric.name, f"no answer: {outcome}")
        return scored(metric.name, metric.when_failed, f"no answer: {outcome}")
    try:
        return await metric.judge(case, outcome)
    except Exception as error:
        return unscored(metric.name, f"the judge failed: {type(error).__name__}: {error}")
