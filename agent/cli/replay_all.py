"""Replays of many traces for the command: what each came to, in how many processes, how far it is.

Knows what one replay is asked for (`replay.outcome_of`) and that it may happen in another process;
processes are `evals.replays`.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ...evals.gold import GoldSet
from ...evals.replay import Replay
from ...evals.replays import worked
from ...evals.verdicts import Graded
from ...tools.documents import Frozen
from ..wording import plural, seconds
from . import common


class Outcome(Frozen):
    """A replay, the question of the run (None where the record is broken), and its grade."""

    replay: Replay
    question: str | None = None
    graded: Graded | None = None


def outcomes_of(
    paths: list[Path], gold: GoldSet | None, arguments: argparse.Namespace
) -> list[Outcome]:
    """The outcome of each trace, in order; offline ones in several processes where that pays."""
    if arguments.live is not None or arguments.step is not None:
        from .replay import outcome_of

        return [outcome_of(path, gold, arguments) for path in paths]
    work = partial(documents, gold=gold, arguments=arguments)
    with common.Progress("Replaying") as progress:
        done = worked(work, paths, arguments.jobs, _told(progress))
    return [Outcome.model_validate_json(document) for document in done]


def documents(paths: list[str], gold: GoldSet | None, arguments: argparse.Namespace) -> list[str]:
    """The outcomes of some traces as JSON; what a worker process runs."""
    from .replay import outcome_of

    return [outcome_of(Path(path), gold, arguments).model_dump_json() for path in paths]


def _told(progress: common.Progress) -> Callable[[int, int], None]:
    """Shows how many are done, how fast, and how long the rest will take."""
    began = time.monotonic()

    def tell(done: int, total: int) -> None:
        took = time.monotonic() - began
        left = seconds(took / done * (total - done))
        rate = f"{done / took:.0f} a second" if took else ""
        progress.say(f"{done:,} of {plural(total, 'trace')}, {rate}, {left} left")

    return tell
