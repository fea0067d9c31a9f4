"""What docs/recording.md says runs: its example, and its commands."""

import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from workings.evals.replay import replay
from workings.graphs.recording import record

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "branches.py"


@pytest.fixture(scope="module")
def build():
    return runpy.run_path(str(EXAMPLE), run_name="example")["build"]


def test_the_example_runs(capsys):
    runpy.run_path(str(EXAMPLE), run_name="__main__")
    said = capsys.readouterr().out
    assert "unchanged code: identical" in said
    assert "(praise): prompt_changed at /messages/0/content" in said


def test_a_change_in_one_of_two_branches_is_always_named_first(build):
    recorded = record(build())
    recorded.invoke({"topic": "Ghent", "notes": []})
    for _ in range(10):
        assert replay(recorded.trace, graph=build()).status == "identical"
        first = replay(recorded.trace, graph=build("warmly")).divergences[0]
        assert (first.kind, first.node) == ("prompt_changed", "praise")


def workings(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "workings", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=EXAMPLE.parent,
        timeout=60,
    )


def test_the_command_line_replays_a_graph_that_it_is_given(build, tmp_path):
    recorded = record(build(), tmp_path, app="branches:build")
    recorded.invoke({"topic": "Ghent", "notes": []})
    (path,) = tmp_path.glob("*.jsonl")
    without = workings("replay", str(path))
    assert without.returncode == 2
    assert "--app" in without.stdout + without.stderr
    done = workings("replay", str(path), "--app", "branches:build")
    assert (done.returncode, "1 identical" in done.stdout) == (0, True), done.stdout + done.stderr
