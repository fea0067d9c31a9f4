"""Waits for a coroutine from plain code, also inside a running loop. Knows nothing of the work."""

import asyncio
import contextvars
import functools
import threading
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def waiting(work: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """The plain function of a coroutine function: its name without the `a` before it."""

    @functools.wraps(work)
    def plain(*arguments: P.args, **keywords: P.kwargs) -> T:
        return wait_for(work(*arguments, **keywords))

    plain.__name__ = plain.__qualname__ = work.__name__.removeprefix("a")
    return plain


def loop_runs() -> bool:
    """Whether an event loop runs here."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end; in a thread of its own where a loop runs here (a notebook)."""
    if not loop_runs():
        return asyncio.run(work)
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:
            errors.append(error)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(target,), name="workings-replay")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
