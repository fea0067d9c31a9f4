"""The messages of one run that is held against its record: each is written down and hashed once.

A run sends its messages with every request, and a state holds them all. What is known of one holds
for as long as it stays what it was: a stamp of all its fields is compared whenever it is met. Knows
LangChain's messages; knows nothing of requests, of nodes or of a record.
"""

from collections.abc import Callable, Iterator, Sequence
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

from .canonical import canonical, digest, mark, quoted
from .identity import identity
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


class _AsItIs(Values):
    """Of values that are JSON."""

    def encode(self, value: Any, depth: int = 0) -> JsonValue:
        return value  # type: ignore[no-any-return]


_JSON = _AsItIs()


class _Known:
    """What is known of a message."""

    __slots__ = ("hash", "ids", "json", "message", "names", "stamp", "written")

    def __init__(self, message: BaseMessage, stamp: bytes, json: bool = False):
        # the message is kept, so that its identity is not used twice
        self.message = message
        self.stamp = stamp
        self.json = json
        """Whether all in it was read from JSON, with nothing that has a form of its own."""
        self.hash = ""
        """Of the message as a model is sent it."""
        self.ids: list[str] = []
        """The ids of calls in it, and the names that they had for this hash."""
        self.names: list[str] = []
        self.written = b""
        """The message as a node writes it: canonical JSON."""


class KnownMessages(Values):
    """Values as a trace keeps what nodes write: without the ids of messages."""

    def __init__(self, types: Sequence[type] = ()):
        super().__init__(types)
        self._sent = Values(types)
        self._known: dict[int, _Known] = {}

    def born(self, message: AIMessage | ToolMessage) -> None:
        """A message begins that holds only texts and what was read from JSON."""
        (known,) = self._each([message])
        # a value with a form of its own has one key, which begins so
        known.json = known.stamp != b"" and b'"$' not in known.stamp

    def message(self, message: BaseMessage, depth: int = 0) -> JsonValue:
        """The message as a node writes it."""
        (written,) = self._written([message], depth)
        made: Any = orjson.Fragment(written)
        return made  # type: ignore[no-any-return]

    def written(self, value: object) -> str:
        """The hash of what a node wrote, or of a state."""
        if type(value) is not dict or not _plain_names(value):
            plain = self.encode(value)
            return mark(canonical(plain if isinstance(plain, dict) else {"": plain}))
        parts = []
        for name in sorted(value):
            item = value[name]
            if type(item) is not list:
                data = canonical(self.encode(item, 1))
            elif all(map(_STAMPED.__contains__, map(type, item))):
                data = b"[%s]" % b",".join(self._written(item, 2))
            else:
                data = canonical(self.encode(item, 1))
            parts.append(b"%s:%s" % (quoted(name), data))
        return mark(b"{%s}" % b",".join(parts))

    def hashes(self, messages: Sequence[BaseMessage]) -> list[str]:
        """Of each message of a request as a model is sent it."""
        named: dict[str, str] = {}
        """The names that ids of calls have, in the order in which they are met."""
        found = []
        for known in self._each(messages):
            if known.hash:
                for id, name in zip(known.ids, known.names, strict=True):
                    if named.setdefault(id, f"tc{len(named) + 1}") != name:
                        break  # another message came before it than at that time
                else:
                    found.append(known.hash)
                    continue
            values = _JSON if known.json else self._sent
            known.hash = digest(canonical(message_fields(known.message, named, values)))
            known.ids = _ids(known.message)
            known.names = [named[id] for id in known.ids]
            found.append(known.hash)
        return found

    def _written(self, messages: Sequence[BaseMessage], depth: int) -> list[bytes]:
        found = []
        for known in self._each(messages):
            if not known.written:
                made: Any
                if known.json:
                    made = {"$message": _beyond_defaults(known.message)}
                else:
                    made = super().message(known.message, depth)
                    if "$message" in made:
                        made["$message"].pop("id", None)
                known.written = canonical(made)
            found.append(known.written)
        return found

    def _each(self, messages: Sequence[BaseMessage]) -> Iterator[_Known]:
        """What is known of each message as it is now."""
        for message in messages:
            try:
                # what is another one when the message is changed
                parts = _STAMPED[type(message)](message.__dict__), message.__pydantic_extra__
                stamp = orjson.dumps(parts)
            except (KeyError, TypeError):
                stamp = b""  # that cannot be told
            here = identity(message)
            known = self._known.get(here)
            if known is None or known.message is not message or known.stamp != stamp or not stamp:
                known = self._known[here] = _Known(message, stamp)
            yield known


def _plain_names(value: dict[Any, object]) -> bool:
    """Whether its keys are texts that no form of a value of its own begins with."""
    for name in value:
        if type(name) is not str or name[:1] == "$":
            return False
    return bool(value)


def _beyond_defaults(message: BaseMessage) -> dict[str, Any]:
    """`Values.message` of one that `graphs.plain_messages` put together, without its id."""
    fields = message.__dict__
    made = {"class": type(message).__name__, "content": fields["content"]}
    if type(message) is AIMessage:
        if fields["tool_calls"]:
            made["tool_calls"] = fields["tool_calls"]
        if fields["usage_metadata"] is not None:
            made["usage_metadata"] = fields["usage_metadata"]
    else:
        made["tool_call_id"] = fields["tool_call_id"]
        if fields["name"] is not None:
            made["name"] = fields["name"]
    return made


def _ids(message: BaseMessage) -> list[str]:
    """The ids of tool calls that the message names, in order."""
    fields = message.__dict__
    if "tool_call_id" in fields:
        return [fields["tool_call_id"] or ""]
    return [call["id"] or "" for call in fields.get("tool_calls", ())]
