"""The clock, random numbers and ids of a user's graph: recorded, and the same in a replay.

Outside of a recorded run they are the real ones. Knows the session's form, not who keeps it.
"""

import datetime
import os
import time
import uuid
from collections.abc import Callable
from typing import Protocol, TypeVar

from .seam import current

T = TypeVar("T", str, float)


class Noted(Protocol):
    """A session that keeps what came from outside."""

    def note(self, name: str, make: Callable[[], T]) -> T:
        """The value, made now or as it was recorded."""
        ...


class Nondet:
    """What a node asks instead of `datetime.now`, `time.time`, `uuid.uuid4` and `random.random`."""

    def now(self) -> datetime.datetime:
        """The time, in UTC."""
        text = _note("nondet.now", lambda: datetime.datetime.now(datetime.UTC).isoformat())
        return datetime.datetime.fromisoformat(text)

    def time(self) -> float:
        """Seconds since 1970."""
        return _note("nondet.time", time.time)

    def uuid4(self) -> uuid.UUID:
        """A new id."""
        return uuid.UUID(_note("nondet.uuid4", lambda: str(uuid.uuid4())))

    def random(self) -> float:
        """A number from 0 up to, not including, 1."""
        return _note("nondet.random", lambda: (int.from_bytes(os.urandom(7)) >> 3) * 2.0**-53)


nondet = Nondet()


def _note(name: str, make: Callable[[], T]) -> T:
    session = current.get()
    note: Callable[[str, Callable[[], T]], T] | None = getattr(session, "note", None)
    return make() if note is None else note(name, make)
