"""Messages that show what was found: in a trace the text of a result stands once.

Knows the content of messages, ours and LangChain's, and the texts that results gave; knows nothing
of files. A message that holds such texts is written as `{"~": message}`, its content a list: of
texts, and of `{"@": place}`, which is the content of the result of record `n` for `n`, and for
`n/m` the text of its passage `m`, escaped as a prompt shows it.
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
_NATIVE = b'{"$message":{"'


class Shown:
    """The texts of results that a trace holds so far."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        """Places by text."""

    def add(self, record: int, content: Any, passages: Iterable[Any]) -> None:
        """The content of one result and the texts of its passages, in their order."""
        if isinstance(content, str) and len(content) >= LEAST:
            self._texts.setdefault(content, str(record))
        for number, text in enumerate(passages):
            if isinstance(text, str) and len(text) >= LEAST:
                self._texts.setdefault(escaped(text), f"{record}/{number}")

    def pack(self, message: bytes) -> bytes | None:
        """A message in canonical JSON, as it is written; None where it holds no such text."""
        if not self._texts or len(message) < LEAST:
            return None
        if not message.startswith(_CONTENT) and not message.startswith(_NATIVE):
            return None
        made = from_json(message)
        holder = made.get("$message", made)
        content = holder.get("content")
        if not isinstance(content, str):
            return None
        found = [(content.find(text), text) for text in self._texts]
        parts: list[Any] = []
        end = 0
        for start, text in sorted(found):
            if start >= end:
                parts += [content[end:start], {"@": self._texts[text]}]
                end = start + len(text)
        if not parts:
            return None
        holder["content"] = [part for part in (*parts, content[end:]) if part]
        return canonical({PACKED: made})


class Texts:
    """The same texts as they are read, by place."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._held = 0

    def add(self, record: int, content: Any, passages: Iterable[Any]) -> None:
        """The content of one result and the texts of its passages, in their order."""
        if isinstance(content, str):
            self._texts[str(record)] = content
        for number, text in enumerate(passages):
            if isinstance(text, str):
                self._texts[f"{record}/{number}"] = text

    def unpack(self, message: Any) -> Any:
        """A message as it was before `pack`. Raises `ValueError`."""
        made = message[PACKED]
        native = isinstance(made, dict) and made.keys() == {"$message"}
        holder = made["$message"] if native else made
        if not isinstance(holder, dict) or not isinstance(holder.get("content"), list):
            raise ValueError(f"{message!r:.60} is no message that shows a result")
        holder = {**holder, "content": "".join(map(self._part, holder["content"]))}
        return {"$message": holder} if native else holder

    def hold(self, count: int) -> None:
        """Count characters that are held by reference. Raises `ValueError` above the limit."""
        self._held += count
        if self._held > LIMIT:
            raise ValueError(f"its messages hold more than {LIMIT:,} characters by reference")

    def _part(self, part: Any) -> str:
        if isinstance(part, str):
            return part
        place = part.get("@") if isinstance(part, dict) and len(part) == 1 else None
        if not isinstance(place, str) or place not in self._texts:
            raise ValueError(f"no result stands at {part!r:.60}")
        text = self._texts[place]
        if "/" in place:
            text = escaped(text)
        self.hold(len(text))
        return text


def escaped(text: str) -> str:
    """As a prompt shows it (graphs.pack)."""
    return html.escape(text, quote=False)


def is_packed(value: Any) -> bool:
    """Whether it stands for a message: one that shows a result, or another of the same trace."""
    return isinstance(value, dict) and value.keys() == {PACKED}
