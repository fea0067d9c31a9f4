"""`workings judge`: hold a judge against people's labels, compare answers, replay its verdicts.

Knows the arguments and what is told; judging is `evals.judge`, with `agent.judging`.
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..wording import plural
from . import common

if TYPE_CHECKING:
    from ...evals.evaluation import Evaluation
    from ...evals.gold import GoldSet
    from ...evals.judge.judge import Judge


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "judge",
        "calibrate a judge with labels of people; compare answers in both orders; replay verdicts",
        "workings judge calibrate labels.jsonl --evaluation baseline --gold gold.jsonl"
        " --model openai:NAME",
        run_list,
    )
    action = common.actions(parser, "judge")
    calibrating = action(
        "calibrate",
        "agreement with labels, kept for the gate",
        "labels.jsonl --evaluation baseline --gold gold.jsonl --model openai:NAME",
        run_calibrate,
    )
    calibrating.add_argument("labels", metavar="LABELS", help="labels of people, .jsonl")
    calibrating.add_argument(
        "--evaluation", metavar="ID", required=True, help="whose answers were labelled"
    )
    _add_judge(calibrating, "correctness")
    preferring = action(
        "prefer",
        "which of two evaluations answers better",
        "baseline candidate --gold gold.jsonl --model openai:NAME",
        run_prefer,
    )
    preferring.add_argument("a", metavar="A", help="the baseline: an evaluation's folder or id")
    preferring.add_argument("b", metavar="B", help="the candidate")
    preferring.add_argument("--limit", metavar="N", type=common.count, help="the first N cases")
    _add_judge(preferring, "preference")
    action("list", "the calibrations that are kept", "", run_list)
    action("rubrics", "the rubrics there are", "", run_rubrics)
    replaying = action("replay", "a recorded verdict again, offline", "TRACE", run_replay)
    replaying.add_argument("trace", metavar="TRACE", help="its id, or a file")


def _add_judge(parser: argparse.ArgumentParser, rubric: str) -> None:
    parser.add_argument("--gold", metavar="GOLD", required=True, help="the gold set's file")
    parser.add_argument("--rubric", metavar="R", default=rubric, help=f"a name or .toml ({rubric})")
    parser.add_argument("--model", metavar="M", help="the judge: openai:NAME or compatible:NAME")
    parser.add_argument(
        "--votes", metavar="N", type=common.count, default=1, help="times it is asked (1)"
    )
    parser.add_argument("--jobs", metavar="N", type=common.count, default=4, help="at once (4)")


def run_calibrate(arguments: argparse.Namespace) -> int:
    """Judge what was labelled, hold it against the labels, keep the result."""
    from ...evals.judge.calibration import calibrate
    from ...evals.judge.gate import judge_of
    from ...evals.judge.metric import judge_rows, setup_of
    from ...evals.labels import agreed, current, load_labels, passes
    from ...tools.errors import GoldError
    from ..background import wait_for
    from ..judging import answer_of, calibrations

    home = common.settings_of(arguments).home
    labels = load_labels(arguments.labels)
    if not labels:
        raise GoldError(f"{arguments.labels}: holds no label (workings gold grade makes them)")
    evaluation, gold = _evaluation(home, arguments.evaluation), _gold(arguments)
    judge = _judge(arguments)
    labels, stale = current(labels, {row.key: row.trace for row in evaluation.rows})
    if stale:
        common.note(f"left out: {stale} labels of other runs than those of {evaluation.id}")
    wanted, disputed = agreed(labels)
    known = {case.id for case in gold.cases}
    if wanted and not any(case in known for case, _ in wanted):
        raise GoldError(f"none of the {len(wanted)} labelled cases is in {arguments.gold}")
    setup = setup_of(judge)
    with common.Progress("Judging") as line:
        found = wait_for(
            judge_rows(
                evaluation,
                gold,
                [judge],
                lambda row: answer_of(row, home, evaluation.id),
                wanted=lambda row: row.key in wanted,
                concurrency=arguments.jobs,
                progress=lambda done, total: line.say(f"Judging: {done} of {total}"),
            )
        )
    calibration = calibrate(
        {row.key: row.value(setup.metric) for row in found.rows if row.key in wanted},
        labels,
        setup,
        evaluation=evaluation.id,
        source=Path(arguments.labels).name,
        created=common.now(),
    )
    calibrations(home).add(calibration)
    corrected = None
    given = judge_of(evaluation.settings, setup.metric)
    if given is not None and given.setup == setup.setup:
        # what the same judge said of the whole evaluation is what the correction is of
        every = [v for v in (row.value(setup.metric) for row in evaluation.rows) if v is not None]
        corrected = calibration.corrected(sum(map(passes, every)), len(every))
    objection = calibration.objection()
    if arguments.json:
        common.print_json(
            {
                **calibration.model_dump(mode="json"),
                "corrected": None if corrected is None else corrected.model_dump(mode="json"),
                "objection": objection,
            }
        )
        return common.DONE
    from ..render_judge import calibration_view

    common.show(calibration_view(calibration, corrected))
    if disputed:
        common.note(f"left out: {len(disputed)} answers on which people disagree")
    common.note(
        f"a gate will refuse this judge: {objection}"
        if objection
        else "a gate will take this judge; another rubric, model or sampling is another judge"
    )
    return common.DONE


def run_prefer(arguments: argparse.Namespace) -> int:
    """Ask, case by case, which of two answers is better, in both orders."""
    from ...evals.estimate import wilson
    from ...evals.judge.bias import length_bias, position_bias
    from ...evals.judge.pairs import prefer_rows
    from ...tools.errors import GoldError
    from ..background import wait_for
    from ..judging import answer_of

    home = common.settings_of(arguments).home
    a, b = _evaluation(home, arguments.a), _evaluation(home, arguments.b)
    gold, judge = _gold(arguments), _judge(arguments)
    with common.Progress("Comparing") as line:
        found = wait_for(
            prefer_rows(
                a,
                b,
                gold,
                judge,
                lambda row, of: answer_of(row, home, of.id),
                limit=arguments.limit,
                concurrency=arguments.jobs,
                progress=lambda done, total: line.say(f"Comparing: {done} of {total}"),
            )
        )
    if not found:
        raise GoldError(f"{a.id} and {b.id} have no answered case of {arguments.gold} in common")
    pairs = list(found.values())
    scored = [pair for pair in pairs if pair.winner is not None]
    wins = {
        name: wilson(sum(pair.winner == kind for pair in scored), len(scored))
        for name, kind in ((f"{b.id} wins", "other"), (f"{a.id} wins", "answer"), ("ties", "tie"))
    }
    position, length = position_bias(pairs), length_bias(pairs)
    if arguments.json:
        for case, pair in found.items():
            common.print_json({"case": case, **pair.model_dump(mode="json")})
        facts: dict[str, Any] = {name: one.model_dump(mode="json") for name, one in wins.items()}
        facts["position"] = position.model_dump(mode="json")
        facts["length"] = length.model_dump(mode="json")
        common.print_json({"cases": len(pairs), "unscored": len(pairs) - len(scored), **facts})
        return common.DONE
    from ..render_judge import preferences_view

    common.show(preferences_view(wins, position, length, found))
    return common.DONE


def run_list(arguments: argparse.Namespace) -> int:
    """The calibrations, the oldest first."""
    from ..judging import calibrations

    kept = calibrations(common.settings_of(arguments).home).all
    if arguments.json:
        for one in kept:
            common.print_json({**one.model_dump(mode="json"), "objection": one.objection()})
        return common.DONE
    from ..render_judge import calibrations_view

    common.show(calibrations_view(kept))
    return common.DONE


def run_rubrics(arguments: argparse.Namespace) -> int:
    """The rubrics that Workings brings, each with its hash."""
    from ...evals.judge.rubric import Rubric, names

    rubrics = [Rubric.load(name) for name in names()]
    if arguments.json:
        for rubric in rubrics:
            common.print_json({**rubric.model_dump(mode="json"), "hash": rubric.hash})
        return common.DONE
    from ..render_judge import rubrics_view

    common.show(rubrics_view(rubrics))
    return common.DONE


def run_replay(arguments: argparse.Namespace) -> int:
    """A verdict worked out again from its record; exit 1 where it is another."""
    from ...evals.judge.replaying import recorded_answer, replay_judgement
    from ...graphs.trace import Trace
    from ...tools.errors import TraceError
    from ..background import wait_for
    from ..judging import judge_traces

    store = judge_traces(common.settings_of(arguments).home)
    try:
        path = store.find(arguments.trace)
    except TraceError:
        raise TraceError(
            f"{arguments.trace!r:.200} is no run of a judge in {store.folder}: a verdict's reason"
            " names its trace (workings eval --out rows.jsonl)"
        ) from None
    trace = Trace.load(path)
    found = wait_for(replay_judgement(trace))
    same = recorded_answer(trace) == (found.outcome, found.reason)
    if arguments.json:
        common.print_json({**found.model_dump(mode="json"), "same": same})
    else:
        said = "the same verdict as" if same else "another verdict than"
        common.note(found.reason)
        common.note(f"{plural(len(trace.steps), 'recorded call')}: {said} was recorded")
    return common.DONE if same else common.NO


def _judge(arguments: argparse.Namespace) -> "Judge":
    from ..judging import make_judge

    settings = common.settings_of(arguments)
    return make_judge(arguments.rubric, votes=arguments.votes, settings=settings)


def _gold(arguments: argparse.Namespace) -> "GoldSet":
    from ...evals.gold import GoldSet

    return GoldSet.load(arguments.gold)


def _evaluation(home: Path, name: str) -> "Evaluation":
    from ...evals.evaluation import Evaluation
    from .compare import folder_of

    return Evaluation.load(folder_of(home / "evaluations", name))
