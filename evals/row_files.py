"""The rows of an evaluation as one file for others to read: JSONL, CSV or Parquet.

Knows the columns. In CSV and Parquet each metric has a column, and one for its reason; what is
unscored is empty, never 0. Parquet needs the extra `data`.
"""

import csv
import importlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..tools.errors import SettingsError
from .evaluation import Evaluation, PageRef, Row, line

SUFFIXES = (".jsonl", ".csv", ".parquet")


def checked(path: str | Path) -> Path:
    """The path, if rows can be written to such a file: asked before anything is run.

    Raises `SettingsError` for another suffix, a folder that is missing, or a missing extra.
    """
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise SettingsError(f"{path.name}: expected a file ending in {', '.join(SUFFIXES)}")
    if not path.parent.is_dir():
        raise SettingsError(f"{path}: the folder {path.parent} is not there; make it first")
    if path.suffix.lower() == ".parquet":
        _pyarrow()
    return path


def write_rows(evaluation: Evaluation, path: str | Path) -> None:
    """Write the rows. Raises `SettingsError` as `checked`, or when the file cannot be written."""
    path = checked(path)
    write: Callable[[Evaluation, Path], None] = {
        ".jsonl": _jsonl,
        ".csv": _csv,
        ".parquet": _parquet,
    }[path.suffix.lower()]
    try:
        write(evaluation, path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror})") from None


def _jsonl(evaluation: Evaluation, path: Path) -> None:
    path.write_bytes(b"".join(map(line, evaluation.rows)))


def _csv(evaluation: Evaluation, path: Path) -> None:
    rows = [_flat(row, evaluation) for row in evaluation.rows]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_columns(evaluation))
    for row in rows:
        writer.writerow(";".join(cell) if isinstance(cell, list) else cell for cell in row)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")


def _parquet(evaluation: Evaluation, path: Path) -> None:
    arrow, parquet = _pyarrow()
    types = {
        **dict.fromkeys(("repeat", "requests", "input_tokens", "output_tokens"), arrow.int64()),
        **dict.fromkeys(("cost_usd", "seconds"), arrow.float64()),
        **dict.fromkeys(map(_column, evaluation.metrics), arrow.float64()),
        **dict.fromkeys(("tags", "tools", "retrieved", "cited"), arrow.list_(arrow.string())),
        "refused": arrow.bool_(),
    }
    rows = [_flat(row, evaluation) for row in evaluation.rows]
    names = _columns(evaluation)
    schema = arrow.schema([(name, types.get(name, arrow.string())) for name in names])
    columns = [[row[place] for row in rows] for place in range(len(names))]
    arrays = [
        arrow.array(cells, type=field.type) for cells, field in zip(columns, schema, strict=True)
    ]
    parquet.write_table(arrow.Table.from_arrays(arrays, schema=schema), path)


_FIELDS = (
    "case", "repeat", "question", "tags", "group", "trace", "text", "refused", "error", "tools",
    "retrieved", "cited", "requests", "input_tokens", "output_tokens", "cost_usd", "seconds",
)  # fmt: skip


def _columns(evaluation: Evaluation) -> list[str]:
    pairs = [(_column(name), f"{name}: reason") for name in evaluation.metrics]
    return [*_FIELDS, *(column for pair in pairs for column in pair)]


def _column(metric: str) -> str:
    """A metric's column; one that a row has by itself (`requests`) keeps its name."""
    return f"{metric}: value" if metric in _FIELDS else metric


def _flat(row: Row, evaluation: Evaluation) -> list[Any]:
    cells = [_cell(getattr(row, name)) for name in _FIELDS]
    verdicts = {verdict.metric: verdict for verdict in row.verdicts}
    for name in evaluation.metrics:
        verdict = verdicts.get(name)
        cells += [None, None] if verdict is None else [verdict.value, verdict.reason]
    return cells


def _cell(value: object) -> object:
    """A list is a list of texts; a page is `document:page`."""
    if not isinstance(value, tuple):
        return value
    return [_page(item) if isinstance(item, PageRef) else str(item) for item in value]


def _page(ref: PageRef) -> str:
    return ref.document if ref.page is None else f"{ref.document}:{ref.page}"


def _pyarrow() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise SettingsError(
            "Parquet needs pyarrow: pip install 'workings[data]' (or write .jsonl or .csv)"
        ) from None
