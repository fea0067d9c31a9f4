"""Judges among the metrics of an evaluation: `judge:correctness`, `judge:mine.toml`.

Knows how a rubric's judge becomes a `JudgedMetric`, and how rows that are kept are judged later.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...graphs.answer import Answer
from ...graphs.model import ChatModel, Tokens
from ...graphs.store import TraceStore
from ...tools.errors import SettingsError
from ..checks import Verdict
from ..evaluation import Evaluation, Row
from ..gold import GoldCase, GoldSet
from ..judged import PREFIX, JudgedMetric
from ..metrics import scored, unscored
from .calibration import Setup
from .gate import SETTING, judge_of
from .judge import Judge
from .rubric import Rubric
from .subject import subject_of


class Judges:
    """Makes the judge of each name: a `Factory` for `evaluate(..., judge=...)`."""

    def __init__(
        self,
        model: ChatModel,
        *,
        votes: int = 1,
        temperature: float | None = None,
        store: TraceStore | None = None,
        secrets: tuple[str, ...] = (),
        price: Callable[[str, Tokens], float | None] | None = None,
    ) -> None:
        """As `Judge`, for every rubric."""
        self._model = model
        self._options: dict[str, Any] = {
            "votes": votes,
            "temperature": temperature,
            "store": store,
            "secrets": secrets,
            "price": price,
        }
        self._made: dict[str, Judge] = {}

    def judge(self, name: str) -> Judge:
        """The judge of `judge:RUBRIC`, made once. Raises `SettingsError`.

        One of a file is known by the name of its rubric too, once it was made.
        """
        if name not in self._made:
            rubric = Rubric.load(name.removeprefix(PREFIX))
            made = Judge(self._model, rubric, **self._options)
            self._made[name] = self._made[PREFIX + rubric.name] = made
        return self._made[name]

    def __call__(self, name: str) -> JudgedMetric:
        """The metric of a name. Raises `SettingsError` for one that compares two answers."""
        return metric_of(self.judge(name))

    def settings(self, names: Iterable[str]) -> dict[str, Any]:
        """What an evaluation says of its judges, for its `settings`: so a gate knows them."""
        judges = [self.judge(name) for name in names if name.startswith(PREFIX)]
        said = {setup.metric: setup.model_dump(mode="json") for setup in map(setup_of, judges)}
        return {SETTING: said} if said else {}


def setup_of(judge: Judge) -> Setup:
    """Which judge it is."""
    return Setup(
        metric=PREFIX + judge.rubric.name,
        rubric=judge.rubric.label,
        model=judge.model.id,
        votes=judge.votes,
        setup=judge.setup,
    )


def metric_of(judge: Judge) -> JudgedMetric:
    """A judge as a metric."""
    rubric = judge.rubric
    if rubric.pairwise:
        raise SettingsError(
            f"the rubric {rubric.name} compares two answers and is no metric of one:"
            " workings judge prefer A B"
        )
    name = PREFIX + rubric.name

    async def measure(case: GoldCase, answer: Answer) -> Verdict:
        if answer.refused and rubric.each == "answer":
            return unscored(name, "refused: nothing is claimed")
        subject = subject_of(case, answer, cited_only=rubric.passages == "cited")
        return (await judge.judge(subject)).verdict(name)

    return JudgedMetric(
        name=name,
        about=rubric.about,
        judge=measure,
        scale="share" if rubric.is_share else "score",
        when_failed=rubric.when_failed,
    )


async def judge_rows(
    evaluation: Evaluation,
    gold: GoldSet,
    judges: Iterable[Judge],
    answers: Callable[[Row], Answer],
    *,
    wanted: Callable[[Row], bool] = lambda row: True,
    concurrency: int = 4,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Judge the rows of an evaluation that is kept; the judges' verdicts are added.

    A verdict that the same judge gave before is not asked for again. `answers` gives the answer of
    a row, with its trace where there is one. Rows whose case is not in `gold`, or is another
    question there, stay as they are.
    """
    cases = {case.id: case for case in gold.cases}
    chosen = tuple(judges)
    gate = asyncio.Semaphore(concurrency)
    places = [
        n
        for n, row in enumerate(evaluation.rows)
        if row.case in cases and row.question == cases[row.case].question and wanted(row)
    ]
    done = 0

    async def one(row: Row) -> Row:
        nonlocal done
        async with gate:
            for judge in chosen:
                row = await _judged(row, cases[row.case], judge, evaluation.settings, answers)
        done += 1
        if progress is not None:
            progress(done, len(places))
        return row

    rows = list(evaluation.rows)
    made = await asyncio.gather(*(one(rows[place]) for place in places))
    for place, row in zip(places, made, strict=True):
        rows[place] = row
    setups = {setup.metric: setup.model_dump(mode="json") for setup in map(setup_of, chosen)}
    before = evaluation.settings.get(SETTING)
    known = dict(before) if isinstance(before, Mapping) else {}
    return evaluation.model_copy(
        update={
            "rows": tuple(rows),
            "metrics": tuple(dict.fromkeys((*evaluation.metrics, *setups))),
            "settings": {**evaluation.settings, SETTING: {**known, **setups}},
        }
    )


async def _judged(
    row: Row,
    case: GoldCase,
    judge: Judge,
    settings: Mapping[str, Any],
    answers: Callable[[Row], Answer],
) -> Row:
    metric = metric_of(judge)
    before = judge_of(settings, metric.name)
    kept = [verdict for verdict in row.verdicts if verdict.metric == metric.name]
    if kept and kept[0].value is not None and before is not None and before.setup == judge.setup:
        return row
    if row.error is None:
        verdict = await metric.judge(case, answers(row))
    elif metric.when_failed is None:
        verdict = unscored(metric.name, f"no answer: {row.error}")
    else:
        verdict = scored(metric.name, metric.when_failed, f"no answer: {row.error}")
    others = [one for one in row.verdicts if one.metric != metric.name]
    return row.model_copy(update={"verdicts": (*others, verdict)})
