"""`workings eval GOLD --traces ...`: kept runs scored again, at no cost.

Knows which traces are meant: folders, files and ids of traces, or the runs of an evaluation.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from ...evals.evaluation import Evaluation, Row
    from ...evals.gold import GoldSet
    from ...evals.judged import Chosen


def rescored(gold: "GoldSet", metrics: "Chosen", arguments: argparse.Namespace) -> "Evaluation":
    """An evaluation made of kept runs, kept as one of its own; only judges, if any, are asked."""
    import datetime

    from ...evals.metrics import DEFAULT
    from ...evals.rescoring import rescore
    from ..evaluating import folder_of, new_id

    home = common.settings_of(arguments).home
    before = _evaluation(home, arguments.traces)
    id = arguments.id or new_id(home)
    folder = folder_of(home, id)
    paths = _runs(home, before) if before is not None else _traces(home, arguments.traces)
    with common.Progress("Scoring"):
        found = rescore(
            paths,
            gold,
            metrics.code or DEFAULT[:1],
            of=before,
            id=id,
            gold_name=Path(arguments.gold).name,
            created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        )
        if metrics.judged:
            found = _judged(found, gold, metrics, paths)
    found = found.model_copy(update={"cases": len({row.case for row in found.rows})})
    for reason in found.settings.get("damaged", ()):
        common.note(f"left out: {reason}")
    unmatched = found.settings.get("unmatched")
    if unmatched:
        common.note(f"{unmatched} traces belong to no case of {found.gold}")
    found.save(folder)
    return found


def _judged(
    found: "Evaluation", gold: "GoldSet", metrics: "Chosen", paths: list[Path]
) -> "Evaluation":
    """With the verdicts of judges, who read the kept answers."""
    from ...evals.judged import judged
    from ...graphs.answer import Answer
    from ...graphs.trace import Trace
    from ..background import wait_for

    files = [file for path in paths for file in (path.glob("*.jsonl") if path.is_dir() else [path])]
    by_id = {file.stem: file for file in files}

    def answer_of(row: "Row") -> Answer | None:
        if row.trace not in by_id:
            return None
        trace = Trace.load(by_id[row.trace])
        return None if trace.answer is None else trace.answer.with_trace(trace)

    return wait_for(judged(found, gold, metrics, answer_of))


def _evaluation(home: Path, names: list[str]) -> "Evaluation | None":
    """The evaluation that is meant, where a single name is one's."""
    from ...evals.evaluation import Evaluation

    if len(names) != 1:
        return None
    for folder in (Path(names[0]), home / "evaluations" / names[0]):
        if (folder / "evaluation.json").is_file():
            return Evaluation.load(folder)
    return None


def _runs(home: Path, evaluation: "Evaluation") -> list[Path]:
    """The traces of an evaluation's rows, where they are still kept."""
    stores = (home / "traces", home / "evaluations" / evaluation.id / "traces")
    found = []
    for row in evaluation.rows:
        paths = [folder / f"{row.trace}.jsonl" for folder in stores if row.trace is not None]
        found += [path for path in paths if path.is_file()][:1]
    return found


def _traces(home: Path, names: list[str]) -> list[Path]:
    """Folders, files and ids. Raises `TraceError` for what is none of them."""
    from ...graphs.store import TraceStore

    store = TraceStore(home / "traces")
    return [Path(name) if Path(name).is_dir() else store.find(name) for name in names]
