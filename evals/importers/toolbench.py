"""ToolBench answers: a query, the tools, and a tree of nodes over real calls.

A `tool` node holds a call and its response as the text of a Python dictionary, often cut off by the
program that stored it. It is read as text, up to where it ends; it is never evaluated.
"""

import re
from typing import Any

from pydantic import JsonValue

from ...graphs.model import Message, ToolRequest
from ..conversation import Conversation, Heard
from . import chat

NAME = "toolbench"
EXPECTED = "`query`, `available_tools` and `answer` with `answer_details`"

_NODES = 10_000
_HEAD = re.compile(r"\{'name': ")
_NEXT = {"arguments": re.compile(r", 'arguments': "), "response": re.compile(r", 'response': ")}
_ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    answer = raw.get("answer") if isinstance(raw, dict) else None
    return isinstance(answer, dict) and isinstance(answer.get("answer_details"), list)


def read(raw: Any) -> list[Conversation]:
    """The conversation of the tree's last path. Raises `ValueError`."""
    answer = raw["answer"]
    nodes, left_out = _path(answer["answer_details"])
    messages: list[Heard] = []
    for place, node in enumerate(nodes):
        messages += _heard(node, place)
    query = raw.get("query")
    details = chat.rest_of(answer, "answer_details")
    if left_out:
        details["nodes_left_out"] = left_out
    return [
        Conversation(
            messages=tuple(messages),
            model=chat.text_or(answer.get("method"), "unknown"),
            id=str(raw["id"]) if isinstance(raw.get("id"), str | int) else None,
            question=query if isinstance(query, str) else None,
            tools=chat.tools_of(raw.get("available_tools")),
            details=details,
        )
    ]


def _path(details: list[Any]) -> tuple[list[dict[str, Any]], int]:
    """From the root to the last leaf, and how many nodes stand beside that path."""
    path: list[dict[str, Any]] = []
    beside = 0
    level: Any = details
    while isinstance(level, list) and level:
        node = level[-1]
        if not isinstance(node, dict) or len(path) >= _NODES:
            raise ValueError(f"node {len(path)} of the tree is not an object, or one too many")
        beside += len(level) - 1
        path.append(node)
        level = node.get("next")
    return path, beside


def _heard(node: dict[str, Any], place: int) -> list[Heard]:
    role, text = node.get("role"), node.get("message")
    if role not in ("system", "user", "assistant", "tool") or not isinstance(text, str | dict):
        raise ValueError(f"node {place} has the role {role!r:.40}; a message of a role is expected")
    if role != "tool":
        message = Message(role=role, content=chat.text_of(text))
        return [Heard(message, speaks=role == "assistant")]
    found = _call(text)
    if found is None:
        return [Heard(Message(role="tool", content=chat.text_of(text)))]
    name, arguments, response, cut = found
    id = f"call_{place}"
    request = ToolRequest(id=id, name=name, arguments=arguments)
    asks = Heard(Message(role="assistant", tool_requests=(request,)), speaks=True)
    if response is None:
        # cut off before the response: what the model was given is not in the record
        return [Heard(asks.message, speaks=True, shape={"cut": True})]
    shape: dict[str, JsonValue] = {"cut": True} if cut else {}
    gives = Heard(Message(role="tool", content=response, tool_request_id=id), shape=shape)
    return [asks, gives]


def _call(text: str | dict[str, Any]) -> tuple[str, str, str | None, bool] | None:
    """Name, arguments, response (None where it is cut off) and whether anything is cut off."""
    if isinstance(text, dict):
        if not isinstance(text.get("name"), str):
            return None
        response = text.get("response")
        given = None if response is None else chat.text_of(response)
        return text["name"], chat.text_of(text.get("arguments")), given, False
    head = _HEAD.match(text)
    if head is None:
        return None
    name, place = _quoted(text, head.end())
    if name is None or place is None:
        return None
    found: dict[str, str | None] = {"arguments": "", "response": None}
    for key, pattern in _NEXT.items():
        start = pattern.match(text, place)
        if start is None:
            # nothing after it that we know: whole only at the end of the dictionary
            return name, found["arguments"] or "", found["response"], text[place:] != "}"
        if start.end() == len(text):
            return name, found["arguments"] or "", None, True
        value, end = _quoted(text, start.end())
        if value is None:
            return None
        found[key] = value
        if end is None:
            return name, found["arguments"] or "", found["response"], True
        place = end
    return name, found["arguments"] or "", found["response"], text[place:] != "}"


def _quoted(text: str, start: int) -> tuple[str | None, int | None]:
    """A quoted Python string from `start`, and where it ends (None where it is cut off)."""
    mark = text[start : start + 1]
    if mark not in ("'", '"'):
        return None, None
    end = start + 1
    while end < len(text) and text[end] != mark:
        end += 2 if text[end] == "\\" else 1
    if end >= len(text):
        # an escape that is cut in two stands for nothing
        kept = text[start + 1 :] if end == len(text) else text[start + 1 : -1]
        return _ESCAPE.sub(_unescape, kept), None
    return _ESCAPE.sub(_unescape, text[start + 1 : end]), end + 1


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number < 0x110000 else match[0]
    return _PLAIN.get(code, match[0])
