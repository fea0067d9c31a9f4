"""Whether something went up or down: both years are looked up, and the sign says yes or no."""

import pytest
from test_lookup import SEARCH, ask, index, names, plan
from workings.tools.composing import compose
from workings.tools.evidence import Computed, Shown
from workings.tools.following import Done, next_step
from workings.tools.trends import trend_in, verdict

assert index  # the fixture of the report, used here too

INCOME = """Harrow Tools plc
Consolidated income statement
In millions of euros 2024 2023
Revenue 1,200 1,000
Cost of sales (720) (640)
"""
TOLD = "The board met in Leeds.\nRevenue grew to 1,200 million euros in 2024, as was hoped.\n"


@pytest.mark.parametrize(
    ("question", "item", "before", "after"),
    [
        ("Is Harrow's revenue improving as of FY2024?", "Harrow's revenue", "2023", "2024"),
        ("Has net income grown in 2024 compared with last year?", "net income", "2023", "2024"),
        ("Did revenue increase from 2020 to 2024?", "revenue", "2020", "2024"),
        ("Did Harrow raise or cut jobs in 2024?", None, None, None),
        ("Did Harrow increase its dividend in 2024?", "Harrow dividend", "2023", "2024"),
        ("Are inventories falling compared with 2023?", None, None, None),
        ("Is revenue growing or declining in 2024?", "revenue", "2023", "2024"),
        ("Is revenue growing?", None, None, None),
        ("Is growth in revenue declining in 2024?", None, None, None),
        ("What was revenue in 2024?", None, None, None),
    ],
)
def test_one_year_means_the_one_before_too(question, item, before, after):
    found = trend_in(question)
    assert (found and (found.item, found.before, found.after)) == (item and (item, before, after))


@pytest.mark.parametrize(
    ("question", "value", "said"),
    [
        ("Is revenue improving as of 2024?", "5", "Yes. "),
        ("Is revenue improving as of 2024?", "-5", "No. "),
        ("Did debt fall in 2024?", "5", "No. "),
        ("Is debt improving in 2024?", "5", ""),
        ("Is revenue improving as of 2024?", "0", ""),
        ("Is revenue growing or declining in 2024?", "5", ""),
    ],
)
def test_more_of_a_burden_is_not_called_better(question, value, said):
    assert verdict(question, value) == said


def steps(question, *texts):
    shown = tuple(Shown(str(n), "harrow.txt", text, str(n)) for n, text in enumerate(texts, 1))
    made = (("search_documents", {"query": question}),)
    return next_step(question, (), ("search_documents", "calculator"), Done(made, shown, ())), shown


def test_the_extractive_model_subtracts_the_year_before():
    question = "Is revenue improving as of FY2024?"
    calls, shown = steps(question, INCOME)
    assert calls[0].arguments == {"expression": "1200 - 1000"}
    told = compose(question, shown, [Computed("1", "1200 - 1000", "200")])
    assert told.sentences[-1].text == ("Yes. Revenue rose by 200 million euros from 2023 to 2024.")


def test_a_measure_is_computed_for_both_years():
    question = "Has the gross margin improved in 2024?"
    calls, shown = steps(question, INCOME)
    expression = "((1200 - 720) / 1200) - ((1000 - 640) / 1000)"
    assert calls[0].arguments == {"expression": f"({expression}) * 100"}
    told = compose(question, shown, [Computed("1", f"({expression}) * 100", "4")])
    assert told.sentences[-1].text == (
        "Yes. Gross margin rose by 4.0 percentage points on the year before."
    )


def test_a_sentence_that_says_so_needs_no_calculation():
    calls, shown = steps("Did revenue grow in 2024?", TOLD)
    assert not calls
    assert compose("Did revenue grow in 2024?", shown).sentences[0].text.startswith("Yes. ")


def test_a_measure_is_not_answered_by_a_sentence_on_something_else():
    told = "Net finance costs fell in 2024 because borrowings fell. Profit was shared out."
    shown = [Shown("1", "harrow.txt", told, "1")]
    assert compose("Has the net profit margin improved in 2024?", shown).refused


def test_a_models_plan_of_one_year_gets_the_other(index):
    answer, _ = ask(
        index,
        "Are Harrow's inventories growing as of 2024?",
        SEARCH,
        plan(("Inventories", "2024")),
    )
    assert names(answer) == ["decide", "plan", "find_rows", "calculator"]
    assert answer.text.endswith("Yes. Inventories rose by 20 million euros: 120 - 100.")
    assert [c.quote for c in answer.citations] == ["Inventories 120 100"]


def test_a_measure_of_two_years_is_planned_by_code(index):
    answer, _ = ask(index, "Is Harrow's operating margin improving as of 2024?", SEARCH)
    assert answer.calculations[0].expression == "((150 / 1200) - (110 / 1000)) * 100"
    assert (answer.value, answer.unit) == (1.5, "percentage points")
    assert (
        "Yes. Operating margin rose by 1.5 percentage points on the year before: ((" in answer.text
    )


def test_a_plan_that_has_both_years_is_left_alone(index):
    answer, _ = ask(
        index,
        "Did the net sales of Harrow grow in 2024?",
        SEARCH,
        plan(("Net sales", "2023"), ("Net sales", "2024"), formula="(b - a) / a * 100", unit="%"),
    )
    assert (answer.value, answer.unit) == (20, "%")
