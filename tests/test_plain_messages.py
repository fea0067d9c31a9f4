"""Messages that are put together are, in every part, those that LangChain validates."""

import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from workings.graphs import plain_messages
from workings.graphs.langchain_replies import message_of, plain_message
from workings.graphs.model import ModelReply, Tokens, ToolRequest
from workings.graphs.plain_messages import ai_message, parts_of, said_message, tool_message
from workings.tools.errors import ToolError

CALL = {"name": "find", "args": {"query": "x", "deep": {"a": [1, None]}}, "id": "c1"}
USAGE = {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7}


def test_they_are_what_langchain_makes():
    call = {**CALL, "type": "tool_call"}
    artifact = [{"a": 1}]
    pairs = [
        (
            ai_message("hi", [dict(call)], dict(USAGE)),
            AIMessage(content="hi", tool_calls=[CALL], usage_metadata=USAGE),
        ),
        (
            ai_message("", [], None),
            AIMessage(content="", tool_calls=[], usage_metadata=None),
        ),
        (
            tool_message("out", artifact, "c1", "find"),
            ToolMessage("out", artifact=artifact, tool_call_id="c1", name="find", status="success"),
        ),
        (said_message(SystemMessage, "s"), SystemMessage("s")),
        (said_message(HumanMessage, "h"), HumanMessage("h")),
    ]
    for made, validated in pairs:
        assert parts_of(made) == parts_of(validated)
        assert made == validated and made.model_dump_json() == validated.model_dump_json()
    # or all of this would hold only because LangChain made them
    assert plain_messages._alike


def test_two_of_them_share_nothing():
    one, other = ai_message("a", [], None), ai_message("a", [], None)
    one.additional_kwargs["x"] = one.response_metadata["x"] = 1
    one.invalid_tool_calls.append({})
    one.id = "1"
    assert parts_of(other) == parts_of(AIMessage(content="a", tool_calls=[], usage_metadata=None))


def test_another_langchain_makes_its_own(monkeypatch):
    monkeypatch.setattr(plain_messages, "_alike", False)
    monkeypatch.setattr(plain_messages, "_new", None)
    assert ai_message("a", [], None).content == "a"
    assert tool_message("a", None, "c", "n").tool_call_id == "c"
    assert said_message(HumanMessage, "a") == HumanMessage("a")


def test_a_reply_of_a_record_is_read_as_strictly_as_by_pydantic():
    reply = ModelReply(
        content="hi",
        tool_requests=(ToolRequest(id="c", name="n", arguments='{"a":1.0}'),),
        tokens=Tokens(input=1, output=2),
    )
    said = reply.model_dump(mode="json", exclude_defaults=True)
    assert parts_of(message_of(said)) == parts_of(plain_message(reply))
    request = said["tool_requests"][0]
    for wrong in (
        None,
        "hi",
        {"content": None},
        {"content": 3},
        {"finish": 1},
        {"native": {"generations": []}},
        {"chunks": [1]},
        {"other": 1},
        {"tool_requests": None},
        {"tool_requests": [1]},
        {"tool_requests": [{**request, "id": 1}]},
        {"tool_requests": [{**request, "more": 1}]},
        {"tokens": {"input": "1", "output": 2}},
        {"tokens": {"input": True, "output": 2}},
        {"tokens": {"input": 1}},
    ):
        assert message_of(wrong) is None


def test_arguments_with_a_key_twice_are_not_taken_in_silence():
    request = {"id": "c", "name": "n", "arguments": '{"a":1,"a":2}'}
    with pytest.raises(ToolError, match="twice"):
        message_of({"tool_requests": [request]})
