"""Who&When: the history of several agents, one of whom makes the decisive mistake.

Every agent's turn is a reply of the model under its own name; the person, the terminal and the
opening message are what it was given. Prompts of agents, where recorded, stay in the details: what
each agent was shown of the history is not recorded, so a request is the whole of it.
"""

from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from ...graphs.model import Message
from ..conversation import Conversation, Heard
from . import chat

NAME = "whoandwhen"
EXPECTED = "`history` of {content, role, name} beside `question` and `mistake_agent`"

_OUTSIDE = {"human", "computer_terminal", "computerterminal"}


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    if not isinstance(raw, dict) or not isinstance(raw.get("history"), list):
        return False
    return "mistake_agent" in raw or "mistake_step" in raw


def read(raw: Any) -> list[Conversation]:
    """The conversation of a record. Raises `ValueError`."""
    messages = []
    for place, value in enumerate(raw["history"]):
        try:
            messages.append(_heard(value))
        except ValueError as error:
            raise ValueError(f"history {place}: {error}") from None
    if messages:
        messages[0] = replace(messages[0], speaks=False)
    question = raw.get("question")
    return [
        Conversation(
            messages=tuple(messages),
            id=chat.text_or(raw.get("question_ID"), "") or None,
            question=question if isinstance(question, str) else None,
            details=chat.rest_of(raw, "history"),
        )
    ]


def _heard(value: Any) -> Heard:
    if not isinstance(value, dict):
        raise ValueError("an object with role and content is expected")
    role, name = value.get("role"), value.get("name")
    if not isinstance(role, str) or not (name is None or isinstance(name, str)):
        raise ValueError(f"its role is {role!r:.40} and its name {name!r:.40}; texts are expected")
    shape: dict[str, JsonValue] = {}
    text = chat.content_text(value.get("content"), shape)
    other = chat.rest_of(value, "role", "name", "content")
    if other:
        shape["other"] = other
    who = name or role
    if who.lower() in _OUTSIDE or (name is None and role in ("user", "system")):
        ours: Any = role if role in ("user", "system", "assistant") else "user"
        speaks = False
    else:
        ours, speaks = "assistant", True
    if ours != role:
        shape["role"] = role
    if name is None and role not in ("user", "system", "assistant", "human"):
        name = role
    return Heard(Message(role=ours, content=text, name=name), speaks=speaks, shape=shape)
