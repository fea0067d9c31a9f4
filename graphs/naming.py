"""The id that the next run of this context is to have, chosen by who asks.

An evaluation writes down under which id a case will be recorded before it asks; after a kill it
finds the run again. Knows nothing of traces or of evaluations.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

_next: ContextVar[list[str] | None] = ContextVar("workings_next_run", default=None)


@contextlib.contextmanager
def naming(id: str) -> Iterator[None]:
    """The first run that begins inside has this id; further ones get ids of their own."""
    token = _next.set([id])
    try:
        yield
    finally:
        _next.reset(token)


def chosen_id() -> str | None:
    """The id that was chosen for the run that begins now; None: any. Each is given out once."""
    waiting = _next.get()
    return waiting.pop() if waiting else None
