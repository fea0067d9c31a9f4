"""LangChain's plain messages, made without validating what is already known to be right.

A message of texts, as LangChain makes it, is one dictionary and three slots beside it; putting them
together takes a tenth of the time that pydantic takes to look at them. Each kind is compared once a
process with one that LangChain made itself: where they are not the same in every part (another
version), LangChain makes them all. Knows messages; knows nothing of where they come from.
"""

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
    fields: dict[str, Any] = {
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
    return _made(AIMessage, fields, _REPLY)  # type: ignore[no-any-return]


def tool_message(content: str, artifact: Any, id: str, name: str | None) -> ToolMessage:
    """`ToolMessage(content, artifact=artifact, tool_call_id=id, name=name, status="success")`."""
    fields: dict[str, Any] = {
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
    return _made(ToolMessage, fields, _RESULT)  # type: ignore[no-any-return]


def said_message(kind: type[SystemMessage | HumanMessage], content: str) -> BaseMessage:
    """`kind(content)`."""
    fields: dict[str, Any] = {
        "content": content,
        "additional_kwargs": {},
        "response_metadata": {},
        "type": "human" if kind is HumanMessage else "system",
        "name": None,
        "id": None,
    }
    return _made(kind, fields, _SAID)  # type: ignore[no-any-return]


def _made(kind: Any, fields: dict[str, Any], given: set[str]) -> Any:
    if not _alike:
        return kind(**{name: fields[name] for name in given})
    message = _new(kind)
    _set(message, "__dict__", fields)
    _set(message, "__pydantic_fields_set__", given.copy())
    _set(message, "__pydantic_extra__", {})
    _set(message, "__pydantic_private__", None)
    return message


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


def _as_langchain_does() -> bool:
    """Whether what is made here is what LangChain makes, in every part."""
    call = {"name": "n", "args": {"a": [1]}, "id": "c", "type": "tool_call"}
    usage: Any = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    artifact = object()
    pairs: list[tuple[Any, Any]] = [
        (
            AIMessage(content="a", tool_calls=[dict(call)], usage_metadata=dict(usage)),
            ai_message("a", [dict(call)], dict(usage)),
        ),
        (AIMessage(content="", tool_calls=[], usage_metadata=None), ai_message("", [], None)),
        (
            ToolMessage("b", artifact=artifact, tool_call_id="c", name="n", status="success"),
            tool_message("b", artifact, "c", "n"),
        ),
        (
            ToolMessage("", artifact=None, tool_call_id="", name=None, status="success"),
            tool_message("", None, "", None),
        ),
        (SystemMessage("s"), said_message(SystemMessage, "s")),
        (HumanMessage("h"), said_message(HumanMessage, "h")),
    ]
    return all(parts_of(validated) == parts_of(made) for validated, made in pairs)


_alike = True  # for what is compared
_alike = _as_langchain_does()
