"""`workings compare`: is B better or worse than A, or is there not enough data to say?

Knows where evaluations are kept and when the gate closes; the statistics are in `evals`.
"""

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import common, sides

if TYPE_CHECKING:
    from ...evals.attribute import Attributions
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
        "--allow-uncalibrated",
        action="store_true",
        help="with --gate: take a judge that was not held against people's labels",
    )
    parser.add_argument(
        "--margin",
        metavar="M",
        type=margin,
        default=0.05,
        help="differences within it do not matter (0.05: five points; of an amount, 5 %%)",
    )
    parser.add_argument(
        "--metric",
        metavar="NAME",
        action="append",
        help="a metric that counts (repeatable; all that both measured)",
    )
    add_by(parser)
    parser.add_argument(
        "--flips", metavar="N", type=common.count, default=_SHOWN, help="cases to show (20)"
    )
    parser.add_argument(
        "--with-quarantined", action="store_true", help="count the cases in quarantine too"
    )
    parser.add_argument(
        "--attribute",
        action="store_true",
        help="run flipped cases again with retrieval, model or judge of the other side, and say"
        " which part flipped them (needs --gold; 12 runs a case, of a model that is not"
        " deterministic)",
    )
    parser.add_argument("--gold", metavar="FILE", help="with --attribute: the gold set")
    sides.add_live(parser)


def add_by(parser: argparse.ArgumentParser) -> None:
    """--by."""
    parser.add_argument(
        "--by",
        choices=("group", "case"),
        default="group",
        help="what the verdict is to hold for: other documents too (group), or other questions on"
        " these (case)",
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
            most_flips=max(arguments.flips, arguments.most if arguments.attribute else 0),
            by=arguments.by,
        )
    objections = found.objections(arguments.metric or (), inferiority=arguments.non_inferior)
    if arguments.gate and not arguments.allow_uncalibrated:
        objections += judged(found, home, arguments)
    causes = _attributed(found, arguments) if arguments.attribute else None
    found = found.model_copy(update={"flips": found.flips[: arguments.flips]})
    _tell(found, objections, causes, arguments)
    return common.NO if arguments.gate and objections else common.DONE


def judged(found: "Comparison", home: Path, arguments: argparse.Namespace) -> tuple[str, ...]:
    """What a gate has against the judges that gave the metrics, if any did."""
    names = [metric.metric for metric in found.metrics if metric.metric.startswith("judge:")]
    if not names:
        return ()
    from ...evals.evaluation import Evaluation
    from ...evals.judge.gate import objections
    from ..judging import calibrations

    a, b = (Evaluation.load(folder_of(home, name)) for name in (arguments.a, arguments.b))
    why = objections(a.settings, b.settings, names, calibrations(home.parent))
    hint = " (calibrate it: workings judge calibrate; or --allow-uncalibrated)"
    return tuple(reason + hint for reason in why)


def folder_of(home: Path, name: str) -> Path:
    """The folder of an evaluation: a path, an id of the home, or `last`. Raises `GoldError`."""
    from ...tools.errors import GoldError
    from ...tools.meant import meant

    if (Path(name) / "evaluation.json").is_file():
        return Path(name)
    kept = sorted(path.parent for path in home.glob("*/evaluation.json"))
    if name == "last" and kept:
        return max(kept, key=lambda path: (path / "evaluation.json").stat().st_mtime_ns)
    for path in kept:
        if path.name == name:
            return path
    ids = [path.name for path in kept]
    near = meant(name, ids, 3)
    hint = f"; did you mean {', '.join(near)}?" if near else ""
    raise GoldError(
        f"{name!r} is not an evaluation: expected a folder with evaluation.json, or an id in"
        f" {home} ({len(ids)} there){hint}"
    )


def _attributed(found: "Comparison", arguments: argparse.Namespace) -> "Attributions":
    """What flipped the cases whose runs are kept on both sides. Raises `SettingsError`."""
    from ...evals.attribute import Attributions, attribute
    from ...evals.evaluation import Evaluation
    from ...evals.gold import GoldSet
    from ...tools.errors import SettingsError
    from ..background import wait_for

    if arguments.gold is None:
        raise SettingsError("--attribute needs the gold set to judge the runs by: --gold FILE")
    cases = {case.id: case for case in GoldSet.load(arguments.gold).cases}
    home = common.settings_of(arguments).home
    both = [
        Evaluation.load(folder_of(home / "evaluations", name))
        for name in (arguments.a, arguments.b)
    ]
    kept = [{row.trace: row for row in one.rows if row.trace is not None} for one in both]
    runs = []
    for flip in found.flips[: arguments.most]:
        a, b = kept[0].get(flip.trace_a or ""), kept[1].get(flip.trace_b or "")
        if flip.case in cases and a is not None and b is not None:
            traces = sides.trace_of(home, both[0], a), sides.trace_of(home, both[1], b)
            if traces[0] is not None and traces[1] is not None:
                runs.append((cases[flip.case], traces[0], traces[1]))
    if not runs:
        common.note("no flipped case has its runs kept on both sides: nothing to attribute")
        return Attributions(cases=())
    metric = found.metrics[0].metric
    _, before, after = runs[0]
    one = sides.side_of(before, arguments, metric, both[0])
    other = sides.side_of(after, arguments, metric, both[1])
    with common.Progress(f"Running {len(runs)} flipped cases again"):
        return wait_for(attribute(runs, one, other))


def _tell(
    found: "Comparison",
    objections: tuple[str, ...],
    causes: "Attributions | None",
    arguments: argparse.Namespace,
) -> None:
    if arguments.json:
        more: dict[str, Any] = {}
        if arguments.gate:
            more["gate"] = {"open": not objections, "objections": list(objections)}
        if causes is not None:
            more["attribution"] = {**causes.model_dump(mode="json"), "counts": causes.counts}
        common.print_json({**found.model_dump(mode="json"), **more})
        return
    from ..render_compare import comparison_view

    common.show(comparison_view(found, arguments.flips))
    if causes is not None:
        from ..render_report import attributions_view

        common.show(attributions_view(causes))
    first = found.metrics[0]
    if first.verdict == "inconclusive" and first.groups < first.n:
        common.note(
            "cases of one document or group counted as one piece of evidence; --by case asks about"
            " other questions on these documents"
        )
    if arguments.gate:
        said = "; ".join(objections)
        common.note(f"gate closed: {said}" if objections else "gate open")


def margin(text: str) -> float:
    """A margin of the command line."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of 0 or more")
    return number
