"""A whole record as it is checked against: what it asked, heard, wrote and answered, by its hashes.

For replays of runs that went well from start to end: nothing is built that only a difference would
need. Every line is held against the chain of checksums; of the blobs those are read whose content
is heard again. Knows the format as `graphs.reader` does (docs/trace.md).
"""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from pydantic import JsonValue, TypeAdapter

from ..tools.errors import TraceError
from .canonical import MARK, canonical, digest
from .canonical import VERSION as CANONICAL
from .chain import chained, exact
from .heard import Heard
from .packed import Values
from .places import END
from .reader import FORMAT
from .records import RECORD_LIMIT, load
from .redact import VERSION as REDACTION
from .requested import Requested
from .said import READ, SAID, first_said
from .short import reckoned, whole_answer, whole_result
from .starts import start_of
from .steps import Start

_JSON: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)

Place = tuple[str, str]
"""Where a call stands, and its key."""


class NotPlain(Exception):
    """The record is no whole run without a failure: it is replayed the long way."""


@dataclass(slots=True)
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

    def check_replies(self) -> None:
        """Raise pydantic's `ValidationError` for a reply that is none."""
        for heard in self.replies:
            assert heard.reply

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
    except (TraceError, ValueError, TypeError, LookupError, AttributeError) as error:
        raise NotPlain(str(error)) from None


def _tape(path: Path) -> Tape:
    bodies, records = chained(load(path))
    if not 2 <= len(records) <= RECORD_LIMIT:
        raise NotPlain("the record was cut")
    values = Values(_blobs(os.fspath(path).rpartition("/")[0]))
    first, last = records[0], records[-1]
    if first.get("n", 0) != 0 or last.get("n", len(records) - 1) != len(records) - 1:
        raise NotPlain("a record is out of place")
    begun = first["t"], first["format"], first["canonical"], first["redaction"]
    if begun != ("run.start", FORMAT, CANONICAL, REDACTION):
        raise NotPlain("another version")
    ended = last["t"], last["records"], last["status"]
    if ended != ("run.end", len(records), "done") or "error" in last:
        raise NotPlain("the run did not end well")
    start = first["start"]
    answer = last["answer"]
    made = Tape(
        id=_text(start["id"]),
        question=_text(start["question"]),
        model=_text(start["model"]),
        options=_object(_value(values, start.get("options", {}))),
        fingerprints=_object(_value(values, start.get("fingerprints", {}))),
        given=partial(start_of, start, values),
        told=partial(_value, values, answer),
    )
    player = _Player(made, values, bodies, records)
    player.play()
    if type(answer) is dict:
        places = last.get("calculated")
        told = [] if places is None else reckoned(places, player.reckoned)
        answer = whole_answer(answer, made.question, told, player.passages)
        made.told = partial(dict, answer)
    # a blob is named by the hash of what it holds
    made.answer = answer if type(answer) is str else digest(canonical(answer))
    if not set(map(type, made.fingerprints.values())) <= {str}:
        raise NotPlain("a fingerprint that is no text")
    return made


class _Player:
    """Puts the records of a run on its tape."""

    def __init__(
        self, made: Tape, values: Values, bodies: list[bytes], records: list[dict[str, Any]]
    ):
        self.made = made
        self.values = values
        self.bodies = bodies
        self.records = records
        self.passages: dict[Any, dict[str, Any]] = {}
        """What tools found, by id."""

    def play(self) -> None:
        """All records but the first and the last."""
        made = self.made
        # calls that have begun and not ended, by their index
        models: dict[int, tuple[Heard, Place]] = {}
        tools: dict[int, tuple[Heard, Place]] = {}
        placed: dict[int, tuple[str, str]] = {}
        begun = set()
        said: dict[int, Any] = {}
        requested = Requested()
        for number, record in enumerate(self.records[1:-1], 1):
            if "error" in record or "attempts" in record:
                raise NotPlain("a call that failed")
            if "n" in record and record["n"] != number:
                raise NotPlain("a record is out of place")
            # names, places and hashes are compared with texts only: what is none is not the same
            match record["t"]:
                case "node":
                    node = record["node"], record["writes"][:MARK], record.get("route")
                    if SAID in record:
                        index, first = first_said(record[SAID])
                        asked = said[index].get("tool_requests", ())
                        requested.name([request["arguments"] for request in asked], first)
                    if READ in record and record[READ] not in said:
                        raise NotPlain("a draft that no reply holds")
                    if node[0] != END:
                        made.nodes.append(node)
                    elif made.final:
                        raise NotPlain("the run ends twice")
                    else:
                        made.final = node[1]
                case "model.request":
                    index = record["i"]
                    if index in begun:
                        raise NotPlain(f"step {index!r:.20} begins twice")
                    begun.add(index)
                    at = name = ""
                    if "like" in record:
                        like, _ = record["like"]
                        at, name = placed[like]
                    at, name = record.get("node", at), _text(record.get("name", name))
                    placed[index] = at, name
                    heard = Heard(index, name, _text(record.get("model", made.model)))
                    models[index] = heard, (at, record["key"][:MARK])
                case "tool.request":
                    index = record["i"]
                    if index in begun:
                        raise NotPlain(f"step {index!r:.20} begins twice")
                    begun.add(index)
                    call = _object(_value(self.values, record["call"]))
                    if "raw_arguments" not in call:
                        call = requested.call(call)
                    name = _text(record["name"])
                    heard = Heard(index, name, asked=call, effect=record.get("effect"))
                    tools[index] = heard, (record["node"], record["key"][:MARK])
                case "model.reply":
                    heard, place = models.pop(record["i"])
                    said[heard.index] = self._hear(heard, record)
                    made.models.setdefault(place, deque()).append(heard)
                    made.replies.append(heard)
                case "tool.result":
                    heard, place = tools.pop(record["i"])
                    self._get(heard, record)
                    made.tools.setdefault(place, deque()).append(heard)
                case kind:
                    raise NotPlain(f"a record of type {kind!r:.40}")
        if models or tools:
            raise NotPlain("a call without an end")
        if len(made.replies) > 1:
            made.replies.sort(key=_begun)
        for calls in (*made.models.values(), *made.tools.values()):
            if len(calls) > 1:
                ordered = sorted(calls, key=_begun)
                calls.clear()
                calls.extend(ordered)

    def reckoned(self, place: int) -> list[Any]:
        """What the node of this record reckoned."""
        if not 0 < place < len(self.records) or self.records[place]["t"] != "node":
            raise NotPlain(f"record {place} reckons nothing")
        found: list[Any] = exact(self.bodies[place])["values"]["calculations"]
        return found

    def _hear(self, heard: Heard, record: dict[str, Any]) -> Any:
        heard.said = said = _value(self.values, record["reply"])
        heard.cost_usd = record.get("cost_usd")
        return said

    def _get(self, heard: Heard, record: dict[str, Any]) -> None:
        result = _object(_value(self.values, record["result"]))
        found = [_value(self.values, item) for item in record.get("passages", ())]
        if found:
            self.passages |= {item.get("id"): item for item in found}
        heard.result = whole_result(record, result, found)


@lru_cache(maxsize=16)
def _blobs(folder: str) -> Path:
    return Path(folder, "blobs")


def _begun(heard: Heard) -> int:
    return heard.index


def _value(values: Values, value: Any) -> Any:
    """What stands here, or in the blob that a string names. Not to be changed."""
    return values.read(value, _JSON) if type(value) is str else value


def _text(value: Any) -> str:
    if type(value) is not str:
        raise NotPlain(f"{value!r:.40} is no text")
    return value


def _object(value: Any) -> dict[str, Any]:
    if type(value) is not dict:
        raise NotPlain(f"{value!r:.40} is no object")
    return value
