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
from ..graphs.limits import Limits
from ..graphs.model import Profile
from ..graphs.prompts import Prompts
from ..graphs.run import run
from ..graphs.trace import Trace
from ..tools.documents import Frozen
from ..tools.errors import TraceError
from ..tools.tool import Tool
from .attempt import Attempt, Corrupt, Drive, plain_error
from .divergence import Divergence
from .foreign import foreign_of, is_foreign, rerun
from .hermetic import hermetic
from .recorded import stand_ins
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
    drive: Drive = run,
) -> Replay:
    """Replay a trace, or a trace file. A damaged one is `broken`; one that is not there raises
    `TraceError`.

    `prompts`: today's, where they are not the built-in ones. `tools`: today's tools by name, where
    they are not ours; their schemas are compared with the recorded ones. None is ever run. `drive`
    runs the graph: another graph or engine than ours, on the same calls.
    """
    return _wait_for(areplay(trace, prompts=prompts, tools=tools, drive=drive))


async def areplay(
    trace: Trace | str | Path,
    *,
    prompts: Prompts | None = None,
    tools: Mapping[str, Tool] | None = None,
    drive: Drive = run,
) -> Replay:
    """`replay`, as a coroutine."""
    began = time.perf_counter()
    try:
        record = trace if isinstance(trace, Trace) else _load(Path(trace))
        _check(record)
        attempt = Attempt(record)
        drive = rerun if is_foreign(record) else drive
    except Corrupt as error:
        return _broken(trace, str(error), time.perf_counter() - began)
    offered, unchecked = _offered(record, {**todays_tools(), **(tools or {})})
    with hermetic() as tried:
        await attempt.make(drive, record.start, offered, prompts)
    divergences = attempt.divergences()
    if tried:
        divergences.insert(0, attempt.new("egress_blocked", "(no network)", tried[0]))
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


def _load(path: Path) -> Trace:
    if not path.exists():
        raise TraceError(f"there is no trace file {path}", path)
    try:
        return Trace.load(path)
    except TraceError as error:
        raise Corrupt(str(error)) from None


def _check(record: Trace) -> None:
    """A record that was read but cannot be run: profile or limits of another making."""
    try:
        Profile.model_validate(record.start.profile)
        Limits.model_validate(record.start.limits)
    except ValidationError as error:
        raise Corrupt(f"run.start: {plain_error(error)}") from None
    if is_foreign(record):
        try:
            foreign_of(record)
        except TraceError as error:
            raise Corrupt(str(error)) from None
    for offered in record.start.tools:
        if not isinstance(offered.get("name"), str):
            raise Corrupt("run.start: a tool has no name")


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
