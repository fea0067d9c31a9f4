"""Quantiles and probabilities of the normal, Student's t and the binomial, by numpy alone.

Knows nothing of samples. scipy is not needed at run time; the bench holds these against it.
"""

import math
from functools import lru_cache
from statistics import NormalDist
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_NORMAL = NormalDist()


def normal_quantile(share: float) -> float:
    """The point of the standard normal below which `share` lies."""
    return _NORMAL.inv_cdf(share)


def normal_below(point: float) -> float:
    """The share of the standard normal below a point."""
    return _NORMAL.cdf(point)


@lru_cache(maxsize=4096)
def t_quantile(share: float, degrees: float) -> float:
    """The point of Student's t with `degrees` of freedom below which `share` lies (share > 0.5).

    Bisection of the distribution function, to 1e-12 relative.
    """
    low, high = 0.0, 2.0
    while t_below(high, degrees) < share:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if t_below(middle, degrees) < share else (low, middle)
        if high - low <= 1e-13 * high:
            break
    return (low + high) / 2


def t_below(point: float, degrees: float) -> float:
    """The share of Student's t below a point, by the incomplete beta function."""
    tail = _beta_share(degrees / (degrees + point * point), degrees / 2, 0.5) / 2
    return 1 - tail if point >= 0 else tail


def _beta_share(x: float, a: float, b: float) -> float:
    """Regularised incomplete beta function.

    Continued fraction DLMF 8.17.22, evaluated by Lentz's method; mirrored where it is slow.
    """
    if x <= 0 or x >= 1:
        return min(max(x, 0.0), 1.0)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(1 - x, b, a)
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    fraction = d
    for m in range(1, 10_000):
        for part in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + part * d
            c = 1 + part / c
            d = 1 / (d if abs(d) > tiny else tiny)
            c = c if abs(c) > tiny else tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * fraction / a


_SMALL = 16
_ERRORS = np.array(
    [0.0]
    + [
        math.log(math.factorial(n)) - (0.5 * math.log(2 * math.pi * n) + n * math.log(n) - n)
        for n in range(1, _SMALL)
    ]
)


def _stirling_error(n: Array) -> Array:
    """Log of n! less Stirling's approximation; 0 at n = 0, which the caller treats apart."""
    big = np.maximum(n, _SMALL)
    square = big * big
    series = (
        1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square
    ) / big
    small = _ERRORS[np.minimum(n, _SMALL - 1).astype(np.int64)]
    return np.where(n < _SMALL, small, series)


def _deviance(x: Array, mean: Array) -> Array:
    """The term x log(x / mean) + mean - x without loss of digits where x is near the mean."""
    gap = x - mean
    v = gap / (x + mean)
    square = v * v
    near = gap * v
    term = 2 * x * v
    for j in range(1, 12):
        term = term * square
        near = near + term / (2 * j + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.where(x > 0, x * np.log(x / mean), 0.0) + mean - x
    return np.where(np.abs(gap) < 0.1 * (x + mean), near, far)


def binomial(k: Any, n: Any, chance: float) -> Array:
    """P(X = k) for X ~ Binomial(n, chance), element by element, to nearly full precision.

    C. Loader, "Fast and accurate computation of binomial probabilities" (2000). k and n are
    whole numbers or arrays of them; 0 outside 0..n.
    """
    k, n = np.broadcast_arrays(np.asarray(k, dtype=float), np.asarray(n, dtype=float))
    inside = (k >= 0) & (k <= n)
    if chance <= 0 or chance >= 1:
        at = np.zeros_like(n) if chance <= 0 else n
        return np.where(inside & (k == at), 1.0, 0.0)
    middle = inside & (k > 0) & (k < n)
    x = np.where(middle, k, 1.0)
    size = np.where(middle, n, 2.0)
    rest = size - x
    exponent = (
        _stirling_error(size)
        - _stirling_error(x)
        - _stirling_error(rest)
        - _deviance(x, size * chance)
        - _deviance(rest, size * (1 - chance))
    )
    result = np.exp(exponent) * np.sqrt(size / (2 * math.pi * x * rest))
    ends = np.where(k == 0, n * math.log1p(-chance), n * math.log(chance))
    return np.where(middle, result, np.where(inside, np.exp(ends), 0.0))


def binomial_below(k: int, n: int, chance: float = 0.5) -> float:
    """P(X <= k) for X ~ Binomial(n, chance). Terms too small to count are left out."""
    if k < 0:
        return 0.0
    if k >= n:
        return 1.0
    if k > n * chance:
        return 1 - binomial_below(n - k - 1, n, 1 - chance)
    reach = int(40 * math.sqrt(n * chance * (1 - chance)) + 40)
    terms = binomial(np.arange(max(0, k - reach), k + 1), n, chance)
    return math.fsum(terms)
