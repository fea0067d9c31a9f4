"""Many traces in one process or several: the same results in the same order, stopped at once."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from foreground import popen
from recorded_runs import make
from workings.agent.cli import main
from workings.evals import replays
from workings.graphs.store import TraceStore
from workings.tools.errors import WorkingsError

GOLD = {"id": "g1", "question": "What was revenue in 2024?", "answer": "467 million"}


@pytest.fixture
async def folder(tmp_path):
    store = TraceStore(tmp_path / "traces", fsync=False)
    for _ in range(10):
        for name in ("plain", "parallel"):
            await make(name, store)
    (tmp_path / "traces" / "bad.jsonl").write_text("x\n")
    return tmp_path


def told(folder, capsys, *arguments):
    """Exit code, JSON lines and JUnit report of a replay of all, without the times."""
    report = folder / "report.xml"
    command = ["replay", "--all", str(folder / "traces"), "--junit", str(report), *arguments]
    code = main([*command, "--home", str(folder / "home")])
    out, err = capsys.readouterr()
    lines = [json.loads(line) for line in out.splitlines()]
    seconds = lines[-1].pop("seconds")
    assert seconds > 0 and not err
    return code, lines, re.sub(r' time="[^"]*"', "", report.read_text(encoding="utf-8"))


def test_several_processes_give_what_one_gives(folder, capsys):
    gold = folder / "gold.jsonl"
    gold.write_text(json.dumps(GOLD), encoding="utf-8")
    here = told(folder, capsys, "--json", "--gold", str(gold), "--jobs", "1")
    for path in (folder / "traces" / "verdicts").iterdir():
        path.unlink()
    there = told(folder, capsys, "--json", "--gold", str(gold), "--jobs", "2")
    assert there == here
    code, lines, report = here
    assert code == 1 and report.count("<testcase") == 21
    assert (lines[-1]["identical"], lines[-1]["broken"]) == (20, 1)
    assert lines[-1]["gold"]["graded"] == 20


def test_jobs_are_for_offline_replays(capsys):
    assert main(["replay", "--all", "x", "--jobs", "2", "--live", "model"]) == 2
    assert "--jobs is for offline replays" in capsys.readouterr().err


def test_other_processes_are_started_only_where_that_saves_time(monkeypatch):
    pooled = []

    def pool(work, batches, workers, take):
        pooled.append((sum(map(len, batches)), workers))
        for batch in batches:
            take(work(batch))

    monkeypatch.setattr(replays, "_pooled", pool)
    monkeypatch.setattr(replays.os, "cpu_count", lambda: 2)
    now = [1.0]
    monkeypatch.setattr(replays.time, "perf_counter", lambda: now[0])

    def work(paths):
        now[0] += 0.02 * len(paths)
        return [path.upper() for path in paths]

    names = [f"t{n}" for n in range(1000)]
    for count, expected in ((0, []), (300, []), (1000, [(983, 2)])):
        assert replays.worked(work, names[:count]) == [name.upper() for name in names[:count]]
        assert pooled == expected
    assert replays.worked(work, names[:300], 1) == [name.upper() for name in names[:300]]
    assert len(pooled) == 1


SLEEPS = """
import os, sys, time
from workings.evals.replays import worked

def sleep(paths):
    os.write(1, b"at work\\n")  # a whole line at once: two processes say it
    time.sleep(60)

def dies(paths):
    os._exit(1)

if __name__ == "__main__":
    worked({"sleep": sleep, "dies": dies}[sys.argv[1]], map(str, range(64)), 2)
"""


def test_an_interrupt_ends_the_other_processes_too(tmp_path):
    script = tmp_path / "sleeps.py"
    script.write_text(SLEEPS)
    process = popen(
        [sys.executable, script, "sleep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline() == "at work\n"
    began = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert time.monotonic() - began < 10
    assert err.count("KeyboardInterrupt") == 1 and "Process Spawn" not in err


@pytest.mark.sweep
def test_a_process_that_is_killed_is_said(tmp_path):
    script = tmp_path / "dies.py"
    script.write_text(SLEEPS)
    done = subprocess.run(
        [sys.executable, script, "dies"], capture_output=True, text=True, timeout=60, check=False
    )
    assert WorkingsError.__name__ in done.stderr and "--jobs 1" in done.stderr
