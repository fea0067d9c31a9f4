"""Rows of sheets, web pages and Word tables (`a | b | c`) are rows like any printed ones."""

import pytest
from workings.tools.composing import compose
from workings.tools.evidence import Shown
from workings.tools.index import Index
from workings.tools.tables import rows

SHEET = "Line item | 2024 | 2023\nRevenue | 1200 | 1000\nProfit | 200 | 150"
FARES = "Fares 2025\nRoute | Adult | Child\nCorran | 12.00 | 6.00\nMallaig | 15.50 | 8.00"


def read(text, question):
    return compose(question, [Shown("1", "sheet.xlsx", text, "1")])


@pytest.mark.parametrize(
    ("text", "question", "value"),
    [
        (SHEET, "What was revenue in 2024?", "1200"),
        (SHEET, "What was profit in 2023?", "150"),
        (FARES, "How much is the child fare to Mallaig?", "8.00"),
        ("Part | Weight kg\nAnchor | 45\nChain | 120", "How much does the chain weigh?", "120"),
    ],
)
def test_the_cell_of_a_sheet_is_read(text, question, value):
    assert read(text, question).value == value


def test_a_column_is_told_once():
    told = read(FARES, "How much is the adult fare to Corran?").sentences[0].text
    assert told == "Corran, Adult: 12.00."


def test_a_title_with_its_year_is_no_amount():
    assert "2025" not in read("Fares 2025\nSailings are daily.", "How much is the fare?").value


def test_a_running_title_is_no_row():
    page = "Harrow plc | Annual Report 2024 7\nRevenue 12 10\nHarrow plc | Notes 8"
    assert [row.label for row in rows([Shown("1", "a.pdf", page, "1")])] == ["Revenue"]


def test_a_piece_that_begins_inside_a_table_has_no_made_up_columns():
    found = rows([Shown("1", "a.html", "Anchor | 45 | 12\nChain | 120 | 3", "1")])
    assert [[cell.column for cell in row.cells] for row in found] == [["", ""], ["", ""]]


def test_rows_of_a_sheet_are_looked_up_in_the_index(tmp_path):
    (tmp_path / "pl.csv").write_text("Line item,2024,2023\nRevenue,1200,1000\nProfit,200,150\n")
    index = Index.open(tmp_path / "index")
    index.update([tmp_path / "pl.csv"])
    found = index.rows("Profit", "2024", "What was profit in 2024?", 1)[0]
    assert [(cell.column, cell.text) for cell in found.row.cells] == [
        ("2024", "200"),
        ("2023", "150"),
    ]
    assert found.row.line in found.passage.text
