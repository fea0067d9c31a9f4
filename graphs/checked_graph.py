"""A user's graph as LangGraph runs it, its nodes called without the tracing around them.

LangGraph's own scheduler, channels, reducers and routing; only what it sets up around every node so
that callbacks can listen is left out, since in a run that is held against its record
(graphs.checked) nobody listens. Knows the graphs that `graphs.turbo.plan` covers.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from langchain_core.runnables.config import var_child_runnable_config
from langgraph._internal._constants import CONF, CONFIG_KEY_RUNTIME

from .checked import CheckedSession
from .seam import current
from .turbo import Task, plan_of


@lru_cache(maxsize=16)
def checked_graph(graph: Any) -> Any:
    """The graph with nodes that tell the session of a check what they wrote; None: not covered."""
    covered = plan_of(graph)
    if covered is None or any(task.waits for task in covered.tasks.values()):
        return None
    nodes = dict(graph.nodes)
    for name, task in covered.tasks.items():
        nodes[name] = nodes[name].copy({})
        # what LangGraph works out of `bound` and the writers when it first needs it
        nodes[name].__dict__["node"] = _Node(task, nodes[name].flat_writers)
    return graph.copy({"nodes": nodes})


class _Node:
    """A node and what writes its result to the channels: what LangGraph invokes."""

    def __init__(self, task: Task, writers: list[Any]):
        self.task = task
        self.writers = writers

    def invoke(self, state: Any, config: Any, **keywords: Any) -> Any:
        session = current.get()
        assert isinstance(session, CheckedSession)
        superstep = int(config["metadata"]["langgraph_step"])
        session.begin(self.task.name, superstep)
        asked = {name: _given(name, config) for name in self.task.asks}
        token = var_child_runnable_config.set(config)
        try:
            wrote = self.task.node(state, **asked)
        finally:
            var_child_runnable_config.reset(token)
        if isinstance(wrote, Mapping) or wrote is None:
            session.end(self.task.name, superstep, wrote)
        else:
            session.miss(f"{self.task.name} gives back a {type(wrote).__name__}")
        for writer in self.writers:
            writer.invoke(wrote, config)
        return wrote


def _given(name: str, config: Any) -> Any:
    return config if name == "config" else config[CONF][CONFIG_KEY_RUNTIME]
