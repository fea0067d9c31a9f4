"""What made a case flip between two evaluations: retrieval, the model, or the judge?

The case is run again with one part of A and the others of B, and the other way round: what tools
gave is pinned from the trace of the side whose retrieval it is, the model is asked anew, and every
answer is judged by both judges. Knows replays and verdicts; models, tools and judges are handed in.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Literal

from ..graphs.trace import Trace
from ..tools.documents import Frozen
from .again import Side, judged, run_again
from .flips import PASSING
from .gold import GoldCase
from .stats_exact import gathered

Part = Literal["retrieval", "model", "judge"]
Cause = Literal["retrieval", "model", "judge", "interaction", "noise", "unknown"]
PARTS: tuple[Part, ...] = ("retrieval", "model", "judge")
_ROUNDS = 3
_LEVEL = 0.05
Cell = tuple[bool, bool, bool]
"""Retrieval, model and judge of one run again; True: B's."""
WHOLE: tuple[Cell, Cell] = ((False, False, False), (True, True, True))


class Attribution(Frozen):
    """Why one case flipped."""

    case: str
    cause: Cause
    reason: str
    """In a sentence."""
    parts: tuple[Part, ...] = ()
    """Those that play a part; more than one where they interact."""
    passing: dict[str, float | None] = {}
    """Share of the runs again that pass, by the side of retrieval, model and judge: `AAB` is A's
    retrieval and model with B's judge. None: the run could not be made."""
    runs: int = 0
    cost_usd: float | None = None
    """Of the model calls; None: not known."""


class Attributions(Frozen):
    """Flipped cases, and how many each part flipped."""

    cases: tuple[Attribution, ...]

    @property
    def counts(self) -> dict[str, int]:
        """By cause, the most frequent first."""
        return dict(Counter(item.cause for item in self.cases).most_common())

    def __str__(self) -> str:
        told = ", ".join(f"{cause} {count}" for cause, count in self.counts.items())
        return f"{len(self.cases)} flipped: {told}" if self.cases else "no case flipped"


async def attribute(
    flipped: Iterable[tuple[GoldCase, Trace, Trace]],
    a: Side,
    b: Side,
    *,
    repeats: int = 3,
    concurrency: int = 4,
) -> Attributions:
    """Attribute each flipped case: (case, the trace of a, the trace of b); see `attribute_case`."""
    if repeats < 1:
        raise ValueError(f"repeats {repeats}: expected 1 or more")
    gate = asyncio.Semaphore(concurrency)

    async def one(case: GoldCase, before: Trace, after: Trace) -> Attribution:
        async with gate:
            return await attribute_case(case, before, after, a, b, repeats=repeats)

    return Attributions(cases=tuple(await asyncio.gather(*(one(*item) for item in flipped))))


async def attribute_case(
    case: GoldCase, before: Trace, after: Trace, a: Side, b: Side, *, repeats: int = 3
) -> Attribution:
    """One flipped case.

    Both sides are run again as they were, `repeats` times each; where they still differ, but not
    beyond chance (Fisher's exact test at 5 %), up to twice more. noise: they do not differ firmly.
    Else both mixtures are run as often. A part: put alone into the other side it flips the outcome
    both ways, and no other part does either. interaction: more than one part is needed, or any of
    several is enough. Models that say that they are deterministic are asked once.
    """
    again = _Again(case, (before, after), (a, b))
    was = [await again.recorded(side) for side in (False, True)]
    if None in was or was[0] == was[1]:
        return again.told("unknown", "the recorded answers do not flip when they are judged again")
    once = a.model.profile.deterministic and b.model.profile.deterministic
    asked = 0
    for _ in range(_ROUNDS):
        asked += 1 if once else repeats
        for side in (False, True):
            await again.run(side, side, asked)
        ends = [again.runs[side] for side in WHOLE]
        if not all(ends):
            return again.told("unknown", "a side could not be run again (no answer, or no verdict)")
        held = [(sum(end) * 2 > len(end)) == bool(old) for end, old in zip(ends, was, strict=True)]
        if once or not all(held) or _firm(*ends):
            break
    if not all(held) or not (once or _firm(*ends)):
        counts = " and ".join(
            f"{name} passes {sum(end):.0f} of {len(end)}"
            for name, end in zip("AB", ends, strict=True)
        )
        return again.told("noise", f"run again as they were, {counts}: the flip does not hold")
    for found in (False, True):
        await again.run(found, not found, asked)
    return again.told(*_cause(again.majority(), bool(was[0])))


def _firm(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two shares of passing runs differ beyond chance."""
    if sum(one) * len(other) < sum(other) * len(one):
        one, other = other, one
    inside = [True] * len(one) + [False] * len(other)
    return gathered(inside, [value == 1.0 for value in (*one, *other)]).p <= _LEVEL + 1e-12


def _cause(
    majority: Mapping[Cell, bool | None], passed: bool
) -> tuple[Cause, str, tuple[Part, ...]]:
    """Why, in a sentence, and the parts in it; `passed`: a passes and b fails."""
    restores, breaks = [], []
    for place, part in enumerate(PARTS):
        put_back = majority[_with(WHOLE[1], place, False)]
        put_in = majority[_with(WHOLE[0], place, True)]
        if put_back == passed:
            restores.append(part)
        if put_in is not None and put_in != passed:
            breaks.append(part)
    either = tuple(part for part in PARTS if part in restores or part in breaks)
    named = " and ".join(either)
    complete = None not in majority.values()
    if len(either) == 1:
        # one direction may be missing where a run of it could not be made
        if either[0] in restores and either[0] in breaks or not complete:
            part = either[0]
            return part, f"the {part} of the other side alone flips it", either
        return "interaction", f"the {named} flips it in one direction only", either
    if restores and not breaks:
        return "interaction", f"{named} are both needed to flip it", either
    if breaks and not restores:
        return "interaction", f"either of {named} is enough to flip it", either
    if either:
        return "interaction", f"{named} act on each other", either
    if not complete:
        return "unknown", "too few of the runs again could be made; give the tools of both", ()
    return "interaction", "no part alone flips it", PARTS


class _Again:
    """The runs again of one case, as they are made."""

    def __init__(self, case: GoldCase, traces: tuple[Trace, Trace], sides: tuple[Side, Side]):
        self.case, self.traces, self.sides = case, traces, sides
        both = (False, True)
        self.runs: dict[Cell, list[float]] = {cell: [] for cell in product(both, both, both)}
        """1.0 for a run that passes, 0.0 for one that does not."""
        self._made: Counter[tuple[bool, bool]] = Counter()
        self._costs: list[float | None] = []

    async def run(self, found: bool, asked: bool, times: int) -> None:
        """Run with one side's retrieval and one side's model until it was run so often."""
        while self._made[found, asked] < times:
            self._made[found, asked] += 1
            answer, cost = await run_again(
                self.traces[found], self.traces[asked], self.sides[found], self.sides[asked]
            )
            self._costs.append(cost)
            if answer is None:
                continue
            for judging in (False, True):
                value = await judged(self.sides[judging].judge, self.case, answer)
                if value is not None:
                    self.runs[found, asked, judging].append(float(value >= PASSING))

    def majority(self) -> dict[Cell, bool | None]:
        """Whether most runs pass; None without one."""
        return {
            cell: sum(values) * 2 > len(values) if values else None
            for cell, values in self.runs.items()
        }

    async def recorded(self, side: bool) -> float | None:
        """Whether the recorded answer passes, by its own judge; a run without one does not."""
        answer = self.traces[side].answer
        if answer is None:
            return 0.0
        known = answer.with_trace(self.traces[side])
        value = await judged(self.sides[side].judge, self.case, known)
        return None if value is None else float(value >= PASSING)

    def told(self, cause: Cause, reason: str, parts: tuple[Part, ...] = ()) -> Attribution:
        """What came of it."""
        costs = self._costs
        return Attribution(
            case=self.case.id,
            cause=cause,
            reason=reason,
            parts=parts,
            passing={
                "".join("AB"[side] for side in cell): sum(values) / len(values) if values else None
                for cell, values in self.runs.items()
            },
            runs=sum(self._made.values()),
            cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
        )


def _with(cell: Cell, place: int, value: bool) -> Cell:
    changed = list(cell)
    changed[place] = value
    return changed[0], changed[1], changed[2]
