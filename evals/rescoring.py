"""Kept runs scored again: another metric costs no tokens.

Reads traces, from memory or from disk at a glance (`graphs.glance`); asks no model. Which case a
run belongs to is said by an earlier evaluation, else by its question.
"""

import gc
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..graphs.glance import glance
from ..graphs.trace import Trace
from ..tools.errors import GoldError, TraceError
from .evaluation import Evaluation, Row
from .gold import GoldCase, GoldSet, plain_question
from .metrics import DEFAULT, Metric, measure_each, metrics
from .scoring import hash_of, row_of

_AT_ONCE = 64
"""Runs that are read, then scored: a processor does the same again more quickly."""
_Asked = tuple[GoldCase, int, Trace]
"""A case, the repeat of it, and the run that it was asked in."""


def rescore(
    traces: Iterable[Trace | str | Path],
    gold: GoldSet,
    chosen: Sequence[str | Metric] = DEFAULT,
    *,
    of: Evaluation | None = None,
    id: str = "rescored",
    gold_name: str = "",
    created: str = "",
) -> Evaluation:
    """Score kept runs by a gold set; a second run of a case is its next repeat.

    `traces`: traces, files of them, or folders of such files. `of`: the evaluation that the runs
    were made for: its rows name case and repeat of each trace, and its rows without a trace are
    kept as failed. Runs of no case are counted in `settings` (`unmatched`), files that cannot be
    read in `damaged`, each with its reason. Raises `GoldError` where no run belongs to any case,
    `SettingsError` for an unknown metric.
    """
    judges = metrics(chosen)
    with _few_collections():
        return _rescored(traces, gold, judges, of, id, gold_name, created)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Garbage is looked for a hundred times more seldom: what is made here knows no cycle.

    It is a seventh of the time otherwise, and more with every row.
    """
    before = gc.get_threshold()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _rescored(
    traces: Iterable[Trace | str | Path],
    gold: GoldSet,
    judges: Sequence[Metric],
    of: Evaluation | None,
    id: str,
    gold_name: str,
    created: str,
) -> Evaluation:
    cases = {case.id: case for case in gold.cases}
    paired = {row.trace: row for row in of.rows if row.trace} if of is not None else {}
    questions = gold.by_question()
    rows: list[Row] = []
    some: list[_Asked] = []
    repeats: Counter[str] = Counter()
    damaged: list[str] = []
    models: dict[str, None] = {}
    unmatched = 0
    for trace in _traces(traces, damaged):
        before = paired.get(trace.id)
        case: GoldCase | None
        if of is not None:
            case = cases.get(before.case) if before is not None else None
        else:
            case = questions.get(plain_question(trace.question))
        if case is None:
            unmatched += 1
            continue
        repeat = before.repeat if before is not None else repeats[case.id]
        repeats[case.id] += 1
        models.setdefault(trace.start.model)
        some.append((case, repeat, trace))
        if len(some) == _AT_ONCE:
            rows += _rows(some, judges)
            some.clear()
    rows += _rows(some, judges)
    if of is not None:
        seen = {row.key for row in rows}
        for row in of.rows:
            if row.case in cases and row.key not in seen:
                reason = row.error or f"the trace {row.trace} is not among those given"
                rows.append(row_of(cases[row.case], row.repeat, reason, judges))
    if not rows:
        told = f"; {damaged[0]}" if damaged else ""
        raise GoldError(
            f"none of the {unmatched} traces asks what a case of the gold set asks{told}"
        )
    order = {case.id: place for place, case in enumerate(gold.cases)}
    rows.sort(key=lambda row: (order[row.case], row.repeat))
    settings = dict(of.settings) if of is not None else {}
    if unmatched:
        settings["unmatched"] = unmatched
    if damaged:
        settings["damaged"] = damaged
    return Evaluation(
        id=id,
        gold=gold_name or (of.gold if of is not None else ""),
        gold_hash=hash_of(gold),
        model=of.model if of is not None else ", ".join(models),
        settings=settings,
        metrics=tuple(metric.name for metric in judges),
        repeats=max(row.repeat for row in rows) + 1,
        created=created or (of.created if of is not None else ""),
        rows=tuple(rows),
    )


def _traces(items: Iterable[Trace | str | Path], damaged: list[str]) -> Iterator[Trace]:
    for item in items:
        if isinstance(item, Trace):
            yield item
            continue
        path = Path(item)
        for file in _files(path) if path.is_dir() else [path]:
            try:
                seen = glance(file)
                # of a run that failed the replies are wanted too: what it took is in no answer
                yield seen if seen.answer is not None else Trace.load(file)
            except TraceError as error:
                damaged.append(str(error))


def _files(folder: Path) -> list[Path]:
    # to sort texts and names is far quicker than to sort paths
    return [folder / name for name in sorted(os.listdir(folder)) if name.endswith(".jsonl")]


def _rows(some: Sequence[_Asked], judges: Sequence[Metric]) -> Iterator[Row]:
    answers = {
        place: (case, trace.answer.with_trace(trace))
        for place, (case, _, trace) in enumerate(some)
        if trace.answer is not None
    }
    verdicts = dict(zip(answers, measure_each(judges, list(answers.values())), strict=True))
    for place, (case, repeat, trace) in enumerate(some):
        if place in answers:
            yield row_of(case, repeat, answers[place][1], verdicts=verdicts[place])
        else:
            why = trace.error if trace.error is not None else "; ".join(trace.cut_short)
            yield row_of(case, repeat, why or "the run came to no answer", judges, trace=trace)
