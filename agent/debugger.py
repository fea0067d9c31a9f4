"""Where a person stands in a recorded run, and what the words they type mean there.

Knows steps, positions and commands. Knows nothing of terminals, of how a view is printed, or of how
a replay or a fork is made: those are handed in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text

from ..graphs.trace import ModelStep, Step, Trace
from ..tools.errors import TraceError, WorkingsError
from . import render_steps
from .render_state import state_of, state_view
from .wording import one_line, plural

if TYPE_CHECKING:
    from ..evals.replay import Replay

HELP = "next back goto N list | request response state diff | /TEXT edit [X] help quit"
"""One line that is always in sight, whole in 80 columns."""

HELP_VIEW = """  next, n          the next step           back, b      the one before
  goto N, N        step N                  list, l      every step in a line
  request, r       what was asked; `request all` with what earlier steps were sent too
  response, p      what came back
  state, s         what the run knew then: evidence, calculations, nodes
  diff, d          how today's code differs here (the run is replayed offline, once)
  /TEXT            the next step that holds the text; / alone looks for it again
  edit X, e X      fork here: put X in (a file, JSON or text); `edit` alone opens your editor
  quit, q          leave"""

_WORDS = {
    "n": "next",
    "b": "back",
    "g": "goto",
    "l": "list",
    "r": "request",
    "p": "response",
    "reply": "response",
    "s": "state",
    "d": "diff",
    "e": "edit",
    "fork": "edit",
    "search": "search",
    "h": "help",
    "?": "help",
    "q": "quit",
    "exit": "quit",
}
_ALONE = ("next", "back", "list", "response", "state", "diff", "help", "quit")


@dataclass(frozen=True)
class Said:
    """What a command came to: what to show, and whether it was understood and done."""

    views: tuple[RenderableType, ...] = ()
    problem: str = ""
    done: bool = False
    """The person wants to leave."""


class Debugger:
    """A walk through one run. Raises `TraceError` for a run without a step.

    `compare` replays the run through today's code. `fork` runs it again from a step on, with what
    was typed put in there; with None the person is asked. Both may raise `WorkingsError`; `fork`
    returns None when nothing was put in.
    """

    def __init__(
        self,
        trace: Trace,
        compare: "Callable[[], Replay]",
        fork: "Callable[[Step, str | None], Replay | None]",
    ):
        if not trace.steps:
            raise TraceError(f"trace {trace.id} has no step to look at")
        self.trace = trace
        self.place = 0
        """Index into `trace.steps`."""
        self._compare = compare
        self._fork = fork
        self._replay: Replay | None = None
        self._sought = ""

    @property
    def step(self) -> Step:
        """The step that is looked at."""
        return self.trace.steps[self.place]

    def here(self) -> RenderableType:
        """The step in short."""
        return render_steps.step_view(self.trace, self.place)

    def do(self, line: str) -> Said:
        """Do what was typed; a failure is said, never raised."""
        line = line.strip()
        if not line:
            return Said()
        if line.startswith("/"):
            return self._search(line[1:])
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if line.isascii() and line.isdigit():
            word, rest = "goto", line
        word = _WORDS.get(word.lower(), word.lower())
        if word in _ALONE and rest:
            return Said(problem=f"{word} takes nothing after it, found {one_line(rest, 60)!r}")
        try:
            return self._do(word, rest)
        except WorkingsError as error:
            return Said(problem=str(error))

    def replay(self) -> "Replay":
        """The run replayed through today's code; made once. Raises `WorkingsError`."""
        if self._replay is None:
            self._replay = self._compare()
        return self._replay

    def _do(self, word: str, rest: str) -> Said:
        if word in ("next", "back"):
            return self._move(1 if word == "next" else -1)
        if word == "goto":
            return self._goto(rest)
        if word == "request" and rest in ("", "all"):
            return Said((render_steps.request_view(self.trace, self.place, whole=rest == "all"),))
        if word == "response":
            return Said((render_steps.response_view(self.step),))
        if word == "state":
            return Said((state_view(self.trace, self.place),))
        if word == "list":
            return Said((render_steps.list_view(self.trace, self.place),))
        if word == "diff":
            return Said((render_steps.difference_view(self.replay(), self.step.index),))
        if word == "search":
            return self._search(rest)
        if word == "edit":
            return self._edit(rest)
        if word == "help":
            return Said((Text(HELP_VIEW),))
        if word == "quit":
            return Said(done=True)
        if word == "request":
            return Said(problem=f"request or request all, found {one_line(rest, 60)!r}")
        return Said(problem=f"there is no command {one_line(word, 40)!r}; `help` lists them")

    def _move(self, by: int) -> Said:
        to = self.place + by
        if not 0 <= to < len(self.trace.steps):
            end = "last" if by > 0 else "first"
            return Said((Text(f"step {self.step.index} is the {end} one"),))
        self.place = to
        return Said((self.here(),))

    def _goto(self, rest: str) -> Said:
        for place, step in enumerate(self.trace.steps):
            if str(step.index) == rest:
                self.place = place
                return Said((self.here(),))
        steps = self.trace.steps
        return Said(
            problem=f"there is no step {one_line(rest, 40)!r}: the steps are {steps[0].index} to"
            f" {steps[-1].index}"
        )

    def _search(self, text: str) -> Said:
        """The next step, after this one and round to it, that holds the text in any case."""
        self._sought = text or self._sought
        if not self._sought:
            return Said(problem="type what to look for, as in /revenue")
        count = len(self.trace.steps)
        for ahead in range(1, count + 1):
            place = (self.place + ahead) % count
            found = render_steps.matches(self.trace, place, self._sought)
            if found:
                self.place = place
                return Said((self.here(), render_steps.matches_view(found)))
        told = f"no step of {plural(count, 'step')} holds {one_line(self._sought, 60)!r}"
        return Said((Text(told),))

    def _edit(self, rest: str) -> Said:
        result = self._fork(self.step, rest or None)
        if result is None:
            return Said((Text("nothing was changed, so nothing was forked"),))
        return Said((render_steps.fork_view(result),))


def document(trace: Trace, place: int, replay: "Replay | None") -> dict[str, object]:
    """A step as JSON: what was asked, what came back, what was known, how today's code differs.

    Without a replay, `divergences` is null.
    """
    step = trace.steps[place]
    found: dict[str, object] = {
        "trace": trace.id,
        "step": step.index,
        "kind": step.kind,
        "node": step.node,
        "name": step.name,
        "status": render_steps.status_of(step),
        "seconds": step.seconds,
    }
    if isinstance(step, ModelStep):
        reply = None if step.reply is None else step.reply.model_dump(mode="json")
        found |= {"request": step.request.model_dump(mode="json"), "response": reply}
        found["attempts"] = [item.model_dump(mode="json") for item in step.attempts]
    else:
        arguments = step.arguments if step.arguments is not None else step.raw_arguments
        found |= {"request": arguments, "response": step.result}
    found["error"] = None if step.error is None else step.error.model_dump(mode="json")
    found["state"] = state_of(trace, place)
    found["divergences"] = (
        None
        if replay is None
        else [
            item.model_dump(mode="json") for item in replay.divergences if item.step == step.index
        ]
    )
    return found
