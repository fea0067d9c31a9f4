"""The graph as a whole, with a scripted model and real tools: what runs, what never does."""

import asyncio
import json
from pathlib import Path

import pytest
from scripted import ScriptedModel, busy, calls, drafts, says
from workings.graphs.graph import mermaid
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.model import Profile
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.trace import Start
from workings.tools.calculator import calculator_tool
from workings.tools.documents import Passage
from workings.tools.errors import LimitReached, ProviderError, ToolError
from workings.tools.tool import ToolResult, tool

SALES = Passage(
    id="d-3-1",
    document="report.pdf",
    document_id="d",
    title="Report",
    page=3,
    page_label="1",
    text="Revenue was 467 million in 2024 and 412 million in 2023.",
)


@tool
def search_documents(query: str) -> ToolResult:
    """Search the documents."""
    return ToolResult(passages=(SALES,))


async def ask(model, question="What was revenue in 2024?", tools=(), approve=None, **limits):
    offered = [search_documents, calculator_tool(), *tools]
    limit = Limits(**limits)
    start = Start(
        id="test",
        created="2026-01-01T00:00:00+00:00",
        question=question,
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        limits=limit.model_dump(mode="json"),
        options={"today": "2026-01-01", "documents": [{"name": "report.pdf", "title": "Report"}]},
        tools=tuple({**item.schema(), "effect": item.effect} for item in offered),
    )
    live = LiveCalls(model, limit.deadline, sleep=no_sleep)
    by_name = {item.name: item for item in offered}
    return await run(start, live, by_name, Recorder(None), approve=approve)


async def no_sleep(seconds):
    await asyncio.sleep(0)


GOOD = drafts(("Revenue was 467 million in 2024.", "1", "Revenue was 467 million in 2024"))


def test_the_drawing_of_the_graph_is_the_one_in_the_readme():
    readme = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
    assert mermaid().strip() in readme


async def test_a_question_is_looked_up_answered_and_cited():
    model = ScriptedModel(calls(("search_documents", {"query": "revenue"})), says("done"), GOOD)
    answer = await ask(model)
    model.assert_finished()
    assert answer.text == "Revenue was 467 million in 2024. [1]"
    assert answer.citations[0].verified
    assert [step.kind for step in answer.trace.steps] == ["model", "tool", "model", "model"]
    assert (answer.usage.requests, answer.usage.input_tokens) == (3, 30)


async def test_a_last_message_that_is_the_answer_costs_no_further_request():
    model = ScriptedModel(calls(("search_documents", {"query": "revenue"})), GOOD)
    answer = await ask(model)
    model.assert_finished()
    assert answer.usage.requests == 2


@pytest.mark.parametrize("finish", ["length", "tool_calls", None])
async def test_a_cut_off_call_is_never_run(finish):
    ran = []

    @tool(effect="pure")
    def note(text: str) -> str:
        """Note a text."""
        ran.append(text)
        return text

    model = ScriptedModel(calls(("note", '{"text": "2+'), finish=finish), says("done"))
    answer = await ask(model, tools=[note])
    assert ran == []
    assert answer.refused
    assert [step.status for step in answer.trace.steps if step.kind == "tool"] == ["refused"]


async def test_a_whole_call_in_a_cut_off_message_is_not_run_either():
    model = ScriptedModel(
        calls(("calculator", {"expression": "2+2"}), finish="length"), says("done")
    )
    answer = await ask(model)
    assert [step.status for step in answer.trace.steps if step.kind == "tool"] == ["refused"]


async def test_the_same_call_again_ends_the_loop():
    again = calls(("search_documents", {"query": "revenue"}))
    model = ScriptedModel(again, again, GOOD)
    answer = await ask(model)
    model.assert_finished()
    assert not answer.refused


async def test_an_endless_loop_of_new_calls_stops_at_the_limit_of_requests():
    loop = [calls(("calculator", {"expression": f"{n}+1"})) for n in range(50)]
    model = ScriptedModel(*loop)
    answer = await ask(model)
    assert len(model.requests) <= 12
    assert answer.refused
    assert "requests" in answer.reason


async def test_of_many_calls_in_one_message_only_the_first_eight_run():
    many = calls(*(("calculator", {"expression": f"{n}+1"}) for n in range(20)))
    answer = await ask(ScriptedModel(many, says("done"), drafts(refused=True)))
    status = [step.status for step in answer.trace.steps if step.kind == "tool"]
    assert status == ["ok"] * 8 + ["refused"] * 12


async def test_calls_of_one_message_run_together_and_are_answered_in_order():
    running = []

    @tool
    async def wait(name: str) -> str:
        """Wait."""
        running.append(name)
        while len(running) < 2:
            await asyncio.sleep(0)
        return name

    model = ScriptedModel(
        calls(("wait", {"name": "a"}), ("wait", {"name": "b"})), says("done"), drafts(refused=True)
    )
    answer = await ask(model, tools=[wait])
    results = [step.result["content"] for step in answer.trace.steps if step.kind == "tool"]
    assert results == ["a", "b"]


async def test_an_unknown_tool_is_refused_with_the_names_that_exist():
    model = ScriptedModel(calls(("run_shell", {"cmd": "true"})), says("done"))
    await ask(model)
    assert "calculator" in model.requests[1].messages[-1].content


async def test_a_tool_error_goes_back_to_the_model_and_the_run_goes_on():
    @tool
    def open_door(code: str) -> str:
        """Open the door."""
        raise ToolError("wrong code")

    model = ScriptedModel(calls(("open_door", {"code": "1"})), says("done"))
    answer = await ask(model, tools=[open_door])
    assert "wrong code" in model.requests[1].messages[-1].content
    assert answer.refused


async def test_a_tool_that_crashes_is_named_and_costs_only_itself():
    @tool
    def crash(code: str) -> str:
        """Crash."""
        raise ZeroDivisionError("oops")

    model = ScriptedModel(calls(("crash", {"code": "1"})), says("done"))
    answer = await ask(model, tools=[crash])
    step = answer.trace.steps[1]
    assert step.status == "error"
    assert "ZeroDivisionError" in step.error.message


async def test_a_draft_that_fails_is_asked_for_again_and_never_shown_to_the_model():
    bad = drafts(("Revenue was 999 million.", "1", "Revenue was"))
    model = ScriptedModel(
        calls(("search_documents", {"query": "revenue"})), says("done"), bad, GOOD
    )
    answer = await ask(model)
    assert not answer.refused
    assert model.requests[2].messages == model.requests[3].messages
    assert model.requests[2].params != model.requests[3].params


async def test_what_never_becomes_an_answer_is_a_refusal_within_three_tries():
    nonsense = [says("no json here")] * 3
    model = ScriptedModel(calls(("search_documents", {"query": "r"})), says("done"), *nonsense)
    answer = await ask(model)
    model.assert_finished()
    assert answer.refused


async def test_with_nothing_found_nothing_is_asked_and_nothing_is_claimed():
    model = ScriptedModel(says("Paris is the capital of France."))
    answer = await ask(model, "What is the capital of France?")
    model.assert_finished()
    assert answer.refused
    assert "Paris" not in answer.text


async def test_an_empty_first_reply_is_a_named_error_with_the_trace():
    with pytest.raises(ProviderError, match="empty") as caught:
        await ask(ScriptedModel(says("")))
    assert caught.value.trace.status == "failed"
    assert len(caught.value.trace.steps) == 1


async def test_a_busy_service_is_asked_again_and_the_retry_counts_as_a_request():
    model = ScriptedModel(
        busy(), calls(("search_documents", {"query": "revenue"})), says("done"), GOOD
    )
    answer = await ask(model)
    assert answer.usage.requests == 4
    assert len(answer.trace.steps[0].attempts) == 1


async def test_tokens_over_the_limit_stop_the_run_by_name():
    model = ScriptedModel(calls(("search_documents", {"query": "revenue"})))
    with pytest.raises(LimitReached) as caught:
        await ask(model, tokens=10)
    assert caught.value.limit == "tokens"


async def test_a_small_model_is_offered_no_second_search_and_no_needless_calculator():
    model = ScriptedModel(
        says('{"why": "w", "tool": "search_documents", "input": "revenue"}'),
        says('{"why": "w", "tool": "answer", "input": ""}'),
        GOOD,
        profile=Profile(decision="structured"),
    )
    await ask(model, "What was the growth of revenue in 2024?")
    offered = model.requests[1].output.json_schema["properties"]["tool"]["enum"]
    assert offered == ["calculator", "answer"]


async def test_a_structured_decision_becomes_a_call():
    model = ScriptedModel(
        says('{"why": "w", "tool": "search_documents", "input": "revenue"}'),
        GOOD,
        profile=Profile(decision="structured"),
    )
    answer = await ask(model)
    model.assert_finished()
    assert model.requests[0].output.json_schema["properties"]["tool"]["enum"][-1] == "answer"
    assert not answer.refused


async def test_arithmetic_on_numbers_nobody_looked_up_searches_first():
    model = ScriptedModel(
        says('{"why": "w", "tool": "calculator", "input": "467 - 412"}'),
        says('{"why": "w", "tool": "answer", "input": ""}'),
        GOOD,
        profile=Profile(decision="structured"),
    )
    answer = await ask(model, "How much did revenue grow?")
    assert answer.trace.steps[1].name == "search_documents"


async def test_a_structured_calculation_is_written_in_steps_and_folded():
    steps = [{"name": "pens", "expression": "3 * 12"}, {"name": "left", "expression": "pens - 5"}]
    model = ScriptedModel(
        says('{"why": "w", "tool": "calculator", "input": ""}'),
        says(json.dumps({"steps": steps})),
        profile=Profile(decision="structured"),
    )
    answer = await ask(model, "3 boxes of 12 pens, 5 are lost. How many pens are left?")
    model.assert_finished()
    assert answer.calculations[0].expression == "(3 * 12) - 5"
    assert (answer.text, answer.value) == ("The answer is 31.", 31)


async def test_arithmetic_that_the_calculator_refuses_is_asked_for_once_more():
    def steps(expression):
        return says(json.dumps({"steps": [{"name": "a", "expression": expression}]}))

    model = ScriptedModel(
        says('{"why": "w", "tool": "calculator", "input": ""}'),
        steps("pens * boxes"),
        steps("3 * 12"),
        profile=Profile(decision="structured"),
    )
    answer = await ask(model, "3 boxes of 12 pens: how many pens?")
    model.assert_finished()
    assert answer.value == 36
    assert model.requests[1].messages == model.requests[2].messages


async def test_when_no_draft_of_a_computed_answer_survives_the_result_does():
    wrong = drafts(("Revenue grew by 99 million.",))
    model = ScriptedModel(
        says('{"why": "w", "tool": "search_documents", "input": "revenue"}'),
        says('{"why": "w", "tool": "calculator", "input": ""}'),
        says(json.dumps({"steps": [{"name": "growth", "expression": "467 - 412"}]})),
        wrong,
        wrong,
        wrong,
        profile=Profile(decision="structured"),
    )
    answer = await ask(model, "How much did revenue grow in 2024?")
    assert answer.text == "The answer is 55."
    assert answer.calculations[0].operands[0].source == "passage d-3-1"


@pytest.mark.parametrize(
    "question",
    [
        "How much did revenue grow?",
        "By how much did revenue change from FY2023 to FY2024, to one decimal place?",
        "What did note 7 say of revenue in 2024, compared with 31 December 2023?",
    ],
)
async def test_years_and_rounding_are_no_numbers_to_reckon_with(question):
    model = ScriptedModel(
        says('{"why": "w", "tool": "calculator", "input": "467 - 412"}'),
        says('{"why": "w", "tool": "answer", "input": ""}'),
        GOOD,
        profile=Profile(decision="structured"),
    )
    answer = await ask(model, question)
    assert answer.trace.steps[1].name == "search_documents"


async def test_a_server_that_calls_natively_where_json_was_asked_is_understood():
    model = ScriptedModel(
        calls(("search_documents", {"query": "revenue"})),
        says('{"why": "w", "tool": "answer", "input": ""}'),
        GOOD,
        profile=Profile(decision="structured"),
    )
    assert not (await ask(model)).refused


async def test_a_call_written_as_text_is_read_when_the_profile_asks_for_it():
    written = '```json\n{"name": "calculator", "arguments": {"expression": "15% of 200"}}\n```'
    model = ScriptedModel(
        says(written),
        says("done"),
        drafts(("It is 30.",), value="30"),
        profile=Profile(rescue=True),
    )
    answer = await ask(model, "What is 15% of 200?")
    assert (answer.value, answer.calculations[0].result) == (30, "30")


async def test_a_writing_tool_runs_only_after_approval():
    sent = []

    @tool(effect="write")
    def send(text: str) -> str:
        """Send a text."""
        sent.append(text)
        return "sent"

    def script():
        return ScriptedModel(calls(("send", {"text": "hi"})), says("done"))

    await ask(script(), tools=[send])
    assert sent == []
    await ask(script(), tools=[send], approve=lambda asked: {asked[0]["id"]: True})
    assert sent == ["hi"]


async def test_cancelling_leaves_a_whole_trace():
    @tool
    async def sleep(name: str) -> str:
        """Sleep."""
        await asyncio.sleep(60)
        return name

    running = asyncio.create_task(
        ask(ScriptedModel(calls(("sleep", {"name": "a"}))), tools=[sleep])
    )
    await asyncio.sleep(0.2)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_two_runs_of_one_script_record_the_same_keys():
    def script():
        return ScriptedModel(calls(("search_documents", {"query": "revenue"})), says("done"), GOOD)

    one, two = await ask(script()), await ask(script())
    assert [s.key for s in one.trace.steps] == [s.key for s in two.trace.steps]
    assert one.trace.nodes == two.trace.nodes
