"""The sync face: one event loop in a background thread, on which the coroutines run.

Works inside a running loop too (notebooks). There is one implementation, async; this only waits
for it. Knows nothing of what is run.
"""

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")
_POLL = 0.2
"""Seconds between two looks, so that Ctrl-C is noticed while waiting."""


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="workings-loop", daemon=True).start()
    return loop


def wait_for(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end from sync code; Ctrl-C cancels it and is raised again."""
    future = asyncio.run_coroutine_threadsafe(coroutine, _loop())
    try:
        while True:
            try:
                return future.result(timeout=_POLL)
            except TimeoutError:
                if future.done():
                    raise
    except BaseException:
        if not future.done():
            future.cancel()
        raise


_END = object()


def iterate(source: AsyncIterator[T]) -> Iterator[T]:
    """The items of an async iterator, from sync code; leaving early closes it."""
    items: queue.SimpleQueue[Any] = queue.SimpleQueue()

    async def pump() -> None:
        try:
            async for item in source:
                items.put(item)
        except BaseException as error:
            items.put((_END, error))
            raise
        items.put((_END, None))

    future = asyncio.run_coroutine_threadsafe(pump(), _loop())
    try:
        while True:
            try:
                item = items.get(timeout=_POLL)
            except queue.Empty:
                continue
            if isinstance(item, tuple) and len(item) == 2 and item[0] is _END:
                if item[1] is not None:
                    raise item[1]
                return
            yield item
    finally:
        future.cancel()
