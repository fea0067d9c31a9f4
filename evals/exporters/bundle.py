"""A trace as one file: the same lines, with what stood in blobs put back into them.

Knows where the format lets a value stand in a blob (docs/trace.md). The file is a trace like any
other: it is read, replayed and taken in without the folder that it came from.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...graphs.blobs import Blobs
from ...graphs.lines import parse, seal
from ...graphs.records import lines, load
from ...graphs.shown import is_packed
from ...tools.errors import TraceError

_PACKED = (
    "params",
    "tools",
    "output",
    "reply",
    "error",
    "attempts",
    "call",
    "result",
    "approval",
    "answer",
)
_PACKED_LISTS = ("messages", "passages")
_START_PACKED = (
    "params",
    "profile",
    "limits",
    "options",
    "fingerprints",
    "tools",
    "history",
    "setup",
)


def bundle(path: Path) -> bytes:
    """The trace with every blob in its lines: one file that any machine reads as a trace.

    Nothing but the place of values changes, so keys and hashes stay. Raises `TraceError`.
    """
    data = load(path)
    blobs = Blobs(path.parent / "blobs")
    found = []
    previous = ""
    for line in lines(path, data[: data.rfind(b"\n") + 1]):
        record = _inlined(line.record, blobs)
        if isinstance(record.get("start"), dict):
            start = record["start"]
            inner = {
                key: _value(item, blobs) if key in _START_PACKED else item
                for key, item in start.items()
            }
            record = {**record, "start": inner}
        sealed, previous = seal(record, previous)
        found.append(sealed)
    if not found:
        raise TraceError(f"{path} has no whole line: there is nothing to export", path)
    return b"".join(found)


def _inlined(record: Mapping[str, Any], blobs: Blobs) -> dict[str, Any]:
    found = dict(record)
    for key in _PACKED:
        if key in found:
            found[key] = _value(found[key], blobs)
    for key in _PACKED_LISTS:
        if isinstance(found.get(key), list):
            found[key] = [_value(item, blobs) for item in found[key]]
    if record.get("t") == "node" and isinstance(record.get("values"), dict):
        found["values"] = {key: _pointed(item, blobs) for key, item in record["values"].items()}
    return found


def _value(value: Any, blobs: Blobs) -> Any:
    """What a string names; anything else stands there itself."""
    return parse(blobs.get(value)) if isinstance(value, str) else value


def _pointed(value: Any, blobs: Blobs) -> Any:
    """What `{"$": name}` points to, also within a list; as it is where it looks like a pointer."""
    if isinstance(value, list):
        return [_pointed(item, blobs) for item in value]
    if isinstance(value, dict) and value.keys() == {"$"} and isinstance(value["$"], str):
        held = parse(blobs.get(value["$"]))
        alike = isinstance(held, dict) and (held.keys() == {"$"} or is_packed(held))
        return {"$": held} if alike else held
    return value
