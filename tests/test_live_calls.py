"""Retries, waiting and the deadline of a live run."""

import asyncio

import pytest
from fake_provider import FakeProvider, Reply, chunk, says, status
from scripted import ScriptedModel
from workings.agent.models import make_model
from workings.graphs.calls import Call
from workings.graphs.errors import to_exception, to_step_error
from workings.graphs.live import RESULT_LIMIT, TRIES, LiveCalls
from workings.graphs.model import Message, ModelReply, ModelRequest, Tokens
from workings.tools.documents import Passage
from workings.tools.errors import (
    DocumentError,
    GoldError,
    LimitReached,
    ProviderError,
    SettingsError,
    ToolError,
    TraceError,
    WorkingsError,
)
from workings.tools.tool import Tool, ToolResult

CALL = Call("agent", "decide", "key")
REQUEST = ModelRequest(model="m", messages=(Message(role="user", content="hi"),))
FOUR = ModelReply(content="4", tokens=Tokens(input=11, output=1))
KEY = "sk-canary-0123456789abcdefXYZ"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 100.0
        self.slept = []

    def __call__(self):
        return self.now

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def busy(after=None):
    return ProviderError("busy.", "rate_limit", retryable=True, retry_after=after)


def run(model, deadline=60.0, call=CALL, on_text=None, **options):
    clock = Clock()
    calls = LiveCalls(model, deadline, clock, clock.sleep, **options)
    return asyncio.run(calls.model(call, REQUEST, on_text)), clock


def test_a_failure_that_may_pass_is_tried_again_with_growing_waits():
    outcome, clock = run(ScriptedModel(busy(), busy(), FOUR))
    assert outcome.reply == FOUR
    assert [attempt.waited for attempt in outcome.attempts] == clock.slept == [0.5, 1.0]
    assert outcome.seconds == 1.5


def test_it_ends_after_the_last_try():
    model = ScriptedModel(*[busy()] * TRIES)
    outcome, _ = run(model)
    assert "Tried 3 times" in outcome.error.message and len(outcome.attempts) == TRIES - 1
    model.assert_finished()


def test_a_run_with_one_request_left_does_not_try_again():
    outcome, clock = run(ScriptedModel(busy()), call=Call("agent", "decide", "key", 1))
    assert outcome.error.detail["kind"] == "rate_limit" and clock.slept == []


def test_what_cannot_pass_is_not_tried_again():
    outcome, clock = run(ScriptedModel(ProviderError("no key", "auth")))
    assert outcome.error.detail["kind"] == "auth" and clock.slept == [] and not outcome.attempts


def test_the_services_wish_to_wait_is_kept():
    _, clock = run(ScriptedModel(busy(7.5), FOUR))
    assert clock.slept == [7.5]


@pytest.mark.parametrize("wish", [60.0, 90.0, 86_400.0])
def test_no_wait_goes_past_the_deadline(wish):
    outcome, clock = run(ScriptedModel(busy(wish)))
    assert clock.slept == [] and f"asks to wait {wish:g} s" in outcome.error.message


def test_once_text_has_arrived_nothing_is_tried_again():
    class Talker(ScriptedModel):
        async def attempt(self, request, on_text=None):
            on_text("The ")
            return await super().attempt(request, on_text)

    outcome, clock = run(Talker(busy()), on_text=lambda _: None)
    assert outcome.error is not None and clock.slept == []


def test_a_partial_answer_is_marked():
    broken = ProviderError("broke off", "truncated", partial="The answer is")
    outcome, _ = run(ScriptedModel(broken))
    assert outcome.error.detail["partial"] == "The answer is"


def test_the_price_is_null_when_it_is_not_known():
    assert run(ScriptedModel(FOUR), price=lambda model, tokens: 0.25)[0].cost_usd == 0.25
    assert run(ScriptedModel(FOUR), price=lambda model, tokens: None)[0].cost_usd is None
    uncounted = ModelReply(content="4")
    assert run(ScriptedModel(uncounted), price=lambda model, tokens: 1.0)[0].cost_usd is None


def live(fake, deadline=0.6):
    async def ask():
        model = make_model("compatible:any", base_url=fake.url, api_key=KEY)
        return await LiveCalls(model, deadline).model(CALL, REQUEST)

    return asyncio.run(ask())


def test_a_stalled_stream_ends_at_the_deadline_and_is_closed():
    with FakeProvider(Reply(events=(chunk({"content": "The answer"}),), end="hang")) as fake:
        outcome = live(fake)
        assert fake.gone.wait(5)
    assert outcome.error.detail == {"limit": "deadline", "partial": "The answer"}
    assert isinstance(to_exception(outcome.error), LimitReached)


def test_a_silent_service_ends_at_the_deadline():
    with FakeProvider(Reply(body=b"{}", end="hang")) as fake:
        assert live(fake).error.detail == {"limit": "deadline"}


def test_retry_after_90_does_not_sleep_and_a_500_passes():
    with FakeProvider(status(429, Retry_After="90")) as fake:
        assert "asks to wait 90 s" in live(fake).error.message
    assert len(fake.requests) == 1
    with FakeProvider(status(500, retry_after_ms="10"), says("4")) as fake:
        assert live(fake, 30).reply.content == "4"
    assert len(fake.requests) == 2


@pytest.mark.parametrize("value", ["-5", "soon", "nan", "inf", ""])
def test_a_retry_after_that_means_nothing_is_left_out(value):
    with FakeProvider(status(429, Retry_After=value)) as fake:
        error = live(fake).error
    assert error.detail["retry_after"] is None


def test_a_retry_after_may_be_a_date():
    with FakeProvider(status(429, Retry_After="Wed, 21 Oct 2065 07:28:00 GMT")) as fake:
        assert live(fake).error.detail["retry_after"] > 1e9


def use(tool, deadline=60.0):
    async def go():
        return await LiveCalls(ScriptedModel(), deadline).tool(CALL, tool, {})

    return asyncio.run(go())


def made(run, name="find"):
    return Tool(name, "finds", {"type": "object"}, "read", run)


def raises(error):
    async def run(_):
        raise error

    return made(run)


def gives(result):
    async def run(_):
        return result

    return made(run)


def test_a_tool_error_is_an_outcome():
    error = use(raises(ToolError("no such page"))).error
    assert (error.type, error.message) == ("ToolError", "no such page")


@pytest.mark.parametrize(
    "bug", [KeyError("x"), DocumentError("torn", "a.pdf", 3), SystemExit(2), TimeoutError("slow")]
)
def test_a_bug_in_a_tool_is_named_and_ends_nothing(bug):
    error = use(raises(bug)).error
    assert error.type == "ToolError"
    assert error.message.startswith(f"the tool find failed: {type(bug).__name__}")


def test_a_key_in_a_tools_failure_is_taken_out():
    assert "canary" not in use(raises(ValueError(f"bad key {KEY}"))).error.message


def test_a_tool_ends_at_the_deadline():
    async def forever(_):
        await asyncio.Event().wait()

    error = use(made(forever), 0.05).error
    assert error.detail == {"limit": "deadline"} and "'find'" in error.message


def test_a_result_that_is_too_long_is_cut_and_says_so():
    result = use(gives(ToolResult(content="x" * (RESULT_LIMIT + 5), data="x"))).result
    assert result.content.endswith("[left out, the result is too long: 5 characters]")
    assert len(result.content) < RESULT_LIMIT + 100 and result.data is None


def test_passages_beyond_the_limit_are_left_out_whole():
    passage = Passage(
        id="p", document="d", document_id="d", title="t", page=1, page_label="1", text="x" * 90_000
    )
    result = use(gives(ToolResult(passages=(passage,) * 5))).result
    assert len(result.passages) == 2 and "3 passages" in result.content


def test_cancelling_goes_through():
    async def go():
        async def forever(_):
            await asyncio.Event().wait()

        task = asyncio.create_task(LiveCalls(ScriptedModel(), 60).tool(CALL, made(forever), {}))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(go())


@pytest.mark.parametrize(
    "error",
    [
        ProviderError("m", "truncated", partial="part"),
        ProviderError("m", "rate_limit", retryable=True, retry_after=2.0),
        LimitReached("m", "tokens"),
        ToolError("m"),
        SettingsError("m"),
        DocumentError("m", "a.pdf", 3),
        TraceError("m", "t.jsonl", 7),
        GoldError("m", "g.jsonl", 7),
    ],
)
def test_errors_survive_being_kept(error):
    back = to_exception(to_step_error(error))
    assert type(back) is type(error) and vars(back) == vars(error) and str(back) == "m"


def test_an_error_that_is_not_ours_is_kept_by_name():
    back = to_exception(to_step_error(ZeroDivisionError(f"by {KEY}")))
    assert type(back) is WorkingsError and str(back).startswith("ZeroDivisionError: by [key")
