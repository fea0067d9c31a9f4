"""What a person is shown of a replay: lines that fit, reasons that are true, hints that help."""

import xml.etree.ElementTree as ElementTree

import pytest
from recorded_runs import make
from workings.agent.cli import main
from workings.evals.compare import first_difference
from workings.evals.replay import replay as replay_of
from workings.graphs import decide
from workings.graphs.prompts import SYSTEM
from workings.graphs.store import TraceStore
from workings.tools.errors import SettingsError


@pytest.fixture
async def home(tmp_path):
    await make("plain", TraceStore(tmp_path / "traces", fsync=False))
    return tmp_path


@pytest.fixture
def replay(home, capsys):
    """Replay the run with arguments: exit code, what was printed, what was complained of."""

    def run(*arguments):
        code = main(["replay", *arguments, "--home", str(home)])
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def other_prompt(tmp_path):
    path = tmp_path / "prompt.txt"
    path.write_text(SYSTEM.replace("every fact", "each fact"), encoding="utf-8")
    return f"prompt={path}"


def test_a_difference_is_told_in_lines_of_one_line_each(replay, other_prompt):
    _, out, _ = replay("last", "--set", other_prompt)
    before, after = (line for line in out.splitlines() if line.startswith(("    - ", "    + ")))
    assert "every fact" in before and "each fact" in after
    assert out.splitlines().index(after) == out.splitlines().index(before) + 1
    assert out.splitlines()[out.splitlines().index(after) + 1].startswith("  stopped: ")


def test_a_line_of_breaks_is_no_longer_than_another():
    place = first_difference("\n" * 500 + "x", "\n" * 500 + "y", "/x")
    assert max(len(place.before), len(place.after)) <= 92


def test_the_same_lines_are_not_said_twice(replay, other_prompt):
    _, out, _ = replay("last", "--set", other_prompt, "--lenient")
    assert out.count("each fact") == 1 and out.count("the same change as at step 1") == 1


def test_a_broken_record_is_said_in_a_sentence(replay, home):
    (home / "traces" / "bad.jsonl").write_text("hello\n", encoding="utf-8")
    code, out, _ = replay("bad")
    assert code == 2 and "bad.jsonl, line 1: it does not end in" in " ".join(out.split())
    assert "a whole trace" not in out


def test_a_crash_of_todays_code_is_told_with_its_line(replay, monkeypatch):
    monkeypatch.setattr(decide, "asked", lambda reply, context: 1 / 0)
    code, out, _ = replay("last")
    assert code == 1 and "ZeroDivisionError: division by zero (test_replay_screens.py, line " in out


def test_a_call_beyond_the_live_side_is_not_told_to_use_live(replay):
    code, out, _ = replay(
        "last", "--from", "1", "--edit", '{"tool_requests": [{"name": "look", "arguments": "{}"}]}',
        "--live", "model", "--set", "model=extractive",
    )  # fmt: skip
    assert "--live lets it" not in out and "--lenient" not in out


def test_a_model_of_another_program_is_not_taken_for_a_setting(replay):
    code, _, err = replay("last", "--live", "model")
    assert code == 2 and "cannot be asked from here: name one with --set model=NAME" in err


def test_the_report_of_a_broken_record_says_why(replay, home):
    (home / "traces" / "bad.jsonl").write_text("hello\n", encoding="utf-8")
    replay("--all", "--junit", str(home / "report.xml"))
    suite = ElementTree.parse(home / "report.xml").getroot()
    (failure,) = suite.iter("failure")
    assert "bad.jsonl, line 1: it does not end in" in failure.get("message")


def test_results_are_shown_although_the_report_cannot_be_written(replay, home):
    code, out, err = replay("last", "--junit", str(home / "no" / "report.xml"))
    assert code == 2 and "1 trace: 1 identical" in out
    assert "report.xml cannot be written: No such file" in err


async def test_what_is_no_graph_is_named_for_what_it_is(home):
    trace = await make("plain")
    with pytest.raises(SettingsError, match="takes a compiled LangGraph graph, not int"):
        replay_of(trace, graph=42)
    (path,) = (home / "traces").glob("*.jsonl")
    with pytest.raises(SettingsError, match="takes a compiled LangGraph graph, not str"):
        replay_of(path, graph="graph")


def test_a_broken_record_is_a_sentence_in_python_too(tmp_path):
    path = tmp_path / "bad.jsonl"
    path.write_text("hello\n", encoding="utf-8")
    told = str(replay_of(path).divergences[0])
    assert told.startswith(f"bad: {path}, line 1: it does not end in") and "\n" not in told
