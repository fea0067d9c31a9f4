"""`workings search`: the passages that fit a query, without an answer."""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ...tools.errors import SettingsError
from . import common

if TYPE_CHECKING:
    from ...tools.documents import Hit
    from ...tools.index import Index
    from ..settings import Settings


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "search",
        "find passages",
        'workings search "termination notice" --docs contracts/ -k 5 --explain',
        run,
    )
    parser.add_argument("query", metavar="QUERY", nargs="?", help="what to look for")
    common.add_documents(parser)
    common.add_embedder(parser)
    parser.add_argument("-k", type=common.count, metavar="N", help="how many passages (8)")
    parser.add_argument(
        "--also",
        metavar="QUERY",
        action="append",
        default=[],
        help="the same asked in other words; what both find is added up (repeatable)",
    )
    parser.add_argument(
        "--pages", type=_pages, metavar="A-B", help="only these pages (1-based), as 10-40 or 12"
    )
    parser.add_argument(
        "--since",
        metavar="DATE",
        help="only documents of this time or later; one that says no date is in no span",
    )
    parser.add_argument(
        "--until", metavar="DATE", help="... or earlier: 2023, 2023-Q3 or 2023-08-30"
    )
    parser.add_argument(
        "--pack", metavar="NAME", help="what is known of a field: finance, ..., FILE.toml, or none"
    )
    parser.add_argument("--explain", action="store_true", help="show the parts of each score")
    parser.add_argument(
        "--batch", metavar="IN.jsonl", help="many queries: a line of {id, question} each"
    )
    parser.add_argument("--out", metavar="OUT.jsonl", help="where --batch writes (stdout)")


def run(arguments: argparse.Namespace) -> int:
    """Search, and show what was found."""
    if (arguments.query is None) == (arguments.batch is None):
        raise SettingsError("give either a QUERY or --batch IN.jsonl")
    if arguments.out is not None and arguments.batch is None:
        raise SettingsError("--out goes with --batch")
    if arguments.query is not None and not arguments.query.strip():
        raise SettingsError("the query is empty; name what to look for")
    if arguments.out is not None and _same_file(arguments.batch, arguments.out):
        raise SettingsError(f"--out {arguments.out} is the file of the questions: name another")
    settings = common.settings_of(arguments)
    rows = None if arguments.batch is None else _queries(Path(arguments.batch))
    how = _how(arguments)
    index, chosen = _open(arguments.docs, settings)

    def find(query: str) -> "list[Hit]":
        return index.search([query, *arguments.also], settings.k, chosen, **how)

    if rows is None:
        if arguments.explain:
            _explain(arguments.query, index, chosen, arguments.pack)
        hits = find(arguments.query)
        if not hits and index.documents:
            _narrowed(arguments)
        return _show(hits, arguments)
    if arguments.out is None:
        _answer(rows, find, sys.stdout)
        return common.DONE
    with open(arguments.out, "w", encoding="utf-8") as out:
        _answer(rows, find, out)
    return common.DONE


def _same_file(a: str, b: str) -> bool:
    return Path(a).exists() and Path(b).exists() and Path(a).samefile(b)


def _narrowed(arguments: argparse.Namespace) -> None:
    """Nothing was found: what was not looked at."""
    given = [name for name in ("docs", "pages", "since", "until") if getattr(arguments, name)]
    if given:
        more = " (a document that says no date is in no span)" * any(
            name in given for name in ("since", "until")
        )
        listed = " and ".join(f"--{name}" for name in given)
        common.note(f"only what {listed} leave{'s' * (len(given) == 1)} was looked at{more}")


def _how(arguments: argparse.Namespace) -> dict[str, Any]:
    """What else narrows or steers the search, checked before anything is read."""
    from ...tools.retrieval import with_pack
    from ...tools.spans import dates_between

    return {
        "options": with_pack(None, arguments.pack),
        "pages": arguments.pages,
        "dates": dates_between(arguments.since, arguments.until),
    }


def _explain(
    query: str, index: "Index", chosen: frozenset[str] | None, pack_name: str | None
) -> None:
    """What the query was understood to say: documents named, and what a pack adds."""
    from ...tools.packs import pack_of

    for document, score in index.named(query, chosen)[:5]:
        common.note(f"names {document.name} ({score:.2f})")
    pack = pack_of(pack_name)
    if pack is None:
        return
    for what, found in (
        ("also looks for", pack.expand(query)),
        ("wants pages like", pack.wanted(query)),
        ("is likely about", pack.kinds_of(query)),
    ):
        if found:
            listed = ", ".join(f"{name} {weight:g}" for name, weight in found.items())
            common.note(f"pack {pack.name} {what}: {listed}")


def _pages(text: str) -> tuple[int, int]:
    """`10-40`, or `12` for one page."""
    match = re.fullmatch(r"\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*", text, re.ASCII)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r}: expected pages such as 10-40 or 12")
    first, last = int(match[1]), int(match[2] or match[1])
    if not 1 <= first <= last:
        raise argparse.ArgumentTypeError(f"{text!r}: pages count from 1, the first one first")
    return first, last


def _answer(rows: list[dict[str, Any]], find: Callable[[str], "list[Hit]"], out: TextIO) -> None:
    with common.Progress("Searching") as progress:
        for done, row in enumerate(rows, 1):
            hits = find(row["question"])
            found = {"id": row["id"], "results": [_result(hit) for hit in hits]}
            out.write(common.json_text(found) + "\n")
            progress.count(done, len(rows), str(row["id"]))


def _open(docs: list[str], settings: "Settings") -> "tuple[Index, frozenset[str] | None]":
    from ..indexes import open_index

    index = open_index(settings)
    chosen = None
    if docs:
        paths = [Path(path) for path in docs]
        with common.Progress("Reading documents") as progress:
            report = index.update(paths, progress.count)
        for item in report.skipped:
            common.note(f"left out {item}")
        chosen = index.select(paths)
    if not index.documents:
        from .index import nothing_there

        common.note(nothing_there(settings))
    return index, chosen


def _show(hits: "list[Hit]", arguments: argparse.Namespace) -> int:
    if arguments.json:
        for hit in hits:
            passage = hit.passage
            line = {**_result(hit), "document": passage.document, "text": passage.text}
            common.print_json({**line, "parts": hit.parts} if arguments.explain else line)
        return common.DONE
    from ..render import hits_view

    common.show(hits_view(hits, arguments.query, explain=arguments.explain))
    return common.DONE


def _result(hit: "Hit") -> dict[str, Any]:
    passage = hit.passage
    return {
        "doc": Path(passage.document).stem,
        "page": passage.page,
        "page_label": passage.page_label,
        "score": round(hit.score, 6),
        "passage_id": passage.id,
    }


def _queries(path: Path) -> list[dict[str, Any]]:
    """The rows of a batch. Raises `SettingsError` naming file and line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingsError(f"{path} is not UTF-8 text; save it as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    rows = list(_rows(text, path.name))
    if not rows:
        raise SettingsError(f"{path} has no question: expected a line of {{id, question}} each")
    return rows


def _rows(text: str, name: str) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise SettingsError(f"{name} line {number}: not JSON ({error})") from None
        if not isinstance(row, dict) or "id" not in row:
            raise SettingsError(f"{name} line {number}: expected an object with id and question")
        if not isinstance(row.get("question"), str) or not row["question"].strip():
            raise SettingsError(
                f"{name} line {number}: question = {row.get('question')!r}: expected a text"
            )
        yield row
