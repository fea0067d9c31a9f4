"""A coroutine that never waits, run to its end without an event loop.

The calls of an offline replay are answered at once, so nothing in its nodes ever waits: the loop
would only cost time. Knows coroutines; knows nothing of graphs.
"""

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def at_once(work: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, or raises. Raises `RuntimeError` where it waits for something."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError(f"{work!r:.200} waits: it has to be run by an event loop")
