"""A compiled graph whose nodes are called without the tracing around them, while nobody listens.

LangGraph's own scheduler, channels, writers and routing; only what it sets up around every node so
that callbacks can listen (a run of its own, two managers, two tasks) is left out in a run that has
none. Where somebody listens, what LangGraph itself would call is called. Knows nothing of what the
nodes are; graphs of another make stay as they are.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.runnables import RunnableConfig
from langchain_core.runnables.config import var_child_runnable_config
from langgraph.channels import BinaryOperatorAggregate, LastValue

G = TypeVar("G")


def bare(graph: G) -> G:
    """The same graph; itself where its nodes are not as we know them from LangGraph."""
    compiled: Any = graph
    try:
        channels = compiled.channels
        nodes = {name: _bare(node, channels) for name, node in compiled.nodes.items()}
        made: G = compiled.copy({"nodes": nodes})
    except (AttributeError, KeyError, TypeError):
        return graph
    return made


def listened(config: RunnableConfig) -> bool:
    """Whether a callback would be told of what runs under a node's config.

    LangGraph looks once a run for who listens: the caller, the process, the context. What it found
    is handed to every node.
    """
    found = config.get("callbacks")
    return not isinstance(found, BaseCallbackManager) or bool(found.handlers)


class _Bare:
    """A node and what writes its result to the channels: what LangGraph's runner calls."""

    def __init__(self, usual: Any, kinds: Mapping[str, Any] | None) -> None:
        """`kinds`: the channels that the node reads, where a decision after it reads the same."""
        self._usual = usual
        self._node: Any = usual.steps[0]
        self._writers: tuple[Any, ...] = tuple(usual.steps[1:])
        self._kinds = kinds

    def invoke(self, input: Any, config: RunnableConfig | None = None, **keywords: Any) -> Any:
        """Call the node and write its result, without an event loop."""
        if config is None or listened(config):
            return self._usual.invoke(input, config, **keywords)
        token = var_child_runnable_config.set(config)
        try:
            wrote = self._node.invoke(input, config, **keywords)
        finally:
            var_child_runnable_config.reset(token)
        return self._written(input, wrote, config)

    async def ainvoke(
        self, input: Any, config: RunnableConfig | None = None, **keywords: Any
    ) -> Any:
        """Call the node and write its result."""
        if config is None or listened(config):
            return await self._usual.ainvoke(input, config, **keywords)
        token = var_child_runnable_config.set(config)
        try:
            wrote = await self._node.ainvoke(input, config, **keywords)
        finally:
            var_child_runnable_config.reset(token)
        return self._written(input, wrote, config)

    def stream(self, input: Any, config: Any = None, **keywords: Any) -> Iterator[Any]:
        """What is asked for where a callback wants every piece."""
        chunks: Iterator[Any] = self._usual.stream(input, config, **keywords)
        return chunks

    def astream(self, input: Any, config: Any = None, **keywords: Any) -> AsyncIterator[Any]:
        """The same, where the graph waits."""
        chunks: AsyncIterator[Any] = self._usual.astream(input, config, **keywords)
        return chunks

    def _written(self, given: Any, wrote: Any, config: RunnableConfig) -> Any:
        after = None if self._kinds is None else _after(given, wrote, self._kinds)
        # no writer waits for anything: each of them has a plain function too
        for writer in self._writers:
            if after is not None and "reader" in writer.kwargs:
                writer.invoke(wrote, config, reader=lambda _, state=after: dict(state))
            else:
                writer.invoke(wrote, config)
        return wrote


def _after(given: Any, wrote: Any, kinds: Mapping[str, Any]) -> dict[str, Any] | None:
    """The state with a node's own writes, which LangGraph reads from copies of all channels.

    None where that is left to LangGraph: for anything but plain values and lists that grow.
    """
    if type(given) is not dict or type(wrote) is not dict:
        return None
    state = dict(given)
    for name, value in wrote.items():
        kind = kinds.get(name)
        if type(kind) is BinaryOperatorAggregate and type(value) is type(given.get(name)) is list:
            state[name] = kind.operator(given[name], value)
        elif type(kind) is LastValue:
            state[name] = value
        else:
            return None
    return state


def _bare(node: Any, channels: Mapping[str, Any]) -> Any:
    """A node of Pregel's as before but for what is called; itself where that is not a sequence."""
    usual = node.node
    steps: Any = getattr(usual, "steps", ())
    if len(steps) < 2 or steps[0] is not node.bound:
        return node
    # a node without writers is called as its `bound` is
    made = node.copy({"bound": _Bare(usual, _kinds(node, steps[1:], channels)), "writers": []})
    return made if made.node is made.bound else node


def _kinds(
    node: Any, writers: Sequence[Any], channels: Mapping[str, Any]
) -> Mapping[str, Any] | None:
    """The channels a node reads, where the decisions after it read these and nothing else."""
    readers = [writer.kwargs["reader"] for writer in writers if "reader" in writer.kwargs]
    if node.mapper is not None or type(node.channels) is not list or not readers:
        return None
    for reader in readers:
        told = getattr(reader, "keywords", {})
        if told.get("select") != node.channels or not told.get("fresh") or told.get("mapper"):
            return None
    return {name: channels[name] for name in node.channels}
