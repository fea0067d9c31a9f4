"""A recording killed at every event, a log cut at every byte, every bit of it turned.

The log is of at least 100 kB of real lines: a run of many turns. What is read of a cut log has to be
the prefix that was written; a turned bit has to be refused, or (only where the last newline is gone)
the last record left out and counted.
"""

import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))

from test_store import events
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError


def recorded(store, id, turns):
    recorder = Recorder(store)
    for _ in events(recorder, id, turns=turns):
        pass
    return recorder.trace


def killed(folder, turns):
    """SIGKILL after each event, in a process of its own; how many were wrong."""
    memory = Recorder()
    wrong = count = 0
    for count, _ in enumerate(events(memory, "x", turns=turns), 1):
        child = os.fork()
        if not child:
            recorder = Recorder(TraceStore(folder, fsync=False))
            for number, _ in enumerate(events(recorder, f"run-{count}", turns=turns), 1):
                if number == count:
                    os.kill(os.getpid(), signal.SIGKILL)
            os._exit(1)
        _, status = os.waitpid(child, 0)
        found = TraceStore(folder).load(f"run-{count}")
        now = memory.trace
        same = (found.steps, found.nodes, found.status) == (now.steps, now.nodes, now.status)
        wrong += not same or not os.WIFSIGNALED(status)
    return count, wrong


def cut(path, data, stop):
    """Every prefix of a log: how many did not read as what was written by then.

    A prefix between two line ends reads as the one at the line end, and counts the rest.
    """
    wrong = 0
    whole = None
    for size in range(len(data) + 1):
        path.write_bytes(data[:size])
        end = data.rfind(b"\n", 0, size) + 1
        try:
            trace = Trace.load(path)
        except TraceError:
            wrong += end > 0
            continue
        if end == size:
            whole = trace
            open_ = sum(
                step.error is not None and step.error.type == "Aborted" for step in trace.steps
            )
            lines = data[:size]
            begun = lines.count(b'.request"')
            ended = sum(lines.count(kind) for kind in (b'.reply"', b'.result"', b'.error"'))
            wrong += (len(trace.steps), open_) != (begun, begun - ended)
            wrong += (trace.status == "done") != (size == len(data))
        else:
            wrong += end == 0 or trace.dropped_bytes != size - end
            wrong += trace.model_copy(update={"dropped_bytes": 0}) != whole
        if time.monotonic() > stop:
            return size + 1, wrong
    return len(data) + 1, wrong


def flipped(path, load, stop):
    """Every bit of a file: how many turns went unseen."""
    data = path.read_bytes()
    unseen = tried = 0
    for place in range(len(data)):
        for bit in range(8):
            changed = bytearray(data)
            changed[place] ^= 1 << bit
            path.write_bytes(changed)
            tried += 1
            try:
                trace = load()
            except TraceError:
                continue
            unseen += not (
                place == len(data) - 1 and trace.dropped_bytes and trace.status == "aborted"
            )
        if time.monotonic() > stop:
            break
    path.write_bytes(data)
    return tried, unseen


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3600.0
    rows = []
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as folder:
        folder = Path(folder)
        count, wrong = killed(folder / "killed", 4)
        rows.append(["killed (SIGKILL) at every event", count, wrong])
        store = TraceStore(folder / "long", fsync=False)
        turns = 1
        while True:
            recorded(store, f"long-{turns}", turns)
            path = store.path(f"long-{turns}")
            if path.stat().st_size >= 100_000:
                break
            turns += max(1, turns // 2)
        data = path.read_bytes()
        other = path.with_name("cut.jsonl")
        tried, wrong = cut(other, data, time.monotonic() + seconds / 2)
        rows.append([f"log of {len(data):,} bytes cut at every byte", f"{tried:,}", wrong])
        other.unlink()
        recorded(store, "short", 2)
        shutil.rmtree(folder / "killed")
        tried, unseen = flipped(
            store.path("short"), lambda: store.load("short"), time.monotonic() + seconds / 4
        )
        rows.append(
            [
                f"log of {store.path('short').stat().st_size:,} bytes, every bit turned",
                f"{tried:,}",
                unseen,
            ]
        )
        only = TraceStore(folder / "blobs", fsync=False)
        recorded(only, "one", 1)
        tried = unseen = size = 0
        for blob in sorted(only.blobs.folder.glob("*/*.json")):
            n, missed = flipped(blob, lambda: only.load("one"), time.monotonic() + seconds / 4)
            tried, unseen, size = tried + n, unseen + missed, size + blob.stat().st_size
        rows.append([f"its blobs, {size:,} bytes, every bit turned", f"{tried:,}", unseen])
    table(["", "tried", "wrong or unseen"], rows)
    return 0 if all(row[-1] == 0 for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
