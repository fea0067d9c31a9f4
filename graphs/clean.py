"""Which values of one run hold nothing to take out: each text of it is looked through once.

A run hands the same texts on in ever new shapes: a reply becomes a message, a request to a tool, a
step. Knows, as `graphs.redact` does, that nothing but texts, names and numbers that are not finite
is ever taken out.
"""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from .hidden import hidden
from .redact import MAX_DEPTH, clean_text, secret_name, sought


class Clean:
    """The texts of one run that were found clean."""

    def __init__(self, secrets: Sequence[str] = ()) -> None:
        """`secrets` are taken out as by `redact`."""
        self._secrets = tuple(secrets)
        self.sought: tuple[str, ...] = ()
        """The literal values that are taken out (`redact.sought`), as of the last `seek`."""
        self.hidden: tuple[str, ...] | None = None
        """What was hidden then (`hidden.hidden`)."""
        self._texts: set[str] = set()

    def holds(self, value: object) -> bool:
        """Whether `redact(value)` is the value itself; False may be untrue."""
        if hidden() is not self.hidden:
            self.seek()
        return self._clean(value, 0)

    def seek(self) -> tuple[str, ...]:
        """The literal values that are taken out here and now."""
        now = hidden()
        if now is not self.hidden:
            self._texts.clear()
            self.hidden, self.sought = now, sought(self._secrets)
        return self.sought

    def holds_again(self, value: object) -> bool:
        """The same of JSON that run after run has: tools, limits. Remembered by its bytes."""
        # in a model a number that is not finite would be written as null
        plain = value.__dict__ if isinstance(value, BaseModel) else value
        try:
            data = to_json(plain, inf_nan_mode="constants")
        except (ValueError, TypeError, RecursionError):  # a lone surrogate, or what is no JSON
            return False
        return _clean_json(data, sought(self._secrets))

    def _clean(self, value: object, depth: int) -> bool:
        kind = type(value)
        if kind is str:
            return value in self._texts or self._text(value)  # type: ignore[arg-type]
        if value is None or kind is int or kind is bool:
            return True
        if kind is float:
            return math.isfinite(value)  # type: ignore[arg-type]
        if depth >= MAX_DEPTH:
            return False
        if kind is dict:
            for name, item in value.items():  # type: ignore[attr-defined]
                if type(name) is not str or secret_name(name):
                    return False
                if not (name in self._texts or self._text(name)):
                    return False
                if not self._clean(item, depth + 1):
                    return False
            return True
        if kind is list or kind is tuple:
            return self._all(value, depth + 1)  # type: ignore[arg-type]
        if isinstance(value, BaseModel) and not _names_a_secret(type(value)):
            return self._all(value.__dict__.values(), depth + 1)
        return False

    def _all(self, values: Iterable[object], depth: int) -> bool:
        for value in values:
            # most of what a model holds is nothing
            if value is not None and not self._clean(value, depth):
                break
        else:
            return True
        return False

    def _text(self, text: str) -> bool:
        if not clean_text(text, self.sought):
            return False
        self._texts.add(text)
        return True


@lru_cache(maxsize=64)
def _clean_json(data: bytes, secrets: tuple[str, ...]) -> bool:
    return Clean(secrets).holds(from_json(data))


@lru_cache(maxsize=256)
def _names_a_secret(kind: type[BaseModel]) -> bool:
    return any(map(secret_name, kind.model_fields))
