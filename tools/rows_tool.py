"""The tool over tables: rows by line item and period, each citable cell by cell.

Knows the index and the shape of its result. Knows nothing of the graph or of what is computed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import JsonValue

from .documents import Frozen
from .errors import ToolError
from .index import Index
from .row_search import FoundRow
from .tool import Tool, ToolResult, tool

NAME = "find_rows"
ROWS = 3
"""Rows told of one item."""
MOST_ITEMS = 8
_CELLS = 8
"""Cells told of one row."""

_PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "items": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_ITEMS,
            "items": {
                "type": "object",
                "properties": {
                    "line_item": {"type": "string", "maxLength": 120},
                    "period": {"type": "string", "maxLength": 40},
                },
                "required": ["line_item"],
                "additionalProperties": False,
            },
        },
        "about": {"type": "string", "default": ""},
        "document": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
    },
    "required": ["items"],
    "additionalProperties": False,
}


class Wanted(Frozen):
    """One number that is looked for."""

    line_item: str
    period: str = ""


class CellData(Frozen):
    """One cell of a row as it is told: as printed, under its column header (may be empty)."""

    text: str
    column: str = ""


class RowData(Frozen):
    """One row as it is told, and where it stands."""

    item: int
    """Place of the item it was found for, from 0."""
    passage: str
    """Id of the passage that holds it."""
    document: str
    page: int | None
    label: str
    line: str
    """Verbatim: what is quoted."""
    cells: tuple[CellData, ...]
    unit: str = ""
    section: str = ""
    fit: float
    """How well it fits; above 1 with a period, statement or document that fits, too."""


class RowsData(Frozen):
    """What `find_rows` keeps in the trace (`ToolResult.data`)."""

    rows: tuple[RowData, ...]


def rows_tool(index: Index, documents: frozenset[str] | None) -> Tool:
    """`find_rows` over these documents (None: all of the index)."""

    async def find_rows(
        items: list[dict[str, str]], about: str = "", document: str | None = None
    ) -> ToolResult:
        """Find rows of tables in the loaded documents: for numbers that a table states.

        items: what to look up, each with "line_item", the label that its row has in the table, and
        "period", the year or quarter of its column. about: the question, whole. document: the name
        of one document to look in; leave it out to look in all. Returns the best rows of each item
        with their column headers, unit, document and page.
        """
        only = documents
        if document is not None and document.strip():
            only = frozenset({index.resolve(document, documents).id})
        wanted = [_wanted(item) for item in items[:MOST_ITEMS]]
        found = await asyncio.to_thread(_find, index, wanted, about, only)
        passages = dict.fromkeys(row.passage for _, row in found)
        if not passages:
            return ToolResult(content="No row of a table fits. Search for passages instead.")
        told = RowsData(rows=tuple(_told(place, row) for place, row in found))
        data: JsonValue = told.model_dump(mode="json")
        return ToolResult(passages=tuple(passages), data=data)

    return replace(tool(find_rows, effect="read"), parameters=_PARAMETERS)


def _find(
    index: Index, wanted: Sequence[Wanted], about: str, only: frozenset[str] | None
) -> list[tuple[int, FoundRow]]:
    return [
        (place, row)
        for place, item in enumerate(wanted)
        for row in index.rows(item.line_item, item.period, about, ROWS, only)
    ]


def _wanted(item: dict[str, str]) -> Wanted:
    name = item.get("line_item", "")
    if not name.strip() or not set(item) <= {"line_item", "period"}:
        raise ToolError(
            f"an item is {str(item)[:80]!r}: expected a line_item, which is not empty, and a period"
        )
    return Wanted(line_item=name, period=item.get("period", ""))


def _told(place: int, found: FoundRow) -> RowData:
    row, passage = found.row, found.passage
    return RowData(
        item=place,
        passage=passage.id,
        document=passage.document,
        page=passage.page,
        label=row.label,
        line=row.line,
        cells=tuple(CellData(text=c.text, column=c.column) for c in row.cells[:_CELLS]),
        unit=row.unit,
        section=row.section,
        fit=found.score,
    )
