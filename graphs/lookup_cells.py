"""Cells of found rows: which one is meant, what it counts, and how it is told.

Knows rows, periods and units. Knows nothing of models or of steps.
"""

import html
import re
from collections.abc import Sequence

from ..tools.documents import Frozen
from ..tools.evidence import Shown
from ..tools.lookup import Found
from ..tools.periods import years
from ..tools.rows_tool import CellData, RowData
from ..tools.tables import Cell, Row, size
from ..tools.telling import stated, unit_of

_SCALES = {"thousands": 10**3, "millions": 10**6, "billions": 10**9}


class Chosen(Frozen):
    """The cell of one item: the row it stands in, and the place of its passage in the evidence."""

    row: RowData
    cell: CellData
    passage: int


def rows_xml(
    rows: Sequence[RowData], places: Sequence[int], items: Sequence[str] | None = None
) -> str:
    """Rows as a model sees them. `places` are the ids of the passages they stand in; `items` say
    what each was looked for (without: the number of the item, from 1).
    """
    lines = []
    for number, (row, place) in enumerate(zip(rows, places, strict=True), start=1):
        item = items[row.item] if items is not None else str(row.item + 1)
        attributes = [f'id="{number}"', f'item="{html.escape(item)}"', f'passage="{place}"']
        attributes.append(f'document="{html.escape(row.document)}"')
        if row.page is not None:
            attributes.append(f'page="{row.page}"')
        if row.unit:
            attributes.append(f'unit="{html.escape(row.unit)}"')
        if row.section:
            attributes.append(f'section="{html.escape(row.section[:80])}"')
        cells = " | ".join(f"{c.column}: {c.text}" if c.column else c.text for c in row.cells)
        text = html.escape(f"{row.label} | {cells}", quote=False)
        lines.append(f"<row {' '.join(attributes)}>{text}</row>")
    return "\n".join(lines)


def cells_of(row: RowData, period: str) -> list[CellData]:
    """The cells of a row with a number whose column does not name other years than the period."""
    asked = set(years(period))
    return [
        cell
        for cell in row.cells
        if Cell(cell.text).number
        and (not asked or not years(cell.column) or asked & set(years(cell.column)))
    ]


def found_of(chosen: Chosen) -> Found:
    """The same as tools.telling takes it."""
    row = chosen.row
    shown = Shown(id=str(chosen.passage), document=row.document, text=row.line)
    cell = Cell(chosen.cell.text, chosen.cell.column)
    whole = Row(shown, row.line, row.label, (cell,), row.section, row.unit)
    return Found(whole, cell, row.fit)


def told(chosen: Chosen) -> str:
    """`Net income, 2019: $11,588 million.`"""
    return stated(found_of(chosen), "")


def expression_of(formula: str, names: Sequence[str], cells: Sequence[Chosen], unit: str) -> str:
    """The formula with numbers for names, in one scale where those of the tables differ.

    A share that is told in per cent is multiplied by 100 when the formula forgets it.
    """
    found = [found_of(cell) for cell in cells]
    scales = [_SCALES.get(unit_of(each).split(" ")[0], 1) for each in found]
    differ = len({scale for scale in scales if scale > 1}) > 1
    numbers = {}
    for name, each, scale in zip(names, found, scales, strict=True):
        number = size(each.row, each.cell)
        if differ and scale > 1:
            number = f"{number} * {scale}"
        plain = re.fullmatch(r"[\d.]+", number)
        numbers[name] = number if plain else f"({number})"
    expression = re.sub(
        r"(?<![\w.])([a-p])(?!\w)", lambda match: numbers.get(match[1], match[1]), formula
    )
    shares = unit.startswith(("%", "percent")) and "/" in formula and "100" not in formula
    return f"({expression}) * 100" if shares else expression
