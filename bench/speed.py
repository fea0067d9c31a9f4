"""What a recording and a replay cost: CPU time beside plain LangGraph, in one process, interleaved.

    python bench/speed.py [TRACES]

One job everywhere: three model requests, a retrieving tool and a calculator, canned. The floor is
the smallest LangGraph that does it: StateGraph, ToolNode, a fake LangChain model. "The same graph"
is that one, recorded by `record(graph)`; "an ask" is our own graph, which besides plans, packs,
drafts and verifies citations and numbers. Every trace is another question about another page of one
index, and is replayed once: a process that replays a folder remembers prompts and tools, but no page,
question or number. A replay reads the trace from disk, hashes every request and every write,
verifies the answer and compares all of it; the long way also builds both runs to show them.
"""

import asyncio
import gc
import importlib.metadata
import itertools
import platform
import statistics
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))
from langchain_core.messages import HumanMessage, SystemMessage
from scripted import ScriptedModel, calls, drafts, says
from speed_job import (
    TOOLS,
    answer_text,
    ask,
    create_agent,
    floor_graph,
    question,
    start_of,
)
from workings.evals.replay import areplay, replay
from workings.graphs.hashed import Hashed
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.prompts import SYSTEM
from workings.graphs.recorder import Recorder
from workings.graphs.recording import record
from workings.graphs.run import run
from workings.graphs.store import TraceStore
from workings.graphs.tape import tape
from workings.graphs.trace import Trace

ROUNDS = 8
turbo = partial(run, turbo=True)


class Unrecorded(Recorder):
    """Keeps the steps, which the answer counts, and does nothing else."""

    def start(self, start):
        self._start = start

    def request(self, step):
        self._steps[step.index] = step

    result = request

    def wrote(self, *_):
        pass

    def finish(self, answer=None, error=None):
        self._answer, self._ended = answer, True


class Plain:
    """While it lasts nothing is hashed either: the graph as if it knew nothing of traces."""

    def __enter__(self):
        self.kept = Hashed.request_key, Hashed.writes, Hashed.tool_key
        Hashed.request_key = Hashed.writes = Hashed.tool_key = lambda *_: ""

    def __exit__(self, *_):
        Hashed.request_key, Hashed.writes, Hashed.tool_key = self.kept


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    folder = Path(tempfile.mkdtemp())
    store = TraceStore(folder / "traces", fsync=False)
    graph, agent = floor_graph(), create_agent()
    recorded_graph = record(graph, store)
    numbers = itertools.count(1)
    runner = asyncio.Runner()
    whole = count * (ROUNDS + 1)

    def given(n):
        return {"messages": [SystemMessage(SYSTEM), HumanMessage(question(n))]}

    def same(kind):
        ids[kind] = []
        for _ in range(whole):
            recorded_graph.invoke(given(next(numbers)))
            ids[kind].append(recorded_graph.trace.id)

    async def asked(kind):
        ids[kind] = [f"{kind}{n}" for n in range(whole)]
        for id in ids[kind]:
            await ask(next(numbers), Recorder(store), id)

    ids = {}
    for kind in ("same", "same turbo"):
        same(kind)
    for kind in ("run", "turbo", "long", "long-turbo", "read"):
        runner.run(asked(kind))

    def floor(n):
        out = graph.invoke(given(n))
        assert out["messages"][-1].content == answer_text(n) and len(out["messages"]) == 7

    def replayed(kind, turbo, n):
        result = replay(store.path(ids[kind][n]), tools=TOOLS, turbo=turbo)
        assert result.status == "identical", result.divergences

    def replayed_graph(kind, turbo, n):
        result = replay(store.path(ids[kind][n]), graph=graph, turbo=turbo)
        assert result.status == "identical", result.divergences

    async def long(kind, drive, n):
        record = Trace.load(store.path(ids[kind][n]))
        result = await areplay(record, drive=drive, tools=TOOLS)
        assert result.status == "identical", result.divergences

    def read(n):
        assert tape(store.path(ids["read"][n])).replies

    def recorded_same(n):
        recorded_graph.invoke(given(next(numbers)))

    async def recorded(n):
        number = next(numbers)
        assert not (await ask(number, Recorder(store), f"r{number}")).refused

    async def in_memory(n):
        number = next(numbers)
        assert not (await ask(number, Recorder(), f"m{number}")).refused

    async def unrecorded(n):
        with Plain():
            assert not (await ask(next(numbers), Unrecorded(), "u")).refused

    async def langchain(n):
        out = await agent.ainvoke({"messages": [HumanMessage(question(n))]})
        assert out["messages"][-1].content == answer_text(n)

    work = {
        "LangGraph alone: StateGraph + ToolNode (the floor)": floor,
        "the same graph, replay through LangGraph": partial(replayed_graph, "same", False),
        "the same graph, replay turbo": partial(replayed_graph, "same turbo", True),
        "the same graph, recorded on disk": recorded_same,
        "an ask, replay through LangGraph": partial(replayed, "run", False),
        "an ask, replay --turbo": partial(replayed, "turbo", True),
        "an ask, the long way through LangGraph": partial(long, "long", run),
        "an ask, the long way --turbo": partial(long, "long-turbo", turbo),
        "of a replay: reading the trace": read,
        "an ask, recorded on disk": recorded,
        "the same ask, its trace in memory alone": in_memory,
        "the same ask, nothing recorded or hashed": unrecorded,
    }
    if agent is not None:
        work["langchain create_agent, nothing recorded"] = langchain
    spent = {name: [] for name in work}

    async def waited(task, turns):
        for n in turns:
            await task(n)

    for turn in range(ROUNDS + 1):
        for name, task in work.items():
            turns = range(turn * count, (turn + 1) * count)
            waits = asyncio.iscoroutinefunction(getattr(task, "func", task))
            gc.collect()
            began = time.process_time()
            if waits:
                runner.run(waited(task, turns))
            else:
                for n in turns:
                    task(n)
            if turn:  # the first round imports, compiles and warms up
                spent[name].append(1000 * (time.process_time() - began) / count)
    best = {name: min(values) for name, values in spent.items()}
    base = best[next(iter(work))]
    table(
        [
            "one job (3 model requests, 2 tool calls)",
            "CPU ms, best",
            "median",
            "times the floor's speed",
        ],
        [
            [
                name,
                f"{best[name]:.2f}",
                f"{statistics.median(values):.2f}",
                f"{base / best[name]:.2f}",
            ]
            for name, values in spent.items()
        ],
    )
    asked, bare = best["an ask, recorded on disk"], best["the same ask, nothing recorded or hashed"]
    kept = best["the same ask, its trace in memory alone"]
    small = TraceStore(folder / "small", fsync=False)
    runner.run(asked_small(small, count))
    lines = sum(path.stat().st_size for path in small.folder.glob("*.jsonl")) / count
    blobs = sum(path.stat().st_size for path in small.folder.rglob("*.json")) / count
    longest = runner.run(long_trace(folder / "long"))
    names = ("langgraph", "langchain-core", "pydantic", "orjson", "langchain")
    table(
        ["", ""],
        [
            ["recording costs, of an ask that is not recorded", f"{asked / bare - 1:.1%}"],
            [
                "writing to disk costs, of an ask whose trace is in memory",
                f"{asked / kept - 1:.1%}",
            ],
            [
                "bytes of such a trace: lines + blobs, of its own or shared among the traces",
                f"{lines:.0f} + {blobs:.0f}",
            ],
            ["bytes of a trace with 30 calls, blobs included", f"{longest:,}"],
            ["traces, rounds", f"{count}, {ROUNDS}"],
            ["versions", ", ".join([f"Python {platform.python_version()}", *map(version, names)])],
        ],
    )


async def asked_small(store, count):
    for n in range(count):
        await ask(n, Recorder(store), f"t{n}")


async def long_trace(folder):
    """Bytes of a run with 30 calls: 15 model requests, 15 tool calls."""
    turns = [calls(("calculator", {"expression": f"{n} + 1"})) for n in range(15)]
    model = ScriptedModel(*turns[:15], says("done"), *[drafts(("It is 15.",))] * 3)
    limits = Limits(requests=40, tool_calls=40)
    start = start_of(1, model, "long").model_copy(update={"limits": limits.model_dump(mode="json")})
    answer = await run(start, LiveCalls(model, 120), TOOLS, Recorder(TraceStore(folder)))
    assert len(answer.trace.steps) >= 30
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def version(name):
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return f"no {name}"


if __name__ == "__main__":
    main()
