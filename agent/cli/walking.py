"""A walk through something by typed commands: line by line, until a person leaves or a pipe ends.

Knows neither the commands nor what is walked through.
"""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from . import common
from .typed import lines, tidy

if TYPE_CHECKING:
    from rich.console import RenderableType

    from ..debugger import Said


def walk(
    prompt: str, help: str, do: Callable[[str], "Said"], show: "Callable[[RenderableType], None]"
) -> int:
    """Give every line to `do` and show what it came to. Of a pipe the worst end is the code."""
    terminal = sys.stdin.isatty()
    read = lines(prompt, help)
    worst = common.DONE
    while True:
        try:
            line = tidy(read())
        except KeyboardInterrupt:
            if not terminal:
                raise
            common.note("quit or Ctrl-D leaves.")
            continue
        except EOFError:
            break
        said = do(line)
        if said.done:
            break
        for view in said.views:
            show(view)
        if said.problem:
            common.complain(said.problem)
            worst = common.BAD_INPUT
        sys.stdout.flush()
    return common.DONE if terminal else worst
