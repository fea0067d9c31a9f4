"""The walk through a run: what a person types, from a pipe and on a terminal."""

import contextlib
import fcntl
import io
import json
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time

import pytest
from recorded_runs import make
from workings.agent.cli import main
from workings.agent.debugger import HELP, Debugger
from workings.evals.replay import replay
from workings.graphs.prompts import SYSTEM, Prompts
from workings.graphs.store import TraceStore
from workings.graphs.trace import ModelStep
from workings.tools.errors import TraceError

HEAD = re.compile(r"step \d+ of ")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


@pytest.fixture
def walk(home, capsys, monkeypatch):
    """Walk through a trace with lines on stdin: exit code, stdout, stderr."""

    def run(trace, *lines, options=()):
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        code = main(["replay", "--step", trace, "--home", str(home), *options])
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture
def store(home):
    return TraceStore(home / "traces", fsync=False)


LINES = [*["next"] * 6, "back", "goto 4", "s", "p", "5", "r", "request all", "l"]


async def test_every_step_is_walked_and_every_part_is_shown(store, walk):
    trace = await make("calculation", store)
    code, out, err = walk(
        trace.id, *["next"] * 6, *["back", "goto 4", "s", "p", "5", "r", "request all", "l"]
    )
    assert (code, err) == (0, "")
    assert out.startswith(HELP) and len(HELP) < 80
    heads = [line.split()[1] for line in out.splitlines() if HEAD.match(line)]
    assert heads == ["1", "2", "3", "4", "5", "6", "5", "4", "5"]
    assert "step 6 is the last one" in out
    state = out[out.index("evidence") : out.index("nodes that had ended")]
    assert "[1] report.pdf, page 3 (printed 1)" in state and "467 - 412 = 55" in state
    assert "4 messages as at step 3 (`request all` shows them)" in out
    assert out.count("You are Workings") == 1
    assert [line[0] for line in out.splitlines()[-6:]] == [" "] * 4 + [">", " "]


async def test_the_state_is_that_of_the_step_and_not_of_a_later_one(store, walk):
    trace = await make("calculation", store)
    _, out, _ = walk(trace.id, "state")
    assert out.count("none yet") == 2 and "report.pdf" not in out
    _, out, _ = walk((await make("parallel", store)).id, "3", "state")
    assert "  agent -> tools" in out and "  tools\n" not in out


async def test_a_text_is_looked_for_and_looked_for_again(store, walk):
    trace = await make("calculation", store)
    code, out, _ = walk(trace.id, "/412", "/", "/", "search nowhere to be found", "/")
    assert code == 0
    heads = [line.split()[1] for line in out.splitlines() if HEAD.match(line)]
    assert heads == ["1", "2", "3", "4"]
    assert "no step of 6 steps holds 'nowhere to be found'" in out
    assert walk(trace.id, "/")[0] == 2


async def test_a_fork_is_made_here_and_can_be_walked(store, walk):
    trace = await make("calculation", store)
    code, out, _ = walk(trace.id, "goto 4", "edit 2,030", "edit [1]", "goto 1", "edit 7 days")
    assert code == 2  # a list is no calculator's result: passages do not fit
    assert "put in here by the fork" in out
    made = out.split("walk through it: workings replay --step ")[1].split()[0]
    fork = store.load(made)
    assert (fork.start.parent, fork.start.forked_at) == (trace.id, 4)
    assert walk(made, "4", "response")[1].count("2,030") == 2
    assert store.load(trace.id) == trace


async def test_today_s_code_is_compared_at_the_step(store):
    trace = await make("calculation", store)
    other = Prompts(answer=SYSTEM.replace("shows", "tells"))
    made = []

    def compare():
        made.append(1)
        return replay(trace, prompts=other)

    debugger = Debugger(trace, compare, lambda step, given: None)
    assert "first difference is at step 6" in plain(debugger.do("diff"))
    debugger.do("6")
    assert "prompt changed" in plain(debugger.do("diff")) and made == [1]
    assert "identical" in plain(Debugger(trace, lambda: replay(trace), None).do("d"))


def plain(said):
    from rich.console import Console

    assert not said.problem
    console = Console(width=200, file=io.StringIO())
    for view in said.views:
        console.print(view)
    return console.file.getvalue()


WRONG = ["goto 99", "goto", "jump", "next 2", "request some", "edit"]


async def test_what_is_not_understood_is_said_and_the_walk_goes_on(store, walk):
    trace = await make("plain", store)
    code, out, err = walk(
        trace.id, *["goto 99", "goto", "jump", "next 2", "request some", "edit", "", "2"]
    )
    assert code == 2 and "Traceback" not in err
    told = err.splitlines()
    assert [line.split(":")[0] for line in told] == ["workings"] * 6
    assert "the steps are 1 to 4" in told[0] and "`help` lists them" in told[2]
    assert "step 2 of" in out
    assert walk(trace.id, "quit", "jump")[0] == 0
    code, out, _ = walk(trace.id, "help")
    assert "fork here" in out


async def test_options_that_make_no_sense_are_refused(store, walk):
    trace = await make("plain", store)
    for options in (["--lenient"], ["--twice"], ["--from", "2"], ["--junit", "x"]):
        code, out, err = walk(trace.id, options=options)
        assert (code, out) == (2, "") and "--step" in err
    assert walk("nothing-here")[0] == 2
    assert main(["replay", trace.id, trace.id, "--step"]) == 2


async def test_a_run_without_a_step_is_refused(store):
    trace = (await make("plain")).model_copy(update={"steps": ()})
    with pytest.raises(TraceError, match="has no step to look at"):
        Debugger(trace, lambda: None, lambda step, given: None)


async def test_a_cut_record_is_said(store, walk):
    trace = await make("plain", store)
    path = store.path(trace.id)
    path.write_bytes(path.read_bytes()[:-100])
    code, _, err = walk(trace.id)
    assert code == 0
    assert " stops before the run ended; " in err and "torn last line" in err


async def test_the_steps_as_json(store, walk):
    trace = await make("calculation", store)
    code, out, err = walk(trace.id, options=["--json"])
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["step"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["divergences"] for row in rows] == [[]] * 6
    assert [len(row["state"]["passages"]) for row in rows] == [0, 1, 1, 1, 1, 1]
    assert rows[3]["state"]["calculations"] == [{"expression": "467 - 412", "result": "55"}]
    assert rows[0]["request"]["messages"][1]["content"] == trace.question


NASTY = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egpj\u200b\x08\r\x00 end"


async def test_no_control_character_of_a_trace_is_printed(store, walk):
    trace = await make("calculation")
    step = trace.steps[0]
    assert isinstance(step, ModelStep)
    reply = step.reply.model_copy(update={"content": NASTY})
    nasty = [step.model_copy(update={"reply": reply, "node": NASTY, "name": NASTY})]
    for step in trace.steps[1:]:
        if isinstance(step, ModelStep):
            messages = tuple(m.model_copy(update={"content": NASTY}) for m in step.request.messages)
            request = step.request.model_copy(update={"messages": messages, "model": NASTY})
            nasty.append(step.model_copy(update={"request": request}))
        else:
            passage = {"id": "p", "text": NASTY, "document": NASTY, "page_label": NASTY}
            result = {"content": NASTY, "expression": NASTY, "passages": [passage]}
            nasty.append(step.model_copy(update={"result": result, "arguments": {NASTY: NASTY}}))
    nodes = tuple(
        n.model_copy(update={"node": NASTY, "route": NASTY, "values": {NASTY: NASTY}})
        for n in trace.nodes
    )
    made = trace.model_copy(update={"steps": tuple(nasty), "nodes": nodes})
    from workings.evals.importing import copy_trace
    from workings.graphs.recorder import Recorder

    made = made.model_copy(update={"start": trace.start.model_copy(update={"id": "nasty"})})
    copy_trace(made, Recorder(store))
    commands = ["l", "r", "request all", "p", "s", "d", "n"] * 6
    for options in ([], ["--json"]):
        typed = [f"/{NASTY}", "/gpj", f"goto {NASTY}", NASTY, f"edit {NASTY}"]
        _, out, err = walk("nasty", *commands, *typed, options=options)
        assert "gpj" in out
        left = {c for c in out + err if not c.isprintable() and c != "\n"}
        assert left == set()


def test_on_a_terminal_with_an_editor(tmp_path):
    """A pseudo-terminal: the help line is in sight, Enter goes on, the editor forks."""
    code = (
        "import asyncio, sys; sys.path.insert(0, sys.argv[1])\n"
        "from recorded_runs import make\n"
        "from workings.graphs.store import TraceStore\n"
        "print(asyncio.run(make('calculation', TraceStore(sys.argv[2]))).id)\n"
    )
    here = os.path.dirname(__file__)
    made = subprocess.run(
        [sys.executable, "-c", code, here, str(tmp_path / "home" / "traces")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    script = tmp_path / "editor.py"
    script.write_text(
        "import pathlib, sys\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "text = path.read_text()\n"
        "path.write_text(text.replace('467 million', '999 million'))\n"
    )
    environment = {
        "TERM": "xterm",
        "EDITOR": f"{sys.executable} {script}",
        "PATH": "/usr/bin:/bin",
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("4H", 30, 80, 0, 0))
    command = [sys.executable, "-m", "workings", "replay", "--step", made.stdout.strip()]
    process = subprocess.Popen(
        [*command, "--home", str(tmp_path / "home")],
        stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=tmp_path, close_fds=True,
        start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    seen = b""

    def until(text, seconds=60):
        nonlocal seen
        end = time.monotonic() + seconds
        while text not in seen and time.monotonic() < end:
            if select.select([master], [], [], 0.5)[0]:
                try:
                    seen += os.read(master, 65536)
                except OSError:
                    break
        assert text in seen, seen[-2000:]

    try:
        until(b"help quit")
        until(b"step>")
        os.write(master, b"\r")
        until(b"step 2")
        os.write(master, b"edit\r")
        until(b"recorded as")
        seen = seen.partition(b"recorded as")[2]
        until(b"step>")
        os.write(master, b"half a word\x15\x04")
        with contextlib.suppress(OSError):
            while os.read(master, 65536):
                pass
        assert process.wait(30) == 0
    finally:
        os.close(master)
        if process.poll() is None:
            process.kill()
            process.wait()
    forks = [item for item in TraceStore(tmp_path / "home" / "traces").list() if item.parent]
    assert [item.forked_at for item in forks] == [2]
