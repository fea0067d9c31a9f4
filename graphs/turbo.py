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
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from langgraph.channels import BinaryOperatorAggregate, LastValue
from langgraph.constants import END, START
from langgraph.errors import GraphRecursionError, InvalidUpdateError
from langgraph.runtime import Runtime

Writes = dict[str, Any]


class NotCovered(Exception):
    """Why a graph cannot be run by this scheduler."""


@dataclass(frozen=True)
class Branch:
    """A decision after a node."""

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
    branches: tuple[Branch, ...]


@dataclass(frozen=True)
class Plan:
    """What is run: worked out once for a compiled graph."""

    first: tuple[str, ...]
    tasks: Mapping[str, Task]
    channels: Mapping[str, Any]
    gives: tuple[str, ...]

    @cached_property
    def waits(self) -> bool:
        """Whether anything in it is a coroutine function."""
        return any(
            task.waits or any(branch.waits for branch in task.branches)
            for task in self.tasks.values()
        )

    def begin(self, given: Writes) -> dict[str, Any]:
        """The channels with what the run is given."""
        # as `from_checkpoint` without a checkpoint
        channels = copied(self.channels)
        apply(channels, [given])
        return channels

    async def run(self, given: Writes, context: Any, limit: int) -> Writes:
        """The final state, as `graph.ainvoke(given, context=context)` gives it."""
        runtime: Runtime[Any] = Runtime(context=context)
        channels = self.begin(given)
        todo = self.first
        for _ in range(limit):
            if not todo:
                return read(channels, self.gives)
            todo = await self._superstep(todo, channels, runtime)
        raise too_long(limit)

    async def _superstep(
        self, names: tuple[str, ...], channels: dict[str, Any], runtime: Runtime[Any]
    ) -> tuple[str, ...]:
        tasks = [self.tasks[name] for name in names]
        if len(tasks) == 1:
            apply(channels, [await _call(tasks[0], channels, runtime)])
            going = await _going(tasks[0], channels, runtime)
        else:
            written = await _together([_call(task, channels, runtime) for task in tasks])
            going = set()
            for task, writes in zip(tasks, written, strict=True):
                own = channels
                if task.branches:
                    own = copied(channels)
                    apply(own, [writes])
                going |= await _going(task, own, runtime)
            apply(channels, written)
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


def _branch(name: str, spec: Any) -> Branch:
    if spec.input_schema is not None:
        _dictionary(spec.input_schema)
    decide, asks = _function(f"the decision after {name}", spec.path)
    if "config" in asks:
        raise NotCovered(f"the decision after {name!r} asks for config")
    return Branch(decide, asyncio.iscoroutinefunction(decide), asks, spec.ends)


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


async def _call(task: Task, channels: Mapping[str, Any], runtime: Runtime[Any]) -> Writes:
    wrote = task.node(read(channels, task.reads), **asked(task.asks, runtime, None))
    return writes_of(await wrote if task.waits else wrote)


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
        found = branch.decide(read(channels, tuple(channels)), **asked(branch.asks, runtime, None))
        going.update(ends(branch, await found if branch.waits else found))
    return going


def asked(names: frozenset[str], runtime: Runtime[Any], config: Any) -> dict[str, Any]:
    """What a function asks for besides the state."""
    given = {"runtime": runtime, "config": config}
    return {name: given[name] for name in names}


def writes_of(wrote: Any) -> Writes:
    """What a node gave back, as writes to channels. Raises `InvalidUpdateError`."""
    if wrote is None:
        return {}
    if type(wrote) is not dict:
        raise InvalidUpdateError(f"Expected dict, got {wrote!r:.200}")
    return wrote


def ends(branch: Branch, found: Any) -> list[str]:
    """The nodes that a decision names. Raises `ValueError`."""
    names = []
    for end in found if isinstance(found, list | tuple) else [found]:
        name = end if branch.ends is None else branch.ends[end]
        if not isinstance(name, str) or name == START:
            raise ValueError("Branch did not return a valid destination")
        names.append(name)
    return names


def apply(channels: Mapping[str, Any], written: Sequence[Writes]) -> None:
    """Update the channels with the writes of one superstep."""
    if len(written) == 1:
        for name, value in written[0].items():
            if name in channels:
                channels[name].update([value])
        return
    values: dict[str, list[Any]] = {}
    for writes in written:
        for name, value in writes.items():
            if name in channels:
                values.setdefault(name, []).append(value)
    for name, items in values.items():
        channels[name].update(items)


def copied(channels: Mapping[str, Any]) -> dict[str, Any]:
    """The channels, to be updated apart from these."""
    return {name: channel.copy() for name, channel in channels.items()}


def read(channels: Mapping[str, Any], names: tuple[str, ...]) -> Writes:
    """The values of those of the channels that have one."""
    values = {}
    for name in names:
        channel = channels[name]
        if channel.is_available():
            values[name] = channel.value
    return values


def too_long(limit: int) -> GraphRecursionError:
    """Also of a run whose last superstep allowed was the last one needed, as in Pregel."""
    return GraphRecursionError(
        f"Recursion limit of {limit} reached without hitting a stop condition."
    )
