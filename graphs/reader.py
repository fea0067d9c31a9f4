"""Reads a trace file into its parts, and says which line is damaged and how.

Knows the format `workings-trace/1` (docs/trace.md) as `graphs.writer` writes it; knows nothing of
the folder that traces stand in. Only reads: plain JSON into our own strict types, sizes and depth
bounded, nothing of the file is run.
"""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from ..tools.errors import TraceError
from .answer import Answer
from .canonical import MARK, canonical
from .canonical import VERSION as CANONICAL
from .model import Message, ModelReply, ModelRequest, OutputSchema
from .packed import Values
from .parts import Parts, aborted, model_step, tool_step
from .records import Line, lines, load
from .redact import VERSION as REDACTION
from .references import References
from .said import READ, SAID
from .starts import offered, start_of
from .steps import Approval, Attempt, ModelStep, NodeRecord, StepError, ToolStep

FORMAT = "workings-trace/1"
MESSAGE_LIMIT = 2_000_000
"""Messages that all requests of a trace may have together: requests are written as differences."""

_NOTES = 20

_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_OBJECTS: TypeAdapter[tuple[dict[str, JsonValue], ...]] = TypeAdapter(
    tuple[dict[str, JsonValue], ...]
)
_ATTEMPTS: TypeAdapter[tuple[Attempt, ...]] = TypeAdapter(tuple[Attempt, ...])
_OUTPUT = TypeAdapter(OutputSchema)
_REPLY = TypeAdapter(ModelReply)
_ERROR = TypeAdapter(StepError)
_ANSWER = TypeAdapter(Answer)
_APPROVAL = TypeAdapter(Approval)
_NODE = TypeAdapter(NodeRecord)


def read(path: Path) -> Parts:
    """The parts of a trace. Raises `TraceError(path, line)`; a torn last line is only counted."""
    data = load(path)
    reader = _Reader(path)
    whole = data.rfind(b"\n") + 1
    for line in lines(path, data, whole):
        reader.take(line)
    return reader.finish(len(data) - whole)


class _Reader:
    """Puts the records of one file together."""

    def __init__(self, path: Path):
        self.path = path
        self.values = Values(path.parent / "blobs")
        self.parts: Parts | None = None
        self.steps: dict[int, ModelStep | ToolStep] = {}
        self.open: set[int] = set()
        self.ended = False
        self._references = References(self.values)
        self._superstep = 0
        self._begun = 0
        self._messages = 0
        self._unknown = 0
        self._number = 0

    def take(self, line: Line) -> None:
        """Add one record."""
        self._number = line.number
        kind = line.record["t"]
        try:
            self.values.hold(line.values)
            if self.parts is None:
                self._start(kind, line.record)
            elif self.ended:
                raise ValueError("it comes after run.end")
            else:
                self._add(kind, line.record, self.parts)
        except TraceError as error:
            message = f"{self.path}, line {self._number} ({kind}): {error}"
            raise TraceError(message, error.path or self.path, self._number) from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "record"
            self._fail(kind, f"{place}: {first['msg']}")
        except KeyError as error:
            self._fail(kind, f"the field {error} is missing")
        except (ValueError, TypeError) as error:
            self._fail(kind, str(error))

    def finish(self, dropped: int) -> Parts:
        """All the parts; calls that never ended are marked so."""
        if self.parts is None:
            raise TraceError(
                f"{self.path} has no whole line: expected a {FORMAT} trace", self.path, 1
            )
        for index in self.open:
            self.steps[index] = aborted(self.steps[index])
        self.parts.steps = [self.steps[index] for index in sorted(self.steps)]
        self.parts.dropped_bytes = dropped
        if self._unknown > _NOTES:
            more = self._unknown - _NOTES
            self.parts.notes.append(f"and {more:,} more records of unknown types were left out")
        return self.parts

    def _fail(self, kind: str, reason: str) -> None:
        raise TraceError(
            f"{self.path}, line {self._number} ({kind}): {reason}", self.path, self._number
        ) from None

    def _start(self, kind: str, record: dict[str, Any]) -> None:
        if kind != "run.start":
            raise ValueError("a trace begins with run.start")
        expected = {"format": FORMAT, "canonical": CANONICAL, "redaction": REDACTION}
        for name, value in expected.items():
            if record.get(name) != value:
                raise ValueError(
                    f"{name} is {record.get(name)!r:.40}; this version reads {value!r}"
                )
        self.parts = Parts(start_of(record["start"], self.values))
        self._references.start(self.parts.start)

    def _add(self, kind: str, record: dict[str, Any], parts: Parts) -> None:
        if kind == "model.request":
            request = self._request(record, parts)
            like = self.steps[record["like"][0]] if "like" in record else None
            given = {} if like is None else {"node": like.node, "name": like.name}
            self._open(model_step({**given, **record}, request))
        elif kind == "tool.request":
            call = self._references.call(self.values.read(record["call"], _OBJECT))
            self._open(tool_step(record, call))
        elif kind in ("model.reply", "model.error"):
            self._close(record, ModelStep, self._model_end(kind, record))
        elif kind in ("tool.result", "tool.error", "tool.refused"):
            self._close(record, ToolStep, self._tool_end(kind, record))
        elif kind == "node":
            parts.nodes.append(self._node(record))
        elif kind == "approval":
            parts.approvals.append(self.values.read(record["approval"], _APPROVAL))
        elif kind == "run.end":
            self._end(record, parts)
        else:
            self._unknown += 1
            if self._unknown <= _NOTES:
                parts.notes.append(
                    f"line {self._number}: a record of unknown type {kind!r:.40} was left out"
                )

    def _node(self, record: dict[str, Any]) -> NodeRecord:
        fields = {k: v for k, v in record.items() if k not in ("n", "t", SAID, READ)}
        fields.setdefault("superstep", self._superstep + 1)
        # what has its default is not set: that would take 500 bytes more a record
        if self._begun:
            fields.setdefault("after", self._begun)
        fields["writes"] = fields["writes"][:MARK]
        self._superstep = fields["superstep"]
        if isinstance(fields.get("values", {}), dict):
            fields["values"] = self._references.node(self._number - 1, record, self._reply)
            if not fields["values"]:
                del fields["values"]
        return _NODE.validate_json(canonical(fields), strict=True)

    def _reply(self, index: Any) -> ModelReply:
        step = self.steps.get(index) if type(index) is int else None
        if not isinstance(step, ModelStep) or step.reply is None:
            raise ValueError(f"step {index!r:.20} is no model call that was answered")
        return step.reply

    def _request(self, record: dict[str, Any], parts: Parts) -> ModelRequest:
        messages: tuple[Message, ...] = ()
        fields: dict[str, Any] = {}
        # traces written before 2026-11-23 have `base`, for the messages alone
        like = record.get("like", record.get("base"))
        if like is not None:
            if type(like) is not list or len(like) != 2:
                raise ValueError(f"like is {like!r:.40}: expected a step and how many messages")
            index, keep = like
            base = self.steps.get(index)
            if not isinstance(base, ModelStep) or not 0 <= keep <= len(base.request.messages):
                raise ValueError(f"like {like!r:.40} is not an earlier model request")
            messages = base.request.messages[:keep]
            if "like" in record:
                fields = {name: getattr(base.request, name) for name in ("params", "tools")}
                fields["output"] = base.request.output
        added = tuple(map(self._references.message, record["messages"]))
        self._messages += len(messages) + len(added)
        if self._messages > MESSAGE_LIMIT:
            raise ValueError(f"the requests hold more than {MESSAGE_LIMIT:,} messages")
        fields["model"] = record.get("model", parts.start.model)
        fields["messages"] = messages + added
        if "params" in record:
            fields["params"] = self.values.read(record["params"], _OBJECT)
        if record.get("tools") is True:
            fields["tools"] = offered(parts.start.tools)
        elif "tools" in record:
            fields["tools"] = self.values.read(record["tools"], _OBJECTS)
        if "output" in record:
            output = record["output"]
            fields["output"] = None if output is None else self.values.read(output, _OUTPUT)
        if not isinstance(fields["model"], str):
            raise ValueError(f"model is {fields['model']!r:.40}: expected a text")
        # every part was validated as it was read, or stands in an earlier request
        return ModelRequest.model_construct(**fields)

    def _model_end(self, kind: str, record: dict[str, Any]) -> dict[str, Any]:
        update: dict[str, Any] = {}
        if kind == "model.error":
            update["error"] = self.values.read(record["error"], _ERROR)
        if kind == "model.reply" or "reply" in record:
            update["reply"] = self.values.read(record["reply"], _REPLY)
        if "attempts" in record:
            update["attempts"] = self.values.read(record["attempts"], _ATTEMPTS)
        if "cost_usd" in record:
            update["cost_usd"] = record["cost_usd"]
        return update

    def _tool_end(self, kind: str, record: dict[str, Any]) -> dict[str, Any]:
        status = {"tool.result": "ok", "tool.error": "error", "tool.refused": "refused"}[kind]
        update: dict[str, Any] = {"status": status}
        if status == "ok" or "result" in record:
            result: dict[str, Any] = self.values.read(record["result"], _OBJECT)
            passages = [self.values.read(item, _OBJECT) for item in record.get("passages", ())]
            number = self._number - 1
            update["result"] = self._references.result(number, record, result, passages)
        if status != "ok" or "error" in record:
            update["error"] = self.values.read(record["error"], _ERROR)
        return update

    def _open(self, step: ModelStep | ToolStep) -> None:
        if step.index in self.steps:
            raise ValueError(f"step {step.index} was already begun")
        self.steps[step.index] = step
        self.open.add(step.index)
        self._begun = max(self._begun, step.index)

    def _close(self, record: dict[str, Any], kind: type[BaseModel], update: dict[str, Any]) -> None:
        index = record["i"]
        if index not in self.open or not isinstance(self.steps[index], kind):
            raise ValueError(f"it ends step {index!r:.20}, which is not open")
        self.open.discard(index)
        fields = {**self.steps[index].__dict__, **update, "seconds": record.get("seconds", 0.0)}
        self.steps[index] = type(self.steps[index]).model_validate(fields, strict=True)

    def _end(self, record: dict[str, Any], parts: Parts) -> None:
        if record.get("records") != self._number:
            raise ValueError(f"it counts {record.get('records')!r:.20} records, not {self._number}")
        status = record["status"]
        if status not in ("done", "failed"):
            raise ValueError(f"status {status!r:.40}: expected 'done' or 'failed'")
        parts.status = status
        if "answer" in record:
            parts.answer = self.values.read(self._references.answer(record), _ANSWER)
        if "error" in record:
            parts.error = self.values.read(record["error"], _ERROR)
        self.ended = True
