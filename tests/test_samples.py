"""The sample documents add up and rebuild to themselves; every gold answer stands where it says."""

import functools
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from workings.evals.checks import grade, value_of
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.samples import figures, make_documents
from workings.graphs.answer import Answer, Usage

SAMPLES = Path(make_documents.__file__).parent
DOCUMENTS = SAMPLES / "documents"
GOLD = [json.loads(line) for line in (SAMPLES / "gold.jsonl").read_text("utf-8").splitlines()]
CASES = {case["id"]: case for case in GOLD}

REPORT = "brindlemoor-annual-report-2025.pdf"
POLICY = "brindlemoor-information-security-policy.pdf"
CURLEW_210 = "curlew-210-product-sheet.pdf"
CURLEW_240 = "curlew-240-product-sheet.pdf"
REQUEST = "saltmere-harbour-trust-rfp.pdf"
FACTS = "vexholt-metering-fact-sheet-2025.pdf"


def plain(text: str) -> str:
    return " ".join(text.replace("­", "").split()).casefold()


@functools.cache
def pages(name: str) -> tuple[str, ...]:
    if not name.endswith(".pdf"):
        return ((DOCUMENTS / name).read_text("utf-8"),)
    return texts((DOCUMENTS / name).read_bytes())


def texts(data: bytes) -> tuple[str, ...]:
    document = pypdfium2.PdfDocument(data)
    try:
        return tuple(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def whole(name: str | None) -> str:
    names = [name] if name else sorted(path.name for path in DOCUMENTS.iterdir())
    return plain(" ".join(text for each in names for text in pages(each)))


# --- the documents


@pytest.mark.parametrize("name", make_documents.PDFS)
def test_building_again_gives_the_committed_document(name: str) -> None:
    built = make_documents.make(name)
    assert built == make_documents.make(name)
    assert texts(built) == pages(name)
    assert len(built) < 400_000


def test_every_document_is_named_in_the_readme_and_no_other_is_there() -> None:
    readme = (SAMPLES / "README.md").read_text("utf-8")
    names = {path.name for path in DOCUMENTS.iterdir()}
    assert names == {*make_documents.PDFS, "tideline-release-notes.md"}
    assert all(f"`{name}`" in readme for name in names)


def test_page_labels_of_the_annual_report_differ_from_its_physical_pages() -> None:
    document = pypdfium2.PdfDocument(DOCUMENTS / REPORT)
    labels = [document.get_page_label(index) for index in range(len(document))]
    document.close()
    assert labels == ["i", "ii", *(str(number) for number in range(1, 15))]


def test_balance_sheet_balances_and_cash_flow_leads_from_year_to_year() -> None:
    f = figures
    assert f.add(f.EQUITY, f.TOTAL_LIABILITIES) == f.TOTAL_ASSETS
    assert f.CASH_OPENING[2025] == f.CASH[2024] and f.CASH_OPENING[2024] == f.CASH[2023]
    assert f.EQUITY[2025] - f.EQUITY[2024] == f.EQUITY_CHANGE[2025]
    assert f.BORROWINGS[2024] - f.REPAID[2025] == f.BORROWINGS[2025]


def test_notes_add_up_to_the_statements() -> None:
    f = figures
    splits = (
        (f.REGIONS, f.REVENUE),
        (f.DEBT_MATURITIES, f.BORROWINGS),
        (f.EMPLOYEES_BY_COUNTRY, f.EMPLOYEES),
        (f.PROPERTY_BY_CLASS, f.PROPERTY),
        (f.INVENTORIES_BY_KIND, f.INVENTORIES),
    )
    for parts, total in splits:
        assert f.add(*parts.values()) == total
    results = f.add(*f.SEGMENT_RESULTS.values(), f.CENTRAL_COSTS, f.RESTRUCTURING)
    assert results == f.OPERATING_PROFIT
    assert f.DEBT_MATURITIES["Within one year"] == f.BORROWINGS_CURRENT


def column(text: str, year: int) -> dict[str, int]:
    """The figures of one printed table column, by row: 0 is the newest year."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        row = re.fullmatch(r"(.+?)((?: (?:\(?[\d,]+\)?|–)){2,3})", line.strip())
        if row and "|" not in line:
            cell = row[2].split()[year]
            digits = int(re.sub(r"\D", "", cell) or 0)
            found.setdefault(row[1], -digits if cell.startswith("(") else digits)
    return found


@pytest.mark.parametrize("year", range(3))
def test_printed_income_statement_of_brindlemoor_adds_up(year: int) -> None:
    row = column(pages(REPORT)[8], year)
    assert row["Revenue"] + row["Cost of sales"] == row["Gross profit"]
    expenses = ("Research and development", "Sales and marketing", "General and administrative")
    operating = row["Gross profit"] + sum(row[name] for name in expenses)
    assert operating + row["Restructuring costs"] == row["Operating profit"]
    before_tax = row["Operating profit"] + row["Finance income"] + row["Finance costs"]
    assert before_tax == row["Profit before tax"]
    assert before_tax + row["Income tax"] == row["Profit for the year"]


@pytest.mark.parametrize("year", range(2))
def test_printed_income_statement_of_vexholt_adds_up(year: int) -> None:
    row = column(pages(FACTS)[0], year)
    assert row["Revenue"] + row["Cost of sales"] == row["Gross profit"]
    expenses = ("Research and development", "Sales and marketing", "General and administrative")
    assert row["Gross profit"] + sum(row[name] for name in expenses) == row["Operating profit"]
    assert row["Operating profit"] + row["Net finance costs"] == row["Profit before tax"]
    assert row["Profit before tax"] + row["Income tax"] == row["Profit for the year"]
    divisions = ("Water meters", "Gas meters", "Software")
    assert sum(row[name] for name in divisions) == row["Total revenue"] == row["Revenue"]


def test_request_numbers_its_questions_without_a_gap() -> None:
    found = re.findall(r"^Q(\d+) ", "\n".join(pages(REQUEST)), re.MULTILINE)
    assert [int(number) for number in found] == list(range(1, 41))


# --- the gold set

Place = tuple[str, int]
SUMS: dict[str, tuple[list[tuple[str, Place]], Callable[..., float]]] = {
    "dev-036": (
        [("84,310", (REPORT, 12)), ("76,452", (REPORT, 12))],
        lambda new, old: (new - old) / old * 100,
    ),
    "dev-037": ([("168,340", (REPORT, 9)), ("144,020", (REPORT, 9))], lambda a, b: a - b),
    "dev-038": ([("31,286", (REPORT, 12)), ("168,340", (REPORT, 12))], lambda a, b: a / b * 100),
    "dev-039": (
        [("18,517", (REPORT, 9)), ("17,076", (REPORT, 9)), ("15,842", (REPORT, 9))],
        lambda *each: sum(each) / 3,
    ),
    "dev-040": ([("65,675", (FACTS, 1)), ("171,905", (FACTS, 1))], lambda a, b: a / b * 100),
    "dev-041": ([("75,420", (REPORT, 10)), ("156,733", (REPORT, 10))], lambda a, b: a / b * 100),
    "dev-042": ([("27,090", (REPORT, 11)), ("9,127", (REPORT, 11))], lambda a, b: a - b),
    "dev-043": ([("168,340", (REPORT, 3)), ("842", (REPORT, 3))], lambda a, b: a / b),
    "dev-044": (
        [("4,992", (REPORT, 11)), ("4,410", (REPORT, 11)), ("3,780", (REPORT, 11))],
        lambda *each: sum(each),
    ),
    "dev-045": ([("18,600", (FACTS, 1)), ("14,988", (FACTS, 1))], lambda a, b: a - b),
    "dev-046": (
        [("40,700", (CURLEW_210, 2)), ("4,260", (CURLEW_210, 2))],
        lambda buoy, mooring: 3 * (buoy + mooring),
    ),
    "dev-047": ([("612 kg", (CURLEW_240, 1)), ("486 kg", (CURLEW_210, 1))], lambda a, b: a - b),
    "dev-048": ([("171,905", (FACTS, 1)), ("168,340", (REPORT, 9))], lambda a, b: a - b),
    "dev-061": (
        [
            ("38,900", (CURLEW_210, 2)),
            ("4,260", (CURLEW_210, 2)),
            ("64,500", (CURLEW_240, 2)),
            ("11,780", (CURLEW_240, 2)),
        ],
        lambda small, kit, large, large_kit: 6 * (small + kit) + 2 * (large + large_kit),
    ),
    "dev-065": (
        [("23,400", (REPORT, 9)), ("17,533", (REPORT, 6))],
        lambda new, old: (new - old) / old * 100,
    ),
}
ARITHMETIC = {
    "dev-049": 48_200 * 0.175,
    "dev-050": (1_250 + 375) / 13,
    "dev-051": ((168_340 / 119_260) ** (1 / 4) - 1) * 100,
    "dev-052": 6 * 38_900 + 2 * 64_500,
}
ABSENT = {
    "dev-066": (REPORT, r"revenue.{0,30}2019|2019.{0,30}euros"),
    "dev-067": (FACTS, r"ebitda|depreciation"),
    "dev-068": (FACTS, r"north america"),
    "dev-069": (None, r"curlew 260"),
    "dev-070": (REPORT, r"vexholt"),
    "dev-071": (None, r"discount (of|is)|rebate"),
    "dev-072": (None, r"awarded to|contract was awarded"),
    "dev-073": (REPORT, r"first quarter"),
    "dev-074": (None, r"dipper.{0,40}\bkg\b"),
    "dev-075": (None, r"certificate.{0,40}(expires|valid until)"),
    "dev-076": (REPORT, r"loss (for|of) the year|net loss"),
    "dev-077": (FACTS, r"turnover"),
    "dev-078": (None, r"fingerprint|biometric"),
    "dev-079": (REPORT, r"(outlook|expect|forecast).{0,40}2028"),
    "dev-080": (None, r"mayor"),
    "dev-081": (None, r"mongolia"),
    "dev-082": (None, r"exchange rate of|dollars per euro"),
}
"""For each refusal the wording that would have answered it, and where it must not stand."""


def stands(value: float, text: str) -> bool:
    """Whether the number is printed there, as it is or (thousands of euros) in millions."""
    spellings = {f"{value:,}", f"{value / 1000:.1f}" if value > 10_000 else f"{value:,}"}
    return any(re.search(rf"(?<![\d,.]){re.escape(each)}(?![\d,.]*\d)", text) for each in spellings)


def test_gold_set_loads_and_its_ids_and_questions_are_unique() -> None:
    gold = GoldSet.load(SAMPLES / "gold.jsonl")
    assert len(gold) == len(CASES) == len({plain(case["question"]) for case in GOLD}) >= 66
    assert [case["id"] for case in GOLD] == [f"dev-{n:03d}" for n in range(1, len(GOLD) + 1)]


def test_gold_set_keeps_its_mixture() -> None:
    tags = Counter(tag for case in GOLD for tag in case["tags"])
    least = {
        "prose": 18,
        "table": 14,
        "calculation": 12,
        "arithmetic": 3,
        "negation": 5,
        "multi-hop": 5,
        "refusal": 14,
        "sloppy": 5,
        "markdown": 3,
    }
    assert {tag: tags[tag] for tag in least if tags[tag] < least[tag]} == {}


@pytest.mark.parametrize("case", GOLD, ids=CASES)
def test_pages_exist_and_only_supported_answers_name_them(case: dict[str, Any]) -> None:
    assert bool(case["pages"]) == bool(case["document"])
    if case["document"]:
        assert all(1 <= page <= len(pages(case["document"])) for page in case["pages"])
    if case["refusal"]:
        assert case["document"] is None and "refusal" in case["tags"]
        assert (case["answer"], case["value"], case["contains"]) == (None, None, [])


@pytest.mark.parametrize(
    "case", [c for c in GOLD if not c["refusal"] and c["document"]], ids=lambda case: case["id"]
)
def test_expected_answer_stands_on_the_named_pages(case: dict[str, Any]) -> None:
    on_pages = [plain(pages(case["document"])[page - 1]) for page in case["pages"]]
    together = " ".join(on_pages)
    for words in case["contains"]:
        assert any(plain(each) in together for each in words.split("|"))
    if case["value"] is not None and case["id"] not in SUMS:
        holding = [stands(case["value"], text) for text in on_pages]
        assert any(holding) if "multi-hop" in case["tags"] else all(holding)


@pytest.mark.parametrize(
    "case",
    [c for c in GoldSet.load(SAMPLES / "gold.jsonl").cases if not c.refusal],
    ids=lambda c: c.id,
)
def test_expected_answer_in_words_passes_its_own_case(case: GoldCase) -> None:
    answer = Answer(question=case.question, text=case.answer or "", usage=Usage(model="none"))
    assert value_of(grade(case, answer), "correct") == 1


@pytest.mark.parametrize("name", SUMS)
def test_calculation_follows_from_numbers_on_the_pages(name: str) -> None:
    parts, formula = SUMS[name]
    for number, (document, page) in parts:
        assert number in pages(document)[page - 1]
    case = CASES[name]
    assert any(
        document == case["document"] and page in case["pages"] for _, (document, page) in parts
    )
    values = [float(re.sub(r"[^\d.]", "", number)) for number, _ in parts]
    assert formula(*values) == pytest.approx(case["value"], rel=1e-4)


def test_every_calculation_is_recomputed() -> None:
    calculations = {case["id"] for case in GOLD if "calculation" in case["tags"]}
    arithmetic = {case["id"] for case in GOLD if "arithmetic" in case["tags"]}
    assert (calculations, arithmetic) == (set(SUMS), set(ARITHMETIC))
    for name, value in ARITHMETIC.items():
        assert CASES[name]["value"] == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize("name", [case["id"] for case in GOLD if case["refusal"]])
def test_nothing_in_the_documents_answers_a_question_to_be_refused(name: str) -> None:
    document, wording = ABSENT[name]
    assert re.search(wording, whole(document)) is None
