"""`workings why`: the stage at which a page was lost, and what would have been with a change."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...tools.errors import SettingsError, ToolError
from . import asking, common

if TYPE_CHECKING:
    from ...evals.why import Look, Why
    from ...graphs.answer import Answer
    from ...graphs.trace import Trace
    from ...tools.what_if import WhatIf
    from ...tools.why import PageRanks
    from ..assistant import Assistant


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "why",
        "say where a page was lost on the way into an answer",
        'workings why "What was revenue in 2025?" --page report.pdf:12 --what-if k=20,pack=finance',
        run,
    )
    parser.add_argument(
        "question", metavar="QUESTION", nargs="?", help="the question; left out with --trace"
    )
    parser.add_argument(
        "--page",
        metavar="DOC:N",
        type=_page,
        required=True,
        help="the page that should have been found (1-based), as report.pdf:12",
    )
    parser.add_argument(
        "--trace", metavar="ID", help="a recorded run, or `last`; without it the question is asked"
    )
    parser.add_argument(
        "--no-ask", action="store_true", help="look at the search only; no model is asked"
    )
    parser.add_argument(
        "--what-if",
        metavar="N=V,...",
        action="append",
        default=[],
        help="rank again with k, pack, embedder, ... changed (no model is asked);"
        " only=PASSAGE asks again with that passage alone (repeatable)",
    )
    common.add_documents(parser)
    common.add_model(parser)
    common.add_pack(parser)
    parser.add_argument("-k", type=common.count, metavar="N", help="passages of one search (8)")


def run(arguments: argparse.Namespace) -> int:
    """Find the stage, and show it."""
    from ...tools.what_if import parse

    changes = parse(arguments.what_if)
    trace = _trace(arguments)
    question = _question(arguments, trace)
    asks = trace is None and not arguments.no_ask and not changes.reranks
    if not asks and not changes.only:
        arguments.model = "extractive"  # none is asked, so none has to be there
    assistant = asking.open_assistant(arguments)
    name, page = _known_page(assistant, arguments.page)
    if asks and not changes.only:
        trace = asking.ask(assistant, question).trace
    k, options = assistant.settings.k, assistant.retrieval
    if trace is not None:
        from ...evals.why import retrieval_of

        k, options = retrieval_of(trace)

    def look(change: "WhatIf | None" = None) -> "Look":
        from ...evals.why import looking
        from ..indexes import embedder_of

        named = change.embedder if change else None
        other = embedder_of(named, assistant.settings) if named else None
        return looking(
            assistant.index,
            name,
            page,
            (change.k if change else None) or k,
            assistant.selection,
            change.applied(options) if change else options,
            other,
        )

    told, called = _told(question, trace, look(), name, page)
    changed = look(changes)(called) if changes.reranks else None
    alone = _alone(assistant, question, changes.only) if changes.only else None
    if arguments.json:
        common.print_json(_document(told, changes, changed, alone))
    else:
        from ..render_why import why_view

        common.show(why_view(told, changes.told(), changed, alone))
    return common.DONE


def _told(
    question: str, trace: "Trace | None", look: "Look", name: str, page: int
) -> "tuple[Why, dict[str, Any]]":
    """What became of the page, and the arguments of the search that it stood best in."""
    from ...evals.why import best_search, searched, why

    if trace is None:
        arguments: dict[str, Any] = {"query": question}
        return searched(question, look(arguments)), arguments
    best = best_search(trace, look)
    called = dict(best[0]) if best is not None else {"query": question}
    return why(trace, name, page, look), called


def _alone(assistant: "Assistant", question: str, id: str) -> "tuple[str, Answer, bool]":
    """Ask again with one passage alone: its id, the answer, and whether the answer uses it."""
    from ...tools.only import only, passage_of

    passage = passage_of(assistant.index, id)
    assistant.tools = only(assistant.tools, passage)
    answer = asking.ask(assistant, question)
    used = any(citation.passage == passage.id for citation in answer.citations)
    used = used or any(
        operand.source == f"passage {passage.id}"
        for calculation in answer.calculations
        for operand in calculation.operands
    )
    return passage.id, answer, used


def _trace(arguments: argparse.Namespace) -> "Trace | None":
    if arguments.trace is None:
        return None
    from .trace import resolve, store_of

    store = store_of(arguments)
    return store.load(resolve(store, arguments.trace))


def _question(arguments: argparse.Namespace, trace: "Trace | None") -> str:
    given = asking.question_of(arguments.question) if arguments.question is not None else ""
    if trace is None:
        if not given:
            raise SettingsError("give a QUESTION, or a run with --trace ID")
        return given
    if given and given != trace.question:
        raise SettingsError(
            f"the run {trace.id} is for {trace.question[:80]!r}: leave the question out"
        )
    return trace.question


def _known_page(assistant: "Assistant", given: tuple[str, int]) -> tuple[str, int]:
    """The name and page as the index has them. Raises `SettingsError` naming what there is."""
    from ...tools.folder import show
    from ..wording import plural

    name, page = given
    try:
        found = assistant.index.resolve(Path(name).name, assistant.selection)
    except ToolError as error:
        raise SettingsError(f"--page {name}:{page}: {error}") from None
    if page > found.pages:
        raise SettingsError(f"--page {page}: {show(found.name)} has {plural(found.pages, 'page')}")
    return found.name, page


def _page(text: str) -> tuple[str, int]:
    """`report.pdf:12`."""
    name, _, number = text.rpartition(":")
    if not name.strip() or not number.isascii() or not number.isdecimal() or not int(number):
        raise argparse.ArgumentTypeError(f"{text!r}: expected DOC:N, as report.pdf:12")
    return name.strip(), int(number)


def _document(
    told: "Why",
    changes: "WhatIf",
    changed: "PageRanks | None",
    alone: "tuple[str, Answer, bool] | None",
) -> dict[str, Any]:
    document: dict[str, Any] = told.model_dump(mode="json")
    if changed is not None:
        document["what_if"] = {
            "changes": changes.told(),
            "lost": changed.lost,
            "ranks": changed.model_dump(mode="json"),
        }
    if alone is not None:
        id, answer, used = alone
        document["only"] = {
            "passage": id,
            "used": used,
            "refused": answer.refused,
            "text": answer.text,
            "trace": answer.trace.id,
        }
    return document
