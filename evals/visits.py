"""A trace as the visits of its nodes, and which call of one trace is which of another.

Knows the order of steps and nodes; knows nothing of what the calls say.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..graphs.trace import ModelStep, NodeRecord, ToolStep, Trace

AnyStep = ModelStep | ToolStep


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


def visits(trace: Trace) -> list[Visit]:
    """Every visit in order; the ones that did not end come last."""
    turns: Counter[str] = Counter()
    found: list[Visit] = []
    waiting: dict[str, deque[AnyStep]] = defaultdict(deque)
    for step in trace.steps:
        waiting[step.node].append(step)
    for place, record in enumerate(trace.nodes):
        visit = Visit(record.node, turns[record.node], record, place)
        turns[record.node] += 1
        steps = waiting[record.node]
        while steps and steps[0].index <= record.after:
            visit.steps.append(steps.popleft())
        found.append(visit)
    for node, steps in waiting.items():
        if steps:
            found.append(Visit(node, turns[node], None, len(trace.nodes), list(steps)))
    return found


def pair(before: Sequence[Visit], after: Sequence[Visit]) -> dict[int, AnyStep]:
    """For each call of `after` (by index) the one of `before` that it is: without one, a new call.

    Equal requests first, in the order in which they were made; then, within the same visit of the
    same node, calls of the same name, and tool calls in order.
    """
    pairs: dict[int, AnyStep] = {}
    taken: set[int] = set()
    recorded: dict[tuple[str, str, str], deque[AnyStep]] = defaultdict(deque)
    for visit in before:
        for step in visit.steps:
            recorded[step.kind, step.node, step.key].append(step)
    for visit in after:
        for step in visit.steps:
            same = recorded.get((step.kind, step.node, step.key))
            if same:
                pairs[step.index] = same.popleft()
                taken.add(pairs[step.index].index)
    for old, new in _same_visits(before, after):
        for by_name in (True, False):
            left = [step for step in old.steps if step.index not in taken]
            for step in new.steps:
                if step.index in pairs or not (by_name or step.kind == "tool"):
                    continue
                found = _nearest(left, step, by_name)
                if found is not None:
                    left.remove(found)
                    pairs[step.index] = found
                    taken.add(found.index)
    return pairs


def _same_visits(before: Sequence[Visit], after: Sequence[Visit]) -> list[tuple[Visit, Visit]]:
    known = {visit.key: visit for visit in before}
    return [(known[visit.key], visit) for visit in after if visit.key in known]


def _nearest(left: list[AnyStep], step: AnyStep, by_name: bool) -> AnyStep | None:
    for other in left:
        if other.kind == step.kind and (not by_name or other.name == step.name):
            return other
    return None
