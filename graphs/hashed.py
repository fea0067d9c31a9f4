"""What one run has written down and hashed: each message, passage, draft and list of tools once.

A run sends the same messages with every request and hands on the same passages from node to node.
Knows values by identity, and keeps them so that no identity is used twice; knows nothing of what
the hashes are for.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import BaseModel, JsonValue

from ..tools.documents import Passage
from .answer import Answer
from .canonical import canonical, digest, key_of_call, key_of_request
from .clean import Clean
from .model import Message, OutputSchema
from .redact import redact
from .written import KEPT

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")

Kept = bytes | list["Kept"]
"""A value that the record of a node keeps, as canonical JSON; of a list each item by itself."""


class Hashed:
    """The canonical bytes and hashes of one run's values, as they are recorded: redacted."""

    def __init__(self, secrets: Sequence[str] = (), known: Collection[str] = ()) -> None:
        """`secrets` are taken out as by `redact`.

        `known` are hashes and keys of a record, which holds redacted values only: what hashes to
        one of them as it is needs no looking through.
        """
        self._secrets = tuple(secrets)
        self._texts = Clean(secrets)
        self._known = known
        self._as_it_is = _AsItIs() if known else None
        self._data: dict[int, tuple[BaseModel, BaseModel, bytes]] = {}
        self._hashes: dict[int, tuple[object, str]] = {}
        self._parts: tuple[object, dict[str, bytes]] = (None, {})
        """Of what was written last what is neither a model nor a list of them."""

    def redacted(self, value: T) -> T:
        """`redact(value)`."""
        return value if self._texts.holds(value) else redact(value, self._secrets)

    def redacted_again(self, value: T) -> T:
        """`redact(value)` of JSON that run after run has: tools, limits, a schema."""
        return value if self._texts.holds_again(value) else redact(value, self._secrets)

    def data(self, value: BaseModel) -> bytes:
        """`canonical(redact(value))`."""
        return self._seen(value)[2]

    def clean(self, value: M) -> M:
        """`redact(value)`."""
        found: Any = self._seen(value)[1]
        return cast(M, found)

    def kept(self, writes: Mapping[str, Any]) -> dict[str, Kept]:
        """The values of what a node wrote that its record keeps (graphs.written)."""
        parts = self._parts[1] if self._parts[0] is writes else {}
        return {
            name: self._kept(value, parts.get(name))
            for name, value in writes.items()
            if value not in (None, [], False) and not isinstance(value, Answer)
        }

    def hash(self, value: BaseModel) -> str:
        """`content_hash(value)`."""
        return self._once(value, lambda: digest(self.data(value)))

    def list_hash(self, values: Sequence[Mapping[str, JsonValue]]) -> str:
        """`content_hash(values)`; the list, and what is in it, must never change."""
        return self._once(values, lambda: digest(canonical(self.redacted_again(values))))

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
        if self._as_it_is is not None:
            key = self._as_it_is.request_key(scope, model, params, tools, output, messages)
            if key in self._known:
                return key
        return key_of_request(
            scope,
            model,
            self.redacted(params) if params else {},
            self.list_hash(tools),
            _NOTHING if output is None else self.hash(output),
            [self.hash(message) for message in messages],
        )

    def tool_key(self, scope: str, name: str, arguments: Mapping[str, object] | None) -> str:
        """`graphs.canonical.tool_key`."""
        if self._as_it_is is not None:
            key = self._as_it_is.tool_key(scope, name, arguments)
            if key in self._known:
                return key
        plain = None if arguments is None else dict(arguments)
        return key_of_call(scope, self.redacted(name), self.redacted(plain))

    def writes(self, writes: Mapping[str, Any]) -> str:
        """`content_hash` of what a node wrote to the state."""
        if self._as_it_is is not None:
            hash = self._as_it_is.writes(writes)
            if hash in self._known:
                return hash
        self._parts = writes, {}
        parts = [b'"%s":%s' % (name.encode(), self._part(name, writes)) for name in sorted(writes)]
        return digest(b"{%s}" % b",".join(parts))

    def _part(self, name: str, writes: Mapping[str, Any]) -> bytes:
        value = writes[name]
        if isinstance(value, BaseModel):
            return self.data(value)
        if isinstance(value, list) and value and isinstance(value[0], BaseModel):
            return b"[%s]" % b",".join([self._item(item) for item in value])
        if value is None or isinstance(value, bool | int) or not value:
            return canonical(value)
        data = self._parts[1][name] = canonical(self.redacted(value))
        return data

    def _item(self, value: Any) -> bytes:
        if isinstance(value, BaseModel):
            return self.data(value)
        return canonical(self.redacted(value))

    def _kept(self, value: Any, data: bytes | None = None) -> Kept:
        """`data`: its canonical bytes, where they are known."""
        if isinstance(value, list):
            # a short one is written as it is, whatever is in it
            short = data is not None and len(data) <= INLINE and POINTER not in data
            return data if data is not None and short else [self._kept(item) for item in value]
        if isinstance(value, Passage):
            data = canonical(self.clean(value).id)
        elif isinstance(value, BaseModel):
            data = self.data(value)
        elif data is None:
            data = canonical(self.redacted(value))
        return data if len(data) <= KEPT else canonical({"#": digest(data)})

    def _seen(self, value: BaseModel) -> tuple[BaseModel, BaseModel, bytes]:
        seen = self._data.get(id(value))
        if seen is None:
            seen = self._data[id(value)] = (value, *self._cleaned(value))
        return seen

    def _cleaned(self, value: BaseModel) -> tuple[BaseModel, bytes]:
        clean = self.redacted(value)
        return clean, canonical(clean)

    def _once(self, value: object, work: Callable[[], str]) -> str:
        seen = self._hashes.get(id(value))
        if seen is None:
            seen = self._hashes[id(value)] = (value, work())
        return seen[1]


class _AsItIs(Hashed):
    """The same of values as they are."""

    def tool_key(self, scope: str, name: str, arguments: Mapping[str, object] | None) -> str:
        return key_of_call(scope, name, arguments)

    def _cleaned(self, value: BaseModel) -> tuple[BaseModel, bytes]:
        return value, canonical(value)

    def redacted(self, value: T) -> T:
        return value

    def redacted_again(self, value: T) -> T:
        return value


_NOTHING = digest(canonical(None))
INLINE = 200
"""Bytes up to which a value stands in a line of the trace itself (graphs.writer)."""
POINTER = b'"$"'
"""What a value that stands in a line by itself must not hold: there it names a blob."""
