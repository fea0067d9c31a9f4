"""How far an evaluation is, as it is told while it runs. Knows nothing of who shows it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is."""

    done: int
    total: int
    """Cases times repeats."""
    kept: int
    """Of those done, how many stood there from before."""
    errors: int
    under_way: int
    waiting: float
    """Seconds until the next may be asked, as the service wishes."""
    cost_usd: float | None
    """None: not known."""
    tokens: int
    seconds: float
    """Since it began, or was gone on with."""

    @property
    def rate(self) -> float | None:
        """Cases a second."""
        new = self.done - self.kept
        return new / self.seconds if new and self.seconds else None

    @property
    def left(self) -> float | None:
        """Seconds that the rest will take at this rate."""
        return (self.total - self.done) / self.rate if self.rate else None
