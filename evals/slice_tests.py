"""The test of one slice: which exact test fits how it lies in the groups; which slices are one.

What is chosen never depends on an outcome. Knows rows and slices; corrects nothing
(`evals.patterns`).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .evaluation import Row
from .gold import GoldCase
from .slices import Slice
from .stats_exact import Exact, between, gathered

LEAST = 3
"""A slice with fewer cases inside or outside is not looked at."""
_SAME = 0.95
"""Two slices that share this much of what either holds are one."""

Bools = np.ndarray


@dataclass(frozen=True)
class Tested:
    """A slice with what came of its test."""

    slice: Slice
    also: tuple[str, ...]
    inside: Bools
    applies: Bools
    result: Exact
    test: str


def merged(
    slices: Sequence[Slice], rows: Sequence[Row], cases: dict[str, GoldCase]
) -> list[tuple[Slice, tuple[str, ...], Bools, Bools]]:
    """Slices with enough on both sides; those that hold the same cases are one, the first named."""
    kept: list[tuple[Slice, list[str], Bools, Bools]] = []
    for one in slices:
        said = [one.holds(row, cases.get(row.case)) for row in rows]
        inside = np.array([item is True for item in said], dtype=bool)
        applies = np.array([item is not None for item in said], dtype=bool)
        count = int(inside.sum())
        if count < LEAST or int(applies.sum()) - count < LEAST:
            continue
        for other, also, others, scope in kept:
            # not the same where one applies to fewer: its outside is another one; nor where one
            # is a document, which is tested otherwise
            either = int((inside | others).sum())
            alike = other.by_group == one.by_group and np.array_equal(scope, applies)
            if alike and (inside & others).sum() >= _SAME * either:
                also.append(one.name)
                break
        else:
            kept.append((one, [], inside, applies))
    return [(one, tuple(also), inside, applies) for one, also, inside, applies in kept]


def tested_slice(
    one: Slice,
    also: tuple[str, ...],
    inside: Bools,
    applies: Bools,
    failed: Bools,
    groups: list[str | None],
) -> Tested:
    """By the exact test that fits how the slice lies in the groups; that is not by outcome."""
    part, bad = inside[applies], failed[applies]
    own = [groups[place] for place in np.flatnonzero(applies).tolist()]
    counts = Counter(own)
    shared = {group for group, count in counts.items() if group is not None and count > 1}
    if one.by_group or not shared:
        return Tested(one, also, inside, applies, gathered(part, bad), "Fisher's exact test")
    # cases that share no group with another are alike to each other: one stratum
    strata = [group if group in shared else None for group in own]
    mine = Counter(strata[place] for place in np.flatnonzero(part).tolist())
    sizes_of = Counter(strata)
    telling = sum(count for stratum, count in mine.items() if count < sizes_of[stratum])
    if 2 * telling >= int(part.sum()):
        test = "exact test within groups"
        return Tested(one, also, inside, applies, gathered(part, bad, strata), test)
    units: dict[object, list[int]] = {}
    for place, group in enumerate(own):
        units.setdefault(group if group in shared else place, []).append(place)
    sums = np.array([float(bad[unit].sum()) for unit in units.values()])
    sizes = np.array([float(len(unit)) for unit in units.values()])
    # a group that lies on both sides counts to the side of most of its cases
    whole = [2 * int(part[unit].sum()) > len(unit) for unit in units.values()]
    result = between(sums, sizes, whole)
    return Tested(one, also, inside, applies, result, "groups dealt anew")
