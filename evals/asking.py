"""Asks one case and makes its row; after a kill, makes it from the run that was recorded.

Knows how an asking can end: with an answer, with an error that is a row, or turned away by the
service, which is none. Knows nothing of the other cases (`evals.running`).
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from ..graphs.answer import Answer
from ..graphs.metering import Meter, metering
from ..graphs.naming import naming
from ..graphs.recorder import Recorder
from ..graphs.store import TraceStore
from ..graphs.trace import ModelStep, StepError, Trace
from ..tools.errors import ProviderError, WorkingsError
from ..tools.secrets import scrub
from .evaluation import Row
from .gold import GoldCase
from .importing import copy_trace
from .journal import Journal, Key
from .judged import Chosen
from .metrics.metric import trace_of
from .scoring import row_of, told

Ask = Callable[[str], Awaitable[Answer]]

NOBODY = ("auth", "quota", "not_found")
"""What a service says that it would say to every case: asking on is of no use."""


@dataclass(frozen=True)
class Ended:
    """How one asking ended."""

    row: Row
    turned_away: ProviderError | None = None
    """The service would not serve it (now, or anybody): the row is not one to keep."""
    throttled: bool = False
    """On its way the service said that there are too many requests."""
    judged: Meter = field(default_factory=Meter)
    """What the judges took."""


class Asker:
    """Asks cases. `records`: where `ask` records each question as exactly one run, if it does."""

    def __init__(
        self, ask: Ask, metrics: Chosen, journal: Journal | None, records: TraceStore | None
    ):
        self._ask = ask
        self._metrics = metrics
        self._journal = journal
        self._records = records if journal is not None else None
        self._keeps = TraceStore(journal.folder / "traces") if journal and not records else None

    async def one(self, key: Key, case: GoldCase) -> Ended:
        """Ask a case. Only cancelling, and a disk that fails, go through."""
        outcome: Answer | BaseException | str
        name: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if self._records is not None and self._journal is not None:
            id = self._records.new_id()
            self._journal.begin(key, id)
            name = naming(id)
        try:
            with name:
                given: object = await self._ask(case.question)
            outcome = given if isinstance(given, Answer) else _no_answer(given)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            outcome = "the asking was cancelled from within"
        except (Exception, SystemExit) as error:
            outcome = error
        run = _run_of(outcome)
        if run is not None and self._keeps is not None:
            self._keep(key, run, outcome)
        if isinstance(outcome, ProviderError) and outcome.kind in ("rate_limit", *NOBODY):
            row = row_of(case, key[1], scrub(told(outcome)), trace=run)
            return Ended(row, turned_away=outcome)
        return await self._ended(key, case, outcome, run)

    async def recorded(self, key: Key, case: GoldCase, id: str) -> Ended | None:
        """How a case ended by its trace; None: it did not, or there is no trace."""
        store = self._records or self._keeps
        try:
            assert store is not None, "without a folder there is no journal"
            run = Trace.load(store.path(id))
        except WorkingsError:
            return None
        if run.answer is not None:
            return await self._ended(key, case, run.answer.with_trace(run), run)
        if run.error is None or _passing(run.error):
            return None
        return await self._ended(key, case, told(run.error), run)

    async def given_up(self, key: Key, case: GoldCase, why: ProviderError) -> Ended:
        """How a case ends that was turned away once too often."""
        return await self._ended(key, case, told(why), _run_of(why))

    async def _ended(
        self, key: Key, case: GoldCase, outcome: Answer | BaseException | str, run: Trace | None
    ) -> Ended:
        said: Answer | str
        if isinstance(outcome, Answer):
            # what was recorded is redacted, and the same after a kill
            said = outcome
            if run is not None and run.answer is not None and self._records is not None:
                said = run.answer.with_trace(run)
        else:
            said = scrub(told(outcome))
        row = row_of(case, key[1], said, self._metrics.code, trace=run)
        judged = Meter()
        if self._metrics.judged:
            with metering() as judged:
                verdicts = await self._metrics.judge(case, said, row.verdicts)
            row = row.model_copy(update={"verdicts": verdicts})
        return Ended(row, throttled=run is not None and _throttled(run), judged=judged)

    def _keep(self, key: Key, run: Trace, outcome: object) -> None:
        """Keep the trace of an asking that does not keep it itself."""
        assert self._keeps is not None and self._journal is not None
        try:
            if not self._keeps.path(run.id).exists():
                copy_trace(run, Recorder(self._keeps))
        except WorkingsError:
            return  # an id that is no file name, a full disk: the row says what the run came to
        answer = run.answer
        # `vars`: the one that was given knows its run, the recorded one does not
        if not isinstance(outcome, Answer) or (answer and vars(outcome) == vars(answer)):
            self._journal.begin(key, run.id)


def spent(row: Row) -> tuple[float | None, int | None]:
    """Dollars and tokens of a row; None is not known.

    What failed without a counted reply took nothing; a reply without a price is not known.
    """
    failed = row.error is not None or not row.requests
    cost = row.cost_usd if row.cost_usd is not None or not failed or row.tokens else 0.0
    return cost, row.tokens if row.tokens is not None or not failed else 0


def _no_answer(given: object) -> str:
    return f"the asking gave {type(given).__name__}: expected a workings.Answer"


def _run_of(outcome: object) -> Trace | None:
    run = trace_of(outcome) if isinstance(outcome, Answer) else getattr(outcome, "trace", None)
    return run if isinstance(run, Trace) else None


def _passing(error: StepError) -> bool:
    """Whether the case is to be asked again: it was stopped, or turned away."""
    kind = error.detail.get("kind")
    return error.type == "Cancelled" or (
        error.type == "ProviderError" and kind in ("rate_limit", *NOBODY)
    )


def _throttled(run: Trace) -> bool:
    return any(
        attempt.error.detail.get("kind") == "rate_limit"
        for step in run.steps
        if isinstance(step, ModelStep)
        for attempt in step.attempts
    )
