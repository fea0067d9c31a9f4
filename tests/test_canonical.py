"""Canonical bytes and keys: equal values give equal hashes, whatever the model sees counts."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json
from workings.graphs.canonical import canonical, content_hash, request_key, tool_key
from workings.graphs.model import Message, ModelRequest, OutputSchema, ToolRequest

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner)
    ),
    max_leaves=20,
)

REQUEST = ModelRequest(
    model="m:1",
    params={"temperature": 0.0, "seed": 1},
    messages=(
        Message(role="system", content="s"),
        Message(role="assistant", tool_requests=(ToolRequest(id="1", name="t", arguments="{}"),)),
        Message(role="tool", content="r", tool_request_id="1"),
    ),
    tools=({"name": "t", "description": "d", "parameters": {"type": "object"}},),
    output=OutputSchema(name="o", json_schema={"type": "object"}),
)


@given(JSON)
def test_what_is_written_reads_back_and_writes_the_same(value):
    data = canonical(value)
    assert canonical(from_json(data)) == data
    assert json.loads(data) == value


def test_key_order_and_tuples_do_not_matter():
    assert canonical({"b": (1, 2), "a": 10**30}) == canonical({"a": 10**30, "b": [1, 2]})


def test_a_field_with_its_default_is_not_written():
    assert canonical(Message(role="user")) == b'{"role":"user"}'


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="set cannot be written"):
        canonical({"a": {1}})


@pytest.mark.parametrize(
    "update",
    [
        {"model": "m:2"},
        {"params": {"temperature": 0.1, "seed": 1}},
        {"params": {"temperature": 0.0}},
        {"messages": REQUEST.messages[:2]},
        {"messages": REQUEST.messages[::-1]},
        {"messages": (Message(role="user", content="s"), *REQUEST.messages[1:])},
        {"tools": ()},
        {"tools": ({"name": "t", "description": "e", "parameters": {"type": "object"}},)},
        {"output": None},
        {"output": OutputSchema(name="o", json_schema={"type": "object"}, method="tool")},
    ],
)
def test_everything_the_model_is_given_changes_the_key(update):
    assert request_key("a", REQUEST.model_copy(update=update)) != request_key("a", REQUEST)


def test_the_place_in_the_graph_changes_the_key():
    assert request_key("a", REQUEST) != request_key("b", REQUEST)
    assert tool_key("a", "t", {}) != tool_key("b", "t", {})


def test_tool_keys_tell_values_apart():
    values = [None, {}, {"x": 1}, {"x": 1.0}, {"x": True}, {"x": "1"}, {"x": [1]}, {"x": None}]
    assert len({tool_key("a", "t", value) for value in values}) == len(values)


def test_keys_do_not_depend_on_the_process():
    # these stand in recorded traces: another value here breaks every one of them
    assert content_hash({"a": [1, 2.5, None, "é"]}) == "ca630b5436e6bc1aa5cf0259b697e8b2"
    assert request_key("agent", REQUEST) == "376f033b42a474f5"


def test_a_lone_surrogate_and_a_huge_number_have_a_key():
    assert tool_key("a", "t", {"x": "\ud800"}) == tool_key("a", "t", {"x": "\ufffd"})
    assert tool_key("a", "t", {"x": 10**400}) != tool_key("a", "t", {"x": 10**401})
    assert tool_key("a", "t", {"x": float("nan")}) == tool_key("a", "t", {"x": "nan"})


def test_a_secret_and_its_placeholder_have_one_key():
    from workings.graphs.redact import redact

    secret = REQUEST.model_copy(
        update={"messages": (Message(role="user", content="sk-abcdefgh12345678ijkl"),)}
    )
    assert request_key("a", secret) == request_key("a", redact(secret))


def test_deep_nesting_is_no_crash():
    value: object = "x"
    for _ in range(5000):
        value = [value]
    assert tool_key("a", "t", {"x": value})


def test_tools_with_a_lone_surrogate_have_a_key():
    odd, plain = (
        REQUEST.model_copy(update={"tools": ({"name": "t", "description": text},)})
        for text in ("\ud800", "\ufffd")
    )
    assert request_key("a", odd) == request_key("a", plain)
