"""`workings compare`: is B better or worse than A, or is there not enough data to say?

Knows where evaluations are kept and when the gate closes; the statistics are in `evals`.
"""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from ...evals.comparison import Comparison

_SHOWN = 20


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "compare",
        "compare two evaluations of the same cases: better, worse, equivalent or inconclusive",
        "workings compare baseline candidate --gate --margin 0.03",
        run,
    )
    parser.add_argument("a", metavar="A", help="the baseline: an evaluation's folder or id")
    parser.add_argument("b", metavar="B", help="the candidate; `last` is the newest")
    parser.add_argument(
        "--gate", action="store_true", help="exit 1 when B is worse or it cannot be told"
    )
    parser.add_argument(
        "--non-inferior",
        action="store_true",
        help="with --gate: enough that a loss of the margin or more is excluded",
    )
    parser.add_argument(
        "--margin",
        metavar="M",
        type=_margin,
        default=0.05,
        help="differences within it do not matter (0.05: five points; of an amount, 5 %%)",
    )
    parser.add_argument(
        "--metric",
        metavar="NAME",
        action="append",
        help="a metric that counts (repeatable; all that both measured)",
    )
    parser.add_argument(
        "--flips", metavar="N", type=common.count, default=_SHOWN, help="cases to show (20)"
    )
    parser.add_argument(
        "--with-quarantined", action="store_true", help="count the cases in quarantine too"
    )


def run(arguments: argparse.Namespace) -> int:
    """Compare, tell, and close the gate."""
    from ...evals.comparison import compare
    from ...evals.flakes import Flakes

    home = common.settings_of(arguments).home / "evaluations"
    aside = {} if arguments.with_quarantined else dict(Flakes(home).quarantined)
    with common.Progress("Comparing"):
        found = compare(
            folder_of(home, arguments.a),
            folder_of(home, arguments.b),
            metrics=arguments.metric,
            margin=arguments.margin,
            quarantined=aside,
            most_flips=arguments.flips,
        )
    objections = found.objections(arguments.metric or (), inferiority=arguments.non_inferior)
    _tell(found, objections, arguments)
    return common.NO if arguments.gate and objections else common.DONE


def folder_of(home: Path, name: str) -> Path:
    """The folder of an evaluation: a path, an id of the home, or `last`. Raises `GoldError`."""
    import difflib

    from ...tools.errors import GoldError

    if (Path(name) / "evaluation.json").is_file():
        return Path(name)
    kept = sorted(path.parent for path in home.glob("*/evaluation.json"))
    if name == "last" and kept:
        return max(kept, key=lambda path: (path / "evaluation.json").stat().st_mtime_ns)
    for path in kept:
        if path.name == name:
            return path
    ids = [path.name for path in kept]
    near = difflib.get_close_matches(name, ids, n=3, cutoff=0.4)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise GoldError(
        f"{name!r} is not an evaluation: expected a folder with evaluation.json, or an id in"
        f" {home} ({len(ids)} there){hint}"
    )


def _tell(found: "Comparison", objections: tuple[str, ...], arguments: argparse.Namespace) -> None:
    if arguments.json:
        gate = {"gate": {"open": not objections, "objections": list(objections)}}
        common.print_json({**found.model_dump(mode="json"), **(gate if arguments.gate else {})})
        return
    from ..render_compare import comparison_view

    common.show(comparison_view(found, arguments.flips))
    if arguments.gate:
        said = "; ".join(objections)
        common.note(f"gate closed: {said}" if objections else "gate open")


def _margin(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of 0 or more")
    return number
