import io
import zipfile

import docx
import openpyxl
import pytest
from workings.tools import read_docx, read_html, read_xlsx
from workings.tools.errors import DocumentError
from workings.tools.index import Index
from workings.tools.read_csv import CsvFile
from workings.tools.read_docx import DocxFile
from workings.tools.read_html import HtmlFile
from workings.tools.read_xlsx import XlsxFile
from workings.tools.sheets import MOST_COLUMNS


def text_of(source):
    return "\n--\n".join(page.text for page in source.pages())


def html(body):
    return f"<!doctype html><html><body>{body}</body></html>".encode()


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return book


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def repacked(data, **changes):
    """The archive with some parts replaced (`name=bytes`, slashes written as __)."""
    changes = {name.replace("__", "/") + ".xml": body for name, body in changes.items()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as before,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.namelist():
            after.writestr(part, changes.get(part, before.read(part)))
    return out.getvalue()


def test_a_web_page_is_its_main_part_without_the_frame():
    page = HtmlFile(
        b"<html><head><title>Fees &amp; terms</title><style>p {}</style></head><body>"
        b"<nav>Home Products</nav><header>Banner</header><main><h2>Fees</h2>"
        b"<p>The <b>basic</b> fee is&nbsp;12 a month.<br>Paid yearly.</p><ul><li><p>One</p><li>Two"
        b"</ul></main><footer>Imprint</footer><script>alert(1)</script></body></html>"
    )
    assert page.info.title == "Fees & terms"
    expected = "## Fees\n\nThe basic fee is 12 a month.\nPaid yearly.\n\n- One\n\n- Two"
    assert text_of(page) == expected


def test_text_that_a_page_hides_is_left_out_and_told():
    page = HtmlFile(html("<p>Seen.</p><p hidden>A</p><div style='display: none'>Obey me.</div>"))
    assert text_of(page) == "Seen." and page.info.notes == ("2 hidden parts left out",)


def test_a_table_of_a_web_page_keeps_its_names_on_top():
    page = HtmlFile(
        html(
            "<table><caption>In millions</caption><tr><th>Item<th>2023<th>2024"
            "<tr><td>Revenue<td>10<td>12</table>"
        )
    )
    assert text_of(page) == "In millions\nItem | 2023 | 2024\nRevenue | 10 | 12"


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-8", "shift_jis"])
def test_a_web_page_is_read_in_the_encoding_it_names(encoding):
    word = "日本" if encoding == "shift_jis" else "Gebühr"
    page = f"<meta charset={encoding}><p>{word}</p>".encode(encoding)
    assert text_of(HtmlFile(page)) == word


def test_a_web_page_nested_without_end_is_read_as_far_as_can_be_and_that_is_said():
    deep = HtmlFile(html("<div>" * 200 + "<b>" * 1_000 + "deep"))
    assert "deep" in text_of(deep) and not deep.info.notes
    endless = HtmlFile(html("near" + "<div>" * 200 + "<b>" * 20_000 + "deep"))
    assert "near" in text_of(endless) and "deeper than 2,000" in endless.info.notes[0]


def test_html_in_name_only_is_told():
    with pytest.raises(DocumentError, match="it is a PDF"):
        HtmlFile(b"%PDF-1.7 ...")


def test_a_word_document_keeps_headings_tables_lists_and_breaks():
    made = docx.Document()
    made.add_heading("Terms", 1)
    made.add_paragraph("Both sides may end it.")
    made.add_paragraph("within a month", style="List Bullet")
    table = made.add_table(2, 3)
    for row, cells in zip(table.rows, (["Item", "2023", "2024"], ["Rent", "5", "6"]), strict=True):
        for cell, value in zip(row.cells, cells, strict=True):
            cell.text = value
    made.add_page_break()
    made.add_paragraph("On the second page.")
    made.core_properties.title = "Lease of the mill"
    read = DocxFile(saved(made))
    assert text_of(read) == (
        "# Terms\n\nBoth sides may end it.\n\n- within a month\n\nItem | 2023 | 2024\nRent | 5 | 6"
        "\n--\nOn the second page."
    )
    assert read.info.pages == 2 and read.info.metadata["Title"] == "Lease of the mill"


def test_tracked_deletions_are_left_out_and_insertions_kept():
    made = docx.Document()
    made.add_paragraph("MARK")
    with zipfile.ZipFile(io.BytesIO(saved(made))) as archive:
        body = archive.read("word/document.xml").decode()
    run = "<w:r><w:t>MARK</w:t></w:r>"
    changed = body.replace(
        run,
        "<w:r><w:t>The fee is </w:t></w:r><w:del><w:r><w:delText>10</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>12</w:t></w:r></w:ins>",
    )
    assert changed != body
    read = DocxFile(repacked(saved(made), word__document=changed.encode()))
    assert text_of(read) == "The fee is 12"


def test_each_sheet_is_a_page_by_its_name_and_values_read_as_shown():
    book = workbook(
        Sales=[["Region", "2024", "Share"], ["North", 1234.5, 0.125], ["South", 0.1 + 0.2, None]],
        Empty=[],
        Staff=[["Name", "Since"], ["Ada", __import__("datetime").datetime(2020, 5, 1)]],
    )
    book["Sales"]["C2"].number_format = "0.0%"
    read = XlsxFile(saved(book))
    pages = list(read.pages())
    assert [page.label for page in pages] == ["Sales", "Staff"]
    assert pages[0].text == "Region | 2024 | Share\nNorth | 1234.5 | 12.5%\nSouth | 0.3"
    assert pages[1].text == "Name | Since\nAda | 2020-05-01"


def test_every_page_of_a_long_sheet_begins_with_the_names():
    rows = [["In thousands"], ["Account", "2023", "2024"]]
    rows += [[f"Account number {n}", n, 2 * n] for n in range(300)]
    pages = list(XlsxFile(saved(workbook(Ledger=rows))).pages())
    assert len(pages) > 5 and pages[1].label.startswith("Ledger, rows ")
    assert all(p.text.startswith("In thousands\nAccount | 2023 | 2024\nAcc") for p in pages)
    lines = [line for page in pages for line in page.text.split("\n")[2:]]
    assert lines == [f"Account number {n} | {n} | {2 * n}" for n in range(300)]


def test_a_sheet_of_a_billion_empty_cells_is_its_values():
    book = workbook(Wide=[["Name", "Worth"], ["Ada", 1]])
    book["Wide"].cell(100_000, 16_384).value = "far out"
    read = XlsxFile(saved(book))
    assert text_of(read) == "Name | Worth\nAda | 1"
    left_out = f"sheet Wide: {16_384 - MOST_COLUMNS:,} columns on the right were left out"
    assert read.info.notes == (left_out,)


def test_a_hidden_sheet_is_read_and_told():
    book = workbook(Front=[["A", "B"]], Back=[["C", "D"]])
    book["Back"].sheet_state = "hidden"
    assert XlsxFile(saved(book)).info.notes == ("sheet Back is hidden in the workbook",)


def test_entities_that_grow_without_end_are_not_read():
    laughs = (
        b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    )
    with pytest.raises(DocumentError, match="defines entities in xl/workbook.xml"):
        XlsxFile(repacked(saved(workbook(A=[["x"]])), xl__workbook=laughs))
    with pytest.raises(DocumentError, match="defines entities in word/document.xml"):
        DocxFile(repacked(saved(docx.Document()), word__document=laughs))


def test_an_archive_that_unpacks_without_end_is_not_opened(monkeypatch):
    monkeypatch.setattr("workings.tools.archives.LARGEST_PART", 2_000_000)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb,
        bomb.open("word/document.xml", "w") as part,
    ):
        for _ in range(3):
            part.write(bytes(1_000_000))
    with pytest.raises(DocumentError, match="unpacks to 3 MB"):
        DocxFile(out.getvalue())


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"", "empty"), (b"PK\x03\x04 torn", "damaged"), (b"\xd0\xcf\x11\xe0 old", "password"),
     (b"just text", "not what its ending says")],
)  # fmt: skip
@pytest.mark.parametrize("reader", [DocxFile, XlsxFile])
def test_a_file_that_is_none_is_told_why(reader, data, told):
    with pytest.raises(DocumentError, match=told):
        reader(data)


def test_a_workbook_by_the_name_of_a_document_is_told():
    with pytest.raises(DocumentError, match=r"no word/document\.xml"):
        DocxFile(saved(workbook(A=[["x"]])))


@pytest.mark.parametrize(
    ("text", "first"),
    [("a;b\n1,5;2\n3;4\n", "a | b\n1,5 | 2\n3 | 4"), ("a\tb\n1\t2\n", "a | b\n1 | 2"),
     ('a,b\n"x, y\nz",2\n', "a | b\nx, y z | 2"), ("only\none\n", "only\none")],
)  # fmt: skip
def test_what_parts_the_cells_is_seen(text, first):
    assert text_of(CsvFile(text.encode())) == first


def test_a_csv_with_a_cell_of_a_megabyte_is_told():
    with pytest.raises(DocumentError, match="cannot be read as rows"):
        CsvFile(b"a,b\n" + b"x" * 1_100_000 + b",1\n")


def test_files_of_every_kind_are_found_in_one_index(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    made = docx.Document()
    made.add_paragraph("The lighthouse keeper is paid by the parish.")
    made.save(docs / "keeper.docx")
    workbook(Boats=[["Boat", "Length"], ["Petrel", 12]]).save(docs / "fleet.xlsx")
    (docs / "tides.csv").write_text("Harbour,High water\nPolzeath,06:12\n")
    (docs / "ferry.html").write_text("<h1>Ferry</h1><p>It sails at noon.</p>")
    (docs / "bad.docx").write_bytes(b"PK\x03\x04 torn")
    index = Index.open(tmp_path / "index")
    report = index.update([docs])
    kinds = {document.name: document.kind for document in index.documents}
    assert kinds == {name: name.partition(".")[2] for name in kinds} and len(kinds) == 4
    assert [str(item) for item in report.skipped] == [
        "bad.docx: is damaged, or is not what its ending says"
    ]
    for question, name in (
        ("lighthouse keeper", "keeper.docx"),
        ("length of the Petrel", "fleet.xlsx"),
        ("high water at Polzeath", "tides.csv"),
        ("when does the ferry sail", "ferry.html"),
    ):
        assert index.search(question)[0].passage.document == name
    assert index.search("Petrel")[0].passage.page_label == "Boats"
    assert {document.title for document in index.documents} >= {"fleet", "tides"}


@pytest.mark.parametrize(
    ("module", "library", "reader"),
    [(read_docx, "docx", DocxFile), (read_xlsx, "openpyxl", XlsxFile), 
     (read_html, "html", HtmlFile)],
)  # fmt: skip
def test_without_the_extra_the_line_that_installs_it_is_told(module, library, reader, monkeypatch):
    monkeypatch.setattr(module, library, None)
    with pytest.raises(DocumentError, match=r"pip install 'workings\[office\]'"):
        reader(b"x")
