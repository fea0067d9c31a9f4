"""`workings replay`: recorded runs again, offline, through today's code."""

import argparse
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools.errors import SettingsError, TraceError
from . import common
from .trace import resolve, store_of

if TYPE_CHECKING:
    from ...evals.checks import Verdict
    from ...evals.gold import GoldCase, GoldSet
    from ...evals.replay import Replay
    from ...graphs.trace import Trace


@dataclass(frozen=True)
class Graded:
    """What a gold case says of a run: of the recorded answer and of today's."""

    case: "GoldCase"
    verdicts: "tuple[Verdict, ...]"
    right: bool
    was_right: bool

    @property
    def lost(self) -> bool:
        """It was right when it was recorded and is not today."""
        return self.was_right and not self.right


@dataclass(frozen=True)
class Outcome:
    """A replay, the question of the run (None where the record is broken), and its grade."""

    replay: "Replay"
    question: str | None
    graded: Graded | None


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "replay",
        "run recorded runs again, offline, and say what differs",
        "workings replay --all .workings/traces --gold gold.jsonl",
        run,
    )
    parser.add_argument("traces", metavar="TRACE", nargs="*", help="ids, paths, or `last`")
    parser.add_argument(
        "--all", metavar="DIR", nargs="?", const="", help="every trace of a folder (of the home)"
    )
    parser.add_argument(
        "--gold", metavar="FILE", help="grade the answers: .jsonl or .csv of expected ones"
    )
    parser.add_argument("--junit", metavar="FILE", help="write a JUnit report")


def run(arguments: argparse.Namespace) -> int:
    """Replay, grade, and tell."""
    if bool(arguments.traces) == (arguments.all is not None):
        raise SettingsError("name traces (as in `workings replay last`), or give --all [DIR]")
    gold = None
    if arguments.gold is not None:
        from ...evals.gold import GoldSet

        gold = GoldSet.load(arguments.gold)
    paths = _paths(arguments)
    began = time.monotonic()
    outcomes = []
    with common.Progress("Replaying") as progress:
        for done, path in enumerate(paths, 1):
            outcomes.append(replay_one(path, gold))
            progress.count(done, len(paths), path.stem)
    summary = _summary(outcomes, gold, time.monotonic() - began)
    if arguments.junit is not None:
        _write_junit(Path(arguments.junit), outcomes)
    if arguments.json:
        _print_json(outcomes, summary)
    else:
        _print(outcomes, summary)
    if summary["broken"] and arguments.all is None:
        return common.BAD_INPUT
    lost = summary["gold"]["lost"] if gold is not None else 0
    wrong = summary["behavioural"] or summary["broken"] or lost
    return common.NO if wrong else common.DONE


def replay_one(path: Path, gold: "GoldSet | None") -> Outcome:
    """Replay one trace file and grade its answer where the gold set has its question."""
    from ...evals.gold import plain_question
    from ...evals.replay import replay
    from ...graphs.trace import Trace

    try:
        trace = Trace.load(path)
    except TraceError:
        # The replay of a file that cannot be read says why.
        return Outcome(replay(path), None, None)
    outcome = replay(trace)
    case = None if gold is None else gold.by_question().get(plain_question(trace.question))
    graded = None if case is None else _grade(case, trace, outcome)
    return Outcome(outcome, trace.question, graded)


def _grade(case: "GoldCase", trace: "Trace", outcome: "Replay") -> Graded:
    from ...evals.checks import Verdict, grade, value_of

    was_right = False
    if trace.answer is not None:
        recorded = grade(case, trace.answer.with_trace(trace))
        was_right = value_of(recorded, "correct") == 1.0
    if outcome.answer is None:
        verdicts: tuple[Verdict, ...] = (
            Verdict(metric="correct", value=0.0, reason="the replay came to no answer"),
        )
    else:
        verdicts = grade(case, outcome.answer)
    return Graded(case, verdicts, value_of(verdicts, "correct") == 1.0, was_right)


def _paths(arguments: argparse.Namespace) -> list[Path]:
    store = store_of(arguments)
    if arguments.all is None:
        return [store.find(resolve(store, name)) for name in arguments.traces]
    folder = Path(arguments.all) if arguments.all else store.folder
    if not folder.is_dir():
        raise TraceError(f"{folder} is not a folder of traces", folder)
    paths = sorted(path for path in folder.glob("*.jsonl") if path.is_file())
    if not paths:
        raise TraceError(f"{folder} holds no trace (a file that ends in .jsonl)", folder)
    return paths


def _summary(outcomes: list[Outcome], gold: "GoldSet | None", took: float) -> dict[str, Any]:
    counts = Counter(outcome.replay.status for outcome in outcomes)
    summary: dict[str, Any] = {"traces": len(outcomes)}
    for status in ("identical", "benign", "behavioural", "broken"):
        summary[status] = counts[status]
    summary["seconds"] = round(took, 3)
    if gold is not None:
        graded = [outcome.graded for outcome in outcomes if outcome.graded is not None]
        asked = {item.case.id for item in graded}
        summary["gold"] = {
            "graded": len(graded),
            "right": sum(item.right for item in graded),
            "lost": sum(item.lost for item in graded),
            "without_case": len(outcomes) - len(graded),
            "without_trace": sum(case.id not in asked for case in gold.cases),
        }
    return summary


def _print_json(outcomes: Iterable[Outcome], summary: dict[str, Any]) -> None:
    for outcome in outcomes:
        for divergence in outcome.replay.divergences:
            common.print_json(divergence.model_dump(mode="json"))
        graded = outcome.graded
        if graded is not None:
            common.print_json(
                {
                    "trace": outcome.replay.trace,
                    "case": graded.case.id,
                    "right": graded.right,
                    "was_right": graded.was_right,
                    "verdicts": [verdict.model_dump() for verdict in graded.verdicts],
                }
            )
    common.print_json(summary)


def _print(outcomes: list[Outcome], summary: dict[str, Any]) -> None:
    from ...evals.estimate import wilson
    from ..render_runs import graded_line, replay_view
    from ..wording import plural, seconds

    for outcome in outcomes:
        graded = outcome.graded
        quiet = outcome.replay.status == "identical" and (graded is None or graded.right)
        if quiet and len(outcomes) > 1:
            continue
        common.show(replay_view(outcome.replay, outcome.question))
        if graded is not None:
            common.show(graded_line(graded.case.id, graded.verdicts, graded.lost))
    statuses = ("identical", "benign", "behavioural", "broken")
    told = ", ".join(f"{summary[name]} {name}" for name in statuses if summary[name])
    print(f"{plural(summary['traces'], 'trace')}: {told}  ({seconds(summary['seconds'])}, offline)")
    found = summary.get("gold")
    if found is not None:
        print(
            f"gold: right {found['right']} of {found['graded']},"
            f" {wilson(found['right'], found['graded'])}; lost {found['lost']};"
            f" {plural(found['without_case'], 'trace')} without a case,"
            f" {plural(found['without_trace'], 'case')} without a trace"
        )


def _write_junit(path: Path, outcomes: list[Outcome]) -> None:
    from ..wording import visible

    failed = sum(not outcome.replay.ok for outcome in outcomes)
    suite = ElementTree.Element(
        "testsuite", name="workings replay", tests=str(len(outcomes)), failures=str(failed)
    )
    for outcome in outcomes:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname="workings.replay",
            name=visible(outcome.replay.trace),
            time=f"{outcome.replay.seconds:.3f}",
        )
        lost = outcome.graded is not None and outcome.graded.lost
        if not outcome.replay.ok or lost:
            first = next(iter(outcome.replay.divergences), None)
            message = visible(str(first)) if first is not None else "a gold case was lost"
            failure = ElementTree.SubElement(case, "failure", message=message.split("\n")[0])
            failure.text = message
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
