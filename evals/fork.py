"""Forks: a recorded run again, with one thing put in at one of its steps.

What comes before the step is served from the trace; what comes after it is too as long as nothing
of it depends on what was put in. The fork is a trace of its own, with `parent` and `forked_at`.
Knows nothing of what may be put in (`evals.edits`) or of how a replay is made.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import JsonValue

from ..graphs.model import ChatModel
from ..graphs.prompts import Prompts
from ..graphs.run import run
from ..graphs.store import TraceStore
from ..graphs.trace import Trace
from ..tools.tool import Tool
from .attempt import Drive
from .cone import Live
from .modes import Mode, Price
from .replay import Replay, go
from .waiting import waiting


async def afork(
    trace: Trace | str | Path,
    step: int,
    edit: JsonValue = None,
    *,
    live: Live | None = None,
    model: ChatModel | None = None,
    tools: Mapping[str, Tool] | None = None,
    prompts: Prompts | None = None,
    changes: Mapping[str, JsonValue] | None = None,
    price: Price | None = None,
    store: TraceStore | None = None,
    secrets: Sequence[str] = (),
    drive: Drive = run,
) -> Replay:
    """Run a trace again with `edit` in the place of what came back at `step` (evals.edits).

    What depends on it is asked of the live side; without one the fork stops there, and its first
    divergences say what was changed and what it reached. With no edit the step itself is asked
    anew. Raises `TraceError` for a step that is not there, `SettingsError` for an edit that does
    not fit it.
    """
    mode = Mode(
        live=live,
        model=model,
        changes=changes,
        price=price,
        store=store,
        secrets=secrets,
        fork=(step, edit),
    )
    return await go(trace, mode, prompts, tools, drive)


fork = waiting(afork)
"""`afork`, waited for: also inside a running loop."""
