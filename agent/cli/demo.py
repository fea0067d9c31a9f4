"""`workings demo`: the main job on the sample documents, with no key: asked, replayed, graded."""

import argparse
import importlib.resources
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import asking, common

if TYPE_CHECKING:
    from ...graphs.answer import Answer
    from ..assistant import Assistant
    from .replay_all import Outcome

_QUESTIONS = (
    ("dev-001", "A fact in a report"),
    ("dev-020", "A number in a table of three years"),
    ("dev-036", "A calculation on two numbers that have to be looked up"),
    ("dev-054", "A rule that forbids"),
    ("dev-071", "A question that the documents do not answer"),
)
"""Cases of the sample gold set, and what each shows."""

_NEXT = """\
Try next
  your own documents    workings ask "..." --docs FOLDER
  with a key            export OPENAI_API_KEY=...
                        workings ask "..." --docs FOLDER --model openai:NAME
  with a local model    export WORKINGS_BASE_URL=http://127.0.0.1:8080/v1
                        workings ask "..." --docs FOLDER --model compatible:NAME
  what works here       workings doctor"""


@dataclass(frozen=True)
class _Shown:
    """One question of the demo and all that came of it."""

    case: str
    answer: "Answer"
    outcome: "Outcome"

    @property
    def right(self) -> bool:
        return self.outcome.graded is not None and self.outcome.graded.right


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "demo",
        "answer questions on sample documents, replay and grade them; needs no key",
        "workings demo",
        run,
    )
    parser.add_argument("--model", metavar="M", help="a model of yours instead of extractive")


def run(arguments: argparse.Namespace) -> int:
    """Index, ask, show, replay, grade; 1 when anything is not as it should be."""
    from ...evals import samples
    from ...evals.gold import GoldSet

    arguments.home = arguments.home or tempfile.mkdtemp(prefix="workings-demo-")
    folder = importlib.resources.files(samples)
    with (
        importlib.resources.as_file(folder / "documents") as documents,
        importlib.resources.as_file(folder / "gold.jsonl") as expected,
    ):
        gold = GoldSet.load(expected)
        began = time.monotonic()
        assistant = _open(arguments, documents)
        if not arguments.json:
            common.show(_opening(assistant, time.monotonic() - began))
        shown = []
        for number, (id, title) in enumerate(_QUESTIONS, 1):
            case = next(case for case in gold.cases if case.id == id)
            _tell(arguments, f"{number} of {len(_QUESTIONS)}  {title}", case.question)
            shown.append(_ask(arguments, assistant, case.id, case.question, gold))
    _report(arguments, shown)
    fine = all(item.right and item.outcome.replay.ok for item in shown)
    return common.DONE if fine else common.NO


def _open(arguments: argparse.Namespace, documents: Path) -> "Assistant":
    from ..assistant import Assistant

    settings = common.settings_of(
        arguments, model=arguments.model or "extractive", web=False, collection="demo"
    )
    with common.Progress("Reading documents") as progress:
        return Assistant([documents], settings=settings, progress=progress.count)


def _opening(assistant: "Assistant", took: float) -> str:
    from ..wording import plural, seconds

    documents = assistant.index.documents
    pages = plural(sum(document.pages for document in documents), "page")
    return (
        f"{plural(len(documents), 'sample document')} of invented companies, {pages}, read and"
        f" indexed in {seconds(took)}. Model: {assistant.settings.model}. Web search: off."
    )


def _tell(arguments: argparse.Namespace, title: str, question: str) -> None:
    if arguments.json:
        return
    from ..render import question_view

    common.show(question_view(title, question))


def _ask(
    arguments: argparse.Namespace, assistant: "Assistant", case: str, question: str, gold: Any
) -> _Shown:
    from ..render import answer_view
    from .replay import replay_one

    answer = asking.ask(assistant, question)
    if not arguments.json:
        common.show(answer_view(answer, again=False))
    outcome = replay_one(assistant.traces.find(answer.trace.id), gold)
    return _Shown(case, answer, outcome)


def _report(arguments: argparse.Namespace, shown: list[_Shown]) -> None:
    if arguments.json:
        common.print_json(
            {
                "home": str(arguments.home),
                "questions": [
                    {
                        "case": item.case,
                        "right": item.right,
                        "replay": item.outcome.replay.status,
                        "answer": item.answer.to_json(),
                    }
                    for item in shown
                ],
                "right": sum(item.right for item in shown),
                "identical": sum(item.outcome.replay.status == "identical" for item in shown),
            }
        )
        return
    from ..render_runs import demo_view

    rows = [
        (
            item.answer.question,
            "refused" if item.answer.refused else "answered",
            "right" if item.right else "WRONG",
            item.outcome.replay.status,
        )
        for item in shown
    ]
    faults = [
        f"{item.case}: {item.outcome.graded.verdicts[0].reason}"
        for item in shown
        if item.outcome.graded is not None and not item.right
    ]
    common.show(demo_view(rows, faults, sum(item.outcome.replay.seconds for item in shown)))
    print(f"\n{_NEXT}")
    print(f"  look at these runs    workings trace list --home {arguments.home}")
