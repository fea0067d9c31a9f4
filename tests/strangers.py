"""Opens and replays traces of a stranger under an audit hook: `python strangers.py FOLDER COUNT`.

Whole traces are changed at random places into something hostile and sealed anew, so that they get
past the checksums; files that no seal can make whole are tried too. Every way in is walked: load,
replay, lenient replay, verify, list, show, the debugger, every export, import. Prints one line of
JSON: how many there were, what came of them, and every event of the hook. The events are counted
after one clean walk, which imports what is needed.
"""

import asyncio
import io
import json
import os
import random
import sys
from collections import Counter
from hashlib import blake2b
from pathlib import Path

from foreign_records import chat
from recorded_runs import make
from rich.console import Console
from workings.agent.debugger import Debugger, document
from workings.agent.render_runs import replay_view, trace_view
from workings.agent.wording import visible
from workings.evals.exporting import FORMATS, export
from workings.evals.importing import import_file
from workings.evals.replay import replay
from workings.graphs.canonical import canonical
from workings.graphs.lines import seal
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import WorkingsError

PAYLOAD = {"lc": 2, "type": "constructor", "id": ["os", "system"], "kwargs": {"command": "touch X"}}
HOSTILE = [
    PAYLOAD,
    {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"],
     "kwargs": {"content": "x"}},
    {"lc": 1, "type": "secret", "id": ["OPENAI_API_KEY"]},
    {"lc": 1, "type": "not_implemented", "id": ["builtins", "eval"], "repr": "eval('1')"},
    {"py/reduce": [{"py/function": "os.system"}, {"py/tuple": ["touch X"]}]},
    {"$": "../../../../etc/passwd"}, {"$": "0" * 32}, {"$": {"$": "x"}},
    "../../../../../../etc/passwd", "/etc/passwd", "..\\..\\x", "a/../../b", "\x00", "~/.netrc",
    "file:///etc/passwd", "http://127.0.0.1:9/steal", "CON", "", ".", "..", "a" * 100_000,
    "__import__('os').system('touch X')", "!!python/object/apply:os.system ['touch X']",
    "{{7*7}}${jndi:ldap://127.0.0.1/x}", "9**9**9**9", "(2**99999)**99999",
    "gASVJAAAAAAAAACMBXBvc2l4",
    "\x1b]0;x\x07", "\ufffe\u202e", -1, 0, 1, 2**63, 10**400, 1e308, -0.0, 5e-324, True, None,
    False, [], {}, [[]], {"": ""}, [None] * 1000, {"__class__": "os", "__init__": {"__dict__": 1}},
    {"module": "os", "app": "os:system"},
]  # fmt: skip
KINDS = ["run.start", "model.request", "model.reply", "model.error", "tool.request", "tool.result",
         "tool.error", "tool.refused", "node", "approval", "run.end", "pickle", ""]  # fmt: skip


def deep(levels):
    value = []
    for _ in range(levels):
        value = [value]
    return value


def sealed(bodies):
    """Lines with good checksums, whatever stands in them."""
    data, previous = [], ""
    for body in bodies:
        previous = blake2b(previous.encode() + body, digest_size=8).hexdigest()
        data.append(body[:-1] + b',"sum":"' + previous.encode() + b'"}\n')
    return b"".join(data)


def places(value, path=()):
    """Every place in a JSON value."""
    yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from places(item, (*path, key))


def changed(record, chance):
    """The record with one place made hostile."""
    record = json.loads(json.dumps(record))
    path = chance.choice([item for item in places(record) if item])
    at = record
    for key in path[:-1]:
        at = at[key]
    way = chance.randrange(6)
    if way == 0:
        del at[path[-1]]
    elif way == 1 and isinstance(at, dict):
        at[
            chance.choice(["lc", "id", "parent", "app", "foreign", "options", "../x", "__class__"])
        ] = chance.choice(HOSTILE)
    elif way == 2:
        at[path[-1]] = deep(chance.choice([5, 70, 150, 240]))
    elif way == 3 and isinstance(at[path[-1]], str):
        at[path[-1]] = at[path[-1]] + chance.choice(
            [item for item in HOSTILE if isinstance(item, str)]
        )
    else:
        at[path[-1]] = chance.choice(HOSTILE)
    return record


def mutated(records, chance):
    """A file of records, changed somewhere."""
    records = list(records)
    for _ in range(chance.choice([1, 1, 1, 2, 4])):
        place = chance.randrange(len(records))
        way = chance.randrange(10)
        if way == 0:
            records.pop(place)
        elif way == 1:
            records.insert(place, records[place])
        elif way == 2:
            other = chance.randrange(len(records))
            records[place], records[other] = records[other], records[place]
        elif way == 3:
            records[place] = {**records[place], "t": chance.choice(KINDS)}
        else:
            records[place] = changed(records[place], chance)
        if not records:
            break
    if chance.randrange(8):
        records = [
            {**item, "n": n} if isinstance(item, dict) else item for n, item in enumerate(records)
        ]
    if records and chance.randrange(8) and records[-1].get("t") == "run.end":
        records[-1] = {**records[-1], "records": len(records)}
    try:
        return sealed([canonical(item) for item in records])
    except (TypeError, UnicodeError, RecursionError):
        return sealed([json.dumps(item).encode() for item in records])


def raw(first, rest):
    """Files that no record makes: `first` is the body of a good run.start."""
    end = first[:-1]
    return {
        "nan": [end + b',"x":NaN}', *rest],
        "infinity": [end + b',"x":1e999}', *rest],
        "duplicate": [end + b',"t":"node"}', *rest],
        "duplicate first": [b'{"t":"node",' + first[1:], *rest],
        "deep": [end + b',"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", *rest],
        "deep objects": [end + b',"x":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, *rest],
        "surrogate": [end + b',"x":"\\ud800"}', *rest],
        "not utf-8": [end + b',"x":"\xff"}', *rest],
        "nul": [b"\x00" * 1000, *rest],
        "digits": [end + b',"x":' + b"9" * 1_000_000 + b"}", *rest],
        "wide": [end + b',"x":[' + b"[]," * 3_000_000 + b"1]}", *rest],
        "objects": [end + b',"x":[' + b'{"a":1},' * 2_000_000 + b"1]}", *rest],
        "long text": [end + b',"x":"' + b"a" * 20_000_000 + b'"}', *rest],
    }


class Watch:
    """What the audit hook saw that a stranger's file may not bring about."""

    BANNED = ("pickle", "marshal", "shelve", "dill", "joblib", "cloudpickle", "ctypes")
    RUNS = frozenset(
        [
            "exec",
            "compile",
            "code.__new__",
            "marshal.loads",
            "marshal.load",
            "pickle.find_class",
            "subprocess.Popen",
            "os.system",
            "os.exec",
            "os.fork",
            "os.forkpty",
            "os.posix_spawn",
            "os.spawn",
            "pty.spawn",
            "ctypes.dlopen",
            "ctypes.dlsym",
            "os.putenv",
            "webbrowser.open",
            "socket.connect",
            "socket.bind",
            "socket.getaddrinfo",
            "socket.gethostbyname",
            "socket.sendto",
            "socket.sendmsg",
            "socket.listen",
            "urllib.Request",
            "sqlite3.connect",
        ]
    )
    FILES = frozenset(
        [
            "open",
            "os.remove",
            "os.rename",
            "os.mkdir",
            "os.rmdir",
            "os.link",
            "os.symlink",
            "os.chmod",
            "os.chown",
            "os.truncate",
            "os.listdir",
            "os.scandir",
            "shutil.rmtree",
        ]
    )

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.on = False
        self.events = Counter()
        sys.addaudithook(self._see)

    def _see(self, event, arguments):
        if not self.on:
            return
        if event == "import":
            root = str(arguments[0]).partition(".")[0]
            if root in self.BANNED:
                self.events[f"import {root}"] += 1
        elif event in self.RUNS:
            # LangGraph parses the signature of `operator.add` into a tree: nothing runs
            parses = event == "compile" and sys._getframe(1).f_code.co_name == "parse"
            self.events[event] += not parses
        elif event in self.FILES:
            for path in arguments[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
                self._file(event, path)

    def _file(self, event, path):
        if isinstance(path, int) or path is None:
            return
        full = os.path.realpath(os.fsdecode(path))
        if full != self.folder and not full.startswith(self.folder + os.sep):
            self.events[f"{event} outside: {full[:80]}"] += 1


def walk(path, out):
    """Every way in; the end of each, by name. A `WorkingsError` is a refusal."""
    store = TraceStore(path.parent, fsync=False)
    console = Console(file=io.StringIO(), width=100)
    ends = Counter()

    def step(name, work):
        try:
            ends[f"{name} {work() or 'ok'}"] += 1
        except WorkingsError:
            ends[f"{name} refused"] += 1
        except Exception as error:  # counted and shown: none may happen
            ends[f"CRASH {name}: {type(error).__name__}: {error!s:.120}"] += 1

    step("replay", lambda: replay(path).status)
    step("verify", lambda: "found" if store.verify(str(path)) else "clean")
    step("list", lambda: store.list() and None)
    for format in FORMATS:
        step(f"export {format}", lambda format=format: export(path, format) and None)
    loaded = []
    step("load", lambda: loaded.append(Trace.load(path)))
    if not loaded:
        return ends
    (trace,) = loaded
    step("lenient", lambda: replay(trace, lenient=True).status)
    step("show", lambda: console.print(trace_view(trace, full=True)))
    step("view", lambda: console.print(replay_view(replay(trace), trace.question)))
    step("import", lambda: import_file(path, TraceStore(out, fsync=False)) and None)
    for item in Path(out).glob("*.jsonl"):
        item.unlink()

    def look():
        debugger = Debugger(trace, lambda: replay(trace), lambda step, given: None)
        for line in (*["list", "r", "p", "s", "d", "n"] * min(3, len(trace.steps)), "/x"):
            for view in debugger.do(line).views:
                console.print(view)
        document(trace, 0, None)

    step("step", look)
    return ends


def main(folder, count, giant):
    folder = Path(folder)
    here, out = folder / "traces", folder / "out"
    out.mkdir(parents=True)
    store = TraceStore(here, fsync=False)
    names = (
        "calculation",
        "parallel",
        "retries",
        "refused_calls",
        "approved",
        "structured",
        "limit",
    )
    ids = [asyncio.run(make(name, store)).id for name in names]
    (folder / "record.json").write_text(json.dumps(chat()))
    ids += [item.trace for item in import_file(folder / "record.json", store).traces]
    files = [export(store.path(id), "bundle") for id in ids]
    files += [store.path(id).read_bytes() for id in ids]
    bases = [[json.loads(line) for line in data.splitlines()] for data in files]
    bases = [[{k: v for k, v in item.items() if k != "sum"} for item in base] for base in bases]
    path = here / "stranger.jsonl"
    for data in files:  # a clean walk, which imports what is needed
        path.write_bytes(data)
        ends = walk(path, out)
        assert not any(name.startswith("CRASH") for name in ends), ends
        assert ends["replay identical"] == 1, ends
    bodies = [canonical(item) for item in bases[0]]
    odd = {}
    for number in (0, 3, 5) if giant else (3,):
        where = [canonical(item) for item in bases[0]]
        for name, lines in raw(where[number], where[number + 1 :]).items():
            odd[f"{name} {number}"] = [*where[:number], *lines]
    visible("\x1b")
    watch = Watch(folder)
    ends = Counter()
    tried, most = 0, 0

    def go():
        nonlocal tried, most, ends
        Path("/proc/self/clear_refs").write_text("5")
        watch.on = True
        ends += walk(path, out)
        watch.on = False
        tried += 1
        most = max(most, high_water())

    for lines in odd.values():
        path.write_bytes(sealed(lines))
        go()
    odd.clear()
    for name, count_of in (
        (("record", 2_000_000), ("node", 400_000), ("node", 90_000)) if giant else ()
    ):
        write_many(path, bodies[0], name, count_of)
        go()
    for size in (1 << 30, 60_000_000):
        with path.open("wb") as file:
            file.truncate(size)
        go()
    chance = random.Random(7)
    for number in range(count):
        path.write_bytes(mutated(bases[number % len(bases)], chance))
        go()
    report = {
        "tried": tried,
        "events": {name: n for name, n in watch.events.items() if n},
        "crashes": {name: n for name, n in ends.items() if name.startswith("CRASH")},
        "replays": {name: n for name, n in ends.items() if name.startswith("replay")},
        "megabytes": most,
    }
    print(json.dumps(report))


def write_many(path, first, kind, count):
    """A trace of very many small records, written one by one."""
    node = {"t": "node", "node": "a", "superstep": 1, "writes": "w"}
    previous = ""
    with path.open("wb") as file:
        for n in range(count):
            record = {"n": n, **(node if kind == "node" else {"t": "x"})}
            line, previous = seal(record, previous) if n else seal(json.loads(first), "")
            file.write(line)


def high_water():
    """Megabytes that this process held at most since it was last reset."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["giant"])
