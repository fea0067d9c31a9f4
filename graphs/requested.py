"""The tool requests of replies, under the names that the graph gave them.

Knows what a trace says of a call by naming its request (docs/trace.md), and bounds how much a few
bytes may stand for; knows nothing of files. Shared by all who read traces.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from .said import named
from .short import whole_call

MOST = 500_000
"""Requests that the nodes of a trace may name."""
CHARACTERS = 25_000_000
"""Characters of arguments that calls may have by naming a request."""
VALUES = 1_500_000
"""About how many values may stand in them: a few characters become a hundred bytes in memory."""


class Requested:
    """The requests of one trace so far. Raises `ValueError` above the bounds."""

    def __init__(self) -> None:
        self._arguments: dict[str, str] = {}
        self._named = self._characters = self._values = 0

    def name(self, requests: Iterable[Mapping[str, Any]], first: int) -> None:
        """A node asked for what a reply asks for: `first` is the number of its first request."""
        for number, request in enumerate(requests, first):
            arguments = request["arguments"]
            if type(arguments) is not str:
                raise ValueError(f"arguments are {arguments!r:.40}: expected a text")
            self._arguments[named(number)] = arguments
            self._named += 1
            if self._named > MOST:
                raise ValueError(f"nodes name more than {MOST:,} requests of replies")

    def call(self, call: dict[str, Any]) -> dict[str, Any]:
        """What a tool was asked, whole. Raises `KeyError` too."""
        if "raw_arguments" not in call:
            raw = self._arguments.get(call["request_id"], "")
            self._characters += len(raw)
            self._values += raw.count(",") + raw.count("[") + raw.count("{")
            if self._characters > CHARACTERS or self._values > VALUES:
                raise ValueError("its calls hold too much by naming requests of replies")
        return whole_call(call, self._arguments)
