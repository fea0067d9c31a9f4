"""What sways a judge beside the answers: which stands first, and which is longer.

Measured over many pairs that were asked in both orders. Pure; knows no model.
"""

from collections.abc import Sequence
from typing import Literal

from ...tools.documents import Frozen
from ..estimate import Estimate, wilson
from ..stats import mcnemar, mean_estimate
from .judgement import Preference

_VALUES = {"1": 1.0, "tie": 0.5, "2": 0.0}


class PositionBias(Frozen):
    """How much the order counts. Without bias `first` is 0.5."""

    pairs: int
    """With a verdict in both orders."""
    consistent: Estimate
    """Share of pairs on which both orders agree."""
    first: Estimate
    """Share of verdicts for the answer that stood first; a tie is half."""
    both_first: int
    """Pairs in which the first was preferred in either order."""
    both_second: int
    p: float | None
    """Exact McNemar of the two; None where neither happened."""


class LengthBias(Frozen):
    """How much length counts, over pairs of different length that have a winner."""

    longer: Estimate
    """Share in which the longer answer won."""
    truly: Estimate | None
    """Share of the same pairs in which the longer answer is better, where that is known."""
    p: float | None
    """Exact McNemar of the judge's choices against the truth, or against an even chance."""


def position_bias(preferences: Sequence[Preference]) -> PositionBias:
    """What the order does: L. Zheng et al., "Judging LLM-as-a-Judge", NeurIPS 2023, section 3.3."""
    labels = [
        (one.orders[0].label, one.orders[1].label) for one in preferences if len(one.orders) == 2
    ]
    pairs = [(a, b) for a, b in labels if a is not None and b is not None]
    turned = {"1": "2", "2": "1", "tie": "tie"}
    agreed = sum(a == turned[b] for a, b in pairs)
    both_first, both_second = pairs.count(("1", "1")), pairs.count(("2", "2"))
    return PositionBias(
        pairs=len(pairs),
        consistent=wilson(agreed, len(pairs)),
        first=mean_estimate([(_VALUES[a] + _VALUES[b]) / 2 for a, b in pairs]),
        both_first=both_first,
        both_second=both_second,
        p=mcnemar(both_first, both_second) if both_first + both_second else None,
    )


def length_bias(
    preferences: Sequence[Preference],
    truth: Sequence[Literal["answer", "other"]] | None = None,
) -> LengthBias:
    """Whether the longer answer wins more often than it should.

    `truth`: which answer is the better one, for each preference. Without it a share other than
    one half may be bias, or longer answers may be better.
    """
    if truth is not None and len(truth) != len(preferences):
        raise ValueError(
            f"{len(truth)} truths for {len(preferences)} preferences: expected as many"
        )
    chosen, known = [], []
    for place, one in enumerate(preferences):
        if one.winner in (None, "tie") or one.lengths[0] == one.lengths[1]:
            continue
        longer = "answer" if one.lengths[0] > one.lengths[1] else "other"
        chosen.append(one.winner == longer)
        if truth is not None:
            known.append(truth[place] == longer)
    n = len(chosen)
    if truth is None:
        split = (n - sum(chosen), sum(chosen))
        return LengthBias(
            longer=wilson(sum(chosen), n), truly=None, p=mcnemar(*split) if n else None
        )
    wrongly_longer = sum(c and not k for c, k in zip(chosen, known, strict=True))
    wrongly_shorter = sum(k and not c for c, k in zip(chosen, known, strict=True))
    return LengthBias(
        longer=wilson(sum(chosen), n),
        truly=wilson(sum(known), n),
        p=mcnemar(wrongly_shorter, wrongly_longer) if wrongly_shorter + wrongly_longer else None,
    )
