"""`workings trace import` and `export`: runs from and for other programs, as files."""

import argparse
import contextlib
import errno
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ...tools.errors import SettingsError
from . import common

if TYPE_CHECKING:
    from ...graphs.store import TraceStore

_IMPORT = ("agentdojo", "inspect", "langsmith", "openai", "otel", "toolbench", "websearch")
_EXPORT = ("otel", "openai", "bundle")
_NAMED = 10
"""Records that were refused, told one by one."""


def add(actions: common.Commands) -> None:
    """The arguments of both."""
    taking = actions.add_parser(
        "import",
        help="take in the runs that another program recorded",
        epilog="example: workings trace import runs.jsonl --out imported",
    )
    taking.add_argument("file", metavar="FILE", help="one record, a JSON list, or JSON lines")
    taking.add_argument(
        "--format",
        metavar="NAME",
        help=f"{', '.join(_IMPORT)}, whoandwhen or workings; found out where it is not given",
    )
    taking.add_argument("--out", metavar="DIR", help="where the traces go (those of the home)")
    taking.set_defaults(run=run_import)
    common.add_basics(taking)
    giving = actions.add_parser(
        "export",
        help="give a run to another program or machine",
        epilog="example: workings trace export last --format bundle -o run.jsonl",
    )
    giving.add_argument("id", metavar="TRACE", help="an id, a path, or `last`")
    giving.add_argument("--format", choices=_EXPORT, required=True, help="what it becomes")
    giving.add_argument("-o", "--output", metavar="FILE", help="where it goes (standard output)")
    giving.set_defaults(run=run_export)
    common.add_basics(giving)


def run_import(arguments: argparse.Namespace) -> int:
    """Take in a file; 2 only when nothing of it came in."""
    from ...evals.importing import import_file
    from ...graphs.store import TraceStore
    from ..wording import plural
    from .trace import store_of

    store = store_of(arguments) if arguments.out is None else TraceStore(arguments.out)
    if Path(arguments.file).exists():
        _make_ready(store)
    result = import_file(arguments.file, store, arguments.format)
    for item in result.traces:
        if arguments.json:
            common.print_json(item.model_dump(mode="json"))
        else:
            note = f"  ({item.note})" if item.note else ""
            print(f"{item.trace}  {item.format}, {item.messages} messages{note}")
    for refusal in result.refused:
        if arguments.json:
            common.print_json(refusal.model_dump(mode="json"))
    for refusal in result.refused[:_NAMED]:
        where = f"{arguments.file}, record {refusal.record} ({refusal.id})"
        common.complain(f"{where}: {refusal.error}")
    if len(result.refused) > _NAMED:
        common.complain(f"and {len(result.refused) - _NAMED:,} more (--json names them all)")
    counts = {"imported": len(result.traces), "refused": len(result.refused)}
    if arguments.json:
        common.print_json(counts)
    else:
        told = plural(counts["imported"], "trace")
        print(f"{told} taken into {store.folder}; {counts['refused']} refused")
    return common.DONE if result.traces else common.BAD_INPUT


def _make_ready(store: "TraceStore") -> None:
    """Make the folder that traces go to. Raises `SettingsError` where none can be written."""
    from ...graphs.writer import LOCK

    try:
        store.folder.mkdir(parents=True, exist_ok=True)
        (store.folder / LOCK).touch()
    except OSError as error:
        raise SettingsError(
            f"no trace can be written to {store.folder}: {error.strerror or error}; choose another"
            " folder with --out"
        ) from None


def run_export(arguments: argparse.Namespace) -> int:
    """Write a trace in another form."""
    from ...evals.exporting import export
    from .trace import resolve, store_of

    store = store_of(arguments)
    source = store.find(resolve(store, arguments.id))
    data = export(source, arguments.format)
    trace = store.load(source)
    # a bundle keeps what this version does not know
    for note in trace.cut_short + (() if arguments.format == "bundle" else trace.notes):
        common.note(note)
    if arguments.output is None:
        sys.stdout.write(data.decode("utf-8"))
        return common.DONE
    path = Path(arguments.output)
    _write(path, data)
    if arguments.json:
        common.print_json({"file": str(path), "bytes": len(data)})
    else:
        print(f"wrote {path} ({len(data):,} bytes)")
    return common.DONE


def _write(path: Path, data: bytes) -> None:
    """The whole file or none: one that stands there is only replaced by a whole one.

    Raises `SettingsError` naming the file that was asked for, not the one beside it.
    """
    if path.is_dir():
        raise SettingsError(f"{path} is a folder: name a file to write to")
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}") from None
