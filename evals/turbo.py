"""Replays on our own scheduler, where it covers the run: the same events, a fraction of the time.

Knows when it may be used; the scheduler is `graphs.turbo`.
"""

from functools import partial
from typing import Any

from ..graphs.graph import compiled
from ..graphs.recording import RecordedGraph
from ..graphs.run import run
from ..graphs.trace import Trace
from ..graphs.turbo import plan_of
from .app import is_app
from .attempt import Drive
from .foreign import is_foreign

fast: Drive = partial(run, turbo=True)
"""Runs our graph without LangGraph's scheduler; with it where a run may wait for an approval."""


def not_fast(trace: Trace, graph: Any = None) -> str | None:
    """Why a run is replayed through LangGraph all the same; None when it is not.

    `graph` is the user's own, of a run of one.
    """
    if is_app(trace):
        if trace.start.options.get("method") != "invoke":
            return "it was not made by invoke()"
        if isinstance(graph, RecordedGraph):
            graph = graph.graph
        if graph is None or plan_of(graph) is None:
            return "your graph has what the fast scheduler does not cover"
        return None
    if is_foreign(trace):
        return "a run of another program is rebuilt by a graph of its own"
    if any(tool.get("effect") == "write" for tool in trace.start.tools):
        return "a tool that writes may wait for an approval"
    if plan_of(compiled()) is None:
        return "the graph has what the fast scheduler does not cover"
    return None
