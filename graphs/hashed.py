"""What one run has written down and hashed: each message, passage, draft and list of tools once.

A run sends the same messages with every request and hands on the same passages from node to node.
What is written is looked through as it is written: most of it holds nothing to take out. Knows
values by identity, and keeps them so that no identity is used twice; knows nothing of what the
hashes are for.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import BaseModel, JsonValue

from ..tools.documents import Passage
from .answer import Answer
from .canonical import canonical, digest, key_of_call, key_of_request, mark
from .clean import Clean
from .hidden import hidden
from .identity import identity
from .model import Message, OutputSchema
from .redact import clean_json, redact
from .written import HASHES, KEPT, Kept

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")


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
        self._wrote: tuple[object, dict[str, Kept]] = (None, {})
        """What was written last, part by part: its values by name."""

    def forget(self) -> None:
        """Let go of the run's values: it ended, and only its trace is asked for."""
        self._data.clear()
        self._hashes.clear()
        self._wrote = (None, {})

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

    def glance(self, value: object) -> bytes | None:
        """`canonical(value)` where that shows that there is nothing to take out; else None."""
        try:
            data = canonical(value)
        except (TypeError, RecursionError):  # what is no JSON, or deeper than is recorded
            return None
        texts = self._texts
        sought = texts.sought if hidden() is texts.hidden else texts.seek()
        return data if clean_json(value, data, sought) else None

    def both(self, value: T) -> tuple[T, bytes]:
        """`redact(value)`, and that in canonical form."""
        data = self.glance(value)
        if data is not None:
            return value, data
        clean = self.redacted(value)
        return clean, canonical(clean)

    def kept(self, writes: Mapping[str, Any]) -> dict[str, Kept]:
        """The values of what a node wrote that its record keeps (graphs.written), by name."""
        parts = self._wrote[1] if self._wrote[0] is writes else self._parts(writes)
        return {
            name: self._kept(writes[name], data)
            for name, data in parts.items()
            if data not in _EMPTY and name not in HASHES and not isinstance(writes[name], Answer)
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
        parts = self._parts(writes)
        self._wrote = writes, parts
        return mark(
            b"{%s}"
            % b",".join(
                [
                    b'"%s":%s' % (name.encode(), part if type(part) is bytes else _whole(part))
                    for name, part in parts.items()
                ]
            )
        )

    def _parts(self, writes: Mapping[str, Any]) -> dict[str, Kept]:
        return {name: self._part(writes[name]) for name in sorted(writes)}

    def _part(self, value: Any) -> Kept:
        if not value or value is True:
            return canonical(value)
        # to ask `isinstance` of a model is slow
        if hasattr(value, _MODEL):
            return self._seen(value)[2]
        if type(value) is list and hasattr(value[0], _MODEL):
            return [
                self._seen(item)[2] if hasattr(item, _MODEL) else self.both(item)[1]
                for item in value
            ]
        return self.both(value)[1]

    def _kept(self, value: Any, data: Kept) -> Kept:
        """`data`: the value in canonical form, as `_part` gives it."""
        if type(value) is Passage:
            data = canonical(self.clean(value).id)
        elif type(data) is list:
            return [self._kept(item, part) for item, part in zip(value, data, strict=True)]
        # a short list is written as it is, whatever is in it
        elif type(value) is list and (len(data) > INLINE or POINTER in data or SHOWN in data):
            return [self._kept(item, self._part(item)) for item in value]
        return data if len(data) <= KEPT else canonical({"#": digest(cast(bytes, data))})

    def _seen(self, value: BaseModel) -> tuple[BaseModel, BaseModel, bytes]:
        seen = self._data.get(identity(value))
        if seen is None:
            seen = self._data[identity(value)] = (value, *self.both(value))
        return seen

    def _once(self, value: object, work: Callable[[], str]) -> str:
        seen = self._hashes.get(identity(value))
        if seen is None:
            seen = self._hashes[identity(value)] = (value, work())
        return seen[1]


class _AsItIs(Hashed):
    """The same of values as they are."""

    def tool_key(self, scope: str, name: str, arguments: Mapping[str, object] | None) -> str:
        return key_of_call(scope, name, arguments)

    def both(self, value: T) -> tuple[T, bytes]:
        return value, canonical(value)

    def redacted(self, value: T) -> T:
        return value

    def redacted_again(self, value: T) -> T:
        return value


def _whole(part: Kept) -> bytes:
    return b"[%s]" % b",".join(cast(list[bytes], part))


_MODEL = "__pydantic_fields_set__"
"""What models have, and nothing else."""
_NOTHING = digest(canonical(None))
_EMPTY = (b"null", b"[]", b"false")
INLINE = 200
"""Bytes up to which a value stands in a line of the trace itself (graphs.writer)."""
POINTER = b'"$"'
"""What a value that stands in a line by itself must not hold: there it names a blob."""
SHOWN = b'"~"'
"""The same: there it stands for a message."""
