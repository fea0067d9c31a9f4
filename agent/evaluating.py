"""`evaluate` as a program calls it: a gold set, and an assistant or a function that answers.

Brings what an evaluation needs of an assistant: how it is asked, what it is made of, and where
its runs and evaluations are kept. Running is `evals.running`.
"""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from ..evals.asking import Ask
from ..evals.evaluation import Evaluation
from ..evals.flakes import Flakes
from ..evals.gold import GoldSet
from ..evals.judged import Factory, JudgedMetric
from ..evals.metrics import DEFAULT, Metric
from ..evals.progress import Progress
from ..evals.running import CONCURRENCY
from ..evals.running import evaluate as run
from ..graphs.answer import Answer
from ..graphs.canonical import content_hash
from ..graphs.store import TraceStore
from ..tools.errors import SettingsError
from ..tools.secrets import scrub
from .assistant import Assistant
from .background import wait_for
from .settings import EXTRACTIVE, load_settings

Asked = Assistant | Callable[[str], Answer | Awaitable[Answer]]

_BY_RULES = 2
"""Cases at once where the model is rules on this machine: more only wait for each other."""
_ID = re.compile(r"[a-z0-9_-]{1,64}")
_ELSEWHERE = {"model", "home", "web", "tracing", "tavily_url"}
"""Settings that say nothing about an answer, or are said elsewhere."""


def evaluate(
    gold: GoldSet | str | Path,
    asked: Asked,
    *,
    id: str | None = None,
    metrics: Sequence[str | Metric | JudgedMetric] = DEFAULT,
    repeats: int = 1,
    concurrency: int | None = None,
    max_cost_usd: float | None = None,
    max_tokens: int | None = None,
    progress: Callable[[Progress], None] | None = None,
    retry_errors: bool = False,
    judge: Factory | None = None,
    home: str | Path | None = None,
    model: str = "",
    settings: Mapping[str, Any] | None = None,
    gold_name: str = "",
) -> Evaluation:
    """Ask every case of a gold set, score the answers, and keep rows and traces.

        from workings import Assistant, evaluate

        found = evaluate("gold.jsonl", Assistant(documents=["reports/"]), id="baseline")
        found.rows[0].verdicts, found.rows[0].trace

    `asked`: an `Assistant`, or a function (plain or async) that answers a question with an
    `Answer`; of a function say `model` and `settings`, if two evaluations are to be told apart.
    Everything is kept in `HOME/evaluations/ID` as soon as it ends. With the id of an evaluation
    that is there already it is gone on with: after a ceiling, an interrupt or a kill nothing that
    ended is asked again (`retry_errors`: but for the errors). `repeats` asks every case so often,
    and what each case did is entered in the flake ledger (`workings flakes`).
    `max_cost_usd` and `max_tokens` stop it before it would cross them.

    Raises `EvaluationStopped` (with `.evaluation`) at a ceiling or when the service serves nobody,
    `SettingsError` and `GoldError` for what cannot be used. A case that fails is a row, no error.
    """
    return wait_for(
        aevaluate(
            gold,
            asked,
            id=id,
            metrics=metrics,
            repeats=repeats,
            concurrency=concurrency,
            max_cost_usd=max_cost_usd,
            max_tokens=max_tokens,
            progress=progress,
            retry_errors=retry_errors,
            judge=judge,
            home=home,
            model=model,
            settings=settings,
            gold_name=gold_name,
        )
    )


async def aevaluate(
    gold: GoldSet | str | Path,
    asked: Asked,
    *,
    id: str | None = None,
    concurrency: int | None = None,
    home: str | Path | None = None,
    model: str = "",
    settings: Mapping[str, Any] | None = None,
    **options: Any,
) -> Evaluation:
    """`evaluate`, as a coroutine."""
    assistant = _assistant_of(asked)
    records: TraceStore | None = None
    if assistant is not None:
        if home is None:
            home = assistant.settings.home
        ask: Ask = assistant.aask
        model, records = model or assistant.model.id, assistant.traces
        settings = {**makings(assistant), **(settings or {})}
        if assistant.model.id == EXTRACTIVE:
            concurrency = concurrency or _BY_RULES
            # it takes neither money nor tokens, so that no ceiling is ever near
            options |= {"max_cost_usd": None, "max_tokens": None}
    else:
        assert not isinstance(asked, Assistant)
        ask = _async(asked)
    root = Path(home) if home is not None else load_settings().home
    id = id or new_id(root)
    found = await run(
        gold,
        ask,
        folder=folder_of(root, id),
        model=model,
        settings=settings,
        records=records,
        concurrency=concurrency or CONCURRENCY,
        **options,
    )
    if found.repeats > 1:
        Flakes(root / "evaluations").record(found)
    return found


def new_id(home: Path) -> str:
    """An id for a new evaluation; sorts by time."""
    return TraceStore(home).new_id()


def folder_of(home: Path, id: str) -> Path:
    """Where an evaluation is kept. Raises `SettingsError` for an id that is no plain name."""
    if not _ID.fullmatch(id):
        raise SettingsError(
            f"{id!r:.80} cannot be an evaluation's id: expected lower-case letters, digits, - and"
            " _, at most 64"
        )
    return home / "evaluations" / id


def makings(assistant: Assistant) -> dict[str, Any]:
    """What may differ between two evaluations, beside the model; no secret among it."""
    secret = {name for name, value in assistant.settings if isinstance(value, SecretStr)}
    dumped = assistant.settings.model_dump(
        mode="json", exclude=_ELSEWHERE | secret, exclude_none=True
    )
    chosen = {k: scrub(v) if isinstance(v, str) else v for k, v in dumped.items()}
    selection = assistant.selection
    return {
        **chosen,
        "documents": len(assistant.documents),
        "corpus": assistant.index.fingerprint if selection is None else _hash(sorted(selection)),
        "prompts": assistant.prompts.hash,
        "tools": _hash([tool.schema() for tool in assistant.tools.values()]),
    }


def _hash(value: object) -> str:
    return content_hash(value)[:16]


def _assistant_of(asked: Asked) -> Assistant | None:
    """The assistant that is asked, also where one of its methods was given."""
    if isinstance(asked, Assistant):
        return asked
    owner = getattr(asked, "__self__", None)
    named = getattr(asked, "__name__", "")
    return owner if isinstance(owner, Assistant) and named in ("ask", "aask") else None


def _async(asked: Callable[[str], Answer | Awaitable[Answer]]) -> Ask:
    """A function as a coroutine function; a plain one runs in a thread."""

    async def ask(question: str) -> Answer:
        if inspect.iscoroutinefunction(asked):
            given: Answer | Awaitable[Answer] = asked(question)
        else:
            given = await asyncio.to_thread(asked, question)
        return await given if inspect.isawaitable(given) else given

    return ask
