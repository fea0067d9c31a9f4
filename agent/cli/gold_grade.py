"""`workings gold grade`: label answers by hand, on a terminal or from a pipe.

Labels are only ever added to a file, with who and when; what is labelled is not asked again. A
judge is held against them with `workings judge calibrate`.
"""

import argparse
import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from . import common
from .walking import walk

if TYPE_CHECKING:
    from ...evals.gold import GoldSet
    from ..grading import Grading, ToGrade


def add(action: Callable[..., argparse.ArgumentParser]) -> None:
    """The arguments."""
    parser = action(
        "grade",
        "label answers by hand: right, wrong or unsure",
        "baseline --gold gold.jsonl",
        run,
    )
    parser.add_argument(
        "names", metavar="EVALUATION|TRACE", nargs="+", help="an evaluation; traces or folders"
    )
    parser.add_argument("--gold", metavar="FILE", help="the set, to show what is expected")
    parser.add_argument("--labels", metavar="FILE", help="where labels are kept, .jsonl")
    parser.add_argument("--who", metavar="NAME", help="who labels (your name on this machine)")


def run(arguments: argparse.Namespace) -> int:
    """Show answer after answer and keep what is said of each."""
    from ...evals.gold import GoldSet
    from ...evals.labels import load_labels
    from ...tools.errors import SettingsError
    from ..grading import Grading

    gold = None if arguments.gold is None else GoldSet.load(arguments.gold)
    items, default = _items(arguments, gold)
    path = default if arguments.labels is None else Path(arguments.labels)
    try:
        who = arguments.who or getpass.getuser()
    except (KeyError, OSError):
        raise SettingsError("who labels is not known here: give --who NAME") from None

    said = load_labels(path) if path.exists() else ()
    grading = Grading(items, said, path, who, common.now)
    before = grading.open
    code = _walk(grading)
    facts = {"labels": str(path), "who": who, "labelled": before - grading.open,
             "left": grading.open}  # fmt: skip
    if arguments.json:
        common.print_json(facts)
    else:
        common.note(f"{facts['labelled']} labelled, {facts['left']} left; labels are in {path}")
    return code


def _walk(grading: "Grading") -> int:
    from ..grading import HELP

    show = common.show if sys.stdin.isatty() else _show_aside
    common.note(HELP)
    show(grading.here())
    return walk("grade> ", HELP, grading.do, show)


def _show_aside(view: object) -> None:
    """On stderr, so that stdout of a pipe has the result alone."""
    common.console(stderr=True).print(view)


def _items(arguments: argparse.Namespace, gold: "GoldSet | None") -> tuple[list["ToGrade"], Path]:
    """The answers, and where their labels are kept unless another file is named."""
    from ...evals.evaluation import Evaluation
    from ...tools.errors import GoldError
    from ..grading import ToGrade
    from ..judging import answer_in

    home = common.settings_of(arguments).home
    cases = {case.id: case for case in gold.cases} if gold is not None else {}
    first = arguments.names[0]
    for folder in (Path(first), home / "evaluations" / first):
        if len(arguments.names) > 1 or not (folder / "evaluation.json").is_file():
            continue
        found = Evaluation.load(folder)
        stores = (home / "traces", folder / "traces")
        items = [
            ToGrade(row.key, answer_in(row, stores), row.trace, cases.get(row.case))
            for row in found.rows
            if row.error is None
        ]
        if not items:
            raise GoldError(f"{folder}: no case was answered, so there is nothing to label")
        return items, folder / "labels.jsonl"
    return _of_traces(arguments, home, gold), home / "labels.jsonl"


def _of_traces(
    arguments: argparse.Namespace, home: Path, gold: "GoldSet | None"
) -> list["ToGrade"]:
    """The answers of runs; a run without a gold case goes by its own id."""
    from ...evals.verdicts import case_of
    from ...graphs.store import TraceStore
    from ...graphs.trace import Trace
    from ...tools.errors import GoldError, TraceError
    from ..grading import ToGrade
    from .trace import resolve

    store = TraceStore(home / "traces")
    items = []
    repeats: dict[str, int] = {}
    for name in arguments.names:
        path = Path(name)
        try:
            files = (
                sorted(path.glob("*.jsonl"))
                if path.is_dir()
                else [store.find(resolve(store, name))]
            )
        except TraceError:
            raise GoldError(
                f"{name!r} is neither an evaluation nor a run that is kept: `workings eval --list`"
                " and `workings trace list` show those there are"
            ) from None
        for file in files:
            trace = Trace.load(file)
            if trace.answer is None:
                common.note(f"left out {trace.id}: it came to no answer")
                continue
            case = case_of(gold, trace) if gold is not None else None
            id = trace.id if case is None else case.id
            repeats[id] = repeats.get(id, -1) + 1
            items.append(ToGrade((id, repeats[id]), trace.answer, trace.id, case))
    if not items:
        raise GoldError(f"{', '.join(arguments.names)}: holds no answer to label")
    return items
