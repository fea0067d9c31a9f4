"""A superstep scheduler: runs a compiled graph's own nodes, routing and reducers without Pregel.

For replays, where LangGraph's scheduler is most of what is left to do. Knows the part of LangGraph
that `plan` covers: nodes that are functions over a dictionary state, edges and conditional edges,
channels that replace or reduce. Everything else (Send, Command, joins, subgraphs, retries,
checkpoints, interrupts, ...) is not covered, and `plan` says which. A property test holds the two
equal.

One superstep: every node in it reads the same state; their writes are applied when all have ended,
in the order of their names; where a node goes on to is decided on the state with its own writes.
"""

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

from langchain_core.runnables.config import var_child_runnable_config
from langgraph._internal._constants import CONF, CONFIG_KEY_RUNTIME
from langgraph.channels import BinaryOperatorAggregate, LastValue
from langgraph.constants import END, START
from langgraph.errors import GraphRecursionError, InvalidUpdateError
from langgraph.runtime import Runtime

Writes = dict[str, Any]


class Watch(Protocol):
    """Sees the nodes run, one at a time: then no two nodes of a superstep run at once."""

    def begin(self, node: str, superstep: int) -> Any:
        """A node begins; gives the config that it runs under."""
        ...

    def end(self, node: str, superstep: int, writes: Writes | None) -> None:
        """A node ended, with what it gave back."""
        ...


class NotCovered(Exception):
    """Why a graph cannot be run by this scheduler."""


@dataclass(frozen=True)
class _Branch:
    decide: Callable[..., Any]
    waits: bool
    """Whether `decide` is a coroutine function."""
    asks: frozenset[str]
    ends: Mapping[Hashable, str] | None


@dataclass(frozen=True)
class Task:
    """A node: what is called, and where the graph goes after it."""

    name: str
    node: Callable[..., Any]
    waits: bool
    """Whether `node` is a coroutine function."""
    asks: frozenset[str]
    """What it asks for besides the state: `runtime`, `config`."""
    reads: tuple[str, ...]
    edges: tuple[str, ...]
    branches: tuple[_Branch, ...]


@dataclass(frozen=True)
class Plan:
    """What is run: worked out once for a compiled graph."""

    first: tuple[str, ...]
    tasks: Mapping[str, Task]
    channels: Mapping[str, Any]
    gives: tuple[str, ...]

    async def run(
        self, given: Writes, context: Any, limit: int, watch: Watch | None = None
    ) -> Writes:
        """The final state, as `graph.ainvoke(given, context=context)` gives it."""
        runtime: Runtime[Any] = Runtime(context=context)
        # as `from_checkpoint` without a checkpoint
        channels = {name: channel.copy() for name, channel in self.channels.items()}
        _apply(channels, [given])
        todo = self.first
        for superstep in range(1, limit + 1):
            if not todo:
                return _read(channels, self.gives)
            todo = await self._superstep(todo, channels, runtime, superstep, watch)
        # also when the last superstep allowed was the last one needed, as in Pregel
        raise GraphRecursionError(
            f"Recursion limit of {limit} reached without hitting a stop condition."
        )

    async def _superstep(
        self,
        names: tuple[str, ...],
        channels: dict[str, Any],
        runtime: Runtime[Any],
        superstep: int,
        watch: Watch | None,
    ) -> tuple[str, ...]:
        tasks = [self.tasks[name] for name in names]
        if watch is not None:
            written = [await _watched(task, channels, runtime, superstep, watch) for task in tasks]
        elif len(tasks) == 1:
            written = [await _call(tasks[0], channels, runtime, None)]
        else:
            written = await _together([_call(task, channels, runtime, None) for task in tasks])
        if len(tasks) == 1:
            _apply(channels, written)
            going = await _going(tasks[0], channels, runtime)
        else:
            going = set()
            for task, writes in zip(tasks, written, strict=True):
                own = channels
                if task.branches:
                    own = {name: channel.copy() for name, channel in channels.items()}
                    _apply(own, [writes])
                going |= await _going(task, own, runtime)
            _apply(channels, written)
        going.discard(END)
        return tuple(sorted(going))


def plan(graph: Any) -> Plan:
    """How a compiled graph is run here. Raises `NotCovered` with the first reason it is not."""
    builder = graph.builder
    for reason, found in (
        ("a join of several nodes", builder.waiting_edges),
        ("managed values", builder.managed),
        ("a checkpointer", graph.checkpointer),
        ("a store", graph.store),
        ("a cache", graph.cache),
        ("a retry policy", graph.retry_policy),
        ("an interrupt before a node", graph.interrupt_before_nodes),
        ("an interrupt after a node", graph.interrupt_after_nodes),
        ("a time limit of a step", graph.step_timeout),
    ):
        if found:
            raise NotCovered(reason)
    for name, channel in builder.channels.items():
        if type(channel) not in (LastValue, BinaryOperatorAggregate):
            raise NotCovered(f"the channel {name!r} is a {type(channel).__name__}")
    for schema in (builder.state_schema, builder.input_schema, builder.output_schema):
        _dictionary(schema)
    tasks = {name: _task(builder, name, spec) for name, spec in builder.nodes.items()}
    if builder.branches.get(START):
        raise NotCovered("a decision before the first node")
    return Plan(
        first=tuple(sorted(_edges(builder, START))),
        tasks=tasks,
        channels=dict(builder.channels),
        gives=tuple(builder.schemas[builder.output_schema]),
    )


@lru_cache(maxsize=16)
def plan_of(graph: Any) -> Plan | None:
    """`plan(graph)`, worked out once; None for what is not covered."""
    try:
        return plan(graph)
    except NotCovered:
        return None


def _task(builder: Any, name: str, spec: Any) -> Task:
    for reason, found in (
        ("a retry policy", spec.retry_policy),
        ("a cache policy", spec.cache_policy),
        ("a command that says where to go", spec.ends),
        ("a deferred node", spec.defer),
        ("a time limit", spec.timeout),
        ("an error handler", spec.is_error_handler or spec.error_handler_node),
    ):
        if found:
            raise NotCovered(f"{name!r} has {reason}")
    _dictionary(spec.input_schema)
    node, asks = _function(name, spec.runnable)
    return Task(
        name=name,
        node=node,
        waits=asyncio.iscoroutinefunction(node),
        asks=asks,
        reads=tuple(builder.schemas[spec.input_schema]),
        edges=tuple(_edges(builder, name)),
        branches=tuple(_branch(name, item) for item in builder.branches.get(name, {}).values()),
    )


def _branch(name: str, spec: Any) -> _Branch:
    if spec.input_schema is not None:
        _dictionary(spec.input_schema)
    decide, asks = _function(f"the decision after {name}", spec.path)
    if "config" in asks:
        raise NotCovered(f"the decision after {name!r} asks for config")
    return _Branch(decide, asyncio.iscoroutinefunction(decide), asks, spec.ends)


def _function(name: str, runnable: Any) -> tuple[Callable[..., Any], frozenset[str]]:
    # a class of LangGraph's own: another version may have another, and is then not covered
    kind: Any = type(runnable)
    base: Any = next((k for k in kind.__mro__ if k.__name__ == "RunnableCallable"), None)
    known = base is not None and kind.invoke is base.invoke
    if not known or runnable.kwargs or runnable.explode_args:
        raise NotCovered(f"{name!r} is no plain function")
    asked = frozenset(runnable.func_accepts)
    if asked - {"runtime", "config"}:
        raise NotCovered(f"{name!r} asks for {', '.join(sorted(asked))}")
    # LangGraph gives a plain function a coroutine that sends it to a thread
    function: Any = runnable.func or runnable.afunc
    return function, asked


def _dictionary(schema: Any) -> None:
    if not (isinstance(schema, type) and issubclass(schema, dict)):
        raise NotCovered("a state that is no dictionary")


def _edges(builder: Any, name: str) -> list[str]:
    return [end for start, end in builder.edges if start == name]


async def _call(
    task: Task, channels: Mapping[str, Any], runtime: Runtime[Any], config: Any
) -> Writes:
    given = {"runtime": runtime, "config": config}
    asked = {name: given[name] for name in task.asks}
    writes = task.node(_read(channels, task.reads), **asked)
    if task.waits:
        writes = await writes
    if writes is None:
        return {}
    if type(writes) is not dict:
        raise InvalidUpdateError(f"Expected dict, got {writes!r:.200}")
    return writes


async def _watched(
    task: Task,
    channels: Mapping[str, Any],
    runtime: Runtime[Any],
    superstep: int,
    watch: Watch,
) -> Writes:
    config = watch.begin(task.name, superstep)
    config[CONF] = {CONFIG_KEY_RUNTIME: runtime}
    token = var_child_runnable_config.set(config)
    try:
        writes = await _call(task, channels, runtime, config)
    finally:
        var_child_runnable_config.reset(token)
    watch.end(task.name, superstep, writes)
    return writes


async def _together(work: list[Coroutine[Any, Any, Writes]]) -> list[Writes]:
    """All of them at once; the first that fails stops the others, as in Pregel."""
    running = [asyncio.ensure_future(item) for item in work]
    try:
        return await asyncio.gather(*running)
    finally:
        for task in running:
            task.cancel()


async def _going(task: Task, channels: Mapping[str, Any], runtime: Runtime[Any]) -> set[str]:
    going = set(task.edges)
    for branch in task.branches:
        state = _read(channels, tuple(channels))
        found = branch.decide(state, runtime=runtime) if branch.asks else branch.decide(state)
        if branch.waits:
            found = await found
        for end in found if isinstance(found, list | tuple) else [found]:
            name = end if branch.ends is None else branch.ends[end]
            if not isinstance(name, str) or name == START:
                raise ValueError("Branch did not return a valid destination")
            going.add(name)
    return going


def _apply(channels: Mapping[str, Any], written: list[Writes]) -> None:
    values: dict[str, list[Any]] = {}
    for writes in written:
        for name, value in writes.items():
            if name in channels:
                values.setdefault(name, []).append(value)
    for name, items in values.items():
        channels[name].update(items)


def _read(channels: Mapping[str, Any], names: tuple[str, ...]) -> Writes:
    return {name: channels[name].value for name in names if channels[name].is_available()}
