"""What a person types first: copies of traces, odd outputs, a graph in the folder one is in."""

import asyncio
import json
import os
import sys

import pytest
from recorded_runs import make
from workings.agent.cli import main
from workings.graphs.store import TraceStore


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    store = TraceStore(tmp_path / ".workings" / "traces", fsync=False)
    return store, asyncio.run(make("plain", store))


@pytest.fixture
def run(capsys):
    def one(*arguments):
        code = main([str(item) for item in arguments])
        out, err = capsys.readouterr()
        return code, " ".join((out + err).split())

    return one


def test_a_damaged_copy_is_not_taken_for_the_trace_it_is_a_copy_of(home, run):
    store, trace = home
    data = store.path(trace.id).read_bytes()
    lines = data.split(b"\n")
    lines[2] = lines[2].replace(b'"i":1', b'"i":2')
    store.path("bug").write_bytes(b"\n".join(lines))
    assert {item.id for item in store.list()} == {trace.id, "bug"}
    code, said = run("trace", "verify")
    assert code == 1 and "bug.jsonl, line 3" in said and "1 of 2 traces are whole" in said
    assert run("trace", "verify", "--json")[1].count('"ok": true') == 1


def test_the_last_run_is_the_newest_whatever_its_file_is_called(home, run, tmp_path):
    store, trace = home
    messages = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    (tmp_path / "zebra.json").write_text(json.dumps({"messages": messages}))
    assert run("trace", "import", "zebra.json")[1].endswith(
        "1 trace taken into .workings/traces; 0 refused"
    )
    os.utime(store.path("zebra"), (0, 0))
    assert [item.id for item in store.list()] == ["zebra", trace.id]
    assert json.loads(run("trace", "show", "last", "--json")[1])["trace"] == trace.id
    assert run("trace", "delete", "last") == (0, f"deleted {trace.id}")


def test_a_copy_by_any_name_is_deleted_as_itself(home, run):
    store, trace = home
    copy = store.folder / "The Bug (1).jsonl"
    copy.write_bytes(store.path(trace.id).read_bytes())
    for item in store.list():
        if item.path == copy:
            store.delete(item.path)
    assert [item.id for item in store.list()] == [trace.id]
    assert run("replay", "last")[0] == 0  # the blobs that both named are still there


@pytest.mark.parametrize(
    ("out", "said"),
    [
        (".", ". is a folder: name a file to write to"),
        ("none/run.jsonl", "none/run.jsonl cannot be written: No such file or directory"),
    ],
)
def test_the_output_that_was_asked_for_is_named(home, run, out, said):
    found = run("trace", "export", "last", "--format", "bundle", "-o", out)
    assert found == (2, f"workings: {said}")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--from", "99"], "has no step 99: its steps are 1 to"),
        (["--from", "2", "--edit", "result.txt"], "there is no file result.txt"),
        (["--set", "prompt=new/prompt.md"], "there is no file new/prompt.md"),
    ],
)
def test_a_step_or_file_that_is_not_there_is_said_to_be_so(home, run, arguments, said):
    code, told = run("replay", "last", *arguments)
    assert code == 2 and said in told


def test_a_cut_run_is_not_said_to_have_the_same_answer(home, run, tmp_path):
    store, trace = home
    data = store.path(trace.id).read_bytes()
    store.path("cut").write_bytes(data[:-200])
    assert "the same, as far as both go" in run("trace", "diff", "cut", trace.id)[1]


MINE = """
import os
from langchain_core.tools import tool
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

class State(TypedDict):
    city: str
    people: int

@tool
def population(city: str) -> int:
    "How many people live there."
    return 0

def graph():
    made = StateGraph(State)
    made.add_node("look", lambda s: {"people": population.invoke({"city": s["city"]})})
    made.add_edge(START, "look")
    return made.compile()
"""


@pytest.fixture
def mine(home, tmp_path, monkeypatch):
    import workings

    (tmp_path / "a_graph_of_mine.py").write_text(MINE)
    monkeypatch.syspath_prepend(str(tmp_path))
    import a_graph_of_mine

    recorded = workings.record(a_graph_of_mine.graph(), store=home[0], app="a_graph_of_mine:graph")
    recorded.invoke({"city": "Ghent"})
    monkeypatch.delitem(sys.modules, "a_graph_of_mine")
    sys.path.remove(str(tmp_path))
    return recorded.trace


def test_a_graph_is_found_in_the_folder_one_is_in(mine, run):
    code, said = run("replay", mine.id, "--app", "a_graph_of_mine:graph")
    assert code == 0 and "1 identical" in said


def test_a_graph_of_ones_own_is_never_live_and_is_not_asked_for_its_model(mine, run):
    for more in (["--live", "model"], ["--from", "1", "--edit", "x"]):
        code, said = run("replay", mine.id, *more)
        assert code == 2 and "only replayed offline" in said


def test_what_a_tool_gave_is_shown_where_it_is_no_text(mine, run):
    assert 'population "Ghent" -> 0 ' in run("trace", "show", mine.id)[1]


def test_bytes_after_the_end_of_a_run_are_said(home, run):
    store, trace = home
    with store.path(trace.id).open("ab") as file:
        file.write(b"junk")
    code, said = run("replay", trace.id)
    assert code == 0 and "4 bytes after it are left out" in said


def test_a_folder_that_takes_no_trace_is_named(home, run, tmp_path):
    run("trace", "export", "last", "--format", "bundle", "-o", "b.jsonl")
    (tmp_path / "file").write_text("")
    code, said = run("trace", "import", "b.jsonl", "--out", "file")
    assert (code, said) == (
        2,
        "workings: no trace can be written to file: File exists; choose another folder with --out",
    )


def test_a_file_of_rubbish_is_not_told_line_by_line_for_ever(home, run, tmp_path):
    (tmp_path / "rubbish.jsonl").write_text("rubbish\n" * 5000)
    code, said = run("trace", "import", "rubbish.jsonl")
    assert code == 2 and "and 4,990 more" in said and len(said) < 3000


async def test_a_text_of_a_class_of_its_own_is_a_text():
    """`message.text` of LangChain is one: as an input it kept a run from being replayed."""
    import workings
    from langchain_core.messages import AIMessage
    from langgraph.graph import START, StateGraph
    from typing_extensions import TypedDict

    class State(TypedDict):
        said: str

    def graph():
        made = StateGraph(State)
        made.add_node("shout", lambda s: {"said": AIMessage(s["said"].upper()).text})
        return made.add_edge(START, "shout").compile()

    recorded = workings.record(graph())
    recorded.invoke({"said": AIMessage("hello").text})
    assert recorded.trace.start.options["input"] == {"said": "hello"}
    assert recorded.trace.nodes[0].values == {"said": "HELLO"}
    assert workings.replay(recorded.trace, graph=graph()).status == "identical"
