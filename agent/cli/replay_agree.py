"""Which options of `workings replay` go together. Knows nothing of what they do."""

import argparse

from ...tools.errors import SettingsError


def agree(arguments: argparse.Namespace) -> None:
    """Raises `SettingsError`, with what to leave out or to add."""
    if bool(arguments.traces) == (arguments.all is not None):
        raise SettingsError("name traces (as in `workings replay last`), or give --all [DIR]")
    if arguments.step is not None and (arguments.all is not None or len(arguments.traces) != 1):
        raise SettingsError("--from forks one trace: name that one")
    if arguments.walk:
        _agree_to_walk(arguments)
    if arguments.edit is not None and arguments.step is None:
        raise SettingsError("--edit needs --from STEP: where to put it in")
    if arguments.step is not None and (arguments.app or arguments.turbo):
        raise SettingsError("--app and --turbo are for whole replays, not for a fork")
    if arguments.step is not None and (arguments.lenient or arguments.twice):
        raise SettingsError("--lenient and --twice are for whole replays, not for a fork")
    if arguments.jobs is not None and (arguments.live is not None or arguments.step is not None):
        raise SettingsError("--jobs is for offline replays: leave it out with --live and --from")
    if arguments.live is None and (arguments.docs or arguments.collection):
        raise SettingsError("--docs and --collection are for --live tools or --live all")


def _agree_to_walk(arguments: argparse.Namespace) -> None:
    if arguments.all is not None or len(arguments.traces) != 1:
        raise SettingsError("--step walks through one trace: name that one")
    for name in ("gold", "junit", "jobs", "step", "lenient", "twice"):
        if getattr(arguments, name):
            raise SettingsError(
                f"--{'from' if name == 'step' else name} is not for --step; leave it out"
            )
