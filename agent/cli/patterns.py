"""`workings patterns`: where the failures of an evaluation gather, and whether that is chance.

Knows the arguments, and which runs a suspicion is tried on; the statistics are `evals.patterns`.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from . import common, sides

if TYPE_CHECKING:
    from ...evals.counterfactual import Counterfactual
    from ...evals.evaluation import Evaluation, Row
    from ...evals.gold import GoldCase, GoldSet

_OF = {"negate": "negation in the question", "year": "a year in the question"}


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "patterns",
        "find where the failures of an evaluation gather: negation, years, documents, ranks, ...",
        "workings patterns last --gold gold.jsonl --confirm negate",
        run,
    )
    parser.add_argument(
        "evaluation", metavar="EVALUATION", help="its folder or id; `last` is the newest"
    )
    parser.add_argument("--gold", metavar="FILE", help="the gold set: expected pages and refusals")
    parser.add_argument("--metric", metavar="NAME", help="whose failures (the primary one)")
    parser.add_argument(
        "--confirm",
        metavar="WHAT",
        choices=("first", "negate", "year"),
        help="try a suspicion by running cases again with the model live: the right passage"
        " `first` and last, the question `negate`d, or with another `year`",
    )
    sides.add_live(parser)


def run(arguments: argparse.Namespace) -> int:
    """Find, try, tell."""
    from ...evals.patterns import patterns
    from ...tools.errors import SettingsError
    from .report import loaded

    if arguments.confirm and arguments.gold is None:
        raise SettingsError("--confirm needs the gold set: --gold FILE")
    home = common.settings_of(arguments).home
    evaluation, gold = loaded(home / "evaluations", arguments.evaluation, arguments.gold)
    found = patterns(evaluation, gold, metric=arguments.metric)
    tried = None
    if arguments.confirm:
        assert gold is not None
        tried = _tried(home, evaluation, gold, found.metric, arguments)
    if arguments.json:
        confirmed = {} if tried is None else {"confirm": tried.model_dump(mode="json")}
        common.print_json({**found.model_dump(mode="json"), **confirmed})
        return common.DONE
    from ..render_report import counterfactual_view, patterns_view

    common.show(patterns_view(found))
    if tried is not None:
        common.show(counterfactual_view(tried))
    return common.DONE


def _tried(
    home: Path,
    evaluation: "Evaluation",
    gold: "GoldSet",
    metric: str,
    arguments: argparse.Namespace,
) -> "Counterfactual":
    """The suspicion, tried on the cases it is about; those that fail come first."""
    from ...evals.counterfactual import counterfactual
    from ...tools.errors import GoldError
    from ..background import wait_for

    cases = {case.id: case for case in gold.cases}
    wanted = [
        row
        for row in evaluation.rows
        if row.repeat == 0 and row.case in cases and _about(arguments.confirm, row, cases[row.case])
    ]
    wanted.sort(key=lambda row: row.value(metric) or 0.0)
    runs = []
    for row in wanted[: arguments.most]:
        trace = sides.trace_of(home, evaluation, row)
        if trace is not None:
            runs.append((cases[row.case], trace))
    if not runs:
        raise GoldError(
            f"--confirm {arguments.confirm}: it is about {len(wanted)} cases, and the traces of"
            " their runs are not kept"
            if wanted
            else f"--confirm {arguments.confirm}: no case of the evaluation is of its kind"
        )
    side = sides.side_of(runs[0][1], arguments, metric, evaluation)
    with common.Progress(f"Running {len(runs)} cases again"):
        return wait_for(counterfactual(arguments.confirm, runs, side))


def _about(confirm: str, row: "Row", case: "GoldCase") -> bool:
    from ...evals.slices import QUESTION, gold_rank

    if confirm == "first":
        return bool(gold_rank(row, case)) and len(row.retrieved) > 1
    one = next(item for item in QUESTION if item.name == _OF[confirm])
    return one.holds(row, case) is True
