"""Lenient, live and forked replays: what is reused, what is asked anew, what never runs again."""

import socket
from dataclasses import replace

import pytest
from recorded_runs import CALCULATE, GOOD, LOOK, edited_step, look_up, make, record, send
from scripted import ScriptedModel, busy, calls, drafts, says
from workings.evals.fork import afork
from workings.evals.replay import areplay
from workings.graphs.model import Profile
from workings.graphs.prompts import SYSTEM, Prompts
from workings.graphs.store import TraceStore
from workings.tools.errors import SettingsError, ToolError, TraceError
from workings.tools.tool import Tool, ToolResult, tool


def kinds(result):
    return [item.kind for item in result.divergences]


def other_prompt():
    return Prompts(system=SYSTEM.replace("shows where", "tells where"))


async def test_lenient_serves_the_nearest_and_says_that_it_is_tainted():
    trace = await make("calculation")
    result = await areplay(trace, prompts=other_prompt(), lenient=True)
    assert (result.status, result.tainted, result.stopped) == ("behavioural", True, False)
    assert kinds(result) == ["prompt_changed"] * 3
    assert [item.step for item in result.divergences] == [1, 3, 5]
    assert result.divergences[1].cause == "the same change as at step 1"
    assert result.answer.text == trace.answer.text
    strict = await areplay(trace, prompts=other_prompt())
    assert kinds(strict) == ["prompt_changed"] and strict.stopped and not strict.tainted


async def test_lenient_with_nothing_near_ends():
    trace = await make("plain")
    without = trace.model_copy(update={"steps": trace.steps[:-1]})
    result = await areplay(without, lenient=True)
    assert result.stopped and kinds(result)[0] == "extra_call"


async def test_lenient_on_unchanged_code_is_not_tainted():
    result = await areplay(await make("parallel"), lenient=True)
    assert (result.status, result.tainted) == ("identical", False)


async def test_only_what_depends_on_a_prompt_is_asked_anew(tmp_path):
    trace = await make("calculation")
    store = TraceStore(tmp_path, fsync=False)
    model = ScriptedModel(GOOD)
    result = await areplay(
        trace,
        prompts=Prompts(answer=Prompts().answer + " Be brief."),
        live="model",
        model=model,
        store=store,
    )
    model.assert_finished()
    assert (result.reuse.model_calls, result.reuse.model_live) == (4, 1)
    assert (result.reuse.tool_calls, result.reuse.tool_live) == (2, 0)
    assert str(result.reuse).startswith("3 of 4 model calls reused, 1 live")
    assert result.reuse.cost_usd is None
    assert kinds(result) == ["prompt_changed"] and result.divergences[0].step == 6
    made = store.load(result.recorded)
    assert (made.start.parent, made.start.forked_at) == (trace.id, None)
    assert made == result.made
    again = await areplay(made, prompts=Prompts(answer=Prompts().answer + " Be brief."))
    assert again.status == "identical"


async def test_another_temperature_asks_everything_anew():
    trace = await make("plain")
    model = ScriptedModel(LOOK, says("found"), GOOD)
    result = await areplay(trace, live="all", model=model, changes={"temperature": "0.5"})
    model.assert_finished()
    assert result.reuse.model_live == 3 and result.reuse.tool_live == 0
    assert result.made.start.params == {"temperature": 0.5}
    first = result.divergences[0]
    assert (first.kind, first.step, first.path) == ("params_changed", 1, "/params/temperature")


async def test_a_change_is_told_offline_too():
    result = await areplay(await make("plain"), changes={"seed": 3})
    assert kinds(result) == ["params_changed"] and result.stopped and result.recorded is None


async def test_another_model_brings_its_profile():
    trace = await make("plain")
    model = ScriptedModel(
        says('{"why": "w", "tool": "look", "input": "revenue"}'),
        says('{"why": "w", "tool": "answer", "input": ""}'),
        GOOD,
        profile=Profile(decision="structured"),
        id="scripted:other",
    )
    result = await areplay(trace, live="all", model=model, tools={"look": look_up()})
    model.assert_finished()
    assert "model_changed" in kinds(result) and result.made.start.model == "scripted:other"
    assert result.made.answer.text == trace.answer.text


async def test_the_price_of_what_was_live_is_told():
    trace = await make("plain")
    model = ScriptedModel(LOOK, says("found"), GOOD)
    result = await areplay(
        trace, live="model", model=model, changes={"seed": 1}, price=lambda id, tokens: 0.01
    )
    assert result.reuse.cost_usd == pytest.approx(0.03)
    assert (result.reuse.input_tokens, result.reuse.output_tokens) == (30, 15)


async def test_live_tools_are_run_again_and_compared():
    trace = await make("plain")
    tools = {"look": look_up("Revenue was 470 million in 2024.")}
    result = await areplay(trace, live="tools", tools=tools)
    assert kinds(result)[0] == "tool_result_changed"
    first = result.divergences[0]
    assert (first.step, first.path) == (2, "/result/passages/0/text")
    assert "467" in first.before and "470" in first.after
    assert kinds(result)[-1] == "history_changed" and result.stopped
    assert (await areplay(trace, live="tools", tools={"look": look_up()})).status == "identical"


async def test_a_tool_that_fails_today_is_another_error():
    @tool
    async def look(query: str) -> ToolResult:
        """Search the documents."""
        raise ToolError("the shelf is empty")

    result = await areplay(await make("plain"), live="tools", tools={"look": look})
    assert kinds(result)[0] == "tool_error_changed"
    assert result.divergences[0].after == "ToolError: the shelf is empty"


async def test_a_pure_tool_is_served_though_tools_are_live():
    trace = await make("calculation")
    result = await areplay(trace, live="tools", tools={"look": look_up()})
    assert (result.reuse.tool_calls, result.reuse.tool_live) == (2, 1)
    assert result.status == "identical"


async def written():
    return await record(
        ScriptedModel(calls(("send", {"text": "x"})), says("x")),
        tools=(send,),
        approve=lambda asked: {call["id"]: True for call in asked},
    )


def poisoned():
    async def run(arguments):
        raise AssertionError("a tool that writes was run")

    return {"send": Tool(send.name, send.description, send.parameters, "write", run)}


@pytest.mark.parametrize("live", ["tools", "all"])
async def test_a_tool_that_writes_is_served_and_never_run(live):
    trace = await written()
    assert trace.steps[1].status == "ok"
    result = await areplay(trace, live=live, model=ScriptedModel(), tools=poisoned())
    assert result.status == "identical" and result.reuse.tool_live == 0


@pytest.mark.parametrize("effect", ["write", "read"])
async def test_a_write_that_was_not_recorded_is_refused(effect):
    trace = await written()
    model = ScriptedModel(calls(("send", {"text": "other"})), says("x"))
    tools = {"send": replace(poisoned()["send"], effect=effect)}
    result = await areplay(trace, live="all", model=model, tools=tools, changes={"seed": 1})
    assert "side_effect_blocked" in kinds(result) and result.reuse.blocked == 1
    step = result.made.steps[1]
    assert step.status == "error" and "changes the world" in step.error.message


async def test_the_network_is_open_for_what_is_live_and_for_nothing_else():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = server.getsockname()

        @tool
        async def look(query: str) -> str:
            """Search the documents."""
            with socket.socket() as client:
                client.connect(address)
            return "reached"

        result = await areplay(await make("plain"), live="tools", tools={"look": look})
    assert result.made.steps[1].result["content"] == "reached"
    assert "egress_blocked" not in kinds(result)


async def test_a_live_model_that_fails_ends_the_run_as_it_would():
    model = ScriptedModel(*[busy()] * 3)
    trace = await make("plain")
    result = await areplay(trace, live="model", model=model, changes={"seed": 1})
    assert kinds(result)[:2] == ["params_changed", "llm_error_changed"]
    assert result.made.status == "failed" and result.answer is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"live": "model"}, "needs a model"),
        ({"live": "tools", "lenient": True}, "lenient is for offline"),
        ({"live": "everything"}, "live 'everything' is not known: it is one of model, tools, all"),
        ({"changes": {"temprature": 1}}, "did you mean 'temperature'"),
        ({"changes": {"seed": "x"}}, "expected a whole number"),
        ({"changes": {"seed": 0.5}}, "expected a whole number"),
        ({"changes": {"k": 0}}, "above 0"),
        ({"changes": {"k": 4}}, "needs live tools"),
        ({"changes": {"prompt": "answer {question}"}}, "'question' cannot be filled in"),
        ({"changes": {"prompt": "{"}}, "cannot be filled in"),
        ({"changes": {"prompt": ""}}, "expected the text"),
        ({"changes": {"prompt.x": "t"}}, "the prompts are"),
    ],
)
async def test_what_cannot_be_set_is_said(arguments, said):
    trace = await make("plain")
    with pytest.raises(SettingsError, match=said):
        await areplay(trace, **arguments)


async def test_a_set_prompt_is_the_one_of_the_deciding_node():
    for name, field in (("plain", "system"), ("structured", "decide")):
        result = await areplay(await make(name), changes={"prompt": "Decide. {today}"})
        assert result.divergences[0].kind == "prompt_changed", field
        assert result.divergences[0].after.startswith("Decide. 2026-01-01")


async def test_passage_tokens_change_what_is_packed():
    trace = await record(ScriptedModel(LOOK, says("found"), GOOD), text=LONG)
    result = await areplay(trace, changes={"passage_tokens": 20}, lenient=True)
    assert kinds(result)[0] == "state_write_changed"
    assert "history_changed" in kinds(result)


LONG = "Revenue was 467 million in 2024. " * 40


async def test_a_fork_puts_in_another_reply(tmp_path):
    trace = await make("plain")
    store = TraceStore(tmp_path, fsync=False)
    edit = {"tool_requests": [{"name": "calculator", "arguments": {"expression": "1+1"}}]}
    model = ScriptedModel(says("done"), drafts(("One and one is 2.",)))
    result = await afork(trace, 1, edit, live="all", model=model, store=store)
    made = store.load(result.recorded)
    assert (made.start.parent, made.start.forked_at) == (trace.id, 1)
    assert [step.name for step in made.steps][:2] == ["decide", "calculator"]
    assert result.reuse.tool_live == 1
    first = result.divergences[0]
    assert (first.step, first.kind, first.cause) == (1, "reply_changed", "put in here by the fork")
    assert (await areplay(made)).status == "identical"


async def test_a_fork_puts_in_other_passages():
    trace = await make("plain")
    edit = [{"text": "Revenue was 500 million in 2024."}]
    model = ScriptedModel(
        says("found"),
        drafts(("Revenue was 500 million in 2024.", "1", "Revenue was 500 million in 2024")),
    )
    result = await afork(trace, 2, edit, live="model", model=model)
    model.assert_finished()
    assert result.reuse.model_live == 2 and result.reuse.model_calls == 3
    assert "500 million" in result.answer.text
    assert kinds(result)[0] == "tool_result_changed" and kinds(result)[-1] == "answer_changed"


async def test_a_fork_without_a_live_side_stops_and_says_what_it_reached(tmp_path):
    trace = await make("plain")
    store = TraceStore(tmp_path, fsync=False)
    result = await afork(trace, 2, "nothing", store=store)
    assert result.stopped and kinds(result)[0] == "tool_result_changed"
    last = result.divergences[-1]
    assert (last.kind, last.step) == ("history_changed", 3) and "follows from step 2" in last.cause
    made = store.load(result.recorded)
    assert made.status == "failed" and made.error.type == "Diverged"
    again = await areplay(made)
    assert (again.status, again.prefix) == ("identical", True)


async def test_a_fork_that_changes_nothing_reuses_everything():
    trace = await make("plain")
    result = await afork(trace, 2, {"data": "a note"})
    assert result.status == "identical"
    assert result.answer.model_dump() == trace.answer.model_dump()


async def test_a_fork_without_an_edit_asks_the_step_anew():
    trace = await make("plain")
    model = ScriptedModel(LOOK)
    result = await afork(trace, 1, live="model", model=model)
    model.assert_finished()
    assert result.reuse.model_live == 1 and result.status == "identical"
    with pytest.raises(SettingsError, match="needs something to put in"):
        await afork(trace, 1)


async def test_a_fork_may_put_in_an_error():
    result = await afork(await make("plain"), 2, {"error": "the shelf is empty"})
    assert kinds(result)[0] == "tool_error_changed"


@pytest.mark.parametrize(
    ("step", "edit", "error", "said"),
    [
        (9, "x", TraceError, "no step 9: its steps are 1 to 4"),
        (0, "x", TraceError, "no step 0"),
        (1, [1], SettingsError, "step 1 is a model call"),
        (1, {"text": "x"}, SettingsError, "step 1 is a model call"),
        (1, {"tool_requests": [{"nome": "x"}]}, SettingsError, "does not fit"),
        (2, 5, SettingsError, "step 2 is a call of look"),
        (2, [{"page": "x"}], SettingsError, "does not fit"),
        (2, [{"id": "new"}], SettingsError, "does not fit"),
    ],
)
async def test_an_edit_that_does_not_fit_is_said(step, edit, error, said):
    with pytest.raises(error, match=said):
        await afork(await make("plain"), step, edit)


async def test_a_refused_call_cannot_be_forked():
    trace = await make("refused_calls")
    with pytest.raises(TraceError, match="refused and never run"):
        await afork(trace, 2, "x")


async def test_a_fork_at_the_second_of_two_equal_calls():
    trace = await record(ScriptedModel(LOOK, CALCULATE, says("done"), GOOD))
    steps = trace.steps
    assert [step.index for step in steps] == [1, 2, 3, 4, 5, 6]
    result = await afork(trace, 4, {"content": "56"})
    assert result.divergences[0].step == 4
    assert edited_step(trace, 4).result["content"] != "56"
