"""What the cases of an evaluation are run again with: model, tools and prompts of today, its judge.

Knows where traces of evaluations are kept, settings and the index; running is `evals.attribute` and
`evals.counterfactual`, which are handed all this.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ...tools.errors import SettingsError
from . import common

if TYPE_CHECKING:
    from ...evals.again import Judge, Side
    from ...evals.evaluation import Evaluation, Row
    from ...graphs.trace import Trace


def add_live(parser: argparse.ArgumentParser) -> None:
    """What a live run may be told."""
    common.add_documents(parser)
    parser.add_argument(
        "--most", metavar="N", type=common.count, default=10, help="cases to run again (10)"
    )
    parser.add_argument(
        "--rubric", metavar="FILE", help="where a judge gave the metric by a rubric of your own"
    )


def trace_of(home: Path, evaluation: "Evaluation", row: "Row") -> "Trace | None":
    """The kept run of a row; None, with a note, where it is gone or damaged."""
    from ...graphs.trace import Trace
    from ...tools.errors import TraceError

    if row.trace is None:
        return None
    for folder in (home / "traces", home / "evaluations" / evaluation.id / "traces"):
        path = folder / f"{row.trace}.jsonl"
        if path.is_file():
            try:
                return Trace.load(path)
            except TraceError as error:
                common.note(f"left out {row.case}: {error}")
                return None
    common.note(f"left out {row.case}: its trace {row.trace} is not kept any more")
    return None


def side_of(
    trace: "Trace", arguments: argparse.Namespace, metric: str, evaluation: "Evaluation"
) -> "Side":
    """Today's model and tools for runs like this one, judged as the evaluation was.

    Raises `SettingsError` for a model or a judge that cannot be made.
    """
    from ...evals.again import Side
    from .replay_live import live_side

    live = argparse.Namespace(**{**vars(arguments), "live": "all", "model": None})
    found = live_side(trace, live, {}, None)
    assert found.model is not None, "a live model is made, or it is an error"
    return Side(
        model=found.model,
        judge=_judge(metric, evaluation, arguments),
        tools=found.tools,
        price=found.price,
    )


def _judge(name: str, evaluation: "Evaluation", arguments: argparse.Namespace) -> "Judge":
    """A metric of code, or the judge that gave it: the same rubric, model, sampling and votes."""
    from ...evals.judge.gate import judge_of
    from ...evals.judge.metric import metric_of
    from ...evals.judge.rubric import names
    from ...evals.judged import PREFIX
    from ...evals.metrics import metrics
    from ..judging import make_judge

    if not name.startswith(PREFIX):
        return metrics([name])[0].measure
    was = judge_of(evaluation.settings, name)
    if was is None:
        raise SettingsError(f"{name}: {evaluation.id} does not say which judge gave it")
    rubric = arguments.rubric or name.removeprefix(PREFIX)
    if arguments.rubric is None and rubric not in names():
        raise SettingsError(f"{name} is by a rubric of your own: name its file with --rubric FILE")
    settings = common.settings_of(arguments)
    judge = make_judge(rubric, model=was.model, votes=was.votes, settings=settings)
    if judge.setup != was.setup:
        raise SettingsError(
            f"{name} of {evaluation.id} was given by {was.rubric} with other wording or sampling"
            f" than {judge.rubric.label} has here: judge it anew (workings eval GOLD --traces"
            f" {evaluation.id} --metric {name} --judge {was.model}), or name the rubric's file with"
            " --rubric FILE"
        )
    return metric_of(judge).judge
