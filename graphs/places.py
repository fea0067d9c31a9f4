"""Where in a user's graph a call stands, and what its nodes write.

Seen through LangChain's callbacks. Knows LangGraph's names for a place; knows nothing of calls.
"""

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables.config import var_child_runnable_config

from .seam import current
from .steps import NodeRecord
from .values import Values, without_ids
from .written import written

Place = tuple[tuple[int, str, int], ...]
"""Superstep, node and number (of several by `Send`) on every level from the root down."""

R = TypeVar("R")

END = "__end__"
"""The node record of the whole run: what it writes is the final state."""


class Nodes(BaseCallbackHandler, Generic[R]):
    """Sees which nodes run and what they write; gives every place in the graph its name.

    A place is the path of nodes from the root (`research/agent`); of several copies of a node by
    `Send`, each has its number (`worker[2]`). LangGraph's own ids differ from run to run.
    """

    run_inline = True
    """In the thread of the node, in order: not in a pool."""

    def __init__(self, make: Callable[[Place, object], R]):
        """`make` gives what is kept of a node: its place, and what it wrote."""
        self._make = make
        self.final: Any = None
        """What the graph gave back in the end."""
        self._places: dict[str, Place] = {}
        self._running: dict[UUID, Place] = {}
        self._failed: list[tuple[int, ...]] = []
        self._root: UUID | None = None
        self._records: list[tuple[Place, int, R]] = []
        self._lock = threading.Lock()

    def scope(self) -> str:
        """The name of the place in which the caller stands; empty outside of any node."""
        config = var_child_runnable_config.get()
        metadata = (config or {}).get("metadata") or {}
        space = str(metadata.get("langgraph_checkpoint_ns", ""))
        return name_of(self._places.get(space) or _bare(space))

    def on_chain_start(
        self,
        serialized: Any,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """A node, or the whole graph, begins."""
        if current.get() is None:
            return  # inside of a tool
        with self._lock:
            if self._root is None:
                self._root = run_id
                return
            metadata = metadata or {}
            space = metadata.get("langgraph_checkpoint_ns")
            if not isinstance(space, str) or not any(
                tag.startswith("graph:step:") for tag in tags or ()
            ):
                return
            above: Place = self._places.get(space.rpartition("|")[0], ())
            path: list[Any] = [*(metadata.get("langgraph_path") or ())]
            sent = [item for item in path if type(item) is int]
            pushed = bool(path) and path[0] == "__pregel_push" and bool(sent)
            number = int(sent[-1]) if pushed else -1
            step = metadata.get("langgraph_step")
            here = (int(step or 0), str(metadata.get("langgraph_node")), number)
            self._places[space] = self._running[run_id] = (*above, here)

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """A node, or the whole graph, ended."""
        if run_id == self._root:
            self.final = outputs
            return
        place = self._running.pop(run_id, None)
        if place is None:
            return
        self.ended(place, outputs)

    def ended(self, place: Place, outputs: object) -> None:
        """A node ended, and this is what it wrote."""
        with self._lock:
            self._records.append((place, len(self._records), self._make(place, outputs)))

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """A node failed: it wrote nothing."""
        place = self._running.pop(run_id, None)
        if place is not None:
            self._failed.append(_steps(place))

    def records(self, failed: bool) -> list[R]:
        """What is kept of the nodes that ended, in the graph's order: branches by name, not speed.

        Of a run that failed, those of the supersteps before: which others had ended is chance.
        """
        ended = sorted(self._records, key=lambda item: item[:2])
        if failed and self._failed:
            stop = min(self._failed)
            ended = [item for item in ended if _before(_steps(item[0]), stop)]
        return [record for _, _, record in ended]


def node_record(node: str, superstep: int, value: object, values: Values, after: int) -> NodeRecord:
    """What a node wrote, or a state, as a trace keeps it; ids of messages do not count."""
    plain = without_ids(values.encode(value))
    hash, kept = written(plain if isinstance(plain, dict) else {"": plain})
    return NodeRecord(node=node, superstep=superstep, writes=hash, values=kept, after=after)


def _steps(place: Place) -> tuple[int, ...]:
    return tuple(step for step, _, _ in place)


def _before(steps: tuple[int, ...], stop: tuple[int, ...]) -> bool:
    level = min(len(steps), len(stop))
    return steps[:level] < stop[:level]


def name_of(place: Place) -> str:
    """The name of a place: the path of its nodes."""
    if len(place) == 1 and place[0][2] < 0:
        return place[0][1]
    return "/".join(node if number < 0 else f"{node}[{number}]" for _, node, number in place)


def _bare(space: str) -> Place:
    names = [part.partition(":")[0] for part in space.split("|") if part]
    return tuple((0, name, -1) for name in names)
