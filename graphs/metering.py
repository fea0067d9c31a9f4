"""What model calls took: those of a context, for who has to keep within a budget, and sums.

Live calls tell it; a replay makes none. Knows nothing of who asks, or what for. What is not known
of one call is not known of all.
"""

import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from .model import Tokens


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


def tokens_of(counts: Sequence[Tokens | None]) -> tuple[int | None, int | None]:
    """Input and output tokens of replies; None of none, and where a service did not count."""
    counted = [tokens for tokens in counts if tokens is not None]
    if not counted or len(counted) < len(counts):
        return None, None
    return sum(tokens.input for tokens in counted), sum(tokens.output for tokens in counted)


def cost_of(costs: Sequence[float | None]) -> float | None:
    """US dollars of calls; None of none, and where a price is not known."""
    known = [cost for cost in costs if cost is not None]
    return sum(known) if known and len(known) == len(costs) else None
