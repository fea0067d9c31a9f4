"""Work that several metrics share, done once for each run: they look at one after another.

Knows nothing of the work.
"""

from collections.abc import Callable
from functools import wraps
from operator import is_
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(function: Callable[P, T]) -> Callable[P, T]:
    """Remember the last result, for the very same arguments (by identity, not equality).

    Safe among threads: arguments and result are kept, and replaced, as one.
    """
    last: list[tuple[tuple[object, ...], T]] = []

    @wraps(function)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        for kept, result in last:
            if len(kept) == len(args) and all(map(is_, kept, args)) and not kwargs:
                return result
        result = function(*args, **kwargs)
        last[:] = [(args, result)]
        return result

    return remembered
