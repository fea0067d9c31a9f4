"""Gold sets of promptfoo, OpenAI Evals, LangSmith and Langfuse as ours.

Knows the formats by name and how their files are read; each format is a module of
`evals.gold_importers`. What cannot be carried over is told, never dropped in silence.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..tools.errors import GoldError
from .gold import GoldSet
from .gold_importers import langfuse, langsmith, openai_evals, promptfoo
from .gold_importers.collected import Collected, Left
from .gold_rows import csv_lines, json_lines, read_text
from .gold_yaml import load_yaml

FORMATS = {
    "promptfoo": promptfoo.SHAPE,
    "openai-evals": openai_evals.SHAPE,
    "langsmith": langsmith.SHAPE,
    "langfuse": langfuse.SHAPE,
}
"""What each format's files look like."""
_GUESSES = (
    ("promptfoo", promptfoo.fits),
    ("openai-evals", openai_evals.fits),
    ("langfuse", langfuse.fits),
    ("langsmith", langsmith.fits),
)


@dataclass(frozen=True)
class Imported:
    """What a file came to."""

    gold: GoldSet
    format: str
    left: tuple[Left, ...]
    """What was not carried over, in the order of the file."""


def import_gold(path: str | Path, format: str | None = None) -> Imported:
    """Read a file of another program; its format is told by its content when it is not given.

    Raises `GoldError`: a format that is not known, a file that is not of it, no case at all, a set
    that is ours already.
    """
    path = Path(path)
    if format is not None and format not in FORMATS:
        raise GoldError(f"format {format!r}: expected {', '.join(FORMATS)}")
    if format is None and _is_ours(path):
        raise GoldError(
            f"{path.name} is a gold set of Workings already: use it as it is, or make another"
            f" kind of file of it with `workings gold convert {path.name} NEW.csv`",
            path,
        )
    document = read_document(path)
    name = format or next((name for name, fits in _GUESSES if fits(document)), None)
    if name is None:
        shapes = "; ".join(f"{name}: {shape}" for name, shape in FORMATS.items())
        raise GoldError(f"{path.name}: of no format that is known. Expected {shapes}", path)
    collected = Collected(name)
    if name == "promptfoo":
        promptfoo.read(document, path, collected, read_document)
    else:
        module = {"openai-evals": openai_evals, "langsmith": langsmith, "langfuse": langfuse}[name]
        module.read(document, path, collected)
    if not collected.cases:
        why = "; ".join(f"{left.place}: {left.what}: {left.why}" for left in collected.left[:3])
        raise GoldError(
            f"{path.name}: no case could be made of it as {name} ({why or 'it holds none'});"
            f" expected {FORMATS[name]}",
            path,
        )
    return Imported(GoldSet(cases=tuple(collected.cases.values())), name, tuple(collected.left))


def _is_ours(path: Path) -> bool:
    try:
        GoldSet.load(path)
    except GoldError:
        return False
    return True


def read_document(path: Path) -> Any:
    """A file as plain data: an object, or a list of (place, record). Raises `GoldError`."""
    suffix = path.suffix.lower()
    if suffix not in (".json", ".jsonl", ".yaml", ".yml", ".csv"):
        raise GoldError(f"{path.name}: expected a .json, .jsonl, .yaml or .csv file", path)
    text = read_text(path)
    if suffix == ".jsonl":
        return [(f"line {line}", row) for line, row in json_lines(text, path)]
    if suffix == ".csv":
        return [(f"line {line}", row) for line, row in csv_lines(text, path)]
    if suffix == ".json":
        try:
            document = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise GoldError(f"{path.name}: not JSON ({error})", path) from None
    else:
        document = load_yaml(text, path)
    if isinstance(document, dict):
        return document
    if not isinstance(document, list):
        raise GoldError(f"{path.name}: expected an object or a list of records", path)
    return [(f"record {number}", record) for number, record in enumerate(document, 1)]
