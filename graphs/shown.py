"""Messages that show passages: in a trace the text of a passage stands once, where it was found.

Knows the content of messages and the texts that results gave; knows nothing of files. A message
that holds such texts is written as `{"~": message}`, its content a list: of texts, and of
`{"@": place}` for the escaped text of a passage.
"""

import html
from collections.abc import Iterable
from typing import Any

from pydantic_core import from_json

from .canonical import canonical

LEAST = 60
"""Characters of a text that is worth a reference."""
LIMIT = 25_000_000
"""Characters that the messages of a trace may hold by reference: of any script, at most 400 MB."""
PACKED = "~"
_CONTENT = b'{"content":"'


class Shown:
    """The texts of passages that a trace holds so far."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        """Places by text."""

    def add(self, record: int, texts: Iterable[Any]) -> None:
        """The texts of the passages of one record, in their order."""
        for number, text in enumerate(texts):
            if isinstance(text, str) and len(text) >= LEAST:
                self._texts.setdefault(escaped(text), f"{record}/{number}")

    def pack(self, message: bytes) -> bytes | None:
        """A message in canonical JSON, as it is written; None where it holds no such text."""
        if not self._texts or len(message) < LEAST or not message.startswith(_CONTENT):
            return None
        made = from_json(message)
        content: str = made["content"]
        found = [(content.find(text), text) for text in self._texts]
        parts: list[Any] = []
        end = 0
        for start, text in sorted(found):
            if start >= end:
                parts += [content[end:start], {"@": self._texts[text]}]
                end = start + len(text)
        if not parts:
            return None
        made["content"] = [part for part in (*parts, content[end:]) if part]
        return canonical({PACKED: made})


class Texts:
    """The same texts as they are read, by place."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._held = 0

    def add(self, record: int, texts: Iterable[Any]) -> None:
        """The texts of the passages of one record, in their order."""
        for number, text in enumerate(texts):
            if isinstance(text, str):
                self._texts[f"{record}/{number}"] = text

    def unpack(self, message: Any) -> Any:
        """A message as it was before `pack`. Raises `ValueError`."""
        made = message[PACKED]
        if not isinstance(made, dict) or not isinstance(made.get("content"), list):
            raise ValueError(f"{message!r:.60} is no message that shows passages")
        return {**made, "content": "".join(map(self._part, made["content"]))}

    def _part(self, part: Any) -> str:
        if isinstance(part, str):
            return part
        place = part.get("@") if isinstance(part, dict) and len(part) == 1 else None
        if not isinstance(place, str) or place not in self._texts:
            raise ValueError(f"no passage stands at {part!r:.60}")
        text = escaped(self._texts[place])
        self._held += len(text)
        if self._held > LIMIT:
            raise ValueError(f"its messages hold more than {LIMIT:,} characters of passages")
        return text


def escaped(text: str) -> str:
    """As a prompt shows it (graphs.pack)."""
    return html.escape(text, quote=False)


def is_packed(value: Any) -> bool:
    """Whether it stands for a message that shows passages."""
    return isinstance(value, dict) and value.keys() == {PACKED}
