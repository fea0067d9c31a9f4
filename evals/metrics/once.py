"""Work that several metrics share, done once for each run: they look at one after another.

Knows nothing of the work.
"""

from collections.abc import Callable
from functools import wraps
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
        if last and not kwargs:
            kept, result = last[0]
            if len(kept) == len(args) and all(map(_is, kept, args)):
                return result
        result = function(*args, **kwargs)
        last[:] = [(args, result)]
        return result

    return remembered


def _is(one: object, other: object) -> bool:
    return one is other
