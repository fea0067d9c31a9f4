"""A paired comparison that may be looked at after every case, and stopped when it is decided.

Betting on the differences: under "no difference" nobody gets rich, so wealth is evidence that
holds at whatever moment one looks (J. Ville, 1939; H. Robbins, "Statistical methods related to the
law of the iterated logarithm", Annals of Mathematical Statistics 41, 1970; I. Waudby-Smith and
A. Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86, 2024).

Needs differences in [-1, 1], one for each case (or group), in an order that was drawn by chance.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .stats_clusters import checked
from .stats_distributions import Array

Decision = Literal["better", "worse", "equivalent", "go on"]

_STAKES = (np.arange(40) + 0.5) / 40
"""Fractions of the largest bet that cannot lose all; wealth is the mean over all bets."""
_GRID = np.linspace(-1, 1, 401)


@dataclass(frozen=True)
class Look:
    """What may be said after n cases; valid at every n together."""

    n: int
    effect: float | None
    low: float
    high: float
    """A confidence sequence of the mean difference: never wrong at any look, with 1 - alpha."""
    p: float
    """Valid at any time; the smallest so far."""
    decision: Decision


class Sequential:
    """Cases come in one by one; `look` says whether it is decided.

    `better` and `worse`: the confidence sequence leaves 0. `equivalent`: it lies within `margin`.
    """

    def __init__(self, alpha: float = 0.05, margin: float = 0.05):
        if not 0 < alpha < 1:
            raise ValueError(f"alpha {alpha}: expected a number between 0 and 1")
        if not 0 <= margin < 1:
            raise ValueError(f"margin {margin}: expected a number from 0 to 1")
        self.alpha = alpha
        self.margin = margin
        self._sum = 0.0
        self._n = 0
        self._p = 1.0
        self._low, self._high = -1.0, 1.0
        # Rows: the difference that is doubted; columns: the bets against it. A bet on "higher"
        # may stake up to 1 / (1 + m), as a difference cannot lie below -1; so for "lower".
        up, down = np.maximum(1 + _GRID, 1e-9), np.maximum(1 - _GRID, 1e-9)
        self._bets = np.concatenate(
            [_STAKES[None, :] / up[:, None], -_STAKES[None, :] / down[:, None]], axis=1
        )
        self._wealth: Array = np.zeros_like(self._bets)

    def add(self, difference: float) -> None:
        """One more case: value of b less value of a."""
        if not -1 <= difference <= 1:
            raise ValueError(f"difference {difference}: expected a number from -1 to 1")
        self._n += 1
        self._sum += difference
        with np.errstate(divide="ignore"):
            gain = 1 + self._bets * (difference - _GRID[:, None])
            self._wealth = self._wealth + np.log(np.maximum(gain, 0.0))
        evidence = _log_mean(self._wealth)
        zero = len(_GRID) // 2
        self._p = min(self._p, float(np.exp(-max(evidence[zero], 0.0))))
        kept = _GRID[evidence < -np.log(self.alpha)]
        if kept.size:
            # A neighbour that was ruled out bounds what lies between the points of the grid.
            step = float(_GRID[1] - _GRID[0])
            self._low = max(self._low, float(kept[0]) - step)
            self._high = min(self._high, float(kept[-1]) + step)

    def look(self) -> Look:
        """What may be said now."""
        decision: Decision = "go on"
        effect = self._sum / self._n if self._n else None
        if self._p <= self.alpha:
            decision = "better" if self._sum > 0 else "worse"
        elif self._low > -self.margin and self._high < self.margin:
            decision = "equivalent"
        return Look(self._n, effect, self._low, self._high, self._p, decision)


def evidence(differences: Array) -> Array:
    """Valid p after each difference (down the last axis): all the looks of many runs at once."""
    values = np.asarray(differences, dtype=float)
    checked(values.reshape(-1), "differences")
    bets = np.concatenate([_STAKES, -_STAKES])
    wealth = np.cumsum(np.log1p(values[..., None] * bets), axis=-2)
    best = np.maximum.accumulate(np.maximum(_log_mean(wealth), 0.0), axis=-1)
    result: Array = np.exp(-best)
    return result


def _log_mean(logs: Array) -> Array:
    """Log of the mean of what the logs stand for, over the last axis."""
    top = logs.max(axis=-1, keepdims=True)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        result: Array = np.log(np.exp(logs - safe).mean(axis=-1)) + safe[..., 0]
    return result
