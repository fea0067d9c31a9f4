"""`workings index`: add or update documents, or list those that are there."""

import argparse
import time
from pathlib import Path

from . import common


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "index",
        "add or update documents; without a path, list them",
        "workings index contracts/ report.pdf",
        run,
    )
    parser.add_argument("paths", metavar="PATH", nargs="*", help="files or folders")
    parser.add_argument("--collection", metavar="NAME", help="which index (default)")
    parser.add_argument(
        "--rebuild", action="store_true", help="drop what is there and read everything again"
    )


def run(arguments: argparse.Namespace) -> int:
    """Bring the index in step with the paths."""
    from ...tools.errors import SettingsError
    from ...tools.index import Index
    from ..wording import plural, seconds

    if arguments.rebuild and not arguments.paths:
        raise SettingsError("--rebuild needs the paths to read: workings index --rebuild PATH...")
    settings = common.settings_of(arguments)
    folder = settings.home / "index" / settings.collection
    index = Index.open(folder, rebuild=arguments.rebuild)
    if not arguments.paths:
        return _list(index, arguments.json)
    began = time.monotonic()
    with common.Progress("Reading documents") as progress:
        report = index.update([Path(path) for path in arguments.paths], progress.count)
    took = time.monotonic() - began
    for item in report.skipped:
        common.note(f"left out {item}")
    done = {
        "added": report.added,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "duplicates": report.duplicates,
    }
    if arguments.json:
        common.print_json(
            {
                **{name: list(paths) for name, paths in done.items()},
                "skipped": [{"path": str(i.path), "reason": i.reason} for i in report.skipped],
                "documents": report.documents,
                "pages": report.pages,
                "passages": report.passages,
                "seconds": round(took, 3),
            }
        )
    else:
        told = ", ".join(f"{len(paths)} {name}" for name, paths in done.items() if paths)
        print(f"{told or 'nothing read'}  ({seconds(took)})")
        print(
            f"{folder}: {plural(report.documents, 'document')}, {plural(report.pages, 'page')},"
            f" {plural(report.passages, 'passage')}"
        )
    if not any(done.values()):
        common.complain("none of these files could be read; the reasons are above")
        return common.BAD_INPUT
    return common.DONE


def _list(index: "object", as_json: bool) -> int:
    from ...tools.index import Index
    from ..wording import plural, visible

    assert isinstance(index, Index)
    for document in index.documents:
        if as_json:
            common.print_json(document.model_dump(mode="json"))
            continue
        print(f"{visible(document.name)}  {plural(document.pages, 'page')}")
        for text in document.notes:
            print(f"    {visible(text)}")
    if not index.documents:
        common.note("the index is empty: workings index FOLDER adds documents")
    return common.DONE
