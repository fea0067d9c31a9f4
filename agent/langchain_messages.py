"""Our messages and tools as LangChain has them. Knows the two vocabularies and nothing else."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolCall,
    ToolMessage,
)

from ..graphs.model import Message, ToolRequest

_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_-]")


def to_langchain(messages: Iterable[Message]) -> list[BaseMessage]:
    """Return the conversation as LangChain messages."""
    return [_message(message) for message in messages]


def as_function(tool: Mapping[str, Any]) -> dict[str, Any]:
    """Return `{name, description, parameters}` as an OpenAI function."""
    return {"type": "function", "function": dict(tool)}


def _message(message: Message) -> BaseMessage:
    if message.role == "system":
        return SystemMessage(message.content)
    if message.role == "user":
        return HumanMessage(message.content)
    if message.role == "tool":
        return ToolMessage(message.content, tool_call_id=message.tool_request_id or "")
    calls = [_call(request) for request in message.tool_requests]
    return AIMessage(message.content, tool_calls=calls)


def _call(request: ToolRequest) -> ToolCall:
    """A call for the history.

    Services refuse a whole conversation over one name or argument text that they would not accept
    today, so both are made harmless; the tool message that follows tells the model what was wrong.
    """
    try:
        arguments = json.loads(request.arguments)
    except (ValueError, RecursionError):
        arguments = {}
    return ToolCall(
        name=_NOT_A_NAME.sub("_", request.name)[:64] or "unknown",
        args=arguments if isinstance(arguments, dict) else {},
        id=request.id,
    )
