"""The quick look at a replay: is the run, whole, what its record says?

Most replays of a gate find nothing. They are answered here, from hashes alone; a run that is in any
way another one, or not covered, is left to the long way (evals.replay), which says what differs.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..graphs import direct, seam
from ..graphs.answer import Answer
from ..graphs.at_once import at_once
from ..graphs.checked import CheckedSession
from ..graphs.checked_graph import checked_graph
from ..graphs.prompts import Prompts
from ..graphs.recording import RecordedGraph
from ..graphs.rerun import alone, types_of
from ..graphs.run import run
from ..graphs.tape import NotPlain, tape
from ..graphs.turbo import plan_of
from ..graphs.values import Values
from ..graphs.watched import run_watched
from ..tools.tool import Tool
from .checked_run import CheckedRecorder, TapeCalls
from .foreign import KEY
from .hermetic import hermetic
from .modes import Mode

_OTHERS = {"app", KEY}
"""Options of runs that are not of our own graph."""
_SETTINGS = {"keywords", "configurable", "recursion_limit"}
"""Of how a graph was called: what our own scheduler knows nothing of."""
_SUPERSTEPS = 10_000


@dataclass(frozen=True)
class Same:
    """A run that is, whole, what was recorded."""

    id: str
    answer: Answer
    fingerprints: Mapping[str, str]
    unchecked: tuple[str, ...] = ()
    """Tools that are not known here: their recorded schemas stood in."""


def same_graph(
    path: Path, graph: Any, types: Iterable[type] = (), turbo: bool = False
) -> Same | None:
    """A user's graph that does again just what the record says; else None.

    For a run that was made by `graph.invoke`; nothing here waits. `turbo`: on our own scheduler,
    where that covers the graph.
    """
    # what is set inside is not left behind
    return copy_context().run(_same_graph, path, graph, types, turbo)


def _same_graph(path: Path, graph: Any, types: Iterable[type], turbo: bool) -> Same | None:
    with hermetic() as tried:
        try:
            session = _session(path, graph, types, "invoke")
            seam.current.set(session)
            answer = session.same(_run(session, graph, turbo))
        except Exception:  # whatever it is, the long way meets it again and says what it is
            return None
        finally:
            # what goes on afterwards has no part in it
            seam.current.set(None)
    return _same(session, answer, tried)


async def asame_graph(path: Path, graph: Any, types: Iterable[type] = ()) -> Same | None:
    """The same for a run that was made by `graph.ainvoke`."""
    with hermetic() as tried:
        token = seam.current.set(None)
        try:
            session = _session(path, graph, types, "ainvoke")
            seam.current.set(session)
            graph, given, config, keywords = _call(session, graph)
            heard = {**config, "callbacks": [session.nodes]}
            final = await graph.ainvoke(given, heard, **keywords)
            answer = session.same(final if session.nodes.final is None else session.nodes.final)
        except Exception:  # as above
            return None
        finally:
            seam.current.reset(token)
    return _same(session, answer, tried)


def same_run(
    path: Path,
    tools: Mapping[str, Tool],
    prompts: Prompts | None = None,
    turbo: bool = False,
) -> Same | None:
    """The same of our own graph; `tools` are today's."""
    with hermetic() as tried:
        try:
            made = tape(path)
            if made.options.keys() & _OTHERS:
                return None
            made.check_replies()
            start = made.given()
            offered, unchecked = Mode().offered(start.tools, tools)
            recorder = CheckedRecorder(made)
            calls = TapeCalls(made)
            answer = at_once(run(start, calls, offered, recorder, prompts=prompts, turbo=turbo))
            same = recorder.same()
        except Exception:  # as above
            return None
    if not same or tried:
        return None
    # what was only held against its record has no record of its own
    return Same(made.id, answer.with_trace(None), made.fingerprints, unchecked)


def _session(path: Path, graph: Any, types: Iterable[type], method: str) -> CheckedSession:
    """What holds a run to the record. Raises `NotPlain` for no whole run of this kind."""
    made = tape(path)
    options = made.options
    if "app" not in options or options.get("continues") or options["method"] != method:
        raise NotPlain(f"no run made by {method}")
    direct.install()
    seam.install()
    return CheckedSession(made, Values(types_of(graph, types)))


def _same(session: CheckedSession, answer: Answer | None, tried: list[str]) -> Same | None:
    if tried or answer is None:
        return None
    return Same(session.tape.id, answer, session.tape.fingerprints)


def _run(session: CheckedSession, graph: Any, turbo: bool) -> Any:
    """What the graph gives back."""
    graph, given, config, keywords = _call(session, graph)
    set_ = session.tape.options.keys() & _SETTINGS
    if turbo and not set_ and (fast := plan_of(graph)) is not None and not fast.waits:
        return run_watched(fast, given, _SUPERSTEPS, session)
    if (whole := checked_graph(graph)) is not None:
        states = whole.stream(given, config, **{**keywords, "stream_mode": "values"})
        return deque(states, maxlen=1).pop()
    final = graph.invoke(given, {**config, "callbacks": [session.nodes]}, **keywords)
    return final if session.nodes.final is None else session.nodes.final


def _call(session: CheckedSession, graph: Any) -> tuple[Any, Any, Any, dict[str, Any]]:
    """The graph, cut off from what outlives the replay, and what it is called with."""
    if isinstance(graph, RecordedGraph):
        graph = graph.graph
    options, decode = session.tape.options, session.values.decode
    graph, config = alone(graph, session.tape.id, options)
    return graph, decode(options.get("input")), config, decode(options.get("keywords")) or {}
