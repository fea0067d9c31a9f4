"""Differences as they are found: where each stands in the run, and which follows from which.

Knows the order of a run and the kinds; knows nothing of how a difference is found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from .divergence import SAME, Kind, Severity
from .visits import Lane, at_once

REQUEST, REPLY, WRITE, ROUTE = range(4)
"""The parts of a turn of a node's calls, in the order in which they happen."""
LAST_TURN = 1_000_000
"""What a node does when all its calls have come back."""
Time = tuple[int, int, int]
"""Visit, turn of its calls (those of one turn are made together), part of the turn."""
_BY_HAND: frozenset[Kind] = frozenset(
    {
        "prompt_changed",
        "tool_schema_changed",
        "params_changed",
        "model_changed",
        "output_schema_changed",
    }
)
"""What is changed by hand: it follows from nothing."""


@dataclass(frozen=True)
class Finding:
    """A difference, and when in the run it comes."""

    time: Time
    """What comes after it may follow from it."""
    step: int
    node: str
    kind: Kind
    path: str
    before: str
    after: str
    severity: Severity = "behavioural"
    cause: str = ""
    data: bool = False
    """It lies in a message that may hold what was found, not only what we wrote."""

    @property
    def place(self) -> tuple[int, str]:
        """The visit, and its node."""
        return self.time[0], self.node


def explained(found: Iterable[Finding], lanes: Mapping[tuple[int, str], Lane]) -> list[Finding]:
    """In order, each with the nearest earlier difference that it follows from.

    `lanes`: where the visits run, so that none follows from what was done beside it.
    """
    ranked = sorted(found, key=lambda item: (*item.time, item.step))
    told: list[Finding] = []
    for item in ranked:
        if item.severity == "info":
            told.append(item)
            continue
        before = [other for other in told if other.severity != "info" and other.time < item.time]
        lane = lanes.get(item.place, ())
        earlier = [other for other in before if not at_once(lanes.get(other.place, ()), lane)]
        if item.data and any(other.kind not in _BY_HAND for other in earlier):
            item = replace(item, kind="history_changed")
        if item.kind == "parse_changed" and earlier:
            item = replace(item, kind="state_write_changed")
        if item.kind in _BY_HAND:
            same = [other for other in before if _alike(other, item)]
            if same:
                item = replace(item, cause=f"{SAME} {same[0].step}")
        elif earlier:
            near = earlier[-1]
            where = f"in {near.node}" if near.node else "of the run"
            item = replace(item, cause=f"follows from step {near.step}: {near.kind} {where}")
        elif item.kind == "history_changed" and item.step:
            item = replace(
                item, cause="nothing before it differs: the state is put together otherwise"
            )
        told.append(item)
    return told


def weighed(items: list[Finding], whole: bool) -> list[Finding]:
    """What changed neither a call nor the answer of a whole run is benign: nobody sees it."""
    quiet = {"state_write_changed", "parse_changed", "reordered"}
    loud = any(item.severity == "behavioural" and item.kind not in quiet for item in items)
    if loud or not whole:
        return items
    return [replace(item, severity="benign") if item.kind in quiet else item for item in items]


def _alike(one: Finding, other: Finding) -> bool:
    return (one.kind, one.before, one.after) == (other.kind, other.before, other.after)
