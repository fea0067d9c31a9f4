"""Which call of a run is which of another: calls of one node, some equal, some not."""

import time

import pytest
import workings
from langgraph.graph import START, StateGraph
from test_recording import find
from typing_extensions import TypedDict
from workings.evals.alignment import aligned
from workings.evals.replay import replay
from workings.evals.visits import Visit, pair
from workings.graphs.trace import NodeRecord, ToolStep


def visit(*calls, ended=True, first=1):
    """A visit of the node `tools` that made `calls`, each written as name and argument: "a1"."""
    steps = [
        ToolStep(
            index=at, node="tools", name=c[0], key=c, request_id="", arguments={}, raw_arguments=c
        )
        for at, c in enumerate(calls, first)
    ]
    record = NodeRecord(node="tools", superstep=1, writes="", after=steps[-1].index)
    return Visit("tools", 0, record if ended else None, 0, steps)


@pytest.mark.parametrize(
    ("before", "after", "ended", "pairs"),
    [
        # stopped at its first call: in the place of the first, though the last has its name
        ("a1 a2 b3", "b1", False, "a1"),
        ("a1 a2 b3", "a1 b9", False, "a1 a2"),
        # two calls were not made, and the run goes on: the one of the same name
        ("a1 a2 b3", "b9", True, "b3"),
        # a call too many, of another name and of the same
        ("a1", "b9 a8", True, "- a1"),
        ("a1 b2", "a7 c9 b8", True, "a1 - b2"),
        ("a1", "a8 a9", True, "a1 -"),
        # the first was dropped and the second changed: it stands after the one both made
        ("a1 b2 a3", "b2 a9", True, "b2 a3"),
        # equal ones keep their order, whatever was put between
        ("a1 a1 b2", "a1 c9 a1 b2", True, "a1 - a1 b2"),
        ("a1 b2", "b2 a1", True, "b2 a1"),
    ],
)
def test_a_call_is_the_one_in_whose_place_it_stands(before, after, ended, pairs):
    old, new = visit(*before.split()), visit(*after.split(), ended=ended, first=11)
    found = pair([old], [new])
    keys = [found[step.index].key if step.index in found else "-" for step in new.steps]
    assert keys == pairs.split()
    assert len({step.index for step in found.values()}) == len(found)


def test_equal_calls_of_two_turns_are_those_of_their_own_turn():
    def turns(*calls):
        pairs = enumerate(calls)
        return [
            Visit("tools", n, v.record, n, v.steps)
            for n, v in ((n, visit(call, first=n + 1)) for n, call in pairs)
        ]

    found = pair(turns("a1", "a1"), turns("a9", "a1"))
    assert {new: old.index for new, old in found.items()} == {1: 1, 2: 2}


def test_thousands_of_changed_calls_are_paired_in_order_at_once():
    old = [(step, 0) for step in visit(*(f"a{n}" for n in range(900))).steps]
    new = [(step, 0) for step in visit(*(f"a{n}x" for n in range(890))).steps]
    began = time.process_time()
    found = aligned(old, new, ended=True)
    assert [(a.index, b.index) for a, b in found] == [(n, n) for n in range(1, 891)]
    assert time.process_time() - began < 3


def graph(change):
    """A node that calls a tool three times in each of two turns, by hand."""

    class State(TypedDict):
        turn: int
        found: str

    def work(state):
        texts = []
        for n in range(4):
            query = change.get((state["turn"], n), f"{state['turn']} {n}" if n < 3 else "")
            texts += [find.invoke({"query": query})] if query else []
        return {"turn": state["turn"] + 1, "found": str(len(texts))}

    made = StateGraph(State)
    made.add_node("work", work)
    made.add_edge(START, "work")
    made.add_conditional_edges("work", lambda s: "work" if s["turn"] < 2 else "__end__")
    return made.compile()


@pytest.mark.parametrize("lenient", [False, True])
@pytest.mark.parametrize("call", [(turn, n) for turn in range(2) for n in range(3)])
def test_a_call_by_hand_in_a_turn_is_named_once_and_at_its_place(call, lenient):
    recorded = workings.record(graph({}))
    recorded.invoke({"turn": 0, "found": ""})
    turn, n = call
    changed = replay(recorded.trace, graph=graph({call: "other"}), lenient=lenient)
    told = [(item.kind, item.step) for item in changed.divergences]
    assert told == [("tool_args_changed", 1 + 3 * turn + n)]


def test_a_call_too_many_is_told_in_its_turn_not_after_the_whole_run():
    recorded = workings.record(graph({}))
    recorded.invoke({"turn": 0, "found": ""})
    for lenient in (False, True):
        changed = replay(recorded.trace, graph=graph({(0, 3): "more"}), lenient=lenient)
        assert [(item.kind, item.step) for item in changed.divergences][0] == ("extra_call", 3)
