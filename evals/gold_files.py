"""Files of gold sets: JSONL, CSV, YAML, XLSX and Parquet, read and written row by row.

Knows which file is of which kind, and how one takes another's place. Knows nothing of what fields
mean: `evals.gold` says what kind each is and validates what is read.
"""

import csv
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from ..tools.errors import GoldError
from .gold_cells import read_cell, write_cell
from .gold_rows import Found, Kinds, Rows, columns, csv_lines, json_lines, read_bytes, read_text
from .gold_tables import parquet_body, read_parquet, read_xlsx, xlsx_body
from .gold_yaml import read_yaml, yaml_body

SUFFIXES = (".jsonl", ".csv", ".yaml", ".yml", ".xlsx", ".parquet")


def checked(path: Path) -> str:
    """The suffix of a file that gold sets are kept in. Raises `GoldError` for any other."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        known = ", ".join(SUFFIXES[:-1])
        raise GoldError(f"{path.name or path}: expected a {known} or {SUFFIXES[-1]} file", path)
    return suffix


def read_rows(path: Path, kinds: Kinds) -> Iterator[Found]:
    """The rows of a file. Raises `GoldError` naming file and place."""
    suffix = checked(path)
    if suffix in (".xlsx", ".parquet"):
        return (read_xlsx if suffix == ".xlsx" else read_parquet)(read_bytes(path), path, kinds)
    text = read_text(path)
    if suffix == ".csv":
        return _csv(text, path, kinds)
    if suffix == ".jsonl":
        return (Found(row, line, f"line {line}") for line, row in json_lines(text, path))
    return read_yaml(text, path)


def write_rows(path: Path, rows: Rows, kinds: Kinds, check: Callable[[Path], None]) -> None:
    """Write rows to a file of its suffix's kind, whole or not at all.

    `check` is given the file before it takes the other's place, and may raise. Raises `GoldError`.
    """
    body = _body(path, rows, kinds)
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(body)
                out.flush()
                os.fsync(out.fileno())
            check(temporary)
            temporary.chmod(path.stat().st_mode if path.exists() else 0o644)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise GoldError(f"{path}: cannot be written ({error.strerror})", path) from None


def _csv(text: str, path: Path, kinds: Kinds) -> Iterator[Found]:
    for line, cells in csv_lines(text, path):
        row = {name: read_cell(kinds.get(name, "text"), cell) for name, cell in cells.items()}
        yield Found(row, line, f"line {line}")


def _body(path: Path, rows: Rows, kinds: Kinds) -> bytes:
    suffix = checked(path)
    if suffix == ".jsonl":
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        return "".join(lines).encode("utf-8", "surrogatepass")
    if suffix == ".csv":
        names = columns(rows, kinds)
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow(
                [write_cell(kinds[name], row[name]) if name in row else "" for name in names]
            )
        return out.getvalue().encode("utf-8", "surrogatepass")
    if suffix in (".xlsx", ".parquet"):
        return (xlsx_body if suffix == ".xlsx" else parquet_body)(rows, path, kinds)
    return yaml_body(rows)
