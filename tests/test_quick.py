"""The quick look says identical only of what the long way calls identical, and covers the usual."""

import asyncio
import socket
from contextlib import nullcontext
from pathlib import Path

import pytest
from graph_shapes import ASYNC, SHAPES
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from test_recording import Fake, asks, find, react
from test_trace_format import records, rewritten
from workings.evals.hermetic import NetworkBlocked
from workings.evals.quick import asame_graph, same_graph, same_run
from workings.evals.replay import areplay, replay
from workings.evals.todays import todays_tools
from workings.graphs.checked import Missed
from workings.graphs.prompts import Prompts
from workings.graphs.recording import record
from workings.graphs.tape import NotPlain, tape
from workings.graphs.trace import Trace

LOCAL = sorted((Path(__file__).parent / "fixtures" / "local").glob("*.jsonl"))
COVERED = {"parallel branches", "parallel tools, async", "artifacts", "clock and chance"}
COVERED |= {"subgraphs by Send", "streams"}
FAST = {"parallel branches", "artifacts", "clock and chance", "streams"}
FAILING = {"a branch that fails"}
TURBO = pytest.mark.parametrize("turbo", [False, True])


def recorded(graph, given, folder, waits=False):
    traced = record(graph, folder)
    if waits:
        asyncio.run(traced.ainvoke(given))
    else:
        traced.invoke(given)
    return folder / f"{traced.trace.id}.jsonl"


def said(result):
    kept = {"trace", "ok", "status", "divergences", "warnings", "answer", "unchecked"}
    return result.model_dump(mode="json", include=kept)


def agent(tools=(find,), prompt="go", extra=False, shout=False):
    """An agent of a user's, in many versions."""
    model = asks(("find", {"query": "x"}))
    bound = model.bind_tools(list(tools), temperature=0.5)

    def think(state):
        if extra:
            model.invoke("anything else?")
        reply = bound.invoke([HumanMessage(prompt), *state["messages"]])
        if shout and reply.content:
            reply.content = str(reply.content).upper()
        return {"messages": [reply]}

    graph = react(model, list(tools)).builder
    fresh = StateGraph(MessagesState).add_node("agent", think)
    fresh.add_node("tools", graph.nodes["tools"].runnable)
    fresh.add_edge(START, "agent").add_edge("tools", "agent")
    fresh.add_conditional_edges(
        "agent", lambda s: "tools" if s["messages"][-1].tool_calls else "__end__"
    )
    return fresh.compile()


@tool("find", response_format="content_and_artifact")
def other_find(query: str) -> tuple[str, list]:
    """Finds things another way."""
    return query, []


CHANGED = {
    "a word of the prompt": lambda: agent(prompt="gone"),
    "a tool's description": lambda: agent(tools=(other_find,)),
    "one call more": lambda: agent(extra=True),
    "what a node writes": lambda: agent(shout=True),
}


@TURBO
@pytest.mark.parametrize("shape", SHAPES)
def test_both_ways_say_the_same_of_every_shape(shape, turbo, tmp_path):
    build, given = SHAPES[shape]
    with pytest.raises(KeyError, match="nobody") if shape in FAILING else nullcontext():
        recorded(build(1), given(1), tmp_path, shape in ASYNC)
    (path,) = tmp_path.glob("*.jsonl")
    quick = same_graph(path, build(2), turbo=turbo)
    if shape in ASYNC:
        assert quick is None
        quick = asyncio.run(asame_graph(path, build(2)))
    assert (quick is not None) == (shape in COVERED)
    long = asyncio.run(areplay(Trace.load(path), graph=build(2)))
    assert said(replay(path, graph=build(2), turbo=turbo)) == said(long)


@pytest.mark.parametrize("shape", sorted(FAST))
def test_our_scheduler_covers_plain_functions(shape, tmp_path, monkeypatch):
    build, given = SHAPES[shape]
    path = recorded(build(1), given(1), tmp_path)
    graph = build(2)
    monkeypatch.setattr(graph, "invoke", None)
    assert same_graph(path, graph, turbo=True) is not None


@TURBO
@pytest.mark.parametrize("change", CHANGED)
def test_a_change_is_left_to_the_long_way(change, turbo, tmp_path):
    path = recorded(agent(), {"messages": [HumanMessage("hi")]}, tmp_path)
    assert same_graph(path, agent(), turbo=turbo) is not None
    assert same_graph(path, CHANGED[change](), turbo=turbo) is None
    result = replay(path, graph=CHANGED[change](), turbo=turbo)
    assert not result.ok and result.divergences


@TURBO
def test_a_graph_that_swallows_the_miss_is_not_the_same(turbo, tmp_path):
    swallowed = []

    def build(question):
        model = Fake(answer=lambda messages: AIMessage("fine"))

        def node(state):
            try:
                return {"messages": [AIMessage(str(model.invoke(question).content), id="1")]}
            except Missed as miss:
                swallowed.append(miss)
                return {"messages": [AIMessage("fine", id="1")]}

        return StateGraph(MessagesState).add_node("n", node).add_edge(START, "n").compile()

    path = recorded(build("one"), {"messages": []}, tmp_path)
    assert same_graph(path, build("one"), turbo=turbo) is not None and not swallowed
    assert same_graph(path, build("two"), turbo=turbo) is None and swallowed


@TURBO
def test_a_message_that_is_changed_in_its_place_is_seen(turbo, tmp_path):
    def build(changes):
        model = Fake(answer=lambda messages: AIMessage(f"after {len(messages)}"))

        def first(state):
            model.invoke(state["messages"])
            if changes:
                state["messages"][0].additional_kwargs["tone"] = "rude"
            return {}

        def second(state):
            return {"messages": [model.invoke(state["messages"])]}

        graph = StateGraph(MessagesState).add_node("a", first).add_node("b", second)
        return graph.add_edge(START, "a").add_edge("a", "b").compile()

    path = recorded(build(False), {"messages": [HumanMessage("hi")]}, tmp_path)
    assert same_graph(path, build(False), turbo=turbo) is not None
    assert same_graph(path, build(True), turbo=turbo) is None


def test_a_node_that_reaches_for_the_network_is_not_the_same(tmp_path):
    def build(reaches):
        def node(state):
            if reaches:
                try:
                    socket.create_connection(("127.0.0.1", 9), timeout=0.1)
                except (NetworkBlocked, OSError):
                    return {}
            return {}

        return StateGraph(MessagesState).add_node("n", node).add_edge(START, "n").compile()

    path = recorded(build(False), {"messages": []}, tmp_path)
    assert same_graph(path, build(False)) is not None
    assert same_graph(path, build(True)) is None


def test_a_run_inside_a_loop_gets_the_same(tmp_path):
    path = recorded(agent(), {"messages": [HumanMessage("hi")]}, tmp_path)

    async def main():
        return await areplay(path, graph=agent())

    result = asyncio.run(main())
    assert result.status == "identical" and result.made.id == path.stem


@pytest.mark.parametrize("path", LOCAL, ids=lambda p: p.stem)
@TURBO
def test_both_ways_say_the_same_of_our_runs(path, turbo):
    long = asyncio.run(areplay(Trace.load(path)))
    assert said(replay(path, turbo=turbo)) == said(long)


def test_most_of_our_runs_are_covered():
    looked = [same_run(path, todays_tools()) for path in LOCAL]
    assert sum(found is not None for found in looked) >= len(LOCAL) * 2 / 3


def test_another_prompt_of_ours_is_left_to_the_long_way():
    prompts = Prompts(answer="Say nothing.")
    assert all(same_run(path, todays_tools(), prompts) is None for path in LOCAL)


@pytest.mark.parametrize("damage", ["torn", "edited", "swapped", "endless"])
def test_a_damaged_record_is_left_to_the_long_way(damage, tmp_path):
    path = recorded(agent(), {"messages": [HumanMessage("hi")]}, tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    match damage:
        case "torn":
            lines[-1] = lines[-1][:-9]
        case "edited":
            lines[1] = lines[1].replace(b'"i":1', b'"i":2')
        case "swapped":
            lines[2], lines[3] = lines[3], lines[2]
        case "endless":
            del lines[-1]
    path.write_bytes(b"".join(lines))
    with pytest.raises(NotPlain):
        tape(path)
    told = replay(path, graph=agent())
    kinds = [item.kind for item in (*told.divergences, *told.warnings)]
    assert (told.status, kinds) == (
        ("identical", ["trace_truncated"])
        if damage in ("torn", "endless")
        else ("broken", ["trace_corrupt"])
    )


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("node", "writes", ["a"]),
        ("node", "node", {"a": 1}),
        ("model.request", "key", {"a": 1}),
        ("tool.request", "name", 3),
        ("tool.result", "result", [1]),
        ("run.start", "options", 1.5),
        ("run.start", "fingerprints", {"python": 3}),
        ("run.start", "id", None),
        ("run.end", "answer", 7),
    ],
)
def test_a_strangers_record_with_other_types_is_no_crash(kind, field, value, tmp_path):
    path = recorded(agent(), {"messages": [HumanMessage("hi")]}, tmp_path)
    made = records(path)
    for item in made:
        if item["t"] == kind:
            item.get("start", item)[field] = value
    rewritten(path, made)
    assert same_graph(path, agent()) is None
    assert same_run(path, todays_tools()) is None
    assert replay(path, graph=agent()).status == "broken"
