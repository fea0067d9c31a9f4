"""The command line: reads the arguments, runs one command, and turns every end into an exit code.

One module a command, each with `add(commands)` and `run(arguments)`. Knows no command's work.
Nothing heavy is imported here or at the top of a command's module: `workings --help` is at once.

Exit codes: 0 done; 1 the answer to what was asked is no; 2 bad input or settings; 3 a provider, a
tool or a limit stopped it; 130 stopped by Ctrl-C.
"""

import argparse
import errno
import os
import sys
from collections.abc import Sequence

from ...tools.errors import LimitReached, ProviderError, ToolError, WorkingsError
from . import (
    ask,
    chat,
    compare,
    demo,
    doctor,
    evaluate,
    flakes,
    gold,
    index,
    judge,
    patterns,
    replay,
    report,
    search,
    trace,
    why,
)
from .common import BAD_INPUT, DONE, STOPPED, complain

_COMMANDS = (
    ask,
    chat,
    index,
    search,
    why,
    trace,
    replay,
    evaluate,
    gold,
    compare,
    report,
    patterns,
    judge,
    flakes,
    demo,
    doctor,
)
_EPILOG = """examples:
  workings demo                                       see what it does, with no key
  workings ask "What was revenue in 2025?" --docs reports/
  workings replay last                                run it again, offline
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. Raises `SystemExit` only for --help, --version and usage."""
    _settle_output()
    arguments = _parser().parse_args(argv)
    if arguments.run is None:
        _parser().print_help()
        return DONE
    debug = _settle_logging()
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        complain("stopped; what was recorded so far is kept")
        return 130
    except BrokenPipeError:
        # The reader has seen enough; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except Exception as error:
        if debug:
            raise
        return _explain(error)


def _explain(error: Exception) -> int:
    """One sentence for an error, and its exit code."""
    if isinstance(error, WorkingsError):
        complain(str(error))
        if error.trace is not None:
            complain(f"the run so far is trace {error.trace.id}")
        stopped = isinstance(error, ProviderError | LimitReached | ToolError)
        return STOPPED if stopped or error.trace is not None else BAD_INPUT
    if isinstance(error, OSError) and error.errno is not None:
        where = f" ({error.filename})" if error.filename else ""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            complain(f"the disk is full{where}: make room, or choose another --home")
            return STOPPED
        complain(f"{(error.strerror or type(error).__name__).lower()}{where}")
        denied = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR)
        return BAD_INPUT if error.errno in (*denied, errno.EISDIR, errno.EEXIST) else STOPPED
    complain(
        f"something unexpected went wrong ({type(error).__name__}: {error}). That is a fault in"
        " Workings: please report it with what WORKINGS_DEBUG=1 shows"
    )
    return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="workings",
        description="The assistant that shows its workings: answers with citations, calculations"
        " and a record that replays.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    parser.set_defaults(run=None)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in _COMMANDS:
        command.add(commands)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from .common import version

        print(f"workings {version()}")
        parser.exit()


def _settle_output() -> None:
    """No character of a file name or a document can make printing fail."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _settle_logging() -> bool:
    """Keep libraries from writing between our lines, unless WORKINGS_DEBUG asks for it."""
    import logging
    import warnings

    from ..settings import debugging

    if debugging():
        return True
    logging.getLogger().addHandler(logging.NullHandler())
    warnings.simplefilter("ignore")
    return False
