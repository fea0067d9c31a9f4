"""A recording killed at every event, a log cut at every byte, every bit of it turned.

    python bench/crash.py [BYTES OF THE LOG]

The log is of at least 100 kB of real lines: a run of many turns. What is read of a cut log has to be
the prefix that was written; a turned bit has to be refused, or (only where the last newline is gone)
the last record left out and counted.

Reading the long log whole for each of its bytes and bits would take hours, and is not needed:

- A cut. `graphs.reader.read` looks at the end of the file once: it hands the whole lines on and
  counts the rest. So for every byte it is run with the checking of lines left out after the first,
  and what it hands on and what it counts are held against what was written. What it makes of whole
  lines depends on nothing else: each number of them is read to the end, and so are cuts after the
  first byte, in the middle and before the newline of each line. A shorter log is read to the end
  for every byte.
- A turned bit. The lines before it are what they were, so the reader comes to that one in the same
  state. Each is handed to the reader's own check of a line (`graphs.lines.opened`, with the sum
  before it) as the line that the reader would then find. The first bit of every line, and every bit
  of a short log and of its blobs, go through the whole reader.
"""

import os
import shutil
import signal
import sys
import tempfile
from itertools import islice
from pathlib import Path
from unittest.mock import patch

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))

from test_store import events
from workings.graphs import reader
from workings.graphs.lines import opened
from workings.graphs.recorder import Recorder
from workings.graphs.records import lines
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError


def recorded(store, id, turns):
    recorder = Recorder(store)
    for _ in events(recorder, id, turns=turns):
        pass
    return recorder.trace


def long_log(store, least):
    """The path of a log of at least so many bytes."""
    turns = 1
    while True:
        recorded(store, f"long-{turns}", turns)
        path = store.path(f"long-{turns}")
        if path.stat().st_size >= least:
            return path
        turns += max(1, turns // 2)


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


def cut(path, data, inside):
    """A log cut at its line ends, and at `inside(start, end)` of each line: (tried, wrong).

    A prefix between two line ends has to read as the one at the line end, with the rest counted.
    """
    path = path.with_name("cut.jsonl")
    tried = wrong = end = 0
    whole = None
    while True:
        tried += 1
        path.write_bytes(data[:end])
        if end:
            whole = Trace.load(path)
            wrong += not written(whole, data[:end], end == len(data))
        else:
            wrong += not refused(path)
        stop = data.find(b"\n", end)
        if stop < 0:
            break
        for size in inside(end, stop):
            tried += 1
            path.write_bytes(data[:size])
            if not end:
                wrong += not refused(path)
                continue
            trace = Trace.load(path)
            wrong += trace.dropped_bytes != size - end
            wrong += trace.model_copy(update={"dropped_bytes": 0}) != whole
        end = stop + 1
    path.unlink()
    return tried, wrong


def written(trace, lines, whole):
    """Whether a trace has the calls that its lines begin, and those open that they do not end."""
    begun = lines.count(b'.request"')
    ended = sum(lines.count(kind) for kind in (b'.reply"', b'.result"', b'.error"'))
    open_ = sum(step.error is not None and step.error.type == "Aborted" for step in trace.steps)
    same = (len(trace.steps), open_) == (begun, begun - ended)
    return same and (trace.status == "done") == whole and not trace.dropped_bytes


def refused(path):
    try:
        Trace.load(path)
    except TraceError:
        return True
    return False


def every(start, stop):
    return range(start + 1, stop + 1)


def three(start, stop):
    return sorted({start + 1, (start + stop) // 2, stop})


def handed(path, data):
    """A log cut at every byte: (tried, how often other than its whole lines was handed on)."""
    path = path.with_name("cut.jsonl")
    given = []

    def first(path, data, end):
        given.append(data[:end])
        return islice(lines(path, data, end), 1)

    wrong = 0
    with patch.object(reader, "lines", first):
        for size in range(len(data) + 1):
            path.write_bytes(data[:size])
            end = data.rfind(b"\n", 0, size) + 1
            try:
                dropped = reader.read(path).dropped_bytes
            except TraceError:
                dropped = None
            expected = size - end if end else None
            wrong += given.pop() != data[:end] or dropped != expected
    path.unlink()
    return len(data) + 1, wrong


def flipped_lines(data):
    """Every bit of a log: how many turns the check of the line that they come to did not see."""
    unseen = tried = start = 0
    previous = ""
    last = data.rfind(b"\n", 0, len(data) - 1) + 1
    while start < len(data):
        end = data.index(b"\n", start)
        for place in range(start, end + 1):
            for bit in range(8):
                changed = bytes((data[place] ^ (1 << bit),))
                tried += 1
                if place == end and start == last:
                    continue  # no line end any more: the last record is left out, as if cut
                following = data[end + 1 : data.find(b"\n", end + 1)] if place == end else b""
                line = data[start:place] + changed + data[place + 1 : end] + following
                try:
                    opened(line.partition(b"\n")[0], previous)
                except ValueError:
                    continue
                unseen += 1
        _, previous = opened(data[start:end], previous)
        start = end + 1
    return tried, unseen


def flipped(path, load, places=None):
    """Every bit of a file, or the lowest one of some bytes: how many turns went unseen."""
    data = path.read_bytes()
    unseen = tried = 0
    for place in range(len(data)) if places is None else places:
        for bit in range(8 if places is None else 1):
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
    path.write_bytes(data)
    return tried, unseen


def main():
    least = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rows = []
    base = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as folder:
        folder = Path(folder)
        count, wrong = killed(folder / "killed", 8)
        rows.append(["killed (SIGKILL) at every event", count, wrong])
        shutil.rmtree(folder / "killed")
        store = TraceStore(folder / "long", fsync=False)
        path = long_log(store, least // 5)
        data = path.read_bytes()
        tried, wrong = cut(path, data, every)
        rows.append(
            [f"log of {len(data):,} bytes cut at every byte, all read", f"{tried:,}", wrong]
        )
        path = long_log(store, least)
        data = path.read_bytes()
        name = f"log of {len(data):,} bytes"
        tried, wrong = handed(path, data)
        rows.append([f"{name} cut at every byte, its end looked at", f"{tried:,}", wrong])
        tried, wrong = cut(path, data, three)
        rows.append(
            [f"{name} cut at every line end and thrice in a line, all read", f"{tried:,}", wrong]
        )
        tried, unseen = flipped_lines(data)
        rows.append([f"{name}, every bit turned, its line checked", f"{tried:,}", unseen])
        starts = [0, *(place + 1 for place, byte in enumerate(data[:-1]) if byte == 10)]
        tried, unseen = flipped(path, lambda: Trace.load(path), starts)
        rows.append([f"{name}, a bit of every line turned, all read", f"{tried:,}", unseen])
        recorded(store, "short", 2)
        size = store.path("short").stat().st_size
        tried, unseen = flipped(store.path("short"), lambda: store.load("short"))
        rows.append([f"log of {size:,} bytes, every bit turned, all read", f"{tried:,}", unseen])
        only = TraceStore(folder / "blobs", fsync=False)
        recorded(only, "one", 1)
        tried = unseen = size = 0
        for blob in sorted(only.blobs.folder.glob("*/*.json")):
            n, missed = flipped(blob, lambda: only.load("one"))
            tried, unseen, size = tried + n, unseen + missed, size + blob.stat().st_size
        rows.append([f"its blobs, {size:,} bytes, every bit turned", f"{tried:,}", unseen])
    table(["", "tried", "wrong or unseen"], rows)
    return 0 if all(row[-1] == 0 for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
