"""A figure with its uncertainty: value, interval, n and method; never a bare mean.

Pure arithmetic. Knows nothing of what was counted.
"""

from statistics import NormalDist

from ..tools.documents import Frozen


class Estimate(Frozen):
    """An estimated proportion or mean. With no data every figure but `n` is None, never 0."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str

    def __str__(self) -> str:
        if self.value is None:
            return f"no data (n={self.n})"
        limits = [limit for limit in (self.low, self.high) if limit is not None]
        # a share lies within 1; what does not is an amount
        how = ".1%" if all(abs(figure) <= 1 for figure in (self.value, *limits)) else ".3g"
        if self.low is None or self.high is None:
            return f"{self.value:{how}} (n={self.n}, no interval)"
        return f"{self.value:{how}} [{self.low:{how}}, {self.high:{how}}] (n={self.n})"


def wilson(successes: int, n: int, confidence: float = 0.95) -> Estimate:
    """Wilson's score interval of a proportion, without continuity correction.

    Formula: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    JASA 22 (1927). `ValueError` unless 0 <= successes <= n and 0 < confidence < 1.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} successes of {n}: expected 0 <= successes <= n")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence {confidence}: expected a number between 0 and 1")
    method = f"Wilson {confidence:.0%}"
    if n == 0:
        return Estimate(value=None, low=None, high=None, n=0, method=method)
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * ((share * (1 - share) + z * z / (4 * n)) / n) ** 0.5
    scale = 1 + z * z / n
    low = 0.0 if successes == 0 else (centre - spread) / scale
    high = 1.0 if successes == n else (centre + spread) / scale
    return Estimate(value=share, low=low, high=high, n=n, method=method)
