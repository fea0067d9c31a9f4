"""The values of a trace: in the line itself, or in the blob that a text names; each read once.

Knows blobs, and the bound on how many values a trace may hold. What most traces share (prompts,
tools, limits) is read once a process, as long as its file is the same.
"""

import os
from collections import OrderedDict
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from .blobs import Blobs
from .canonical import canonical
from .lines import VALUE_LIMIT, values

TOTAL_LIMIT = 3 * VALUE_LIMIT
"""Values that the lines and blobs of a trace may hold together."""
_REMEMBERED = 256
"""Blobs that are remembered from trace to trace, of at most `_SMALL` bytes each."""
_SMALL = 16_384
_MET = 4096
"""Names of blobs that were read once. One that is met again is remembered."""

T = TypeVar("T")
_Stamp = tuple[int, int, int, int]
_Where = tuple[str, TypeAdapter[Any]]
_read: OrderedDict[_Where, tuple[_Stamp, int, Any]] = OrderedDict()
_met: OrderedDict[_Where, None] = OrderedDict()


class Values:
    """The values of one trace."""

    def __init__(self, folder: Path):
        self._blobs = Blobs(folder)
        self._seen: dict[_Where, Any] = {}
        self._held = 0

    def hold(self, count: int) -> None:
        """Count values that are kept in memory. Raises `ValueError` where they are too many."""
        self._held += count
        if self._held > TOTAL_LIMIT:
            raise ValueError(f"the trace holds more than {TOTAL_LIMIT:,} values")

    def read(self, value: Any, adapter: TypeAdapter[T]) -> T:
        """A value that stands in a line, or in the blob that a string names.

        Raises `TraceError` for a blob that is missing or altered, and pydantic's
        `ValidationError`.
        """
        if not isinstance(value, str):
            return adapter.validate_json(canonical(value), strict=True)
        seen = (value, adapter)
        if seen not in self._seen:
            self._seen[seen] = self._blob(value, adapter)
        found: T = self._seen[seen]
        return found

    def _blob(self, name: str, adapter: TypeAdapter[T]) -> T:
        place = (self._blobs.file(name), adapter)
        # what is read for the first time is most often a trace's own, and never read again
        stamp = _stamp(place[0]) if place in _met else None
        known = _read.get(place)
        if known is not None and known[0] == stamp:
            self.hold(known[1])
            found: T = known[2]
            return found
        data = self._blobs.get(name)
        count = values(data)
        self.hold(count)
        made = adapter.validate_json(data, strict=True)
        if stamp is not None and len(data) <= _SMALL:
            _read[place] = (stamp, count, made)
            if len(_read) > _REMEMBERED:
                _read.popitem(last=False)
        elif stamp is None:
            _met[place] = None
            if len(_met) > _MET:
                _met.popitem(last=False)
        return made


def _stamp(file: str) -> _Stamp | None:
    """What changes when a file does; None where there is none."""
    try:
        found = os.stat(file)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
