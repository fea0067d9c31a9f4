"""Follow-ups made whole: the missing part comes from the question before, and only that."""

import pytest
from workings.tools.leaning import resolve

PROFIT = "What was Acme's operating profit in 2024?"


@pytest.mark.parametrize(
    ("earlier", "question", "whole"),
    [
        (PROFIT, "and in 2023?", "What was Acme's operating profit in 2023?"),
        (PROFIT, "what was it in 2022?", "What was Acme's operating profit in 2022?"),
        (PROFIT, "And the revenue?", "What was Acme's revenue in 2024?"),
        (PROFIT, "and for Contoso?", "What was Contoso's operating profit in 2024?"),
        ("What does the Otter S weigh?", "what about the Otter L?", "What does the Otter L weigh?"),
        ("How long must a password be?", "and for administrators?",
         "How long must a password be for administrators?"),
        ("What does the Otter S weigh?", "And its delivery time?", "Otter S's delivery time?"),
        ("What was the operating profit in 2024?", "What percentage was that of revenue?",
         "What percentage was operating profit of revenue in 2024?"),
    ],
)  # fmt: skip
def test_a_follow_up_keeps_the_rest_of_the_question_before(earlier, question, whole):
    assert resolve(question, [earlier]) == whole


def test_a_follow_up_of_a_follow_up():
    earlier = ["What was the revenue of Buoys in 2024?", "And Gauges?"]
    assert resolve("What about 2023?", earlier) == "What was the revenue of Gauges in 2023?"


def test_a_question_that_stands_alone_stays():
    question = "When does the contract with Contoso say that it ends?"
    assert resolve(question, [PROFIT]) == question
