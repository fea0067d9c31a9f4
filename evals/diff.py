"""How two runs differ: every difference in order, and which one follows from which.

One engine for a replay (a record and what today's code made of it) and for two records. Knows
traces; knows nothing of how the second one came about but what `End` says.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from ..graphs.trace import ModelStep, ToolStep, Trace
from .compare import Change, compare_requests, first_difference, one_line
from .divergence import Divergence, Kind, Severity
from .endings import ending, endings
from .outcomes import compare_outcomes
from .visits import AnyStep, Visit, pair, visits
from .writes import compare_writes

_REQUEST, _REPLY, _WRITE, _ROUTE = range(4)
_OURS: frozenset[Kind] = frozenset(
    {
        "prompt_changed",
        "tool_schema_changed",
        "params_changed",
        "model_changed",
        "output_schema_changed",
        "question_changed",
    }
)
"""What is changed by hand: it follows from nothing."""
_LAST = 1_000_000


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


@dataclass(frozen=True)
class _Item:
    """A difference and where it stands: visit, part of the visit, step."""

    visit: int
    rank: int
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
        self.found: list[_Item] = []
        self.open = end.stopped or bool(end.crash)

    def items(self) -> list[_Item]:
        """The differences, sorted, with their causes."""
        if not self._same_course():
            self.old = visits(self.before)
            self.new = visits(self.after)
            self.pairs = pair(self.old, self.new)
            self.known = {visit.key: visit for visit in self.old}
            self.places = self._places()
            self._visits()
            self._course()
        if not self.open and not self.end.cut:
            for change, severity in endings(self.before, self.after, self.end.timed):
                self.found.append(_Item(_LAST, _ROUTE, 0, "", *change, severity=severity))
        elif self.end.crash and not self._ended_early(self.end.crash):
            change = Change("answer_changed", "/error", ending(self.before), self.end.crash)
            self.found.append(_Item(_LAST, _ROUTE, 0, "", *change))
        return self._weighed(self._caused())

    def _same_course(self) -> bool:
        """Whether both took the same steps to the same ends: then only the answer can differ."""
        if self.open or self.end.blocked or self.before.question != self.after.question:
            return False
        old, new = self.before, self.after
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
        if self.before.question != self.after.question:
            difference = first_difference(self.before.question, self.after.question, "/question")
            assert difference is not None
            self.found.append(_Item(-1, _REQUEST, 0, "", "question_changed", *difference))
        reached = {visit.key for visit in self.new}
        paired = {step.index for step in self.pairs.values()}
        for visit in self.new:
            old = self.known.get(visit.key)
            self._calls(visit, self.places[visit.key])
            if old is not None:
                whole = visit.record is not None or not self.open
                if whole and not self.end.cut:
                    self._missing(old, paired)
                self._writes(old, visit)
        if not self.open and not self.end.cut:
            for old in self.old:
                if old.key not in reached:
                    self._missing(old, paired)

    def _calls(self, visit: Visit, place: int) -> None:
        """The calls of one visit against those they are."""
        order: list[AnyStep] = []
        for step in visit.steps:
            old = self.pairs.get(step.index)
            if old is None:
                self._extra(visit, step, place)
                continue
            order.append(old)
            changes = _requests(old, step)
            for change in changes:
                self._add(place, _REQUEST, old, change, data=_holds_data(step, change))
            if step.key in self.end.blocked:
                blocked = Change("side_effect_blocked", "", f"{step.name} ran", _refusal(step))
                self._add(place, _REPLY, old, blocked)
                continue
            for change, severity in compare_outcomes(old, step):
                self._add(place, _REPLY, old, change, severity=severity)
        self._order(order, place)

    def _extra(self, visit: Visit, step: AnyStep, place: int) -> None:
        if self.end.cut and visit.key not in self.known:
            return
        kind: Kind = "extra_call"
        said = _called(step)
        if step.key in self.end.blocked:
            kind, said = "side_effect_blocked", _refusal(step)
        self._add(place, _REQUEST, step, Change(kind, "", "(no call)", said))

    def _order(self, order: list[AnyStep], place: int) -> None:
        for at, step in enumerate(order[1:], start=1):
            if step.index < order[at - 1].index:
                here = sorted(order, key=lambda item: item.index)
                first = next(i for i, item in enumerate(here) if item is not order[i])
                names = [", ".join(item.name for item in some[first:]) for some in (here, order)]
                change = Change("reordered", "", one_line(names[0]), one_line(names[1]))
                self._add(place, _REQUEST, here[first], change)
                return

    def _missing(self, visit: Visit, paired: Collection[int]) -> None:
        for step in visit.steps:
            if step.index not in paired and not (step.error and step.error.type == "Aborted"):
                change = Change("missing_call", "", _called(step), "(no call)")
                self._add(self.places[visit.key], _REQUEST, step, change)

    def _writes(self, old: Visit, new: Visit) -> None:
        """What the node wrote, and where the graph went after it."""
        if old.record is None or new.record is None:
            return
        place = self.places[new.key]
        for change, step in compare_writes(old, new, self.before, self.after):
            where = step if step is not None else old.last
            self.found.append(_Item(place, _WRITE, where, old.node, *change))
        if old.record.route != new.record.route:
            path = f"/nodes/{old.place}/route"
            routes = (str(old.record.route), str(new.record.route))
            self.found.append(
                _Item(place, _ROUTE, old.last, old.node, "route_changed", path, *routes)
            )

    def _course(self) -> None:
        """The first place where another node ran, or where one of the runs had ended."""
        old, new = _course_of(self.old), _course_of(self.new)
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
            if after is not None and after.record is None and before is None:
                return
            self._turned(old[place - 1] if place else None, before, after)
            return

    def _turned(self, last: Visit | None, before: Visit | None, after: Visit | None) -> None:
        path = f"/nodes/{last.place + 1 if last is not None else 0}/node"
        here = "(end)" if before is None else before.node
        there = "(end)" if after is None else after.node
        place = self.places[last.key] if last is not None else 0
        step, node = (last.last, last.node) if last is not None else (0, "")
        self.found.append(_Item(place, _ROUTE, step, node, "route_changed", path, here, there))

    def _ended_early(self, crash: str) -> bool:
        """Tell of a run that ended by an error where the record goes on; whether it did."""
        if any(item.kind in ("ended_early", "parse_changed") for item in self.found):
            return True
        failed = self.after.error is not None and self.before.error is None
        if not crash and (not failed or self.open):
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
        self.found.append(_Item(at, _WRITE, step, place.node, kind, "", before, one_line(said)))
        return True

    def _add(
        self,
        place: int,
        rank: int,
        step: AnyStep,
        change: Change,
        *,
        severity: Severity = "behavioural",
        data: bool = False,
    ) -> None:
        self.found.append(
            _Item(place, rank, step.index, step.node, *change, severity=severity, data=data)
        )

    def _caused(self) -> list[_Item]:
        """In order, each with the nearest earlier difference that it follows from."""
        ranked = sorted(self.found, key=lambda item: (item.visit, item.rank, item.step))
        told: list[_Item] = []
        for item in ranked:
            if item.severity == "info":
                told.append(item)
                continue
            earlier = [
                other
                for other in told
                if other.severity != "info" and (other.visit, other.rank) < (item.visit, item.rank)
            ]
            if item.data and any(other.kind not in _OURS for other in earlier):
                item = replace(item, kind="history_changed")
            if item.kind == "parse_changed" and earlier:
                item = replace(item, kind="state_write_changed")
            if item.kind in _OURS:
                same = [other for other in earlier if _alike(other, item)]
                if same:
                    item = replace(item, cause=f"the same change as at step {same[0].step}")
            elif earlier:
                near = earlier[-1]
                where = f"in {near.node}" if near.node else "of the run"
                item = replace(item, cause=f"follows from step {near.step}: {near.kind} {where}")
            elif item.kind == "history_changed":
                item = replace(
                    item, cause="nothing before it differs: the state is put together otherwise"
                )
            told.append(item)
        return told

    def _weighed(self, items: list[_Item]) -> list[_Item]:
        """What changed neither a call nor the answer is benign: nobody who asks sees it."""
        quiet = {"state_write_changed", "parse_changed", "reordered"}
        loud = any(item.severity == "behavioural" and item.kind not in quiet for item in items)
        if loud or self.open:
            return items
        return [replace(item, severity="benign") if item.kind in quiet else item for item in items]


def _course_of(found: list[Visit]) -> list[Visit]:
    """The visits in order: the ones that ended, and the one that did not where it is but one."""
    ended = [visit for visit in found if visit.record is not None]
    begun = [visit for visit in found if visit.record is None]
    return ended + begun if len(begun) == 1 else ended


def _requests(old: AnyStep, new: AnyStep) -> list[Change]:
    if old.key == new.key:
        return []
    if isinstance(old, ModelStep) and isinstance(new, ModelStep):
        return compare_requests(old.request, new.request)
    assert isinstance(old, ToolStep) and isinstance(new, ToolStep)
    if old.name != new.name:
        return [Change("tool_name_changed", "/name", old.name, new.name)]
    before, after = (
        step.arguments if step.arguments is not None else step.raw_arguments for step in (old, new)
    )
    difference = first_difference(before, after, "")
    return [] if difference is None else [Change("tool_args_changed", *difference)]


def _holds_data(step: AnyStep, change: Change) -> bool:
    """Whether the change lies in a user's message: our frame around what was found."""
    if change.kind != "prompt_changed" or not isinstance(step, ModelStep):
        return False
    place = int(change.path.split("/")[2])
    return step.request.messages[place].role == "user"


def _called(step: AnyStep) -> str:
    if isinstance(step, ToolStep):
        return one_line(f"tool {step.name} {step.raw_arguments}")
    last = step.request.messages[-1].content if step.request.messages else ""
    return one_line(f"model call {step.name!r}: {last}")


def _refusal(step: AnyStep) -> str:
    return one_line(step.error.message) if step.error is not None else "(refused)"


def _alike(one: _Item, other: _Item) -> bool:
    return (one.kind, one.before, one.after) == (other.kind, other.before, other.after)
