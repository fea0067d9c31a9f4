"""Gold sets and grading: mistakes in a file are named, near misses are not right answers."""

from importlib.resources import files

import pytest
from workings.evals.checks import grade, value_of
from workings.evals.estimate import wilson
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.quantities import unit
from workings.graphs.answer import Answer, Calculation, Citation, Usage
from workings.tools.errors import GoldError


def answer(text="", value=None, unit=None, refused=False, question="q?", pages=()):
    citations = [
        Citation(
            marker=n,
            passage=str(n),
            document="report.pdf",
            page=page,
            page_label=None,
            url=None,
            quote="x",
            verified=True,
        )
        for n, page in enumerate(pages, 1)
    ]
    return Answer(
        question=question,
        text=text,
        value=value,
        unit=unit,
        refused=refused,
        citations=tuple(citations),
        usage=Usage(model="m"),
    )


def correct(case, given, metric="correct"):
    return value_of(grade(GoldCase(id="c", question="q?", **case), given), metric)


REVENUE = {"value": 412_300, "unit": "EUR thousand"}


@pytest.mark.parametrize(
    ("value", "unit", "right"),
    [
        (412_300, "EUR thousand", 1),
        (412.3, "EUR million", 1),
        (412_300_000, "EUR", 1),
        (0.4123, "billion euros", 1),
        (412_300, None, 1),
        (413.0, "EUR million", 1),  # 0.17 % off: rounding
        (398.1, "EUR million", 0),  # the year before
        (412.3, "EUR thousand", 0),  # right digits, wrong scale
        (412_300, "EUR", 0),  # the table's digits without its scale
        (412.3, "USD million", 0),
        (-412.3, "EUR million", 0),
        (None, None, 0),
    ],
)
def test_an_amount_is_right_in_any_scale_and_wrong_in_the_wrong_one(value, unit, right):
    assert correct(REVENUE, answer("Revenue.", value, unit)) == right


@pytest.mark.parametrize(("value", "right"), [(2025, 1), (2024, 0), (2026, 0)])
def test_a_year_is_exact(value, right):
    assert correct({"value": 2025}, answer(f"In {value}.", value)) == right


def test_months_are_not_years():
    assert correct({"value": 12, "unit": "months"}, answer("12 years", 12, "years")) == 0


@pytest.mark.parametrize(
    ("value", "unit", "right"),
    [(12.3, "%", 1), (0.123, None, 1), (12.3, None, 1), (0.123, "%", 0), (1.23, "%", 0)],
)
def test_a_percentage_is_its_fraction(value, unit, right):
    assert correct({"value": 12.3, "unit": "percent"}, answer("x", value, unit)) == right


@pytest.mark.parametrize(
    ("text", "scale"),
    [("EUR m", 1e6), ("$k", 1e3), ("m/s", None), ("m", None), ("thousands of euros", 1e3),
     ("EUR thousand", 1e3), ("percentage points", 0.01), ("kg", None)],
)  # fmt: skip
def test_a_letter_is_a_scale_beside_a_currency_only(text, scale):
    assert unit(text).scale == scale


def test_a_fall_told_in_words_has_no_sign():
    case = {"value": -5.2, "unit": "%"}
    assert correct(case, answer("Costs fell by 5.2 %.", 5.2, "%")) == 1
    assert correct(case, answer("Costs rose by 5.2 %.", 5.2, "%")) == 0


def test_without_a_value_the_only_new_number_of_the_text_counts():
    case = {"value": 1577}
    question = "How many people worked there in 2025?"
    assert correct(case, answer("1,577 people worked there in 2025 [1].", question=question)) == 1
    both = "1,577 people worked there in 2025, 1,490 in 2024 [1]."
    assert correct(case, answer(both, question=question)) == 0


def test_a_tolerance_of_the_case_wins():
    assert correct({"value": 100, "tolerance": 0.05}, answer("x", 104)) == 1
    assert correct({"value": 100.5, "tolerance": 0}, answer("x", 100.6)) == 0


def test_a_refusal_where_an_answer_stands_is_wrong():
    verdicts = grade(GoldCase(id="c", question="q", contains=("yes",)), answer(refused=True))
    assert value_of(verdicts, "correct") == 0
    assert verdicts[0].reason.startswith("refused what has an answer")


def test_an_answer_where_a_refusal_is_expected_is_wrong():
    assert correct({"refusal": True}, answer("Yes.")) == 0
    assert correct({"refusal": True}, answer(refused=True)) == 1


@pytest.mark.parametrize(
    ("words", "text", "right"),
    [
        ("12", "In 2012 it was agreed.", 0),
        ("1", "It is 1.5 metres.", 0),
        ("not encrypted", "It is encrypted.", 0),
        ("31 March 2027", "It ends on 31\u00a0March 2027 [1].", 1),
        ("1000", "It is 1,000 units.", 1),
        ("AES-256|AES 256", "By AES\u2011256.", 1),
        ("12 months|one year", "For 12 weeks.", 0),
    ],
)
def test_words_are_whole_words(words, text, right):
    assert correct({"contains": (words,)}, answer(text)) == right


def test_all_words_must_stand():
    assert correct({"contains": ("Oslo", "Bergen")}, answer("Oslo.")) == 0


def test_exact_decides_only_where_nothing_else_is_expected():
    assert correct({"answer": "Oslo"}, answer("oslo. [1]")) == 1
    assert correct({"answer": "Oslo"}, answer("Oslo and Bergen")) == 0
    longer = answer("It is in Oslo.")
    assert correct({"answer": "Oslo", "contains": ("Oslo",)}, longer) == 1
    assert correct({"answer": "Oslo", "contains": ("Oslo",)}, longer, "exact") == 0


def test_the_right_page_of_another_document_is_not_the_page():
    case = {"answer": "x", "pages": (4,), "document": "other.pdf"}
    assert correct(case, answer("x", pages=(4,)), "pages") == 0
    assert correct({**case, "document": "report.pdf"}, answer("x", pages=(9, 4)), "pages") == 1
    assert correct(case, answer("x", pages=(4,))) == 1  # told beside, not counted


def test_what_a_case_does_not_say_is_unscored():
    for metric in ("numeric", "contains", "pages", "tools"):
        assert correct({"answer": "x"}, answer("x"), metric) is None


def test_an_answer_without_citation_or_calculation_is_named():
    assert correct({"answer": "4"}, answer("4"), "citations") == 0
    sum_only = answer("4").model_copy(
        update={"calculations": (Calculation(expression="2+2", result="4"),)}
    )
    assert correct({"answer": "4"}, sum_only, "citations") == 1


def write(tmp_path, text, name="gold.jsonl"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1: not JSON"),
        ("[]", "line 1: expected an object, found list"),
        ('{"id": "a", "question": "q", "refusal": true, "tag": []}', "did you mean 'tags'?"),
        ('{"id": "a", "refusal": true}', "line 1: field 'question' is missing"),
        ('{"id": "a", "question": "q"}', "line 1: nothing is expected"),
        ('{"id": "a", "question": "q", "value": "12"}', "line 1: value = '12'"),
        ('{"id": "a", "question": "q", "value": NaN}', "value = nan"),
        ('{"id": "a", "question": "q", "value": 1, "pages": [0]}', "pages = [0]"),
        ('{"id": "a", "question": "q", "value": 1, "refusal": true}', "a refusal is expected"),
        ('\n{"id": "a", "question": "q", "value": 1}\n' * 2, "line 4: id 'a' is already on line 2"),
        ("\n\n", "holds no case"),
    ],
)
def test_a_mistake_is_named_with_file_and_line(tmp_path, text, said):
    with pytest.raises(GoldError) as caught:
        GoldSet.load(write(tmp_path, text))
    assert said in str(caught.value)
    assert "gold.jsonl" in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(GoldError, match="cannot be read"):
        GoldSet.load(tmp_path / "none.jsonl")


def test_csv_and_jsonl_are_the_same_set(tmp_path):
    rows = (
        "id,question,value,unit,contains,pages,refusal,tags\n"
        'a,"What, in all?",412.3,EUR million,,4;5,,table;money\n'
        "b,Who?,,,Ann|Anne;Bo,,false,\n"
        "c,Why?,,,,,true,\n"
    )
    lines = (
        '{"id":"a","question":"What, in all?","value":412.3,"unit":"EUR million","pages":[4,5],'
        '"tags":["table","money"]}\n'
        '{"id":"b","question":"Who?","contains":["Ann|Anne","Bo"]}\n'
        '{"id":"c","question":"Why?","refusal":true}\n'
    )
    assert GoldSet.load(write(tmp_path, rows, "g.csv")) == GoldSet.load(write(tmp_path, lines))


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("a,q,many,,", "line 2: value = 'many'"),
        ("a,q,1,x;2,", "line 2: pages = ['x', 2]"),
        ("a,q,1", "line 2: 3 fields, the header has 5"),
        ("a,q,,,maybe", "line 2: refusal = 'maybe'"),
    ],
)
def test_a_mistake_in_csv_is_named(tmp_path, row, said):
    with pytest.raises(GoldError) as caught:
        GoldSet.load(write(tmp_path, f"id,question,value,pages,refusal\n{row}\n", "g.csv"))
    assert said in str(caught.value)


def test_wilson_is_the_textbook_interval():
    found = wilson(8, 10)
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)
    assert str(found) == "80.0% [49.0%, 94.3%] (n=10)"


def test_no_data_is_not_zero():
    assert wilson(0, 0).value is None
    assert wilson(0, 5).low == 0.0 and wilson(5, 5).high == 1.0
    with pytest.raises(ValueError, match="3 successes of 2"):
        wilson(3, 2)


def test_the_sample_gold_sets_can_be_read():
    folder = files("workings.evals.samples")
    sets = [path for path in folder.iterdir() if path.name.endswith(".jsonl")]
    assert sets
    for path in sets:
        assert len(GoldSet.load(path)) > 0
