"""What the cases of an evaluation are run again with: model, tools, prompts and judge of today.

Knows where traces of evaluations are kept, settings and the index; running is `evals.attribute` and
`evals.counterfactual`, which are handed all this.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ...tools.errors import SettingsError
from . import common

if TYPE_CHECKING:
    from ...evals.attribute import Judge, Side
    from ...evals.evaluation import Evaluation, Row
    from ...graphs.trace import Trace


def add_live(parser: argparse.ArgumentParser) -> None:
    """What a live run may be told."""
    common.add_documents(parser)
    parser.add_argument(
        "--most", metavar="N", type=common.count, default=10, help="cases to run again (10)"
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


def side_of(trace: "Trace", arguments: argparse.Namespace, metric: str) -> "Side":
    """Today's model and tools for runs like this one, judged by a metric of code.

    Raises `SettingsError` for a model that cannot be made, or a metric that asks a judge.
    """
    from ...evals.attribute import Side
    from .replay_live import live_side

    live = argparse.Namespace(**{**vars(arguments), "live": "all", "model": None})
    found = live_side(trace, live, {}, None)
    assert found.model is not None, "a live model is made, or it is an error"
    return Side(model=found.model, judge=_judge(metric), tools=found.tools, price=found.price)


def _judge(name: str) -> "Judge":
    from ...evals.judged import PREFIX
    from ...evals.metrics import metrics

    if name.startswith(PREFIX):
        raise SettingsError(
            f"{name} asks a judge; here the metrics of code are known. In Python:"
            " workings.evals.attribute.attribute with a Side of your own"
        )
    metric = metrics([name])[0]
    return metric.measure
