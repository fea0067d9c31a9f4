"""A trace at a glance: what was called, found and answered, without what the models were told.

For re-scoring many kept runs: requests and replies of models and the writes of nodes, most of a
trace, are not looked at. Every line is still held against the chain of checksums, and every blob
that is read against its name. Knows the format as `graphs.reader` does (docs/trace.md).
"""

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic_core import from_json

from ..tools.errors import TraceError
from .answer import Answer
from .blobs import Blobs
from .canonical import MARK, canonical
from .canonical import VERSION as CANONICAL
from .chain import brief, chained
from .lines import LINE_LIMIT, VALUE_LIMIT, opened, parse
from .model import ModelRequest
from .parts import aborted
from .reader import FORMAT
from .records import RECORD_LIMIT, load
from .requested import Requested
from .said import SAID, first_said
from .short import reckoned, whole_answer, whole_result
from .steps import ModelStep, Start, StepError, ToolStep
from .trace import Trace

BLOBS = 4096
"""Blobs kept in memory: the passages of a collection come again from trace to trace."""

_OBJECTS = ("arguments", "result")
_ANSWER = TypeAdapter(Answer)
_ERROR = TypeAdapter(StepError)
_START = ("id", "created", "question", "model", "parent", "forked_at")
_UNREAD: dict[str, Any] = {
    name: {} for name in ("params", "profile", "limits", "options", "fingerprints")
}
"""Given, so that the class need not make copies of its own."""
_STATUS: dict[str, Literal["ok", "error", "refused"]] = {
    "tool.result": "ok",
    "tool.error": "error",
    "tool.refused": "refused",
}


def glance(path: str | Path) -> Trace:
    """The trace as far as metrics look at it. Raises `TraceError` naming the line.

    A model step has its name, time, cost and error; its request is empty and its reply None. The
    start has no options, and there are no nodes.
    """
    path = path if isinstance(path, Path) else Path(path)  # to make one of a path takes long too
    glanced = _Glance(path)
    number = 1
    try:
        data = load(path)
        for number, (record, body) in enumerate(_records(path, data), 1):
            glanced.take(record, number - 1, body)
        return glanced.trace()
    except TraceError as error:
        if error.path == path:  # it names the line already
            raise
        told = str(error)
    except ValidationError as error:
        told = error.errors(include_url=False)[0]["msg"]
    except KeyError as error:
        told = f"the field {error} is missing"
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        told = str(error)
    raise TraceError(f"{path}, line {number}: {told}", path, number)


def _records(path: Path, data: bytes) -> Iterable[tuple[dict[str, Any], bytes]]:
    """The records of whole lines, those of nodes without values, and the bytes of each."""
    try:
        bodies, records = chained(data)
    except ValueError:
        return _one_by_one(path, data)
    whole = len(records) <= RECORD_LIMIT
    return zip(records, bodies, strict=True) if whole else _one_by_one(path, data)


def _one_by_one(path: Path, data: bytes) -> Iterator[tuple[dict[str, Any], bytes]]:
    """The same of a file that is not whole: a torn last line is left out, another named."""
    previous = ""
    whole = data.split(b"\n")[:-1]
    if not whole:
        raise TraceError(f"{path} has no whole line: expected a {FORMAT} trace", path, 1)
    if len(whole) > RECORD_LIMIT:
        raise TraceError(f"{path} has more than {RECORD_LIMIT:,} records", path, RECORD_LIMIT)
    # no value is shorter than a byte, and no line longer than all of them
    bounded = len(data) <= min(VALUE_LIMIT, LINE_LIMIT)
    for number, line in enumerate(whole, 1):
        try:
            body, previous = opened(line, previous)
            record = _parsed_line(brief(body)) if bounded else parse(brief(body))
        except ValueError as error:
            hint = "; is this a trace?" if number == 1 else ""
            raise TraceError(f"{path}, line {number}: {error}{hint}", path, number) from None
        if not isinstance(record, dict):
            raise TraceError(f"{path}, line {number}: expected record {number - 1}", path, number)
        yield record, body


def _parsed_line(body: bytes) -> Any:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        return parse(body)  # it says why


class _Glance:
    """What was seen so far of one file."""

    def __init__(self, path: Path):
        self._folder = os.path.dirname(path)
        self._path = path
        self._start: Start | None = None
        self._steps: dict[int, ModelStep | ToolStep] = {}
        self._open: dict[int, dict[str, Any]] = {}
        self._placed: dict[int, tuple[Any, Any]] = {}
        self._replies: dict[int, Any] = {}
        self._nodes: dict[int, bytes] = {}
        self._passages: dict[Any, dict[str, Any]] = {}
        self._requested = Requested()
        self._answer: Answer | None = None
        self._error: StepError | None = None
        self._status: Literal["done", "failed", "aborted"] = "aborted"

    def take(self, record: dict[str, Any], number: int, body: bytes) -> None:
        kind = record["t"]
        if record.get("n", number) != number:
            raise ValueError(f"expected record {number}")
        if self._start is None:
            self._begin(kind, record)
        elif kind == "node":
            self._nodes[number] = body
            if SAID in record:
                self._say(record[SAID])
        elif kind == "model.request":
            node = name = None
            if "like" in record:
                index, _ = record["like"]
                node, name = self._placed[index]
            node, name = record.get("node", node), record.get("name", name)
            self._placed[record["i"]] = node, name
            self._open[record["i"]] = {
                "index": record["i"],
                "node": node,
                "name": name,
                "key": record["key"][:MARK],
                "request": _unread(record.get("model", self._start.model)),
            }
        elif kind == "tool.request":
            call = self._requested.call(self._value(record["call"]))
            self._open[record["i"]] = {
                "index": record["i"],
                "node": record["node"],
                "name": record["name"],
                "key": record["key"][:MARK],
                "request_id": call["request_id"],
                "arguments": call.get("arguments"),
                "raw_arguments": call["raw_arguments"],
                "effect": record.get("effect"),
            }
        elif kind in ("model.reply", "model.error") or kind in _STATUS:
            self._end_step(kind, record)
        elif kind == "run.end":
            self._end(record)

    def _say(self, said: object) -> None:
        """A node made a message of a reply."""
        index, first = first_said(said)
        if index not in self._replies:
            raise ValueError(f"step {index} is no model call that was answered")
        asked = self._value(self._replies[index]).get("tool_requests", ())
        self._requested.name([request["arguments"] for request in asked], first)

    def trace(self) -> Trace:
        if self._start is None:
            raise TraceError(f"{self._path} has no run.start", self._path, 1)
        for index, fields in self._open.items():
            self._steps[index] = aborted(_step(fields))
        return Trace(
            start=self._start,
            steps=tuple(self._steps[index] for index in sorted(self._steps)),
            answer=self._answer,
            error=self._error,
            status=self._status,
        )

    def _begin(self, kind: str, record: dict[str, Any]) -> None:
        if (kind, record.get("format"), record.get("canonical")) != (
            "run.start",
            FORMAT,
            CANONICAL,
        ):
            raise ValueError(f"expected run.start of {FORMAT}; is this a trace?")
        start = record["start"]
        self._start = Start(**_UNREAD, **{name: start[name] for name in _START if name in start})

    def _end_step(self, kind: str, record: dict[str, Any]) -> None:
        fields = self._open.pop(record["i"])
        fields["seconds"] = record.get("seconds", 0.0)
        if "error" in record:
            fields["error"] = _ERROR.validate_json(canonical(self._value(record["error"])))
        if kind not in _STATUS:
            fields["cost_usd"] = record.get("cost_usd")
            if "reply" in record:
                self._replies[record["i"]] = record["reply"]
        else:
            fields["status"] = _STATUS[kind]
            if "result" in record:
                result: dict[str, JsonValue] = self._value(record["result"])
                passages = list(map(self._value, record.get("passages", ())))
                self._passages |= {item.get("id"): item for item in passages}
                fields["result"] = whole_result(record, result, passages)
        self._steps[record["i"]] = _step(fields)

    def _end(self, record: dict[str, Any]) -> None:
        self._status = "done" if record["status"] == "done" else "failed"
        if "answer" in record:
            answer = record["answer"]
            if isinstance(answer, dict):
                assert self._start is not None
                told = reckoned(record.get("calculated", []), self._reckoned)
                data = canonical(whole_answer(answer, self._start.question, told, self._passages))
            else:
                data = self._blobs.get(answer)
            self._answer = _ANSWER.validate_json(data, strict=True)
        if "error" in record:
            self._error = _ERROR.validate_json(canonical(self._value(record["error"])))

    def _reckoned(self, number: int) -> list[Any]:
        body = self._nodes.get(number)
        found = None if body is None else parse(body).get("values", {}).get("calculations")
        if not isinstance(found, list):
            raise ValueError(f"record {number} reckons nothing")
        return found

    def _value(self, value: Any) -> Any:
        """What stands inline, or in the blob that a string names. Not to be changed: shared."""
        return _parsed(self._folder, value) if isinstance(value, str) else value

    @property
    def _blobs(self) -> Blobs:
        return _blobs(self._folder)


def _step(fields: dict[str, Any]) -> ModelStep | ToolStep:
    if "request" in fields:
        return ModelStep.model_validate(fields, strict=True)
    # a parsed object holds JSON and nothing else: its values, often many, are not looked through
    plain = {name: fields.get(name) for name in _OBJECTS if isinstance(fields.get(name), dict)}
    step = ToolStep.model_validate({**fields, **dict.fromkeys(plain)}, strict=True)
    step.__dict__.update(plain)
    return step


@lru_cache(maxsize=64)
def _blobs(folder: str) -> Blobs:
    return Blobs(Path(folder, "blobs"))


@lru_cache(maxsize=BLOBS)
def _parsed(folder: str, name: str) -> Any:
    return parse(_blobs(folder).get(name))


@lru_cache(maxsize=64)
def _unread(model: str) -> ModelRequest:
    return ModelRequest(model=model, messages=())
