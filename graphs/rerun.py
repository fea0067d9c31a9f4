"""Runs a user's graph again as it was run when it was recorded, every call being served.

Knows how a recorded run began; where its replies come from is `served.Served`'s to know.
"""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.store.memory import InMemoryStore

from ..tools.errors import TraceError
from .graph_run import GraphRun
from .recorder import Recorder
from .recording import RecordedGraph
from .seam import install
from .served import Served
from .session import GraphSession
from .steps import Start
from .values import Values


async def rerun(
    graph: Any, start: Start, served: Served, recorder: Recorder, types: Iterable[type] = ()
) -> Any:
    """Run a graph as it was run when `start` was recorded, every call being served.

    Gives back what the graph gave: the final state, or the pieces of a stream. Raises what the
    graph raises, and `TraceError` for a run that went on from a checkpoint. Checkpoints and stores
    of the graph are replaced by empty ones in memory.
    """
    install()
    types = types_of(graph, types)
    if isinstance(graph, RecordedGraph):
        graph = graph.graph
    check_start(start, types)
    values = Values(types)
    session = GraphSession(recorder, values, served)
    options: dict[str, Any] = dict(start.options)
    graph, config = alone(graph, start.id, options)
    keywords: dict[str, Any] = values.decode(options.get("keywords")) or {}
    given = values.decode(options.get("input"))
    run = GraphRun(session, start, config, lambda *_: None)
    method = options.get("method", "invoke")
    if method == "ainvoke":
        return await run.awhole(lambda: graph.ainvoke(given, run.config, **keywords))
    if method == "astream":
        pieces = run.apieces(lambda: graph.astream(given, run.config, **keywords))
        return [piece async for piece in pieces]
    if method == "stream":

        def listen() -> list[Any]:
            return list(run.pieces(lambda: graph.stream(given, run.config, **keywords)))

        return await asyncio.to_thread(listen)
    return await asyncio.to_thread(
        lambda: run.whole(lambda: graph.invoke(given, run.config, **keywords))
    )


def types_of(graph: Any, types: Iterable[type]) -> tuple[type, ...]:
    """The classes that were named, also those named when the graph was recorded."""
    own = graph.values.types.values() if isinstance(graph, RecordedGraph) else ()
    return (*own, *types)


def check_start(start: Start, types: Iterable[type]) -> None:
    """Raise `TraceError` for a run that cannot be begun again."""
    if start.options.get("continues"):
        raise TraceError(
            "the run went on from a checkpoint, which is not in the trace; it cannot be replayed"
        )
    values = Values(types)
    values.decode(start.options.get("input"))
    values.decode(start.options.get("keywords"))


def alone(graph: Any, id: str, options: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The graph cut off from checkpoints and stores that outlive the replay, and its config."""
    config: dict[str, Any] = {}
    if "recursion_limit" in options:
        config["recursion_limit"] = options["recursion_limit"]
    configurable = {name: Values().decode(v) for name, v in options.get("configurable", {}).items()}
    update: dict[str, Any] = {}
    if graph.checkpointer not in (None, False, True):
        update["checkpointer"] = InMemorySaver()
        configurable["thread_id"] = id
    if graph.store is not None:
        update["store"] = InMemoryStore()
    if configurable:
        config["configurable"] = configurable
    return (graph.copy(update) if update else graph), config
