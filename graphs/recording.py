"""Records any LangGraph graph of a user's, and runs it again on what was recorded.

    recorded = record(graph, store=".workings/traces", app="my_module:graph")
    result = recorded.invoke({"messages": [("user", "hello")]})
    recorded.trace

Knows how a graph is run; the calls in it are met by `graphs.seam` and kept by `graphs.session`.
Nothing in the user's nodes changes.
"""

import datetime
import importlib.metadata
import platform
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from langchain_core.messages import BaseMessage
from langgraph.pregel import Pregel
from pydantic import JsonValue

from ..tools.errors import SettingsError, TraceError
from .canonical import canonical, content_hash
from .graph_run import GraphRun
from .nondet import nondet
from .recorder import Recorder
from .seam import current, install
from .session import GraphSession
from .steps import Start
from .store import TraceStore
from .trace import Trace
from .values import Values

__all__ = ["RecordedGraph", "is_graph", "nondet", "record"]

Method = Literal["invoke", "ainvoke", "stream", "astream"]
_last: ContextVar[dict[int, Trace] | None] = ContextVar("workings_last_trace", default=None)
_OURS = ("thread_id", "checkpoint_ns", "checkpoint_id")


def is_graph(value: object) -> bool:
    """Whether it is a compiled LangGraph graph."""
    return isinstance(value, Pregel)


def record(
    graph: Any,
    store: TraceStore | str | Path | None = None,
    *,
    app: str = "",
    types: Iterable[type] = (),
    secrets: Sequence[str] = (),
) -> "RecordedGraph":
    """The graph, every run of which is recorded.

    `store`: where traces are written; without one they are in memory only. `app`: where the graph
    is found again, as `module:attribute`; the trace keeps it for `workings replay --app`. `types`:
    classes of the user's own (models, dataclasses, enums, errors) that inputs, tool results or
    artifacts hold. `secrets`: values never written. Raises `SettingsError` for what is no graph.
    """
    if isinstance(graph, RecordedGraph):
        graph = graph.graph
    if not is_graph(graph):
        raise SettingsError(
            f"record() takes a compiled LangGraph graph, not {type(graph).__name__};"
            " call .compile() on a StateGraph first"
        )
    folder = TraceStore(store) if isinstance(store, str | Path) else store
    return RecordedGraph(graph, folder, app, Values(types), tuple(secrets))


class RecordedGraph:
    """A compiled graph whose runs are recorded; everything else is the graph's own."""

    def __init__(
        self,
        graph: Any,
        store: TraceStore | None,
        app: str,
        values: Values,
        secrets: tuple[str, ...],
    ):
        install()
        self.graph = graph
        self.store = store
        self.not_recorded: str | None = None
        """Why the last run is not on disk (a full disk, say); None when it is."""
        self._app = app
        self.values = values
        self._secrets = secrets
        self._ids = store or TraceStore(".")
        self._latest: Trace | None = None

    @property
    def trace(self) -> Trace:
        """The last run: of this thread or task, if it made one. Raises `TraceError` before any."""
        mine = (_last.get() or {}).get(id(self), self._latest)
        if mine is None:
            raise TraceError("nothing was recorded yet: run the graph first")
        return mine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.graph, name)

    def invoke(self, input: Any, config: Any = None, **keywords: Any) -> Any:
        """`graph.invoke`, recorded."""
        run = self._begin("invoke", input, config, keywords)
        if run is None:
            return self.graph.invoke(input, config, **keywords)
        return run.whole(lambda: self.graph.invoke(input, run.config, **keywords))

    async def ainvoke(self, input: Any, config: Any = None, **keywords: Any) -> Any:
        """`graph.ainvoke`, recorded."""
        run = self._begin("ainvoke", input, config, keywords)
        if run is None:
            return await self.graph.ainvoke(input, config, **keywords)
        return await run.awhole(lambda: self.graph.ainvoke(input, run.config, **keywords))

    def stream(self, input: Any, config: Any = None, **keywords: Any) -> Iterator[Any]:
        """`graph.stream`, recorded."""
        run = self._begin("stream", input, config, keywords)
        if run is None:
            return iter(self.graph.stream(input, config, **keywords))
        return run.pieces(lambda: self.graph.stream(input, run.config, **keywords))

    def astream(self, input: Any, config: Any = None, **keywords: Any) -> AsyncIterator[Any]:
        """`graph.astream`, recorded."""
        run = self._begin("astream", input, config, keywords)
        if run is None:
            found: AsyncIterator[Any] = self.graph.astream(input, config, **keywords)
            return found
        return run.apieces(lambda: self.graph.astream(input, run.config, **keywords))

    def _begin(
        self, method: Method, input: Any, config: Any, keywords: Mapping[str, Any]
    ) -> "GraphRun | None":
        if current.get() is not None:
            return None  # inside of a run that is recorded already
        recorder = Recorder(self.store, self._secrets)
        start = self._start(method, input, config, keywords)
        return GraphRun(GraphSession(recorder, self.values), start, config, self._done)

    def _done(self, recorder: Recorder, trace: Trace) -> None:
        self.not_recorded = recorder.broken
        self._latest = trace
        _last.set({**(_last.get() or {}), id(self): trace})

    def _start(self, method: Method, input: Any, config: Any, keywords: Mapping[str, Any]) -> Start:
        encode = self.values.encode
        given = (config or {}).get("configurable") or {}
        kept = {
            name: encode(value)
            for name, value in given.items()
            if name not in _OURS and not name.startswith("__")
        }
        options: dict[str, JsonValue] = {
            "app": self._app,
            "graph": self.graph.name,
            "method": method,
            "input": encode(input),
        }
        if kept:
            options["configurable"] = kept
        if "recursion_limit" in (config or {}):
            options["recursion_limit"] = encode(config["recursion_limit"])
        if keywords:
            options["keywords"] = {name: encode(value) for name, value in keywords.items()}
        if self._continues(config):
            options["continues"] = True
        now = datetime.datetime.now(datetime.UTC)
        return Start(
            id=self._ids.new_id(),
            created=now.isoformat(timespec="seconds"),
            question=_question(input),
            model=f"graph:{self.graph.name}",
            options=options,
            fingerprints={"graph": content_hash(sorted(self.graph.nodes)), **_versions()},
        )

    def _continues(self, config: Any) -> bool:
        """Whether the run goes on from a checkpoint, which is no part of the trace."""
        saver = self.graph.checkpointer
        if not hasattr(saver, "get_tuple") or not (config or {}).get("configurable"):
            return False
        try:
            return saver.get_tuple(config) is not None
        except Exception:  # an async saver: nothing is known
            return False


def _question(input: Any) -> str:
    """What was asked, as a person would say it: the last message, or the input."""
    messages = input.get("messages") if isinstance(input, Mapping) else None
    if isinstance(messages, Sequence) and messages and not isinstance(messages, str):
        last = messages[-1]
        if isinstance(last, BaseMessage):
            return str(last.text)
        if isinstance(last, Mapping):
            return str(last.get("content", ""))
        if isinstance(last, Sequence) and last:
            return str(last[-1])
    if isinstance(input, str):
        return input
    return canonical(Values().encode(input)).decode("utf-8", "replace")[:2000]


@lru_cache(maxsize=1)
def _versions() -> dict[str, str]:
    names = ("workings", "langgraph", "langchain-core")
    versions = {name: importlib.metadata.version(name) for name in names}
    return {"python": platform.python_version()} | versions
