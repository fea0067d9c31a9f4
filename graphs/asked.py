"""A model's tool calls as the graph carries them: pending, under our own ids.

Knows both ways of deciding meet here; knows nothing of how the calls came about.
"""

from typing import Any

from .context import RunContext
from .model import Message, ModelReply


def asked(reply: ModelReply, context: RunContext) -> dict[str, Any]:
    """The state after a decision: the message and what it asks for."""
    named = context.name_requests(reply.tool_requests)
    message = Message(role="assistant", content=reply.content, tool_requests=tuple(named))
    return {
        "messages": [message],
        "pending": named,
        "truncated": reply.finish not in ("tool_calls", "stop", "function_call"),
    }
