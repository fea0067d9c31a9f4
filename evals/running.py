"""Evaluates a gold set: asks each case, several at once, and keeps every row as soon as it ends.

Knows cases, repeats, the pace and the budget; asking one case is `evals.asking`, what stands on
disk `evals.journal`. Never sees an Assistant: it is handed `ask`.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..graphs.metering import Meter
from ..graphs.store import TraceStore
from ..tools.errors import GoldError, LimitReached, SettingsError, WorkingsError
from .asking import NOBODY, Ask, Asker, Ended, spent
from .budget import Budget
from .evaluation import Evaluation, Row
from .gold import GoldCase, GoldSet
from .journal import Journal, Key
from .judged import Factory, JudgedMetric, chosen
from .metrics import DEFAULT, Metric
from .pace import Pace
from .progress import Progress
from .scoring import hash_of

CONCURRENCY = 8
"""Cases asked at once, at most, where nothing else is said."""
TRIES = 8
"""How often a case is asked when the service says that there are too many requests."""


class EvaluationStopped(WorkingsError):
    """It stopped before its end: a ceiling, or a service that serves nobody (`__cause__`).

    `.evaluation` holds the rows that ended. Those on disk are kept, and it can be gone on with.
    """

    def __init__(self, message: str, evaluation: Evaluation):
        super().__init__(message)
        self.evaluation = evaluation


async def evaluate(
    gold: GoldSet | str | Path,
    ask: Ask,
    *,
    folder: str | Path | None = None,
    metrics: Sequence[str | Metric | JudgedMetric] = DEFAULT,
    repeats: int = 1,
    concurrency: int = CONCURRENCY,
    max_cost_usd: float | None = None,
    max_tokens: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    model: str = "",
    settings: Mapping[str, Any] | None = None,
    gold_name: str = "",
    id: str | None = None,
    records: TraceStore | None = None,
    retry_errors: bool = False,
    judge: Factory | None = None,
) -> Evaluation:
    """Ask every case `repeats` times and score the answers; the rows are in the gold's order.

    `folder`: where rows and traces are kept, each as soon as it ends; one that is there already is
    gone on with: what has a row is not asked again (`retry_errors`: unless it is an error).
    `records`: the store in which `ask` records each question as exactly one run; then a case whose
    run ended is not asked twice even when the process was killed before its row was written. A
    case that was under way at a kill is asked again. `settings`: what else may differ between two
    evaluations; with another model, gold set or setting a folder is not gone on with. At most
    `concurrency` cases are asked at once, fewer where the service says that there are too many.

    A case that fails is a row with `error`. Raises `EvaluationStopped` at a ceiling, or when the
    service serves nobody (key, quota, no such model); `SettingsError` for what cannot be used,
    `GoldError` for an unusable gold set or folder.
    """
    if isinstance(gold, str | Path):
        gold_name, gold = gold_name or Path(gold).name, GoldSet.load(gold)
    for name, number in (("repeats", repeats), ("concurrency", concurrency)):
        if number < 1:
            raise SettingsError(f"{name} = {number}: expected 1 or more")
    cases = {case.id: case for case in gold.cases}
    if not cases or len(cases) < len(gold):
        raise GoldError("the gold set has no case" if not cases else "two cases have one id")
    judges = chosen(metrics, judge)
    head = Evaluation(
        id=id or (Path(folder).name if folder is not None else TraceStore("").new_id()),
        gold=gold_name,
        gold_hash=hash_of(gold),
        model=model,
        settings=dict(settings or {}),
        metrics=judges.names,
        repeats=repeats,
        cases=len(cases),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    journal = Journal(folder, head) if folder is not None else None
    try:
        asker = Asker(ask, judges, journal, records)
        budget = Budget(max_cost_usd, max_tokens)
        running = _Running(cases, asker, journal, budget, Pace(concurrency, time.monotonic))
        running.progress = progress
        return await running.all(head, retry_errors)
    finally:
        if journal is not None:
            journal.close()


class _Running:
    """The cases that wait, those under way, and those that ended."""

    def __init__(
        self,
        cases: Mapping[str, GoldCase],
        asker: Asker,
        journal: Journal | None,
        budget: Budget,
        pace: Pace,
    ):
        self.cases = cases
        self.asker = asker
        self.journal = journal
        self.budget = budget
        self.pace = pace
        self.progress: Callable[[Progress], None] | None = None
        self.rows: dict[Key, Row] = {}
        self.waiting: deque[Key] = deque()
        self.tries: dict[Key, int] = {}
        self.under_way: dict[asyncio.Task[Ended], tuple[Key, float]] = {}
        self.stop: WorkingsError | None = None
        self._began = time.monotonic()
        self._kept = 0
        self._total = 0
        self._errors = 0
        self._priced = True

    async def all(self, head: Evaluation, retry_errors: bool) -> Evaluation:
        """Every row, or `EvaluationStopped`."""
        place = {id: number for number, id in enumerate(self.cases)}
        # each case once before any is asked again: what is stopped half way still saw them all
        keys = [(id, repeat) for repeat in range(head.repeats) for id in self.cases]
        self._total = len(keys)
        if self.journal is not None:
            head = self.journal.head
            await self._find(self.journal, head, retry_errors)
        self._kept = len(self.rows)
        self.waiting.extend(key for key in keys if key not in self.rows)
        try:
            await self._ask()
        finally:
            for task in self.under_way:
                task.cancel()
            await asyncio.gather(*self.under_way, return_exceptions=True)
        rows = tuple(sorted(self.rows.values(), key=lambda row: (place[row.case], row.repeat)))
        if self.journal is not None and len(rows) == self._total:
            self.journal.settle(rows)
        evaluation = head.model_copy(update={"rows": rows})
        if self.stop is not None:
            done = f"{len(rows)} of {self._total} ended and are kept"
            text = str(self.stop).rstrip(".")
            raise EvaluationStopped(f"{text}; {done}", evaluation) from self.stop
        return evaluation

    async def _find(self, journal: Journal, head: Evaluation, retry_errors: bool) -> None:
        """What ended before: rows, and runs that ended without the time to write their row."""
        self.rows = {row.key: row for row in head.rows}
        if retry_errors:
            failed = [key for key, row in self.rows.items() if row.error is not None]
            for key in failed:
                cost, tokens = spent(self.rows[key])
                journal.again(key, "retried", cost or 0.0, tokens or 0)
                del self.rows[key]
            if failed:
                journal.settle(tuple(self.rows.values()))
        self.budget.cost_usd += journal.spent[0]
        self.budget.tokens += journal.spent[1]
        for row in self.rows.values():
            self._count(row)
        for key, trace in list(journal.asked.items()):
            if key not in self.rows and key[0] in self.cases:
                ended = await self.asker.recorded(key, self.cases[key[0]], trace)
                if ended is not None:
                    self._keep(key, ended)

    async def _ask(self) -> None:
        while True:
            ceiling: LimitReached | None = None
            while self._room() and ceiling is None:
                ceiling = self.budget.reached(len(self.under_way))
                if ceiling is None:
                    key = self.waiting.popleft()
                    work = self.asker.one(key, self.cases[key[0]])
                    self.under_way[asyncio.create_task(work)] = (key, time.monotonic())
            if not self.under_way:
                if ceiling is not None:
                    self.stop = ceiling
                if self.stop is not None or not self.waiting:
                    return
            self._tell()
            wait = self.pace.wait if self.waiting else 0.0
            if not self.under_way:
                await asyncio.sleep(wait)
                continue
            done, _ = await asyncio.wait(
                self.under_way, timeout=wait or None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                key, began = self.under_way.pop(task)
                await self._take(key, began, task.result())

    def _room(self) -> bool:
        return (
            bool(self.waiting)
            and self.stop is None
            and len(self.under_way) < self.pace.size
            and not self.pace.wait
        )

    async def _take(self, key: Key, began: float, ended: Ended) -> None:
        """An asking ended: a row, or the case goes back to those that wait."""
        refusal = ended.turned_away
        if refusal is None:
            if ended.throttled:
                # its own retries have waited as the service wished
                self.pace.refused(began, 0.0)
            else:
                self.pace.went_well()
            self._keep(key, ended)
            return
        self.tries[key] = self.tries.get(key, 0) + 1
        if refusal.kind in NOBODY:
            self.stop = refusal
        else:
            self.pace.refused(began, refusal.retry_after)
            if self.tries[key] >= TRIES:
                self._keep(key, await self.asker.given_up(key, self.cases[key[0]], refusal))
                return
        cost, tokens = spent(ended.row)
        self.budget.spend(cost, tokens)
        if self.journal is not None:
            self.journal.again(key, str(refusal), cost or 0.0, tokens or 0)
        self.waiting.appendleft(key)

    def _keep(self, key: Key, ended: Ended) -> None:
        judged = ended.judged
        if self.journal is not None:
            if judged != Meter():
                self.journal.judged(key, judged.cost_usd or 0.0, judged.tokens or 0)
            self.journal.end(ended.row)
        self.rows[key] = ended.row
        self._count(ended.row, judged)

    def _count(self, row: Row, judged: Meter | None = None) -> None:
        judged = judged or Meter()
        cost, tokens = spent(row)
        if cost is not None:
            cost = None if judged.cost_usd is None else cost + judged.cost_usd
        if tokens is not None:
            tokens = None if judged.tokens is None else tokens + judged.tokens
        self.budget.spend(cost, tokens)
        self._errors += row.error is not None
        self._priced = self._priced and cost is not None

    def _tell(self) -> None:
        if self.progress is None:
            return
        self.progress(
            Progress(
                done=len(self.rows),
                total=self._total,
                kept=self._kept,
                errors=self._errors,
                under_way=len(self.under_way),
                waiting=self.pace.wait,
                cost_usd=self.budget.cost_usd if self._priced else None,
                tokens=self.budget.tokens,
                seconds=time.monotonic() - self._began,
            )
        )
