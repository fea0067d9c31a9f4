"""What stands in a trace that is read, and what names it: the other side of `graphs.standing`.

Knows the places of a trace file (docs/trace.md), and bounds how much a few bytes may stand for;
knows nothing of lines and steps. Raises `ValueError` for what names nothing, `TraceError` as
`Values.read` does, and pydantic's `ValidationError`.
"""

from collections.abc import Callable
from typing import Any

from pydantic import JsonValue, TypeAdapter

from .canonical import canonical
from .lines import values
from .model import Message, ModelReply
from .packed import Values
from .requested import Requested
from .said import READ, SAID, first_said, held, said_again
from .short import reckoned, whole_answer, whole_result
from .shown import PACKED, Texts, is_packed
from .starts import given_messages
from .steps import Start

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_MESSAGE = TypeAdapter(Message)


class References:
    """What stands in one trace so far. Records are counted from 0."""

    def __init__(self, held: Values):
        self._values = held
        self._question = ""
        self._texts = Texts()
        self._written: dict[str, Any] = {}
        """Messages that nodes wrote, by `record/place`, as they stand there."""
        self._sent: dict[str, Message] = {}
        """Those of them that a request sent."""
        self._requested = Requested()
        self._passages: dict[Any, dict[str, JsonValue]] = {}
        """What tools found, by id."""
        self._calculations: dict[int, Any] = {}
        """What nodes reckoned, by record."""

    def start(self, start: Start) -> None:
        """What the run was given."""
        self._question = start.question
        for number, message in enumerate(given_messages(start)):
            self._written[f"0/{number}"] = message

    def message(self, item: Any) -> Message:
        """A message that stands here, in a blob, or where a node wrote it: `{"@": place}`."""
        if not isinstance(item, dict) or item.keys() != {"@"}:
            return self._values.read(self._unpacked(item) if is_packed(item) else item, _MESSAGE)
        place = item["@"]
        # once, or a few bytes for each time that it is sent would be a long text in memory
        if place not in self._sent:
            if place not in self._written:
                raise ValueError(f"no node wrote a message at {place!r:.40}")
            if isinstance(self._written[place], str):
                raise ValueError(f"what a node wrote at {place} is no message")
            self._sent[place] = self._values.read(self._written[place], _MESSAGE)
        return self._sent[place]

    def call(self, call: dict[str, Any]) -> dict[str, Any]:
        """What a tool was asked."""
        return self._requested.call(call)

    def result(
        self, number: int, record: dict[str, Any], result: dict[str, Any], passages: list[Any]
    ) -> dict[str, Any]:
        """What a tool gave, of record `number`."""
        self._passages |= {item.get("id"): item for item in passages}
        texts = [item.get("text") for item in passages]
        self._texts.add(number, result.get("content"), texts)
        return whole_result(record, result, passages)

    def node(
        self, number: int, record: dict[str, Any], replies: Callable[[Any], ModelReply]
    ) -> dict[str, Any]:
        """The values that a node wrote, of record `number`; `replies` gives those of steps."""
        kept = {name: self._pointed(value) for name, value in record.get("values", {}).items()}
        if SAID in record:
            index, first = first_said(record[SAID])
            reply = replies(index)
            self._requested.name([request.arguments for request in reply.tool_requests], first)
            kept |= self._held(said_again(reply, first))
        if READ in record:
            content = replies(record[READ]).content
            # what is empty is not kept, and is read all the same
            self._texts.hold(len(content))
            self._values.hold(values(content.encode("utf-8", "surrogatepass")))
            kept["draft"] = self._held(held(content))
        messages = kept.get("messages")
        for place, item in enumerate(messages if isinstance(messages, list) else ()):
            self._written[f"{number}/{place}"] = item
        if isinstance(kept.get("calculations"), list):
            self._calculations[number] = kept["calculations"]
        return kept

    def answer(self, record: dict[str, Any]) -> Any:
        """The answer, of the last record."""
        answer = record["answer"]
        if not isinstance(answer, dict):
            return answer
        told = reckoned(record.get("calculated", []), self._reckoned)
        return whole_answer(answer, self._question, told, self._passages)

    def _reckoned(self, number: int) -> list[JsonValue]:
        found = self._calculations.get(number)
        if not isinstance(found, list):
            raise ValueError(f"record {number} reckons nothing")
        return found

    def _pointed(self, value: Any) -> Any:
        """A value of a node: itself, or what the blob that `{"$": name}` names holds.

        What looks like a reference and is none stands, where there are no blobs, as `{"$": value}`.
        """
        if isinstance(value, list):
            return [self._pointed(item) for item in value]
        if isinstance(value, dict) and value.keys() == {"$"}:
            inner = value["$"]
            return inner if isinstance(inner, dict) else self._values.read(str(inner), _JSON)
        return self._unpacked(value) if is_packed(value) else value

    def _unpacked(self, value: Any) -> Any:
        """The message that a reference stands for."""
        place = value[PACKED]
        if not isinstance(place, str):
            return self._texts.unpack(value)
        if place not in self._written:
            raise ValueError(f"no message stands at {place!r:.40}")
        return self._held(self._written[place])

    def _held(self, value: Any) -> Any:
        """The value, counted as if it stood here."""
        data = canonical(value)
        self._texts.hold(len(data))
        self._values.hold(values(data))
        return value
