"""Any graph of a user's is recorded and replayed: what breaks the closest rival, and the rest."""

import asyncio
import operator
import time
from typing import Annotated, Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import ToolException, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition
from langgraph.types import Command, RetryPolicy, Send, interrupt
from pydantic import BaseModel
from typing_extensions import TypedDict
from workings.evals.app import load_app
from workings.evals.recorded import Diverged
from workings.evals.replay import areplay
from workings.graphs.recording import nondet, record
from workings.graphs.store import TraceStore
from workings.graphs.trace import ModelStep, ToolStep, Trace
from workings.tools.errors import SettingsError, TraceError

USAGE = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
made = {"calls": 0}


class Fake(BaseChatModel):
    """Answers by a function of the messages; counts how often it was really asked."""

    model: str = "fake-1"
    answer: Any = None
    pieces: tuple[Any, ...] = ()

    @property
    def _llm_type(self):
        return "fake"

    def _generate(self, messages, stop=None, run_manager=None, **keywords):
        made["calls"] += 1
        message = self.answer(messages)
        if isinstance(message, Exception):
            raise message
        return ChatResult(generations=[ChatGeneration(message=message)], llm_output={"id": "x1"})

    def bind_tools(self, tools, **keywords):
        from langchain_core.utils.function_calling import convert_to_openai_tool

        return self.bind(tools=[convert_to_openai_tool(one) for one in tools], **keywords)


class Streaming(Fake):
    """The same in pieces."""

    def _stream(self, messages, stop=None, run_manager=None, **keywords):
        made["calls"] += 1
        for piece in self.pieces:
            if isinstance(piece, Exception):
                raise piece
            message = piece if isinstance(piece, AIMessageChunk) else AIMessageChunk(piece)
            yield ChatGenerationChunk(message=message)


class Async(Streaming):
    async def _agenerate(self, messages, stop=None, run_manager=None, **keywords):
        await asyncio.sleep(0)
        return self._generate(messages)

    async def _astream(self, messages, stop=None, run_manager=None, **keywords):
        for chunk in self._stream(messages):
            await asyncio.sleep(0)
            yield chunk


@pytest.fixture(autouse=True)
def fresh():
    made["calls"] = 0


def echo(messages):
    return AIMessage("re:" + str(messages[-1].content))


async def same(recorded, graph=None, **keywords):
    """The replay of the last run, after which the model was not asked again."""
    before = made["calls"]
    result = await areplay(recorded.trace, graph=graph or recorded, **keywords)
    assert made["calls"] == before
    return result


async def assert_same(recorded):
    result = await same(recorded)
    assert result.status == "identical", "\n".join(map(str, result.divergences))
    return result


def fan(delays):
    """Two branches that ask at the same time."""

    def answer(messages):
        time.sleep(delays.get(messages[-1].content, 0))
        return echo(messages)

    model = Fake(answer=answer)
    graph = StateGraph(MessagesState)
    for name in "ab":
        graph.add_node(
            name, lambda s, name=name: {"messages": [model.invoke([HumanMessage(name)])]}
        )
        graph.add_edge(START, name)
        graph.add_edge(name, END)
    return graph.compile()


async def test_parallel_branches_that_end_in_another_order_are_no_divergence():
    recorded = record(fan({"a": 0.05}))
    recorded.invoke({"messages": []})
    for _ in range(20):
        assert (await same(recorded, fan({"b": 0.01}))).status == "identical"


@tool
def boom(x: int) -> str:
    """Fail."""
    made["calls"] += 1
    raise ValueError(f"bad {x}")


@tool
def refuse(x: int) -> str:
    """Refuse."""
    made["calls"] += 1
    raise ToolException(f"no {x}")


refuse.handle_tool_error = True


@tool(response_format="content_and_artifact")
def find(query: str):
    """Find."""
    made["calls"] += 1
    return f"text of {query}", {"docs": [1, 2], "pair": (1, 2)}


@tool
async def slow(query: str) -> dict[str, Any]:
    """Look up slowly."""
    made["calls"] += 1
    await asyncio.sleep(0.01 if query == "a" else 0)
    return {"found": query}


def react(model, tools, **options):
    bound = model.bind_tools(tools)
    graph = StateGraph(MessagesState)
    graph.add_node("agent", lambda s: {"messages": [bound.invoke(s["messages"])]}, **options)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    return graph.compile()


def asks(*calls):
    """A model that asks for these tools at once, then stops."""

    def answer(messages):
        if messages[-1].type == "tool":
            said = "; ".join(str(m.content) for m in messages if m.type == "tool")
            return AIMessage(
                said, usage_metadata=USAGE, response_metadata={"finish_reason": "stop"}
            )
        wanted = [
            {"name": name, "args": arguments, "id": f"service-{place}", "type": "tool_call"}
            for place, (name, arguments) in enumerate(calls)
        ]
        return AIMessage("", tool_calls=wanted, usage_metadata=USAGE)

    return Fake(answer=answer)


async def test_a_tool_that_raised_is_recorded_and_raises_again():
    recorded = record(react(asks(("boom", {"x": 1}), ("refuse", {"x": 2})), [boom, refuse]))
    before = recorded.invoke({"messages": [("user", "go")]})
    tools = [step for step in recorded.trace.steps if isinstance(step, ToolStep)]
    assert sorted(step.error.type for step in tools) == ["ToolException", "ValueError"]
    assert "ValueError('bad 1')" in before["messages"][-1].content
    await assert_same(recorded)


@pytest.mark.parametrize("kind", [Streaming, Async])
@pytest.mark.parametrize("mode", ["messages", "values", ["updates", "messages"]])
async def test_the_pieces_of_a_stream_come_again_as_they_came(kind, mode):
    model = kind(pieces=("one ", "two ", "three ", "four"), answer=echo)
    graph = StateGraph(MessagesState)
    graph.add_node("a", lambda s: {"messages": [model.invoke(s["messages"])]})
    graph.add_edge(START, "a")
    graph = graph.compile()
    asked = {"messages": [HumanMessage("hi", id="h1")]}
    native = texts(graph.stream(asked, stream_mode=mode))
    recorded = record(graph)
    assert texts(recorded.stream(asked, stream_mode=mode)) == native
    step = recorded.trace.steps[0]
    if mode != "values":
        assert [step.reply.content, *step.reply.chunks] == ["one two three four", 4, 4, 6, 4]
    heard = []
    original = type(recorded.graph).stream

    class Listening(type(recorded.graph)):
        def stream(self, *arguments, **keywords):
            for piece in original(self, *arguments, **keywords):
                heard.append(piece)
                yield piece

    graph.__class__ = Listening
    await assert_same(recorded)
    assert texts(heard) == native


def texts(pieces):
    """Everything that was heard but for ids."""
    return [
        [
            (part.content, getattr(part, "chunk_position", None))
            for part in (item if isinstance(item, tuple) else [item])
            if hasattr(part, "content")
        ]
        for item in pieces
    ]


async def test_a_stream_that_broke_off_breaks_off_again():
    model = Streaming(pieces=("one ", "two ", TimeoutError("late")), answer=echo)
    heard = []

    def node(state):
        try:
            for piece in model.stream("hi"):
                heard.append(piece.content)
        except TimeoutError as error:
            heard.append(repr(error))
        return {"messages": [AIMessage("".join(heard))]}

    graph = StateGraph(MessagesState).add_node("a", node).add_edge(START, "a").compile()
    recorded = record(graph)
    recorded.invoke({"messages": []})
    before, heard[:] = list(heard), []
    await assert_same(recorded)
    assert heard == before == ["one ", "two ", "TimeoutError('late')"]


async def test_pieces_of_tool_calls_and_usage_come_again():
    pieces = (
        AIMessageChunk(
            "", tool_call_chunks=[{"name": "find", "args": '{"que', "id": "s1", "index": 0}]
        ),
        AIMessageChunk(
            "", tool_call_chunks=[{"name": None, "args": 'ry": "q"}', "id": None, "index": 0}]
        ),
        AIMessageChunk("", usage_metadata=USAGE, response_metadata={"finish_reason": "tool_calls"}),
    )
    heard = []
    model = Streaming(pieces=pieces, answer=echo)

    def node(state):
        heard.append([chunk.model_copy(update={"id": None}) for chunk in model.stream("hi")])
        return {"messages": []}

    recorded = record(StateGraph(MessagesState).add_node("a", node).add_edge(START, "a").compile())
    recorded.invoke({"messages": []})
    await assert_same(recorded)
    assert heard[0] == heard[1]
    reply = recorded.trace.steps[0].reply
    assert (reply.tool_requests[0].arguments, reply.finish) == ('{"query":"q"}', "tool_calls")


async def test_an_artifact_is_kept_and_given_again():
    recorded = record(react(asks(("find", {"query": "x"})), [find]))
    before = recorded.invoke({"messages": [("user", "go")]})
    assert before["messages"][2].artifact == {"docs": [1, 2], "pair": (1, 2)}
    await assert_same(recorded)
    outcome = []
    graph = react(asks(("find", {"query": "x"})), [find])
    graph.__class__ = type(
        "Kept",
        (type(graph),),
        {"invoke": lambda s, *a, **k: outcome.append(super(type(graph), s).invoke(*a, **k))},
    )
    await same(recorded, graph)
    assert outcome[0]["messages"][2].artifact == before["messages"][2].artifact
    assert outcome[0]["messages"][3].response_metadata == before["messages"][3].response_metadata


async def test_parallel_tools_in_an_async_graph():
    calls = [("slow", {"query": "a"}), ("slow", {"query": "b"}), ("find", {"query": "c"})]
    model = asks(*calls)
    bound = Async(answer=model.answer).bind_tools([slow, find])

    async def agent(state):
        return {"messages": [await bound.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState)
    graph.add_node("agent", agent)
    graph.add_node("tools", ToolNode([slow, find]))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", tools_condition)
    graph.add_edge("tools", "agent")
    recorded = record(graph.compile())
    await recorded.ainvoke({"messages": [("user", "go")]})
    assert [step.kind for step in recorded.trace.steps] == [
        "model",
        "tool",
        "tool",
        "tool",
        "model",
    ]
    await assert_same(recorded)


class Out(BaseModel):
    x: int


async def test_structured_output_retries_and_errors():
    tries = []

    def answer(messages):
        tries.append(1)
        if len(tries) < 3:
            return ConnectionError(f"try {len(tries)}")
        call = {"name": "Out", "args": {"x": 7}, "id": "o1", "type": "tool_call"}
        return AIMessage("", tool_calls=[call])

    model = Fake(answer=answer).with_structured_output(Out)
    graph = StateGraph(dict)
    policy = RetryPolicy(initial_interval=0.001, max_attempts=5)
    graph.add_node("a", lambda s: {"out": model.invoke("how many?").x}, retry_policy=policy)
    graph.add_edge(START, "a")
    recorded = record(graph.compile())
    assert recorded.invoke({})["out"] == 7
    kinds = [step.error.type if step.error else "ok" for step in recorded.trace.steps]
    assert kinds == ["ConnectionError", "ConnectionError", "ok"]
    await assert_same(recorded)


async def test_subgraphs_and_sends_have_places_of_their_own():
    class Inner(TypedDict):
        topic: str
        found: Annotated[list[str], operator.add]

    model = Fake(answer=lambda messages: AIMessage(f"{messages[-1].content} {made['calls']}"))

    def think(state):
        time.sleep(0.01 * (3 - len(state["topic"])))
        return {"found": [model.invoke("same question").content]}

    inner = StateGraph(Inner).add_node("think", think).add_edge(START, "think").compile()

    class Outer(TypedDict):
        found: Annotated[list[str], operator.add]

    graph = StateGraph(Outer)
    graph.add_node("research", inner)
    graph.add_node("end", lambda s: {"found": [f"{len(s['found'])} found"]})
    graph.add_conditional_edges(
        START, lambda s: [Send("research", {"topic": "x" * n, "found": []}) for n in range(3)]
    )
    graph.add_edge("research", "end")
    recorded = record(graph.compile())
    recorded.invoke({"found": []})
    places = {step.node for step in recorded.trace.steps}
    assert places == {f"research[{n}]/think" for n in range(3)}
    for _ in range(5):
        await assert_same(recorded)


async def test_a_command_that_moves_the_graph_and_a_tool_that_gives_one():
    @tool
    def handoff() -> Command:
        """Hand over."""
        return Command(goto="expert", update={"messages": [AIMessage("handed over")]}, graph=None)

    def first(state):
        return handoff.invoke({})

    graph = StateGraph(MessagesState)
    graph.add_node("first", first, destinations=("expert",))
    graph.add_node("expert", lambda s: {"messages": [AIMessage("here")]})
    graph.add_edge(START, "first")
    recorded = record(graph.compile())
    assert recorded.invoke({"messages": []})["messages"][-1].content == "here"
    await assert_same(recorded)


async def test_the_clock_ids_and_chance_are_those_of_the_record():
    seen = []

    def node(state):
        seen.append((nondet.now(), nondet.uuid4(), nondet.random(), nondet.time()))
        return {"messages": [AIMessage(str(seen[-1]))]}

    recorded = record(StateGraph(MessagesState).add_node("a", node).add_edge(START, "a").compile())
    recorded.invoke({"messages": []})
    await assert_same(recorded)
    assert seen[0] == seen[1]
    assert nondet.random() != nondet.random()


async def test_a_changed_prompt_is_named():
    def build(prompt):
        model = Fake(answer=echo)
        graph = StateGraph(MessagesState)
        graph.add_node(
            "a", lambda s: {"messages": [model.invoke([SystemMessage(prompt), *s["messages"]])]}
        )
        return graph.add_edge(START, "a").compile()

    recorded = record(build("Be brief."))
    recorded.invoke({"messages": [("user", "hi")]})
    result = await same(recorded, build("Be thorough."))
    assert not result.ok
    first = result.divergences[0]
    assert (first.kind, first.node, first.path) == ("prompt_changed", "a", "/messages/0/content")
    assert "brief" in first.before and "thorough" in first.after


async def test_a_divergence_that_the_graph_swallows_is_still_told():
    swallowed = []

    def build(text):
        model = Fake(answer=echo)

        def node(state):
            try:
                return {"messages": [model.invoke(text)]}
            except Diverged as divergence:
                swallowed.append(divergence)
                return {"messages": [AIMessage("fallback")]}

        return StateGraph(MessagesState).add_node("a", node).add_edge(START, "a").compile()

    recorded = record(build("one"))
    recorded.invoke({"messages": []})
    assert (await same(recorded, build("two"))).divergences[0].kind == "prompt_changed"
    assert swallowed


async def test_changed_code_after_the_same_calls_is_named():
    def build(suffix):
        model = Fake(answer=echo)
        graph = StateGraph(MessagesState)
        graph.add_node("a", lambda s: {"messages": [model.invoke("hi").content + suffix]})
        return graph.add_edge(START, "a").compile()

    recorded = record(build(""))
    recorded.invoke({"messages": []})
    kinds = [item.kind for item in (await same(recorded, build("!"))).divergences]
    assert kinds[0] == "state_write_changed"
    assert "answer_changed" in kinds


async def test_a_run_that_fails_fails_again():
    model = Fake(answer=lambda _: KeyError("nobody"))
    graph = StateGraph(MessagesState)
    graph.add_node("a", lambda s: {"messages": [model.invoke("hi")]})
    recorded = record(graph.add_edge(START, "a").compile())
    with pytest.raises(KeyError, match="nobody"):
        recorded.invoke({"messages": []})
    assert recorded.trace.status == "failed"
    await assert_same(recorded)


async def test_an_error_of_a_type_that_is_not_built_in_keeps_its_name():
    class RateLimited(Exception):
        pass

    seen = []

    def node(state):
        try:
            model.invoke("hi")
        except Exception as error:
            seen.append(
                (type(error).__name__, str(error), repr(error), isinstance(error, RateLimited))
            )
        return {"messages": [AIMessage(seen[-1][2])]}

    model = Fake(answer=lambda _: RateLimited("slow down"))
    graph = StateGraph(MessagesState).add_node("a", node).add_edge(START, "a").compile()
    recorded = record(graph)
    recorded.invoke({"messages": []})
    await assert_same(recorded)
    assert seen[1] == (*seen[0][:3], False)
    named = record(graph, types=[RateLimited])
    named.invoke({"messages": []})
    assert (await same(named, types=[RateLimited])).ok
    assert seen[-1] == seen[-2] == seen[0]


async def test_content_blocks_names_and_kwargs_of_messages_are_in_the_key():
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}

    def build(block, name):
        model = Fake(answer=echo)
        messages = [HumanMessage([{"type": "text", "text": "see"}, block], name=name)]
        graph = StateGraph(MessagesState)
        graph.add_node("a", lambda s: {"messages": [model.invoke(messages)]})
        return graph.add_edge(START, "a").compile()

    recorded = record(build(image, "ann"))
    recorded.invoke({"messages": []})
    await assert_same(recorded)
    other = {"type": "image_url", "image_url": {"url": "data:image/png;base64,BBBB"}}
    assert not (await same(recorded, build(other, "ann"))).ok
    assert not (await same(recorded, build(image, "bob"))).ok


async def test_many_runs_at_once_do_not_mix(tmp_path):
    model = Async(answer=echo)

    async def node(state):
        await asyncio.sleep(0)
        return {"messages": [await model.ainvoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("a", node).add_edge(START, "a").compile()
    recorded = record(graph, tmp_path)

    async def one(n):
        await recorded.ainvoke({"messages": [("user", f"q{n}")]})
        return recorded.trace

    traces = await asyncio.gather(*(one(n) for n in range(20)))
    assert [trace.answer.text for trace in traces] == [f"re:q{n}" for n in range(20)]
    assert all(len(trace.steps) == 1 for trace in traces)
    assert len(TraceStore(tmp_path).list()) == 20
    for path in tmp_path.glob("*.jsonl"):
        assert (await areplay(path, graph=graph)).status == "identical"


async def test_a_listener_is_no_part_of_the_run():
    model = Fake(answer=echo)
    graph = StateGraph(MessagesState)
    graph.add_node("a", lambda s: {"messages": [model.invoke(s["messages"])]})
    recorded = record(graph.add_edge(START, "a").compile())
    for _ in recorded.stream({"messages": [("user", "hi")]}):
        model.invoke("mine")
    async for _ in recorded.astream({"messages": [("user", "hi")]}):
        await model.ainvoke("mine")
    assert len(recorded.trace.steps) == 1
    await assert_same(recorded)


async def test_a_model_with_state_of_its_own_keeps_it():
    from langchain_core.language_models.fake_chat_models import FakeListChatModel

    model = FakeListChatModel(responses=["one", "two"])
    graph = StateGraph(MessagesState)
    graph.add_node("a", lambda s: {"messages": [model.invoke("x"), model.invoke("x")]})
    recorded = record(graph.add_edge(START, "a").compile())
    out = recorded.invoke({"messages": []})
    assert [m.content for m in out["messages"]] == ["one", "two"]
    await assert_same(recorded)


async def test_a_run_that_waits_for_a_person_and_one_that_goes_on():
    def node(state):
        return {"messages": [AIMessage(interrupt("may I?"))]}

    graph = StateGraph(MessagesState).add_node("a", node).add_edge(START, "a")
    recorded = record(graph.compile(checkpointer=InMemorySaver()))
    config = {"configurable": {"thread_id": "t"}}
    assert "__interrupt__" in recorded.invoke({"messages": []}, config)
    await assert_same(recorded)
    assert recorded.invoke(Command(resume="yes"), config)["messages"][-1].content == "yes"
    result = await areplay(recorded.trace, graph=recorded)
    assert result.status == "broken"
    assert "checkpoint" in result.divergences[0].after


async def test_secrets_are_in_nothing_that_is_written(tmp_path):
    key = "sk-abcdefgh12345678ijklmnop"
    model = Streaming(answer=echo, pieces=("my key is sk-abcdefgh", "12345678ijklmnop ok"))
    graph = StateGraph(MessagesState)
    graph.add_node(
        "a", lambda s: {"messages": ["".join(c.text for c in model.stream(s["messages"]))]}
    )
    recorded = record(graph.add_edge(START, "a").compile(), tmp_path)
    recorded.invoke({"messages": [("user", f"it is {key}")]})
    assert all(b"sk-abcdefgh" not in p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    await assert_same(recorded)


def test_what_is_no_graph_is_refused():
    with pytest.raises(SettingsError, match="compile"):
        record(StateGraph(MessagesState))
    with pytest.raises(SettingsError, match="module:attribute"):
        load_app("nonsense")
    with pytest.raises(SettingsError, match="nothing_here"):
        load_app("nothing_here_at_all:graph")
    with pytest.raises(TraceError):
        _ = record(fan({})).trace


async def test_a_trace_is_read_from_disk_and_replayed(tmp_path):
    recorded = record(react(asks(("find", {"query": "x"})), [find]), tmp_path)
    recorded.invoke({"messages": [("user", "go")]})
    (path,) = tmp_path.glob("*.jsonl")
    trace = Trace.load(path)
    assert trace.question == "go"
    assert [type(step) for step in trace.steps] == [ModelStep, ToolStep, ModelStep]
    assert (await areplay(path, graph=recorded)).status == "identical"
