"""One change of the code or of a record, and what a replay must say of it.

Also what the generators of mutants know of a record, which they read from its steps alone: they
share no code with what finds the difference.
"""

import contextlib
import sys
from dataclasses import dataclass, field
from typing import Any

from common import ROOT

sys.path.insert(0, str(ROOT / "tests"))
import recorded_runs as runs
from workings.graphs import act
from workings.graphs import graph as graph_module
from workings.tools.tool import ToolResult, tool


@dataclass
class Mutant:
    """One change, and what a replay must say of it."""

    kind: str
    of: str
    trace: Any
    step: int
    expected: str
    arguments: dict = field(default_factory=dict)
    patch: Any = None


def models(trace, node=None):
    return [s for s in trace.steps if s.kind == "model" and (node is None or s.node == node)]


def ran(trace):
    return [s for s in trace.steps if s.kind == "tool" and s.status != "refused"]


def messages_of_tools(trace):
    """For each visit of the tools node its steps, from the message that asked for them."""
    visits, current = [], []
    for step in trace.steps:
        if step.kind == "tool":
            current.append(step)
        elif current:
            visits.append(current)
            current = []
    return [*visits, current] if current else visits


@contextlib.contextmanager
def patched(*changes, graph=False):
    old = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    if graph:
        graph_module.compiled.cache_clear()
    try:
        yield
    finally:
        for owner, name, value in old:
            setattr(owner, name, value)
        if graph:
            graph_module.compiled.cache_clear()


def with_tools_node(change):
    """Today's tools node is handed other pending calls; `change(pending, visit)` says which."""

    async def tools(state, runtime):
        visit = sum(m.role == "assistant" for m in state["messages"]) - 1
        pending = change(list(state.get("pending") or ()), visit)
        return await act.tools({**state, "pending": pending}, runtime)

    return patched((graph_module, "tools", tools), graph=True)


@tool
async def peek(query: str) -> ToolResult:
    """Have a quick look."""
    return ToolResult(content="quickly")


def runs_tools(trace):
    """The tools of a scripted run as they are today."""
    mine = {item.name: item for item in (runs.look_up(), runs.send, peek)}
    return {name: mine[name] for name in (t["name"] for t in trace.start.tools) if name in mine}
