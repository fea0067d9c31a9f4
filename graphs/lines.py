"""One line of a trace file: a canonical JSON record with a checksum chained to the line before.

Knows bytes and records as plain dictionaries; knows nothing of what a record means.

A line is `{...,"sum":"<16 hex>"}` and a newline. `sum` is blake2b-64 over the sum of the line
before (empty for the first) and the record's canonical bytes without the sum, so that a turned
bit, a hand edit and a line taken out are all seen.
"""

import re
from hashlib import blake2b
from typing import Any

from pydantic_core import from_json

from .canonical import canonical

LINE_LIMIT = 50_000_000
"""Bytes a line or a blob may have."""
VALUE_LIMIT = 500_000
"""Values a line or a blob may hold: a few bytes of JSON become a hundred in memory."""

_EMPTY = blake2b(digest_size=8)
"""Copied for every sum, which takes less time than to set one up."""
_HEAD = b',"sum":"'
_TAIL = len(_HEAD) + 16 + 2
# a text (to the end of the data where it has no end, so that each byte is looked at once), or what
# stands before a value
_MARK = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|([,\[{])', re.DOTALL)


def seal(record: dict[str, Any], previous: str) -> tuple[bytes, str]:
    """The line of a record, and its sum."""
    body = canonical(record)
    total = _sum(previous, body)
    return b'%s,"sum":"%s"}\n' % (body[:-1], total.encode()), total


def opened(line: bytes, previous: str) -> tuple[bytes, str]:
    """The record's bytes, not yet parsed, and the sum, which fits. Raises `ValueError`."""
    body = line[:-_TAIL] + b"}"
    total = _sum(previous, body)
    if line.endswith(b'%s%s"}' % (_HEAD, total.encode())):
        return body, total
    if line[-_TAIL:-18] != _HEAD or line[-2:] != b'"}':
        ending = ""
        if line[-1:] == b"\r":
            ending = " but in a carriage return: its line endings were changed, put back LF"
        raise ValueError('it does not end in `,"sum":"<16 hex>"}`' + ending)
    raise ValueError("its checksum does not fit: the line, or one before it, was changed")


def parse(data: bytes, count: int | None = None) -> Any:
    """JSON from bytes; no NaN, nesting and size bounded. Raises `ValueError` with the reason.

    `count` is `values(data)`, where that is known.
    """
    if len(data) > LINE_LIMIT:
        raise ValueError(f"it is longer than {LINE_LIMIT:,} bytes")
    if (values(data) if count is None else count) > VALUE_LIMIT:
        raise ValueError(f"it holds more than {VALUE_LIMIT:,} values")
    try:
        return from_json(data, allow_inf_nan=False)
    except ValueError as error:
        raise ValueError(f"it is not JSON that we accept ({error})") from None


def values(data: bytes) -> int:
    """About how many values stand in JSON; signs in texts are counted only where all are few.

    Stops counting above `VALUE_LIMIT`.
    """
    marks = data.count(b",") + data.count(b"[") + data.count(b"{")
    if marks <= VALUE_LIMIT // 10:
        return marks
    found = 0
    for match in _MARK.finditer(data):
        if match[1] is not None:
            found += 1
            if found > VALUE_LIMIT:
                break
    return found


def _sum(previous: str, body: bytes) -> str:
    hash = _EMPTY.copy()
    hash.update(previous.encode() + body)
    return hash.hexdigest()
