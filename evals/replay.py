"""Replays a recorded run through today's graph, offline, and says how it differs.

Takes from the trace: question, history, model, sampling, limits, options, which tools there were,
and every reply and result. Takes from today's code: graph, prompts, our tools' schemas, parsers and
verification. Needs no settings, no key and no network; nothing goes live unless it is asked for.
"""

import asyncio
import functools
import time
from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from ..graphs.model import ChatModel
from ..graphs.prompts import Prompts
from ..graphs.run import run
from ..graphs.store import TraceStore
from ..graphs.trace import Trace
from ..tools.tool import Tool
from .app import AppDrive, check_app
from .attempt import Attempt, Corrupt, Drive
from .cone import Live
from .diff import End, diff
from .divergence import Divergence
from .edits import edited
from .foreign import is_foreign, rerun
from .hermetic import hermetic
from .loading import broken, drifted, load, warnings
from .modes import Mode, Price
from .nearest import Nearest
from .quick import Same, asame_graph, same_graph, same_run
from .replayed import Replay, Status
from .todays import todays_tools
from .turbo import fast
from .waiting import loop_runs, wait_for

__all__ = ["Divergence", "Replay", "Status", "areplay", "replay"]


async def areplay(
    trace: Trace | str | Path,
    *,
    prompts: Prompts | None = None,
    tools: Mapping[str, Tool] | None = None,
    drive: Drive = run,
    graph: Any = None,
    types: Iterable[type] = (),
    turbo: bool = False,
    lenient: bool = False,
    twice: bool = False,
    live: Live | None = None,
    model: ChatModel | None = None,
    changes: Mapping[str, JsonValue] | None = None,
    price: Price | None = None,
    store: TraceStore | None = None,
    secrets: Sequence[str] = (),
) -> Replay:
    """Replay a trace, or a trace file. A damaged one is `broken`; one that is not there raises
    `TraceError`.

    `prompts`: today's, where they are not the built-in ones. `tools`: today's tools by name, where
    they are not ours; their schemas are compared with the recorded ones, and none is run unless
    `live` says so. `drive` runs the graph: another graph or engine than ours, on the same calls.

    `graph`: of a run that `record(graph)` recorded, that graph as it is today; `types` are the
    classes of its values, as there. `turbo`: on our own scheduler where it covers the run.

    `lenient`: a call that was not recorded is served the nearest one; the run is then `tainted`.
    `twice`: run it a second time; where the two differ something is decided by chance.

    `changes` are what is to be otherwise (`evals.changes`). `live` lets what depends on a change
    be asked anew: of `model` (needed for "model" and "all"), or of the `tools` that only look.
    Calls whose whole request is unchanged are served from the trace; with "tools" those that read
    the world are run again too. A tool that writes is never run. What comes of it is a new trace,
    in `store` if there is one, without the values in `secrets`. Raises `SettingsError`.
    """
    types = tuple(types)
    asked = lenient or twice or live or model or changes or price or store or secrets
    if _looks.get() and not asked and drive is run and not isinstance(trace, Trace):
        if graph is None:
            found = _same_run(trace, prompts, tools, turbo)
        else:
            began = time.perf_counter()
            found = _same(trace, await asame_graph(Path(trace), graph, types), began)
            if found is None:  # its nodes may start a loop of their own, as when it was recorded
                found = await asyncio.to_thread(_same_graph, trace, graph, types, turbo)
        if found is not None:
            return found
    mode = Mode(
        lenient=lenient,
        twice=twice,
        live=live,
        model=model,
        changes=changes,
        price=price,
        store=store,
        secrets=secrets,
    )
    if graph is not None:
        drive = AppDrive(graph, types)
    elif turbo:
        drive = fast
    return await go(trace, mode, prompts, tools, drive)


_looks: ContextVar[bool] = ContextVar("workings_looks", default=True)
"""Whether a replay looks quickly first."""
_LOOKED = {"prompts", "tools", "graph", "types", "turbo"}
"""What is asked of a replay that the quick look may answer."""


@functools.wraps(areplay)
def replay(trace: Trace | str | Path, **keywords: Any) -> Replay:
    """`areplay`, waited for: also inside a running loop."""
    if loop_runs() or isinstance(trace, Trace) or not keywords.keys() <= _LOOKED:
        return wait_for(areplay(trace, **keywords))
    # what the quick look finds is found without a loop
    found = _looked(trace, **keywords)
    if found is not None:
        return found
    # a graph that waits is looked at in the loop
    token = _looks.set(keywords.get("graph") is not None)
    try:
        return wait_for(areplay(trace, **keywords))
    finally:
        _looks.reset(token)


replay.__name__ = replay.__qualname__ = "replay"


def _looked(
    trace: str | Path,
    prompts: Prompts | None = None,
    tools: Mapping[str, Tool] | None = None,
    graph: Any = None,
    types: Iterable[type] = (),
    turbo: bool = False,
) -> Replay | None:
    if graph is None:
        return _same_run(trace, prompts, tools, turbo)
    return _same_graph(trace, graph, tuple(types), turbo)


def _same_run(
    trace: str | Path,
    prompts: Prompts | None,
    tools: Mapping[str, Tool] | None,
    turbo: bool,
) -> Replay | None:
    began = time.perf_counter()
    ours = todays_tools()
    return _same(trace, same_run(Path(trace), {**ours, **(tools or {})}, prompts, turbo), began)


def _same_graph(
    trace: str | Path, graph: Any, types: tuple[type, ...], turbo: bool
) -> Replay | None:
    began = time.perf_counter()
    path = trace if isinstance(trace, Path) else Path(trace)
    return _same(trace, same_graph(path, graph, types, turbo), began)


def _same(trace: str | Path, found: Same | None, began: float) -> Replay | None:
    """What is said of a run that is, whole, what was recorded."""
    if found is None:
        return None
    result = Replay(
        trace=found.id,
        ok=True,
        status="identical",
        warnings=drifted(found.id, found.fingerprints),
        answer=found.answer,
        unchecked=found.unchecked,
        seconds=time.perf_counter() - began,
    )
    result._made = partial(Trace.load, trace)
    return result


async def go(
    trace: Trace | str | Path,
    mode: Mode,
    prompts: Prompts | None = None,
    tools: Mapping[str, Tool] | None = None,
    drive: Drive = run,
) -> Replay:
    """Replay in a mode: what `replay` and `fork` share."""
    began = time.perf_counter()
    try:
        before = load(trace)
        record = before if mode.fork is None else edited(before, *mode.fork)
        check_app(record, drive)
        aim = mode.aim(before, prompts)
        attempt = Attempt(
            record, mode.otherwise(aim, tools or {}), mode.recorder(record), before=before
        )
    except Corrupt as error:
        seconds = time.perf_counter() - began
        reason = broken(trace, str(error))
        return Replay(
            trace=reason.trace, ok=False, status="broken", divergences=(reason,), seconds=seconds
        )
    drive = rerun if is_foreign(record) else drive
    offered, unchecked = mode.offered(record.start.tools, {**todays_tools(), **(tools or {})})
    with hermetic() as tried:
        await attempt.make(drive, aim.start, offered, aim.prompts)
    found = attempt.divergences()
    if mode.fork is not None:
        found = [_put_in(item, mode.fork[0]) for item in found]
    if tried:
        found.insert(0, attempt.new("egress_blocked", "(no network)", tried[0]))
    if mode.twice:
        second = Attempt(record, mode.otherwise(aim, {}), before=before)
        with hermetic():
            await second.make(drive, aim.start, offered, aim.prompts)
        found = _by_chance(attempt, second) + found
    told = tuple(item for item in found if item.severity == "info")
    status = _status(found)
    result = Replay(
        trace=before.id,
        ok=status in ("identical", "benign"),
        status=status,
        divergences=tuple(item for item in found if item.severity != "info"),
        warnings=warnings(before) + told,
        answer=attempt.answer,
        prefix=attempt.prefix,
        stopped=attempt.stopped,
        tainted=isinstance(attempt.otherwise, Nearest) and attempt.otherwise.tainted,
        unchecked=unchecked,
        reuse=attempt.reuse,
        recorded=mode.recorded(aim, attempt.recorder),
        seconds=time.perf_counter() - began,
    )
    made = attempt.made
    result._made = lambda: made
    return result


def _put_in(item: Divergence, step: int) -> Divergence:
    """The difference that the edit itself is, said to be that."""
    own = ("reply_changed", "tool_result_changed", "tool_error_changed", "llm_error_changed")
    if item.step == step and item.kind in own:
        return item.model_copy(update={"cause": "put in here by the fork"})
    return item


def _by_chance(first: Attempt, second: Attempt) -> list[Divergence]:
    """Where two replays of one record differ: something in the code is decided by chance."""
    end = End(stopped=first.stopped or second.stopped, cut=first.prefix or second.prefix)
    found = diff(first.made, second.made, end)
    if not found:
        return []
    root = found[0]
    return [root.model_copy(update={"kind": "unrecorded_nondet", "severity": "behavioural"})]


def _status(divergences: list[Divergence]) -> Status:
    weights = {item.severity for item in divergences}
    if "behavioural" in weights:
        return "behavioural"
    return "benign" if "benign" in weights else "identical"
