"""`workings trace diff`: how one recorded run differs from another."""

import argparse
import asyncio

from . import common


def add(actions: common.Commands) -> None:
    """The arguments."""
    comparing = actions.add_parser("diff", help="how one run differs from another, step by step")
    comparing.add_argument("before", metavar="A", help="an id, a path, or `last`")
    comparing.add_argument("after", metavar="B", help="an id, a path, or `last`")
    comparing.set_defaults(run=run)
    common.add_basics(comparing)


def run(arguments: argparse.Namespace) -> int:
    """Every difference of B from A; 1 when there is one that has a meaning."""
    from ...evals.diff import compare_traces
    from ...evals.foreign import differences, is_foreign
    from ..render_runs import diff_view
    from .trace import resolve, store_of

    store = store_of(arguments)
    before, after = (
        store.load(resolve(store, name)) for name in (arguments.before, arguments.after)
    )
    for note in (*before.cut_short, *before.notes, *after.cut_short, *after.notes):
        common.note(note)
    found = []
    if is_foreign(before) and is_foreign(after):
        # of imported runs the first message that differs says it all
        found = list(asyncio.run(differences(before, after)))
    found = found or compare_traces(before, after)
    if arguments.json:
        for divergence in found:
            common.print_json(divergence.model_dump(mode="json"))
        behavioural = sum(item.severity == "behavioural" for item in found)
        common.print_json(
            {
                "before": before.id,
                "after": after.id,
                "divergences": len(found),
                "behavioural": behavioural,
            }
        )
    else:
        common.show(diff_view(before, after, found))
    return common.NO if any(item.severity == "behavioural" for item in found) else common.DONE
