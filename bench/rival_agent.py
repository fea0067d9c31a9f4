"""A small LangGraph agent that every rival can run, and changes of it, each with the call it is at.

Knows no rival and no Workings: an agent of plain LangGraph and ChatOpenAI, a loopback server that
plays the model, and the mutants as settings of the agent. The calls of a run are counted from 1,
model and tool calls together.
"""

import http.server
import json
import threading
from dataclasses import dataclass, field
from typing import Annotated

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

PROMPT = (
    "You are a careful assistant. Use retrieve for documents and calculator for arithmetic. Cite"
    " documents in square brackets. Show your working. If documents disagree, say so. Never invent"
    " a number; compute it with the calculator."
)
QUESTION = "What was the total revenue of Arden over both years, in millions?"
LOOK = ("retrieve", {"query": "revenue 2021"})
AGAIN = ("retrieve", {"query": "revenue 2022"})
SUM = ("calculator", {"expression": "412.5 + 467.25"})
NEXT = ("retrieve", {"query": "outlook"})
SCRIPTS = {
    "one call": [[LOOK]],
    "two in turn": [[LOOK], [SUM]],
    "two at once": [[LOOK, AGAIN], [SUM]],
    "three at once": [[LOOK, AGAIN, SUM]],
    "four at once": [[LOOK, AGAIN, SUM, NEXT]],
    "four turns": [[LOOK], [AGAIN], [SUM], [NEXT]],
}
"""What the model asks for at each turn; then it answers."""
FINAL = json.dumps({"answer": "The total is 879.75 million [D17].", "value": "879.75"})


def answer_in(text):
    return json.loads(text)["answer"]


@dataclass(frozen=True)
class Change:
    """What is otherwise in today's agent; all of it as it was where nothing is given."""

    prompt: str = PROMPT
    described: dict = field(default_factory=dict)
    """Descriptions of tools, by name."""
    name: str = "m-1"
    params: dict = field(default_factory=dict)
    arguments: tuple = ()
    """(number of the tool call from 0, function of its arguments)."""
    content: tuple = ()
    """(number of the tool call, function of the text that goes into its message)."""
    called: tuple = ()
    """(number of the tool call, name of the tool that is called in its place)."""
    result: tuple = ()
    """(number of the tool call, function of its result): another fact, not other code."""
    turn_order: tuple = ()
    """(turn, order of its tool calls)."""
    same_messages: bool = False
    """Their messages stay in the order of the calls that were asked for."""
    route: tuple = ()
    """(turn, node that follows it)."""
    extra_model: int | None = None
    """Turn before which the model is asked once more."""
    extra_tool: tuple = ()
    """(number of the tool call, call before it)."""
    without: tuple = ()
    """(number of the tool call that is not made, what its message says)."""
    reducer: object = add_messages
    parse: object = answer_in


@dataclass(frozen=True)
class Mutant:
    """One change of a run, and the calls at which naming it counts as right."""

    kind: str
    of: str
    change: Change
    calls: frozenset


@tool
def retrieve(query: str) -> str:
    """Retrieve the passages that are most relevant for the query."""
    return f"[D17] Arden. {query}: 412.5 million in 2021, 467.25 million in 2022. " * 3


@tool
def calculator(expression: str) -> str:
    """Evaluate an arithmetic expression exactly."""
    left, _, right = expression.partition(" + ")
    return str(float(left) + float(right)) if right else left


@tool
def lookup(query: str = "", expression: str = "") -> str:
    """Look a word up."""
    return "a word"


def given():
    return {"messages": [HumanMessage(QUESTION)]}


def build(url, change, wrap_model=lambda m: m, wrap_tool=lambda t: t):
    """The agent, compiled; a rival may wrap the model and each tool."""
    tools = []
    for item in (retrieve, calculator, lookup):
        text = change.described.get(item.name, item.description)
        tools.append(item.model_copy(update={"description": text}))
    model = ChatOpenAI(
        model=change.name, base_url=url, api_key="none", max_retries=0, **change.params
    )
    hands = {item.name: wrap_tool(item) for item in tools}
    bound = wrap_model(model).bind_tools(list(hands.values()))

    class State(TypedDict):
        messages: Annotated[list[AnyMessage], change.reducer]
        answer: str
        made: int

    def turn_of(state):
        return sum(message.type == "ai" for message in state["messages"])

    def agent(state):
        if change.extra_model == turn_of(state):
            bound.invoke([HumanMessage("Is this safe?")])
        return {"messages": [bound.invoke([SystemMessage(change.prompt), *state["messages"]])]}

    def tools_node(state):
        calls = list(state["messages"][-1].tool_calls)
        made = state.get("made") or 0
        order = list(range(len(calls)))
        if change.turn_order and change.turn_order[0] == turn_of(state) - 1:
            order = list(change.turn_order[1])
        found = {}
        for place in order:
            call, number = calls[place], made + place
            if change.without and change.without[0] == number:
                found[place] = ToolMessage(change.without[1], tool_call_id=call["id"])
                continue
            if change.extra_tool and change.extra_tool[0] == number:
                name, more = change.extra_tool[1]
                hands[name].invoke(more)
            arguments, name = call["args"], call["name"]
            if change.arguments and change.arguments[0] == number:
                arguments = change.arguments[1](arguments)
            if change.called and change.called[0] == number:
                name = change.called[1]
            text = hands[name].invoke(arguments)
            if change.result and change.result[0] == number:
                text = change.result[1](text)
            if change.content and change.content[0] == number:
                text = change.content[1](text)
            found[place] = ToolMessage(text, tool_call_id=call["id"])
        written = sorted(found) if change.same_messages else order
        return {"messages": [found[place] for place in written], "made": made + len(calls)}

    def finish(state):
        last = state["messages"][-1]
        return {"answer": change.parse(last.content) if last.content.startswith("{") else ""}

    def route(state):
        if change.route and change.route[0] == turn_of(state) - 1:
            return change.route[1]
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    graph = StateGraph(State)
    graph.add_node("agent", agent)
    graph.add_node("tools", tools_node)
    graph.add_node("finish", finish)
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", route, ["tools", "finish", "agent"])
    graph.add_edge("tools", "agent")
    graph.add_edge("finish", END)
    return graph.compile()


class Provider:
    """A loopback server that plays the model; `url(script)` is where a script is played."""

    def __enter__(self):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers["content-length"])))
                turns = list(SCRIPTS.values())[int(self.path.split("/")[1])]
                turn = sum(m["role"] == "assistant" for m in request["messages"])
                message = {"role": "assistant", "content": FINAL}
                if turn < len(turns):
                    calls = [
                        {
                            "id": f"call_{turn}_{n}",
                            "type": "function",
                            "function": {"name": name, "arguments": json.dumps(arguments)},
                        }
                        for n, (name, arguments) in enumerate(turns[turn])
                    ]
                    message = {"role": "assistant", "content": None, "tool_calls": calls}
                choice = {"index": 0, "message": message, "finish_reason": "stop"}
                usage = {"prompt_tokens": 310, "completion_tokens": 28, "total_tokens": 338}
                body = {"id": f"c{turn}", "object": "chat.completion", "created": 1, "model": "m-1"}
                data = json.dumps({**body, "choices": [choice], "usage": usage}).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()

    def url(self, script):
        return f"http://127.0.0.1:{self._server.server_port}/{[*SCRIPTS].index(script)}/v1"


@dataclass(frozen=True)
class Course:
    """Where the calls of a script stand."""

    models: list
    """The number of each model call."""
    tools: list
    """The number of each tool call."""
    turns: list
    """The tool calls of each turn, by their place in `tools`."""

    def after(self, number):
        """The first model call after a call."""
        return next(m for m in self.models if m > number)


def course(script):
    models, tools, turns, number = [], [], [], 0
    for turn in SCRIPTS[script]:
        number += 1
        models.append(number)
        turns.append(list(range(len(tools), len(tools) + len(turn))))
        tools += range(number + 1, number + 1 + len(turn))
        number += len(turn)
    return Course([*models, number + 1], tools, turns)


def with_prompt(word):
    words = PROMPT.split(" ")
    return " ".join([*words[:word], "swapped", *words[word + 1 :]])
