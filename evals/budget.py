"""A ceiling in money and tokens that an evaluation does not go past. Knows nothing of cases.

Nothing is started that could cross the ceiling: each one that is under way, and the next one, is
taken to cost what the dearest so far did. The first goes alone, as nothing is known yet. So the
ceiling is crossed only by what a case takes beyond the dearest before it.
"""

from dataclasses import dataclass

from ..tools.errors import LimitReached


@dataclass
class Budget:
    """What may be spent, and what was. None: no ceiling."""

    max_cost_usd: float | None = None
    max_tokens: int | None = None
    cost_usd: float = 0.0
    tokens: int = 0
    _dearest: float | None = None
    _longest: int | None = None
    _unknown: str | None = None

    def spend(self, cost_usd: float | None, tokens: int | None) -> None:
        """Something ended; None is what it took without saying how much."""
        self.cost_usd += cost_usd or 0.0
        self.tokens += tokens or 0
        self._dearest = max(self._dearest or 0.0, cost_usd or 0.0)
        self._longest = max(self._longest or 0, tokens or 0)
        if cost_usd is None and self.max_cost_usd is not None:
            self._unknown = "cost_usd"
        elif tokens is None and self.max_tokens is not None:
            self._unknown = "tokens"

    def reached(self, under_way: int = 0) -> LimitReached | None:
        """Why nothing more may be started beside `under_way` others; None: it may."""
        if self._unknown == "cost_usd":
            return LimitReached(
                "the price of this model is not known, so a ceiling in money cannot be kept;"
                " give one in tokens (--max-tokens)",
                "cost_usd",
            )
        if self._unknown == "tokens":
            return LimitReached(
                "this service does not count tokens, so a ceiling in tokens cannot be kept",
                "tokens",
            )
        if self.max_cost_usd is not None:
            next_ones = self._next(self._dearest, under_way)
            if self.cost_usd >= self.max_cost_usd or self.cost_usd + next_ones > self.max_cost_usd:
                return LimitReached(
                    f"stopped before the ceiling of {self.max_cost_usd:g} USD:"
                    f" {self.cost_usd:.4g} USD are spent",
                    "cost_usd",
                )
        if self.max_tokens is not None:
            next_ones = self._next(self._longest, under_way)
            if self.tokens >= self.max_tokens or self.tokens + next_ones > self.max_tokens:
                return LimitReached(
                    f"stopped before the ceiling of {self.max_tokens:,} tokens:"
                    f" {self.tokens:,} are used",
                    "tokens",
                )
        return None

    @staticmethod
    def _next(most: float | None, under_way: int) -> float:
        """What those under way and one more may take; before anything is known, one goes alone."""
        if most is None:
            return float("inf") if under_way else 0.0
        return most * (under_way + 1)
