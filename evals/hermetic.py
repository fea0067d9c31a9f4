"""A guard under which nothing may reach the network, loopback included.

Knows sockets only. The guard is an audit hook, so that no way of opening a connection from Python
passes it, and it holds for the code it encloses (its tasks and `asyncio.to_thread`), not for other
threads of an embedding program.
"""

import contextlib
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from contextvars import Context, ContextVar, Token
from functools import lru_cache
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


class NetworkBlocked(RuntimeError):
    """Something tried to reach the network under the guard."""


def hermetic() -> AbstractContextManager[list[str]]:
    """Nothing inside reaches the network: the attempt raises `NetworkBlocked`.

    Yields the attempts as they are made, so that one that was swallowed is seen too. The tracing
    of the libraries is off inside.
    """
    return _Guard()


class _Guard:
    """One use of the guard. (A generator would cost several times as much, on every replay.)"""

    def __enter__(self) -> list[str]:
        tried: list[str] = []
        self._tokens: list[tuple[ContextVar[Any], Token[Any]]] = [(_tried, _tried.set(tried))]
        for variable, value in _set_up():
            if variable.get(None) is not value:
                self._tokens.append((variable, variable.set(value)))
        return tried

    def __exit__(self, *_: object) -> None:
        for variable, token in self._tokens:
            variable.reset(token)


@lru_cache(maxsize=1)
def _set_up() -> tuple[tuple[ContextVar[Any], Any], ...]:
    """Put up the watch; gives the context variables, and their values, under which no tracing is.

    They are what `tracing_context` sets where nothing is set.
    """
    # an audit hook cannot be taken away again; it does nothing outside a guard
    sys.addaudithook(_watch)
    inside = Context()
    off = tracing_context(enabled=False, parent=False)
    inside.run(off.__enter__)
    set_there = tuple(inside.items())
    inside.run(off.__exit__, None, None, None)
    return set_there


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
