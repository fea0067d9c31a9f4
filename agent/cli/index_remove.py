"""`workings index --remove`: take documents out of the index, and out of recorded runs."""

import argparse
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from ...graphs.store import TraceStore, TraceSummary
    from ...tools.index import Index


def run_remove(arguments: argparse.Namespace, index: "Index") -> int:
    """Remove; with --forget first list the runs that hold passages, ask, and delete them."""
    from ...graphs.store import TraceStore
    from ...tools.errors import SettingsError
    from ..wording import plural, visible

    store = TraceStore(common.settings_of(arguments).home / "traces")
    runs: list[TraceSummary] = []
    if arguments.forget:
        ids = {document.id for document in index.affected(arguments.remove)}
        runs = _holding(store, ids)
        if runs and not arguments.yes and not _agreed(runs):
            raise SettingsError(
                "Nothing was removed. To delete these runs for good, say --yes: workings index"
                " --remove ... --forget --yes"
            )
    told = index.remove(arguments.remove, everywhere=arguments.forget)
    for item in runs:
        store.delete(item.path)
    left = _left(store, ids) if arguments.forget else 0
    if arguments.json:
        common.print_json(
            {
                "removed": [{"id": d.id, "document": d.name} for d in told.documents],
                "paths": list(told.paths),
                "kept_elsewhere": [{"id": d.id, "document": d.name} for d in told.elsewhere],
                "traces_deleted": [item.id for item in runs],
                "blobs_left": left,
                "documents": len(index.documents),
            }
        )
    else:
        for document in told.documents:
            print(f"removed {visible(document.name)} ({plural(document.pages, 'page')})")
        for document in told.elsewhere:
            print(f"the same content stands under another path: {visible(document.path)}")
        if arguments.forget:
            print(f"{plural(len(runs), 'recorded run')} deleted")
        print(f"{index.location}: {plural(len(index.documents), 'document')} left")
    common.note("the files themselves are as they were; indexing their folder adds them again")
    if left:
        common.complain(
            f"{plural(left, 'blob')} of the recorded runs still hold text of it, because a run is"
            " being recorded: do this again when that has ended"
        )
        return common.STOPPED
    return common.DONE


def _holding(store: "TraceStore", ids: Collection[str]) -> "list[TraceSummary]":
    from ...graphs.forget import holding

    return holding(store, ids)


def _left(store: "TraceStore", ids: Collection[str]) -> int:
    from ...graphs.forget import blobs_holding

    return blobs_holding(store, ids)


def _agreed(runs: "list[TraceSummary]") -> bool:
    """List the runs; whether a person at a terminal says yes to their deletion."""
    from ..wording import one_line

    common.note(f"runs that hold text of it and would be deleted ({len(runs):,}):")
    for item in runs:
        common.note(f"  {item.id}  {one_line(item.question, 70)}")
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    print("Delete them for good? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
