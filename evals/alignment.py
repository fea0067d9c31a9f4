"""Which of the calls that differ between two visits of a node stand for one another.

Knows calls in their order and what a change of one costs; knows nothing of traces. Two calls are
laid side by side as the lines of two texts are, so that as little as can be was changed.
"""

from collections.abc import Sequence

from ..graphs.trace import ModelStep, ToolStep

AnyStep = ModelStep | ToolStep
Placed = tuple[AnyStep, int]
"""A call, and how many calls that both visits made stand before it."""

CHANGED = 1.0
"""Another request to the same model or tool."""
RENAMED = 1.5
"""A tool in the place of another: less than a call too few and one too many."""
MISSING = 1.0
EXTRA = 2.0
"""More than `RENAMED`: where a run was stopped at a call, it is in the place of the next one."""
MOVED, MOST = 0.25, 0.75
"""For each call of both that stands between; at most so much."""

_BAND = 50
"""How far calls are looked for from the same place in line, so that thousands take no minutes."""


def aligned(
    old: Sequence[Placed], new: Sequence[Placed], ended: bool
) -> list[tuple[AnyStep, AnyStep]]:
    """The pairs, in order; the earliest where several ways cost the same.

    `ended`: the new visit came to its end, so that calls after its last one are missing. Model
    calls of another name are never one another, nor is a model call a tool's.
    """
    row, low = [MISSING * j for j in range(min(len(old), _BAND) + 1)], 0
    ways: list[tuple[int, list[int]]] = [(0, [_SKIP_OLD] * len(row))]
    for i, step in enumerate(new, 1):
        first = max(0, min(i, len(old)) - _BAND)
        costs: list[float] = []
        way: list[int] = []
        for j in range(first, min(len(old), i + _BAND) + 1):
            above, before = j - low, j - low - 1
            options = [
                (row[before] + _cost(old[j - 1], step), _PAIR)
                if 0 <= before < len(row)
                else _NEVER,
                (costs[-1] + MISSING, _SKIP_OLD) if costs else _NEVER,
                (row[above] + EXTRA, _SKIP_NEW) if 0 <= above < len(row) else _NEVER,
            ]
            cost, move = min(options)
            costs.append(cost)
            way.append(move)
        row, low = costs, first
        ways.append((first, way))
    rest = MISSING if ended else 0.0
    i = len(new)
    j = low + min(range(len(row)), key=lambda at: row[at] + rest * (len(old) - low - at))
    found: list[tuple[AnyStep, AnyStep]] = []
    while i:
        first, way = ways[i]
        move = way[j - first]
        if move == _PAIR:
            found.append((old[j - 1][0], new[i - 1][0]))
        i -= move != _SKIP_OLD
        j -= move != _SKIP_NEW
    return found[::-1]


_SKIP_NEW, _SKIP_OLD, _PAIR = range(3)
_NEVER = (float("inf"), _SKIP_NEW)


def _cost(old: Placed, new: Placed) -> float:
    (before, one), (after, other) = old, new
    moved = min(MOST, MOVED * abs(one - other))
    if before.kind == after.kind and before.name == after.name:
        return CHANGED + moved
    return RENAMED + moved if before.kind == after.kind == "tool" else float("inf")
