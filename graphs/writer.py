"""Writes one trace file, record by record, as the run happens.

Knows the format `workings-trace/1` (docs/trace.md) as `graphs.reader` reads it. Takes values that
are already redacted. Every method may raise `OSError` (a full disk); who records decides what then.

Large values go to blobs, written before the line that names them. One unbuffered write a line: a
killed process leaves whole lines and at most one torn one. fsync once, when the run ends.
"""

import fcntl
import os
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from .answer import Answer
from .blobs import Blobs
from .canonical import VERSION as CANONICAL
from .canonical import canonical, plain
from .hashed import INLINE
from .lines import seal
from .reader import FORMAT
from .redact import VERSION as REDACTION
from .standing import Standing
from .starts import offered
from .steps import Approval, ModelStep, Start, StepError, ToolStep
from .written import Wrote

SHARED = 60
"""Bytes up to which what most runs of one assistant have in common stands in a line."""
_SHARED = ("params", "profile", "limits", "tools")
_PERHAPS_SHARED = {"options", "history"}
LOCK = ".lock"
"""Held shared while a trace is written, so that no blob is taken away under it."""
_LOCKED = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC


class TraceWriter:
    """One trace file being written. Raises `FileExistsError` when there is one already."""

    def __init__(self, path: Path, blobs: Blobs, fsync: bool = True):
        self.standing = Standing(blobs)
        self._fsync = fsync
        self._records = 0
        self._sum = ""
        self._last: ModelStep | None = None
        self._begun = 0
        """The highest index of a step so far."""
        self._model = ""
        self._tools: tuple[dict[str, JsonValue], ...] = ()
        self._superstep = 0
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
            packed[name] = self.standing.once(packed[name], SHARED)
        if "fingerprints" in packed:
            packed["fingerprints"] = self.standing.pack(packed["fingerprints"], INLINE)
        if shared:
            setup = self.standing.pack(shared, SHARED)
            if isinstance(setup, str):
                packed["setup"] = setup
            else:
                packed |= shared
        self._model = start.model
        self._tools = start.tools
        versions = {"format": FORMAT, "canonical": CANONICAL, "redaction": REDACTION}
        self._write("run.start", {**versions, "start": packed})
        self.standing.start(start)

    def model_request(self, step: ModelStep) -> None:
        """model.request: what the model is asked; what the one before was asked too is left out."""
        request = step.request
        keep = 0
        fields = self._place(step)
        if self._last is not None:
            earlier, before = self._last, self._last.request
            for name in ("node", "name"):
                if fields[name] == getattr(earlier, name):
                    del fields[name]
            for old, new in zip(before.messages, request.messages, strict=False):
                if old is not new and old != new:
                    break
                keep += 1
            fields["like"] = [earlier.index, keep]
            for name in ("params", "tools", "output"):
                old, new = getattr(before, name), getattr(request, name)
                if not _same(old, new):
                    fields[name] = self.standing.pack(new, INLINE)
        else:
            if request.params:
                fields["params"] = self.standing.pack(request.params, INLINE)
            if request.tools:
                known = _same(offered(self._tools), request.tools)
                fields["tools"] = True if known else self.standing.pack(request.tools, INLINE)
            if request.output is not None:
                fields["output"] = self.standing.pack(request.output, INLINE)
        if request.model != self._model:
            fields["model"] = request.model
        fields["messages"] = [self.standing.message(message) for message in request.messages[keep:]]
        self._last = step
        self._write("model.request", fields)

    def model_end(self, step: ModelStep) -> None:
        """model.reply or model.error."""
        fields: dict[str, Any] = {"i": step.index, "seconds": step.seconds}
        if step.reply is not None:
            fields["reply"] = self.standing.reply(step)
        if step.error is not None:
            fields["error"] = self.standing.pack(step.error)
        if step.attempts:
            fields["attempts"] = self.standing.pack(step.attempts)
        if step.cost_usd is not None:
            fields["cost_usd"] = step.cost_usd
        kind = "model.reply" if step.error is None else "model.error"
        self._write(kind, fields)

    def tool_request(self, step: ToolStep) -> None:
        """tool.request: what a tool is asked."""
        fields = self._place(step)
        fields["call"] = self.standing.call(step)
        if step.effect is not None:
            fields["effect"] = step.effect
        self._write("tool.request", fields)

    def tool_end(self, step: ToolStep) -> None:
        """tool.result, tool.error or tool.refused; each passage is a value of its own."""
        fields: dict[str, Any] = {"i": step.index, "seconds": step.seconds}
        if step.result is not None:
            fields |= self.standing.result(self._records, step.result)
        if step.error is not None:
            fields["error"] = self.standing.pack(step.error)
        kind = {"ok": "tool.result", "error": "tool.error", "refused": "tool.refused"}[step.status]
        self._write(kind, fields)

    def node(self, wrote: Wrote) -> None:
        """node: a node that ran; of its values each large one, or item of a list, is a blob."""
        fields = self.standing.wrote(self._records, wrote)
        fields["node"], fields["writes"] = wrote.node, wrote.writes
        if wrote.route is not None:
            fields["route"] = wrote.route
        if wrote.after != self._begun:
            fields["after"] = wrote.after
        self._superstep += 1
        if wrote.superstep != self._superstep:
            fields["superstep"] = self._superstep = wrote.superstep
        self._write("node", fields)

    def approval(self, approval: Approval) -> None:
        """approval: what a person said."""
        self._write("approval", {"approval": self.standing.pack(approval)})

    def end(self, answer: Answer | None, error: StepError | None, steps: int) -> None:
        """run.end, then fsync, then close."""
        fields: dict[str, Any] = {
            "status": "done" if error is None else "failed",
            "records": self._records + 1,
            "steps": steps,
        }
        if answer is not None:
            fields |= self.standing.answer(answer)
            if answer.refused:
                fields["refused"] = True
        if error is not None:
            fields["error"] = self.standing.pack(error)
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

    def _place(self, step: ModelStep | ToolStep) -> dict[str, Any]:
        self._begun = max(self._begun, step.index)
        return {"i": step.index, "node": step.node, "name": step.name, "key": step.key}

    def _write(self, kind: str, fields: dict[str, Any]) -> None:
        fields["t"] = kind
        line, self._sum = seal(fields, self._sum)
        while line:
            # a short write is followed by the error that caused it, or by the rest
            line = line[os.write(self._file, line) :]
        self._records += 1


def _same(old: object, new: object) -> bool:
    """Whether two values are written the same: 1, 1.0 and true are equal, and are not."""
    return old is new or (old == new and (not old or canonical(old) == canonical(new)))
