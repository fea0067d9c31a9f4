"""Replays runs of a user's own graph, recorded by `graphs.recording`, on what was recorded.

Knows how recorded calls are handed to such a graph and where a graph is found by name; comparing
the two runs is the same as for ours. A graph is only ever named by who replays, never by a trace.
"""

import importlib
import inspect
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, TypeVar

from ..graphs.answer import Answer
from ..graphs.calls import Call, Calls
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.recording import RecordedGraph, is_graph
from ..graphs.rerun import check_start, rerun, types_of
from ..graphs.run import Approve
from ..graphs.served import RecordOver
from ..graphs.trace import ModelStep, Start, ToolStep, Trace
from ..tools.errors import SettingsError, TraceError, WorkingsError
from ..tools.tool import Tool, ToolResult
from .attempt import Corrupt
from .hermetic import NetworkBlocked
from .recorded import Diverged, RecordEnds

T = TypeVar("T")


def is_app(trace: Trace) -> bool:
    """Whether the run was one of a user's own graph."""
    return "app" in trace.start.options


def load_app(name: str) -> Any:
    """The graph at `module:attribute`: a compiled graph, or a function that makes one.

    Imports the module, so the name must come from who replays. Raises `SettingsError`.
    """
    module, _, attribute = name.partition(":")
    if not module or not attribute:
        raise SettingsError(f"{name!r}: expected module:attribute, as in my_package.agent:graph")
    try:
        found: Any = importlib.import_module(module)
        for part in attribute.split("."):
            found = getattr(found, part)
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"{name!r}: {error}; run where it can be imported, or set PYTHONPATH"
        ) from None
    except AttributeError as error:
        raise SettingsError(f"{name!r}: {error}") from None
    if not isinstance(found, RecordedGraph) and not is_graph(found) and callable(found):
        if inspect.iscoroutinefunction(found):
            raise SettingsError(f"{name!r} is a coroutine function; a plain function is expected")
        found = found()
    if isinstance(found, RecordedGraph) or is_graph(found):
        return found
    raise SettingsError(
        f"{name!r} is a {type(found).__name__}; expected a compiled LangGraph graph, or a function"
        " that makes one"
    )


def check_app(trace: Trace, drive: object) -> None:
    """Raise `Corrupt` when the run cannot be run again so."""
    if not isinstance(drive, AppDrive):
        if not is_app(trace):
            return
        app = trace.start.options["app"]
        known = f" (it was recorded as {app!r:.100})" if app else ""
        raise Corrupt(
            f"this is a run of a graph of your own{known}: give it with --app module:attribute, or"
            " replay(trace, graph=...)"
        )
    if not is_app(trace):
        raise Corrupt("this is no run of a graph of your own: replay it without one")
    try:
        check_start(trace.start, types_of(drive.graph, drive.types))
    except TraceError as error:
        raise Corrupt(str(error)) from None


class AppDrive:
    """Runs a user's graph on calls: a `Drive` of `evals.attempt`."""

    def __init__(self, graph: Any, types: Iterable[type] = ()):
        if not isinstance(graph, RecordedGraph) and not is_graph(graph):
            raise SettingsError(
                f"a replay takes a compiled LangGraph graph, not {type(graph).__name__}; call"
                " .compile() on a StateGraph first"
            )
        self.graph = graph
        self.types = tuple(types)

    async def __call__(
        self,
        start: Start,
        calls: Calls,
        tools: Mapping[str, Tool],
        recorder: Recorder,
        *,
        prompts: Prompts | None = None,
        approve: Approve | None = None,
    ) -> Answer:
        """Run to the end; what the graph raises becomes a `WorkingsError`."""
        served = _Served(calls)
        try:
            await rerun(self.graph, start, served, recorder, self.types)
        except Exception as error:
            # what stopped the replay counts first, whatever the graph made of it
            if served.stopped is not None:
                raise served.stopped from None
            if isinstance(error, WorkingsError | NetworkBlocked):
                raise
            raise WorkingsError(f"{type(error).__name__}: {error}") from error
        if served.stopped is not None:
            raise served.stopped
        answer = recorder.trace.answer
        assert answer is not None
        return answer


class _Served:
    """Recorded calls as a session of a user's graph asks for them."""

    def __init__(self, calls: Calls):
        self.calls = calls
        trace: Trace | None = getattr(calls, "trace", None)
        self._indices: dict[tuple[str, str, str], deque[int]] = {}
        for step in () if trace is None else trace.steps:
            self._indices.setdefault((step.kind, step.node, step.key), deque()).append(step.index)
        self._next = 0 if trace is None else max((s.index for s in trace.steps), default=0)
        self.stopped: Exception | None = None
        """The first call that was not recorded: a graph may well catch it."""

    def index(self, step: ModelStep | ToolStep) -> int:
        """The number of the recorded step that this one is; a new one where it is none."""
        waiting = self._indices.get((step.kind, step.node, step.key))
        if waiting:
            return waiting.popleft()
        self._next += 1
        return self._next

    def model(self, step: ModelStep) -> ModelStep:
        """The step with its recorded end."""
        call = Call(step.node, step.name, step.key)
        outcome = self._now(lambda: self.calls.model(call, step.request))
        return outcome.ends(step)

    def tool(self, step: ToolStep) -> ToolStep:
        """The step with its recorded end."""
        call = Call(step.node, step.name, step.key)
        arguments: dict[str, object] = dict(step.arguments or {})
        outcome = self._now(lambda: self.calls.tool(call, _tool(step), arguments))
        return outcome.ends(step)

    def _now(self, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What a coroutine gives that waits for nothing: nodes may be plain functions."""
        work = ask()
        try:
            work.send(None)
        except StopIteration as done:
            given: T = done.value
            return given
        except RecordEnds as error:
            if getattr(self.calls, "cut_short", True):
                self.stopped = self.stopped or error
            # else another branch had failed, and will again
            raise RecordOver(str(error)) from None
        except Diverged as error:
            self.stopped = self.stopped or error
            raise
        work.close()
        raise TraceError("a graph of your own is replayed offline: no call of it can go live")


def _tool(step: ToolStep) -> Tool:
    return Tool(step.name, "", {}, step.effect or "read", _never)


async def _never(arguments: dict[str, Any]) -> ToolResult:
    raise AssertionError("a replay runs no tool")
