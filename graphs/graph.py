"""The graph: START -> agent -> (route) -> approve? -> tools -> agent ... -> finalize -> verify.

Reads like its drawing (README); no Send, Command or join, so that a plain superstep scheduler
covers it. Knows the nodes and edges, not what they do.
"""

from collections.abc import Awaitable
from functools import lru_cache
from typing import Any, Protocol

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from .act import tools
from .approve import approve
from .context import RunContext
from .decide import agent
from .finalize import finalize, verify
from .route import route
from .state import State
from .steps import NodeRecord
from .written import written


class Node(Protocol):
    """What LangGraph calls a node: a coroutine function of state and runtime."""

    def __call__(self, state: State, runtime: Runtime[RunContext]) -> Awaitable[dict[str, Any]]:
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
]
"""Ours that may stand in a checkpoint; nothing else is revived."""


def build() -> StateGraph[State, RunContext, Any, Any]:
    """The graph, not yet compiled."""
    graph = StateGraph(State, context_schema=RunContext)
    graph.add_node("agent", _recorded("agent", agent))
    graph.add_node("approve", approve)
    graph.add_node("tools", _recorded("tools", tools))
    graph.add_node("finalize", _recorded("finalize", finalize))
    graph.add_node("verify", _recorded("verify", verify))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", _route, ["tools", "approve", "finalize"])
    graph.add_edge("approve", "tools")
    graph.add_edge("tools", "agent")
    graph.add_edge("finalize", "verify")
    graph.add_edge("verify", END)
    return graph


CHECKPOINTS = JsonPlusSerializer(allowed_msgpack_modules=_TYPES)
"""How a state that waits for approval is kept, in memory."""


@lru_cache(maxsize=1)
def compiled() -> Graph:
    """The compiled graph; once a process, for runs in which nothing needs approval."""
    return build().compile()


def mermaid() -> str:
    """The drawing of the graph (README)."""
    return compiled().get_graph().draw_mermaid()


async def _route(state: State, runtime: Runtime[RunContext]) -> str:
    # LangGraph would send a plain function to a thread
    return route(state, runtime)


def _recorded(name: str, node: Node) -> Node:
    """The node, with a record of what it wrote and, of the agent, where the graph goes next."""

    async def run(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
        writes = await node(state, runtime)
        context = runtime.context
        context.supersteps += 1
        going = None
        if name == "agent":
            going = route({**state, **writes}, runtime)  # type: ignore[typeddict-item]
        hash, values = written(writes)
        context.recorder.node(
            NodeRecord(
                node=name, superstep=context.supersteps, writes=hash, route=going, values=values
            )
        )
        return writes

    return run
