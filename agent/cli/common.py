"""What the commands share: options, exit codes, and how they print. Knows no command."""

import argparse
import json
import re
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from ..settings import Settings

DONE, NO, BAD_INPUT, STOPPED = 0, 1, 2, 3

Commands = Any
"""What `ArgumentParser.add_subparsers` returns; its type is private to argparse."""

_PIPE_WIDTH = 100
"""Columns where there is no terminal, so that a file looks the same everywhere."""


def command(
    commands: Commands, name: str, help: str, example: str, run: Callable[..., int]
) -> argparse.ArgumentParser:
    """A command's parser, with the options that every command has."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=help,
        description=help[0].upper() + help[1:] + ".",
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    add_basics(parser)
    return parser


def actions(parser: argparse.ArgumentParser, name: str) -> Callable[..., argparse.ArgumentParser]:
    """What makes the parser of an action of a command: of its name, help, example and `run`."""
    group = parser.add_subparsers(title="actions", metavar="ACTION")

    def add(
        action: str, help: str, example: str, run: Callable[..., int]
    ) -> argparse.ArgumentParser:
        return command(group, action, help, f"workings {name} {action} {example}".rstrip(), run)

    return add


def add_basics(parser: argparse.ArgumentParser) -> None:
    """--home and --json."""
    parser.add_argument("--home", metavar="PATH", help="where things are kept (.workings)")
    parser.add_argument(
        "--json", action="store_true", help="JSON on stdout (one document; lists as JSON lines)"
    )


def add_documents(parser: argparse.ArgumentParser) -> None:
    """--docs and --collection."""
    parser.add_argument(
        "--docs",
        metavar="PATH",
        type=path,
        action="append",
        default=[],
        help="a file or folder to use, and only that (repeatable)",
    )
    parser.add_argument("--collection", metavar="NAME", help="which index (default)")


def add_embedder(parser: argparse.ArgumentParser) -> None:
    """--embedder."""
    parser.add_argument(
        "--embedder",
        metavar="E",
        help="what vectors are made by: wordllama, minilm, minilm:PATH, openai:NAME or"
        " compatible:NAME (that of the index)",
    )


def add_pack(parser: argparse.ArgumentParser) -> None:
    """--pack."""
    parser.add_argument(
        "--pack", metavar="P", help="knowledge of a field: finance, security-questionnaire, a path"
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """--model, --no-web, --deadline."""
    parser.add_argument("--model", metavar="M", help="extractive, openai:NAME or compatible:NAME")
    parser.add_argument("--no-web", action="store_true", help="do not search the web")
    parser.add_argument("--deadline", metavar="S", type=positive, help="seconds an answer may take")


def path(text: str) -> str:
    """A path as it is given; not an empty one, which would be the working folder and all in it."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r}: expected a file or folder")
    return text


def positive(text: str) -> float:
    """A number of seconds above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number above 0")
    return number


def count(text: str) -> int:
    """A whole number above 0."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number above 0")
    return int(text)


def whole(name: str, value: Any) -> int:
    """A whole number above 0 that was given as text. Raises `SettingsError`."""
    from ...tools.errors import SettingsError

    try:
        return count(str(value))
    except argparse.ArgumentTypeError as error:
        raise SettingsError(f"{name}: {error}") from None


def now() -> str:
    """The time, as labels, evaluations and ledgers keep it: UTC, to the second."""
    import datetime

    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def version() -> str:
    """The version of this package, without importing what it needs to run."""
    import importlib

    package = __name__.split(".agent.", 1)[0]
    return str(importlib.import_module(package).__version__)


def settings_of(arguments: argparse.Namespace, **more: Any) -> "Settings":
    """The settings in force, with what the command line says on top."""
    from ..settings import load_settings

    given = vars(arguments)
    names = ("home", "collection", "model", "deadline", "k", "pack", "embedder", "language")
    overrides = {name: given.get(name) for name in names}
    if overrides["home"] is not None:
        overrides["home"] = Path(overrides["home"])
    if given.get("no_web"):
        overrides["web"] = False
    return load_settings({**overrides, **more})


class Progress:
    """A line on stderr that comes and goes; nothing where stderr is no terminal."""

    def __init__(self, text: str):
        self._text = text
        self._status: AbstractContextManager[Any] | None = None
        self._line: Any = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty():
            self._status = console(stderr=True).status(f"{self._text} ...")
            self._line = self._status.__enter__()
        else:
            self._status = nullcontext()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Take the line away."""
        if self._line is not None and self._status is not None:
            self._status.__exit__(None, None, None)
        self._line = None

    def say(self, text: str) -> None:
        """Show what is being done."""
        if self._line is not None:
            from rich.text import Text

            from ..wording import one_line

            self._line.update(Text(f"{one_line(text, 70)} ..."))

    def count(self, done: int, total: int, name: str) -> None:
        """Show how far it is: files done, files to read, the last one's name."""
        self.say(f"{self._text}: {done} of {total}  {name}")


def console(stderr: bool = False) -> "Console":
    """Where things are printed: colour on a terminal only, no markup, no guessing."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(
        file=stream,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if stream.isatty() else _PIPE_WIDTH,
    )


def show(view: "RenderableType") -> None:
    """Print for a person, on stdout. A pipe gets no blanks at the ends of lines."""
    to = console()
    if to.is_terminal:
        to.print(view)
        return
    with to.capture() as captured:
        to.print(view)
    for line in captured.get().split("\n")[:-1]:
        print(line.rstrip())


_HIDDEN = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]")


def json_text(document: Any) -> str:
    """JSON on one line; what could steer a terminal is escaped, which JSON readers undo."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return _HIDDEN.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def print_json(document: Any) -> None:
    """One document, on one line."""
    print(json_text(document), flush=True)


def note(text: str) -> None:
    """Something worth knowing, on stderr."""
    from ..wording import visible

    print(visible(text), file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """What went wrong, on stderr, in one line."""
    from ..wording import visible

    print(f"workings: {visible(' '.join(text.split()))}", file=sys.stderr, flush=True)
