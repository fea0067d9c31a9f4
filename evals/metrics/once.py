"""Work that several metrics share, done once for each run: they look at one after another.

Knows nothing of the work.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def once(function: Callable[P, T]) -> Callable[P, T]:
    """Remember the last result of a function of one or two arguments.

    For the very same arguments, by identity, not equality. Safe among threads: arguments and result
    are kept, and replaced, as one.
    """
    last: list[tuple[Any, T]] = []

    @wraps(function)
    def remembered(*args: P.args, **kwargs: P.kwargs) -> T:
        for kept, result in last:
            if kept[0] is args[0] and kept[-1] is args[-1]:
                return result
        result = function(*args, **kwargs)
        last[:] = [(args, result)]
        return result

    return remembered
