"""The assistant that a command line describes, and a question asked of it while its steps show."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from . import common
from .typed import tidy

if TYPE_CHECKING:
    from ...graphs.answer import Answer
    from ...graphs.trace import Step
    from ..assistant import Assistant
    from ..settings import Settings


def open_assistant(arguments: argparse.Namespace) -> "Assistant":
    """The assistant that the arguments describe; documents are indexed, and faults told."""
    from ..assistant import Assistant

    settings = common.settings_of(arguments)
    with common.Progress("Reading documents" if arguments.docs else "Getting ready") as progress:
        assistant = Assistant(arguments.docs, settings=settings, progress=progress.count)
    for path, reason in assistant.skipped:
        common.note(f"left out {Path(path).name}: {reason}")
    return assistant


def hint_documents(assistant: "Assistant") -> None:
    """When there is nothing to read: how to add it."""
    if not assistant.documents:
        common.note(
            "no documents are indexed here: add some with `workings index FOLDER`, or name them"
            " with --docs FOLDER"
        )


def hint_model(settings: "Settings") -> None:
    """When a key is there and no model named: how to use it."""
    if settings.model == "extractive" and settings.openai_api_key is not None:
        common.note("OPENAI_API_KEY is set; name a model to use it: --model openai:NAME")


def question_of(text: str) -> str:
    """The question of an argument; `-` reads it from stdin."""
    return tidy(sys.stdin.read() if text == "-" else text)


def ask(
    assistant: "Assistant",
    question: str,
    history: Sequence[tuple[str, str]] = (),
    on_text: Callable[[str], None] | None = None,
) -> "Answer":
    """Ask, with the steps shown on stderr while they happen."""
    answer = None
    with common.Progress("Thinking") as progress:
        events = assistant.stream(question, history=history)
        try:
            for event in events:
                if event.kind == "step" and not event.finished:
                    progress.say(_doing(event.step))
                elif event.kind == "text" and on_text is not None:
                    progress.close()
                    on_text(event.text)
                elif event.kind == "answer":
                    answer = event.answer
        finally:
            close = getattr(events, "close", None)
            if close is not None:
                close()
    assert answer is not None, "a run ends with an answer or an error"
    if assistant.not_recorded is not None:
        common.note(f"this run is not recorded: {assistant.not_recorded}")
    return answer


def _doing(step: "Step") -> str:
    from ...graphs.trace import ToolStep
    from ..render import arguments_line

    if isinstance(step, ToolStep):
        return f"{step.name} {arguments_line(step, 60)}"
    return {"decide": "deciding what to do", "answer": "writing the answer"}.get(
        step.name, step.name
    )
