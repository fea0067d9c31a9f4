"""The tool requests of replies, under the names that the graph gave them.

Knows what a trace says of a call by naming its request (docs/trace.md), and bounds how much a few
bytes may stand for; knows nothing of files. Shared by all who read traces.
"""

from collections.abc import Sequence
from typing import Any

from .said import named
from .short import whole_call

EACH = 1000
"""Requests of one reply that a node may name: more are no message that a trace keeps whole."""
MOST = 500_000
"""Requests that the nodes of a trace may name together."""
CHARACTERS = 10_000_000
"""Characters of arguments that calls may have by naming a request."""
VALUES = 500_000
"""About how many values may stand in them: a few characters become a hundred bytes in memory."""


class Requested:
    """The requests of one trace so far. Raises `ValueError` above the bounds."""

    def __init__(self) -> None:
        self._arguments: dict[str, str] = {}
        self._named = self._characters = self._values = 0

    def name(self, arguments: Sequence[Any], first: int) -> None:
        """A node made the requests of a reply, which have these arguments, its own.

        `first` is the number of the first.
        """
        self._named += len(arguments)
        if len(arguments) > EACH or self._named > MOST:
            raise ValueError(f"a node names {len(arguments):,} requests of a reply: too many")
        for number, raw in enumerate(arguments, first):
            if type(raw) is not str:
                raise ValueError(f"arguments are {raw!r:.40}: expected a text")
            self._arguments[named(number)] = raw

    def call(self, call: dict[str, Any]) -> dict[str, Any]:
        """What a tool was asked, whole. Raises `KeyError` too."""
        if "raw_arguments" not in call:
            raw = self._arguments.get(call["request_id"], "")
            self._characters += len(raw)
            self._values += raw.count(",") + raw.count("[") + raw.count("{")
            if self._characters > CHARACTERS or self._values > VALUES:
                raise ValueError("its calls hold too much by naming requests of replies")
        return whole_call(call, self._arguments)
