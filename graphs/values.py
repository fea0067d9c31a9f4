"""Python values as plain JSON and back: what a user's graph is given, asks, hears and writes.

Knows LangChain's messages, LangGraph's commands and a closed list of plain types. A value of
another type is kept as a note of what it was, unless its class was named (`types`): nothing is ever
imported or made by a name that stands in a trace.

JSON values stand for themselves; everything else is an object with one key that begins with `$`.
"""

import base64
import dataclasses
import datetime
import decimal
import enum
import math
import pathlib
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from langchain_core import messages
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage
from langgraph.types import Command, Interrupt, Send
from pydantic import BaseModel, JsonValue

from ..tools.errors import TraceError
from .plain_messages import said_message

_MESSAGES: dict[str, type[BaseMessage]] = {
    name: getattr(messages, name)
    for name in (
        "AIMessage",
        "AIMessageChunk",
        "ChatMessage",
        "FunctionMessage",
        "HumanMessage",
        "HumanMessageChunk",
        "RemoveMessage",
        "SystemMessage",
        "SystemMessageChunk",
        "ToolMessage",
        "ToolMessageChunk",
    )
}
_KINDS = set(_MESSAGES.values())
_TYPE = ("type",)
_DERIVED = ("type", "tool_calls", "invalid_tool_calls")
"""What a message works out from its class, and a chunk from its `tool_call_chunks`."""
_SAID = (messages.SystemMessage, messages.HumanMessage)
_DEPTH = 40


_LEAVES = {str, int, bool, type(None)}
"""JSON that stands for itself and holds nothing."""
_TEXT = {str}
_REQUIRED = object()
"""Stands for a default where there is none."""


class Values:
    """Encodes and decodes. `types`: further classes (pydantic models, dataclasses, enums)."""

    def __init__(self, types: Iterable[type] = ()):
        self.types = {kind.__qualname__: kind for kind in types}

    def encode(self, value: object, depth: int = 0) -> JsonValue:
        """The value as JSON; never fails."""
        kind = type(value)
        if kind in _LEAVES:
            return value  # type: ignore[return-value]
        if kind is float:
            return value if math.isfinite(value) else {"$float": repr(value)}  # type: ignore[arg-type, return-value]
        if depth > _DEPTH:
            return _opaque(value)
        if kind in _KINDS:
            return self.message(value, depth)  # type: ignore[arg-type]
        if kind is dict and _named(value):  # type: ignore[arg-type]
            made = {}
            for key, item in value.items():  # type: ignore[attr-defined]
                made[key] = item if type(item) in _LEAVES else self.encode(item, depth + 1)
            return made
        if kind is list:
            items: list[JsonValue] = []
            for item in value:  # type: ignore[attr-defined]
                if type(item) in _LEAVES:
                    items.append(item)
                elif type(item) in _KINDS:
                    items.append(self.message(item, depth + 1))
                else:
                    items.append(self.encode(item, depth + 1))
            return items
        if isinstance(value, dict):
            return self._dict(value, depth)
        if isinstance(value, BaseMessage):
            return self.message(value, depth)
        if kind is tuple:
            return {"$tuple": [self.encode(item, depth + 1) for item in value]}  # type: ignore[attr-defined]
        return self._other(value, depth)

    def decode(self, value: JsonValue) -> Any:
        """The value again. Raises `TraceError` for what cannot be made again."""
        if isinstance(value, list):
            return [self.decode(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (tag,) = value
            if tag.startswith("$"):
                try:
                    return self._tagged(tag, value[tag])
                except TraceError:
                    raise
                except Exception as error:
                    raise TraceError(
                        f"a recorded value ({tag}) cannot be made again: {error}"
                    ) from None
        return {key: self.decode(item) for key, item in value.items()}

    def message(self, message: BaseMessage, depth: int = 0) -> JsonValue:
        """A message with the fields that it has beyond their defaults."""
        kind, defaults = _kind(type(message))
        if kind is None:
            return _opaque(message)
        fields = message.__dict__
        left_out = _DERIVED if fields.get("tool_call_chunks") else _TYPE
        made: dict[str, JsonValue] = {"class": kind}
        for name, item in fields.items():
            default = defaults.get(name, _REQUIRED)
            if item is default or name in left_out:
                continue
            if type(item) is type(default) and item == default:
                continue
            made[name] = item if type(item) is str else self.encode(item, depth + 1)
        for name, item in (message.__pydantic_extra__ or {}).items():
            made[name] = self.encode(item, depth + 1)
        return {"$message": made}

    def _dict(self, value: Mapping[Any, object], depth: int) -> JsonValue:
        if _named(value):
            return {key: self.encode(item, depth + 1) for key, item in value.items()}
        pairs: list[JsonValue] = [
            [self.encode(key, depth + 1), self.encode(item, depth + 1)]
            for key, item in value.items()
        ]
        return {"$dict": pairs}

    def _other(self, value: Any, depth: int) -> JsonValue:
        named = self.types.get(type(value).__qualname__)
        if named is type(value):
            return self._named(value, depth)
        match value:
            case str() if not isinstance(value, enum.Enum):
                # such as `message.text` of LangChain, a text that can be called
                return str.__str__(value)
            case bytes():
                return {"$bytes": base64.b64encode(value).decode()}
            case set() | frozenset():
                items = [self.encode(item, depth + 1) for item in value]
                return {"$set": sorted(items, key=repr)}
            case datetime.datetime():
                return {"$datetime": value.isoformat()}
            case datetime.date():
                return {"$date": value.isoformat()}
            case decimal.Decimal():
                return {"$decimal": str(value)}
            case uuid.UUID():
                return {"$uuid": str(value)}
            case pathlib.PurePath():
                return {"$path": str(value)}
            case Document():
                fields = {"id": value.id, "metadata": value.metadata}
                return {"$document": {"text": value.page_content, **self._fields(fields, depth)}}
            case Command():
                parts = {n: getattr(value, n) for n in ("graph", "update", "resume", "goto")}
                kept = {n: item for n, item in parts.items() if item not in (None, ())}
                return {"$command": self._fields(kept, depth)}
            case Send():
                return {"$send": [value.node, self.encode(value.arg, depth + 1)]}
            case Interrupt():
                # its id is made from the ids of the run
                return {"$interrupt": self.encode(value.value, depth + 1)}
        return _opaque(value)

    def _fields(self, fields: Mapping[str, object], depth: int) -> dict[str, JsonValue]:
        return {name: self.encode(item, depth + 1) for name, item in fields.items()}

    def _named(self, value: Any, depth: int) -> JsonValue:
        name = type(value).__qualname__
        if isinstance(value, BaseModel):
            return {"$type": [name, self._fields(value.__dict__, depth)]}
        if dataclasses.is_dataclass(value):
            fields = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
            return {"$type": [name, self._fields(fields, depth)]}
        if isinstance(value, enum.Enum):
            return {"$type": [name, value.name]}
        return _opaque(value)

    def _tagged(self, tag: str, inner: Any) -> Any:
        match tag:
            case "$message":
                kind = _MESSAGES[inner["class"]]
                content = inner.get("content")
                if kind in _SAID and len(inner) == 2 and type(content) is str:
                    return said_message(kind, content)
                fields = {k: self.decode(v) for k, v in inner.items() if k != "class"}
                return kind(**fields)
            case "$tuple":
                return tuple(self.decode(item) for item in inner)
            case "$dict":
                return {self.decode(key): self.decode(item) for key, item in inner}
            case "$set":
                return {self.decode(item) for item in inner}
            case "$bytes":
                return base64.b64decode(inner)
            case "$float":
                return float(inner)
            case "$datetime":
                return datetime.datetime.fromisoformat(inner)
            case "$date":
                return datetime.date.fromisoformat(inner)
            case "$decimal":
                return decimal.Decimal(inner)
            case "$uuid":
                return uuid.UUID(inner)
            case "$path":
                return pathlib.PurePath(inner)
            case "$document":
                return Document(
                    inner["text"], id=inner["id"], metadata=self.decode(inner["metadata"])
                )
            case "$command":
                return Command(**{key: self.decode(item) for key, item in inner.items()})
            case "$send":
                return Send(inner[0], self.decode(inner[1]))
            case "$interrupt":
                return Interrupt(self.decode(inner))
            case "$type":
                return self._revive(*inner)
            case "$opaque":
                raise TraceError(
                    f"the record holds a {inner[0]} only as text ({inner[1][:60]!r}); name the"
                    " class: record(graph, types=[...]) and replay(..., types=[...])"
                )
        return {tag: self.decode(inner)}

    def _revive(self, name: str, inner: Any) -> Any:
        kind = self.types.get(name)
        if kind is None:
            raise TraceError(f"the record holds a {name!r:.80}; name the class: types=[...]")
        if issubclass(kind, enum.Enum):
            return kind[inner]
        fields = {key: self.decode(item) for key, item in inner.items()}
        if issubclass(kind, BaseModel):
            return kind.model_construct(**fields)
        return kind(**fields)


@lru_cache(maxsize=256)
def _kind(kind: type[BaseMessage]) -> tuple[str | None, dict[str, Any]]:
    """Of a class of messages: the one of LangChain's that it is, and the defaults of its fields.

    They are not to be changed, nor handed on.
    """
    name = next((k.__name__ for k in kind.__mro__ if k.__name__ in _MESSAGES), None)
    return name, {
        name: field.get_default(call_default_factory=True)
        for name, field in kind.model_fields.items()
        if not field.is_required()
    }


def _named(value: Mapping[Any, object]) -> bool:
    """Whether its keys are texts, and it is not to be taken for a value with a form of its own."""
    if len(value) == 1:
        (key,) = value
        return type(key) is str and not key.startswith("$")
    return set(map(type, value)) <= _TEXT


def _opaque(value: object) -> JsonValue:
    # no address in it: the text has to be the same in the next process
    kind = type(value).__qualname__
    text = str(value) if type(value).__str__ is not object.__str__ else kind
    return {"$opaque": [kind, kind if " at 0x" in text else text[:500]]}


def without_ids(value: JsonValue) -> JsonValue:
    """The same without the ids of messages, which differ from run to run."""
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    if isinstance(value, dict):
        if len(value) == 1 and isinstance(fields := value.get("$message"), dict):
            kept = {k: without_ids(v) for k, v in fields.items() if k != "id"}
            return {"$message": kept}
        return {key: without_ids(item) for key, item in value.items()}
    return value
