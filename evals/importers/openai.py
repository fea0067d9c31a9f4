"""OpenAI chat messages: a bare list, or under `messages` (with `tools`) or `traj` (tau-bench)."""

from typing import Any

from ..conversation import Conversation
from . import chat

NAME = "openai"
EXPECTED = "chat messages with role and content: a list, or under `messages` or `traj`"


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    return _messages(raw) is not None


def read(raw: Any) -> list[Conversation]:
    """The conversation of a record. Raises `ValueError`."""
    fields = raw if isinstance(raw, dict) else {}
    messages = chat.heard_all(_messages(raw))
    return [
        Conversation(
            messages=messages,
            model=chat.text_or(fields.get("model"), "unknown"),
            id=_id(fields),
            tools=chat.tools_of(fields.get("tools")),
            details=chat.rest_of(fields, "messages", "traj", "tools", "model", "id"),
        )
    ]


def _messages(raw: Any) -> Any:
    if isinstance(raw, dict):
        found = next((raw[key] for key in ("messages", "traj") if key in raw), None)
    else:
        found = raw
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        return None
    if found and not chat.is_message(found[0]):
        return None
    return found if found or isinstance(raw, dict) else None


def _id(fields: dict[str, Any]) -> str | None:
    if isinstance(fields.get("id"), str):
        return str(fields["id"])
    if isinstance(fields.get("task_id"), int):
        return f"task-{fields['task_id']}-{fields.get('trial', 0)}"
    return None
