"""A trace as the visits of its nodes, and which call of one trace is which of another.

Knows the order of steps and nodes; knows nothing of what the calls say.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from ..graphs.trace import NodeRecord, Trace
from .alignment import AnyStep, Placed, aligned
from .foreign import is_foreign


@dataclass
class Visit:
    """One time that a node ran, with the calls it made."""

    node: str
    turn: int
    """Which visit of this node it is, from 0."""
    record: NodeRecord | None
    """None when the node did not come to its end."""
    place: int
    """Of the record among the records of the trace; the number of records where it has none."""
    steps: list[AnyStep] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, int]:
        """What it shares with the same visit of another run."""
        return self.node, self.turn

    @property
    def last(self) -> int:
        """The last step that had begun when it ended."""
        if self.record is not None:
            return self.record.after
        return self.steps[-1].index if self.steps else 0


def visits(trace: Trace, like: Sequence[Visit] = ()) -> list[Visit]:
    """Every visit in order; the ones that did not end come last.

    `like`: those of the record, where `trace` is a replay in which a recorded call has the number
    that it has there. Numbers do not tell the order then: such a call is of the same visit again.
    """
    if not trace.nodes and is_foreign(trace):
        return _runs(trace.steps)
    homes = {(step.index, step.key): visit.key for visit in like for step in visit.steps}
    turns: Counter[str] = Counter()
    found: list[Visit] = []
    waiting: dict[str, deque[AnyStep]] = defaultdict(deque)
    known: dict[tuple[str, int], list[AnyStep]] = defaultdict(list)
    for step in trace.steps:
        home = homes.get((step.index, step.key))
        if home is None:
            waiting[step.node].append(step)
        else:
            known[home].append(step)
    for place, record in enumerate(trace.nodes):
        visit = Visit(record.node, turns[record.node], record, place)
        turns[record.node] += 1
        visit.steps += known.pop(visit.key, ())
        steps = waiting[record.node]
        while steps and steps[0].index <= record.after:
            visit.steps.append(steps.popleft())
        found.append(visit)
    for (node, _), first in reversed(known.items()):
        waiting[node].extendleft(reversed(first))
    for node, steps in waiting.items():
        if steps:
            found.append(Visit(node, turns[node], None, len(trace.nodes), list(steps)))
    return found


def _runs(steps: Sequence[AnyStep]) -> list[Visit]:
    """The visits of a run that tells of no nodes: calls of one node that stand together."""
    turns: Counter[str] = Counter()
    found: list[Visit] = []
    for node, calls in groupby(steps, key=lambda step: step.node):
        found.append(Visit(node, turns[node], None, 0, list(calls)))
        turns[node] += 1
    return found


def turns_of(steps: Iterable[AnyStep]) -> dict[int, int]:
    """Which calls of a visit wait for which: a turn for each, by index, from 0.

    Calls of tools that stand together are made together; a call of a model is made by itself.
    """
    turns: dict[int, int] = {}
    turn, last = -1, "model"
    for step in steps:
        turn += "model" in (step.kind, last)
        turns[step.index], last = turn, step.kind
    return turns


Lane = tuple[tuple[int, str], ...]
"""Superstep and node for each graph that a visit lies in, the outermost first."""


def lanes_of(found: Sequence[Visit]) -> dict[tuple[str, int], Lane]:
    """Where each visit runs, by its key. The record of a subgraph stands before those in it."""
    lanes: dict[tuple[str, int], Lane] = {}
    newest: dict[str, Lane] = {}
    for visit in found:
        if visit.record is not None:
            within, _, name = visit.node.rpartition("/")
            newest[visit.node] = (*newest.get(within, ()), (visit.record.superstep, name))
            lanes[visit.key] = newest[visit.node]
    return lanes


def at_once(one: Lane, other: Lane) -> bool:
    """Whether two visits run beside each other, so that neither knows what the other did."""
    for (superstep, name), (other_superstep, other_name) in zip(one, other, strict=False):
        if (superstep, name) != (other_superstep, other_name):
            return superstep == other_superstep
    return False


def course_of(found: Sequence[Visit]) -> list[Visit]:
    """The visits in order: the ones that ended, and the one that did not where it is but one."""
    ended = [visit for visit in found if visit.record is not None]
    begun = [visit for visit in found if visit.record is None]
    return ended + begun if len(begun) == 1 else ended


def pair(
    before: Sequence[Visit], after: Sequence[Visit], ordered: bool = True
) -> dict[int, AnyStep]:
    """For each call of `after` (by index) the one of `before` that it is: without one, a new call.

    Equal requests first, in the order in which they were made: in the same visit of the same node,
    then anywhere. What is left of a visit is laid beside what is left of the same one, so that as
    little as can be was changed (`evals.alignment`). `ordered`: the numbers of `after` tell the
    order of its calls.
    """
    pairs: dict[int, AnyStep] = {}
    taken: set[int] = set()
    known = {visit.key: visit for visit in before}
    both = [(known[visit.key], visit) for visit in after if visit.key in known]
    for olds, news in (*(([old], [new]) for old, new in both), (before, after)):
        recorded: dict[tuple[str, str, str], deque[AnyStep]] = defaultdict(deque)
        for step in _left(olds, taken):
            recorded[step.kind, step.node, step.key].append(step)
        for step in _left(news, pairs):
            same = recorded.get((step.kind, step.node, step.key))
            if same:
                pairs[step.index] = same.popleft()
                taken.add(pairs[step.index].index)
    for old, new in both:
        left, made = _placed(old, taken, ordered), _placed(new, pairs, ordered)
        for one, other in aligned(left, made, ended=new.record is not None):
            pairs[other.index] = one
            taken.add(one.index)
    return pairs


def _left(some: Sequence[Visit], done: Container[int]) -> list[AnyStep]:
    return [step for visit in some for step in visit.steps if step.index not in done]


def _placed(visit: Visit, done: Container[int], ordered: bool) -> list[Placed]:
    """The calls of a visit that are not done yet, each with how many done ones stand before it."""
    found: list[Placed] = []
    for place, step in enumerate(visit.steps):
        if step.index not in done:
            found.append((step, place - len(found) if ordered else 0))
    return found
