"""Web-search runs: `messages` with parts, beside the `trace` of calls and the `final_answer`.

The list of calls repeats the messages and is not read; tools are recorded by name only.
"""

from typing import Any

from ..conversation import Conversation
from . import chat

NAME = "websearch"
EXPECTED = "`messages` beside `trace` and `final_answer`"


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    if not isinstance(raw, dict) or not isinstance(raw.get("messages"), list):
        return False
    return isinstance(raw.get("trace"), list) and "final_answer" in raw


def read(raw: Any) -> list[Conversation]:
    """The conversation of a record. Raises `ValueError`."""
    return [
        Conversation(
            messages=chat.heard_all(raw.get("messages")),
            model=chat.text_or(raw.get("model"), chat.text_or(raw.get("pipeline_name"), "unknown")),
            id=chat.text_or(raw.get("run_id"), "") or None,
            question=raw["user_prompt"] if isinstance(raw.get("user_prompt"), str) else None,
            tools=chat.tools_of(raw.get("available_tools")),
            details=chat.rest_of(
                raw, "messages", "trace", "evaluation", "system_prompt", "user_prompt"
            ),
        )
    ]
