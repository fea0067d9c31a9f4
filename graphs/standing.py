"""What stands in a trace that is being written, so that nothing is written in it twice.

Knows how a value that stands there is named (docs/trace.md), and what goes to blobs; knows nothing
of the file and its lines. Takes values that are already redacted. What writes a blob may raise
`OSError`.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from orjson import Fragment
from pydantic import BaseModel, JsonValue
from pydantic_core import from_json

from .answer import Answer
from .blobs import Blobs
from .canonical import canonical, quoted
from .hashed import INLINE, POINTER
from .model import Message
from .said import READ, SAID, again, named
from .short import short_answer, short_call, short_result
from .shown import LEAST, PACKED, Shown
from .starts import given_messages
from .steps import ModelStep, Start, ToolStep
from .written import Kept, Wrote

ONCE = 4000
"""Bytes up to which a value stands in a line, unless another run of the process had it too."""
OWN = 1000
"""The same of what no other run has: a blob would be a file for it alone."""
REFERENCE = 34
"""Bytes of the name of a blob: a shorter message is not worth another place."""
_POINTS = (b"{" + POINTER, b'{"%s"' % PACKED.encode())
_SAYS = {SAID: ("messages", "pending"), READ: ("draft",)}
"""Of a node's values, what a reply says."""


class Standing:
    """What stands in one trace."""

    def __init__(self, blobs: Blobs):
        self.blobs = blobs
        self.data: Callable[[BaseModel], bytes] = canonical
        """The canonical bytes of a model: who has them at hand says so here."""
        self._question = ""
        self._shown = Shown()
        self._written: dict[bytes, str] = {}
        """Where in this file a message stands: `record/place`."""
        self._replied: ModelStep | None = None
        """The model call that ended last."""
        self._asked: dict[str, str] = {}
        """The arguments of tool requests that replies hold, by the graph's names of them."""
        self._passages: dict[Any, dict[str, JsonValue]] = {}
        """What tools found, by id."""
        self._calculated: list[int] = []
        self._calculations: list[bytes] = []
        """What nodes reckoned, and in which records that stands."""

    def start(self, start: Start) -> None:
        """Record 0 was written."""
        self._question = start.question
        for number, message in enumerate(given_messages(start)):
            self._written.setdefault(canonical(message), f"0/{number}")

    def reply(self, step: ModelStep) -> object:
        """What a model said."""
        self._replied = step
        return self.pack(step.reply)

    def call(self, step: ToolStep) -> object:
        """What a tool is asked."""
        return self.pack(short_call(step, self._asked))

    def result(self, record: int, result: dict[str, JsonValue]) -> dict[str, Any]:
        """The fields of record `record` that hold what a tool gave; each passage by itself."""
        fields: dict[str, Any] = {}
        short = short_result(result)
        if short is None:
            fields["whole"] = True
            self._shown.add(record, result.get("content"), ())
        else:
            result, passages = short
            self._shown.add(record, result.get("content"), [item["text"] for item in passages])
            self._passages |= {item["id"]: item for item in passages}
            if passages:
                fields["passages"] = list(map(self.once, passages))
        fields["result"] = self.pack(result)
        return fields

    def message(self, message: Message) -> object:
        """A message of a request: in full, in a blob, or `{"@": place}` where it stands."""
        data = self.data(message)
        place = self._written.get(data)
        if place is not None and len(data) > 2 * len(place) + REFERENCE:
            return {"@": place}
        shown = self._shown.pack(data)
        if shown is not None:
            return Fragment(shown)
        short = len(data) <= (INLINE if message.role == "system" else OWN)
        return Fragment(data) if short else self.blobs.put(data)

    def wrote(self, record: int, wrote: Wrote) -> dict[str, Any]:
        """The fields of record `record` that hold what a node wrote."""
        kept = wrote.kept
        fields: dict[str, Any] = {}
        said: tuple[str, ...] = ()
        if self._replied is not None and kept:
            fields = again(self._replied, kept)
            for name in fields:
                said += _SAYS[name]
        if SAID in fields:
            self._say(record, fields[SAID][1], kept)
        parts = []
        for name, value in kept.items():
            if name == "messages" and name not in said:
                parts.append(b'"messages":%s' % self._messages(record, value))
            elif name not in said:
                parts.append(b"%s:%s" % (quoted(name), self._point(value)))
                if name == "calculations":
                    self._calculate(record, value)
        if parts:
            fields["values"] = Fragment(b"{%s}" % b",".join(parts))
        return fields

    def answer(self, answer: Answer) -> dict[str, Any]:
        """The fields that hold the answer."""
        short = short_answer(answer, self._question, self._calculations, self._passages)
        data = canonical(short)
        if len(data) > OWN:
            # its name is then its hash
            return {"answer": self.blobs.put(self.data(answer))}
        left = answer.calculations and "calculations" not in short
        return {"answer": Fragment(data), **({"calculated": self._calculated} if left else {})}

    def pack(self, value: object, inline: int = OWN) -> object:
        """An object or list as it is, or the name of the blob that holds it."""
        data = self.data(value) if isinstance(value, BaseModel) else canonical(value)
        return self.blobs.put(data) if len(data) > inline else Fragment(data)

    def once(self, value: object, inline: int = INLINE) -> object:
        """A value as it is, where it is the first time that one is written, or its blob."""
        data = canonical(value)
        if len(data) > ONCE:
            return self.blobs.put(data)
        return (self.blobs.share(data) if len(data) > inline else None) or Fragment(data)

    def _say(self, record: int, first: int, kept: Mapping[str, Kept]) -> None:
        """A node made a message of the last reply."""
        assert self._replied is not None and self._replied.reply is not None
        (message,) = kept["messages"]
        self._written.setdefault(cast(bytes, message), f"{record}/0")
        for number, request in enumerate(self._replied.reply.tool_requests, first):
            self._asked[named(number)] = request.arguments

    def _calculate(self, record: int, value: Kept) -> None:
        """A node reckoned; what stands in blobs is not named."""
        if all(type(item) is bytes and len(item) <= OWN for item in value):
            self._calculated.append(record)
            self._calculations += cast(list[bytes], value)

    def _messages(self, record: int, values: Kept) -> bytes:
        """The messages that a node wrote."""
        if type(values) is not list:
            return self._point(values)
        written = []
        for number, value in enumerate(values):
            shown = None
            if type(value) is bytes:
                place = self._written.setdefault(value, f"{record}/{number}")
                if len(value) < LEAST or place.startswith(f"{record}/"):
                    shown = self._shown.pack(value)
                else:
                    shown = b'{"%s":"%s"}' % (PACKED.encode(), place.encode())
            written.append(self._point(value) if shown is None else shown)
        return b"[%s]" % b",".join(written)

    def _point(self, value: Kept) -> bytes:
        """A value as it is, or `{"$": name of its blob}`: here a string may be only a string.

        What looks like a reference and is none is in a blob too.
        """
        if type(value) is list:
            return b"[%s]" % b",".join(map(self._point, value))
        data = cast(bytes, value)
        if len(data) > OWN or (data.startswith(_POINTS) and len(from_json(data)) == 1):
            return b'{"$":"%s"}' % self.blobs.put(data).encode()
        return data
