"""CPU time of the one job of speed.py beside reenact's replay and langchain's create_agent."""

import asyncio
import gc
import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

import speed_job as ours
from common import table
from langchain_core.messages import HumanMessage, SystemMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from reenact.session import Session
from reenact.store import load_cassette, save_cassette
from workings.evals.replay import replay
from workings.graphs.recorder import Recorder
from workings.graphs.recording import record
from workings.graphs.store import TraceStore

ROUNDS = 8


def speed(count):
    """CPU time of the one job of speed.py, with what reenact and create_agent take for it."""
    folder = Path(tempfile.mkdtemp())
    store = TraceStore(folder, fsync=False)
    graph, agent = ours.floor_graph(), ours.create_agent()
    made = [0]
    kept = record(graph, store)
    runner = asyncio.Runner()

    def messages(n):
        return {"messages": [SystemMessage(ours.SYSTEM), HumanMessage(ours.question(n))]}

    def under(session, n):
        hands = [session.tool(item, side_effect="read_only") for item in (ours.search, ours.reckon)]
        out = agent_of(session.chat_model(ours.Canned()), hands).invoke(messages(n))
        assert out["messages"][-1].content == ours.answer_text(n)

    def agent_of(model, hands):
        bound = model.bind_tools(hands)
        found = StateGraph(MessagesState)
        found.add_node("agent", lambda s: {"messages": [bound.invoke(s["messages"])]})
        found.add_node("tools", ToolNode(hands))
        found.add_edge(START, "agent")
        found.add_conditional_edges("agent", tools_condition)
        found.add_edge("tools", "agent")
        return found.compile()

    async def all_asked():
        for n in range(count):
            await ours.ask(n, Recorder(store), f"t{n}")

    same = []
    runner.run(all_asked())
    for n in range(count):
        kept.invoke(messages(n))
        same.append(kept.trace.id)
        with Session.record() as session:
            under(session, n)
        save_cassette(session.trajectory, folder / f"r{n}.json")

    def floor(n):
        graph.invoke(messages(n))

    def replayed(turbo, n):
        found = replay(folder / f"t{n}.jsonl", turbo=turbo, tools=ours.TOOLS)
        assert found.status == "identical"

    def replayed_same(turbo, n):
        found = replay(folder / f"{same[n]}.jsonl", turbo=turbo, graph=graph)
        assert found.status == "identical"

    async def asked(n):
        made[0] += 1
        assert not (await ours.ask(n, Recorder(store), f"a{made[0]}")).refused

    async def langchain(n):
        out = await agent.ainvoke({"messages": [HumanMessage(ours.question(n))]})
        assert out["messages"][-1].content == ours.answer_text(n)

    def reenact(n):
        with Session.replay(load_cassette(folder / f"r{n}.json")) as session:
            under(session, n)
            assert session.finish() is None

    def built(n):
        agent_of(ours.Canned(), [ours.search, ours.reckon])

    work = {
        "LangGraph alone (the floor)": floor,
        "an ask of Workings, recorded on disk": asked,
        "langchain create_agent, nothing recorded": langchain,
        "Workings, the same graph replayed through LangGraph": partial(replayed_same, False),
        "Workings, the same graph replayed turbo": partial(replayed_same, True),
        "Workings, our ask replayed through LangGraph": partial(replayed, False),
        "Workings, our ask replayed --turbo": partial(replayed, True),
        "reenact replay": reenact,
        "of reenact's replay: the graph built anew, as its session hands out the model": built,
    }
    spent = {name: [] for name in work}

    async def waited(task):
        for n in range(count):
            await task(n)

    for _ in range(ROUNDS + 1):
        gc.collect()
        for name, task in work.items():
            began = time.process_time()
            if asyncio.iscoroutinefunction(task):
                runner.run(waited(task))
            else:
                for n in range(count):
                    task(n)
            spent[name].append(1000 * (time.process_time() - began) / count)
    best = {name: min(values[1:]) for name, values in spent.items()}
    last = best["reenact replay"]
    table(
        ["one job: 3 model requests, 2 tool calls", "CPU ms, best", "median", "times reenact's speed"],
        [
            [name, f"{best[name]:.2f}", f"{statistics.median(values[1:]):.2f}", f"{last / best[name]:.1f}"]
            for name, values in spent.items()
        ],
    )  # fmt: skip
    whole = best["an ask of Workings, recorded on disk"]
    other = best["langchain create_agent, nothing recorded"]
    build = best["of reenact's replay: the graph built anew, as its session hands out the model"]
    same_turbo = best["Workings, the same graph replayed turbo"]
    print(
        f"Our turbo replay of the same graph: {last / same_turbo:.1f} times reenact's speed, and"
        f" {(last - build) / same_turbo:.1f} times if building its graph is not counted (ours is"
        " built once)."
    )
    print(f"The whole ask, recorded, takes {whole / other:.2f} of create_agent's time (at most 1).")
    shutil.rmtree(folder)
    return whole <= other and last >= 10 * same_turbo
