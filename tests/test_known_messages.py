"""What is known of a message is forgotten as soon as anything of it is changed in its place."""

import datetime

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from workings.graphs.known_messages import KnownMessages
from workings.graphs.places import node_record
from workings.graphs.plain_messages import ai_message, tool_message
from workings.graphs.values import Values


def fresh():
    call = {"name": "find", "args": {"q": {"deep": [1]}}, "id": "c1"}
    return {
        "human": HumanMessage("hi", id="1"),
        "ai": AIMessage("", tool_calls=[call], usage_metadata=dict.fromkeys(USAGE, 1)),
        "tool": ToolMessage("out", tool_call_id="c1", name="find", artifact={"a": [1]}),
    }


USAGE = ("input_tokens", "output_tokens", "total_tokens")
CHANGES = {
    "content": ("human", lambda m: setattr(m, "content", "ho")),
    "name": ("human", lambda m: setattr(m, "name", "eve")),
    "additional_kwargs": ("human", lambda m: m.additional_kwargs.update(tone="rude")),
    "response_metadata": ("ai", lambda m: m.response_metadata.update(model="x")),
    "an argument": ("ai", lambda m: m.tool_calls[0]["args"]["q"]["deep"].append(2)),
    "a number into a truth": ("ai", lambda m: m.tool_calls[0]["args"].update(q=True)),
    "the id of a call": ("ai", lambda m: m.tool_calls[0].update(id="c2")),
    "invalid calls": ("ai", lambda m: m.invalid_tool_calls.append({"name": "x"})),
    "usage": ("ai", lambda m: m.usage_metadata.update(input_tokens=2)),
    "status": ("tool", lambda m: setattr(m, "status", "error")),
    "artifact": ("tool", lambda m: m.artifact["a"].append(2)),
    "the call it answers": ("tool", lambda m: setattr(m, "tool_call_id", "c9")),
    "a field of its own": ("human", lambda m: m.__pydantic_extra__.update(example=True)),
    "content in parts": ("human", lambda m: setattr(m, "content", [{"type": "text"}])),
}


def both(known, message):
    return known.written({"messages": [message]}), known.hashes([message])


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_its_place_is_seen(change):
    kind, work = CHANGES[change]
    message = fresh()[kind]
    known = KnownMessages()
    before = both(known, message)
    assert before == both(known, message)
    work(message)
    after = both(known, message)
    assert after == both(KnownMessages(), message)
    assert after[0] != before[0]


def test_the_id_that_the_state_gives_it_changes_nothing():
    message = fresh()["ai"]
    known = KnownMessages()
    before = both(known, message)
    message.id = "another"
    assert before == both(known, message)


def test_a_call_has_the_name_of_its_place_in_the_request():
    first, second = fresh()["ai"], fresh()["ai"]
    second.tool_calls[0]["id"] = "c2"
    known = KnownMessages()
    (alone,) = known.hashes([second])
    _, behind = known.hashes([first, second])
    assert behind != alone
    assert known.hashes([second]) == [alone]
    assert [behind] == KnownMessages().hashes([first, second])[1:]


def test_what_is_written_is_what_the_long_way_writes():
    given = [HumanMessage("hi", id="1"), SystemMessage("s"), *fresh().values()]
    given[0].additional_kwargs["at"] = datetime.date(2026, 1, 1)
    for value in (
        {"messages": given, "n": 1},
        {"messages": given[:1], 'a "b"': [1, given[1]]},
        {"messages": []},
        {"messages": given, "z": {"$tuple": 1}, "t": (1, 2)},
        {"$message": given},
        {1: given},
        {},
        None,
        given,
        "text",
    ):
        record = node_record("n", 1, value, Values(), 0)
        known = KnownMessages()
        assert known.written(value) == record.writes == known.written(value)


def test_what_was_born_of_json_is_written_the_same():
    call = {"name": "n", "args": {"a": [1, {"b": None}]}, "id": "c", "type": "tool_call"}
    for message in (
        ai_message("hi", [call], dict.fromkeys(USAGE, 1)),
        ai_message("", [], None),
        ai_message("", [{**call, "args": {"$tuple": [1]}}], None),
        tool_message("out", None, "c", "n"),
        tool_message("", None, "", None),
    ):
        known = KnownMessages()
        known.born(message)
        assert both(known, message) == both(KnownMessages(), message)
        message.additional_kwargs["x"] = (1, 2)
        assert both(known, message) == both(KnownMessages(), message)
