"""`workings chat`: questions one after the other, each knowing those before it."""

import argparse
import sys
from typing import TYPE_CHECKING

from ...tools.errors import WorkingsError
from . import asking, common
from .typed import lines, tidy

if TYPE_CHECKING:
    from ..assistant import Assistant

_HELP = """Ask a question. A later one may refer to those before it.
  /docs   the documents that are asked
  /help   this
  /quit   leave (also Ctrl-D); Ctrl-C stops an answer and keeps the chat"""
_REMEMBERED = 20
"""Earlier questions and answers that go along with a new one."""


def add(commands: common.Commands) -> None:
    """The command's arguments."""
    parser = common.command(
        commands,
        "chat",
        "ask one question after the other",
        "workings chat --docs reports/",
        run,
    )
    common.add_documents(parser)
    common.add_pack(parser)
    common.add_model(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read, answer, repeat. Lines of a pipe are questions too; then the worst end is the code."""
    assistant = asking.open_assistant(arguments)
    asking.hint_documents(assistant)
    terminal = sys.stdin.isatty()
    read = lines("> ")
    if terminal and not arguments.json:
        count = len(assistant.documents)
        common.note(f"{count} documents. Ask a question; /help says more, Ctrl-D leaves.")
    history: list[tuple[str, str]] = []
    worst = common.DONE
    while True:
        try:
            question = tidy(read())
            if question in ("/quit", "/exit"):
                break
            if question.startswith("/"):
                _command(question, assistant)
            elif question:
                worst = max(worst, _turn(arguments, assistant, question, history))
        except KeyboardInterrupt:
            if not terminal:
                raise
            common.note("Ctrl-D or /quit leaves.")
        except EOFError:
            break
    return common.DONE if terminal else worst


def _turn(
    arguments: argparse.Namespace,
    assistant: "Assistant",
    question: str,
    history: list[tuple[str, str]],
) -> int:
    from ..render import answer_view, sentence_view

    said: list[str] = []

    def show_text(text: str) -> None:
        said.append(text)
        common.show(sentence_view(text))

    try:
        answer = asking.ask(
            assistant,
            question,
            tuple(history[-_REMEMBERED:]),
            None if arguments.json else show_text,
        )
    except KeyboardInterrupt:
        if not sys.stdin.isatty():
            raise
        common.note("stopped.")
        return common.DONE
    except WorkingsError as error:
        common.complain(str(error))
        if error.trace is not None:
            common.complain(f"the run so far is trace {error.trace.id}")
            return common.STOPPED
        return common.BAD_INPUT
    history.append((question, answer.text))
    if arguments.json:
        common.print_json(answer.to_json())
    else:
        recorded = assistant.not_recorded is None
        view = answer_view(answer, text=not said, again=recorded, home=arguments.home)
        common.show(view)
        print()
    return common.DONE


def _command(line: str, assistant: "Assistant") -> None:
    if line == "/help":
        common.note(_HELP)
    elif line == "/docs":
        names = assistant.documents
        common.note("\n".join(f"  {name}" for name in names) if names else "no documents")
    else:
        common.note(f"there is no {line.split()[0]!r}; /help, /docs and /quit are the commands")
