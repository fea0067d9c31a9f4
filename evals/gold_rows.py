"""Rows as they stand in a file of text, each with its place: what readers of files share.

Knows JSONL and CSV. Knows nothing of what a row means.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..tools.errors import GoldError
from .gold_cells import Kind

Kinds = Mapping[str, Kind]
Rows = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Found:
    """A row and where it stands."""

    row: dict[str, Any]
    line: int
    """Line or row, from 1."""
    place: str
    """The same in words: `line 3`, `sheet 'cases' row 3`."""


def columns(rows: Rows, kinds: Kinds) -> list[str]:
    """The fields that any row gives, in the order of the kinds."""
    return [name for name in kinds if any(name in row for row in rows)]


def read_bytes(path: Path) -> bytes:
    """The bytes of a file. Raises `GoldError`."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})", path) from None


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, without a byte order mark. Raises `GoldError`."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GoldError(
            f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8", path
        ) from None


def json_lines(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of JSONL with their lines. Raises `GoldError`."""
    for line, content in enumerate(text.split("\n"), 1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except (json.JSONDecodeError, RecursionError) as error:
            raise GoldError(f"{path.name} line {line}: not JSON ({error})", path, line) from None
        if not isinstance(row, dict):
            raise GoldError(
                f"{path.name} line {line}: expected an object, found {type(row).__name__}",
                path,
                line,
            )
        yield line, row


def csv_lines(text: str, path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of CSV by the names of its first line, empty cells left out. Raises `GoldError`."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                check_header(header, path, f"line {reader.line_num}", reader.line_num)
                continue
            if len(cells) != len(header):
                raise GoldError(
                    f"{path.name} line {reader.line_num}: {len(cells)} fields, "
                    f"the header has {len(header)}",
                    path,
                    reader.line_num,
                )
            filled = {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()}
            yield reader.line_num, filled
    except csv.Error as error:
        raise GoldError(
            f"{path.name} line {reader.line_num}: not CSV ({error})", path, reader.line_num
        ) from None


def check_header(header: Sequence[str], path: Path, place: str, line: int) -> None:
    """Raises `GoldError` for a column that is there twice or has no name."""
    for number, name in enumerate(header):
        if not name:
            raise GoldError(f"{path.name} {place}: column {number + 1} has no name", path, line)
        if name in header[:number]:
            raise GoldError(f"{path.name} {place}: column {name!r} is there twice", path, line)
