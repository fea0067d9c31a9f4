"""Traces on disk: what was written is read, whatever happened to the process, disk or file."""

import os
import subprocess
import sys
import textwrap
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from workings.graphs.answer import Answer, Usage
from workings.graphs.canonical import request_key, tool_key
from workings.graphs.lines import seal
from workings.graphs.model import Message, ModelReply, ModelRequest, Tokens, ToolRequest
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore
from workings.graphs.trace import (
    Approval,
    Attempt,
    ModelStep,
    NodeRecord,
    Start,
    StepError,
    ToolStep,
    Trace,
)
from workings.tools.errors import TraceError

KEY = "sk-abcdefgh12345678ijkl"
LONG = "words that stand in a blob because they are many " * 6


def events(recorder, id, secret="", turns=2):
    """A run, one recorded event at a time."""
    recorder.start(
        Start(
            id=id,
            created="2026-01-01T00:00:00Z",
            question=f"How much? {secret}",
            history=(("earlier", LONG),),
            model="m:1",
            tools=({"name": "look", "description": LONG, "parameters": {}, "effect": "read"},),
        )
    )
    yield
    messages = [Message(role="system", content=LONG), Message(role="user", content=secret)]
    error = StepError(type="ProviderError", message=f"busy {secret}", detail={"kind": "server"})
    for turn in range(turns):
        request = ModelRequest(model="m:1", messages=tuple(messages))
        step = ModelStep(
            index=3 * turn + 1,
            node="agent",
            name="decide",
            key=request_key("agent", request),
            request=request,
        )
        recorder.request(step)
        yield
        wanted = tuple(
            ToolRequest(id=f"c{turn}{i}", name="look", arguments=f'{{"q": {i}}}') for i in (2, 3)
        )
        reply = ModelReply(content=secret, tool_requests=wanted, tokens=Tokens(input=1, output=2))
        attempts = (Attempt(error=error, waited=0.5),)
        recorder.result(step.model_copy(update={"reply": reply, "attempts": attempts}))
        yield
        messages.append(Message(role="assistant", content=secret, tool_requests=wanted))
        steps = []
        for place, one in enumerate(wanted, start=2):
            arguments = {"q": place, "token": secret, "big": 10**30}
            tool_step = ToolStep(
                index=3 * turn + place,
                node="tools",
                name="look",
                key=tool_key("tools", "look", arguments),
                request_id=one.id,
                arguments=arguments,
                raw_arguments=one.arguments,
                effect="read",
            )
            recorder.request(tool_step)
            steps.append(tool_step)
            yield
        # the later call ends first
        for tool_step, end in zip(
            reversed(steps),
            (
                {"result": {"content": secret, "passages": [{"id": "p", "text": LONG + secret}]}},
                {"status": "error", "error": error},
            ),
            strict=True,
        ):
            recorder.result(tool_step.model_copy(update={**end, "seconds": 0.1}))
            yield
        messages.append(Message(role="tool", content=LONG + secret, tool_request_id=wanted[0].id))
        recorder.node(NodeRecord(node="tools", superstep=turn, writes="0" * 16, route="agent"))
        yield
    recorder.approval(Approval(decisions={"c02": True}))
    yield
    usage = Usage(model="m:1", seconds=1.25)
    recorder.end(Answer(question="How much?", text=LONG + secret, value=3, usage=usage))
    yield


def record(store, id="run-1", **more):
    recorder = Recorder(store)
    for _ in events(recorder, id, **more):
        pass
    return recorder


@pytest.fixture
def store(tmp_path):
    return TraceStore(tmp_path / "traces", fsync=False)


def test_what_is_recorded_is_read(store):
    recorder = record(store)
    assert recorder.broken is None
    trace = store.load("run-1")
    assert trace == recorder.trace == Trace.load(store.path("run-1"))
    assert (trace.status, trace.dropped_bytes, trace.id) == ("done", 0, "run-1")
    assert [step.index for step in trace.steps] == [1, 2, 3, 4, 5, 6]
    assert [node.after for node in trace.nodes] == [3, 6]


def test_without_a_store_nothing_is_written(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert record(None).trace.status == "done"
    assert list(tmp_path.iterdir()) == []


def check_prefix(path, data, cut):
    path.write_bytes(data[:cut])
    whole = data[:cut].rfind(b"\n") + 1
    if not whole:
        with pytest.raises(TraceError, match="no whole line"):
            Trace.load(path)
        return
    trace = Trace.load(path)
    count = data[:cut].count(b"\n")
    assert trace.dropped_bytes == cut - whole
    assert trace.status == ("done" if count == data.count(b"\n") else "aborted")
    assert len(trace.nodes) == data[:whole].count(b'"t":"node"')
    assert len(trace.steps) == data[:whole].count(b'.request"')
    ended = sum(data[:whole].count(kind) for kind in (b'.reply"', b'.result"', b'.error"'))
    open_ = [step for step in trace.steps if step.error and step.error.type == "Aborted"]
    assert len(trace.steps) - len(open_) == ended


def test_a_file_cut_anywhere_reads_as_a_prefix(store):
    record(store)
    data = store.path("run-1").read_bytes()
    for cut in [*range(0, len(data), 23), len(data) - 1, len(data)]:
        check_prefix(store.path("cut"), data, cut)


@pytest.mark.sweep
def test_a_file_cut_at_every_byte_reads_as_a_prefix(store):
    record(store)
    data = store.path("run-1").read_bytes()
    for cut in range(len(data) + 1):
        check_prefix(store.path("cut"), data, cut)


def check_flip(path, load, data, place, bit):
    changed = bytearray(data)
    changed[place] ^= bit
    path.write_bytes(changed)
    try:
        trace = load()
    except TraceError as error:
        assert str(error)
        return
    # only the last newline: the last record is then torn, and counted
    assert place == len(data) - 1 and trace.dropped_bytes > 0 and trace.status == "aborted"


def flips(store, stride, bits):
    record(store)
    for path in [store.path("run-1"), *store.blobs.folder.glob("*/*.json")]:
        data = path.read_bytes()
        for place in {*range(0, len(data), stride), len(data) - 1}:
            for bit in bits:
                check_flip(path, lambda: store.load("run-1"), data, place, bit)
        path.write_bytes(data)
    assert store.load("run-1").status == "done"


def test_a_changed_byte_is_noticed(store):
    flips(store, 29, (1,))


@pytest.mark.sweep
@pytest.mark.timeout(600)
def test_every_changed_bit_is_noticed(store):
    flips(store, 1, [1 << bit for bit in range(8)])


def test_a_record_taken_out_or_swapped_is_noticed(store):
    record(store)
    path = store.path("run-1")
    lines = path.read_bytes().splitlines(keepends=True)
    for place in range(len(lines) - 1):
        path.write_bytes(b"".join(lines[:place] + lines[place + 1 :]))
        with pytest.raises(TraceError, match=f"line {place + 1}"):
            store.load("run-1")
    for place, (one, two) in enumerate(pairwise(lines)):
        path.write_bytes(b"".join([*lines[:place], two, one, *lines[place + 2 :]]))
        with pytest.raises(TraceError, match=f"line {place + 1}"):
            store.load("run-1")


def test_a_line_says_what_is_wrong_with_it(store):
    record(store)
    path = store.path("run-1")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:2], lines[2].replace(b'"i":1', b'"i":7'), *lines[3:]]))
    with pytest.raises(TraceError, match="checksum does not fit") as caught:
        store.load("run-1")
    assert (caught.value.path, caught.value.line) == (path, 3)
    path.write_bytes(b"".join(lines).replace(b"\n", b"\r\n"))
    with pytest.raises(TraceError, match="line 1: it does not end in"):
        store.load("run-1")


def test_a_missing_or_altered_blob_is_named(store):
    record(store)
    for path in list(store.blobs.folder.glob("*/*.json")):
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(TraceError, match=f"blob {path.stem} is missing"):
            store.load("run-1")
        os.mkfifo(path)
        with pytest.raises(TraceError, match=f"blob {path.stem} .*not a regular file"):
            store.load("run-1")
        path.unlink()
        path.write_bytes(data.replace(b"words", b"WORDS"))
        with pytest.raises(TraceError, match=f"blob {path.stem} was altered"):
            store.load("run-1")
        path.write_bytes(data)
    assert store.load("run-1").status == "done"


def forged(path, *records):
    """A file with good checksums, whatever it says."""
    data, previous = b"", ""
    for number, made in enumerate(records):
        line, previous = seal({"n": number, **made}, previous)
        data += line
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


BEGIN = {
    "t": "run.start",
    "format": "workings-trace/1",
    "canonical": "c1",
    "redaction": "r1",
    "start": {"id": "x", "created": "c", "question": "q", "model": "m"},
}
ASK = {"t": "model.request", "i": 1, "node": "a", "name": "b", "key": "k", "model": "m"}


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([{"t": "node"}], "begins with run.start"),
        ([{**BEGIN, "format": "workings-trace/2"}], "format is 'workings-trace/2'"),
        ([{**BEGIN, "redaction": "r9"}], "redaction is 'r9'"),
        ([{**BEGIN, "start": {**BEGIN["start"], "lc": 1}}], "lc: Extra inputs"),
        ([{**BEGIN, "start": {**BEGIN["start"], "question": 1}}], "question: Input should be"),
        ([{**BEGIN, "start": 5}], "line 1"),
        ([BEGIN, {"t": "model.reply", "i": 1, "reply": {}}], "step 1, which is not open"),
        ([BEGIN, {"t": "model.reply", "i": [], "reply": {}}], "line 2"),
        ([BEGIN, {**ASK}], "'messages' is missing"),
        ([BEGIN, {**ASK, "messages": ["../../../etc/passwd"]}], "not the name of a blob"),
        ([BEGIN, {**ASK, "messages": [], "base": [9, 1]}], "not an earlier model request"),
        ([BEGIN, {**ASK, "messages": [], "base": [1]}], "line 2"),
        ([BEGIN, {**ASK, "messages": [{"role": "god"}]}], "role"),
        ([BEGIN, {**ASK, "messages": [], "i": "1"}], "index: Input should be a valid integer"),
        ([BEGIN, {**ASK, "messages": []}, {**ASK, "messages": []}], "already begun"),
        ([BEGIN, {"t": "run.end", "status": "done", "records": 9}], "it counts 9 records, not 2"),
        ([BEGIN, {"t": "run.end", "status": "fine", "records": 2}], "expected 'done' or 'failed'"),
        (
            [BEGIN, {"t": "run.end", "status": "done", "records": 2}, {"t": "x"}],
            "comes after run.end",
        ),
        ([BEGIN, {"t": "node", "node": "a", "superstep": "1", "writes": "w"}], "superstep"),
        ([BEGIN, {"t": "approval", "approval": {"decisions": {"c": 1}}}], "valid boolean"),
        ([BEGIN, {"t": 5}], "found 1 of type 5"),
        ([{**BEGIN, "n": 3}], "expected record 0"),
    ],
)
def test_a_forged_record_is_refused_with_its_line(store, records, reason):
    path = forged(store.folder / "x.jsonl", *records)
    with pytest.raises(TraceError, match=reason.replace("(", r"\(")) as caught:
        Trace.load(path)
    assert caught.value.line == len(records)


def test_an_unknown_record_is_left_out_and_said(store):
    path = forged(store.folder / "x.jsonl", BEGIN, {"t": "weather", "sun": True})
    assert Trace.load(path).notes == ("line 2: a record of unknown type 'weather' was left out",)


def test_nesting_numbers_and_files_that_are_no_trace(store, tmp_path):
    path = tmp_path / "x.jsonl"
    deep = b"[" * 100_000 + b"]" * 100_000
    for content in (deep, deep + b"\n", b"", b"\x00" * 100 + b"\n", b"[]\n", b"\xff\n"):
        path.write_bytes(content)
        with pytest.raises(TraceError):
            Trace.load(path)
    for bad in (tmp_path, tmp_path / "none", Path("/dev/zero")):
        with pytest.raises(TraceError):
            Trace.load(bad)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(TraceError, match="pipe is not a regular file"):
        TraceStore(tmp_path).find(tmp_path / "pipe")
    with pytest.raises(TraceError, match="not a regular file"):
        Trace.load(tmp_path / "pipe")


def test_ids_sort_by_time_and_are_plain_names(store):
    ids = [store.new_id() for _ in range(20)]
    assert len(set(ids)) == 20
    for id in ids:
        assert store.path(id).parent == store.folder
    for bad in ("", "../x", "a/b", "A", "x" * 65, "a.b", "a\n", "a\x00"):
        with pytest.raises(TraceError, match="is not a trace id"):
            store.path(bad)
    with pytest.raises(TraceError, match="there is no trace"):
        store.load("never")


def test_a_trace_is_found_by_path_too(store):
    record(store)
    assert store.load(str(store.path("run-1"))) == store.load("run-1")


def test_the_list_shows_every_trace(store):
    assert store.list() == []
    record(store, "b")
    recorder = Recorder(store)
    next(events(recorder, "a"))
    recorder.close()
    (store.folder / "c.jsonl").write_text("nonsense")
    shown = [(item.id, item.status, item.steps, item.refused) for item in store.list()]
    assert shown == [
        ("a", "aborted", None, None),
        ("b", "done", 6, False),
        ("c", "damaged", None, None),
    ]
    assert store.list()[1].question == "How much? "


def test_deleting_takes_the_blobs_that_nobody_else_names(store):
    record(store, "a")
    record(store, "b")
    record(store, "c", turns=3)
    store.delete("c")
    store.delete("a")
    assert store.verify("b") == ()
    store.delete("b")
    assert [path for path in store.folder.rglob("*.json*")] == []
    with pytest.raises(TraceError, match="there is no trace 'b'"):
        store.delete("b")


def test_a_blob_that_was_deleted_is_written_again(store):
    record(store, "a")
    store.delete("a")
    record(store, "b")
    assert store.verify("b") == ()


def test_no_blob_is_taken_from_under_a_run(store):
    record(store, "a")
    recorder = Recorder(store)
    running = events(recorder, "b")
    for _ in range(4):
        next(running)
    store.delete("a")
    for _ in running:
        pass
    assert recorder.broken is None and store.verify("b") == ()


def test_verify_names_what_is_wrong(store):
    record(store)
    assert store.verify("run-1") == ()
    data = store.path("run-1").read_bytes()
    store.path("run-1").write_bytes(data[:-5])
    assert "the last line is torn" in store.verify("run-1")[0]
    assert "there is no trace" in store.verify("none")[0]
    start = {**BEGIN["start"], "question": KEY}
    path = forged(store.folder / "x.jsonl", {**BEGIN, "start": start})
    assert any("looks like a secret (sk)" in problem for problem in store.verify(path))


SHAPES = [
    KEY,
    "tvly-dev-AbCdEf123456",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g",
    "AKIAIOSFODNN7EXAMPLE",
    "Bearer AbCdEf123456xyz789",
    "https://ann:hunter2secret@example.com/",
    "api_key=zz99yy88xx77ww66",
    "c2stcHJvai1BYmMxMjNEZWY0NTZHaGk3ODk=",
]


@pytest.mark.parametrize("secret", SHAPES)
def test_no_secret_is_written(store, secret):
    record(store, "run-0", secret=secret)
    # what two runs have is a blob
    recorder = record(store, secret=secret)
    part = max(secret.replace("@", "/").replace("=", "/").split("/"), key=len)[-12:]
    written = [path for path in store.folder.rglob("*") if path.is_file()]
    assert len(written) > 5
    for path in written:
        assert part.encode() not in path.read_bytes(), path
    assert part not in recorder.trace.model_dump_json()
    assert store.verify("run-1") == () and store.load("run-1") == recorder.trace


def test_a_configured_key_without_a_shape_is_not_written(store):
    recorder = Recorder(store, secrets=["ordinary-words"])
    for _ in events(recorder, "run-1", secret="it has ordinary-words in it"):
        pass
    for path in store.folder.rglob("*"):
        assert path.is_dir() or b"ordinary-words" not in path.read_bytes()


def test_a_folder_that_cannot_be_made_is_said_and_the_run_goes_on(tmp_path):
    (tmp_path / "file").write_text("in the way")
    recorder = record(TraceStore(tmp_path / "file" / "traces"))
    assert recorder.broken == "this run is no longer being recorded on disk: Not a directory"
    assert recorder.trace == record(None).trace


def test_two_runs_cannot_have_one_file(store):
    first = record(store)
    second = record(store, turns=1)
    assert "File exists" in second.broken
    assert store.load("run-1") == first.trace


CHILD = """
    import os, resource, signal, sys
    sys.path[:0] = sys.argv[1:2]
    from test_store import *
    store = TraceStore(sys.argv[2], fsync=False)
"""


def child(code, tmp_path):
    script = textwrap.dedent(CHILD) + textwrap.dedent(code)
    here = str(Path(__file__).parent)
    command = [sys.executable, "-c", script, here, str(tmp_path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_a_killed_process_leaves_a_readable_prefix(tmp_path):
    # a fork for every point in the run, each killed there
    code = """
    count = sum(1 for _ in events(Recorder(), "x"))
    for stop in range(1, count + 1):
        pid = os.fork()
        if not pid:
            recorder = Recorder(store)
            for number, _ in enumerate(events(recorder, f"run-{stop:02d}"), start=1):
                if number == stop:
                    os.kill(os.getpid(), signal.SIGKILL)
        os.waitpid(pid, 0)
    print(count)
    """
    done = child(code, tmp_path)
    assert done.stderr == ""
    count = int(done.stdout)
    store = TraceStore(tmp_path)
    assert len(store.list()) == count
    recorder = Recorder()
    for item, _ in zip(store.list(), events(recorder, "x"), strict=True):
        trace = store.load(item.id)
        assert trace.steps == recorder.trace.steps and trace.nodes == recorder.trace.nodes
        assert trace.status == recorder.trace.status


def test_a_full_disk_is_said_and_the_run_goes_on(tmp_path):
    code = """
    resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))
    recorder = record(store)
    assert recorder.trace == record(None).trace
    print(recorder.broken)
    """
    done = child(code, tmp_path)
    assert done.stderr == ""
    assert done.stdout == "this run is no longer being recorded on disk: File too large\n"
    trace = TraceStore(tmp_path).load("run-1")
    assert trace.status == "aborted" and trace.dropped_bytes > 0 and trace.steps


def test_writers_and_a_deleter_at_once(store):
    problems = []

    def work(name):
        for turn in range(15):
            id = f"{name}-{turn}"
            broken = record(TraceStore(store.folder, fsync=False), id).broken
            problems.extend(filter(None, [broken]))
            if turn % 3 == 0:
                store.delete(id)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [store.verify(item.id) for item in store.list()] == [()] * 30


def test_a_trace_is_small(store):
    record(store, turns=1)
    before = store.path("run-1").stat().st_size
    record(store, "long", turns=30)
    assert before < 3_000
    # 30 model and 60 tool calls; each request repeats the whole conversation
    assert store.path("long").stat().st_size < 90_000
