"""What one run has written down and hashed: each message, passage, draft and list of tools once.

A run sends the same messages with every request and hands on the same passages from node to node.
Knows values by identity, and keeps them so that no identity is used twice; knows nothing of what
the hashes are for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
from pydantic import BaseModel, JsonValue

from .canonical import VERSION, canonical, content_hash, digest
from .hidden import hidden
from .model import Message, OutputSchema
from .redact import clean_at_a_glance, redact


class Hashed:
    """The canonical bytes and hashes of one run's values, as they are recorded: redacted."""

    def __init__(self) -> None:
        self._data: dict[int, tuple[BaseModel, bytes]] = {}
        self._hashes: dict[int, tuple[object, str]] = {}

    def data(self, value: BaseModel) -> bytes:
        """`canonical(redact(value))`."""
        seen = self._data.get(id(value))
        if seen is None:
            seen = self._data[id(value)] = (value, _data(value))
        return seen[1]

    def hash(self, value: BaseModel) -> str:
        """`content_hash(value)`."""
        return self._once(value, lambda: digest(self.data(value)))

    def list_hash(self, values: Sequence[Mapping[str, JsonValue]]) -> str:
        """`content_hash(values)`; the list, and what is in it, must never change."""
        return self._once(values, lambda: content_hash(values))

    def request_key(
        self,
        scope: str,
        model: str,
        params: Mapping[str, JsonValue],
        tools: Sequence[Mapping[str, JsonValue]],
        output: OutputSchema | None,
        messages: Iterable[Message],
    ) -> str:
        """`graphs.canonical.request_key` of a request with these parts."""
        parts = [
            VERSION,
            scope,
            model,
            redact(params) if params else {},
            self.list_hash(tools),
            _NOTHING if output is None else self.hash(output),
            [self.hash(message) for message in messages],
        ]
        return digest(canonical(parts))

    def writes(self, writes: Mapping[str, Any]) -> str:
        """`content_hash` of what a node wrote to the state."""
        parts = [b'"%s":%s' % (name.encode(), self._part(writes[name])) for name in sorted(writes)]
        return digest(b"{%s}" % b",".join(parts))

    def _part(self, value: Any) -> bytes:
        if isinstance(value, BaseModel):
            return self.data(value)
        if isinstance(value, list) and value and isinstance(value[0], BaseModel):
            return b"[%s]" % b",".join([self._part(item) for item in value])
        if value is None or isinstance(value, bool | int) or not value:
            return canonical(value)
        return canonical(redact(value))

    def _once(self, value: object, work: Callable[[], str]) -> str:
        seen = self._hashes.get(id(value))
        if seen is None:
            seen = self._hashes[id(value)] = (value, work())
        return seen[1]


_NOTHING = content_hash(None)


def _data(value: BaseModel) -> bytes:
    try:
        data = orjson.dumps(
            value.model_dump(mode="json", exclude_defaults=True), option=orjson.OPT_SORT_KEYS
        )
    except (TypeError, ValueError, RecursionError):  # a lone surrogate, a long integer
        return canonical(redact(value))
    return data if clean_at_a_glance(data, hidden()) else canonical(redact(value))
