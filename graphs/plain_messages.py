"""LangChain's plain messages, made without validating what is already known to be right.

A message of texts, as LangChain makes it, is one dictionary and three slots beside it; putting them
together takes a tenth of the time that pydantic takes to look at them. Each kind is compared once a
process with one that LangChain made itself: where they are not the same in every part (another
version), LangChain makes them all. Knows messages; knows nothing of where they come from.
"""

from functools import lru_cache
from typing import Any

from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

_new = object.__new__
_set = object.__setattr__
_REPLY = {"content", "tool_calls", "usage_metadata"}
_RESULT = {"content", "artifact", "tool_call_id", "name", "status"}
_SAID = {"content"}


def ai_message(content: str, calls: list[Any], usage: dict[str, int] | None) -> AIMessage:
    """`AIMessage(content, tool_calls=calls, usage_metadata=usage)`.

    `calls`: each with `name`, `args` (with texts as keys), `id` and `type`, in this order. `usage`:
    input, output and total tokens, in this order. Both are taken over, not copied.
    """
    if not _as_langchain_does():
        return AIMessage(content=content, tool_calls=calls, usage_metadata=usage)
    made: AIMessage = _ai_message(content, calls, usage)
    return made


def tool_message(content: str, artifact: Any, id: str, name: str | None) -> ToolMessage:
    """`ToolMessage(content, artifact=artifact, tool_call_id=id, name=name, status="success")`."""
    if not _as_langchain_does():
        return ToolMessage(content, artifact=artifact, tool_call_id=id, name=name, status="success")
    made: ToolMessage = _tool_message(content, artifact, id, name)
    return made


def said_message(kind: type[SystemMessage | HumanMessage], content: str) -> BaseMessage:
    """`kind(content)`."""
    if not _as_langchain_does():
        return kind(content)
    made: BaseMessage = _said_message(kind, content)
    return made


def _ai_message(content: str, calls: list[Any], usage: dict[str, int] | None) -> Any:
    fields = {
        "content": content,
        "additional_kwargs": {},
        "response_metadata": {},
        "type": "ai",
        "name": None,
        "id": None,
        "tool_calls": calls,
        "invalid_tool_calls": [],
        "usage_metadata": usage,
    }
    return _made(AIMessage, fields, _REPLY)


def _tool_message(content: str, artifact: Any, id: str, name: str | None) -> Any:
    fields = {
        "content": content,
        "additional_kwargs": {},
        "response_metadata": {},
        "type": "tool",
        "name": name,
        "id": None,
        "tool_call_id": id,
        "artifact": artifact,
        "status": "success",
    }
    return _made(ToolMessage, fields, _RESULT)


def _said_message(kind: type[SystemMessage | HumanMessage], content: str) -> Any:
    fields: dict[str, Any] = {
        "content": content,
        "additional_kwargs": {},
        "response_metadata": {},
        "type": "human" if kind is HumanMessage else "system",
        "name": None,
        "id": None,
    }
    return _made(kind, fields, _SAID)


def _made(kind: Any, fields: dict[str, Any], given: set[str]) -> Any:
    message = _new(kind)
    _set(message, "__dict__", fields)
    _set(message, "__pydantic_fields_set__", given.copy())
    _set(message, "__pydantic_extra__", {})
    _set(message, "__pydantic_private__", None)
    return message


@lru_cache(maxsize=1)
def _as_langchain_does() -> bool:
    """Whether what is made here is what LangChain makes, in every part."""
    call = {"name": "n", "args": {"a": [1]}, "id": "c", "type": "tool_call"}
    usage: Any = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    artifact = object()
    validated: list[Any] = [
        AIMessage(content="a", tool_calls=[dict(call)], usage_metadata=dict(usage)),
        AIMessage(content="", tool_calls=[], usage_metadata=None),
        ToolMessage("b", artifact=artifact, tool_call_id="c", name="n", status="success"),
        ToolMessage("", artifact=None, tool_call_id="", name=None, status="success"),
        SystemMessage("s"),
        HumanMessage("h"),
    ]
    made: list[Any] = [
        _ai_message("a", [dict(call)], dict(usage)),
        _ai_message("", [], None),
        _tool_message("b", artifact, "c", "n"),
        _tool_message("", None, "", None),
        _said_message(SystemMessage, "s"),
        _said_message(HumanMessage, "h"),
    ]
    return [parts_of(one) for one in validated] == [parts_of(one) for one in made]


def parts_of(message: BaseMessage) -> Any:
    """All that there is of a message; the order of its fields, as it shows in its text, too."""
    return (
        type(message),
        repr(message.__dict__),
        list(message.__dict__.items()),
        message.__pydantic_fields_set__,
        message.__pydantic_extra__,
        message.__pydantic_private__,
    )
