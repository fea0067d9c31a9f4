"""Chat messages as plain JSON: what the dialects of the OpenAI shape have in common.

Knows one message at a time, in any of the ways in which programs write it down: content as text,
null or parts; calls with their arguments as text or object, nested under `function` or flat.
"""

import json
from typing import Any

from pydantic import JsonValue

from ...graphs.model import Message, Role, ToolRequest
from ..conversation import Heard

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "tool": "tool",
    "function": "tool",
}
_KNOWN = {"role", "type", "content", "tool_calls", "tool_call_id", "name", "error", "tool_call"}


def is_message(value: object) -> bool:
    """Whether a value looks like a chat message."""
    return isinstance(value, dict) and isinstance(value.get("role"), str)


def heard_all(values: object) -> tuple[Heard, ...]:
    """Every message of a list. Raises `ValueError` naming the first that is none."""
    if not isinstance(values, list):
        raise ValueError(f"its messages are {_kind(values)}; a list is expected")
    found = []
    for place, value in enumerate(values):
        try:
            found.append(heard(value))
        except ValueError as error:
            raise ValueError(f"message {place}: {error}") from None
    return tuple(found)


def heard(value: object) -> Heard:
    """One message. Raises `ValueError`."""
    if not isinstance(value, dict):
        raise ValueError(f"it is {_kind(value)}; an object with role and content is expected")
    given = value.get("role") or value.get("type")
    role = _ROLES.get(given) if isinstance(given, str) else None
    if role is None:
        raise ValueError(f"its role is {given!r:.40}; expected one of {', '.join(_ROLES)}")
    shape: dict[str, JsonValue] = {}
    if given != role:
        shape["role"] = given
    text = content_text(value.get("content"), shape)
    error = value.get("error") if role == "tool" else None
    if error is not None and not isinstance(error, str):
        error = json.dumps(error, ensure_ascii=False)
    if error is not None and text != error:
        # what the model was shown of a failed call is the error
        shape["output"] = text
        text = error
    requests = _requests(value.get("tool_calls"))
    name = value.get("name")
    answers = value.get("tool_call_id")
    call = value.get("tool_call")
    if isinstance(call, dict):
        answers = answers or call.get("id")
    other = {key: item for key, item in value.items() if key not in _KNOWN}
    if other:
        shape["other"] = other
    message = Message(
        role=role,
        content=text,
        tool_requests=requests,
        tool_request_id=answers if isinstance(answers, str) and role == "tool" else None,
        name=name if isinstance(name, str) else None,
    )
    return Heard(message, speaks=role == "assistant", error=error, shape=shape)


def content_text(content: Any, shape: dict[str, JsonValue]) -> str:
    """The text of a content; how it was written is put into `shape` where it was not plain."""
    if isinstance(content, str):
        return content
    if content is None:
        shape["content"] = None
        return ""
    if not isinstance(content, list):
        raise ValueError(f"its content is {_kind(content)}; text, null or a list is expected")
    pieces: list[str] = []
    parts: list[JsonValue] = []
    for part in content:
        text = part if isinstance(part, str) else _part_text(part)
        if text is None:
            parts.append(part)
        else:
            pieces.append(text)
            parts.append(len(text))
    if parts != [len("".join(pieces))]:
        shape["parts"] = parts
    return "".join(pieces)


def _part_text(part: Any) -> str | None:
    if not isinstance(part, dict):
        raise ValueError(f"a part of its content is {_kind(part)}; an object is expected")
    if part.get("type", "text") not in ("text", "input_text", "output_text"):
        return None
    for key in ("text", "content"):
        if isinstance(part.get(key), str):
            return str(part[key])
    return None


def _requests(calls: Any) -> tuple[ToolRequest, ...]:
    if not calls:
        return ()
    if not isinstance(calls, list):
        raise ValueError(f"its tool_calls are {_kind(calls)}; a list is expected")
    return tuple(_request(call) for call in calls)


def _request(call: Any) -> ToolRequest:
    if not isinstance(call, dict):
        raise ValueError(f"a tool call is {_kind(call)}; an object is expected")
    function = call.get("function")
    inner = function if isinstance(function, dict) else call
    name = function if isinstance(function, str) else inner.get("name")
    if not isinstance(name, str):
        raise ValueError(f"a tool call names {name!r:.40} as its function; a text is expected")
    given = next((inner[key] for key in ("arguments", "args") if key in inner), "")
    id = call.get("id")
    return ToolRequest(id=id if isinstance(id, str) else "", name=name, arguments=text_of(given))


def text_of(arguments: Any) -> str:
    """Arguments as a model writes them: text as it is, anything else as JSON."""
    if isinstance(arguments, str):
        return arguments
    return "" if arguments is None else json.dumps(arguments, ensure_ascii=False)


def tools_of(values: Any) -> tuple[dict[str, JsonValue], ...]:
    """Definitions of tools, nested under `function` or flat; names alone have no definition."""
    found: list[dict[str, JsonValue]] = []
    for value in values if isinstance(values, list) else ():
        inner = value.get("function", value) if isinstance(value, dict) else {}
        if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
            continue
        parameters = inner.get("parameters") or inner.get("input_schema")
        found.append(
            {
                "name": inner["name"],
                "description": str(inner.get("description") or ""),
                "parameters": parameters if isinstance(parameters, dict) else {},
            }
        )
    return tuple(found)


def rest_of(raw: dict[str, Any], *taken: str) -> dict[str, JsonValue]:
    """What a record says besides."""
    return {key: value for key, value in raw.items() if key not in taken}


def text_or(value: Any, otherwise: str) -> str:
    """A text that is not empty, or another."""
    return value if isinstance(value, str) and value else otherwise


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
