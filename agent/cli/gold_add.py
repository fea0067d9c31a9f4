"""`workings gold add`: a recorded answer that is right becomes a gold case."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from ..wording import plural
from . import common


def add(action: Callable[..., argparse.ArgumentParser]) -> None:
    """The arguments."""
    parser = action(
        "add",
        "add the answer of a recorded run to a set",
        "--from-trace last --to gold.jsonl",
        run,
    )
    parser.add_argument(
        "--from-trace", metavar="TRACE", required=True, help="its id, `last`, or a file"
    )
    parser.add_argument("--to", metavar="FILE", required=True, help="the set; made when not there")
    parser.add_argument("--id", metavar="ID", help="of the case (the run's)")
    parser.add_argument("--yes", action="store_true", help="do not ask whether it is right")


def run(arguments: argparse.Namespace) -> int:
    """Show the case, ask, add it."""
    from ...evals.gold import GoldSet
    from ...evals.gold_files import checked
    from ...evals.gold_traces import case_from, with_case
    from ...graphs.store import TraceStore
    from ...graphs.trace import Trace
    from ...tools.errors import GoldError
    from .trace import resolve

    path = Path(arguments.to)
    checked(path)
    store = TraceStore(common.settings_of(arguments).home / "traces")
    case = case_from(Trace.load(store.find(resolve(store, arguments.from_trace))), arguments.id)
    after = with_case(GoldSet.load(path) if path.exists() else None, case)
    if not arguments.yes:
        if not sys.stdin.isatty():
            raise GoldError("whether the answer is right is for you to say: give --yes")
        for name, value in case.model_dump(mode="json", exclude_defaults=True).items():
            common.note(f"  {name:10} {value}")
        if input(f"Right, and to be added to {path.name}? [y/N] ").strip().lower() not in (
            "y",
            "yes",
        ):
            common.note("nothing was added")
            return common.NO
    after.save(path)
    if arguments.json:
        common.print_json(
            {"file": arguments.to, "cases": len(after),
             "case": case.model_dump(mode="json", exclude_defaults=True)}
        )  # fmt: skip
    else:
        print(f"case {case.id} is in {arguments.to} ({plural(len(after), 'case')})")
    return common.DONE
