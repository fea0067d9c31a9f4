"""The records of a trace file: whole lines in their order, each held against the chain.

Knows bytes, lines and their bounds; knows nothing of what a record means.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..tools.errors import TraceError
from .blobs import read_regular
from .canonical import canonical
from .lines import LINE_LIMIT, opened, parse, values

FILE_LIMIT = 100_000_000
"""Bytes that a trace file may have."""
RECORD_LIMIT = 100_000
"""Records that a trace may have."""


@dataclass(frozen=True)
class Line:
    """A record and where it stands."""

    number: int
    record: dict[str, Any]
    """Without its sum."""
    values: int
    """About how many values it holds."""


def load(path: Path) -> bytes:
    """The bytes of a trace file. Raises `TraceError`."""
    try:
        return read_regular(path, FILE_LIMIT)
    except FileNotFoundError:
        raise TraceError(f"there is no trace file {path}", path) from None
    except OSError as error:
        raise TraceError(f"{path} cannot be read: {error.strerror or error}", path) from None
    except ValueError as error:
        raise TraceError(f"not a trace: {error}", path) from None


def lines(path: Path, data: bytes, end: int | None = None) -> Iterator[Line]:
    """The records of whole lines, each checked against the chain; `end` is where the last ends."""
    previous = ""
    start = 0
    number = 0
    end = len(data) if end is None else end
    while start < end:
        number += 1
        if number > RECORD_LIMIT:
            raise TraceError(f"{path} has more than {RECORD_LIMIT:,} records", path, number)
        stop = data.find(b"\n", start)
        if stop - start > LINE_LIMIT:
            raise TraceError(
                f"{path}, line {number} is longer than {LINE_LIMIT:,} bytes", path, number
            )
        line = data[start:stop]
        try:
            body, previous = opened(line, previous)
            count = values(body)
            record = parse(body, count)
            if not isinstance(record, dict) or canonical(record) != body:
                raise ValueError("it is not a canonical JSON object")
        except ValueError as error:
            hint = "; is this a trace?" if number == 1 else ""
            raise TraceError(f"{path}, line {number}: {error}{hint}", path, number) from None
        if record.get("n", number - 1) != number - 1 or not isinstance(record.get("t"), str):
            raise TraceError(
                f"{path}, line {number}: expected record {number - 1}, found "
                f"{record.get('n')!r:.20} of type {record.get('t')!r:.40}",
                path,
                number,
            )
        yield Line(number, record, count)
        start = stop + 1
