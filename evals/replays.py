"""Replays many traces, in this process or in a pool, and counts how they ended.

Knows files and processes; one replay is `evals.replay`. What is replayed, and how, is a function of
paths that gives a JSON document each: the same function does the work here and in the pool, so the
results and their order are the same.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from ..tools.documents import Frozen
from ..tools.errors import TraceError, WorkingsError
from .replay import Replay, areplay

Progress = Callable[[int, int], None]
"""Given how many traces are done, and of how many."""
Work = Callable[[list[str]], list[str]]
"""Of some paths, a JSON document each; of a module's top level, so that a worker can import it."""

_BATCH = 16
_WORTH = 4.0
"""Seconds that other processes have to save, as each takes about that long to start."""


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
    paths: Sequence[str | Path], workers: int | None = 1, progress: Progress | None = None
) -> tuple[list[Replay], Totals]:
    """Replay trace files with built-in prompts and tools; one that cannot be read is `broken`.

    `workers` as of `worked`.
    """
    began = time.perf_counter()
    documents = worked(replay_batch, paths, workers, progress)
    replays = [Replay.model_validate_json(document) for document in documents]
    return replays, totals(replays, time.perf_counter() - began)


def worked(
    work: Work,
    paths: Sequence[str | Path],
    workers: int | None = None,
    progress: Progress | None = None,
) -> list[str]:
    """What `work` gives for each path, in the order of the paths.

    With `workers` above 1 in that many fresh processes, each of which takes a few seconds to start;
    with None in this one, and in one for each core as soon as that will save time. An interrupt
    ends those processes. Raises what `work` raises, and `WorkingsError` when a process is killed.
    """
    names = [str(path) for path in paths]
    done: list[str] = []

    def take(documents: list[str]) -> None:
        done.extend(documents)
        if progress is not None:
            progress(len(done), len(names))

    cores = workers or os.cpu_count() or 1
    began = 0.0
    # the first alone: it takes the imports with it, and says nothing about the next one
    size = 1
    while len(done) < len(names) and (workers in (None, 1) or len(names) <= _BATCH):
        take(work(names[len(done) : len(done) + size]))
        began, size = began or time.perf_counter(), _BATCH
        known = len(done) - 1
        left = (time.perf_counter() - began) / known * (len(names) - len(done)) if known else 0.0
        if workers is None and left * (1 - 1 / cores) > _WORTH:
            break
    rest = names[len(done) :]
    if rest:
        batches = [rest[start : start + _BATCH] for start in range(0, len(rest), _BATCH)]
        _pooled(work, batches, min(cores, len(batches)), take)
    return done


def _pooled(
    work: Work, batches: list[list[str]], workers: int, take: Callable[[list[str]], None]
) -> None:
    others = multiprocessing.active_children()
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
    try:
        with _no_interrupts():
            results = [pool.submit(work, batch) for batch in batches]
        for result in results:
            take(result.result())
    except BrokenProcessPool:
        raise WorkingsError(
            "a process that replayed traces was killed from outside (is there enough memory?);"
            " replay them in one process: --jobs 1"
        ) from None
    except BaseException:
        for child in multiprocessing.active_children():
            if child not in others:
                child.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _no_interrupts() -> Iterator[None]:
    """Processes that are started here do not see an interrupt of the terminal: we end them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
