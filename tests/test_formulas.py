"""Formulas that a question states, and the statements of accounts that it names."""

import pytest
from workings.tools.evidence import Shown
from workings.tools.formulas import formula_in
from workings.tools.planning import plan
from workings.tools.question import analyse
from workings.tools.reading import Evidence
from workings.tools.statements import begun_by, statements_in


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("It is defined as 365 * payables / cost of sales.", "365 * {0} / {1}"),
        ("Days, defined as 365 times payables divided by cost of sales?", "365 * {0} / {1}"),
        ("defined as: (assets - stock) / year-end debts", "({0} - {1}) / {2}"),
        (
            "is defined as: profit / (average assets between 2023 and 2024)",
            "{0} / (mean({1}, {2}))",
        ),
        ("is defined as: costs + change in stock between 2023 and 2024", "{0} + ({2} - {1})"),
    ],
)
def test_signs_and_words_of_a_formula(text, template):
    found = formula_in(text, "2024")
    assert found is not None and found.template == template


@pytest.mark.parametrize(
    "text",
    ["What is it (up to 3 x 40 W)?", "What does A (formerly B and C) sell?", "What is 3 - 2?"],
)
def test_brackets_alone_are_no_formula(text):
    assert formula_in(text, "2024") is None


def test_each_operand_is_of_its_own_year():
    page = Shown(
        "1",
        "acme-2024.pdf",
        "Consolidated balance sheet\nIn millions of euros 2024 2023\nTrade payables 30 20\n"
        "Change in trade payables 10 5\nCost of sales 365 300",
    )
    evidence = Evidence([page])
    question = analyse(
        "What were days payable in 2024? They are defined as 365 * average trade payables between"
        " 2023 and 2024 / 2024 cost of sales."
    )
    planned = plan(question, evidence.rows, evidence.weights)
    assert planned is not None and planned.expression == "365 * mean(20, 30) / 365"


def test_statements_by_their_general_names():
    assert statements_in("using the P&L statement and the balance sheet") == ("income", "balance")
    assert begun_by("CONSOLIDATED STATEMENTS OF OPERATIONS (in millions)") == "income"
    assert begun_by("Consolidated Statements of Comprehensive Income") is None
