"""A plain ReAct graph for runs that were not made by ours: feed -> agent -> tools -> feed ... END.

Knows three things about a run: what is fed to it from outside (the prompt, a user's later turns,
other people's words), which tools it was offered, and the calls behind the seam. Every model
request is rebuilt from the state; nothing of a request is taken from a record. Knows nothing of
formats or files.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from pydantic import JsonValue
from pydantic_core import from_json
from typing_extensions import TypedDict

from ..tools.tool import Tool, ToolResult
from .answer import Answer, Usage
from .calls import Call, Calls
from .canonical import request_key, tool_key
from .errors import to_exception
from .metering import tokens_of
from .model import Message, ModelRequest, ToolRequest
from .recorder import Recorder
from .steps import ModelStep, Start, Step, StepError, ToolStep

UNANSWERED = "Unanswered"
"""Type of the error of a call whose result the record does not hold; the model saw nothing."""


class State(TypedDict, total=False):
    """The conversation so far, and the calls that its last message asks for."""

    messages: Annotated[list[Message], operator.add]
    turn: int
    """How often the model was asked."""
    pending: list[ToolRequest]


@dataclass
class Script:
    """What one run stands on, handed to every node as LangGraph's runtime context."""

    start: Start
    calls: Calls
    tools: Mapping[str, Tool]
    offered: tuple[Tool, ...]
    """Those of `tools` whose definitions the model was given."""
    recorder: Recorder
    inputs: Sequence[Sequence[Message]]
    """What is fed before each turn of the model, and after the last: one more than there are."""
    speakers: Sequence[str | None] = ()
    """Who answers at each turn, where it is not always the same one."""
    steps: int = field(default=0, init=False)

    def speaker(self, turn: int) -> str | None:
        """The name of who answers at a turn."""
        return self.speakers[turn] if turn < len(self.speakers) else None

    def next_step(self) -> int:
        """The index of the next step."""
        self.steps += 1
        return self.steps


async def run(script: Script) -> list[Message]:
    """The whole conversation, recorded; what the calls raise is raised."""
    script.recorder.start(script.start)
    config: Any = {"recursion_limit": 3 * len(script.inputs) + 10}
    state: Any = await _compiled().ainvoke({"turn": 0}, config, context=script)
    found: list[Message] = state.get("messages", [])
    return found


def answer_of(start: Start, steps: Sequence[Step]) -> Answer:
    """The last thing that the model said, as an answer; empty when it said nothing."""
    replies = [
        step.reply for step in steps if isinstance(step, ModelStep) and step.reply is not None
    ]
    said = [reply.content for reply in replies if reply.content.strip()]
    given, made = tokens_of([reply.tokens for reply in replies])
    named = [reply.model for reply in replies if reply.model]
    usage = Usage(
        model=named[-1] if named else start.model,
        requests=len(replies),
        input_tokens=given,
        output_tokens=made,
    )
    return Answer(question=start.question, text=said[-1] if said else "", usage=usage)


def arguments_of(request: ToolRequest) -> dict[str, JsonValue] | None:
    """The arguments as an object; None when the text is not one (it was recorded all the same)."""
    try:
        value = from_json(request.arguments or "{}", allow_inf_nan=False)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def model_step(
    start: Start,
    index: int,
    name: str | None,
    messages: tuple[Message, ...],
    offered: tuple[Mapping[str, JsonValue], ...],
) -> ModelStep:
    """The step of asking the model at this point of a conversation."""
    request = ModelRequest(
        model=start.model,
        params=start.params,
        messages=messages,
        tools=tuple(dict(schema) for schema in offered),
    )
    return ModelStep(
        index=index,
        node="agent",
        name=name or "agent",
        key=request_key("agent", request),
        request=request,
    )


def tool_step(index: int, request: ToolRequest) -> ToolStep:
    """The step of running what a message asks for."""
    arguments = arguments_of(request)
    return ToolStep(
        index=index,
        node="tools",
        name=request.name,
        key=tool_key("tools", request.name, arguments),
        request_id=request.id,
        arguments=arguments,
        raw_arguments=request.arguments,
    )


def tool_message(request_id: str, content: str, error: StepError | None) -> Message | None:
    """What the model is shown of a result: a failure by its text, nothing of what never came."""
    if error is not None and error.type == UNANSWERED:
        return None
    shown = content if error is None else error.message
    return Message(role="tool", content=shown, tool_request_id=request_id)


async def _feed(state: State, runtime: Runtime[Script]) -> dict[str, Any]:
    return {"messages": list(runtime.context.inputs[state["turn"]])}


def _after_feed(state: State, runtime: Runtime[Script]) -> str:
    return "agent" if state["turn"] < len(runtime.context.inputs) - 1 else END


async def _agent(state: State, runtime: Runtime[Script]) -> dict[str, Any]:
    script = runtime.context
    name = script.speaker(state["turn"])
    schemas = tuple(tool.schema() for tool in script.offered)
    step = model_step(script.start, script.next_step(), name, tuple(state["messages"]), schemas)
    script.recorder.request(step)
    outcome = await script.calls.model(Call(step.node, step.name, step.key), step.request)
    script.recorder.result(
        step.model_copy(
            update={"reply": outcome.reply, "error": outcome.error, "seconds": outcome.seconds}
        )
    )
    if outcome.error is not None:
        raise to_exception(outcome.error)
    assert outcome.reply is not None
    requests = outcome.reply.tool_requests
    said = Message(
        role="assistant", content=outcome.reply.content, tool_requests=requests, name=name
    )
    return {"messages": [said], "turn": state["turn"] + 1, "pending": list(requests)}


def _after_agent(state: State) -> str:
    return "tools" if state["pending"] else "feed"


async def _tools(state: State, runtime: Runtime[Script]) -> dict[str, Any]:
    script = runtime.context
    steps = [tool_step(script.next_step(), request) for request in state["pending"]]
    for step in steps:
        script.recorder.request(step)
    messages = []
    for step in steps:
        call = Call(step.node, step.name, step.key)
        tool = script.tools.get(step.name) or _unknown(step.name)
        outcome = await script.calls.tool(call, tool, dict(step.arguments or {}))
        script.recorder.result(outcome.ends(step))
        shown = "" if outcome.result is None else outcome.result.content
        message = tool_message(step.request_id, shown, outcome.error)
        if message is not None:
            messages.append(message)
    return {"messages": messages}


def _unknown(name: str) -> Tool:
    """Stands for a tool of which nothing was recorded but that it was asked for."""
    return Tool(name=name, description="", parameters={}, effect="read", run=_never)


async def _never(arguments: dict[str, Any]) -> ToolResult:
    raise AssertionError("a replay runs no tool")


@lru_cache(maxsize=1)
def _compiled() -> CompiledStateGraph[State, Script, Any, Any]:
    graph = StateGraph(State, context_schema=Script)
    graph.add_node("feed", _feed)
    graph.add_node("agent", _agent)
    graph.add_node("tools", _tools)
    graph.add_edge(START, "feed")
    graph.add_conditional_edges("feed", _after_feed, ["agent", END])
    graph.add_conditional_edges("agent", _after_agent, ["tools", "feed"])
    graph.add_edge("tools", "feed")
    return graph.compile()
