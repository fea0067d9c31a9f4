"""Rows of tables: recognised at ingest, found by line item and period, told by a tool."""

import asyncio

import pytest
from table_pages import REPORT
from workings.tools.documents_tools import document_tools
from workings.tools.errors import ToolError
from workings.tools.index import Index
from workings.tools.rows import Rows, rows_in
from workings.tools.rows_build import RowsBuilder, joined, rows_of
from workings.tools.rows_tool import RowsData
from workings.tools.scratch import Scratch


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("rows")
    (folder / "docs").mkdir()
    (folder / "docs" / "harrow.txt").write_text(REPORT, encoding="utf-8")
    other = REPORT.replace("Harrow", "Selkirk").replace("1,200 1,000", "77 66")
    (folder / "docs" / "selkirk.txt").write_text(other, encoding="utf-8")
    Index.open(folder / "index").update([folder / "docs"])
    return Index.open(folder / "index")


def labels(text):
    return [label for _, label in rows_in(text)]


@pytest.mark.parametrize(
    "line",
    [
        "Net sales 1,200 1,000",
        "Cost of sales $ (720) $ (640)",
        "Margin 12 % 11 %",
        "Porto 95 \u2014",
    ],
)
def test_words_and_then_figures_are_a_row(line):
    assert len(labels(line)) == 1


@pytest.mark.parametrize(
    "line", ["1,200 1,000", "We sold 12 boats.", "Notes", "", "2024 2023", "-"]
)
def test_figures_alone_and_sentences_are_none(line):
    assert labels(line) == []


def test_a_label_that_begins_small_goes_on_from_the_line_before():
    assert labels("Research and\ndevelopment expenses (84) (70)") == [
        "Research and development expenses"
    ]


def test_lines_made_to_be_slow_are_not():
    assert labels(("a1 " * 79 + "x1\n") * 3000) == []


def built(old, *passages):
    """The rows of passages, each the number of one that `old` has, or a text."""
    with Scratch.in_memory() as scratch:
        builder = RowsBuilder(scratch, old)
        for number, passage in enumerate(passages):
            if isinstance(passage, str):
                builder.add(number, passage)
            else:
                builder.keep(passage, passage + 1, number)
        return {name: joined(part) for name, part in builder.parts().items()}


def test_rows_do_not_depend_on_the_order_of_arrival():
    texts = ["Net sales 5", "Cost of sales 6\nNet income 7", "Net debt 8"]
    assert built(Rows.empty(), *texts) == built(rows_of(texts[1:2]), texts[0], 0, texts[2])


def test_dropped_passages_take_their_terms_along():
    left = built(rows_of(["Rare label 6", "Net sales 5"]), 1)
    assert left == built(Rows.empty(), "Net sales 5") and b"rare" not in left["rows-terms.txt"]


def test_what_was_written_is_read_back():
    assert rows_of(["Net sales 5"]).fit(["net", "sale"]).tolist() == [1.0]


@pytest.mark.parametrize(
    ("item", "label"),
    [
        ("Net sales", "Net sales"),
        ("Revenue", "Net sales"),
        ("COGS", "Cost of sales"),
        ("Total current liabilities", "Total current liabilities"),
        ("R&D expenses", "Research and development expenses"),
        ("Inventory", "Inventories"),
    ],
)
def test_the_row_of_a_statement_is_found_also_by_other_words(index, item, label):
    found = index.rows(item, "2024", f"What was {item} of Harrow in 2024?", 1)[0]
    assert found.passage.document == "harrow.txt"
    assert found.row.label == label
    assert found.row.unit == "millions of euros"
    assert [cell.column for cell in found.row.cells] == ["2024", "2023"]


def test_the_line_of_a_row_stands_in_its_passage(index):
    for found in index.rows("Total", "2023", "", 10):
        assert found.row.line in found.passage.text


def test_only_the_documents_given_are_looked_at(index):
    only = frozenset({index.resolve("selkirk").id})
    assert {f.passage.document for f in index.rows("Net sales", "", "Harrow", 9, only)} == {
        "selkirk.txt"
    }
    assert index.rows("Net sales", "", "", 9, frozenset()) == []


@pytest.mark.parametrize("item", ["", "   ", "the of", "zzzz", "\x00"])
def test_an_item_of_nothing_finds_nothing(index, item):
    assert index.rows(item, "2024") == []


def run(tool, **arguments):
    return asyncio.run(tool.run(arguments))


def test_the_tool_tells_rows_with_passages_to_cite(index):
    *_, rows = document_tools(index, None, 3)
    result = run(rows, items=[{"line_item": "Net sales", "period": "2024"}], about="Harrow")
    told = RowsData.model_validate(result.data).rows
    assert told[0].line == "Net sales 1,200 1,000" and told[0].item == 0
    texts = {passage.id: passage.text for passage in result.passages}
    assert all(row.line in texts[row.passage] for row in told)
    assert rows.effect == "read"


@pytest.mark.parametrize(
    "items", [[{"line_item": ""}], [{"period": "2024"}], [{"line_item": "x", "page": "2"}]]
)
def test_an_item_that_is_none_is_told_to_the_model(index, items):
    with pytest.raises(ToolError, match="line_item"):
        run(document_tools(index, None, 3)[-1], items=items)


def test_no_row_is_said_in_words(index):
    result = run(document_tools(index, None, 3)[-1], items=[{"line_item": "zzzz"}])
    assert not result.passages and "No row" in result.content
