"""Fields as cells of a table, and back: lists with ';', numbers, flags and JSON as text.

Knows kinds of fields. Knows nothing of which field is which, or of files.
"""

import json
from typing import Any, Literal

Kind = Literal["text", "texts", "integers", "number", "flag", "json"]
_EXACT = 2**53
"""Up to here a float says a whole number exactly."""


def read_cell(kind: Kind, cell: str) -> Any:
    """A cell of text as JSON would have it; what does not fit is left for validation to name."""
    cell = cell.strip()
    if kind == "json":
        try:
            return json.loads(cell)
        except (json.JSONDecodeError, RecursionError):
            return cell
    if kind in ("texts", "integers"):
        items = [item.strip() for item in cell.split(";")]
        whole = kind == "integers"
        return [int(item) if whole and _digits(item) else item for item in items]
    if kind == "number":
        for read in (int, float):
            try:
                return read(cell)
            except ValueError:
                continue
    if kind == "flag":
        return {"true": True, "false": False}.get(cell.lower(), cell)
    return cell


def read_typed(kind: Kind, cell: object) -> Any:
    """A cell that has a type of its own (a spreadsheet's, Parquet's), as JSON would have it."""
    if isinstance(cell, str):
        return read_cell(kind, cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT:
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        # An id such as 12 is typed as text and kept as a number by spreadsheets.
        return {"text": str(cell), "texts": [str(cell)], "integers": [cell]}.get(kind, cell)
    return cell


def write_cell(kind: Kind, value: Any) -> str | int | float | bool:
    """A field that is given, as a cell."""
    if kind == "json":
        return json.dumps(value, ensure_ascii=False)
    if kind in ("texts", "integers"):
        return ";".join(map(str, value))
    found: str | int | float | bool = value
    return found


def _digits(item: str) -> bool:
    return item.isascii() and item.isdigit()
