"""AgentDojo runs: chat messages whose arguments are objects and whose tool messages may fail.

What the model was shown of a failed call is its `error`, as AgentDojo does it.
"""

from typing import Any

from ..conversation import Conversation
from . import chat

NAME = "agentdojo"
EXPECTED = "`messages` beside `suite_name` (in the record or its `metadata`)"


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    if not isinstance(raw, dict) or not isinstance(raw.get("messages"), list):
        return False
    return "suite_name" in raw or "suite_name" in _metadata(raw)


def read(raw: Any) -> list[Conversation]:
    """The conversation of a record. Raises `ValueError`."""
    about = {**raw, **_metadata(raw)}
    tasks = [about.get(key) for key in ("suite_name", "user_task_id", "injection_task_id")]
    model = chat.text_or(about.get("model"), chat.text_or(about.get("pipeline_name"), "unknown"))
    named = [model, *(task for task in tasks if isinstance(task, str))]
    return [
        Conversation(
            messages=chat.heard_all(raw.get("messages")),
            model=model,
            id=chat.text_or(raw.get("id"), "-".join(named) if len(named) > 1 else "") or None,
            tools=chat.tools_of(raw.get("tools")),
            details=chat.rest_of(raw, "messages", "tools"),
        )
    ]


def _metadata(raw: dict[str, Any]) -> dict[str, Any]:
    found = raw.get("metadata")
    return found if isinstance(found, dict) else {}
