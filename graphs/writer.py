"""Writes one trace file, record by record, as the run happens.

Knows the format `workings-trace/1` (docs/trace.md) as `graphs.reader` reads it. Takes values that
are already redacted. Every method may raise `OSError` (a full disk); who records decides what then.

Large values go to blobs, written before the line that names them. One unbuffered write a line: a
killed process leaves whole lines and at most one torn one. fsync once, when the run ends.
"""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from orjson import Fragment
from pydantic import BaseModel, JsonValue
from pydantic_core import from_json

from .answer import Answer
from .blobs import Blobs
from .canonical import VERSION as CANONICAL
from .canonical import canonical, plain, quoted
from .hashed import INLINE, POINTER
from .lines import seal
from .model import Message, ModelRequest
from .reader import FORMAT
from .redact import VERSION as REDACTION
from .shown import LEAST, PACKED, Shown
from .starts import given_messages, offered
from .steps import Approval, ModelStep, Start, StepError, ToolStep
from .written import Kept, Wrote

ONCE = 4000
"""Bytes up to which a value stands in a line, unless another run of the process had it too."""
OWN = 1000
"""The same of what no other run has: a blob would be a file for it alone."""
SHARED = 60
"""The same of what most runs of one assistant have in common."""
REFERENCE = 34
"""Bytes of the name of a blob: a shorter message is not worth another place."""
_SHARED = ("params", "profile", "limits", "tools")
_PERHAPS_SHARED = {"options", "history"}
_POINTS = (b"{" + POINTER, b'{"%s"' % PACKED.encode())
_MESSAGES = "messages"
LOCK = ".lock"
"""Held shared while a trace is written, so that no blob is taken away under it."""
_LOCKED = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class TraceWriter:
    """One trace file being written. Raises `FileExistsError` when there is one already."""

    def __init__(self, path: Path, blobs: Blobs, fsync: bool = True):
        self._blobs = blobs
        self._fsync = fsync
        self._records = 0
        self._sum = ""
        self._last: tuple[int, ModelRequest] | None = None
        self._model = ""
        self._tools: tuple[dict[str, JsonValue], ...] = ()
        self._superstep = 0
        self._shown = Shown()
        self._written: dict[bytes, str] = {}
        """Where in this file a message stands: `record/place`."""
        self.data: Callable[[BaseModel], bytes] = canonical
        """The canonical bytes of a model: who has them at hand says so here."""
        lock = f"{path.parent}/{LOCK}"
        try:
            self._lock = os.open(lock, _LOCKED, 0o644)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(lock, _LOCKED, 0o644)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o644)
        except OSError:
            os.close(self._lock)
            raise
        self._closed = False

    def start(self, start: Start) -> None:
        """run.start: what the run was given."""
        packed = plain(start)
        shared = {name: packed.pop(name) for name in _SHARED if name in packed}
        for name in _PERHAPS_SHARED & packed.keys():
            packed[name] = self._once(packed[name])
        if "fingerprints" in packed:
            packed["fingerprints"] = self._pack(packed["fingerprints"], INLINE)
        if shared:
            setup = self._pack(shared, SHARED)
            if isinstance(setup, str):
                packed["setup"] = setup
            else:
                packed |= shared
        self._model = start.model
        self._tools = start.tools
        for number, message in enumerate(given_messages(start)):
            self._written.setdefault(canonical(message), f"0/{number}")
        versions = {"format": FORMAT, "canonical": CANONICAL, "redaction": REDACTION}
        self._write("run.start", {**versions, "start": packed})

    def model_request(self, step: ModelStep) -> None:
        """model.request: what the model is asked; what the one before was asked too is left out."""
        request = step.request
        keep = 0
        fields = _place(step)
        if self._last is not None:
            index, before = self._last
            for old, new in zip(before.messages, request.messages, strict=False):
                if old is not new and old != new:
                    break
                keep += 1
            fields["like"] = [index, keep]
            for name in ("params", "tools", "output"):
                old, new = getattr(before, name), getattr(request, name)
                if not _same(old, new):
                    fields[name] = self._pack(new, INLINE)
        else:
            if request.params:
                fields["params"] = self._pack(request.params, INLINE)
            if request.tools:
                known = _same(offered(self._tools), request.tools)
                fields["tools"] = True if known else self._pack(request.tools, INLINE)
            if request.output is not None:
                fields["output"] = self._pack(request.output, INLINE)
        if request.model != self._model:
            fields["model"] = request.model
        fields["messages"] = [self._message(message) for message in request.messages[keep:]]
        self._last = (step.index, request)
        self._write("model.request", fields)

    def model_end(self, step: ModelStep) -> None:
        """model.reply or model.error."""
        fields: dict[str, Any] = {"i": step.index, "seconds": step.seconds}
        if step.reply is not None:
            fields["reply"] = self._pack(step.reply)
        if step.error is not None:
            fields["error"] = self._pack(step.error)
        if step.attempts:
            fields["attempts"] = self._pack(step.attempts)
        if step.cost_usd is not None:
            fields["cost_usd"] = step.cost_usd
        kind = "model.reply" if step.error is None else "model.error"
        self._write(kind, fields)

    def tool_request(self, step: ToolStep) -> None:
        """tool.request: what a tool is asked."""
        call: dict[str, JsonValue] = {
            "request_id": step.request_id,
            "raw_arguments": step.raw_arguments,
        }
        if step.arguments is not None:
            call["arguments"] = step.arguments
        fields = _place(step) | {"call": self._pack(call)}
        if step.effect is not None:
            fields["effect"] = step.effect
        self._write("tool.request", fields)

    def tool_end(self, step: ToolStep) -> None:
        """tool.result, tool.error or tool.refused; each passage is a value of its own."""
        fields: dict[str, Any] = {"i": step.index, "seconds": step.seconds}
        if step.result is not None:
            result = dict(step.result)
            texts: list[Any] = []
            passages = result.get("passages")
            if isinstance(passages, list) and all(isinstance(item, dict) for item in passages):
                fields["passages"] = list(map(self._once, passages))
                texts = [item.get("text") for item in passages if isinstance(item, dict)]
                del result["passages"]
            self._shown.add(self._records, result.get("content"), texts)
            fields["result"] = self._pack(result)
        if step.error is not None:
            fields["error"] = self._pack(step.error)
        kind = {"ok": "tool.result", "error": "tool.error", "refused": "tool.refused"}[step.status]
        self._write(kind, fields)

    def node(self, wrote: Wrote) -> None:
        """node: a node that ran; of its values each large one, or item of a list, is a blob."""
        fields: dict[str, Any] = {"node": wrote.node, "writes": wrote.writes}
        if wrote.route is not None:
            fields["route"] = wrote.route
        if wrote.after:
            fields["after"] = wrote.after
        self._superstep += 1
        if wrote.superstep != self._superstep:
            fields["superstep"] = self._superstep = wrote.superstep
        if wrote.kept:
            parts = [
                b"%s:%s"
                % (
                    quoted(name),
                    self._messages(value) if name == _MESSAGES else self._point(value),
                )
                for name, value in wrote.kept.items()
            ]
            fields["values"] = Fragment(b"{%s}" % b",".join(parts))
        self._write("node", fields)

    def approval(self, approval: Approval) -> None:
        """approval: what a person said."""
        self._write("approval", {"approval": self._pack(approval)})

    def end(self, answer: Answer | None, error: StepError | None, steps: int) -> None:
        """run.end, then fsync, then close."""
        fields: dict[str, Any] = {
            "status": "done" if error is None else "failed",
            "records": self._records + 1,
            "steps": steps,
        }
        if answer is not None:
            fields["answer"] = self._pack(answer)
            fields["refused"] = answer.refused
        if error is not None:
            fields["error"] = self._pack(error)
        self._write("run.end", fields)
        if self._fsync:
            os.fsync(self._file)
        self.close()

    def close(self) -> None:
        """Let go of the file; a trace without run.end is an aborted one."""
        if not self._closed:
            self._closed = True
            os.close(self._file)
            os.close(self._lock)

    def _message(self, message: Message) -> object:
        """A message as it is, in a blob, or where the node that wrote it has it: `{"@": place}`."""
        data = self.data(message)
        place = self._written.get(data)
        if place is not None and len(data) > 2 * len(place) + REFERENCE:
            return {"@": place}
        shown = self._shown.pack(data)
        if shown is not None:
            return Fragment(shown)
        short = len(data) <= (INLINE if message.role == "system" else OWN)
        return Fragment(data) if short else self._blobs.put(data)

    def _messages(self, values: Kept) -> bytes:
        """The messages that a node wrote."""
        if type(values) is not list:
            return self._point(values)
        written = []
        for number, value in enumerate(values):
            shown = None
            if type(value) is bytes:
                place = self._written.setdefault(value, f"{self._records}/{number}")
                if len(value) < LEAST or place.startswith(f"{self._records}/"):
                    shown = self._shown.pack(value)
                else:
                    shown = b'{"%s":"%s"}' % (PACKED.encode(), place.encode())
            written.append(self._point(value) if shown is None else shown)
        return b"[%s]" % b",".join(written)

    def _pack(self, value: object, inline: int = OWN) -> object:
        """An object or list as it is, or the name of the blob that holds it."""
        data = self.data(value) if isinstance(value, BaseModel) else canonical(value)
        return self._blobs.put(data) if len(data) > inline else Fragment(data)

    def _once(self, value: object) -> object:
        """A value as it is, where it is the first time that one is written, or its blob."""
        data = canonical(value)
        if len(data) > ONCE:
            return self._blobs.put(data)
        return (self._blobs.share(data) if len(data) > INLINE else None) or Fragment(data)

    def _point(self, value: Kept) -> bytes:
        """A value as it is, or `{"$": name of its blob}`: here a string may be only a string.

        What looks like a reference and is none is in a blob too.
        """
        if type(value) is list:
            return b"[%s]" % b",".join(map(self._point, value))
        data = cast(bytes, value)
        if len(data) > OWN or (data.startswith(_POINTS) and len(from_json(data)) == 1):
            return b'{"$":"%s"}' % self._blobs.put(data).encode()
        return data

    def _write(self, kind: str, fields: dict[str, Any]) -> None:
        fields["n"] = self._records
        fields["t"] = kind
        line, self._sum = seal(fields, self._sum)
        while line:
            # a short write is followed by the error that caused it, or by the rest
            line = line[os.write(self._file, line) :]
        self._records += 1


def _same(old: object, new: object) -> bool:
    """Whether two values are written the same: 1, 1.0 and true are equal, and are not."""
    return old is new or (old == new and (not old or canonical(old) == canonical(new)))


def _place(step: ModelStep | ToolStep) -> dict[str, Any]:
    return {"i": step.index, "node": step.node, "name": step.name, "key": step.key}
