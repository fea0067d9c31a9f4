"""A plan run node by node, each of them seen: for a run that is held against its record.

The scheduler of `graphs.turbo` without coroutines, for plans in which nothing waits. Knows plans;
knows nothing of what is done with what is seen.
"""

from collections.abc import Mapping
from typing import Any, Protocol

from langchain_core.runnables.config import var_child_runnable_config
from langgraph._internal._constants import CONF, CONFIG_KEY_RUNTIME
from langgraph.constants import END
from langgraph.runtime import Runtime

from .turbo import Plan, Task, Writes, apply, asked, copied, ends, read, too_long, writes_of


class Watch(Protocol):
    """Sees the nodes run, one at a time."""

    def begin(self, node: str, superstep: int) -> Any:
        """A node begins; gives the config that it runs under."""
        ...

    def end(self, node: str, superstep: int, writes: Writes) -> None:
        """A node ended, with what it gave back."""
        ...


def run_watched(plan: Plan, given: Writes, limit: int, watch: Watch) -> Writes:
    """The final state, as `graph.invoke(given)` gives it. Of a plan that does not wait."""
    runtime: Runtime[Any] = Runtime()
    channels = plan.begin(given)
    todo = plan.first
    for superstep in range(1, limit + 1):
        if not todo:
            return read(channels, plan.gives)
        if len(todo) == 1:
            task = plan.tasks[todo[0]]
            apply(channels, [_seen(task, channels, runtime, superstep, watch)])
            going = _going(task, channels, runtime)
        else:
            tasks = [plan.tasks[name] for name in todo]
            written = [_seen(task, channels, runtime, superstep, watch) for task in tasks]
            going = set()
            for task, writes in zip(tasks, written, strict=True):
                own = channels
                if task.branches:
                    own = copied(channels)
                    apply(own, [writes])
                going |= _going(task, own, runtime)
            apply(channels, written)
        going.discard(END)
        todo = tuple(sorted(going))
    raise too_long(limit)


def _seen(
    task: Task, channels: Mapping[str, Any], runtime: Runtime[Any], superstep: int, watch: Watch
) -> Writes:
    config = watch.begin(task.name, superstep)
    config[CONF] = {CONFIG_KEY_RUNTIME: runtime}
    token = var_child_runnable_config.set(config)
    try:
        state = read(channels, task.reads)
        if task.asks:
            wrote = task.node(state, **asked(task.asks, runtime, config))
        else:
            wrote = task.node(state)
        writes = wrote if type(wrote) is dict else writes_of(wrote)
    finally:
        var_child_runnable_config.reset(token)
    watch.end(task.name, superstep, writes)
    return writes


def _going(task: Task, channels: Mapping[str, Any], runtime: Runtime[Any]) -> set[str]:
    going = set(task.edges)
    for branch in task.branches:
        state = read(channels, tuple(channels))
        more = asked(branch.asks, runtime, None) if branch.asks else {}
        going.update(ends(branch, branch.decide(state, **more)))
    return going
