"""Records one run: in memory always, on disk while it happens when there is a store.

Knows what happens in a run; knows nothing of why. Everything is redacted here, once, so that the
trace in memory is the one on disk. A disk that fails never stops the run: recording stops, the
trace in memory stays whole, and `broken` says why, for the face to tell.
"""

import operator
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from .answer import Answer
from .hashed import Hashed
from .identity import identity
from .parts import aborted
from .steps import Approval, ModelStep, NodeRecord, Start, StepError, ToolStep
from .store import TraceStore
from .trace import Trace
from .writer import TraceWriter
from .written import Wrote, wrote

T = TypeVar("T")

_AGAIN = {"tools", "profile", "limits", "fingerprints"}
"""What of a start the runs of one assistant have in common."""
_ENDS = {
    "model": ("reply", "attempts", "error", "seconds", "cost_usd"),
    "tool": ("status", "result", "error", "seconds"),
}
"""What of a step is known when it ends."""


class Recorder:
    """One run's record. `secrets` are literal values that are never written (configured keys).

    `redacted`: the run is a replay, in memory: what its calls give was redacted when it was
    recorded, and its requests are when they are compared. `known` is then that record: what is the
    same as there is not looked through.
    """

    def __init__(
        self,
        store: TraceStore | None = None,
        secrets: Sequence[str] = (),
        *,
        redacted: bool = False,
        known: Trace | None = None,
    ):
        self.broken: str | None = None
        """Why the run is not being recorded on disk, in one sentence; None while it is."""
        self._store = store
        self.secrets = tuple(secrets)
        """Values that are never written."""
        nodes = () if known is None else known.nodes
        keys = () if known is None else (step.key for step in known.steps)
        self._known = {record.writes: record for record in nodes}
        self._known_answer = None if known is None else known.answer
        self.hashed = Hashed(secrets, frozenset((*self._known, *keys)))
        """What the run has hashed, which is then not looked through again."""
        self._redacted = redacted and store is None
        self._last = 0
        self._seen: dict[int, tuple[Any, Any]] = {}
        self._writer: TraceWriter | None = None
        self._start: Start | None = None
        self._steps: dict[int, ModelStep | ToolStep] = {}
        self._open: set[int] = set()
        self._nodes: list[NodeRecord | Wrote] = []
        self._approvals: list[Approval] = []
        self._answer: Answer | None = None
        self._error: StepError | None = None
        self._ended = False
        self._whole: Trace | None = None

    def start(self, start: Start) -> None:
        """The run begins; `start.id` becomes the file's name."""
        self._start = start = start if self._redacted else self._clean_start(start)
        if self._store is None:
            return
        try:
            self._writer = self._store.writer(start.id)
            self._writer.standing.data = self.hashed.data
            self._writer.start(start)
        except (OSError, TypeError) as error:
            self._break(error)

    def request(self, step: ModelStep | ToolStep) -> None:
        """A call is about to be made; it has no result yet."""
        step = self._clean_request(step)
        self._steps[step.index] = step
        self._last = max(self._last, step.index)
        self._open.add(step.index)
        if self._writer is not None:
            try:
                if isinstance(step, ModelStep):
                    self._writer.model_request(step)
                else:
                    self._writer.tool_request(step)
            except (OSError, TypeError) as error:
                self._break(error)

    def again(self, step: ModelStep | ToolStep) -> None:
        """A call of a replay that is, whole, one of the record."""
        if not self._redacted:
            self.request(step)
            self.result(step)
            return
        self._steps[step.index] = step
        self._last = max(self._last, step.index)

    def result(self, step: ModelStep | ToolStep) -> None:
        """The call with the same index ended."""
        step = self._clean_result(step, self._steps.get(step.index))
        self._steps[step.index] = step
        self._open.discard(step.index)
        if self._writer is not None:
            try:
                if isinstance(step, ModelStep):
                    self._writer.model_end(step)
                else:
                    self._writer.tool_end(step)
            except (OSError, TypeError) as error:
                self._break(error)

    def wrote(
        self, node: str, superstep: int, hash: str, route: str | None, writes: Mapping[str, Any]
    ) -> None:
        """A node of ours ran; `hash` is that of what it wrote (graphs.hashed)."""
        known = self._known.get(hash)
        if known is not None and (known.node, known.superstep, known.route, known.after) == (
            node,
            superstep,
            route,
            self._last,
        ):
            self._nodes.append(known)
            return
        self._node(Wrote(node, superstep, hash, route, self._last, self.hashed.kept(writes)))

    def node(self, record: NodeRecord) -> None:
        """A node ran."""
        update: dict[str, Any] = {"after": record.after or self._last}
        if self.secrets:
            update["values"] = self.hashed.redacted(record.values)
        self._node(wrote(record.model_copy(update=update)))

    def _node(self, node: Wrote) -> None:
        self._nodes.append(node)
        if self._writer is not None:
            try:
                self._writer.node(node)
            except (OSError, TypeError) as error:
                self._break(error)

    def approval(self, approval: Approval) -> None:
        """A person allowed or refused calls."""
        approval = self.hashed.redacted(approval)
        self._approvals.append(approval)
        if self._writer is not None:
            try:
                self._writer.approval(approval)
            except OSError as error:
                self._break(error)

    def end(self, answer: Answer | None = None, error: StepError | None = None) -> Trace:
        """The run ended, with an answer or an error; the whole trace."""
        self.finish(answer, error)
        return self.trace

    def finish(self, answer: Answer | None = None, error: StepError | None = None) -> None:
        """`end`, for who asks for the trace later or not at all."""
        same = answer is not None and answer == self._known_answer
        if same or answer is None:
            self._answer = self._known_answer if same else None
        else:
            self._answer = self.hashed.clean(answer)
        self._error = None if error is None else self.hashed.redacted(error)
        self._ended = True
        self._whole = None
        if self._writer is not None:
            try:
                self._writer.end(self._answer, self._error, len(self._steps))
            except (OSError, TypeError) as problem:
                self._break(problem)
            self._writer = None
        self.hashed.forget()

    def close(self) -> None:
        """Let go of the file of a run that was given up; harmless after `end`."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @property
    def steps(self) -> tuple[ModelStep | ToolStep, ...]:
        """The calls so far, in the order of their index; one that did not end is marked so."""
        return tuple(
            aborted(step) if index in self._open else step
            for index, step in sorted(self._steps.items())
        )

    @property
    def trace(self) -> Trace:
        """What happened so far. Raises `RuntimeError` before `start`."""
        if self._start is None:
            raise RuntimeError("a recorder has no trace before start()")
        # a finished run is asked for its trace again and again
        if self._whole is not None:
            return self._whole
        status: Literal["done", "failed", "aborted"]
        status = "aborted" if not self._ended else "failed" if self._error else "done"
        trace = Trace(
            start=self._start,
            steps=self.steps,
            nodes=tuple(node.record() if isinstance(node, Wrote) else node for node in self._nodes),
            approvals=tuple(self._approvals),
            answer=self._answer,
            error=self._error,
            status=status,
        )
        if self._ended:
            self._whole = trace
        return trace

    def _clean_start(self, start: Start) -> Start:
        if self.hashed.glance(start) is not None:
            return start
        again = self.hashed.redacted_again
        update: dict[str, Any] = {}
        for name, value in start.__dict__.items():
            clean = again(value) if name in _AGAIN else self.hashed.redacted(value)
            if clean is not value:
                update[name] = clean
        return start.model_copy(update=update) if update else start

    def _clean_request(self, step: ModelStep | ToolStep) -> ModelStep | ToolStep:
        if self._redacted:
            return step
        if isinstance(step, ToolStep):
            asked = [step.node, step.name, step.request_id, step.arguments, step.raw_arguments]
            return step if self.hashed.glance(asked) is not None else self.hashed.redacted(step)
        request = step.request
        messages = tuple(map(self.hashed.clean, request.messages))
        if all(map(operator.is_, messages, request.messages)):
            messages = request.messages
        parts: dict[str, Any] = {
            "messages": messages,
            "tools": self._clean_once(request.tools),
            "output": self._clean_once(request.output),
        }
        named = [step.node, step.name, request.model, request.params]
        if self.hashed.glance(named) is None:
            node, name, parts["model"], parts["params"] = self.hashed.redacted(named)
            step = step.model_copy(update={"node": node, "name": name})
        if any(getattr(request, name) is not value for name, value in parts.items()):
            step = step.model_copy(update={"request": request.model_copy(update=parts)})
        return step

    def _clean_result(
        self, step: ModelStep | ToolStep, begun: ModelStep | ToolStep | None
    ) -> ModelStep | ToolStep:
        """The step without secrets; what it asks was redacted when it began."""
        if self._redacted:
            return step
        clean = self.hashed.redacted
        if type(begun) is not type(step) or begun is None:
            return clean(step)
        ends: dict[str, Any]
        if isinstance(step, ModelStep):
            reply = None if step.reply is None else self.hashed.clean(step.reply)
            ends = {"reply": reply, "attempts": step.attempts and clean(step.attempts)}
        else:
            result = step.result
            seen = result is None or self.hashed.glance(result) is not None
            ends = {"result": result if seen else clean(result)}
        ends["error"] = None if step.error is None else clean(step.error)
        made = begun.__dict__ | {name: getattr(step, name) for name in _ENDS[step.kind]} | ends
        if all(map(operator.is_, map(made.get, step.__dict__), step.__dict__.values())):
            return step
        return step.model_copy(update=made)

    def _clean_once(self, value: T) -> T:
        """The value without secrets; what was seen before is not looked through again."""
        seen = self._seen.get(identity(value))
        if seen is None:
            # the value is kept too, so that its identity is not used twice
            seen = self._seen[identity(value)] = (value, self.hashed.redacted_again(value))
        found: T = seen[1]
        return found

    def _break(self, error: OSError | TypeError) -> None:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        self.broken = f"this run is no longer being recorded on disk: {reason}"
        self.close()
