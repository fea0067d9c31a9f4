"""The messages of one run that is held against its record: each is written down and hashed once.

A run sends its messages with every request, and a state holds them all. What is known of one holds
for as long as it stays what it was: a stamp of all its fields is compared whenever it is met. Knows
LangChain's messages; knows nothing of requests, of nodes or of a record.
"""

from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Any

import orjson
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from pydantic import JsonValue

from .canonical import canonical, digest
from .langchain_requests import message_fields
from .values import Values

_COMMON = ("content", "additional_kwargs", "response_metadata", "type", "name")
_STAMPED: dict[type[BaseMessage], Callable[[dict[str, Any]], tuple[Any, ...]]] = {
    SystemMessage: itemgetter(*_COMMON),
    HumanMessage: itemgetter(*_COMMON),
    AIMessage: itemgetter(*_COMMON, "tool_calls", "invalid_tool_calls", "usage_metadata"),
    ToolMessage: itemgetter(*_COMMON, "tool_call_id", "artifact", "status"),
}
"""Of each class everything but the id, which the state gives and no hash is made of."""


class _Known:
    """What is known of a message."""

    __slots__ = ("hash", "message", "names", "stamp", "written")

    def __init__(self, message: BaseMessage, stamp: bytes):
        # the message is kept, so that its identity is not used twice
        self.message = message
        self.stamp = stamp
        self.hash = ""
        self.names: list[str] = []
        self.written: Any = None


class KnownMessages(Values):
    """Values as a trace keeps what nodes write: without the ids of messages."""

    def __init__(self, types: Sequence[type] = ()):
        super().__init__(types)
        self._sent = Values(types)
        self._known: dict[int, _Known] = {}

    def message(self, message: BaseMessage, depth: int = 0) -> JsonValue:
        """The message as a node writes it."""
        known = self._of(message)
        if known is not None and known.written is not None:
            return known.written  # type: ignore[no-any-return]
        made: Any = super().message(message, depth)
        if "$opaque" in made:
            return made  # type: ignore[no-any-return]
        made["$message"].pop("id", None)
        if known is not None:
            made = known.written = orjson.Fragment(canonical(made))
        return made  # type: ignore[no-any-return]

    def written(self, value: object) -> str:
        """The hash of what a node wrote, or of a state."""
        plain = self.encode(value)
        return digest(canonical(plain if isinstance(plain, dict) else {"": plain}))

    def hash(self, message: BaseMessage, named: dict[str, str]) -> str:
        """Of the message as a model is sent it; `named` are the names that ids of calls have."""
        known = self._of(message)
        if known is not None and known.hash:
            if not known.names:
                return known.hash
            # its own ids have the names that they had: no other message came before it
            names = [named.setdefault(id, f"tc{len(named) + 1}") for id in _ids(message)]
            if names == known.names:
                return known.hash
        hash = digest(canonical(message_fields(message, named, self._sent)))
        if known is not None:
            known.names = [named[id] for id in _ids(message)]
            known.hash = hash
        return hash

    def _of(self, message: BaseMessage) -> _Known | None:
        """What is known of the message as it is now; None where that cannot be told."""
        fields = message.__dict__
        stamped = _STAMPED.get(type(message))
        if stamped is None or type(fields["content"]) is not str or message.__pydantic_extra__:
            return None
        try:
            stamp = orjson.dumps(stamped(fields))
        except TypeError:
            return None
        known = self._known.get(id(message))
        if known is None or known.stamp != stamp:
            known = self._known[id(message)] = _Known(message, stamp)
        return known


def _ids(message: BaseMessage) -> list[str]:
    """The ids of tool calls that the message names, in order."""
    fields = message.__dict__
    if "tool_call_id" in fields:
        return [fields["tool_call_id"] or ""]
    return [call["id"] or "" for call in fields.get("tool_calls", ())]
