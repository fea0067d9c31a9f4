"""One record on its way through today's graph, and how the two runs differ.

Knows the run and its comparison; knows nothing of files or of what a whole replay is called.
"""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from pydantic import ValidationError

from ..graphs.answer import Answer
from ..graphs.calls import Calls
from ..graphs.canonical import canonical
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.run import Approve
from ..graphs.trace import NodeRecord, Start, Trace
from ..tools.errors import WorkingsError
from ..tools.tool import Tool
from .divergence import Divergence, first_difference
from .hermetic import NetworkBlocked
from .recorded import Diverged, RecordedCalls, RecordEnds


class Drive(Protocol):
    """Runs a graph on calls, as `graphs.run.run` does: the seam for other graphs and engines."""

    def __call__(
        self,
        start: Start,
        calls: Calls,
        tools: Mapping[str, Tool],
        recorder: Recorder,
        *,
        prompts: Prompts | None = None,
        approve: Approve | None = None,
    ) -> Awaitable[Answer]:
        """Run to the end; the recorder is told what happens. Raises `WorkingsError`."""
        ...


class Corrupt(Exception):
    """The record cannot be replayed."""


class Attempt:
    """One record on its way through today's graph."""

    def __init__(self, record: Trace):
        self.record = record
        try:
            self.calls = RecordedCalls(record)
        except ValidationError as error:
            raise Corrupt(f"a tool's result: {plain_error(error)}") from None
        self.recorder = Recorder()
        self.answer: Answer | None = None
        self.prefix = False
        self._missed: tuple[Divergence, ...] = ()
        self._crash = ""

    async def make(self, drive: Drive, tools: Mapping[str, Tool], prompts: Prompts | None) -> None:
        """Run the graph on the record; what stops it is kept."""
        approvals = iter(self.record.approvals)

        def approve(asked: list[dict[str, Any]]) -> dict[str, bool]:
            given = next(approvals, None)
            if given is None and self.calls.cut_short:
                raise RecordEnds
            return {} if given is None else dict(given.decisions)

        try:
            self.answer = await drive(
                self.record.start,
                self.calls,
                tools,
                self.recorder,
                prompts=prompts,
                approve=approve,
            )
        except Diverged as error:
            self._missed = error.divergences
        except RecordEnds:
            self.prefix = True
        except NetworkBlocked:
            self._crash = "stopped: it tried to reach the network"
        except WorkingsError:
            return  # the recorder has it: how a run may end
        except Exception as error:  # today's code has a bug that the recorded one had not
            self._crash = f"{type(error).__name__}: {error}"

    def divergences(self) -> list[Divergence]:
        """Every difference, in the order in which it was met."""
        found = self._nodes()
        if self._missed:
            step = self._last_step()
            missed = [
                item if item.step else item.model_copy(update={"step": step})
                for item in self._missed
            ]
            return self._caused(found, missed)
        if self._crash:
            return self._caused(
                found,
                [self.new("answer_changed", "/error", self._ending(self.record), self._crash)],
            )
        if self.prefix:
            return found
        missing = [
            self.new(
                "missing_call",
                "",
                f"{step.kind} call {step.name!r}",
                "(no call)",
                step.index,
                step.node,
            )
            for step in self.calls.unserved()
        ]
        changed = [] if self.calls.cut_short else self._answers()
        if not missing and not changed:
            # the same calls and the same answer: nobody who asks sees a difference
            quiet = {"severity": "benign"}
            return [
                item.model_copy(update=quiet if item.kind == "state_write_changed" else {})
                for item in found
            ]
        if not found and missing:
            found = [missing.pop(0)]
        return self._caused(found, missing + changed)

    def new(
        self,
        kind: Any,
        path: str,
        before: str,
        after: str,
        step: int = 0,
        node: str = "",
    ) -> Divergence:
        """A divergence of this record."""
        return Divergence(
            trace=self.record.id,
            step=step,
            node=node,
            kind=kind,
            path=path,
            before=before,
            after=after,
        )

    def _nodes(self) -> list[Divergence]:
        """The first node that wrote something else or went elsewhere; the rest follows from it."""
        made = self.recorder.trace.nodes
        recorded = self.record.nodes
        for place in range(max(len(made), len(recorded))):
            before = recorded[place] if place < len(recorded) else None
            after = made[place] if place < len(made) else None
            if before is None or after is None:
                if self.calls.cut_short or self._missed or self._crash or not recorded:
                    return []
                if self.record.status == "failed":
                    return []
                return [self._route(before, after, place)]
            if before.node != after.node:
                return [self._route(before, after, place)]
            found = []
            if before.writes != after.writes:
                found.append(
                    self.new(
                        "state_write_changed",
                        f"/nodes/{place}/writes",
                        f"hash {before.writes}",
                        f"hash {after.writes}",
                        before.after,
                        before.node,
                    )
                )
            if before.route != after.route:
                route = self.new(
                    "route_changed",
                    f"/nodes/{place}/route",
                    str(before.route),
                    str(after.route),
                    before.after,
                    before.node,
                )
                found = self._caused(found, [route])
            if found:
                return found
        return []

    def _route(self, before: NodeRecord | None, after: NodeRecord | None, place: int) -> Divergence:
        known = before or after
        assert known is not None
        return self.new(
            "route_changed",
            f"/nodes/{place}/node",
            "(end)" if before is None else before.node,
            "(end)" if after is None else after.node,
            known.after,
            known.node,
        )

    def _answers(self) -> list[Divergence]:
        made = self.recorder.trace
        pairs = (
            ("/answer", self.record.answer, made.answer),
            ("/error", self.record.error, made.error),
        )
        for path, before, after in pairs:
            old = None if before is None else before.model_dump(mode="json")
            new = None if after is None else after.model_dump(mode="json")
            if canonical(old) == canonical(new):
                continue
            if old is None or new is None:
                return [
                    self.new("answer_changed", "", self._ending(self.record), self._ending(made))
                ]
            difference = first_difference(old, new, path)
            assert difference is not None
            change = self.new("answer_changed", *difference)
            if _meaning(old) == _meaning(new):
                change = change.model_copy(update={"severity": "benign"})
            return [change]
        return []

    def _ending(self, trace: Trace) -> str:
        if trace.error is not None:
            return f"{trace.error.type}: {trace.error.message}"[:200]
        if trace.answer is not None:
            said = "refused" if trace.answer.refused else "answered"
            return f"{said}: {' '.join(trace.answer.text.split())}"[:200]
        return "(no answer)"

    def _last_step(self) -> int:
        steps = self.recorder.trace.steps
        return steps[-1].index if steps else 0

    @staticmethod
    def _caused(first: list[Divergence], rest: list[Divergence]) -> list[Divergence]:
        """All of them; the later ones name the first as their cause."""
        if not first:
            return rest
        origin = first[0]
        cause = f"follows from step {origin.step}: {origin.kind} in {origin.node or 'the run'}"
        return first + [item.model_copy(update={"cause": cause}) for item in rest]


def _meaning(document: dict[str, Any]) -> bytes:
    """What of an answer or error matters to who asked: not the usage, not the white space."""
    kept = {key: value for key, value in document.items() if key != "usage"}
    if isinstance(kept.get("text"), str):
        kept["text"] = " ".join(kept["text"].split())
    return canonical(kept)


def plain_error(error: ValidationError) -> str:
    """The first problem, in one line."""
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
