"""Gold sets in files: every kind holds the same set, and mistakes are named with their place."""

import importlib

import pytest
from workings.evals.checks import grade, value_of
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.gold_splits import group_of, split
from workings.graphs.answer import Answer, Usage
from workings.tools.errors import GoldError

SET = GoldSet(
    cases=(
        GoldCase(id="007", question="What, in \"all\"?\nReally?", value=412.3, unit="EUR million",
                 tolerance=0.01, document="a.pdf", pages=(4, 5), tags=("table", "x"), group="Acme"),
        GoldCase(id="b", question="=1+1 Who? é", contains=("Ann|Anne", "Bo"), evidence="Ann did."),
        GoldCase(id="c", question="Why?", refusal=True),
        GoldCase(id="d", question="Which?", answer="2024-01-02", value=2025, tools=("calculator",),
                 calls=({"name": "f", "arguments": {"x": [1, None], "y": "a;b"}},)),
        GoldCase(id="e", question="How well?", note="It must be polite."),
    )
)  # fmt: skip
KINDS = ("jsonl", "csv", "yaml", "xlsx", "parquet")


def needed(kind):
    module = {"xlsx": "openpyxl", "parquet": "pyarrow", "yaml": "yaml"}.get(kind)
    if module is not None:
        pytest.importorskip(module)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_holds_the_same_set(tmp_path, kind):
    needed(kind)
    path = tmp_path / f"g.{kind}"
    SET.save(path)
    SET.save(path)
    assert GoldSet.load(path) == SET
    assert [item.name for item in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_a_cell_cannot_hold_is_refused_and_the_old_file_stays(tmp_path, kind):
    needed(kind)
    path = tmp_path / f"g.{kind}"
    SET.save(path)
    before = path.read_bytes()
    with pytest.raises(GoldError, match=r"case 'x' .*contains.*use \.jsonl"):
        GoldSet(cases=(GoldCase(id="x", question="q", contains=("a;b",)),)).save(path)
    assert path.read_bytes() == before
    with pytest.raises(GoldError):
        GoldSet(cases=(GoldCase(id="x", question="q", note="a\x01", tags=("a ",)),)).save(path)


def test_a_case_with_but_a_note_is_not_right_by_code():
    case = GoldCase(id="e", question="q", note="Polite?")
    usage = Usage(model="m")
    said = Answer(question="q", text="Go away.", usage=usage)
    assert value_of(grade(case, said), "correct") is None
    refused = Answer(question="q", text="", refused=True, usage=usage)
    assert value_of(grade(case, refused), "correct") == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- id: a\n  question: q\n  value: .nan\n", "line 1: value = nan"),
        ("- &x\n  id: a\n  question: q\n  refusal: true\n- *x\n", "line 5: not YAML (the alias *x"),
        ("cases: []\n", "holds no case"),
        ("", "holds no case"),
        ("cases: 3\n", "expected a list of cases"),
        ("- !!python/object/apply:os.system [echo]\n", "not YAML"),
        ("- id: a\n  id: b\n", "line 2: not YAML (the key 'id' is there twice"),
        ("- id: 7\n  question: q\n  refusal: true\n", "line 1: id = 7"),
        ("- x\n", "line 1: expected a case, found str"),
        ("cases:\n  - id: a\n    question: q\n    refusal: true\n"
         "  - id: a\n    question: r\n    refusal: true\n", "line 5: id 'a' is already on line 2"),
        ("[" * 3000, "g.yaml"),
        ("? [a]\n: b\n", "expected a list of cases"),
        ("- ? [a]\n  : b\n", "line 1: not YAML"),
        ("- id: !!int x\n", "not YAML that can be read"),
        ("- id: !!binary aGk=\n  question: q\n  refusal: true\n", "line 1: id = b'hi'"),
    ],
)  # fmt: skip
def test_a_mistake_in_yaml_is_named_with_its_line(tmp_path, text, said):
    pytest.importorskip("yaml")
    path = tmp_path / "g.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(GoldError) as caught:
        GoldSet.load(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        ({"S": [["id", "question", "value"], ["a", "q", "=1+1"]]}, "row 2: value is a formula"),
        ({"S": [["id", "question", "value"], ["a", "q", "many"]]}, "sheet 'S' row 2: value"),
        ({"S": [["id", "value"], ["a", 1]]}, "row 2: field 'question' is missing"),
        ({"S": [["id", "id"], ["a", 1]]}, "column 'id' is there twice"),
        ({"S": [["id"], ["a", 1]]}, "more cells than the header's 1"),
        ({"S": [["id"]], "T": [["id"]]}, "which of the sheets 'S', 'T'?"),
        ({"S": []}, "holds no case"),
    ],
)
def test_a_mistake_in_a_workbook_is_named_with_sheet_and_row(tmp_path, sheets, said):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(tmp_path / "g.xlsx")
    with pytest.raises(GoldError) as caught:
        GoldSet.load(tmp_path / "g.xlsx")
    assert said in str(caught.value)


def test_a_number_in_the_cell_of_an_id_or_of_pages_is_read_as_one_meant_it(tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    for row in (["id", "question", "value", "pages"], [12, "q", 4.0, 3], [13, "q", 5, "3;4"]):
        book.active.append(row)
    book.save(tmp_path / "g.xlsx")
    first, second = GoldSet.load(tmp_path / "g.xlsx").cases
    assert (first.id, first.value, first.pages, second.pages) == ("12", 4, (3,), (3, 4))


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_file_that_is_not_what_its_ending_says_is_refused(tmp_path, kind):
    needed(kind)
    path = tmp_path / f"g.{kind}"
    for body in (b"", b"PK\x03\x04 no", b"PAR1 no"):
        path.write_bytes(body)
        with pytest.raises(GoldError, match=f"g.{kind}"):
            GoldSet.load(path)


def test_nan_and_dates_in_parquet_are_named(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    parquet = importlib.import_module("pyarrow.parquet")
    datetime = importlib.import_module("datetime")
    rows = {"id": ["a", "b"], "question": ["q", "q"], "value": [1.5, float("nan")]}
    parquet.write_table(arrow.table(rows), tmp_path / "g.parquet")
    with pytest.raises(GoldError, match="row 2: value = nan"):
        GoldSet.load(tmp_path / "g.parquet")
    rows = {"id": ["a"], "question": ["q"], "answer": [datetime.date(2024, 1, 2)]}
    parquet.write_table(arrow.table(rows), tmp_path / "g.parquet")
    with pytest.raises(GoldError, match="row 1: answer = datetime"):
        GoldSet.load(tmp_path / "g.parquet")


def test_a_byte_order_mark_and_a_column_without_a_name(tmp_path):
    path = tmp_path / "g.csv"
    path.write_bytes("\ufeffid,question,refusal\na,q,TRUE\n".encode())
    assert GoldSet.load(path).cases[0].refusal
    path.write_text("id,question,,refusal\na,q,x,true\n", encoding="utf-8")
    with pytest.raises(GoldError, match="column 3 has no name"):
        GoldSet.load(path)


def case(number, document=None, **more):
    return GoldCase(id=str(number), question=f"q{number}", refusal=True, document=document, **more)


MANY = GoldSet(cases=tuple(case(n, f"doc-{n % 60}.pdf") for n in range(300)))
RATIOS = {"dev": 0.7, "held": 0.3}


def test_no_document_is_in_two_parts_and_nothing_is_lost():
    parts = split(MANY, RATIOS)
    documents = [{c.document for c in part.cases} for part in parts.values()]
    assert not documents[0] & documents[1]
    assert sum(map(len, parts.values())) == len(MANY)
    assert 0.5 < len(parts["dev"]) / len(MANY) < 0.9


def test_cases_that_are_added_move_no_other():
    before = {c.id for c in split(MANY, RATIOS)["held"].cases}
    more = GoldSet(cases=(case("new", "new.pdf"), *reversed(MANY.cases), case("old", "doc-1.pdf")))
    after = {c.id for c in split(more, RATIOS)["held"].cases}
    assert after - {"new", "old"} == before


def test_another_seed_is_another_split():
    assert split(MANY, RATIOS, seed=1) != split(MANY, RATIOS)


def test_two_reports_of_a_company_stay_together():
    one, two = case(1, "acme-annual-2024.pdf"), case(2, "ACME_10K_2025.pdf")
    assert group_of(one, "company") == group_of(two, "company")
    assert group_of(one, "document") != group_of(two, "document")
    named = case(3, "x.pdf", tags=("company:Acme",))
    assert group_of(named, "company") == group_of(one, "company")
    assert group_of(case(4, tags=("co:b", "co:a", "z")), "tag:co:") == "tag:co: co:a;co:b"


@pytest.mark.parametrize(
    ("ratios", "by", "said"),
    [
        ({"dev": 0.7, "held": 0.4}, "document", "sum to 1"),
        ({"dev": 1.0}, "document", "between 0 and 1"),
        ({"../x": 0.5, "b": 0.5}, "document", "part '../x'"),
        ({"a": 0.5, "b": 0.5}, "colour", "by 'colour': expected document"),
        ({"a": 0.5, "b": 0.5}, "tag:", "by 'tag:'"),
        ({"a": 0.999999, "b": 0.000001}, "document", "no case falls to 'b'"),
    ],
)
def test_a_split_that_cannot_be_made_is_explained(ratios, by, said):
    with pytest.raises(GoldError) as caught:
        split(MANY, ratios, by=by)
    assert said in str(caught.value)
