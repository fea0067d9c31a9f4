import io
import os
import zlib
from contextlib import suppress
from pathlib import Path

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas
from workings.tools.errors import DocumentError
from workings.tools.folder import Skipped, find_files
from workings.tools.readers import Read, read, read_all


def pdf(*pages, title=None, labels=False, scale=1.0):
    """Make a PDF; a page is a list of (x, y, text)."""
    data = io.BytesIO()
    canvas = Canvas(data)
    if title:
        canvas.setTitle(title)
    for number, page in enumerate(pages):
        canvas.scale(scale, scale)
        canvas.setFont("Helvetica", 10 / scale)
        if labels and number == 0:
            canvas.addPageLabel(0, style="ROMAN_LOWER")
            canvas.addPageLabel(1, style="ARABIC", start=1)
        for x, y, text in page:
            canvas.drawString(x / scale, y / scale, text)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def encrypted(data, user):
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user, "owner", algorithm="AES-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def raw_pdf(*contents):
    """Make a PDF of raw content streams; stream 0 holds a bomb of nested forms, /B9 in all."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    forms = b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    stream = b"BT /F 9 Tf (ha) Tj ET " * 10
    for _ in range(10):
        head = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources %s /Length %d >>"
        objects.append(head % (forms, len(stream)) + b" stream\n" + stream + b"\nendstream")
        forms = b"<< /XObject << /B %d 0 R >> >>" % len(objects)
        stream = b"/B Do " * 10
    kids = []
    for content in contents:
        body = zlib.compress(content)
        objects.append(
            b"<< /Filter /FlateDecode /Length %d >> stream\n" % len(body) + body + b"\nendstream"
        )
        font = b"/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >>"
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 800] /Contents %d 0 R "
            b"/Resources << %s /XObject << /B %d 0 R >> >> >>" % (len(objects), font, 12)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    out = b"%PDF-1.7\n"
    places = []
    for number, item in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj " % number + item + b" endobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    return out + b"trailer << /Size %d /Root 1 0 R >> startxref %d %%%%EOF" % (
        len(objects) + 1,
        start,
    )


def children():
    found = set()
    for entry in Path(f"/proc/{os.getpid()}/task").iterdir():
        with suppress(FileNotFoundError):  # a thread may end meanwhile
            found.update((entry / "children").read_text().split())
    return found


@pytest.fixture
def write(tmp_path):
    def write(name, data):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


HELLO = [(50, 700, "Hello from a page")]


def test_a_pdf_has_its_rows_labels_title_and_a_note_of_empty_pages(write):
    rows = [
        (50, 700, "Annual report"),
        (50, 680, "Revenue"),
        (300, 680, "1,577"),
        (400, 680, "(9)"),
    ]
    path = write("r.pdf", pdf(rows, [], HELLO, title="Annual Report 2024", labels=True))
    document, pages = read(path)
    assert pages[0].text == "Annual report\nRevenue 1,577 (9)"
    assert [page.number for page in pages] == [1, 2, 3]
    assert [page.label for page in pages] == ["i", "1", "2"]
    assert document.title == "Annual Report 2024"
    assert document.pages == 3
    assert document.notes == ("1 page without text (scanned?): 2",)
    assert document.metadata["file"] == "r"
    assert len(document.metadata["created"]) == 10


@pytest.mark.parametrize(
    ("given", "expected"),
    [("Microsoft Word - x.doc", "Hello from a page"), ("untitled", "Hello from a page")],
)
def test_a_title_no_person_wrote_is_not_used(write, given, expected):
    assert read(write("stem.pdf", pdf(HELLO, title=given)))[0].title == expected


def test_a_line_end_that_pdfium_drops_is_put_back(write):
    rows = [
        (x, 700 - 14 * n, text)
        for n in range(3)
        for x, text in ((38, "\u2022"), (48, f"point {n}; "))
    ]
    _, pages = read(write("b.pdf", pdf(rows, scale=0.024)))
    assert pages[0].text == "\u2022 point 0;\n\u2022 point 1;\n\u2022 point 2;"


def test_a_hyphen_at_a_line_end_stays_a_hyphen(write):
    _, pages = read(write("h.pdf", pdf([(50, 700, "its long-"), (50, 688, "term debt")])))
    assert pages[0].text == "its long-\nterm debt"


def test_lines_that_cannot_be_put_back_are_read_in_layout_mode(write):
    stairs = [(38 + 3 * n, 790 - 5 * n, f"word{n} ") for n in range(156)]
    document, pages = read(write("stairs.pdf", pdf(HELLO, stairs)))
    assert document.notes == ("layout fallback on 1 page",)
    assert pages[0].text == "Hello from a page"
    assert pages[1].text.count("\n") > 50


def test_a_line_that_is_truly_long_stays_as_it_is(write):
    text = " ".join(f"word{n}" for n in range(150))
    document, pages = read(write("long.pdf", pdf([(10, 700, text)])))
    assert pages[0].text == text
    assert document.notes == ()


def test_a_document_without_text_says_so(write):
    document, pages = read(write("scan.pdf", pdf([], [])))
    assert [page.text for page in pages] == ["", ""]
    assert document.notes == ("no text on any page (scanned?)",)


def test_an_empty_password_opens_and_a_password_is_named(write):
    assert read(write("open.pdf", encrypted(pdf(HELLO), "")))[1][0].text == "Hello from a page"
    with pytest.raises(DocumentError, match=r"^shut.pdf is protected by a password"):
        read(write("shut.pdf", encrypted(pdf(HELLO), "secret")))


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("zero.pdf", b"", r"zero\.pdf is empty \(0 bytes\)\."),
        ("zero.txt", b"", r"zero\.txt is empty \(0 bytes\)\."),
        ("photo.pdf", b"\xff\xd8\xff\xe0JFIF", "is not a PDF: it is a JPEG picture"),
        ("page.pdf", b"<!DOCTYPE html><p>x", "is not a PDF: it is an HTML page"),
        ("junk.pdf", b"%PDF-1.4\n" + bytes(range(256)) * 9, "is damaged and cannot be opened"),
        ("half.pdf", pdf(HELLO)[:400], "is damaged and cannot be opened"),
        ("a.txt", pdf(HELLO), "is a PDF, not a text file: give it the ending .pdf"),
        ("b.md", b"\x89PNG\r\n\x1a\n" + bytes(99), "is not a text file: it is a PNG picture"),
        ("c.txt", bytes(range(256)) * 9, "is not a text file: it is binary data"),
        ("d.pptx", b"x", "is not a kind that is read"),
    ],
)
def test_what_cannot_be_read_is_one_clear_sentence(write, name, data, message):
    with pytest.raises(DocumentError, match=message) as caught:
        read(write(name, data))
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DocumentError, match="no such file"):
        read(tmp_path / "gone.pdf")


def test_a_bomb_costs_its_page_and_not_its_file_nor_the_others(write, tmp_path):
    text = b"BT /F 12 Tf 50 700 Td (a page before) Tj ET"
    after = text.replace(b"before", b"after")
    write("2.pdf", raw_pdf(text, b"/B Do", after))
    write("1.pdf", pdf(HELLO))
    write("3.pdf", b"%PDF-junk")
    write("4.txt", "the last one")
    found, _ = find_files([tmp_path])
    results = list(read_all(found))
    assert [type(result) for result in results] == [Read, Read, Skipped, Read]
    bomb = results[1]
    assert [page.text for page in bomb.pages] == ["a page before", "", "a page after"]
    assert len(bomb.document.notes) == 1
    assert bomb.document.notes[0].startswith("page 2 was not read: ")
    assert results[2].reason.startswith("is damaged")


def test_results_come_in_the_order_of_the_files_with_many_workers(write, tmp_path):
    for number in range(12):
        write(f"{number:02}.pdf", pdf([(50, 700, f"Document number {number}")]))
    found, _ = find_files([tmp_path])
    results = list(read_all(found, workers=3))
    assert [r.pages[0].text for r in results] == [f"Document number {n}" for n in range(12)]
    assert [r.found for r in results] == found


def test_no_process_stays_when_the_reader_is_given_up_half_way(write, tmp_path):
    before = children()
    for number in range(9):
        write(f"{number}.pdf", pdf(HELLO))
    results = read_all(find_files([tmp_path])[0], workers=2)
    assert isinstance(next(results), Read)
    assert children() - before
    results.close()
    assert children() == before


def test_the_reading_process_has_none_of_our_environment(write, tmp_path, monkeypatch):
    monkeypatch.setenv("WORKINGS_API_KEY", "canary-of-a-key")
    before = children()
    for number in range(9):
        write(f"{number}.pdf", pdf(HELLO))
    results = read_all(find_files([tmp_path])[0], workers=1)
    next(results)
    (child,) = children() - before
    assert b"canary" not in Path(f"/proc/{child}/environ").read_bytes()
    results.close()


def test_the_same_bytes_are_the_same_document(write):
    first, second = read(write("a.txt", "same"))[0], read(write("b.md", "same"))[0]
    assert first.id == second.id
    assert (first.kind, second.kind) == ("txt", "md")


@pytest.mark.parametrize(
    ("data", "text", "note"),
    [
        ("na\xefve \u2014 ok".encode(), "na\xefve \u2014 ok", ()),
        (b"\xef\xbb\xbfwith a mark", "with a mark", ()),
        ("\ufeffwide".encode("utf-16-le"), "wide", ()),
        (
            "wide".encode("utf-16-be"),
            "wide",
            ("read as utf-16-be, which the file does not say of itself",),
        ),
        (b"caf\xe9", "caf\xe9", ("not valid UTF-8 at byte 3: read as Latin-1",)),
        ("a\u200bb".encode(), "ab", ("removed 1 invisible character",)),
        (b" \n ", " ", ("no text",)),
    ],
)
def test_text_is_decoded_and_what_was_done_is_noted(write, data, text, note):
    document, pages = read(write("x.txt", data))
    assert pages[0].text.strip() == text.strip()
    assert document.notes == note


def test_a_long_text_has_pages_cut_at_headings_and_paragraphs(write):
    sections = [f"# Section {n}\n\n" + f"Words of part {n}. " * 100 for n in range(8)]
    document, pages = read(write("long.md", "\n\n".join(sections)))
    assert document.title == "Section 0"
    assert document.pages == len(pages) == 8
    assert all(page.text.startswith("# Section") for page in pages)
    assert [page.label for page in pages] == [str(n) for n in range(1, 9)]


def test_a_text_without_any_break_is_cut_and_nothing_is_lost(write):
    text = "x" * 10_001
    _, pages = read(write("long.txt", text))
    assert len(pages) == 4
    assert "".join(page.text for page in pages) == text


def test_an_odd_name_is_shown_escaped(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/bad-\xff\n.txt"))
    path.write_text("words here")
    document, _ = read(path)
    assert document.name == "bad-\\xff\\u000a.txt"
    assert document.model_dump_json()
