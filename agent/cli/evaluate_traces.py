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
    from ...evals.judge.metric import Judges
    from ...evals.judged import Chosen


def rescored(
    gold: "GoldSet", metrics: "Chosen", judges: "Judges | None", arguments: argparse.Namespace
) -> "Evaluation":
    """An evaluation made of kept runs, kept as one of its own; only judges, if any, are asked."""
    from ...evals.metrics import DEFAULT
    from ...evals.rescoring import rescore
    from ...tools.errors import SettingsError
    from ..evaluating import folder_of, new_id

    home = common.settings_of(arguments).home
    before = _evaluation(home, arguments.traces)
    id = arguments.id or new_id(home)
    folder = folder_of(home, id)
    if (folder / "evaluation.json").exists():
        raise SettingsError(f"evaluation {id} is there already; choose another --id")
    paths = _runs(home, before) if before is not None else _traces(home, arguments.traces)
    with common.Progress("Scoring"):
        found = rescore(
            paths,
            gold,
            metrics.code or DEFAULT[:1],
            of=before,
            id=id,
            gold_name=Path(arguments.gold).name,
            created=common.now(),
        )
        if judges is not None:
            found = _judged(found, gold, metrics, judges, paths, arguments.jobs)
    found = found.model_copy(update={"cases": len({row.case for row in found.rows})})
    for reason in found.settings.get("damaged", ()):
        common.note(f"left out: {reason}")
    unmatched = found.settings.get("unmatched")
    if unmatched:
        common.note(f"{unmatched} traces belong to no case of {found.gold}")
    found.save(folder)
    return found


def _judged(
    found: "Evaluation",
    gold: "GoldSet",
    metrics: "Chosen",
    judges: "Judges",
    paths: list[Path],
    concurrency: int | None,
) -> "Evaluation":
    """With the verdicts of judges, who read the kept answers."""
    from ...evals.judge.metric import judge_rows
    from ...evals.running import CONCURRENCY
    from ...graphs.answer import Answer, Usage
    from ...graphs.trace import Trace
    from ..background import wait_for

    files = [file for path in paths for file in (path.glob("*.jsonl") if path.is_dir() else [path])]
    by_id = {file.stem: file for file in files}

    def answer_of(row: "Row") -> Answer:
        trace = Trace.load(by_id[row.trace]) if row.trace in by_id else None
        if trace is not None and trace.answer is not None:
            return trace.answer.with_trace(trace)
        usage = Usage(model="unknown")
        return Answer(question=row.question, text=row.text, refused=row.refused, usage=usage)

    asked = [judges.judge(metric.name) for metric in metrics.judged]
    work = judge_rows(found, gold, asked, answer_of, concurrency=concurrency or CONCURRENCY)
    named = {*metrics.names}
    done = wait_for(work)
    rows = [
        row.model_copy(update={"verdicts": tuple(v for v in row.verdicts if v.metric in named)})
        for row in done.rows
    ]
    return done.model_copy(update={"rows": tuple(rows), "metrics": metrics.names})


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
