"""Replays many traces, in this process or in a pool, and counts how they ended.

Knows files and processes; one replay is `evals.replay`.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ..tools.documents import Frozen
from ..tools.errors import TraceError
from .replay import Replay, areplay

Progress = Callable[[int, int], None]
"""Given how many traces are done, and of how many."""

_BATCH = 16


class Totals(Frozen):
    """How many traces ended how; `seconds` is wall time for all."""

    traces: int
    identical: int
    benign: int
    behavioural: int
    broken: int
    seconds: float


def trace_files(folder: str | Path) -> list[Path]:
    """The traces in a folder, by name. Raises `TraceError` when there is none."""
    folder = Path(folder)
    found = sorted(path for path in folder.glob("*.jsonl") if path.is_file())
    if not found:
        raise TraceError(f"there are no traces (*.jsonl) in {folder}", folder)
    return found


def replay_many(
    paths: Sequence[str | Path], workers: int = 1, progress: Progress | None = None
) -> tuple[list[Replay], Totals]:
    """Replay trace files with built-in prompts and tools; one that cannot be read is `broken`.

    With `workers` above 1 in that many fresh processes, each of which takes a few seconds to
    start: of use from some hundreds of traces on.
    """
    began = time.perf_counter()
    names = [str(path) for path in paths]
    batches = [names[start : start + _BATCH] for start in range(0, len(names), _BATCH)]
    replays: list[Replay] = []

    def collect(results: Iterable[list[str]]) -> None:
        for batch in results:
            replays.extend(Replay.model_validate_json(document) for document in batch)
            if progress is not None:
                progress(len(replays), len(names))

    if workers <= 1 or len(batches) <= 1:
        collect(map(replay_batch, batches))
    else:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(workers, len(batches)), mp_context=spawn) as pool:
            collect(pool.map(replay_batch, batches))
    return replays, totals(replays, time.perf_counter() - began)


def totals(replays: Sequence[Replay], seconds: float) -> Totals:
    """Counts by status."""
    ended = [item.status for item in replays]
    return Totals(
        traces=len(ended),
        identical=ended.count("identical"),
        benign=ended.count("benign"),
        behavioural=ended.count("behavioural"),
        broken=ended.count("broken"),
        seconds=seconds,
    )


def replay_batch(paths: list[str]) -> list[str]:
    """Some replays as JSON; what a worker process runs."""
    return asyncio.run(_batch(paths))


async def _batch(paths: list[str]) -> list[str]:
    return [(await areplay(path)).model_dump_json() for path in paths]
