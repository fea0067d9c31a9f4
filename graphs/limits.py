"""The ceilings of one run, which we check ourselves, and what has been used of them.

LangGraph's own guard is 10,007 supersteps; a model that loops would be asked that often. Knows
nothing of nodes or of time (the deadline is kept by `graphs.live`).
"""

from dataclasses import dataclass

from ..tools.documents import Frozen
from ..tools.errors import LimitReached


class Limits(Frozen):
    """What one run may use."""

    requests: int = 12
    """Model requests with everything included: decisions, the answer, repairs, retries."""
    tool_calls: int = 24
    calls_per_message: int = 8
    deadline: float = 120.0
    """Seconds a run may take, retries and waiting included."""
    answer_bytes: int = 200_000
    argument_bytes: int = 65_536
    """Raw arguments of one tool call."""
    tokens: int | None = None
    """Input and output tokens together, as the service counts them."""
    cost_usd: float | None = None
    tries: int = 3
    """How often the answer may be asked for: once, and again when it cannot be used."""


@dataclass
class Tally:
    """What a run has used so far."""

    limits: Limits
    requests: int = 0
    tool_calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0

    def spare_requests(self) -> int:
        """Requests left."""
        return self.limits.requests - self.requests

    def winding_down(self) -> str | None:
        """The limit that allows no further decision, if any: what is left belongs to the answer."""
        if self.spare_requests() <= self.limits.tries:
            return "requests"
        if self.tool_calls >= self.limits.tool_calls:
            return "tool_calls"
        return None

    def check(self) -> None:
        """Raise `LimitReached` when no further model request may be made."""
        limits = self.limits
        if self.requests >= limits.requests:
            raise LimitReached(
                f"stopped after {self.requests} model requests (limit {limits.requests})",
                "requests",
            )
        if limits.tokens is not None and self.tokens >= limits.tokens:
            raise LimitReached(
                f"stopped after {self.tokens} tokens (limit {limits.tokens})", "tokens"
            )
        if limits.cost_usd is not None and self.cost_usd >= limits.cost_usd:
            raise LimitReached(
                f"stopped after ${self.cost_usd:.4f} (limit ${limits.cost_usd})", "cost_usd"
            )
