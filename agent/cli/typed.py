"""Lines that a person types: at a terminal with history and a bar of help, else from stdin.

Knows prompts, nothing of what is done with a line.
"""

import sys
from collections.abc import Callable


def lines(prompt: str, help: str | None = None) -> Callable[[], str]:
    """What gives one line a call. It raises `EOFError` when there are no more."""
    if not sys.stdin.isatty():
        return _from_stdin
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import InMemoryHistory

    session: PromptSession[str] = PromptSession(history=InMemoryHistory(), bottom_toolbar=help)
    return lambda: session.prompt(prompt)


def tidy(text: str) -> str:
    """A typed text without invisible characters and the blanks around it."""
    from ...tools.text import clean

    return clean(text)[0].strip()


def _from_stdin() -> str:
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line
