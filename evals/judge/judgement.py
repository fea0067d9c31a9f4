"""What a judge says: votes, the verdict that most of them give, and how far they spread.

Pure: knows no model. A verdict is a label that more than half of the votes give; no verdict is
never 0.
"""

import statistics
from collections import Counter
from typing import Literal

from ...tools.documents import Frozen
from ..checks import Verdict
from .rubric import Rubric

Winner = Literal["answer", "other", "tie"]


class Vote(Frozen):
    """One verdict of the model; without a label it gave none that could be used."""

    label: str | None
    reason: str
    """The judge's, or why there is no verdict."""
    quote: str = ""
    """The evidence, as it stands in the text that was judged."""
    tries: int = 1


class Ballot(Frozen):
    """The votes on one thing."""

    votes: tuple[Vote, ...]
    label: str | None
    """What more than half of the votes say; None: nothing."""
    value: float | None
    spread: float | None
    """Standard deviation of the votes' values; None with fewer than two."""
    reason: str


class Judgement(Frozen):
    """A verdict on one subject, with all it rests on."""

    rubric: str
    """Name, version and content hash."""
    model: str
    value: float | None
    """None: unscored."""
    label: str | None
    """Of a subject that is judged whole."""
    reason: str
    ballots: tuple[Ballot, ...]
    """One, or one for each piece."""
    trace: str | None = None

    @property
    def outcome(self) -> float | None:
        """The value."""
        return self.value

    @property
    def spread(self) -> float | None:
        """The largest spread among its ballots."""
        known = [ballot.spread for ballot in self.ballots if ballot.spread is not None]
        return max(known, default=None)

    def verdict(self, metric: str) -> Verdict:
        """As a metric gives it; the reason says by which rubric, and where the record is."""
        where = f"; trace {self.trace}" if self.trace is not None else ""
        reason = f"{self.reason} (rubric {self.rubric}, {self.model}{where})"
        return Verdict(metric=metric, value=self.value, reason=reason)


class Preference(Frozen):
    """Which of two answers is better, asked in both orders."""

    rubric: str
    model: str
    winner: Winner | None
    """`tie` also where the orders disagree; None: an order gave no verdict."""
    consistent: bool | None
    """Whether both orders say the same; None: unknown."""
    orders: tuple[Ballot, ...]
    """With `answer` first, and with `other` first; none where it was not asked. `1` is the one
    that stood first."""
    lengths: tuple[int, int]
    """Characters of `answer` and `other`."""
    reason: str
    trace: str | None = None

    @property
    def outcome(self) -> float | None:
        """1: `answer` is better, 0: `other` is, 0.5: a tie; None: unscored."""
        return {"answer": 1.0, "tie": 0.5, "other": 0.0}.get(self.winner or "")


def ballot(votes: tuple[Vote, ...], rubric: Rubric) -> Ballot:
    """Count the votes."""
    labels = [vote.label for vote in votes if vote.label is not None]
    values = [rubric.scale[label] for label in labels]
    spread = statistics.pstdev(values) if len(values) > 1 else None
    most = Counter(labels).most_common(1)
    if not most or 2 * most[0][1] <= len(votes):
        if not most:
            why = votes[0].reason
        else:
            counts = ", ".join(f"{label} {count}" for label, count in Counter(labels).items())
            why = f"no majority of {len(votes)} votes ({counts})"
        return Ballot(votes=votes, label=None, value=None, spread=spread, reason=why)
    label, count = most[0]
    winning = next(vote for vote in votes if vote.label == label)
    how = f" ({count} of {len(votes)} votes)" if len(votes) > 1 else ""
    reason = f"{label}{how}: {winning.reason} {winning.quote!r}"
    return Ballot(votes=votes, label=label, value=rubric.scale[label], spread=spread, reason=reason)


def combined(ballots: tuple[Ballot, ...], rubric: Rubric) -> tuple[float | None, str]:
    """The value of a subject that was judged piece by piece, and why.

    Mean, or average precision: the mean over useful places k of the share of useful among the
    first k (RAGAS' context precision); 0 where none is. One piece without verdict: no value.
    """
    values = [ballot.value for ballot in ballots if ballot.value is not None]
    if len(values) < len(ballots):
        place = next(n for n, ballot in enumerate(ballots, 1) if ballot.value is None)
        return None, f"piece {place} of {len(ballots)}: {ballots[place - 1].reason}"
    worst = min(range(len(values)), key=values.__getitem__)
    reason = f"piece {worst + 1} of {len(values)}: {ballots[worst].reason}"
    if rubric.combine == "mean":
        return sum(values) / len(values), reason
    useful = [n for n, value in enumerate(values, 1) if value >= 0.5]
    shares = [place / n for place, n in enumerate(useful, 1)]
    return (sum(shares) / len(shares) if shares else 0.0), reason


def preference(
    orders: tuple[Ballot, Ballot],
) -> tuple[Winner | None, bool | None, str]:
    """Winner, whether both orders agree, and why."""
    first, second = orders
    if first.label is None or second.label is None:
        missing, place = (first, 1) if first.label is None else (second, 2)
        return None, None, f"order {place}: {missing.reason}"
    turned = {"1": "2", "2": "1"}.get(second.label, second.label)
    if first.label != turned:
        return "tie", False, f"the orders disagree: {first.reason} / {second.reason}"
    names: dict[str, Winner] = {"1": "answer", "2": "other"}
    return names.get(first.label, "tie"), True, first.reason
