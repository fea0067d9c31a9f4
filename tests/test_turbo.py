"""Our scheduler and LangGraph's give the same, on our graph and on made-up ones."""

import asyncio
import importlib.util
import operator
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import pytest
import test_graph
from fake_provider import FakeProvider
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError, InvalidUpdateError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, RetryPolicy
from typing_extensions import TypedDict
from workings.agent.assistant import Assistant
from workings.agent.models import make_model
from workings.evals.replay import areplay
from workings.graphs.graph import compiled
from workings.graphs.run import run
from workings.graphs.turbo import NotCovered, plan, plan_of
from workings.tools.errors import WorkingsError

BENCH = Path(__file__).parent.parent / "bench"
turbo = partial(run, turbo=True)


async def both(trace):
    """The trace replayed by each scheduler: every event, node and ending is the same."""
    results = [await areplay(trace, drive=drive) for drive in (run, turbo)]
    slow, fast = (
        result.model_copy(update={"seconds": 0.0}).model_dump(mode="json") for result in results
    )
    assert slow == fast
    made = [result.made for result in results]
    for part in ("steps", "nodes", "approvals", "answer", "error", "status"):
        assert getattr(made[0], part) == getattr(made[1], part), part
    return results[0]


def test_our_graph_is_covered():
    assert plan_of(compiled()) is not None


SCRIPTS = [
    function
    for name, function in vars(test_graph).items()
    if name.startswith("test_") and asyncio.iscoroutinefunction(function)
]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda f: f.__name__)
async def test_every_script_of_the_graphs_tests_runs_the_same(script, monkeypatch):
    traces = []

    async def kept(start, calls, tools, recorder, **keywords):
        try:
            return await run(start, calls, tools, recorder, **keywords)
        finally:
            traces.append(recorder.trace)

    monkeypatch.setattr(test_graph, "run", kept)
    marks = [mark for mark in getattr(script, "pytestmark", ()) if mark.name == "parametrize"]
    if marks:
        names, rows = marks[0].args[:2]
        names = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
        for row in rows:
            row = row if len(names) > 1 else (row,)
            await script(**dict(zip(names, row, strict=True)))
    else:
        await script()
    for trace in traces:
        await both(trace)


def bench_replay():
    spec = importlib.util.spec_from_file_location("bench_replay", BENCH / "replay.py")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(BENCH))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(BENCH))
    return module


@pytest.fixture(scope="module")
def shapes():
    return bench_replay()


@pytest.mark.parametrize("shape", bench_replay().SHAPES)
@pytest.mark.parametrize("stream", [True, False])
async def test_every_shape_of_the_bench_runs_the_same(shapes, shape, stream, tmp_path):
    decision = "structured" if shape == "structured decisions" else "native"
    with FakeProvider(*shapes.SHAPES[shape](7)) as fake:
        model = make_model("compatible:fake", base_url=fake.url, decision=decision, stream=stream)
        tools = [shapes.look, shapes.fails, shapes.crashes]
        assistant = Assistant(model=model, home=tmp_path, tools=tools)
        try:
            trace = (await assistant.aask("What is the value of q7?")).trace
        except WorkingsError as error:
            trace = error.trace
    assert (await both(trace)).status == "identical"


class State(TypedDict, total=False):
    log: Annotated[list[str], operator.add]
    last: str
    turns: Annotated[int, operator.add]


NAMES = "abcd"


@st.composite
def graphs(draw):
    """Nodes that write what they saw, edges, and decisions that depend on the state."""
    count = draw(st.integers(1, 4))
    names = NAMES[:count]
    graph = StateGraph(State)
    single = draw(st.sampled_from(names))

    def node(name):
        async def run_node(state):
            writes = {"log": [f"{name}{len(state.get('log', ()))}"], "turns": 1}
            if name == single:
                writes["last"] = f"{name} after {state.get('last', 'nobody')}"
            await asyncio.sleep(0)
            return writes if state.get("turns", 0) % 5 else {**writes, "unknown": 1}

        return run_node

    for name in names:
        graph.add_node(name, node(name))
    targets = draw(st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True))
    for target in targets:
        graph.add_edge(START, target)
    for name in names:
        for target in draw(st.lists(st.sampled_from([*names, END]), max_size=2, unique=True)):
            graph.add_edge(name, target)
        if draw(st.booleans()):
            ways = draw(st.lists(st.sampled_from([*names, END]), min_size=1, max_size=3))
            many = draw(st.booleans())

            def decide(state, ways=ways, many=many):
                place = len(state["log"]) % len(ways)
                return ways[: place + 1] if many else ways[place]

            async def wait(state, decide=decide):
                return decide(state)

            graph.add_conditional_edges(name, draw(st.sampled_from([decide, wait])))
    return graph.compile()


async def outcome(work):
    try:
        return await work
    except (GraphRecursionError, InvalidUpdateError) as error:
        return type(error)


@settings(max_examples=120, deadline=None)
@given(graphs(), st.sampled_from([{}, {"log": ["x"], "last": "me"}, {"turns": 3}]))
def test_made_up_graphs_end_in_the_same_state(graph, begin):
    async def compare():
        for limit in (3, 12):
            ways = (
                outcome(graph.ainvoke(dict(begin), {"recursion_limit": limit})),
                outcome(plan(graph).run(dict(begin), None, limit)),
            )
            slow, fast = [await way for way in ways]
            assert slow == fast

    asyncio.run(compare())


async def nothing(state):
    return {}


def base():
    return StateGraph(State).add_node("a", nothing).add_node("b", nothing).add_edge(START, "a")


NOT_COVERED = {
    "a join": lambda: base().add_edge(["a", "b"], END).compile(),
    "a checkpointer": lambda: base().compile(checkpointer=InMemorySaver()),
    "an interrupt before": lambda: base().compile(interrupt_before=["a"]),
    "retry": lambda: base().add_node("c", nothing, retry_policy=RetryPolicy()).compile(),
    "a command": lambda: base().add_node("c", nothing, destinations=("a",)).compile(),
    "deferred": lambda: base().add_node("c", nothing, defer=True).compile(),
    "no plain function": lambda: base().add_node("c", base().compile()).compile(),
    "decision before": lambda: base().add_conditional_edges(START, lambda s: "b").compile(),
}


@pytest.mark.parametrize("reason", NOT_COVERED)
def test_what_is_not_covered_is_left_to_langgraph(reason):
    with pytest.raises(NotCovered, match=reason):
        plan(NOT_COVERED[reason]())


async def test_a_node_that_answers_with_a_command_is_an_error_and_never_ignored():
    async def moves(state):
        return Command(goto="b")

    graph = StateGraph(State).add_node("a", moves).add_node("b", nothing).add_edge(START, "a")
    with pytest.raises(InvalidUpdateError, match="Command"):
        await plan(graph.compile()).run({}, None, 5)
