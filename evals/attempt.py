"""One record on its way through today's graph, and how the two runs differ.

Knows the run and what may stop it; how runs are compared is `evals.diff`. Knows nothing of files.
"""

import traceback
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from ..graphs.answer import Answer
from ..graphs.calls import Calls
from ..graphs.prompts import Prompts
from ..graphs.recorder import Recorder
from ..graphs.run import Approve
from ..graphs.trace import Start, StepError, Trace
from ..tools.errors import WorkingsError
from ..tools.tool import Tool
from .cone import Cone, Reuse
from .diff import End, diff
from .divergence import Divergence
from .hermetic import NetworkBlocked
from .nearest import Nearest
from .recorded import Diverged, Otherwise, RecordedCalls, RecordEnds


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
    """One record on its way through today's graph.

    `otherwise` answers what was not recorded. `before` is the run to compare with, where that is
    not the record itself (a fork's record has something put in). Raises `Corrupt`.
    """

    def __init__(
        self,
        record: Trace,
        otherwise: Otherwise | None = None,
        recorder: Recorder | None = None,
        before: Trace | None = None,
    ):
        self.record = record
        self.before = before or record
        self.otherwise = otherwise
        try:
            self.calls = RecordedCalls(record, otherwise)
        except ValidationError as error:
            raise Corrupt(f"a tool's result: {plain_error(error)}") from None
        if isinstance(otherwise, Nearest):
            otherwise.calls = self.calls
        self.recorder = recorder or Recorder()
        self.answer: Answer | None = None
        self.prefix = False
        self.stopped = False
        """A call could not be answered."""
        self._told: tuple[Divergence, ...] = ()
        self._crash = ""

    async def make(
        self,
        drive: Drive,
        start: Start,
        tools: Mapping[str, Tool],
        prompts: Prompts | None,
    ) -> None:
        """Run the graph on the record; what stops it is kept."""
        approvals = iter(self.record.approvals)

        def approve(asked: list[dict[str, Any]]) -> dict[str, bool]:
            given = next(approvals, None)
            if given is None and self.calls.cut_short:
                raise RecordEnds
            return {} if given is None else dict(given.decisions)

        try:
            self.answer = await drive(
                start, self.calls, tools, self.recorder, prompts=prompts, approve=approve
            )
        except Diverged as error:
            self.stopped = True
            self._told = error.divergences
            message = "a call that was not recorded could not be made"
            self.recorder.end(None, StepError(type="Diverged", message=message))
        except RecordEnds:
            self.prefix = True
            message = "the record stops here"
            self.recorder.end(None, StepError(type="Cancelled", message=message))
        except NetworkBlocked:
            self._crashed("stopped: it tried to reach the network")
        except WorkingsError:
            return  # the recorder has it: how a run may end
        except Exception as error:  # today's code has a bug that the recorded one had not
            self._crashed(f"{type(error).__name__}: {error} ({_place(error)})")

    @property
    def made(self) -> Trace:
        """The run that came of it."""
        return self.recorder.trace

    @property
    def reuse(self) -> Reuse | None:
        """Of a live replay: how much came from the trace."""
        return self.otherwise.reuse(self.made) if isinstance(self.otherwise, Cone) else None

    def divergences(self) -> list[Divergence]:
        """Every difference, in the order in which it was met."""
        live = isinstance(self.otherwise, Cone)
        blocked = self.otherwise.blocked if isinstance(self.otherwise, Cone) else ()
        end = End(
            stopped=self.stopped,
            cut=self.prefix or self.calls.cut_short,
            crash=self._crash,
            timed=live,
            blocked=blocked,
        )
        found = diff(self.before, self.made, end)
        steps = self.made.steps
        last = steps[-1].index if steps else 0
        told = [
            item if item.step else item.model_copy(update={"step": last}) for item in self._told
        ]
        if self.stopped and not told and not found:
            told = [self.new("extra_call", "(no call)", "a call that was not recorded", last)]
        return found + told

    def new(
        self,
        kind: Any,
        before: str,
        after: str,
        step: int = 0,
        severity: Any = "behavioural",
        path: str = "",
    ) -> Divergence:
        """A divergence of this record."""
        node = next((item.node for item in self.made.steps if item.index == step), "")
        return Divergence(
            trace=self.record.id,
            step=step,
            node=node,
            kind=kind,
            path=path,
            before=before,
            after=after,
            severity=severity,
        )

    def _crashed(self, message: str) -> None:
        self._crash = message
        self.recorder.end(None, StepError(type="WorkingsError", message=message))


def _place(error: Exception) -> str:
    """File and line of an error, the innermost that is of no library."""
    # no line of it is read: a replay opens no file but the record
    frames = [(frame.f_code.co_filename, n) for frame, n in traceback.walk_tb(error.__traceback__)]
    ours = [frame for frame in frames if "site-packages" not in frame[0]] or frames
    file, line = ours[-1]
    return f"{Path(file).name}, line {line}"


def plain_error(error: ValidationError) -> str:
    """The first problem, in one line."""
    first = error.errors(include_url=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
