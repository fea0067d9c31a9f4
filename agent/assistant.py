"""The Assistant: the thing you ask.

Brings settings, model, index, tools and traces together and hands them to the graph. Settings stop
here: nothing below is given one. Knows nothing of how an answer is shown.
"""

import asyncio
import datetime
import importlib.metadata
import platform
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from langchain_core.language_models import BaseChatModel

from ..graphs.answer import Answer
from ..graphs.canonical import content_hash
from ..graphs.events import Event
from ..graphs.limits import Limits
from ..graphs.live import LiveCalls
from ..graphs.model import ChatModel
from ..graphs.naming import chosen_id
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.rerank import OPTION as RERANK
from ..graphs.run import Approve, run
from ..graphs.steps import Start
from ..graphs.store import TraceStore
from ..tools.calculator import calculator_tool
from ..tools.documents_tools import document_tools
from ..tools.errors import DocumentError, SettingsError
from ..tools.retrieval import RetrievalOptions, with_pack
from ..tools.text import clean
from ..tools.tool import Tool, tool
from ..tools.web import web_tool
from .background import iterate, wait_for
from .indexes import open_index
from .models import make_model
from .pricing import price
from .settings import Settings, load_settings

LONGEST_QUESTION = 20_000
"""Characters."""
_DOCUMENTS_KEPT = 30
"""How many documents a run tells the model of; the count of all stands beside."""


class Assistant:
    """Answers questions from documents, the web and a calculator, and records how.

    `documents`: files or folders, indexed now (only what changed is read again) and the only ones
    asked; without them the whole collection is asked. `model`: `provider:name` or any LangChain
    chat model. `tools`: typed functions with a docstring, or `Tool`s. `approve`: asked before a
    tool that writes runs; without it none does. Other keywords are settings (`temperature`, `k`,
    `deadline`, ...). Raises `SettingsError` or `DocumentError` for what cannot be used.
    """

    def __init__(
        self,
        documents: Iterable[str | Path] | str | Path = (),
        *,
        model: str | BaseChatModel | ChatModel | None = None,
        web: bool | None = None,
        home: str | Path | None = None,
        tools: Iterable[Callable[..., Any] | Tool] = (),
        collection: str | None = None,
        approve: Approve | None = None,
        prompts: Prompts | None = None,
        progress: Callable[[int, int, str], None] | None = None,
        settings: Settings | None = None,
        **overrides: Any,
    ):
        named = model if isinstance(model, str) else None
        overrides |= {"model": named, "web": web, "home": home, "collection": collection}
        if settings is None:
            settings = load_settings(overrides)
        elif any(value is not None for value in overrides.values()):
            raise SettingsError("give either settings or single ones, not both")
        self.settings = settings
        self.prompts = prompts or Prompts()
        self.approve = approve
        self.model = make_model(model if model is not None else settings.model, settings)
        self.traces = TraceStore(settings.home / "traces")
        self.not_recorded: str | None = None
        """Why the last run is not on disk (a full disk, say); None when it is."""
        self.retrieval = with_pack(
            RetrievalOptions(multi_query=settings.multi_query), settings.pack
        )
        self.index = open_index(settings)
        paths = [documents] if isinstance(documents, str | Path) else list(documents)
        self.skipped: tuple[tuple[str, str], ...] = ()
        """Documents that could not be read: (path, reason)."""
        self.selection: frozenset[str] | None = None
        if paths:
            chosen = [Path(path) for path in paths]
            report = self.index.update(chosen, progress)
            self.skipped = tuple((str(item.path), item.reason) for item in report.skipped)
            self.selection = self.index.select(chosen)
            if not self.selection:
                reasons = "; ".join(f"{path} {reason}" for path, reason in self.skipped)
                raise DocumentError(f"none of the documents can be used: {reasons}")
        offered = self._tools(tools)
        self.tools = {item.name: item for item in offered}
        if len(self.tools) < len(offered):
            raise SettingsError(f"two tools have one name: {', '.join(t.name for t in offered)}")

    def ask(self, question: str, *, history: Sequence[tuple[str, str]] = ()) -> Answer:
        """Answer one question. `history`: earlier (question, answer text) pairs.

        Raises `SettingsError` for an unusable question; `ProviderError` or `LimitReached`, with
        the run as `.trace`, when the run could not be ended.
        """
        return wait_for(self.aask(question, history=history))

    def stream(
        self, question: str, *, history: Sequence[tuple[str, str]] = (), drafts: bool = False
    ) -> Iterator[Event]:
        """The run's events as they happen; the last one holds the answer."""
        return iterate(self.astream(question, history=history, drafts=drafts))

    async def aask(self, question: str, *, history: Sequence[tuple[str, str]] = ()) -> Answer:
        """`ask`, as a coroutine."""
        return await self._run(question, history, None, False)

    async def astream(
        self, question: str, *, history: Sequence[tuple[str, str]] = (), drafts: bool = False
    ) -> AsyncIterator[Event]:
        """`stream`, as an async iterator. Leaving it early cancels the run."""
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        running = asyncio.create_task(
            self._run(question, history, events.put_nowait, drafts), name="workings-run"
        )
        running.add_done_callback(lambda _: events.put_nowait(None))
        try:
            while (event := await events.get()) is not None:
                yield event
            await running
        finally:
            running.cancel()

    async def _run(
        self,
        question: str,
        history: Sequence[tuple[str, str]],
        emit: Callable[[Event], None] | None,
        drafts: bool,
    ) -> Answer:
        start = await asyncio.to_thread(self._start, _usable(question), history)
        limits = Limits.model_validate(start.limits)
        recorder = Recorder(self.traces, self._secrets())
        try:
            return await run(
                start,
                LiveCalls(self.model, limits.deadline, price=price),
                self.tools,
                recorder,
                prompts=self.prompts,
                emit=emit,
                drafts=drafts,
                approve=self.approve,
            )
        finally:
            recorder.close()
            self.not_recorded = recorder.broken

    def _secrets(self) -> list[str]:
        """The keys in use: they are never written, wherever they turn up."""
        settings = self.settings
        keys = (settings.api_key, settings.openai_api_key, settings.tavily_api_key)
        return [key.get_secret_value() for key in keys if key is not None]

    def _start(self, question: str, history: Sequence[tuple[str, str]]) -> Start:
        now = datetime.datetime.now(datetime.UTC)
        profile = self.model.profile
        limits = Limits.model_validate({"deadline": profile.deadline, **self.settings.limits()})
        documents = self.documents
        return Start(
            id=chosen_id() or self.traces.new_id(),
            created=now.isoformat(timespec="seconds"),
            question=question,
            history=tuple(history),
            model=self.model.id,
            params=dict(self.settings.sampling()),
            profile=profile.model_dump(mode="json"),
            limits=limits.model_dump(mode="json"),
            options={
                "today": now.date().isoformat(),
                "k": self.settings.k,
                **({RERANK: self.settings.rerank} if self.settings.rerank else {}),
                **self._retrieval_told(),
                "collection": self.settings.collection,
                "document_count": len(documents),
                "documents": self._named(question),
            },
            tools=tuple({**item.schema(), "effect": item.effect} for item in self.tools.values()),
            fingerprints={
                "prompts": self.prompts.hash,
                "corpus": self.index.fingerprint,
                "tools": content_hash([item.schema() for item in self.tools.values()]),
                **_versions(),
            },
        )

    def _retrieval_told(self) -> dict[str, Any]:
        """What of the ranking is not as it always is, for the trace."""
        told = self.retrieval.model_dump(mode="json", exclude_defaults=True)
        return {"retrieval": told} if told else {}

    @property
    def documents(self) -> list[str]:
        """The names of the documents that are asked."""
        chosen = self.selection
        return [d.name for d in self.index.documents if chosen is None or d.id in chosen]

    def _named(self, question: str) -> list[Any]:
        """The documents as the model is told of them, those that the question names first."""
        scores = {d.id: score for d, score in self.index.named(question, self.selection)}
        chosen = [
            d for d in self.index.documents if self.selection is None or d.id in self.selection
        ]
        chosen.sort(key=lambda d: (-scores.get(d.id, 0.0), d.name))
        told = []
        for document in chosen[:_DOCUMENTS_KEPT]:
            item = {"name": document.name, "title": document.title[:100]}
            if scores.get(document.id):
                item["named"] = f"{scores[document.id]:.2f}"
            told.append(item)
        return told

    def _tools(self, extra: Iterable[Callable[..., Any] | Tool]) -> list[Tool]:
        tools: list[Tool] = []
        if self.documents:
            tools.extend(
                document_tools(self.index, self.selection, self.settings.k, self.retrieval)
            )
        if self.settings.offers_web:
            key = self.settings.tavily_api_key
            assert key is not None
            tools.append(web_tool(key.get_secret_value(), self.settings.tavily_url))
        tools.append(calculator_tool())
        tools.extend(item if isinstance(item, Tool) else tool(item) for item in extra)
        return tools


def _usable(question: str) -> str:
    question = clean(question)[0]
    if not question.strip():
        raise SettingsError("the question is empty; ask something")
    if len(question) > LONGEST_QUESTION:
        raise SettingsError(
            f"the question has {len(question):,} characters; at most {LONGEST_QUESTION:,} are"
            " taken. Put long text into a document and ask about it"
        )
    return question.strip()


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    names = ("workings", "langgraph", "langchain-core", "langchain-openai")
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in names
    }
