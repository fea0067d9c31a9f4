"""One request to a live model: what is sent, what comes back, and each way of not answering."""

import asyncio
import gc
import json
import os
from typing import Any

import pytest
from fake_provider import FakeProvider, Reply, answer, calls, chunk, says, status
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from workings.agent.langchain_model import LangChainModel
from workings.agent.langchain_reply import ARGUMENTS_LIMIT, TEXT_LIMIT
from workings.agent.models import OPENAI_URL, make_model
from workings.agent.openai_client import build
from workings.graphs.model import (
    Message,
    ModelReply,
    ModelRequest,
    OutputSchema,
    Profile,
    Tokens,
    ToolRequest,
)
from workings.tools.errors import ProviderError, SettingsError

KEY = "sk-canary-0123456789abcdefXYZ"
ADD: dict[str, Any] = {"name": "add", "description": "adds", "parameters": {"type": "object"}}
SCHEMA: dict[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}}
HI = (Message(role="user", content="hi"),)


def ask(fake: FakeProvider, stream: bool = True, on_text: Any = None, **request: Any) -> ModelReply:
    model = make_model("compatible:any", base_url=fake.url, api_key=KEY, stream=stream)
    wanted = ModelRequest(**{"model": model.id, "messages": HI, **request})
    return asyncio.run(model.attempt(wanted, on_text))


def fails(fake: FakeProvider, stream: bool = True) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(fake, stream)
    assert "canary" not in f"{caught.value} {caught.value.__cause__!r} {caught.value.partial}"
    return caught.value


both = pytest.mark.parametrize("stream", [False, True])


@both
def test_text_usage_and_model_arrive(stream):
    with FakeProvider(says("The answer is 4.")) as fake:
        reply = ask(fake, stream)
    assert (reply.content, reply.finish, reply.model) == ("The answer is 4.", "stop", "fake-1")
    assert reply.tokens == Tokens(input=11, output=7)
    assert reply.chunks == ((4, 4, 4, 4) if stream else ())


def test_a_draft_is_given_as_it_arrives():
    pieces: list[str] = []
    with FakeProvider(says("abcdefgh")) as fake:
        ask(fake, on_text=pieces.append)
    assert pieces == ["abcd", "efgh"]


@both
@pytest.mark.parametrize(
    "raw",
    ['{"expression": "2+', '{"a": 1, "a": 2}', '"2+2"', "", '{"a": NaN}', "[1]", "{} trailing"],
)
def test_arguments_come_raw(raw, stream):
    with FakeProvider(calls(("add", raw))) as fake:
        reply = ask(fake, stream, tools=(ADD,))
    assert reply.tool_requests == (ToolRequest(id="call_0", name="add", arguments=raw),)


def test_calls_that_are_all_numbered_0_stay_apart():
    def event(id, raw):
        function = {"name": "add", "arguments": raw}
        return chunk({"tool_calls": [{"index": 0, "id": id, "function": function}]})

    events = (event("a", '{"x": 1}'), event("b", '{"x": 2}'), chunk({}, "tool_calls"))
    with FakeProvider(Reply(events=events)) as fake:
        reply = ask(fake)
    assert [call.arguments for call in reply.tool_requests] == ['{"x": 1}', '{"x": 2}']


def test_a_call_without_an_index_is_not_lost():
    function = {"name": "add", "arguments": '{"x": 1}'}
    events = (chunk({"tool_calls": [{"id": "a", "function": function}]}), chunk({}, "tool_calls"))
    with FakeProvider(Reply(events=events)) as fake:
        reply = ask(fake)
    assert reply.tool_requests == (ToolRequest(id="a", name="add", arguments='{"x": 1}'),)


def test_arguments_sent_as_an_object_are_written_out():
    made = {"id": "a", "function": {"name": "add", "arguments": {"x": 1}}}
    choice = {"message": {"role": "assistant", "tool_calls": [made]}, "finish_reason": "stop"}
    with FakeProvider(Reply(body={"choices": [choice]})) as fake:
        reply = ask(fake, stream=False)
    assert reply.tool_requests == (ToolRequest(id="a", name="add", arguments='{"x": 1}'),)


@both
def test_what_was_cut_at_the_limit_is_returned_with_its_finish(stream):
    with FakeProvider(says("in a nutsh", "length")) as fake:
        assert ask(fake, stream).finish == "length"


@both
def test_missing_usage_is_unknown_not_zero(stream):
    body = {**says("4").body, "usage": None}
    with FakeProvider(Reply(body=body, events=(chunk({"content": "4"}, "stop"),))) as fake:
        assert ask(fake, stream).tokens is None


def test_a_server_that_cannot_stream_is_understood():
    plain = calls(("add", '{"x": 1}'))
    with FakeProvider(Reply(body=json.dumps(plain.body, indent=1).encode())) as fake:
        reply = ask(fake)
    assert reply.tool_requests == (ToolRequest(id="call_0", name="add", arguments='{"x": 1}'),)


@both
@pytest.mark.parametrize(
    "reply, kind",
    [
        (status(401), "auth"),
        (status(403), "auth"),
        (status(404), "not_found"),
        (status(429), "rate_limit"),
        (status(429, kind="insufficient_quota"), "quota"),
        (status(400, "maximum context length is 8192 tokens"), "context_length"),
        (status(400, kind="content_filter"), "content_filter"),
        (status(400, "tools is not supported with this model"), "unsupported"),
        (status(400), "bad_request"),
        (status(500), "server"),
        (status(500, "Failed to parse tool call"), "bad_response"),
        (status(302, Location="http://127.0.0.1:9/"), "bad_response"),
        (answer({}, "content_filter"), "content_filter"),
        (answer({"refusal": "I cannot."}), "refusal"),
        (answer({"content": ""}), "empty"),
        (answer({}, "length"), "empty"),
        (Reply(body={"id": "x", "choices": []}), "empty"),
        (Reply(body={"id": "x", "choices": None}), "empty"),
        (Reply(body=b"null"), "bad_response"),
        (Reply(body=b"[]"), "bad_response"),
        (Reply(body=b'{"choices": [{"ind'), "bad_response"),
        (Reply(body=b"<html>sign in</html>", content_type="text/html"), "bad_response"),
        (Reply(body=b"[" * 100_000), "bad_response"),
        (Reply(end="reset"), "connection"),
    ],
)
def test_each_failure_has_a_kind(reply, kind, stream):
    with FakeProvider(reply) as fake:
        error = fails(fake, stream)
    assert error.kind == kind
    assert error.retryable == (kind in ("rate_limit", "server", "connection"))
    assert len(fake.requests) == 1


@pytest.mark.parametrize("end", ["done", "close", "reset"])
def test_a_stream_without_a_finish_reason_is_truncated(end):
    events = (chunk({"content": "The answer is "}), chunk({"content": "for"}))
    with FakeProvider(Reply(events=events, end=end)) as fake:
        error = fails(fake)
    assert (error.kind, error.retryable) == ("truncated", False)
    # A reset may discard what the system had not handed over yet.
    assert "The answer is for".startswith(error.partial)


@pytest.mark.parametrize(
    "event, kind",
    [
        ({"error": {"message": "overloaded", "type": "server_error"}}, "server"),
        (b"{not json", "bad_response"),
    ],
)
def test_a_stream_that_goes_wrong_keeps_its_part_and_is_not_asked_again(event, kind):
    with FakeProvider(Reply(events=(chunk({"content": "The "}), event))) as fake:
        error = fails(fake)
    assert (error.kind, error.partial, error.retryable) == (kind, "The ", False)


def test_a_reply_that_never_ends_is_stopped():
    flood = (chunk({"content": "A" * 10_000}),) * (TEXT_LIMIT // 10_000 + 1)
    with FakeProvider(Reply(events=flood, end="hang")) as fake:
        error = fails(fake)
        assert fake.gone.wait(5)
    assert (error.kind, len(error.partial)) == ("bad_response", TEXT_LIMIT)


@both
def test_arguments_that_never_end_are_refused(stream):
    with FakeProvider(calls(("add", "1" * (ARGUMENTS_LIMIT + 1)))) as fake:
        assert fails(fake, stream).kind == "bad_response"


def test_a_body_of_many_megabytes_is_not_read_whole():
    with FakeProvider(Reply(body=b'"' + b"A" * 6_000_000 + b'"')) as fake:
        assert "4,000,000 bytes" in str(fails(fake, stream=False))


def test_a_compressed_body_is_refused_unopened():
    with FakeProvider(Reply(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})) as fake:
        assert fails(fake).kind == "bad_response"


@both
def test_a_service_that_repeats_the_key_does_not_get_it_into_the_error(stream):
    with FakeProvider(says(""), echo_key=True) as fake:
        assert fails(fake, stream).kind == "auth"


def test_a_key_in_another_error_is_taken_out():
    with FakeProvider(status(400, f"bad header: Bearer {KEY}")) as fake:
        assert "[key removed]" in str(fails(fake))


def test_a_redirect_does_not_carry_the_key_elsewhere():
    with FakeProvider(says("4")) as other, FakeProvider(status(302, Location=other.url)) as fake:
        fails(fake)
    assert other.requests == []


def test_the_openai_key_and_organisation_are_never_sent_to_another_host(monkeypatch):
    monkeypatch.setitem(os.environ, "OPENAI_API_KEY", "sk-openai-canary-1234567890")
    monkeypatch.setitem(os.environ, "OPENAI_ORG_ID", "org-canary")
    monkeypatch.setitem(os.environ, "OPENAI_PROJECT_ID", "proj-canary")
    with FakeProvider(says("4")) as fake:
        model = make_model(
            "compatible:any", base_url=fake.url, openai_api_key="sk-openai-canary-1234567890"
        )
        asyncio.run(model.attempt(ModelRequest(model=model.id, messages=HI)))
    assert "canary" not in str(fake.requests[0].headers)


def test_the_openai_address_is_not_the_environments_to_change(monkeypatch):
    monkeypatch.setitem(os.environ, "OPENAI_BASE_URL", "http://elsewhere.invalid/v1")
    monkeypatch.setitem(os.environ, "OPENAI_API_BASE", "http://elsewhere.invalid/v1")
    model: Any = make_model("openai:some-model", base_url="http://b.invalid", openai_api_key=KEY)
    assert str(model._model.root_async_client.base_url).rstrip("/") == OPENAI_URL
    assert model._model.max_retries == 0 and model._model.client is None


def test_another_server_is_always_spoken_to_in_the_older_protocol():
    with FakeProvider(says("4")) as fake:
        model = make_model("compatible:gpt-5-pro", base_url=fake.url)
        asyncio.run(model.attempt(ModelRequest(model=model.id, messages=HI, tools=(ADD,))))
    assert fake.requests[0].path == "/v1/chat/completions"


def test_arguments_come_raw_in_openais_newer_protocol_too():
    base = {"id": "r", "object": "response", "created_at": 1, "model": "m", "tools": []}
    base |= {"parallel_tool_calls": True, "tool_choice": "auto"}
    call = {"id": "f", "type": "function_call", "call_id": "c", "name": "add", "arguments": ""}
    where = {"item_id": "f", "output_index": 0, "sequence_number": 1}
    delta = "response.function_call_arguments.delta"
    done = {**base, "status": "completed", "output": [{**call, "arguments": '{"x": 1, "x": 2}'}]}
    events = (
        {"type": "response.output_item.added", **where, "item": call},
        {"type": delta, **where, "delta": '{"x": 1, '},
        {"type": delta, **where, "delta": '"x": 2}'},
        {"type": "response.completed", "sequence_number": 2, "response": done},
    )
    request = ModelRequest(model="m", messages=HI, tools=(ADD,))
    for end in (4, 3):
        with FakeProvider(Reply(events=events[:end], end="close")) as fake:
            client = build("gpt-5-pro", fake.url, KEY, "it", official=True, loopback=True)
            asked_once = LangChainModel(client, "openai:gpt-5-pro", Profile()).attempt(request)
            if end == 4:
                (made,) = asyncio.run(asked_once).tool_requests
                assert made == ToolRequest(id="c", name="add", arguments='{"x": 1, "x": 2}')
            else:
                with pytest.raises(ProviderError, match="in the middle"):
                    asyncio.run(asked_once)
        assert fake.requests[0].path == "/v1/responses"


@both
def test_sampling_reaches_the_service(stream):
    params: dict[str, Any] = {
        "temperature": 0.2,
        "top_p": 0.9,
        "frequency_penalty": 0.1,
        "presence_penalty": -0.1,
        "seed": 7,
        "max_tokens": 50,
    }
    with FakeProvider(says("4")) as fake:
        ask(fake, stream, params=params)
    assert {name: fake.requests[0].body[name] for name in params} == params


@both
def test_the_schema_of_the_output_reaches_the_service(stream):
    with FakeProvider(says('{"text": "cut', "length")) as fake:
        reply = ask(fake, stream, output=OutputSchema(name="Answer", json_schema=SCHEMA))
    assert fake.requests[0].body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "Answer", "strict": True, "schema": SCHEMA},
    }
    assert (reply.content, reply.finish) == ('{"text": "cut', "length")


@both
def test_an_output_by_tool_comes_back_as_content(stream):
    output = OutputSchema(name="Answer", json_schema=SCHEMA, method="tool")
    with FakeProvider(calls(("Answer", '{"text": "4"}'))) as fake:
        reply = ask(fake, stream, output=output)
    assert (reply.content, reply.tool_requests) == ('{"text": "4"}', ())
    body = fake.requests[0].body
    assert body["tool_choice"] == {"type": "function", "function": {"name": "Answer"}}
    assert [tool["function"]["name"] for tool in body["tools"]] == ["Answer"]


def test_an_output_by_prompt_asks_for_nothing_special():
    output = OutputSchema(name="Answer", json_schema=SCHEMA, method="prompt")
    with FakeProvider(says("{}")) as fake:
        ask(fake, output=output)
    assert "response_format" not in fake.requests[0].body


def test_the_history_is_sent_harmless():
    asked = (
        ToolRequest(id="1", name="add", arguments='{"x": 1}'),
        ToolRequest(id="2", name="../rm\n", arguments='{"x": '),
    )
    messages = (
        Message(role="system", content="s"),
        *HI,
        Message(role="assistant", tool_requests=asked),
        Message(role="tool", content="2", tool_request_id="1"),
        Message(role="tool", content="not run", tool_request_id="2"),
    )
    with FakeProvider(says("4")) as fake:
        ask(fake, messages=messages, tools=(ADD,))
    sent = fake.requests[0].body["messages"]
    functions = [call["function"] for call in sent[2]["tool_calls"]]
    assert [message["role"] for message in sent] == ["system", "user", "assistant", "tool", "tool"]
    assert functions == [
        {"name": "add", "arguments": '{"x": 1}'},
        {"name": "___rm_", "arguments": "{}"},
    ]
    assert fake.requests[0].body["tools"] == [{"type": "function", "function": ADD}]


def test_a_model_can_be_asked_from_one_event_loop_after_another():
    with FakeProvider(says("4")) as fake:
        model = make_model("compatible:any", base_url=fake.url)
        request = ModelRequest(model=model.id, messages=HI)
        for _ in range(3):
            assert asyncio.run(model.attempt(request)).content == "4"
    gc.collect()  # an unclosed connection would warn here


def test_cancelling_closes_the_connection():
    async def run(url: str) -> None:
        model = make_model("compatible:any", base_url=url)
        begun = asyncio.Event()
        request = ModelRequest(model=model.id, messages=HI)
        task = asyncio.create_task(model.attempt(request, lambda _: begun.set()))
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with FakeProvider(Reply(events=(chunk({"content": "x"}),), end="hang")) as fake:
        asyncio.run(run(fake.url))
        assert fake.gone.wait(5)


class WholeModel(BaseChatModel):
    """A user's model that can only answer whole, and in the background of a thread."""

    message: AIMessage

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(self, messages, stop=None, run_manager=None, **kwargs):
        return ChatResult(generations=[ChatGeneration(message=self.message)])


def asked(model: BaseChatModel, **request: Any) -> ModelReply:
    wrapped = make_model(model)
    wanted = ModelRequest(**{"model": wrapped.id, "messages": HI, **request})
    return asyncio.run(wrapped.attempt(wanted))


def test_any_langchain_model_will_do():
    assert asked(FakeListChatModel(responses=["four"])).content == "four"


def test_a_model_that_only_generates_will_do():
    call = {"name": "add", "args": {"x": 1}, "id": "a"}
    bad = {"name": "add", "args": '{"x": ', "id": "b", "error": "cut"}
    message = AIMessage("", tool_calls=[call], invalid_tool_calls=[bad])
    reply = asked(WholeModel(message=message))
    assert [request.arguments for request in reply.tool_requests] == ['{"x": 1}', '{"x": ']
    assert reply.finish == "tool_calls"


def test_blocks_of_text_are_joined_and_other_services_words_understood():
    blocks: list[str | dict[Any, Any]] = [{"type": "text", "text": "fo"}, "ur", {"type": "x"}]
    message = AIMessage(blocks, response_metadata={"stop_reason": "max_tokens"})
    reply = asked(WholeModel(message=message))
    assert (reply.content, reply.finish) == ("four", "length")


def test_a_model_without_tools_says_so_when_it_is_given_some():
    with pytest.raises(ProviderError, match="cannot do what was asked") as caught:
        asked(WholeModel(message=AIMessage("4")), tools=(ADD,))
    assert caught.value.kind == "unsupported"


def test_a_bug_in_a_users_model_is_named():
    class Broken(WholeModel):
        def _generate(self, *args, **kwargs):
            raise RuntimeError("out of memory")

    with pytest.raises(ProviderError, match="RuntimeError: 'out of memory'"):
        asked(Broken(message=AIMessage("")))


@pytest.mark.parametrize(
    "spec, given, said",
    [
        ("openai:x", {}, "OPENAI_API_KEY"),
        ("openai:x", {"openai_api_key": " ", "api_key": KEY}, "OPENAI_API_KEY"),
        ("openai:", {"openai_api_key": KEY}, "name after the colon"),
        ("compatible:x", {}, "WORKINGS_BASE_URL"),
        ("compatible:x", {"base_url": "127.0.0.1:8080"}, "http://"),
        ("compatible:x", {"base_url": "ftp://host/v1"}, "http://"),
        ("compatible:x", {"base_url": "http://me:pass@host/v1"}, "WORKINGS_API_KEY"),
        ("compatible:x", {"base_url": "http://host:port/v1"}, "not an address"),
        ("compatible:x", {"base_url": "http://h/v1", "api_key": "a\nb"}, "copy the key"),
        ("opnai:x", {}, "did you mean 'openai'"),
        ("some-model", {}, "openai:NAME"),
        ("local:file.gguf", {}, "compatible:NAME"),
    ],
)
def test_a_model_that_cannot_be_made_says_what_to_do(spec, given, said):
    with pytest.raises(SettingsError, match=said) as caught:
        make_model(spec, **given)
    assert "pass" not in str(caught.value) and KEY not in str(caught.value)


def test_profiles_fit_the_provider_and_can_be_overridden():
    strong = make_model("openai:x", openai_api_key=KEY).profile
    assert (strong.decision, strong.passage_tokens, strong.deadline) == ("native", 6000, 120)
    near = make_model("compatible:x", base_url="http://localhost:1/v1").profile
    assert (near.decision, near.rescue, near.deadline) == ("structured", True, 900)
    far = make_model("compatible:x", base_url="https://h.invalid/v1", decision="native").profile
    assert (far.decision, far.deadline, far.passage_tokens) == ("native", 120, 1500)
