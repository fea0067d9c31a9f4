"""Which difference is told first, and which earlier one each follows from."""

import json
import operator
from typing import Annotated, TypedDict

import workings
from foreign_records import chat
from langchain_core.tools import tool
from langgraph.graph import START, StateGraph
from langgraph.types import Send
from recorded_runs import make
from workings.evals.fork import afork, fork
from workings.evals.importing import import_file
from workings.graphs.store import TraceStore


class Towns(TypedDict):
    """A list of towns, and what was found of each."""

    towns: list[str]
    found: Annotated[list[str], operator.add]


class Town(TypedDict):
    """One of them."""

    town: str
    found: Annotated[list[str], operator.add]


@tool
def weather(town: str) -> str:
    """Weather of a town."""
    return "rain"


@tool
def publish(text: str) -> str:
    """Put a text on the wall."""
    return "done"


def forecast(spell):
    """Two copies of a subgraph at once, and what is made of both."""

    def fetch(state):
        return {"found": [weather.invoke({"town": spell(state["town"])})]}

    def tell(state):
        return {"found": [publish.invoke({"text": spell(", ".join(state["found"]))})]}

    one = StateGraph(Town)
    one.add_node("fetch", fetch)
    one.add_edge(START, "fetch")
    graph = StateGraph(Towns)
    graph.add_node("worker", one.compile())
    graph.add_node("tell", tell)
    graph.add_conditional_edges(
        START,
        lambda state: [Send("worker", {"town": town}) for town in state["towns"]],
        ["worker"],
    )
    graph.add_edge("worker", "tell")
    return graph.compile()


def told(result):
    return [(item.step, item.kind, item.cause) for item in result.divergences]


async def test_a_reply_comes_before_the_request_of_the_same_node_that_it_led_to():
    trace = await make("plain")
    result = await afork(trace, 4, "no answer", live="model", model=workings.ScriptedModel())
    (step, kind, cause), (next_step, next_kind, next_cause) = told(result)[:2]
    assert (step, kind, cause) == (4, "reply_changed", "put in here by the fork")
    assert (next_step, next_kind) == (5, "extra_call") and "step 4: reply_changed" in next_cause


def test_an_edit_of_an_imported_run_comes_before_what_it_reached(tmp_path):
    path = tmp_path / "chat.json"
    path.write_text(json.dumps(chat()), encoding="utf-8")
    store = TraceStore(tmp_path / "traces", fsync=False)
    import_file(path, store)
    first, second = told(fork(store.path("chat"), 2, "Puffin"))
    assert first == (2, "tool_result_changed", "put in here by the fork")
    assert second[:2] == (3, "history_changed") and "step 2: tool_result_changed" in second[2]


def test_branches_that_ran_at_once_do_not_follow_from_one_another():
    recorded = workings.record(forecast(str))
    recorded.invoke({"towns": ["Ghent", "Oslo"], "found": []})
    result = workings.replay(recorded.trace, graph=forecast(str.upper), lenient=True)
    first, second, last = result.divergences
    assert {first.node, second.node} == {"worker[0]/fetch", "worker[1]/fetch"}
    assert (first.cause, second.cause) == ("", "")
    assert last.node == "tell" and "tool_args_changed in worker[1]/fetch" in last.cause
