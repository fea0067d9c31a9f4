"""A file as records: one JSON value, a list of them, or one a line.

Knows bytes and JSON of bounded size and depth; which formats are a list themselves it asks the
importers. One bad line does not keep the others out.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from ..graphs.blobs import read_regular
from ..tools.errors import TraceError
from .importers import langsmith, openai, otel

FILE_LIMIT = 500_000_000
"""Bytes that a file of records may have."""
RECORD_LIMIT = 50_000_000
"""Bytes that one line of it may have."""


@dataclass(frozen=True)
class Record:
    """One record of a file, or why it could not be read."""

    number: int
    value: Any = None
    error: str = ""


def load(path: Path) -> bytes:
    """The bytes of a file of records. Raises `TraceError`."""
    try:
        return read_regular(path, FILE_LIMIT)
    except FileNotFoundError:
        raise TraceError(f"there is no file {path}", path) from None
    except OSError as error:
        raise TraceError(f"{path} cannot be read: {error.strerror or error}", path) from None
    except ValueError as error:
        raise TraceError(str(error), path) from None


def records_of(data: bytes) -> list[Record]:
    """One record, a list of them, or one a line; chat messages alone make up one record."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return [Record(1, error="the file is in UTF-16; save it as UTF-8")]
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        return [Record(1, error="the file is empty")]
    try:
        whole = _parse(data, FILE_LIMIT)
    except ValueError as error:
        lines = data.splitlines()
        if len([line for line in lines if line.strip()]) < 2:
            return [Record(1, error=f"it is not JSON that we accept ({error})")]
        return _lines(lines)
    if whole == []:
        return [Record(1, error="the list is empty")]
    values = whole if isinstance(whole, list) and not _is_one(whole) else [whole]
    return [Record(number, value) for number, value in enumerate(values, 1)]


def _lines(lines: list[bytes]) -> list[Record]:
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(Record(number, _parse(line, RECORD_LIMIT)))
        except ValueError as error:
            found.append(
                Record(number, error=f"line {number} is not JSON that we accept ({error})")
            )
    good = [item.value for item in found if not item.error]
    if len(good) == len(found) and _is_one(good):
        return [Record(1, good)]
    return found


def _is_one(values: list[Any]) -> bool:
    """Whether a list is one record itself: chat messages, runs or spans."""
    if not values or not all(isinstance(item, dict) for item in values):
        return False
    return openai.fits(values) or langsmith.fits(values) or otel.fits(values)


def _parse(data: bytes, limit: int) -> Any:
    if len(data) > limit:
        raise ValueError(f"it is longer than {limit:,} bytes")
    return from_json(data)
