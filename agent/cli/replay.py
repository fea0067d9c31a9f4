"""`workings replay`: recorded runs again, offline, through today's code.

Also what-if: with something changed (`--set`), with a live side (`--live`), from one step on
(`--from`). Knows which replay is asked for; what is live is set up in `replay_live`, what is
printed in `replay_report`.
"""

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools.errors import GoldError, SettingsError, TraceError
from . import common
from .replay_agree import agree
from .trace import resolve, store_of

if TYPE_CHECKING:
    from ...evals.gold import GoldSet
    from ...evals.replay import Replay
    from ...graphs.trace import Trace
    from .replay_all import Outcome
    from .replay_live import LiveSide

_NAMED = 10


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "replay",
        "run recorded runs again, offline, and say what differs",
        "workings replay --all .workings/traces --gold gold.jsonl\n"
        "  workings replay last --live model --set temperature=0.2\n"
        "  workings replay last --from 2 --edit result.txt --live model\n"
        "  workings replay last --step",
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
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=common.count,
        help="processes (one, and one for each core as soon as that saves time)",
    )
    parser.add_argument(
        "--lenient",
        action="store_true",
        help="serve the nearest recording where a call was not recorded, and list every difference",
    )
    parser.add_argument(
        "--twice", action="store_true", help="replay each twice: find what is left to chance"
    )
    parser.add_argument(
        "--step",
        dest="walk",
        action="store_true",
        help="walk through one run: requests, responses, state, differences, forks (--json: the"
        " steps as JSON lines)",
    )
    parser.add_argument(
        "--app",
        metavar="MODULE:NAME",
        help="the graph of your own that was recorded with record(graph), or what makes it",
    )
    parser.add_argument(
        "--turbo",
        action="store_true",
        help="without LangGraph's scheduler, where ours covers the run (the same events)",
    )
    whatif = parser.add_argument_group("what if")
    whatif.add_argument(
        "--live",
        choices=("model", "tools", "all"),
        help="ask anew what depends on a change; the rest comes from the trace",
    )
    whatif.add_argument(
        "--set",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        help="prompt (a file or text), model, temperature, seed, k, passage_tokens, ...",
    )
    whatif.add_argument(
        "--from", dest="step", metavar="STEP", type=common.count, help="fork at this step"
    )
    whatif.add_argument(
        "--edit", metavar="X", help="what to put in at that step: a file, JSON, or text"
    )
    common.add_documents(parser)


def run(arguments: argparse.Namespace) -> int:
    """Replay, grade, and tell."""
    agree(arguments)
    gold = None
    if arguments.gold is not None:
        from ...evals.gold import GoldSet

        gold = GoldSet.load(arguments.gold)
    paths = _paths(arguments)
    if arguments.walk:
        from . import step

        return step.run(arguments, paths[0], outcome_of)
    began = time.monotonic()
    from .replay_all import outcomes_of

    outcomes = outcomes_of(paths, gold, arguments)
    from .replay_report import report

    summary = report(outcomes, gold, time.monotonic() - began, arguments)
    if gold is not None:
        _name_unknown(gold, outcomes)
    return _code(arguments, outcomes, summary)


def replay_one(path: Path, gold: "GoldSet | None") -> "Outcome":
    """Replay one trace file and grade its answer where the gold set has its question."""
    from ...evals.replay import replay

    return _graded(path, _trace(path), replay(path), gold)


def outcome_of(path: Path, gold: "GoldSet | None", arguments: argparse.Namespace) -> "Outcome":
    """Replay or fork one trace file as the arguments say, and grade it. Raises `WorkingsError`."""
    from ...evals.app import is_app
    from ...evals.edits import edited
    from ...evals.fork import fork
    from ...evals.replay import replay
    from .replay_live import live_side, parse_edit, parse_sets

    trace = _trace(path)
    changes = parse_sets(arguments.set)
    model = changes.pop("model", None)
    if trace is not None and is_app(trace) and (arguments.live or arguments.step):
        raise SettingsError(
            f"{trace.id} is a run of a graph of your own, which is only replayed offline: leave out"
            " --live and --from"
        )
    if model is not None and arguments.live not in ("model", "all"):
        raise SettingsError("--set model=NAME needs --live model or --live all")
    side: dict[str, Any] = {}
    if arguments.live is not None and trace is not None:
        live: LiveSide = live_side(trace, arguments, changes, model)
        side = {
            "live": arguments.live,
            "model": live.model,
            "tools": live.tools,
            "price": live.price,
            "secrets": live.secrets,
        }
    if arguments.live is not None or arguments.step is not None:
        side["store"] = store_of(arguments)
    if arguments.step is not None:
        if trace is not None:
            edited(trace, arguments.step, None)  # a step that is not there is named before all else
        edit = None if arguments.edit is None else parse_edit(arguments.edit)
        outcome = fork(
            path if trace is None else trace, arguments.step, edit, changes=changes, **side
        )
    else:
        outcome = replay(
            path,
            lenient=arguments.lenient,
            twice=arguments.twice,
            changes=changes,
            **side,
            **_engine(arguments, trace),
        )
    return _graded(path, trace, outcome, gold)


def _engine(arguments: argparse.Namespace, trace: "Trace | None") -> dict[str, Any]:
    """What runs the graph: LangGraph, our own scheduler, or a graph of the user's."""
    from ...evals.app import is_app, load_app
    from ...evals.turbo import not_fast

    if trace is None:
        return {}
    engine: dict[str, Any] = {"turbo": bool(arguments.turbo)}
    if arguments.app is not None and is_app(trace):
        _here()
        engine["graph"] = load_app(arguments.app)
    if arguments.turbo and (reason := not_fast(trace, engine.get("graph"))) is not None:
        common.note(f"{trace.id}: not --turbo: {reason}")
    return engine


def _here() -> None:
    """Let the graph be imported from the folder one is in, as `python -m` does; after all else."""
    folder = os.getcwd()
    if folder not in sys.path and "" not in sys.path:
        sys.path.append(folder)


def _trace(path: Path) -> "Trace | None":
    from ...graphs.trace import Trace

    try:
        return Trace.load(path)
    except TraceError:
        return None


def _graded(
    path: Path, trace: "Trace | None", outcome: "Replay", gold: "GoldSet | None"
) -> "Outcome":
    from ...evals.verdicts import case_of, grades_of, regrade
    from .replay_all import Outcome

    if trace is None:
        return Outcome(replay=outcome)
    case = None if gold is None else case_of(gold, trace)
    if case is None:
        return Outcome(replay=outcome, question=trace.question)
    try:
        graded = regrade(case, trace, outcome, grades_of(path))
    except OSError as error:
        common.note(f"the verdicts on {trace.id} are not kept: {error.strerror or error}")
        from ...evals.verdicts import Grades

        graded = regrade(case, trace, outcome, Grades(None))
    change = graded.divergence(trace.id)
    if change is not None and change.severity == "behavioural":
        outcome = outcome.model_copy(update={"divergences": (*outcome.divergences, change)})
    return Outcome(replay=outcome, question=trace.question, graded=graded)


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


def _name_unknown(gold: "GoldSet", outcomes: "list[Outcome]") -> None:
    """Say which cases no run is about. Raises `GoldError` when that is every one of them."""
    from ...evals.verdicts import unknown_cases
    from ..wording import plural

    graded = [outcome.graded for outcome in outcomes if outcome.graded is not None]
    unknown = unknown_cases(gold, graded)
    if not unknown:
        return
    more = f" and {len(unknown) - _NAMED} more" if len(unknown) > _NAMED else ""
    named = ", ".join(unknown[:_NAMED]) + more
    if not graded:
        raise GoldError(
            f"no case of the gold set is about a run that was replayed ({named}): a case is"
            " matched by the run's id or its question"
        )
    common.note(f"no run for {plural(len(unknown), 'gold case')}: {named}")


def _code(arguments: argparse.Namespace, outcomes: "list[Outcome]", summary: dict[str, Any]) -> int:
    """The exit code: of a what-if it says whether the run came to its end, not that it differs."""
    if summary["broken"] and arguments.all is None:
        return common.BAD_INPUT
    lost = any(item.graded is not None and item.graded.lost for item in outcomes)
    if arguments.live is None and arguments.step is None:
        wrong = summary["behavioural"] or summary["broken"] or lost
        return common.NO if wrong else common.DONE
    if lost or summary["broken"] or any(item.replay.stopped for item in outcomes):
        return common.NO
    ended = all(item.replay.answer is not None or item.replay.prefix for item in outcomes)
    return common.DONE if ended else common.STOPPED
