import asyncio
import operator
import types
from typing import Annotated

import pytest
import test_graph
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.runnables import RunnableLambda, ensure_config
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, StateGraph
from langgraph.types import Overwrite
from typing_extensions import TypedDict
from workings.graphs.bare import bare
from workings.graphs.graph import compiled


class State(TypedDict, total=False):
    told: Annotated[list, operator.add]
    last: str
    counted: Annotated[int, operator.add]


def graph(*nodes, edges=(), after=None):
    """One or two nodes in a row, or side by side."""
    made = StateGraph(State)
    for name, node in nodes:
        made.add_node(name, node)
    for start, end in edges or [(START, nodes[0][0])]:
        made.add_edge(start, end)
    if after is not None:
        made.add_conditional_edges(nodes[0][0], after, [nodes[0][0], END])
    return made.compile()


async def one(state):
    return {"told": ["one"]}


def again(state):
    return END if len(state["told"]) > 2 else "one"


class Listener(BaseCallbackHandler):
    def __init__(self):
        self.names = []

    def on_chain_start(self, *_, name=None, **__):
        self.names.append(name)


def told(graph, **config):
    return asyncio.run(graph.ainvoke({"told": []}, config))["told"]


def calls_the_usual(graph, monkeypatch):
    """Counts how often LangGraph's own sequence is run."""
    kind, seen = type(graph.nodes["one"].node), []
    usual = kind.ainvoke

    async def ainvoke(self, *given, **named):
        seen.append(1)
        return await usual(self, *given, **named)

    monkeypatch.setattr(kind, "ainvoke", ainvoke)
    return seen


def test_nothing_is_set_up_around_a_node_to_which_nobody_listens(monkeypatch):
    plain = graph(("one", one), after=again)
    seen = calls_the_usual(plain, monkeypatch)
    assert told(bare(plain)) == told(plain) == ["one"] * 3
    assert len(seen) == 3


def test_a_callback_of_the_caller_is_told_of_every_node():
    plain, listener, usual = graph(("one", one), after=again), Listener(), Listener()
    told(bare(plain), callbacks=[listener])
    told(plain, callbacks=[usual])
    assert listener.names == usual.names
    assert listener.names.count("one") == 3


def test_a_tracer_of_the_environment_is_told_of_every_node(monkeypatch):
    from langchain_core import globals as settings
    from langchain_core.tracers.stdout import ConsoleCallbackHandler

    names = []

    def started(*_, name="", **__):
        names.append(name)

    monkeypatch.setattr(ConsoleCallbackHandler, "on_chain_start", started)
    settings.set_debug(True)
    try:
        told(bare(graph(("one", one))))
    finally:
        settings.set_debug(False)
    assert "one" in names


def test_a_node_knows_its_config_and_leaves_none_behind():
    seen = []

    async def asks(state):
        seen.append(ensure_config()["metadata"]["langgraph_node"])
        return {"told": []}

    async def main():
        await bare(graph(("asks", asks))).ainvoke({"told": []})
        return dict(ensure_config()["metadata"])

    assert asyncio.run(main()) == {}
    assert seen == ["asks"]


def test_what_a_node_raises_is_raised_and_the_config_is_put_back():
    async def fails(state):
        raise KeyError("gone")

    async def main():
        with pytest.raises(KeyError, match="gone"):
            await bare(graph(("fails", fails))).ainvoke({"told": []})
        return dict(ensure_config()["metadata"])

    assert asyncio.run(main()) == {}


def test_a_run_that_is_cancelled_in_a_node_ends_there():
    began, ended = asyncio.Event(), []

    async def waits(state):
        began.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ended.append(True)
            raise

    async def main():
        running = asyncio.create_task(bare(graph(("waits", waits))).ainvoke({"told": []}))
        await began.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(main())
    assert ended == [True]


def test_nodes_side_by_side_run_at_once():
    gate = []

    def node(name):
        async def meets(state):
            gate.append(name)
            while len(gate) < 2:
                await asyncio.sleep(0)
            return {"told": [name]}

        return name, meets

    made = graph(node("a"), node("b"), edges=[(START, "a"), (START, "b")])
    assert told(bare(made)) == ["a", "b"]


@pytest.mark.parametrize(
    "writes",
    [
        {"told": ["new"]},
        {"told": [], "last": "x"},
        {"last": None},
        {"counted": 2},
        {"told": Overwrite(["other"])},
        {"unknown": 1, "last": "y"},
        {},
        None,
    ],
)
def test_a_decision_reads_the_state_with_what_its_node_wrote(writes):
    read = []

    async def node(state):
        return writes

    def decide(state):
        read.append(dict(state))
        return END

    made = graph(("one", node), after=decide)
    for each in (made, bare(made)):
        asyncio.run(each.ainvoke({"told": ["old"], "counted": 1}))
    assert read[0] == read[1]
    assert len(read) == 2


def test_a_decision_with_a_state_of_its_own_is_left_to_langgraph():
    class Part(TypedDict, total=False):
        last: str

    read = []

    async def node(state):
        return {"told": ["new"], "last": "x"}

    def decide(state: Part):
        read.append(dict(state))
        return END

    told(bare(graph(("one", node), after=decide)))
    assert read == [{"last": "x"}]


def test_the_limit_of_supersteps_holds():
    with pytest.raises(GraphRecursionError):
        told(bare(graph(("one", one), after=lambda state: "one")), recursion_limit=5)


async def test_who_listens_around_an_ask_is_told_of_its_nodes():
    async def asks(_):
        model = test_graph.ScriptedModel(
            test_graph.calls(("search_documents", {"query": "revenue"})), test_graph.GOOD
        )
        return await test_graph.ask(model)

    listener = Listener()
    answer = await RunnableLambda(asks).ainvoke(None, {"callbacks": [listener]})
    alone = await asks(None)
    told = [name for name in listener.names if name in compiled().nodes]
    assert told == ["agent", "tools", "agent", "finalize", "verify"]
    assert answer.text == alone.text
    assert [node.writes for node in answer.trace.nodes] == [n.writes for n in alone.trace.nodes]


def test_a_graph_of_another_make_is_left_as_it_is():
    other = types.SimpleNamespace(nodes={"one": types.SimpleNamespace(call=one)}, copy=None)
    assert bare(other) is other
    without_copy = types.SimpleNamespace(nodes=graph(("one", one)).nodes)
    assert bare(without_copy) is without_copy


def test_a_node_that_puts_its_steps_elsewhere_is_left_as_it_is(monkeypatch):
    plain = graph(("one", one))
    monkeypatch.setattr(type(plain.nodes["one"]), "node", property(lambda self: self.bound))
    assert bare(plain).nodes["one"] is plain.nodes["one"]
