"""The graph: START -> agent -> (route) -> approve? -> tools -> agent ... -> finalize -> verify.

Reads like its drawing (README); no Send, Command or join, so that a plain superstep scheduler
covers it. Knows the nodes and edges, not what they do.
"""

from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any, Protocol

from langgraph._internal._runnable import RunnableCallable
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from .act import tools
from .approve import approve
from .at_once import at_once
from .bare import bare
from .context import RunContext
from .decide import agent
from .finalize import finalize, verify
from .route import route
from .state import State


class Node(Protocol):
    """What LangGraph calls a node: a coroutine function of state and runtime."""

    def __call__(
        self, state: State, runtime: Runtime[RunContext]
    ) -> Coroutine[Any, Any, dict[str, Any]]:
        """Return the part of the state that changes."""
        ...


Graph = CompiledStateGraph[State, RunContext, Any, Any]

_TYPES = [
    ("workings.graphs.model", "Message"),
    ("workings.graphs.model", "ToolRequest"),
    ("workings.graphs.state", "Draft"),
    ("workings.graphs.state", "DraftCitation"),
    ("workings.graphs.state", "DraftSentence"),
    ("workings.graphs.answer", "Answer"),
    ("workings.graphs.answer", "Calculation"),
    ("workings.graphs.answer", "Operand"),
    ("workings.tools.documents", "Passage"),
    ("workings.tools.rows_tool", "CellData"),
    ("workings.tools.rows_tool", "RowData"),
]
"""Ours that may stand in a checkpoint; nothing else is revived."""


def build(waits: bool = True) -> StateGraph[State, RunContext, Any, Any]:
    """The graph, not yet compiled. Where no call `waits` its nodes need no event loop."""
    run: Callable[[Node], Any] = _as_it_is if waits else _at_once
    graph = StateGraph(State, context_schema=RunContext)
    graph.add_node("agent", run(_recorded("agent", agent)))
    graph.add_node("approve", run(approve))
    graph.add_node("tools", run(_recorded("tools", tools)))
    graph.add_node("finalize", run(_recorded("finalize", finalize)))
    graph.add_node("verify", run(_recorded("verify", verify)))
    graph.add_edge(START, "agent")
    # given so, it is sent to no thread, and nothing is set up around it to trace it
    decide = RunnableCallable(route, trace=False)
    graph.add_conditional_edges("agent", decide, ["tools", "approve", "finalize"])
    graph.add_edge("approve", "tools")
    graph.add_edge("tools", "agent")
    graph.add_edge("finalize", "verify")
    graph.add_edge("verify", END)
    return graph


CHECKPOINTS = JsonPlusSerializer(allowed_msgpack_modules=_TYPES)
"""How a state that waits for approval is kept, in memory."""


@lru_cache(maxsize=2)
def compiled(waits: bool = True) -> Graph:
    """The compiled graph; once a process, for runs in which nothing needs approval."""
    return bare(build(waits).compile())


def mermaid() -> str:
    """The drawing of the graph (README)."""
    return build().compile().get_graph().draw_mermaid()


def _as_it_is(node: Node) -> Node:
    return node


def _at_once(node: Node) -> Callable[[State, Runtime[RunContext]], dict[str, Any]]:
    """The node as a plain function: LangGraph then runs it where it is, without a loop."""

    def run(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
        return at_once(node(state, runtime))

    return run


def _recorded(name: str, node: Node) -> Node:
    """The node, with a record of what it wrote and, of the agent, where the graph goes next."""

    async def run(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
        writes = await node(state, runtime)
        context = runtime.context
        context.supersteps += 1
        going = None
        if name == "agent":
            going = route({**state, **writes}, runtime)  # type: ignore[typeddict-item]
        hash = context.hashed.writes(writes)
        context.recorder.wrote(name, context.supersteps, hash, going, writes)
        return writes

    return run
