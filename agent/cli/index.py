"""`workings index`: add or update documents, list, check or remove those that are there."""

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from . import common

if TYPE_CHECKING:
    from ...tools.index import Index
    from ...tools.ingest import IndexReport, Reading
    from ..settings import Settings

_EXAMPLES = """workings index contracts/ report.pdf
  workings index --report
  workings index --remove contracts/old.pdf --forget"""


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "index",
        "add or update documents; without a path, list them",
        _EXAMPLES,
        run,
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="*", type=common.path, help="files or folders"
    )
    parser.add_argument("--collection", metavar="NAME", help="which index (default)")
    common.add_embedder(parser)
    parser.add_argument(
        "--language", metavar="L", help="of the documents, as german (default: seen in each)"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--rebuild", action="store_true", help="drop what is there and read everything again"
    )
    instead.add_argument(
        "--report",
        action="store_true",
        help="every file and page that was not read, why, and how to add text to scans",
    )
    instead.add_argument(
        "--verify", action="store_true", help="read every byte of the index and check it"
    )
    instead.add_argument(
        "--remove",
        metavar="P",
        type=common.path,
        action="append",
        default=[],
        help="take a file, folder or document out of the index (repeatable)",
    )
    parser.add_argument(
        "--forget",
        action="store_true",
        help="with --remove: also delete the recorded runs that hold text of it, after listing"
        " them. The whole run goes: with its passages blacked out it could not be replayed",
    )
    parser.add_argument("--yes", action="store_true", help="with --forget: do not ask")


def run(arguments: argparse.Namespace) -> int:
    """Do what the arguments ask of the index."""
    from ...tools.errors import SettingsError
    from ..indexes import open_index

    if arguments.rebuild and not arguments.paths:
        raise SettingsError("--rebuild needs the paths to read: workings index --rebuild PATH...")
    if arguments.forget and not arguments.remove:
        raise SettingsError("--forget goes with --remove: workings index --remove PATH --forget")
    if arguments.remove and arguments.paths:
        raise SettingsError(
            f"--remove takes one path each: --remove {arguments.paths[0]!r}; it adds nothing"
        )
    settings = common.settings_of(arguments)
    index = open_index(settings, rebuild=arguments.rebuild)
    if arguments.remove:
        from .index_remove import run_remove

        return run_remove(arguments, index)
    code = _update(arguments, index) if arguments.paths else common.DONE
    if arguments.report:
        from .index_report import run_report

        if not index.documents and not index.left_out and not arguments.json:
            common.note(nothing_there(settings))
            return code
        return run_report(index, arguments.json) or code
    if arguments.verify:
        told = index.verify()
        if arguments.json:
            common.print_json({"ok": True, "read": told})
        else:
            print(told)
    elif not arguments.paths:
        return _list(index, settings, arguments.json)
    return code


def _update(arguments: argparse.Namespace, index: "Index") -> int:
    from ..wording import plural
    from .index_report import scans_hint

    began = time.monotonic()
    with common.Progress("Reading documents") as progress:
        report = index.update(
            [Path(path) for path in arguments.paths], watch=_Shown(progress).reading
        )
    took = time.monotonic() - began
    for item in report.skipped:
        common.note(f"left out {item}")
    if arguments.json:
        if not (arguments.report or arguments.verify):  # one document on stdout: theirs then
            common.print_json(_document(report, took))
    else:
        _print(index, report, took)
    scans_hint(index)
    if arguments.language and report.unchanged:
        common.note(
            f"{plural(len(report.unchanged), 'file')} unchanged and not read again: --rebuild with"
            f" --language {arguments.language} takes all of them in as {arguments.language}"
        )
    if not any(_done(report).values()):
        common.complain("none of these files could be read; the reasons are above")
        return common.BAD_INPUT
    return common.DONE


class _Shown:
    """How far the reading is, how fast, and how long the rest will take."""

    def __init__(self, progress: common.Progress) -> None:
        self._progress = progress
        self._began = time.monotonic()

    def reading(self, now: "Reading") -> None:
        """After each file."""
        from ..wording import plural, seconds

        took = time.monotonic() - self._began
        text = f"Reading documents: {now.files:,} of {now.files_in_all:,}"
        if now.pages and took > 0:
            text += f", {now.pages / took:,.0f} pages/s"
        if 0 < now.size < now.size_in_all:
            text += f", {seconds(took / now.size * (now.size_in_all - now.size))} left"
        if now.files == now.files_in_all:
            text = f"Indexing {plural(now.files, 'document')}"
        self._progress.say(text)


def _done(report: "IndexReport") -> dict[str, tuple[str, ...]]:
    return {
        "added": report.added,
        "moved": report.moved,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "removed": report.removed,
        "duplicates": report.duplicates,
    }


def _document(report: "IndexReport", took: float) -> dict[str, object]:
    return {
        **{name: list(paths) for name, paths in _done(report).items()},
        "skipped": [{"path": str(i.path), "reason": i.reason} for i in report.skipped],
        "resumed": report.resumed,
        "documents": report.documents,
        "pages": report.pages,
        "passages": report.passages,
        "seconds": round(took, 3),
    }


def _print(index: "Index", report: "IndexReport", took: float) -> None:
    from ..wording import plural, seconds

    counts = {name: len(paths) for name, paths in _done(report).items()}
    twins = counts.pop("duplicates")
    for name in ("added", "removed"):  # a moved file is in both
        counts[name] = max(0, counts[name] - counts["moved"])
    told = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
    print(f"{told or 'nothing read'}  ({seconds(took)})")
    if twins:
        print(f"{plural(twins, 'file')} with the content of another: kept once")
    if report.resumed:
        print(f"{plural(report.resumed, 'file')} had been read by an update that was stopped")
    print(
        f"{index.location}: {plural(report.documents, 'document')},"
        f" {plural(report.pages, 'page')}, {plural(report.passages, 'passage')}"
    )
    if report.vectors:
        print(report.vectors)


def _list(index: "Index", settings: "Settings", as_json: bool) -> int:
    from ..wording import one_line, plural, visible

    twins = index.twins
    for document in index.documents:
        others = twins.get(document.id, ())
        if as_json:
            same = {"same_content": list(others)} if others else {}
            common.print_json(document.model_dump(mode="json") | same)
            continue
        print(f"{visible(document.name)}  {plural(document.pages, 'page')}")
        for path in others:
            print(f"    the same content: {visible(path)}")
        for text in document.notes:
            print(f"    {one_line(text, 160)}")
    if not index.documents:
        common.note(nothing_there(settings))
    return common.DONE


def nothing_there(settings: "Settings") -> str:
    """That the index is empty, and which other collections there are."""
    others = sorted(path.parent.name for path in settings.home.glob("index/*/CURRENT"))
    if settings.database is None and settings.collection not in others and others:
        return f"there is no collection {settings.collection!r} here; there are {', '.join(others)}"
    return "the index is empty: workings index FOLDER adds documents"
