"""What `workings replay` prints: a view of each run, the counts, JSON lines, a JUnit report.

Knows layout and formats; knows nothing of how a replay is made.
"""

import argparse
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools.errors import SettingsError
from . import common

if TYPE_CHECKING:
    from ...evals.gold import GoldSet
    from .replay_all import Outcome


def report(
    outcomes: "list[Outcome]",
    gold: "GoldSet | None",
    took: float,
    arguments: argparse.Namespace,
) -> dict[str, Any]:
    """Print it all as it was asked for; the summary."""
    summary = _summary(outcomes, gold, took)
    if arguments.json:
        _print_json(outcomes, summary)
    else:
        _print(outcomes, summary, offline=arguments.live is None)
    if arguments.junit is not None:
        _write_junit(Path(arguments.junit), outcomes)
    return summary


def _summary(outcomes: "list[Outcome]", gold: "GoldSet | None", took: float) -> dict[str, Any]:
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


def _print_json(outcomes: "Iterable[Outcome]", summary: dict[str, Any]) -> None:
    for outcome in outcomes:
        replay = outcome.replay
        for divergence in (*replay.divergences, *replay.warnings):
            common.print_json(divergence.model_dump(mode="json"))
        if replay.reuse is not None or replay.recorded is not None:
            common.print_json(
                {
                    "trace": replay.trace,
                    "recorded": replay.recorded,
                    "stopped": replay.stopped,
                    "reuse": None if replay.reuse is None else replay.reuse.model_dump(mode="json"),
                    "answer": None if replay.answer is None else replay.answer.to_json(),
                }
            )
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


def _print(outcomes: "list[Outcome]", summary: dict[str, Any], offline: bool) -> None:
    from ...evals.estimate import wilson
    from ..render_runs import graded_line, replay_view
    from ..wording import plural, seconds

    for outcome in outcomes:
        graded = outcome.graded
        same = outcome.replay.status == "identical" and outcome.replay.reuse is None
        quiet = same and (graded is None or graded.right)
        if quiet and len(outcomes) > 1:
            continue
        common.show(replay_view(outcome.replay, outcome.question))
        if graded is not None:
            common.show(graded_line(graded.case.id, graded.verdicts, graded.lost))
    statuses = ("identical", "benign", "behavioural", "broken")
    told = ", ".join(f"{summary[name]} {name}" for name in statuses if summary[name])
    how = ", offline" if offline else ""
    print(f"{plural(summary['traces'], 'trace')}: {told}  ({seconds(summary['seconds'])}{how})")
    found = summary.get("gold")
    if found is not None:
        print(
            f"gold: right {found['right']} of {found['graded']},"
            f" {wilson(found['right'], found['graded'])}; lost {found['lost']};"
            f" {plural(found['without_case'], 'trace')} without a case,"
            f" {plural(found['without_trace'], 'case')} without a trace"
        )


def _write_junit(path: Path, outcomes: "list[Outcome]") -> None:
    from ..wording import visible

    failed = sum(map(_failed, outcomes))
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
        if _failed(outcome):
            first = next(iter(outcome.replay.divergences), None)
            message = visible(str(first)) if first is not None else "a gold case was lost"
            failure = ElementTree.SubElement(case, "failure", message=message.split("\n")[0])
            failure.text = message
    try:
        ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}") from None


def _failed(outcome: "Outcome") -> bool:
    return not outcome.replay.ok or (outcome.graded is not None and outcome.graded.lost)
