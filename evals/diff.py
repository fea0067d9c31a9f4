"""How two runs differ: every difference in order, and which one follows from which.

One engine for a replay (a record and what today's code made of it) and for two records. Knows
traces; knows nothing of how the second one came about but what `End` says.
"""

from collections.abc import Collection
from dataclasses import dataclass

from ..graphs.trace import ModelStep, Trace
from .alignment import AnyStep
from .compare import Change, first_difference, one_line
from .divergence import Divergence, Kind, Severity
from .endings import ending, endings
from .findings import LAST_TURN, REPLY, REQUEST, ROUTE, WRITE, Finding, explained, weighed
from .outcomes import compare_outcomes
from .requests import called, compare_calls, holds_data, refusal
from .visits import Lane, Visit, course_of, lanes_of, pair, turns_of, visits
from .writes import compare_writes

_LAST = 1_000_000
_AT_END = (_LAST, LAST_TURN, ROUTE)


@dataclass(frozen=True)
class End:
    """How far the second run is to be compared."""

    stopped: bool = False
    """It was stopped at a call that could not be answered."""
    cut: bool = False
    """The first run was cut short: what goes on after it is no difference."""
    crash: str = ""
    """An error of the second run that no run may end with."""
    timed: bool = False
    """The second run took its own time: it was live, or another run."""
    blocked: Collection[str] = ()
    """Keys of the calls that were refused since they write."""


def diff(before: Trace, after: Trace, end: End | None = None) -> list[Divergence]:
    """Every difference of `after` from `before`, in the order of the runs; the first is the root.

    What follows from another difference names the nearest one before it. Differences that changed
    neither a call nor the answer are benign.
    """
    found = _Diff(before, after, end or End()).items()
    return [
        Divergence(
            trace=before.id,
            step=item.step,
            node=item.node,
            kind=item.kind,
            path=item.path,
            before=item.before,
            after=item.after,
            cause=item.cause,
            severity=item.severity,
        )
        for item in found
    ]


def compare_traces(before: Trace, after: Trace) -> list[Divergence]:
    """How one recorded run differs from another; as far as the shorter one was recorded."""
    cut = before.status == "aborted"
    return diff(before, after, End(stopped=after.status == "aborted", cut=cut, timed=True))


class _Diff:
    def __init__(self, before: Trace, after: Trace, end: End):
        self.before = before
        self.after = after
        self.end = end
        self.found: list[Finding] = []
        self.lanes: dict[tuple[int, str], Lane] = {}
        self.open = end.stopped or bool(end.crash)
        self.failed = bool(end.crash) or (after.error is not None and before.error is None)
        """The second run ended by an error and the first did not: what is missing follows."""
        self.numbered = "app" in before.start.options and not self.end.timed
        """A replay of a user's graph: recorded calls have their numbers, in whatever order."""

    def items(self) -> list[Finding]:
        """The differences, sorted, with their causes."""
        if not self._same_course():
            self.old = visits(self.before)
            self.new = visits(self.after, like=self.old if self.numbered else ())
            self.pairs = pair(self.old, self.new, ordered=not self.numbered)
            self.known = {visit.key: visit for visit in self.old}
            self.places = self._places()
            lanes = lanes_of(self.new) | lanes_of(self.old)
            self.lanes = {(self.places[key], key[0]): lane for key, lane in lanes.items()}
            self._visits()
            self._course()
        if not self.open and not self.end.cut:
            for change, severity in endings(self.before, self.after, self.end.timed):
                self.found.append(Finding(_AT_END, 0, "", *change, severity=severity))
        elif self.end.crash and not self._ended_early(self.end.crash):
            change = Change("answer_changed", "/error", ending(self.before), self.end.crash)
            self.found.append(Finding(_AT_END, 0, "", *change))
        return weighed(explained(self.found, self.lanes), whole=not self.open)

    def _same_course(self) -> bool:
        """Whether both took the same steps to the same ends: then only the answer can differ."""
        old, new = self.before, self.after
        given = (old.question, old.start.history) == (new.question, new.start.history)
        if self.open or self.end.blocked or not given:
            return False
        if len(old.steps) != len(new.steps) or len(old.nodes) != len(new.nodes):
            return False
        nodes = all(
            (a.node, a.writes, a.route) == (b.node, b.writes, b.route)
            for a, b in zip(old.nodes, new.nodes, strict=True)
        )
        return nodes and all(
            (a.kind, a.node, a.key) == (b.kind, b.node, b.key) and not compare_outcomes(a, b)
            for a, b in zip(old.steps, new.steps, strict=True)
        )

    def _places(self) -> dict[tuple[str, int], int]:
        """Where each visit stands, of both runs: a visit of the record alone after its like."""
        places = {visit.key: 2 * place for place, visit in enumerate(self.new)}
        last = -1
        for visit in self.old:
            if visit.key in places:
                last = places[visit.key]
            else:
                places[visit.key] = last + 1
        return places

    def _visits(self) -> None:
        start, today = self.before.start, self.after.start
        given: tuple[tuple[Kind, object, object], ...] = (
            ("question_changed", {"question": start.question}, {"question": today.question}),
            ("history_changed", {"history": start.history}, {"history": today.history}),
        )
        for kind, one, other in given:
            difference = first_difference(one, other, "")
            if difference is not None:
                self.found.append(Finding((-1, 0, REQUEST), 0, "", kind, *difference))
        reached = {visit.key for visit in self.new}
        paired = {step.index for step in self.pairs.values()}
        for visit in self.new:
            old = self.known.get(visit.key)
            self._calls(visit, self.places[visit.key])
            if old is not None:
                whole = visit.record is not None or not (self.open or self.failed)
                if whole and not self.end.cut:
                    self._missing(old, paired)
                self._writes(old, visit)
        if not (self.open or self.failed or self.end.cut):
            for old in self.old:
                if old.key not in reached:
                    self._missing(old, paired)

    def _calls(self, visit: Visit, place: int) -> None:
        """The calls of one visit against those they are."""
        order: list[AnyStep] = []
        turns = turns_of(visit.steps)
        for step in visit.steps:
            old = self.pairs.get(step.index)
            turn = turns[step.index]
            if old is None:
                self._extra(visit, step, (place, turn, REQUEST))
                continue
            order.append(old)
            changes = compare_calls(old, step)
            for change in changes:
                when = (place, turn, REQUEST)
                self._add(when, old, change, data=holds_data(step, change))
            if step.key in self.end.blocked:
                blocked = Change("side_effect_blocked", "", f"{step.name} ran", refusal(step))
                self._add((place, turn, REPLY), old, blocked)
                continue
            for change, severity in compare_outcomes(old, step):
                self._add((place, turn, REPLY), old, change, severity=severity)
        if not self.numbered:
            self._order(order, place)

    def _extra(self, visit: Visit, step: AnyStep, when: tuple[int, int, int]) -> None:
        if self.end.cut and visit.key not in self.known:
            return
        if self.numbered and visit.key in self.known:
            # its own number is one that the record does not have
            step = step.model_copy(update={"index": self.known[visit.key].last})
        kind: Kind = "extra_call"
        said = called(step)
        if step.key in self.end.blocked:
            kind, said = "side_effect_blocked", refusal(step)
        self._add(when, step, Change(kind, "", "(no call)", said))

    def _order(self, order: list[AnyStep], place: int) -> None:
        for at, step in enumerate(order[1:], start=1):
            if step.index < order[at - 1].index:
                here = sorted(order, key=lambda item: item.index)
                first = next(i for i, item in enumerate(here) if item is not order[i])
                names = [", ".join(item.name for item in some[first:]) for some in (here, order)]
                change = Change("reordered", "", one_line(names[0]), one_line(names[1]))
                self._add((place, 0, REQUEST), here[first], change)
                return

    def _missing(self, visit: Visit, paired: Collection[int]) -> None:
        turns = turns_of(visit.steps)
        for step in visit.steps:
            if step.index not in paired and not (step.error and step.error.type == "Aborted"):
                change = Change("missing_call", "", called(step), "(no call)")
                when = (self.places[visit.key], turns[step.index], REQUEST)
                self._add(when, step, change)

    def _writes(self, old: Visit, new: Visit) -> None:
        """What the node wrote, and where the graph went after it."""
        if old.record is None or new.record is None:
            return
        place = self.places[new.key]
        for change, step in compare_writes(old, new, self.before, self.after):
            where = step if step is not None else old.last
            self.found.append(Finding((place, LAST_TURN, WRITE), where, old.node, *change))
        if old.record.route != new.record.route:
            path = f"/nodes/{old.place}/route"
            routes = (str(old.record.route), str(new.record.route))
            when = (place, LAST_TURN, ROUTE)
            self.found.append(Finding(when, old.last, old.node, "route_changed", path, *routes))

    def _course(self) -> None:
        """The first place where another node ran, or where one of the runs had ended."""
        old, new = course_of(self.old), course_of(self.new)
        routed = any(item.kind == "route_changed" for item in self.found)
        for place in range(max(len(old), len(new))):
            before = old[place] if place < len(old) else None
            after = new[place] if place < len(new) else None
            if before is not None and after is not None and before.node == after.node:
                continue
            if after is None and self._ended_early(self.end.crash):
                return
            if routed or not self.before.nodes or (after is None and self.open):
                return
            if before is None and (self.end.cut or self.before.status == "failed"):
                return
            alone = before if after is None else after if before is None else None
            if alone is not None and alone.record is None:
                return
            self._turned(old[place - 1] if place else None, before, after)
            return

    def _turned(self, last: Visit | None, before: Visit | None, after: Visit | None) -> None:
        path = f"/nodes/{last.place + 1 if last is not None else 0}/node"
        here = "(end)" if before is None else before.node
        there = "(end)" if after is None else after.node
        place = self.places[last.key] if last is not None else 0
        step, node = (last.last, last.node) if last is not None else (0, "")
        when = (place, LAST_TURN, ROUTE)
        self.found.append(Finding(when, step, node, "route_changed", path, here, there))

    def _ended_early(self, crash: str) -> bool:
        """Tell of a run that ended by an error where the record goes on; whether it did."""
        if any(item.kind in ("ended_early", "parse_changed") for item in self.found):
            return True
        if not self.failed or (self.end.stopped and not crash):
            return False
        said = crash or ending(self.after)
        done = [visit for visit in self.new if visit.record is not None]
        old = [visit for visit in self.old if visit.record is not None]
        if len(done) >= len(old):
            return False
        place = old[len(done)]
        made = next((visit for visit in self.new if visit.key == place.key), None)
        kind: Kind = "ended_early"
        step = place.last
        if made is not None and made.steps:
            last = made.steps[-1]
            recorded = self.pairs.get(last.index)
            step = recorded.index if recorded is not None else last.index
            answered = isinstance(last, ModelStep) and last.error is None
            if recorded is not None and answered and recorded.key == last.key:
                kind = "parse_changed"
        at = self.places.get(place.key, _LAST - 1)
        before = f"{place.node} went on"
        when = (at, LAST_TURN, WRITE)
        self.found.append(Finding(when, step, place.node, kind, "", before, one_line(said)))
        return True

    def _add(
        self,
        when: tuple[int, int, int],
        step: AnyStep,
        change: Change,
        *,
        severity: Severity = "behavioural",
        data: bool = False,
    ) -> None:
        self.found.append(
            Finding(when, step.index, step.node, *change, severity=severity, data=data)
        )
