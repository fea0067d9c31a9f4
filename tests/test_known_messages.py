"""What is known of a message is forgotten as soon as anything of it is changed in its place."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from workings.graphs.known_messages import KnownMessages


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


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_in_its_place_is_seen(change):
    kind, work = CHANGES[change]
    message = fresh()[kind]
    known = KnownMessages()
    before = known.written([message]), known.hash(message, {})
    assert before == (known.written([message]), known.hash(message, {}))
    work(message)
    after = known.written([message]), known.hash(message, {})
    assert after == (KnownMessages().written([message]), KnownMessages().hash(message, {}))
    assert after[0] != before[0]


def test_the_id_that_the_state_gives_it_changes_nothing():
    message = fresh()["ai"]
    known = KnownMessages()
    before = known.written([message]), known.hash(message, {})
    message.id = "another"
    assert before == (known.written([message]), known.hash(message, {}))


def test_a_call_has_the_name_of_its_place_in_the_request():
    first, second = fresh()["ai"], fresh()["ai"]
    second.tool_calls[0]["id"] = "c2"
    known = KnownMessages()
    alone = known.hash(second, {})
    named = {}
    known.hash(first, named)
    behind = known.hash(second, named)
    assert behind != alone and named == {"c1": "tc1", "c2": "tc2"}
    assert known.hash(second, {}) == alone
