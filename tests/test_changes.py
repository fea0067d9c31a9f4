"""What a replay changes on purpose takes effect or is refused; what comes of it stands alone."""

import json

import pytest
import workings
from foreign_records import chat
from langchain_core.messages import ToolMessage
from recorded_runs import GOOD, LOOK, make
from scripted import ScriptedModel, says
from workings import Assistant, fork, replay
from workings.evals.changes import changed
from workings.evals.fork import afork
from workings.evals.importing import import_file
from workings.evals.replay import areplay
from workings.graphs.prompts import SYSTEM, Prompts
from workings.graphs.store import TraceStore
from workings.tools.errors import SettingsError

BRIEF = SYSTEM.replace("shows where", "briefly tells where")


async def live(trace, store, changes, *script, **more):
    model = ScriptedModel(*script)
    result = await areplay(trace, live="model", model=model, changes=changes, store=store, **more)
    model.assert_finished()
    return store.load(result.recorded)


async def test_a_prompt_that_was_set_stays_with_the_run_that_came_of_it(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    made = await live(await make("plain"), store, {"prompt": BRIEF}, LOOK, says("found"))
    assert made.start.options["prompts"] == {"system": BRIEF}
    again = await areplay(store.path(made.id))
    assert (again.status, again.divergences) == ("identical", ())
    usual = await areplay(made, prompts=Prompts())
    assert usual.divergences[0].kind == "prompt_changed"


async def test_a_fork_of_a_run_with_a_set_prompt_keeps_it_too(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    first = await live(await make("plain"), store, {"prompt": BRIEF}, LOOK, says("found"))
    model = ScriptedModel(GOOD)
    result = await afork(first, 3, "another thought", live="model", model=model, store=store)
    second = store.load(result.recorded)
    assert second.start.options["prompts"] == {"system": BRIEF}
    assert (await areplay(second)).status == "identical"


async def test_a_second_set_prompt_is_laid_over_the_first(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    script = (LOOK, says("found"))
    first = await live(await make("plain"), store, {"prompt": BRIEF}, *script)
    answer = Prompts().answer + " Be brief."
    second = await live(first, store, {"prompt.answer": answer}, GOOD)
    assert second.start.options["prompts"] == {"system": BRIEF, "answer": answer}
    assert (await areplay(second)).status == "identical"


async def test_a_built_in_prompt_set_again_is_not_kept(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    result = await areplay(
        await make("plain"),
        live="model",
        model=ScriptedModel(),
        changes={"prompt": SYSTEM},
        store=store,
    )
    assert result.status == "identical" and "prompts" not in result.made.start.options


@pytest.mark.parametrize(
    "kept",
    [
        "all",
        {"system": 3},
        {"system": " "},
        {"other": "x"},
        {"system": "{today.__class__}"},
        {"decide": "{0}"},
        {"examples": [["only one"]]},
    ],
)
async def test_kept_prompts_of_a_stranger_that_are_none_break_the_record(kept):
    trace = await make("plain")
    options = {**trace.start.options, "prompts": kept}
    start = trace.start.model_copy(update={"options": options})
    result = await areplay(trace.model_copy(update={"start": start}))
    assert result.status == "broken" and "options.prompts" in result.divergences[0].after


@pytest.mark.parametrize("name", Prompts.model_fields)
async def test_no_prompt_of_today_is_left_that_cannot_be_set(name):
    now = getattr(Prompts(), name)
    other = now + " Be brief." if isinstance(now, str) else json.dumps(now[1:])
    start = changed((await make("plain")).start, {f"prompt.{name}": other}).start
    kept = start.options["prompts"]
    assert kept == {name: other if isinstance(now, str) else json.loads(other)}
    changed(start, {})  # and what was kept is read again


@pytest.mark.parametrize(
    "value", ["no JSON", "{}", '[["a question only"]]', '[["q", 3]]', "[" * 9999]
)
async def test_examples_that_are_none_are_refused_with_their_form(value):
    with pytest.raises(SettingsError, match=r"prompt.plans: expected a list.*\[question, plan\]"):
        changed((await make("plain")).start, {"prompt.plans": value})


@pytest.fixture
def imported(tmp_path):
    (tmp_path / "runs.json").write_text(json.dumps(chat()), encoding="utf-8")
    store = TraceStore(tmp_path / "traces", fsync=False)
    brought = import_file(tmp_path / "runs.json", store)
    return store, store.load(brought.traces[0].trace)


@pytest.mark.parametrize("name", ["prompt", "prompt.answer", "k", "passage_tokens"])
def test_what_a_run_of_another_program_does_not_have_is_refused(imported, name):
    with pytest.raises(SettingsError, match="run of another program.*temperature.*--edit"):
        replay(imported[1], changes={name: "3"})


def test_sampling_is_set_in_a_run_of_another_program_too(imported):
    first = replay(imported[1], changes={"temperature": "0.3"}).divergences[0]
    assert (first.kind, first.step, first.after) == ("params_changed", 1, "0.3")


def test_a_live_fork_of_a_run_of_another_program_comes_to_its_end(imported):
    store, trace = imported
    model = ScriptedModel(*[says(f"reply {n}") for n in range(4)])
    result = fork(trace, 1, "Something else.", live="model", model=model, store=store)
    assert not result.stopped and result.answer.text == "reply 3"
    made = store.load(result.recorded)
    assert (made.start.parent, made.start.forked_at) == (trace.id, 1)
    assert replay(made).status == "identical"


def test_nothing_is_set_in_a_graph_of_a_users_own(tmp_path):
    import graph_shapes

    build, given = graph_shapes.SHAPES["subgraphs by Send"]
    workings.record(build(1), tmp_path).invoke(given(1))
    (path,) = tmp_path.glob("*.jsonl")
    with pytest.raises(SettingsError, match="graph of your own.*--app"):
        replay(path, graph=build(1), changes={"temperature": 0.3})


def test_passages_of_a_recorded_search_are_edited_in_a_fork(tmp_path):
    (tmp_path / "report.txt").write_text(
        "The monthly fee of the Arden contract is 1,200 euros.\n", encoding="utf-8"
    )
    assistant = Assistant(
        documents=[tmp_path / "report.txt"], home=tmp_path / "home", model="extractive", web=False
    )
    answer = assistant.ask("What is the monthly fee of the Arden contract?")
    assert "1,200" in answer.text
    trace = answer.trace
    search = next(step for step in trace.steps if step.name == "search_documents")
    place = next(
        n for n, passage in enumerate(search.result["passages"]) if "1,200" in passage["text"]
    )
    edit = [{} for _ in search.result["passages"]]
    edit[place] = {"text": search.result["passages"][place]["text"].replace("1,200", "1,450")}
    before = {path: path.read_bytes() for path in (tmp_path / "home/traces").rglob("*.json*")}
    result = fork(
        trace, search.index, edit, live="model", model=assistant.model, store=assistant.traces
    )
    assert "1,450" in result.answer.text and "1,200" not in result.answer.text
    assert result.divergences[0].step == search.index
    assert result.divergences[0].cause == "put in here by the fork"
    made = assistant.traces.load(result.recorded)
    assert (made.start.parent, made.start.forked_at) == (trace.id, search.index)
    assert replay(made).status == "identical" and replay(trace).status == "identical"
    assert all(path.read_bytes() == data for path, data in before.items())


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("by_hand", [True, False])
def test_the_call_is_named_whose_message_a_users_node_wrote_otherwise(place, by_hand):
    import test_recording as graphs
    from langgraph.graph import START, MessagesState, StateGraph
    from langgraph.prebuilt import ToolNode, tools_condition

    wanted = [("find", {"query": query}) for query in "abc"]
    bound = graphs.asks(*wanted).bind_tools([graphs.find])
    node = ToolNode([graphs.find])

    def build(edit):
        def tools(state):
            asked = state["messages"][-1].tool_calls
            if by_hand:
                texts = [graphs.find.invoke(call["args"]) for call in asked]
                messages = [
                    ToolMessage(text, tool_call_id=call["id"])
                    for text, call in zip(texts, asked, strict=True)
                ]
            else:
                messages = node.invoke(state)["messages"]
            messages[place].content += edit
            return {"messages": messages}

        graph = StateGraph(MessagesState)
        graph.add_node("agent", lambda s: {"messages": [bound.invoke(s["messages"])]})
        graph.add_node("tools", tools)
        graph.add_edge(START, "agent")
        graph.add_conditional_edges("agent", tools_condition)
        return graph.add_edge("tools", "agent").compile()

    recorded = workings.record(build(""))
    recorded.invoke({"messages": [("user", "go")]})
    assert replay(recorded.trace, graph=build("")).status == "identical"
    first = replay(recorded.trace, graph=build(" (checked)")).divergences[0]
    # the calls of one message begin in threads, in any order
    called = {step.arguments["query"]: step.index for step in recorded.trace.steps[1:-1]}
    assert (first.kind, first.step) == ("state_write_changed", called["abc"[place]])
