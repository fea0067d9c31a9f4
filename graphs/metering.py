"""What the model calls of a context took, for who has to keep within a budget.

Live calls tell it; a replay makes none. Knows nothing of who asks, or what for.
"""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class Meter:
    """Dollars and tokens so far; None as soon as a call did not say."""

    cost_usd: float | None = 0.0
    tokens: int | None = 0


_meter: ContextVar[Meter | None] = ContextVar("workings_meter", default=None)


@contextlib.contextmanager
def metering() -> Iterator[Meter]:
    """Counts the live model calls made inside, tasks that are begun there included."""
    meter = Meter()
    token = _meter.set(meter)
    try:
        yield meter
    finally:
        _meter.reset(token)


def metered(cost_usd: float | None, tokens: int | None) -> None:
    """A model call ended."""
    meter = _meter.get()
    if meter is None:
        return
    if cost_usd is None or meter.cost_usd is None:
        meter.cost_usd = None
    else:
        meter.cost_usd += cost_usd
    if tokens is None or meter.tokens is None:
        meter.tokens = None
    else:
        meter.tokens += tokens
