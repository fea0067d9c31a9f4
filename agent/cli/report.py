"""`workings report`: an evaluation as a page, as Markdown, as JUnit, or in the terminal.

Knows where evaluations are kept and what is written where; the report is `evals.report`.
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import common, compare

if TYPE_CHECKING:
    from ...evals.divergence import Divergence
    from ...evals.evaluation import Evaluation
    from ...evals.gold import GoldSet
    from ...evals.report import Report


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "report",
        "show an evaluation: figures, failure patterns, cases; as one HTML page, Markdown or JUnit",
        "workings report last --gold gold.jsonl --against baseline --html report.html",
        run,
    )
    parser.add_argument(
        "evaluation", metavar="EVALUATION", help="its folder or id; `last` is the newest"
    )
    parser.add_argument("--gold", metavar="FILE", help="the gold set: expected answers and pages")
    parser.add_argument("--against", metavar="ID", help="the baseline to compare it with")
    parser.add_argument(
        "--margin",
        metavar="M",
        type=compare.margin,
        default=0.05,
        help="with --against: differences within it do not matter (0.05)",
    )
    compare.add_by(parser)
    parser.add_argument(
        "--html", metavar="FILE", help="write one page that needs nothing else (- is stdout)"
    )
    parser.add_argument("--markdown", metavar="FILE", help="write it for a pull request")
    parser.add_argument("--junit", metavar="FILE", help="write a test for each case")
    parser.add_argument(
        "--labels", metavar="FILE", help="labels of people: how far the judge agrees with them"
    )
    parser.add_argument("--judge", metavar="METRIC", help="with --labels: which metric is held")
    parser.add_argument(
        "--divergences",
        metavar="FILE",
        help="what `workings replay --all DIR --json` printed: shown with each case",
    )


def run(arguments: argparse.Namespace) -> int:
    """Build the report, write what was asked for, show it."""
    from ...evals.flakes import Flakes
    from ...evals.labels import load_labels
    from ...evals.report import build, html_page, junit, markdown
    from ...tools.errors import GoldError

    home = common.settings_of(arguments).home / "evaluations"
    evaluation, gold = loaded(home, arguments.evaluation, arguments.gold)
    if arguments.judge is not None and arguments.judge not in evaluation.metrics:
        raise GoldError(
            f"--judge {arguments.judge!r:.80} is no metric of {evaluation.id}:"
            f" {', '.join(evaluation.metrics)}"
        )
    if arguments.judge is not None and arguments.labels is None:
        raise GoldError("--judge goes with the labels it is held against: --labels FILE")
    against = loaded(home, arguments.against, None)[0] if arguments.against else None
    with common.Progress("Reporting"):
        report = build(
            evaluation,
            gold,
            against=against,
            margin=arguments.margin,
            by=arguments.by,
            quarantined=dict(Flakes(home).quarantined),
            labels=load_labels(arguments.labels) if arguments.labels else (),
            judge=arguments.judge or "",
            divergences=_divergences(arguments.divergences) if arguments.divergences else None,
        )
    if arguments.labels and report.calibration is None:
        common.note(f"{arguments.labels}: no answer of {evaluation.id} is both labelled and judged")
    targets = (arguments.html, arguments.markdown, arguments.junit)
    if arguments.html is not None:
        _write(arguments.html, html_page(report))
    if arguments.markdown is not None:
        _write(arguments.markdown, markdown(report))
    if arguments.junit is not None:
        _write(arguments.junit, junit(evaluation))
    if arguments.json:
        common.print_json(document(report))
    elif "-" not in targets:
        from ..render_report import report_view

        common.show(report_view(report))
    return common.DONE


def loaded(home: Path, name: str, gold: str | None) -> "tuple[Evaluation, GoldSet | None]":
    """An evaluation by name, and its gold set where that is given; another one is told."""
    from ...evals.evaluation import Evaluation
    from ...evals.gold import GoldSet
    from ...evals.scoring import hash_of

    evaluation = Evaluation.load(compare.folder_of(home, name))
    if gold is None:
        return evaluation, None
    cases = GoldSet.load(gold)
    asked = {row.case for row in evaluation.rows}  # a part of it, where --limit or --tag chose
    part = GoldSet(cases=tuple(case for case in cases.cases if case.id in asked))
    if evaluation.gold_hash not in ("", hash_of(cases), hash_of(part)):
        common.note(
            f"{Path(gold).name} is not, or no longer, the gold set of {evaluation.id}: cases with"
            " the same id are taken for the same"
        )
    return evaluation, cases


def document(report: "Report") -> dict[str, Any]:
    """The report as `--json` prints it: cases by id, without their texts."""
    facts = report.model_dump(mode="json", exclude={"views", "seconds"})
    facts["cases"] = [
        {
            "case": view.row.case,
            "repeat": view.row.repeat,
            "outcome": view.outcome,
            "value": view.value,
            "reason": view.reason,
            "rank": view.rank,
            "flip": view.flip,
            "trace": view.row.trace,
        }
        for view in report.views
    ]
    return facts


def _divergences(path: str) -> "dict[str, list[Divergence]]":
    """Divergences by trace, from lines of JSON; other lines are of something else."""
    from pydantic import ValidationError

    from ...evals.divergence import Divergence
    from ...tools.errors import SettingsError

    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"--divergences {path}: cannot be read ({error})") from None
    found: dict[str, list[Divergence]] = {}
    for number, line in enumerate(lines, 1):
        try:
            facts = json.loads(line) if line.strip() else None
        except (json.JSONDecodeError, RecursionError):
            raise SettingsError(
                f"--divergences {path} line {number}: not JSON; expected what"
                " `workings replay --all DIR --json` prints"
            ) from None
        if isinstance(facts, dict) and "kind" in facts and "severity" in facts:
            try:
                item = Divergence.model_validate_json(line)
            except ValidationError:
                continue  # a line of another kind
            found.setdefault(item.trace, []).append(item)
    return found


def _write(target: str, text: str) -> None:
    """To a file, or to stdout where that is `-`. Raises `SettingsError`."""
    from ...tools.errors import SettingsError

    if target == "-":
        print(text, end="")
        return
    path = Path(target)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from None
    common.note(f"wrote {path}")
