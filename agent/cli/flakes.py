"""`workings flakes`: cases that pass and fail though nothing changed, and the quarantine."""

import argparse

from . import common
from .compare import folder_of


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "flakes",
        "list cases that flicker; set one aside with a reason, or take it back",
        'workings flakes quarantine case-7 --reason "the page is scanned askew"',
        run_list,
    )
    action = common.actions(parser, "flakes")
    action("list", "the worst first", "", run_list)
    recording = action("record", "enter what evaluations saw", "baseline candidate", run_record)
    recording.add_argument("evaluations", metavar="EVALUATION", nargs="+", help="folders or ids")
    setting = action(
        "quarantine",
        "leave a case out of comparisons",
        'case-7 --reason "the page is scanned askew"',
        run_quarantine,
    )
    setting.add_argument("case", metavar="CASE", help="its id")
    setting.add_argument("--reason", metavar="TEXT", required=True, help="why")
    taking = action("release", "count a case again", "case-7", run_release)
    taking.add_argument("case", metavar="CASE", help="its id")
    taking.add_argument("--reason", metavar="TEXT", default="", help="why")


def run_list(arguments: argparse.Namespace) -> int:
    """Flaky cases and those in quarantine."""
    from ...evals.flakes import Flakes

    cases = Flakes(common.settings_of(arguments).home / "evaluations").flaky()
    if arguments.json:
        for case in cases:
            common.print_json(
                {
                    "case": case.case,
                    "flicker": case.flicker,
                    "pass_hat_3": case.pass_hat_k(3),
                    "quarantined": case.quarantined,
                    "evaluations": [one.model_dump(mode="json") for one in case.seen],
                }
            )
        return common.DONE
    from ..render_compare import flakes_view

    common.show(flakes_view(cases))
    return common.DONE


def run_record(arguments: argparse.Namespace) -> int:
    """Read evaluations into the ledger."""
    from ...evals.columns import read_columns
    from ...evals.flakes import Flakes

    home = common.settings_of(arguments).home / "evaluations"
    ledger = Flakes(home)
    counts = {
        name: ledger.record(read_columns(folder_of(home, name))) for name in arguments.evaluations
    }
    if arguments.json:
        common.print_json(counts)
    else:
        for name, count in counts.items():
            common.note(f"{name}: {count} cases entered" if count else f"{name}: nothing new")
    return common.DONE


def run_quarantine(arguments: argparse.Namespace) -> int:
    """Set a case aside."""
    from ...evals.flakes import Flakes

    ledger = Flakes(common.settings_of(arguments).home / "evaluations")
    ledger.quarantine(arguments.case, arguments.reason, common.now())
    if not ledger.history(arguments.case).seen:
        common.note(f"the ledger has seen no case {arguments.case!r} yet: is it spelt so?")
    return _done(arguments, f"{arguments.case} is in quarantine: {arguments.reason}")


def run_release(arguments: argparse.Namespace) -> int:
    """Take a case back."""
    from ...evals.flakes import Flakes

    ledger = Flakes(common.settings_of(arguments).home / "evaluations")
    ledger.release(arguments.case, arguments.reason, common.now())
    return _done(arguments, f"{arguments.case} counts again")


def _done(arguments: argparse.Namespace, said: str) -> int:
    if arguments.json:
        common.print_json({"case": arguments.case, "said": said})
    else:
        common.note(said)
    return common.DONE
