"""Which known name a mistyped one means, if any: no guess is better than a wild one.

Knows letters only.
"""

import difflib
from collections.abc import Iterable

_ALIKE = 0.8
"""How alike two names are that differ by a slip: one letter of five."""
_BEGUN = 3
"""Letters of a name that was not written to its end, or whose letters changed places."""


def meant(given: str, known: Iterable[str], most: int = 1) -> list[str]:
    """The names that were most likely meant, best first; none where none is near.

    >>> meant("finanse", ["finance", "security-questionnaire"])
    ['finance']
    >>> meant("secur", ["finance", "security-questionnaire"])
    ['security-questionnaire']
    >>> meant("foo", ["pool", "food-safety", "k"])
    ['food-safety']
    >>> meant("colour", ["color", "collection"])
    ['color']
    >>> meant("bda", ["bad", "base"])
    ['bad']
    >>> meant("banana", ["finance", "model"])
    []
    """
    names = {name.casefold(): name for name in known}
    key = given.strip().casefold()
    near = difflib.get_close_matches(key, names, n=most, cutoff=_ALIKE)
    if not near and len(key) >= _BEGUN:
        near = [name for name in names if name.startswith(key) or sorted(name) == sorted(key)]
        near = near if len(near) <= most else []
    return [names[name] for name in near]
