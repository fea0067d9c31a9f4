"""The text of a passage stands once in a trace, however often it is shown; nothing else changes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from pydantic_core import from_json
from test_trace_format import recorded_in, records, rewritten
from workings.graphs import shown
from workings.graphs.canonical import canonical
from workings.graphs.model import Message
from workings.graphs.recording import record
from workings.graphs.shown import Shown, Texts, escaped, is_packed
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError

LONG = "Costs & income of the year <audited> were 467 million, against 412 million before. " * 3
TEXTS = [LONG, LONG[10:], "short", "x" * 80, "\u20ac" * 70]
passages = st.lists(st.sampled_from(TEXTS), max_size=4)
pieces = st.lists(
    st.sampled_from([escaped(LONG), LONG, "x" * 80, "<passage>", "x", "\u20ac" * 71]), max_size=6
)


@given(passages, pieces)
def test_what_is_packed_is_unpacked(texts, parts):
    packer, reader = Shown(), Texts()
    packer.add(3, LONG[20:], texts)
    reader.add(3, LONG[20:], texts)
    data = canonical(Message(role="tool", content="".join(parts), tool_request_id="call_1"))
    packed = packer.pack(data)
    if packed is not None:
        made = from_json(packed)
        assert is_packed(made) and canonical(reader.unpack(made)) == data


def test_a_passage_that_is_shown_is_not_written_again(tmp_path):
    made, path = recorded_in(TraceStore(tmp_path), "small", LONG)
    assert path.read_bytes().count(b"Costs & income") == LONG.count("Costs & income")
    assert b"Costs &amp;" not in path.read_bytes()
    read = Trace.load(path)
    assert (read.steps, read.nodes) == (made.steps, made.nodes)
    assert any("Costs &amp; income" in item.content for item in made.steps[-1].request.messages)


@pytest.mark.parametrize("place", ["5/7", "99/0", 3, None])
def test_a_place_where_no_passage_stands_is_named(tmp_path, place):
    _, path = recorded_in(TraceStore(tmp_path), "small", LONG)
    made = records(path)
    for item in made:
        for message in item.get("values", {}).get("messages", ()):
            if is_packed(message):
                message["~"]["content"][1] = {"@": place}
    rewritten(path, made)
    with pytest.raises(TraceError, match="no result stands at"):
        Trace.load(path)


def test_few_bytes_do_not_become_many_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(shown, "LIMIT", 100 * len(LONG))
    _, path = recorded_in(TraceStore(tmp_path), "small", LONG)
    made = records(path)
    for item in made:
        for message in item.get("values", {}).get("messages", ()):
            if is_packed(message):
                message["~"]["content"] = [message["~"]["content"][1]] * 200
    rewritten(path, made)
    with pytest.raises(TraceError, match="characters by reference"):
        Trace.load(path)


def test_a_message_that_is_sent_often_is_in_memory_once(tmp_path):
    _, path = recorded_in(TraceStore(tmp_path), "small", LONG)
    made = records(path)
    last = [record for record in made if record["t"] == "model.request"][-1]
    shown_at = [item for item in last["messages"] if item.keys() == {"@"}][-1]
    last["messages"] = [shown_at] * 1000
    rewritten(path, made)
    sent = Trace.load(path).steps[-1].request.messages
    assert len(set(map(id, sent[-1000:]))) == 1


def test_a_message_that_does_not_stand_anywhere_is_named(tmp_path):
    _, path = recorded_in(TraceStore(tmp_path), "small", LONG)
    made = records(path)
    node = next(item for item in made if item["t"] == "node")
    node["values"] = {"messages": [{"~": "99/0"}]}
    rewritten(path, made)
    with pytest.raises(TraceError, match="no message stands at"):
        Trace.load(path)


def test_a_graph_of_the_users_writes_each_message_once(tmp_path):
    def answer(state):
        return {
            "messages": [AIMessage("An answer that is long enough to be worth a reference. " * 2)]
        }

    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    recorded = record(builder.compile(), tmp_path)
    recorded.invoke({"messages": [HumanMessage("A question that is long enough, too. " * 4)]})
    (path,) = tmp_path.glob("*.jsonl")
    end = next(item for item in records(path) if item.get("node") == "__end__")
    assert end["values"]["messages"][0] == {"~": "0/0"}
    assert is_packed(end["values"]["messages"][1])
    assert Trace.load(path).nodes == recorded.trace.nodes


def test_few_references_do_not_become_many_values_in_memory(tmp_path):
    _, path = recorded_in(TraceStore(tmp_path), "small", LONG)
    made = records(path)
    _, first, second = [item for item in made if item["t"] == "node"][:3]
    del second["said"]
    first["values"] = {"messages": [[{}] * 160_000]}
    second["values"] = {"messages": [{"~": f"{made.index(first)}/0"}] * 10}
    for item in made:
        if item["t"] == "model.request":
            item["messages"], item["like"] = [], [1, 0]
    made[1].pop("like")
    rewritten(path, made)
    with pytest.raises(TraceError, match="holds more than 1,500,000 values"):
        Trace.load(path)
