"""`workings replay --step TRACE`: a recorded run, walked through step by step.

Reads lines, from a terminal or a pipe, and prints what they come to; what they mean is known to
`agent.debugger`. Of a pipe the worst end is the exit code, and nothing is asked.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools.errors import SettingsError
from . import common
from .walking import walk

if TYPE_CHECKING:
    from ...evals.replay import Replay
    from ...graphs.trace import Step, Trace
    from ..debugger import Debugger

Make = Callable[[Path, None, argparse.Namespace], Any]
"""Makes the replay that the arguments ask for; what comes of it has it as `.replay`."""


def run(arguments: argparse.Namespace, path: Path, make: Make) -> int:
    """Walk through the run of a trace file. Raises `TraceError`."""
    from ...graphs.trace import Trace
    from ..debugger import Debugger

    trace = Trace.load(path)
    plain = argparse.Namespace(
        **{**vars(arguments), "step": None, "edit": None, "live": None, "set": []}
    )

    def compare() -> "Replay":
        found: Replay = make(path, None, plain).replay
        return found

    def fork(step: "Step", given: str | None) -> "Replay | None":
        with tempfile.TemporaryDirectory(prefix="workings-") as folder:
            edit = given if given is not None else _edited(step, Path(folder))
            if edit is None:
                return None
            asked = {**vars(arguments), "step": step.index, "edit": edit}
            found: Replay = make(path, None, argparse.Namespace(**asked)).replay
        return found

    debugger = Debugger(trace, compare, fork)
    _warn(trace)
    if arguments.json:
        return _print_steps(debugger)
    return _walk(debugger)


def _walk(debugger: "Debugger") -> int:
    from ..debugger import HELP

    empty = "next" if sys.stdin.isatty() else ""
    # also on a terminal: one that does not tell its height gets no toolbar
    print(HELP, flush=True)
    common.show(debugger.here())
    return walk("step> ", HELP, lambda line: debugger.do(line or empty), common.show)


def _print_steps(debugger: "Debugger") -> int:
    """Every step as a line of JSON."""
    from ..debugger import document

    replay = debugger.replay()
    for place in range(len(debugger.trace.steps)):
        common.print_json(
            document(debugger.trace, place, None if replay.status == "broken" else replay)
        )
    if replay.status == "broken":
        common.note(f"it is not compared with today's code: {replay.divergences[0].after}")
    return common.DONE


def _warn(trace: "Trace") -> None:
    for note in trace.cut_short + trace.notes:
        common.note(note)


def _edited(step: "Step", folder: Path) -> str | None:
    """What a person makes of what came back at a step, in their editor; None where nothing is.

    Raises `SettingsError` where there is no editor or it fails.
    """
    from ..settings import editor

    command = editor()
    if not sys.stdin.isatty():
        raise SettingsError("edit X: say what to put in here (a file, JSON or text)")
    if not command:
        raise SettingsError("set EDITOR to edit here, or say what to put in: edit X")
    path = folder / f"step-{step.index}.json"
    before = json.dumps(_editable(step), ensure_ascii=False, indent=2) + "\n"
    path.write_text(before, encoding="utf-8")
    try:
        code = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        raise SettingsError(
            f"the editor {command[0]!r:.80} cannot be started: {error.strerror}"
        ) from None
    if code:
        raise SettingsError(f"the editor {command[0]!r:.80} ended with exit code {code}")
    try:
        after = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"what the editor left cannot be read: {error}") from None
    return None if after == before or not after.strip() else after


def _editable(step: "Step") -> dict[str, Any]:
    """What of a step an edit may be (evals.edits)."""
    from ...graphs.trace import ModelStep

    if isinstance(step, ModelStep):
        reply = step.reply
        asks = [] if reply is None else reply.tool_requests
        return {
            "content": "" if reply is None else reply.content,
            "tool_requests": [{"name": item.name, "arguments": item.arguments} for item in asks],
        }
    if step.result is None:
        return {"error": "" if step.error is None else step.error.message}
    kept = ("content", "passages", "expression", "data")
    return {name: value for name, value in step.result.items() if name in kept and value}
