"""What a node wrote, as its record keeps it: the hash of all of it, and the small values.

Knows which values are worth keeping: what stands elsewhere in the trace (passages, the answer) is
not kept again. Knows nothing of files.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue
from pydantic_core import from_json

from ..tools.documents import Passage
from .answer import Answer
from .canonical import canonical, digest, mark
from .redact import redact
from .steps import NodeRecord

KEPT = 4000
"""Bytes of canonical JSON up to which a value is kept; of a larger one only the hash is."""

HASHES = frozenset({"made"})
"""What of a state is hashes, which say nothing to a person, and is not kept."""
Kept = bytes | list["Kept"]
"""A value that the record of a node keeps, as canonical JSON; of a list each item by itself."""


class Wrote(NamedTuple):
    """A `NodeRecord` as it is written to a trace."""

    node: str
    superstep: int
    writes: str
    route: str | None
    after: int
    kept: Mapping[str, Kept]
    """Its values, by name."""

    def record(self) -> NodeRecord:
        """As a trace shows it."""
        # made of valid parts: JSON that was just written
        return NodeRecord.model_construct(
            node=self.node,
            superstep=self.superstep,
            writes=self.writes,
            route=self.route,
            after=self.after,
            values={name: _value(data) for name, data in self.kept.items()},
        )


def wrote(record: NodeRecord) -> Wrote:
    """The same of a record that is there already."""
    kept = {name: _items(record.values[name]) for name in sorted(record.values)}
    return Wrote(record.node, record.superstep, record.writes, record.route, record.after, kept)


def written(writes: Mapping[str, Any]) -> tuple[str, dict[str, JsonValue]]:
    """The content hash of what a node wrote, and its values for a person to compare.

    A passage stands for itself by its id; a value that is too large is `{"#": hash}`; one that is
    empty is left out.
    """
    plain = redact(dict(writes))
    values = {
        name: _kept(value)
        for name, value in plain.items()
        if value not in (None, [], False) and not isinstance(value, Answer)
    }
    return mark(canonical(plain)), values


def kept_data(data: bytes) -> JsonValue:
    """A value as a record keeps it, from its canonical bytes."""
    if len(data) > KEPT:
        return {"#": digest(data)}
    plain: JsonValue = from_json(data)
    return plain


def _kept(value: object) -> JsonValue:
    if isinstance(value, Passage):
        return value.id
    if isinstance(value, list):
        return [_kept(item) for item in value]
    return kept_data(canonical(value))


def _items(value: JsonValue) -> Kept:
    return list(map(_items, value)) if isinstance(value, list) else canonical(value)


def _value(kept: Kept) -> JsonValue:
    if isinstance(kept, bytes):
        value: JsonValue = from_json(kept)
        return value
    return [_value(item) for item in kept]
