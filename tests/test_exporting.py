"""What is given to other programs is what was recorded, and comes back the same."""

import json

import pytest
from foreign_records import RECORDS, chat
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langgraph.graph import START, MessagesState, StateGraph
from workings import record
from workings.agent.assistant import Assistant
from workings.agent.cli import main
from workings.evals.exporting import export
from workings.evals.importing import import_file
from workings.evals.replay import replay
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore
from workings.graphs.trace import NodeRecord, Start, Trace
from workings.tools.errors import TraceError


def stored(tmp_path, value):
    """The file of the trace of a record."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps({"id": "one", "raw": value}), encoding="utf-8")
    store = TraceStore(tmp_path / "traces", fsync=False)
    result = import_file(path, store)
    assert not result.refused
    return store.path(result.traces[0].trace)


@pytest.fixture
def own(tmp_path):
    """The file of a run of ours, with passages and a calculation."""
    (tmp_path / "note.txt").write_text("The fee of Arden is 1,200 euros a month.\n" * 20)
    assistant = Assistant(documents=[tmp_path / "note.txt"], home=tmp_path / "home")
    answer = assistant.ask("What is the fee of Arden?")
    return tmp_path / "home" / "traces" / f"{answer.trace.id}.jsonl"


def messages(path):
    return json.loads(export(path, "openai"))["messages"]


def test_chat_messages_come_back_as_they_were(tmp_path):
    given = chat()
    given[0] = {
        "role": "developer",
        "content": [{"type": "text", "text": "You "}, {"type": "text", "text": "help."}],
    }
    given[1]["content"] = [
        {"type": "text", "text": "See:"},
        {"type": "image_url", "image_url": {"url": "x"}},
    ]
    given[1]["name"] = "ann"
    given[4]["refusal"] = None
    assert messages(stored(tmp_path, given)) == given


@pytest.mark.parametrize("format", sorted(RECORDS))
def test_every_foreign_run_keeps_its_words_through_export_and_import(tmp_path, format):
    path = stored(tmp_path, RECORDS[format])
    first = json.loads(export(path, "openai"))
    (tmp_path / "second").mkdir()
    again = messages(stored(tmp_path / "second", first))
    assert again == first["messages"]
    for message in again:
        for request in message.get("tool_calls", ()):
            assert isinstance(request["function"]["arguments"], str)


def attributes(span):
    return {item["key"]: next(iter(item["value"].values())) for item in span["attributes"]}


def test_spans_carry_the_names_of_the_conventions(own):
    spans = json.loads(export(own, "otel"))["resourceSpans"][0]["scopeSpans"][0]["spans"]
    top, *rest = spans
    assert attributes(top)["gen_ai.operation.name"] == "invoke_agent"
    kinds = {attributes(span)["gen_ai.operation.name"] for span in rest}
    assert kinds == {"chat", "execute_tool"}
    assert {span["parentSpanId"] for span in rest} == {top["spanId"]}
    assert len({span["spanId"] for span in spans}) == len(spans)
    assert all(
        int(a["endTimeUnixNano"]) <= int(b["startTimeUnixNano"])
        for a, b in zip(rest, rest[1:], strict=False)
    )
    asked = next(span for span in rest if attributes(span)["gen_ai.operation.name"] == "chat")
    given = json.loads(attributes(asked)["gen_ai.input.messages"])
    assert {part["type"] for message in given for part in message["parts"]} <= {
        "text",
        "tool_call",
        "tool_call_response",
    }


def test_spans_come_back_as_the_same_conversation(tmp_path):
    path = stored(tmp_path, chat())
    spans = tmp_path / "spans.json"
    spans.write_bytes(export(path, "otel"))
    store = TraceStore(tmp_path / "back", fsync=False)
    result = import_file(spans, store)
    assert [item.format for item in result.traces] == ["otel"]
    back = messages(store.path(result.traces[0].trace))
    expected = [(m["role"], m["content"] or "", len(m.get("tool_calls", ()))) for m in chat()[:-1]]
    assert [(m["role"], m["content"] or "", len(m.get("tool_calls", ()))) for m in back] == expected


def test_spans_without_messages_are_refused_with_the_reason(tmp_path):
    span = {"traceId": "a", "attributes": {"gen_ai.operation.name": "chat"}}
    path = tmp_path / "spans.json"
    path.write_text(json.dumps([span]), encoding="utf-8")
    result = import_file(path, TraceStore(tmp_path / "t", fsync=False))
    assert "content capture" in result.refused[0].error


@pytest.mark.parametrize("kind", ["own", "foreign"])
def test_one_file_replays_where_there_is_nothing_else(tmp_path, own, kind):
    path = own if kind == "own" else stored(tmp_path, chat())
    alone = tmp_path / "elsewhere" / "alone.jsonl"
    alone.parent.mkdir()
    alone.write_bytes(export(path, "bundle"))
    assert replay(alone).status == "identical"
    assert not (alone.parent / "blobs").exists()
    store = TraceStore(tmp_path / "other", fsync=False)
    result = import_file(alone, store)
    assert [item.format for item in result.traces] == ["workings"]
    here = TraceStore(path.parent)
    assert store.load(path.stem) == here.load(path)
    assert store.path(path.stem).read_bytes() != alone.read_bytes()
    assert replay(store.path(path.stem)).status == "identical"
    assert import_file_again(alone, store)


def import_file_again(path, store):
    with pytest.raises(TraceError, match="already a trace"):
        import_file(path, store)
    return True


def test_a_changed_byte_in_the_one_file_is_seen(tmp_path):
    data = export(stored(tmp_path, chat()), "bundle")
    alone = tmp_path / "alone.jsonl"
    alone.write_bytes(data.replace(b"Heron", b"Hexon", 1))
    assert replay(alone).status == "broken"
    with pytest.raises(TraceError, match="checksum"):
        import_file(alone, TraceStore(tmp_path / "t", fsync=False))


def test_a_run_that_was_cut_short_is_given_and_taken_as_far_as_it_goes(tmp_path, own):
    lines = own.read_bytes().splitlines(keepends=True)
    own.write_bytes(b"".join(lines[: len(lines) // 2]) + b'{"torn')
    alone = tmp_path / "alone.jsonl"
    alone.write_bytes(export(own, "bundle"))
    store = TraceStore(tmp_path / "t", fsync=False)
    import_file(alone, store)
    taken = store.load(own.stem)
    assert taken.status == "aborted"
    assert taken.steps == TraceStore(own.parent).load(own).steps


def test_the_command_writes_a_whole_file_or_none(tmp_path, own, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    home = ("--home", str(tmp_path / "home"))
    assert main(["trace", "export", "last", "--format", "bundle", "-o", "one.jsonl", *home]) == 0
    assert main(["replay", "one.jsonl", *home]) == 0
    assert main(["trace", "import", "one.jsonl", "--out", "elsewhere"]) == 0
    capsys.readouterr()
    assert main(["trace", "export", "last", "--format", "openai", *home]) == 0
    assert json.loads(capsys.readouterr().out)["messages"]
    assert main(["trace", "export", "last", "--format", "otel", "-o", "no/such/x.json", *home]) == 2
    assert main(["trace", "export", "nothing", "--format", "otel", *home]) == 2
    assert not list(tmp_path.glob(".one*"))


@pytest.mark.parametrize("format", ["openai", "otel"])
def test_a_number_of_any_size_is_given_on(tmp_path, format):
    given = chat()
    given[1]["weight"] = 2**70
    path = stored(tmp_path, given)
    assert str(2**70) in export(path, "openai").decode() and export(path, format)


def test_a_value_that_looks_like_a_reference_is_itself_in_a_bundle(tmp_path):
    store = TraceStore(tmp_path / "traces", fsync=False)
    recorder = Recorder(store)
    recorder.start(Start(id="own", created="2026-01-01", question="q", model="m"))
    odd = {"a": {"$": "x"}, "b": [{"~": {"content": ["x"]}}, {"$": {"$": 1}}], "c": {"~": 1}}
    recorder.node(NodeRecord(node="n", superstep=1, writes="0" * 16, values=odd))
    made = recorder.end()
    alone = tmp_path / "alone.jsonl"
    for _ in range(2):
        alone.write_bytes(export(store.path("own") if not alone.exists() else alone, "bundle"))
        assert Trace.load(alone).nodes == made.nodes


def test_a_run_of_ours_comes_back_from_spans_with_its_question(tmp_path, own):
    spans = tmp_path / "spans.json"
    spans.write_bytes(export(own, "otel"))
    store = TraceStore(tmp_path / "back", fsync=False)
    (item,) = import_file(spans, store).traces
    assert store.load(item.trace).question == "What is the fee of Arden?"


def test_a_graph_of_ones_own_is_given_on_with_its_messages(tmp_path):
    def ask(state):
        return {"messages": [model.invoke([("system", "Be kind."), *state["messages"]])]}

    model = FakeListChatModel(responses=["Hello."])
    graph = StateGraph(MessagesState).add_node("ask", ask).add_edge(START, "ask").compile()
    recorded = record(graph, store=tmp_path)
    recorded.invoke({"messages": [("user", "Hi?")]})
    said = messages(tmp_path / f"{recorded.trace.id}.jsonl")
    assert [(m["role"], m["content"]) for m in said] == [
        ("system", "Be kind."), ("user", "Hi?"), ("assistant", "Hello."),
    ]  # fmt: skip
