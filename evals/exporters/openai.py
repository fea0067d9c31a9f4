"""A trace as OpenAI chat messages. Knows messages; knows nothing of files.

How the original of an imported message differs from the plain form is its `shape`: `content`
(null), `parts` (a list: lengths of pieces of the text, and parts that are not text), `role`, `name`
and `tool_call_id` (as a tool's message had them), `output` (of a failed call, beside the error),
`cut` (the record breaks off there) and `other` (further fields).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from ...graphs.model import Message
from ...graphs.trace import ModelStep, Trace
from ..app import is_app
from ..foreign import foreign_of, is_foreign, messages_of

_OPENAI = "openai"
_ROLES = ("system", "developer", "user", "assistant", "tool", "function")


def openai_messages(trace: Trace) -> dict[str, JsonValue]:
    """`{model, messages, tools}`: the conversation of the run as OpenAI chat messages.

    Of an imported run these are the messages of the record. Of one of ours: what the agent was
    shown and said, and the answer. Of a graph of the user's: its fullest model call, and the reply.
    """
    if is_foreign(trace):
        foreign = foreign_of(trace)
        whole = foreign.format == _OPENAI
        messages = [
            _openai(message, foreign.shape.get(str(place), {}), whole)
            for place, message in enumerate(messages_of(trace))
        ]
    else:
        messages = [_openai(message, {}, False) for message in _own_messages(trace)]
    tools: list[JsonValue] = [
        {"type": "function", "function": definition(tool)}
        for tool in trace.start.tools
        if not tool.get("seen")
    ]
    found: dict[str, JsonValue] = {"model": trace.start.model, "messages": [*messages]}
    if tools:
        found["tools"] = tools
    return found


def _own_messages(trace: Trace) -> list[Message]:
    """The fullest conversation of the agent, and the answer that was given in the end.

    Of a graph of the user's the agent is whichever node asks; what it said last is its answer.
    """
    theirs = is_app(trace)
    asked = [
        step
        for step in trace.steps
        if isinstance(step, ModelStep) and (theirs or step.node == "agent")
    ]
    answer = None if theirs and asked else trace.answer
    found: list[Message] = []
    if asked:
        last = max(asked, key=lambda step: len(step.request.messages))
        found += last.request.messages
        if last.reply is not None and (last.reply.tool_requests or answer is None):
            found.append(
                Message(
                    role="assistant",
                    content=last.reply.content,
                    tool_requests=last.reply.tool_requests,
                )
            )
    if answer is not None:
        found.append(Message(role="assistant", content=answer.text))
    return found


def _openai(message: Message, shape: Mapping[str, Any], whole: bool) -> dict[str, JsonValue]:
    """One message in the OpenAI shape; with `whole`, further fields of the original too."""
    found: dict[str, JsonValue] = {
        "role": shape.get("role", message.role) if whole else _role(message, shape)
    }
    found["content"] = None if "content" in shape and not message.content else message.content
    if "parts" in shape:
        found["content"] = _parts(message.content, shape["parts"])
    if message.tool_requests:
        found["tool_calls"] = [
            {
                "id": request.id,
                "type": "function",
                "function": {"name": request.name, "arguments": request.arguments},
            }
            for request in message.tool_requests
        ]
    if message.role == "tool":
        found["tool_call_id"] = shape.get("tool_call_id", message.tool_request_id)
    name = shape.get("name", message.name)
    if name is not None:
        found["name"] = name
    if whole and isinstance(shape.get("other"), dict):
        found.update(shape["other"])
    return found


def _role(message: Message, shape: Mapping[str, Any]) -> str:
    """The role of the record where it is one of OpenAI's."""
    stated = shape.get("role")
    return str(stated) if stated in _ROLES else message.role


def _parts(text: str, parts: Sequence[Any]) -> list[JsonValue]:
    found: list[JsonValue] = []
    place = 0
    for part in parts:
        if isinstance(part, int):
            found.append({"type": "text", "text": text[place : place + part]})
            place += part
        else:
            found.append(part)
    return found


def definition(tool: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a model is told of a tool."""
    return {key: tool[key] for key in ("name", "description", "parameters") if key in tool}
