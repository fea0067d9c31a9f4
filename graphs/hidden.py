"""The keys in use: values that are hidden in a run whatever they look like, and in every form.

Knows values and forms; `graphs.redact` takes them out.
"""

import base64
import contextlib
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from functools import lru_cache
from urllib.parse import quote, quote_plus

SHORTEST = 8
"""A shorter value is left: taking out `test` would mangle honest words. No shape is shorter."""
_hidden: ContextVar[tuple[str, ...]] = ContextVar("workings_hidden", default=())


@contextlib.contextmanager
def hiding(secrets: Sequence[str]) -> Iterator[None]:
    """Inside, `redact` takes these values out too, as do all hashes and keys.

    So the keys of a run are those that its record, where they stand no more, gives again.
    """
    token = _hidden.set(forms(tuple(secrets)))
    try:
        yield
    finally:
        _hidden.reset(token)


def hide(secrets: Sequence[str]) -> None:
    """`hiding`, until the end of this context."""
    _hidden.set(forms(tuple(secrets)))


def hidden() -> tuple[str, ...]:
    """What is taken out here besides the shapes: what remembers a redacted value asks this too."""
    return _hidden.get()


@lru_cache(maxsize=64)
def forms(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Each secret as it is, URL-encoded, and in base64 wherever in the encoded text it stands."""
    found = []
    for secret in secrets:
        if len(secret) < SHORTEST:
            continue
        data = secret.encode("utf-8", "replace")
        found += [secret, quote(data, safe=""), quote_plus(data)]
        for offset in range(3):
            encoded = base64.b64encode(bytes(offset) + data).decode()
            # signs that hold bits of what stands before or after
            whole = encoded[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6]
            found += [whole, whole.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(found))
