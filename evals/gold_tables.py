"""Gold sets in tables that are not text: XLSX (extra `office`) and Parquet (extra `data`).

The first row names the columns. Knows cells and sheets; knows nothing of what fields mean.
"""

import importlib
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ..tools.archives import check_archive
from ..tools.errors import DocumentError, GoldError
from .gold_cells import read_typed, write_cell
from .gold_rows import Found, Kinds, Rows, check_header, columns

SHEET = "cases"
"""The sheet that is read where several hold something, and the one that is written."""
_LISTS = ("texts", "integers")


def read_xlsx(body: bytes, path: Path, kinds: Kinds) -> Iterator[Found]:
    """The rows of the sheet `cases`, or of the only one that is not empty. Raises `GoldError`."""
    openpyxl = _library("openpyxl", "office", "XLSX")
    try:
        check_archive(body, "xl/workbook.xml")
        book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
        try:
            sheets = {name: _sheet(book[name]) for name in book.sheetnames}
        finally:
            book.close()
    except DocumentError as error:
        raise GoldError(f"{path.name} {error}", path) from None
    except (KeyError, ValueError, TypeError, OSError, zipfile.BadZipFile) as error:
        raise GoldError(f"{path.name}: not an XLSX file that can be read ({error})", path) from None
    filled = {name: rows for name, rows in sheets.items() if rows}
    if len(filled) > 1 and SHEET not in filled:
        names = ", ".join(map(repr, filled))
        raise GoldError(f"{path.name}: which of the sheets {names}? Name it {SHEET!r}", path)
    name = SHEET if SHEET in filled else next(iter(filled), None)
    if name is None:
        return
    header: list[str] = []
    for number, cells in filled[name]:
        place = f"sheet {name!r} row {number}"
        if not header:
            header = ["" if cell.value is None else str(cell.value).strip() for cell in cells]
            while header and not header[-1]:
                header.pop()
            check_header(header, path, place, number)
            continue
        if any(cell.value is not None for cell in cells[len(header) :]):
            raise GoldError(
                f"{path.name} {place}: more cells than the header's {len(header)}", path, number
            )
        row = {}
        for column, cell in zip(header, cells, strict=False):
            if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
                continue
            if cell.data_type in ("f", "e"):
                what = "a formula" if cell.data_type == "f" else "an error"
                raise GoldError(
                    f"{path.name} {place}: {column} is {what} ({cell.value}); put its value there",
                    path,
                    number,
                )
            row[column] = read_typed(kinds.get(column, "text"), cell.value)
        yield Found(row, number, place)


def xlsx_body(rows: Rows, path: Path, kinds: Kinds) -> bytes:
    """Rows as a workbook of one sheet. Raises `GoldError` for what no cell can hold."""
    openpyxl = _library("openpyxl", "office", "XLSX")
    illegal = importlib.import_module("openpyxl.utils.exceptions").IllegalCharacterError
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = SHEET
    names = columns(rows, kinds)
    sheet.append(names)
    for number, row in enumerate(rows, 2):
        for place, name in enumerate(names, 1):
            if name not in row:
                continue
            cell, value = sheet.cell(number, place), write_cell(kinds[name], row[name])
            try:
                cell.value = value
            except (illegal, ValueError):
                raise GoldError(
                    f"case {row['id']!r} cannot be written to {path.name}: {name} holds characters"
                    " that no cell can; use .jsonl",
                    path,
                ) from None
            if isinstance(value, str):
                cell.data_type = "s"  # a question that begins with '=' is no formula
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read_parquet(body: bytes, path: Path, kinds: Kinds) -> Iterator[Found]:
    """The rows of a file, nulls left out. Raises `GoldError`."""
    arrow, parquet = _arrow()
    try:
        table = parquet.read_table(arrow.BufferReader(body))
    except (arrow.ArrowException, OSError) as error:
        said = str(error).split("\n")[0]
        raise GoldError(
            f"{path.name}: not a Parquet file that can be read ({said})", path
        ) from None
    check_header(table.column_names, path, "schema", 1)
    number = 0
    for batch in table.to_batches():
        for facts in batch.to_pylist():
            number += 1
            row = {
                name: read_typed(kinds.get(name, "text"), cell)
                for name, cell in facts.items()
                if cell is not None and cell != []
            }
            yield Found(row, number, f"row {number}")


def parquet_body(rows: Rows, path: Path, kinds: Kinds) -> bytes:
    """Rows as Parquet: lists as lists, numbers as doubles, `calls` as JSON text."""
    arrow, parquet = _arrow()
    types = {
        "texts": arrow.list_(arrow.string()),
        "integers": arrow.list_(arrow.int64()),
        "number": arrow.float64(),
        "flag": arrow.bool_(),
    }
    names = columns(rows, kinds)
    schema = arrow.schema([(name, types.get(kinds[name], arrow.string())) for name in names])

    def cells(name: str) -> list[Any]:
        given = [row.get(name) for row in rows]
        if kinds[name] in _LISTS:
            return given
        return [None if cell is None else _plain(write_cell(kinds[name], cell)) for cell in given]

    def _plain(cell: Any) -> Any:
        whole = isinstance(cell, int) and not isinstance(cell, bool)
        return float(cell) if whole else cell

    try:
        arrays = [arrow.array(cells(field.name), type=field.type) for field in schema]
    except (arrow.ArrowException, OverflowError, UnicodeEncodeError) as error:
        raise GoldError(
            f"{path.name}: a field cannot be written ({error}); use .jsonl", path
        ) from None
    out = io.BytesIO()
    parquet.write_table(arrow.Table.from_arrays(arrays, schema=schema), out)
    return out.getvalue()


def _sheet(sheet: Any) -> list[tuple[int, Sequence[Any]]]:
    """The rows of a sheet that hold anything, with their numbers."""
    return [
        (number, cells)
        for number, cells in enumerate(sheet.iter_rows(), 1)
        if any(cell.value is not None for cell in cells)
    ]


def _arrow() -> tuple[Any, Any]:
    return _library("pyarrow", "data", "Parquet"), _library("pyarrow.parquet", "data", "Parquet")


def _library(name: str, extra: str, what: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise GoldError(
            f"{what} needs {name.split('.')[0]}: pip install 'workings[{extra}]'"
            " (or use .jsonl or .csv)"
        ) from None
