"""A guard under which nothing may reach the network, loopback included.

Knows sockets only. The guard is an audit hook, so that no way of opening a connection from Python
passes it, and it holds for the code it encloses (its tasks and `asyncio.to_thread`), not for other
threads of an embedding program.
"""

import contextlib
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from langsmith.run_helpers import tracing_context

_BLOCKED = frozenset(
    {
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.bind",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "socket.gethostbyaddr",
        "socket.getnameinfo",
    }
)
_tried: ContextVar[list[str] | None] = ContextVar("workings_hermetic", default=None)
_installed: list[bool] = []


class NetworkBlocked(RuntimeError):
    """Something tried to reach the network under the guard."""


@contextlib.contextmanager
def hermetic() -> Iterator[list[str]]:
    """Nothing inside reaches the network: the attempt raises `NetworkBlocked`.

    Yields the attempts as they are made, so that one that was swallowed is seen too. The tracing
    of the libraries is off inside.
    """
    if not _installed:
        # an audit hook cannot be taken away again; it does nothing outside a guard
        sys.addaudithook(_watch)
        _installed.append(True)
    tried: list[str] = []
    token = _tried.set(tried)
    try:
        with tracing_context(enabled=False, parent=False):
            yield tried
    finally:
        _tried.reset(token)


@contextlib.contextmanager
def open_network() -> Iterator[None]:
    """Inside a guard: what a person asked to be live may reach the network."""
    token = _tried.set(None)
    try:
        yield
    finally:
        _tried.reset(token)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _BLOCKED:
        tried = _tried.get()
        if tried is not None:
            place = arguments[-1] if event in ("socket.connect", "socket.bind") else arguments[:2]
            tried.append(f"{event} {place!r:.80}")
            raise NetworkBlocked(f"a replay must not reach the network: {tried[-1]}")
