from workings.tools import chunks
from workings.tools.chunks import LIMIT, headline
from workings.tools.documents import Document, Page, Passage

DOCUMENT = Document(
    id="ab" * 16, name="report.pdf", path="report.pdf", title="Report", kind="pdf", pages=3
)


def pages(*texts: str) -> tuple[Page, ...]:
    return tuple(Page(number=n, label=str(n), text=text) for n, text in enumerate(texts, 1))


def passages(document: Document, texts: tuple[Page, ...]) -> list[Passage]:
    return list(chunks.passages(document, texts))


def long_table(rows: int) -> str:
    return "\n".join(
        f"Line item number {n} of the table {n * 17:,} {n * 13:,}" for n in range(rows)
    )


def test_every_passage_is_a_contiguous_part_of_one_page():
    texts = pages(long_table(80), "", "  \n One paragraph. " * 200)
    cut = passages(DOCUMENT, texts)
    assert {p.page for p in cut} == {1, 3}
    assert all(p.text in texts[p.page - 1].text and p.text == p.text.strip() for p in cut)
    assert all(0 < len(p.text) <= LIMIT for p in cut)


def test_nothing_of_a_page_is_lost():
    text = long_table(120)
    cut = passages(DOCUMENT, pages(text))
    assert {line for p in cut for line in p.text.splitlines()} == set(text.splitlines())


def test_table_rows_stay_whole():
    rows = set(long_table(120).splitlines())
    cut = passages(DOCUMENT, pages(long_table(120)))
    assert all(line in rows for p in cut for line in p.text.splitlines())


def test_a_line_without_end_is_cut_and_kept():
    text = "word " * 2000
    cut = passages(DOCUMENT, pages(text))
    assert len(cut) > 5
    assert sum(len(p.text.split()) for p in cut) >= 2000
    unbroken = "x" * 5000
    assert "".join(p.text for p in passages(DOCUMENT, pages(unbroken))) == unbroken


def test_ids_are_stable_and_name_document_page_and_place():
    cut = passages(DOCUMENT, pages("One.", long_table(60)))
    assert [p.id for p in cut][:2] == ["abababab-1-0", "abababab-2-0"]
    assert cut == passages(DOCUMENT, pages("One.", long_table(60)))
    assert len({p.id for p in cut}) == len(cut)


def test_a_heading_travels_to_the_pieces_below_it_also_over_a_page_end():
    texts = pages("Balance Sheet\n" + long_table(60), long_table(30).lower())
    cut = passages(DOCUMENT, texts)
    assert all("Balance Sheet" in headline(p.header, p.title) for p in cut)
    assert all(p.header.startswith("Report | ") for p in cut)


def test_running_headers_are_no_headings():
    texts = pages(
        *(f"Northwind Annual Report\nbody text number {n} goes on here." for n in range(8))
    )
    assert not any("Northwind" in p.header for p in passages(DOCUMENT, texts))
