"""A whole record as it is checked against: what it asked, heard, wrote and answered, by its hashes.

For replays of runs that went well from start to end: nothing is built that only a difference would
need. Every line is held against the chain of checksums; of the blobs those are read whose content
is heard again. Knows the format as `graphs.reader` does (docs/trace.md).
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from ..tools.errors import TraceError
from .canonical import VERSION as CANONICAL
from .canonical import canonical, digest
from .lines import opened, parse
from .model import ModelReply
from .packed import Values
from .places import END
from .reader import FORMAT, start_of
from .records import RECORD_LIMIT, load
from .redact import VERSION as REDACTION
from .steps import Start

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
_REPLY = TypeAdapter(ModelReply)
_PASSED = {"model.request", "model.reply", "tool.request", "tool.result", "node", "run.end"}

Place = tuple[str, str]
"""Where a call stands, and its key."""


class NotPlain(Exception):
    """The record is no whole run without a failure: it is replayed the long way."""


@dataclass
class Heard:
    """A recorded call that is answered again."""

    index: int
    name: str
    model: str = ""
    reply: ModelReply | None = None
    cost_usd: float | None = None
    result: dict[str, JsonValue] | None = None
    asked: dict[str, Any] = field(default_factory=dict)
    """Of a tool call: its `request_id`, `arguments`, `raw_arguments` and `effect`."""


@dataclass
class Tape:
    """What a run has to be the same as. Calls are taken away as they are made."""

    id: str
    question: str
    model: str
    options: dict[str, Any]
    fingerprints: dict[str, str]
    given: Callable[[], Start]
    """All that the run was given."""
    models: dict[Place, deque[Heard]] = field(default_factory=dict)
    tools: dict[Place, deque[Heard]] = field(default_factory=dict)
    replies: list[Heard] = field(default_factory=list)
    """Every model call, in the order in which they began."""
    nodes: list[tuple[str, str, str | None]] = field(default_factory=list)
    """Name, hash of what it wrote and route of each node that ended, in order."""
    final: str = ""
    """Hash of the final state, of a user's own graph."""
    answer: str = ""
    """Hash of the answer."""
    told: Callable[[], dict[str, Any]] = dict
    """The answer itself."""

    def seconds(self) -> float:
        """How long the run took, as its answer says."""
        return float(self.told()["usage"].get("seconds", 0.0))

    def hashes(self) -> set[str]:
        """Every key and hash of the record."""
        keys = (key for calls in (self.models, self.tools) for _, key in calls)
        return {*keys, *(writes for _, writes, _ in self.nodes), self.answer}

    def take(self, calls: dict[Place, deque[Heard]], place: Place) -> Heard | None:
        """The next recorded answer to this very call; None where there is none."""
        waiting = calls.get(place)
        return waiting.popleft() if waiting else None

    @property
    def played(self) -> bool:
        """Whether every recorded call was made."""
        return not any(self.models.values()) and not any(self.tools.values())


def tape(path: Path) -> Tape:
    """The tape of a trace. Raises `NotPlain`, also for what only the long way can name."""
    try:
        return _tape(path)
    except (TraceError, ValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotPlain(str(error)) from None


def _tape(path: Path) -> Tape:
    data = load(path)
    whole = data.split(b"\n")
    if whole.pop() or not 2 <= len(whole) <= RECORD_LIMIT:
        raise NotPlain("the record was cut")
    values = Values(path.parent / "blobs")
    previous, bodies = "", []
    for line in whole:
        body, previous = opened(line, previous)
        bodies.append(body)
    records = parse(b"[%s]" % b",".join(bodies))
    first, last = records[0], records[-1]
    if (first["format"], first["canonical"], first["redaction"]) != (FORMAT, CANONICAL, REDACTION):
        raise NotPlain("another version")
    if last["t"] != "run.end" or last["records"] != len(records) or last["status"] != "done":
        raise NotPlain("the run did not end well")
    start = first["start"]
    made = Tape(
        id=_text(start["id"]),
        question=_text(start["question"]),
        model=_text(start["model"]),
        options=_object(_value(values, start.get("options", {}))),
        fingerprints=_object(_value(values, start.get("fingerprints", {}))),
        given=partial(start_of, start, values),
        answer=_hash(last["answer"]),
        told=partial(_value, values, last["answer"]),
    )
    _play(made, records[1:], values)
    for version in made.fingerprints.values():
        _text(version)
    return made


def _play(made: Tape, records: list[dict[str, Any]], values: Values) -> None:
    open_: dict[int, tuple[str, Heard, Place]] = {}
    for number, record in enumerate(records, 1):
        kind = record["t"]
        if kind not in _PASSED or record["n"] != number or "error" in record:
            raise NotPlain(f"a record of type {kind!r}")
        if kind == "node":
            route = record.get("route")
            node = _text(record["node"]), _text(record["writes"]), route and _text(route)
            if node[0] == END:
                made.final = node[1]
            else:
                made.nodes.append(node)
        elif kind.endswith(".request"):
            index, model = int(record["i"]), _text(record.get("model", made.model))
            heard = Heard(index, _text(record["name"]), model)
            if kind == "tool.request":
                call = _object(_value(values, record["call"]))
                heard.asked = {**call, "effect": record.get("effect")}
            open_[index] = kind, heard, (_text(record["node"]), _text(record["key"]))
        elif kind != "run.end":
            asked, heard, place = open_.pop(record["i"])
            if kind == "model.reply":
                heard.reply = values.read(record["reply"], _REPLY)
                heard.cost_usd = record.get("cost_usd")
                made.models.setdefault(place, deque()).append(heard)
                made.replies.append(heard)
            else:
                heard.result = _result(values, record)
                made.tools.setdefault(place, deque()).append(heard)
            if asked.partition(".")[0] != kind.partition(".")[0] or "attempts" in record:
                raise NotPlain("a call with retries")
    if open_:
        raise NotPlain("a call without an end")
    made.replies.sort(key=_begun)
    for calls in (*made.models.values(), *made.tools.values()):
        if len(calls) > 1:
            ordered = sorted(calls, key=_begun)
            calls.clear()
            calls.extend(ordered)


def _begun(heard: Heard) -> int:
    return heard.index


def _result(values: Values, record: dict[str, Any]) -> dict[str, JsonValue]:
    result = _object(_value(values, record["result"]))
    if record.get("passages"):
        result = {**result, "passages": [_value(values, item) for item in record["passages"]]}
    return result


def _value(values: Values, value: Any) -> Any:
    """What stands here, or in the blob that a string names. Not to be changed."""
    return values.read(value, _JSON) if isinstance(value, str) else value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise NotPlain(f"{value!r:.40} is no text")
    return value


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise NotPlain(f"{value!r:.40} is no object")
    return value


def _hash(answer: Any) -> str:
    """The hash of a value that stands here, or in a blob, which is named by it."""
    return answer if isinstance(answer, str) else digest(canonical(answer))
