"""Where the actions of `workings gold` write: over nothing that is there, unless told to."""

import argparse
import os
from pathlib import Path


def add_force(parser: argparse.ArgumentParser) -> None:
    """--force."""
    parser.add_argument("--force", action="store_true", help="write over what is there")


def check_free(path: Path, force: bool) -> None:
    """Raises `GoldError`: no file of a gold set, or one that is there and may not be replaced."""
    from ...evals.gold_files import checked
    from ...tools.errors import GoldError

    checked(path)
    if os.path.lexists(path) and not force:
        raise GoldError(f"{path} is there already: name another file, or give --force", path)
