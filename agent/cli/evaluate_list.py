"""`workings eval --list`: the evaluations that are kept, complete or not."""

import argparse

from . import common


def run_list(arguments: argparse.Namespace) -> int:
    """One line each, the oldest first; one that cannot be read is told."""
    from ...evals.evaluation import Evaluation
    from ...evals.summary import summary
    from ...tools.errors import GoldError

    found: list[Evaluation] = []
    folder = common.settings_of(arguments).home / "evaluations"
    for path in sorted(folder.glob("*/evaluation.json")):
        try:
            evaluation = Evaluation.load(path.parent)
        except GoldError as error:
            common.note(f"left out {path.parent.name}: {error}")
            continue
        # only the first metric is shown: an interval of each takes its time
        found.append(evaluation.model_copy(update={"metrics": evaluation.metrics[:1]}))
    found.sort(key=lambda one: (one.created, one.id))
    listed = [(one, summary(one)) for one in found]
    if arguments.json:
        for one, figures in listed:
            first = figures.metrics[0] if figures.metrics else None
            common.print_json(
                {
                    "id": one.id,
                    "created": one.created,
                    "gold": one.gold,
                    "model": one.model,
                    "cases": figures.cases,
                    "repeats": figures.repeats,
                    "rows": figures.rows,
                    "complete": figures.complete,
                    "errors": figures.errors,
                    "metric": None if first is None else first.metric,
                    **({} if first is None else first.estimate.model_dump(mode="json")),
                }
            )
        return common.DONE
    from ..render_eval import evaluations_view

    common.show(evaluations_view(listed))
    return common.DONE
