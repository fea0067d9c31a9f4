"""What a recording and a replay cost: CPU time beside plain LangGraph, in one process, interleaved.

    python bench/speed.py [TRACES]

One job everywhere: three model requests, a retrieving tool and a calculator, canned. The floor is
the smallest LangGraph that does it: StateGraph, ToolNode, a fake LangChain model. "The same graph"
is that one, recorded by `record(graph)`; "an ask" is our own graph, which besides plans, packs,
drafts and verifies citations and numbers. Every trace is another question about another document,
and is replayed once: a process that replays a folder remembers prompts and tools, but no document,
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
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool as lc_tool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from scripted import ScriptedModel, calls, drafts, says
from workings.evals.replay import areplay, replay
from workings.graphs.hashed import Hashed
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.prompts import SYSTEM
from workings.graphs.recorder import Recorder
from workings.graphs.recording import record
from workings.graphs.run import run
from workings.graphs.steps import Start
from workings.graphs.store import TraceStore
from workings.graphs.tape import tape
from workings.graphs.trace import Trace
from workings.tools.calculator import calculator_tool
from workings.tools.documents import Passage
from workings.tools.tool import ToolResult, tool

ROUNDS = 8
turbo = partial(run, turbo=True)


def text_of(n):
    return (
        f"Arden {n} Ltd annual report. Revenue for the year 2021 was {400 + n}.5 million; for 2022"
        f" it was 467.25 million. Operating margin rose to 14.2 percent. The board recommends a"
        f" dividend of 3 pence per share. "
    ) * 4


def question(n):
    return f"What was the total revenue of Arden {n} Ltd over 2021 and 2022, in millions?"


def answer_text(n):
    return (
        f"Revenue was {400 + n}.5 million in 2021 and 467.25 million in 2022, so the total is"
        f" {867 + n}.75 million."
    )


@tool
async def search_documents(query: str) -> ToolResult:
    """Search the documents."""
    n = int(query.split()[-1])
    passage = Passage(
        id=f"d{n}-3-1",
        document=f"report-{n}.pdf",
        document_id=f"d{n}",
        title="Report",
        page=3,
        page_label="1",
        text=text_of(n),
    )
    return ToolResult(passages=(passage,))


TOOLS = {"search_documents": search_documents, "calculator": calculator_tool()}


def script(n):
    quote = f"Revenue for the year 2021 was {400 + n}.5 million; for 2022 it was 467.25 million"
    return [
        calls(("search_documents", {"query": f"revenue of Arden {n}"})),
        calls(("calculator", {"expression": f"{400 + n}.5 + 467.25"})),
        drafts((answer_text(n), "1", quote)),
    ]


def start_of(n, model, id):
    return Start(
        id=id,
        created="2026-01-01T00:00:00+00:00",
        question=question(n),
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        limits=Limits().model_dump(mode="json"),
        options={
            "today": "2026-01-01",
            "documents": [{"name": f"report-{n}.pdf", "title": "Report"}],
        },
        tools=tuple({**item.schema(), "effect": item.effect} for item in TOOLS.values()),
    )


async def ask(n, recorder, id):
    model = ScriptedModel(*script(n))
    return await run(start_of(n, model, id), LiveCalls(model, 120), TOOLS, recorder)


class Unrecorded(Recorder):
    """Keeps the steps, which the answer counts, and does nothing else."""

    def start(self, start):
        self._start = start

    def request(self, step):
        self._steps[step.index] = step

    result = request

    def wrote(self, *_):
        pass

    def end(self, answer=None, error=None):
        self._answer, self._ended = answer, True
        return self.trace


class Plain:
    """While it lasts nothing is hashed either: the graph as if it knew nothing of traces."""

    def __enter__(self):
        self.kept = Hashed.request_key, Hashed.writes, Hashed.tool_key
        Hashed.request_key = Hashed.writes = Hashed.tool_key = lambda *_: ""

    def __exit__(self, *_):
        Hashed.request_key, Hashed.writes, Hashed.tool_key = self.kept


class Canned(BaseChatModel):
    model: str = "canned-1"

    @property
    def _llm_type(self):
        return "canned"

    def _reply(self, messages):
        n = int(messages[1].content.split()[7])
        turn = sum(message.type == "ai" for message in messages)
        usage = {"input_tokens": 310, "output_tokens": 28, "total_tokens": 338}
        asked = [
            ("search", {"query": f"revenue of Arden {n}"}),
            ("reckon", {"expression": f"{400 + n}.5 + 467.25"}),
        ]
        if turn < 2:
            call = {
                "name": asked[turn][0],
                "args": asked[turn][1],
                "id": f"c{turn}",
                "type": "tool_call",
            }
            message = AIMessage("", tool_calls=[call], usage_metadata=usage)
        else:
            message = AIMessage(answer_text(n), usage_metadata=usage)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _generate(self, messages, stop=None, run_manager=None, **keywords):
        return self._reply(messages)

    async def _agenerate(self, messages, stop=None, run_manager=None, **keywords):
        return self._reply(messages)

    def bind_tools(self, tools, **keywords):
        return self.bind(tools=[convert_to_openai_tool(item) for item in tools], **keywords)


@lc_tool
def search(query: str) -> str:
    """Retrieve the passages that are most relevant for the query."""
    return text_of(int(query.split()[-1]))


@lc_tool
def reckon(expression: str) -> str:
    """Evaluate an arithmetic expression exactly."""
    left, _, right = expression.split()
    return str(float(left) + float(right))


def floor_graph():
    bound = Canned().bind_tools([search, reckon])

    def agent(state):
        return {"messages": [bound.invoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", ToolNode([search, reckon]))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    return graph.compile()


def create_agent():
    try:
        from langchain.agents import create_agent as make
    except ImportError:
        return None
    return make(Canned(), [search, reckon], system_prompt=SYSTEM)


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
