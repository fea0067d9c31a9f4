"""What a node wrote, as its record keeps it: the hash of all of it, and the small values.

Knows which values are worth keeping: what stands elsewhere in the trace (passages, the answer) is
not kept again. Knows nothing of files.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from ..tools.documents import Passage
from .answer import Answer
from .canonical import canonical, digest
from .redact import redact

KEPT = 4000
"""Bytes of canonical JSON up to which a value is kept; of a larger one only the hash is."""


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
    return digest(canonical(plain)), values


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
