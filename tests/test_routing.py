"""The first tool of a question, and the arithmetic in it."""

import pytest
from workings.tools.leaning import resolve
from workings.tools.routing import CALCULATOR, NONE, SEARCH, WEB, Loaded, route
from workings.tools.spoken import expression_in

REPORT = [Loaded("northwind-annual-report.pdf", "Annual report", 0.0)]
DOCUMENTS_ONLY = (CALCULATOR, SEARCH)


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("What is 15% of 200?", "15% of 200"),
        ("calculate 45 * 30,000", "45 * 30,000"),
        ("two plus seven", "2 + 7"),
        ("what is the square root of 144", "sqrt(144)"),
        ("subtract 4 from ninety-one please", "91 - 4"),
        ("1,360 meals - 142 meals", "1,360 meals - 142 meals"),
        ("add up 3, 4 and 5", "3 + 4 + 5"),
        ("$0.5 x 34", "$0.5 x 34"),
        ("What is the percentage change from 40 to 50?", "(50 - 40) / 40 * 100"),
    ],
)
def test_arithmetic_is_read_from_words(question, expression):
    assert expression_in(question) == expression


@pytest.mark.parametrize(
    "question",
    [
        "What was revenue in 2024?",
        "2024 revenue - 2023 revenue",
        "2025-03-01",
        "Call me on 555-1234 about the order",
        "How many of the 12 sites have 2 exits?",
        "",
    ],
)
def test_what_is_not_all_arithmetic_is_not_arithmetic(question):
    assert expression_in(question) is None


def test_a_word_problem_calls_no_tool():
    question = "Ann has 5 apples. She buys 7 more and eats half. How many apples does she have?"
    assert route(question, REPORT).tool == NONE


def test_a_named_document_beats_a_current_word():
    named = [Loaded("northwind-annual-report.pdf", "Annual report", 1.0)]
    assert route("What is Northwind's current share price target?", named).tool == SEARCH


@pytest.mark.parametrize(
    "question", ["hello there", "who made you?", "thank you so much", "tell me a joke"]
)
def test_small_talk_calls_nothing_even_with_documents(question):
    assert route(question, REPORT, DOCUMENTS_ONLY).tool == NONE


@pytest.mark.parametrize(
    "question",
    ["What's the weather tomorrow?", "Who is the latest winner of the marathon in Oslo?"],
)
def test_the_world_needs_the_web(question):
    assert route(question, REPORT).tool == WEB


def test_politeness_is_not_small_talk():
    question = "Could you tell me the notice period in the contract?"
    assert route(question, REPORT, DOCUMENTS_ONLY).tool == SEARCH


def test_without_web_a_plain_question_is_searched_for():
    assert route("maximum torque", REPORT, DOCUMENTS_ONLY).tool == SEARCH


def test_a_follow_up_takes_the_year_not_the_question():
    earlier = ["What was Northwind's revenue in 2024?"]
    assert resolve("and in 2023?", earlier) == "What was Northwind's revenue in 2023?"
    assert resolve("What is the warranty of the pump?", earlier).startswith("What is the warranty")
