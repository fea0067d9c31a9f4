"""Graphs of a user's, one of each shape, that know no Workings: for the bench of recordings.

`build(n)` makes the graph anew; n only decides how long its parts wait.
"""

import asyncio
import operator
import time
from typing import Annotated

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import RetryPolicy, Send
from test_recording import (
    Async,
    Fake,
    Out,
    Streaming,
    asks,
    boom,
    echo,
    fan,
    find,
    react,
    refuse,
    slow,
)
from typing_extensions import TypedDict
from workings.graphs.recording import nondet


def say(node):
    return StateGraph(MessagesState).add_node("say", node).add_edge(START, "say").compile()


def branches(n):
    return fan({"a": 0.002 * (n % 2), "b": 0.002 * (n % 3)})


def streamed(n):
    model = Streaming(pieces=("one ", "two ", "three ", "four"), answer=echo)
    return say(lambda state: {"messages": [model.invoke(state["messages"])]})


def broken(n):
    model = Streaming(pieces=("one ", TimeoutError("late")), answer=echo)

    def node(state):
        heard = []
        try:
            for piece in model.stream("hi"):
                heard.append(piece.text)
        except TimeoutError as error:
            heard.append(repr(error))
        return {"messages": [AIMessage("".join(heard))]}

    return say(node)


def parallel_async(n):
    model = asks(("slow", {"query": "a"}), ("slow", {"query": "b"}), ("find", {"query": "c"}))
    bound = Async(answer=model.answer).bind_tools([slow, find])
    graph = react(model, [slow, find])
    builder = graph.builder

    async def agent(state):
        await asyncio.sleep(0.001 * (n % 3))
        return {"messages": [await bound.ainvoke(state["messages"])]}

    fresh = StateGraph(MessagesState)
    fresh.add_node("agent", agent)
    fresh.add_node("tools", builder.nodes["tools"].runnable)
    fresh.add_edge(START, "agent")
    fresh.add_edge("tools", "agent")
    fresh.add_conditional_edges(
        "agent", lambda s: "tools" if s["messages"][-1].tool_calls else "__end__"
    )
    return fresh.compile()


def retried(n):
    tries = []

    def answer(messages):
        tries.append(1)
        if len(tries) < 3:
            return ConnectionError(f"try {len(tries)}")
        return AIMessage("", tool_calls=[{"name": "Out", "args": {"x": 7}, "id": "o1"}])

    model = Fake(answer=answer).with_structured_output(Out)
    graph = StateGraph(dict)
    policy = RetryPolicy(initial_interval=0.001, jitter=False, max_attempts=5)
    graph.add_node("a", lambda s: {"out": model.invoke("how many?").x}, retry_policy=policy)
    return graph.add_edge(START, "a").compile()


def sent(n):
    class Inner(TypedDict):
        topic: str
        found: Annotated[list[str], operator.add]

    class Outer(TypedDict):
        found: Annotated[list[str], operator.add]

    chances = iter(range(100 * n, 100 * n + 100))
    model = Fake(answer=lambda messages: AIMessage(f"{messages[-1].content} {next(chances)}"))

    def think(state):
        time.sleep(0.001 * ((n + len(state["topic"])) % 3))
        return {"found": [model.invoke("same question").content]}

    inner = StateGraph(Inner).add_node("think", think).add_edge(START, "think").compile()
    graph = StateGraph(Outer)
    graph.add_node("research", inner)
    graph.add_node("end", lambda s: {"found": [f"{len(s['found'])} found"]})
    graph.add_conditional_edges(
        START, lambda s: [Send("research", {"topic": "x" * k, "found": []}) for k in range(3)]
    )
    return graph.add_edge("research", "end").compile()


def chance(n):
    return say(
        lambda s: {"messages": [AIMessage(f"{nondet.now()} {nondet.uuid4()} {nondet.random()}")]}
    )


def failing(n):
    model = Fake(answer=lambda _: KeyError("nobody"))
    quick = Fake(answer=echo)
    graph = StateGraph(MessagesState)
    graph.add_node("fails", lambda s: {"messages": [model.invoke("hi")]})

    def waits(state):
        time.sleep(0.001 * (n % 4))
        return {"messages": [quick.invoke("ho")]}

    graph.add_node("waits", waits)
    return graph.add_edge(START, "fails").add_edge(START, "waits").compile()


def hello(n):
    return {"messages": [HumanMessage(f"go {n}")]}


def tools(*calls):
    known = {"boom": boom, "refuse": refuse, "find": find}
    return lambda n: react(asks(*calls), [known[name] for name, _ in calls])


SHAPES = {
    "parallel branches": (branches, lambda n: {"messages": []}),
    "parallel tools, async": (parallel_async, hello),
    "tools that raise": (tools(("boom", {"x": 1}), ("refuse", {"x": 2})), hello),
    "artifacts": (tools(("find", {"query": "x"})), hello),
    "streams": (streamed, hello),
    "streams that break off": (broken, hello),
    "retries, structured output": (retried, lambda n: {}),
    "subgraphs by Send": (sent, lambda n: {"found": []}),
    "clock and chance": (chance, hello),
    "a branch that fails": (failing, hello),
}
ASYNC = {"parallel tools, async"}
STREAMED = {"streams"}
