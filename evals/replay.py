"""Replays a recorded run through today's graph, offline, and says how it differs.

Takes from the trace: question, history, model, sampling, limits, options, which tools there were,
and every reply and result. Takes from today's code: graph, prompts, our tools' schemas, parsers and
verification. Needs no settings, no key and no network; nothing goes live.
"""

import asyncio
import contextvars
import threading
import time
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from ..graphs.answer import Answer
from ..graphs.canonical import canonical
from ..graphs.limits import Limits
from ..graphs.model import Profile
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.run import run
from ..graphs.trace import NodeRecord, Trace
from ..tools.documents import Frozen
from ..tools.errors import TraceError, WorkingsError
from ..tools.tool import Tool
from .divergence import Divergence, first_difference
from .hermetic import NetworkBlocked, hermetic
from .recorded import Diverged, RecordedCalls, RecordEnds, stand_ins
from .todays import todays_tools

__all__ = ["Divergence", "Replay", "Status", "areplay", "replay"]

Status = Literal["identical", "benign", "behavioural", "broken"]
T = TypeVar("T")


class Replay(Frozen):
    """What came of a replay. A divergence is data, not an error."""

    trace: str
    """Id of the trace; its file name where the record could not be read."""
    ok: bool
    """Identical, or different only in what has no meaning."""
    status: Status
    divergences: tuple[Divergence, ...] = ()
    """In the order in which they were met; the first is the one to look at."""
    answer: Answer | None = None
    """The answer of the replay."""
    prefix: bool = False
    """The record was cut short; it was replayed as far as it goes."""
    unchecked: tuple[str, ...] = ()
    """Tools that are not ours: their recorded schemas stood in."""
    seconds: float = 0.0
    """Wall time of the replay itself."""

    def raise_for_divergence(self) -> None:
        """Raise `AssertionError` naming the first divergence, unless `ok`: a test in one line."""
        if not self.ok:
            more = len(self.divergences) - 1
            rest = f"\n(and {more} more)" if more else ""
            raise AssertionError(f"trace {self.trace} diverged: {self.divergences[0]}{rest}")


def replay(
    trace: Trace | str | Path,
    *,
    prompts: Prompts | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> Replay:
    """Replay a trace, or a trace file. A damaged one is `broken`; one that is not there raises
    `TraceError`.

    `prompts`: today's, where they are not the built-in ones. `tools`: today's tools by name, where
    they are not ours; their schemas are compared with the recorded ones. None is ever run.
    """
    return _wait_for(areplay(trace, prompts=prompts, tools=tools))


async def areplay(
    trace: Trace | str | Path,
    *,
    prompts: Prompts | None = None,
    tools: Mapping[str, Tool] | None = None,
) -> Replay:
    """`replay`, as a coroutine."""
    began = time.perf_counter()
    try:
        record = trace if isinstance(trace, Trace) else _load(Path(trace))
        _check(record)
        attempt = _Attempt(record)
    except _Corrupt as error:
        return _broken(trace, str(error), time.perf_counter() - began)
    offered, unchecked = _offered(record, {**todays_tools(), **(tools or {})})
    with hermetic() as tried:
        await attempt.make(offered, prompts)
    divergences = attempt.divergences()
    if tried:
        divergences.insert(0, attempt.new("egress_blocked", "", "(no network)", tried[0]))
    status: Status = "identical"
    if divergences:
        benign = all(item.severity == "benign" for item in divergences)
        status = "benign" if benign else "behavioural"
    return Replay(
        trace=record.id,
        ok=status in ("identical", "benign"),
        status=status,
        divergences=tuple(divergences),
        answer=attempt.answer,
        prefix=attempt.prefix,
        unchecked=unchecked,
        seconds=time.perf_counter() - began,
    )


class _Corrupt(Exception):
    """The record cannot be replayed."""


class _Attempt:
    """One record on its way through today's graph."""

    def __init__(self, record: Trace):
        self.record = record
        try:
            self.calls = RecordedCalls(record)
        except ValidationError as error:
            raise _Corrupt(f"a tool's result: {_first(error)}") from None
        self.recorder = Recorder()
        self.answer: Answer | None = None
        self.prefix = False
        self._missed: tuple[Divergence, ...] = ()
        self._crash = ""

    async def make(self, tools: Mapping[str, Tool], prompts: Prompts | None) -> None:
        """Run the graph on the record; what stops it is kept."""
        approvals = iter(self.record.approvals)

        def approve(asked: list[dict[str, Any]]) -> dict[str, bool]:
            given = next(approvals, None)
            if given is None and self.calls.cut_short:
                raise RecordEnds
            return {} if given is None else dict(given.decisions)

        try:
            self.answer = await run(
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


def _load(path: Path) -> Trace:
    if not path.exists():
        raise TraceError(f"there is no trace file {path}", path)
    try:
        return Trace.load(path)
    except TraceError as error:
        raise _Corrupt(str(error)) from None


def _check(record: Trace) -> None:
    """A record that was read but cannot be run: profile or limits of another making."""
    try:
        Profile.model_validate(record.start.profile)
        Limits.model_validate(record.start.limits)
    except ValidationError as error:
        raise _Corrupt(f"run.start: {_first(error)}") from None
    for offered in record.start.tools:
        if not isinstance(offered.get("name"), str):
            raise _Corrupt("run.start: a tool has no name")


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"


def _broken(trace: Trace | str | Path, reason: str, seconds: float) -> Replay:
    name = trace.id if isinstance(trace, Trace) else Path(trace).stem
    divergence = Divergence(
        trace=name,
        step=0,
        node="",
        kind="trace_corrupt",
        before="a whole trace",
        after=reason,
        severity="broken",
    )
    return Replay(trace=name, ok=False, status="broken", divergences=(divergence,), seconds=seconds)


def _offered(record: Trace, todays: Mapping[str, Tool]) -> tuple[dict[str, Tool], tuple[str, ...]]:
    """The run's tools, described as they are today where we know; and those we do not know."""
    tools = stand_ins(record)
    unchecked = []
    for name, recorded in tools.items():
        if name in todays:
            tools[name] = replace(todays[name], run=recorded.run)
        else:
            unchecked.append(name)
    return tools, tuple(unchecked)


def _wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, also from inside a running loop (a notebook)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    results: list[T] = []
    errors: list[BaseException] = []

    def target() -> None:
        try:
            results.append(asyncio.run(work))
        except BaseException as error:
            errors.append(error)

    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(target,), name="workings-replay")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]
