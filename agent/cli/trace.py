"""`workings trace`: the recorded runs."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from . import common, trace_diff, trace_files

if TYPE_CHECKING:
    from ...graphs.store import TraceStore, TraceSummary


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "trace",
        "list, show, check or delete the recorded runs",
        "workings trace show last",
        run_list,
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION")
    listing = actions.add_parser("list", help="every run, oldest first")
    listing.set_defaults(run=run_list)
    common.add_basics(listing)
    showing = actions.add_parser("show", help="one run, step by step")
    showing.add_argument("id", metavar="TRACE", help="an id, a path, or `last`")
    showing.add_argument("--full", action="store_true", help="with every message and passage")
    showing.set_defaults(run=run_show)
    common.add_basics(showing)
    checking = actions.add_parser("verify", help="look for damage and for secrets")
    checking.add_argument("ids", metavar="TRACE", nargs="*", help="ids or paths (all)")
    checking.set_defaults(run=run_verify)
    common.add_basics(checking)
    deleting = actions.add_parser("delete", help="delete runs for good")
    deleting.add_argument("ids", metavar="TRACE", nargs="+", help="ids")
    deleting.set_defaults(run=run_delete)
    common.add_basics(deleting)
    trace_files.add(actions)
    trace_diff.add(actions)


def store_of(arguments: argparse.Namespace) -> "TraceStore":
    """The traces of the home in force."""
    from ...graphs.store import TraceStore

    return TraceStore(common.settings_of(arguments).home / "traces")


def resolve(store: "TraceStore", name: str) -> str:
    """An id or path as given; `last` is the newest run. Raises `TraceError` when there is none."""
    from ...tools.errors import TraceError

    if name != "last":
        return name
    runs = store.list()
    if not runs:
        raise TraceError(f"no run is recorded in {store.folder} yet: workings ask QUESTION")
    return str(runs[-1].path)


def run_list(arguments: argparse.Namespace) -> int:
    """One line for each run."""
    from ..wording import one_line

    runs = store_of(arguments).list()
    for depth, item in forest(runs):
        if arguments.json:
            document = {
                "trace": item.id,
                "created": item.created,
                "status": item.status,
                "refused": item.refused,
                "model": item.model,
                "steps": item.steps,
                "question": item.question,
            }
            if item.parent is not None:
                document |= {"parent": item.parent, "forked_at": item.forked_at}
            common.print_json(document)
            continue
        outcome = "refused" if item.refused else item.status
        told = one_line(item.question, 70)
        if depth:
            at = f"fork at step {item.forked_at}" if item.forked_at is not None else "live replay"
            told = f"{'  ' * (depth - 1)}└ {at}"
        print(f"{item.id}  {outcome:<8} {one_line(item.model, 20):<12} {told}")
    if not runs:
        common.note("no run is recorded here yet: workings ask QUESTION")
    return common.DONE


def forest(runs: "list[TraceSummary]") -> "list[tuple[int, TraceSummary]]":
    """Every run after the one it was forked from, with how deep it stands; else in their order."""
    here = {item.id for item in runs}
    children: dict[str | None, list[TraceSummary]] = {}
    for item in runs:
        known = item.parent if item.parent in here and item.parent != item.id else None
        children.setdefault(known, []).append(item)
    found: list[tuple[int, TraceSummary]] = []
    waiting = [(0, item) for item in reversed(children.get(None, []))]
    while waiting:
        depth, item = waiting.pop()
        found.append((depth, item))
        waiting.extend((depth + 1, child) for child in reversed(children.get(item.id, [])))
    shown = {item.id for _, item in found}
    # parents that name each other stand in no tree
    return found + [(0, item) for item in runs if item.id not in shown]


def run_show(arguments: argparse.Namespace) -> int:
    """One run."""
    from ..render_runs import trace_view

    store = store_of(arguments)
    trace = store.load(resolve(store, arguments.id))
    if arguments.json:
        common.print_json({"trace": trace.id, **trace.model_dump(mode="json")})
    else:
        common.show(trace_view(trace, full=arguments.full))
    return common.DONE


def run_verify(arguments: argparse.Namespace) -> int:
    """What is wrong with runs; 1 when something is."""
    store = store_of(arguments)
    names = arguments.ids or [str(item.path) for item in store.list()]
    wrong = 0
    for name in names:
        problems = store.verify(resolve(store, name))
        wrong += bool(problems)
        if arguments.json:
            told = name if arguments.ids else Path(name).stem
            common.print_json({"trace": told, "ok": not problems, "problems": list(problems)})
        else:
            for problem in problems:
                common.note(problem)
    if not arguments.json:
        print(f"{len(names) - wrong} of {len(names)} traces are whole")
    return common.NO if wrong else common.DONE


def run_delete(arguments: argparse.Namespace) -> int:
    """Delete runs."""
    store = store_of(arguments)
    for name in arguments.ids:
        found = Path(resolve(store, name)) if name == "last" else name
        store.delete(found)
        trace = found.stem if isinstance(found, Path) else found
        if arguments.json:
            common.print_json({"trace": trace, "deleted": True})
        else:
            print(f"deleted {trace}")
    return common.DONE
