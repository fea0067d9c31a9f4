"""`workings eval`: asks every case of a gold set, or scores kept runs, and says how good it is.

Knows the arguments and what is told; running is `evals.running`, with `agent.evaluating`.
"""

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import asking, common

if TYPE_CHECKING:
    from ...evals.evaluation import Evaluation
    from ...evals.gold import GoldSet
    from ...evals.judge.metric import Judges
    from ...evals.judged import Chosen
    from ...evals.progress import Progress

_MAKINGS = (
    ("--docs", "docs"), ("--collection", "collection"), ("--home", "home"), ("--model", "model"),
    ("--no-web", "no_web"), ("--deadline", "deadline"), ("-k", "k"), ("--pack", "pack"),
    ("--metric", "metric"), ("--judge", "judge"), ("--votes", "votes"), ("--repeat", "repeat"),
    ("--tag", "tag"), ("--limit", "limit"),
)  # fmt: skip

_USUAL = (("repeat", 1), ("votes", 1))


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "eval",
        "ask every case of a gold set and score the answers, each figure with its interval",
        "workings eval gold.jsonl --docs reports/ --repeat 3 --max-cost 2",
        run,
    )
    parser.add_argument("gold", metavar="GOLD", nargs="?", help="the gold set's file")
    common.add_documents(parser)
    common.add_pack(parser)
    common.add_model(parser)
    parser.add_argument("-k", "--k", type=common.count, metavar="N", help="passages of a search")
    parser.add_argument(
        "--metric", metavar="NAME", action="append", help="what to measure, the primary one first"
    )
    parser.add_argument("--judge", metavar="M", help="model of metrics judge:RUBRIC (as --model)")
    parser.add_argument(
        "--votes", metavar="N", type=common.count, default=1, help="times a judge is asked (1)"
    )
    parser.add_argument(
        "--repeat", metavar="N", type=common.count, default=1, help="ask every case N times"
    )
    parser.add_argument("--jobs", metavar="N", type=common.count, help="cases at once, at most (8)")
    parser.add_argument(
        "--max-cost", metavar="USD", type=common.positive, help="stop before it costs more"
    )
    parser.add_argument(
        "--max-tokens", metavar="N", type=common.count, help="stop before it takes more tokens"
    )
    parser.add_argument("--id", metavar="ID", help="a name for the evaluation (the time)")
    parser.add_argument(
        "--resume", metavar="ID", help="go on with an evaluation; `last` is the newest"
    )
    parser.add_argument(
        "--retry-errors", action="store_true", help="with --resume: ask again what failed"
    )
    parser.add_argument(
        "--traces",
        metavar="DIR|ID",
        nargs="+",
        help="score kept runs at no cost: folders, files or ids of traces, or an evaluation's id",
    )
    parser.add_argument("--limit", metavar="N", type=common.count, help="only the first N cases")
    parser.add_argument(
        "--tag", metavar="T", action="append", help="only cases with this tag (repeatable: any)"
    )
    parser.add_argument("--out", metavar="FILE", help="rows as .jsonl, .csv or .parquet")
    parser.add_argument("--list", action="store_true", help="the evaluations that are kept")


def run(arguments: argparse.Namespace) -> int:
    """Evaluate, tell, and say what to do next."""
    if arguments.list:
        from .evaluate_list import run_list

        return run_list(arguments)
    from ...tools.errors import SettingsError

    if arguments.gold is None:
        raise SettingsError("name a gold set: workings eval GOLD (or --list)")
    if arguments.retry_errors and not arguments.resume:
        raise SettingsError("--retry-errors goes with --resume ID")
    from ...evals.gold import GoldSet
    from ...evals.judged import chosen
    from ...evals.metrics import DEFAULT

    gold = narrowed(GoldSet.load(arguments.gold), arguments)
    judges = _judges(arguments)
    metrics = chosen(arguments.metric or DEFAULT, judges)
    if arguments.out is not None:
        from ...evals.row_files import checked

        checked(arguments.out)
    if arguments.traces:
        from .evaluate_traces import rescored

        found = rescored(gold, metrics, judges, arguments)
    else:
        asked = _asked(gold, metrics, judges, arguments)
        if isinstance(asked, int):
            return asked
        found = asked
    return finish(found, arguments)


def _judges(arguments: argparse.Namespace) -> "Judges | None":
    """The judges of metrics `judge:...`, if there are any. Raises `SettingsError`."""
    from ...evals.judged import PREFIX
    from ...tools.errors import SettingsError
    from ..judging import make_judges

    if not any(name.startswith(PREFIX) for name in arguments.metric or ()):
        if arguments.judge is not None:
            raise SettingsError("--judge goes with a metric it grades: --metric judge:correctness")
        return None
    settings = common.settings_of(arguments)
    return make_judges(arguments.judge, votes=arguments.votes, settings=settings)


def narrowed(gold: "GoldSet", arguments: argparse.Namespace) -> "GoldSet":
    """The cases that were chosen. Raises `GoldError` when there is none."""
    from ...tools.errors import GoldError

    cases = gold.cases
    if arguments.tag:
        wanted = {*arguments.tag}
        cases = tuple(case for case in cases if wanted & {*case.tags})
        if not cases:
            tags = sorted({tag for case in gold.cases for tag in case.tags})
            raise GoldError(
                f"no case has the tag {' or '.join(map(repr, arguments.tag))};"
                f" there are {', '.join(tags) or 'no tags'}"
            )
    return gold.model_copy(update={"cases": cases[: arguments.limit]})


def _asked(
    gold: "GoldSet", metrics: "Chosen", judges: "Judges | None", arguments: argparse.Namespace
) -> "Evaluation | int":
    """The evaluation, or the exit code where it stopped before its end."""
    from ...evals.running import EvaluationStopped
    from ...tools.errors import SettingsError
    from ..evaluating import evaluate, new_id

    home = common.settings_of(arguments).home
    id = _resumed(home, arguments) if arguments.resume else arguments.id or new_id(home)
    if not arguments.resume and (home / "evaluations" / id / "evaluation.json").exists():
        raise SettingsError(
            f"evaluation {id} is there already: go on with it (--resume {id}) or give another --id"
        )
    assistant = asking.open_assistant(arguments)
    asking.hint_documents(assistant)
    try:
        with common.Progress("Asking") as line:
            return evaluate(
                gold,
                assistant,
                id=id,
                metrics=metrics.all,
                repeats=arguments.repeat,
                concurrency=arguments.jobs,
                max_cost_usd=arguments.max_cost,
                max_tokens=arguments.max_tokens,
                progress=_Telling(line, len(gold)),
                retry_errors=arguments.retry_errors,
                settings=judges.settings(metrics.names) if judges is not None else None,
                gold_name=Path(arguments.gold).name,
            )
    except EvaluationStopped as stopped:
        show(stopped.evaluation, arguments)
        common.complain(str(stopped))
        common.note(f"go on with: {again(id, arguments)}")
        return common.STOPPED
    except KeyboardInterrupt:
        common.note(f"go on with: {again(id, arguments)}")
        raise


def _resumed(home: Path, arguments: argparse.Namespace) -> str:
    from ...tools.errors import SettingsError
    from .compare import folder_of

    if arguments.id is not None and arguments.id != arguments.resume:
        raise SettingsError("give either --id or --resume")
    return folder_of(home / "evaluations", arguments.resume).name


class _Telling:
    """What is told while it runs: first, when nothing is refused any more, what it can show."""

    def __init__(self, line: common.Progress, cases: int):
        self._line = line
        self._cases = cases

    def __call__(self, now: "Progress") -> None:
        from ...evals.stats import detectable_line
        from ..render_eval import progress_line

        if self._cases:
            common.note(detectable_line(self._cases))
            self._cases = 0
        self._line.say(progress_line(now))


def again(id: str, arguments: argparse.Namespace) -> str:
    """The command that goes on with an evaluation: what it is made of, without the ceilings."""
    given = vars(arguments)
    words = ["workings", "eval", arguments.gold]
    for flag, name in _MAKINGS:
        value = given.get(name)
        if value is True:
            words.append(flag)
        elif value and (name, value) not in _USUAL:
            for item in value if isinstance(value, list) else [value]:
                words += [flag, f"{item:g}" if isinstance(item, float) else str(item)]
    return shlex.join([*words, "--resume", id])


def finish(found: "Evaluation", arguments: argparse.Namespace) -> int:
    """Write the rows, show the table, say what may be next; the exit code."""
    home = common.settings_of(arguments).home / "evaluations"
    if arguments.out is not None:
        from ...evals.row_files import write_rows

        write_rows(found, arguments.out)
    show(found, arguments)
    if not arguments.json:
        common.note(f"look closer: workings report {found.id}")
        common.note(f"compare it: workings compare {_before(found, home)} {found.id}")
    failed = all(row.error is not None for row in found.rows)
    if failed:
        common.complain("every case ended in an error; see above, or --out rows.csv")
    return common.STOPPED if failed else common.DONE


def _before(found: "Evaluation", home: Path) -> str:
    """The newest other evaluation of the same cases, as the baseline that is likely meant."""
    from ...evals.evaluation import Evaluation
    from ...tools.errors import GoldError

    others = []
    for path in home.glob("*/evaluation.json"):
        try:
            head = Evaluation.load(path.parent, rows=False)
        except GoldError:
            continue
        if head.gold_hash == found.gold_hash and head.id != found.id:
            others.append((head.created, head.id))
    return max(others)[1] if others else "BASELINE"


def show(found: "Evaluation", arguments: argparse.Namespace) -> None:
    """The figures, as JSON or as a table."""
    from ...evals.summary import summary

    figures = summary(found)
    if arguments.json:
        facts: dict[str, Any] = figures.model_dump(mode="json")
        facts["metrics"] = [
            {**{k: v for k, v in metric.items() if k != "estimate"}, **metric["estimate"]}
            for metric in facts["metrics"]
        ]
        common.print_json(facts)
        return
    from ..render_eval import evaluation_view

    common.show(evaluation_view(figures, found.rows))
