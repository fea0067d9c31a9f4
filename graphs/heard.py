"""A call of a record that is answered again, as it stands there.

Knows what a recorded call is asked and what it gives; knows nothing of the file it was read from.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pydantic import JsonValue, TypeAdapter

from .canonical import canonical
from .model import ModelReply, Tokens

_REPLY = TypeAdapter(ModelReply)


@dataclass(slots=True)
class Heard:
    """A recorded call that is answered again."""

    index: int
    name: str
    model: str = ""
    said: Any = None
    """A model's reply as it stands in the record: JSON that nobody looked at yet."""
    cost_usd: float | None = None
    result: dict[str, JsonValue] | None = None
    """Of a tool call."""
    asked: Any = None
    """Of a tool call: its `request_id`, `arguments` and `raw_arguments`."""
    effect: Any = None
    _reply: ModelReply | None = None

    @property
    def reply(self) -> ModelReply:
        """What the model said. Raises pydantic's `ValidationError`."""
        if self._reply is None:
            self._reply = _REPLY.validate_json(canonical(self.said), strict=True)
        return self._reply

    @property
    def tokens(self) -> Tokens | None:
        """Of a reply that was answered before: what the service counted."""
        if self._reply is not None:
            return self._reply.tokens
        tokens = self.said.get("tokens")
        return None if tokens is None else _tokens(tokens["input"], tokens["output"])


@lru_cache(maxsize=256)
def _tokens(given: int, made: int) -> Tokens:
    return Tokens(input=given, output=made)
