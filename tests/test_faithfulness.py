"""What lowers the support of a sentence, and what must not."""

import pytest
from runs import PAGES, answer, search
from workings.evals.faithfulness import score, supports
from workings.evals.gold import GoldCase
from workings.evals.metrics import measure, metrics

SOURCE = (
    "Revenue rose by 12% to EUR 412.3 million in 2025. The warranty does not cover water damage, "
    "but it covers the battery. Anna Berg, the chief executive officer, founded Nordlicht GmbH."
)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Revenue rose by 12%.", "Revenue rose by 15%."),
        ("Revenue rose to EUR 412.3 million.", "Revenue rose to EUR 412.3 billion."),
        ("Revenue rose in 2025.", "Revenue rose in 2024."),
        ("Revenue rose by 12%.", "Revenue fell by 12%."),
        ("The warranty does not cover water damage.", "The warranty covers water damage."),
        ("It covers the battery.", "It does not cover the battery."),
        ("Anna Berg founded Nordlicht GmbH.", "Peter Berg founded Nordlicht GmbH."),
        ("Anna Berg founded Nordlicht GmbH.", "Anna Berg founded Suedwind AG."),
        ("The chief executive is Anna Berg.", "The chief executive is fond of cats."),
    ],
)
def test_the_wrong_sentence_scores_lower(right, wrong):
    assert score(right, [SOURCE]) > score(wrong, [SOURCE]) + 0.1


@pytest.mark.parametrize(
    "text",
    [
        "Revenue rose by 12% to EUR 412.3 million in 2025.",
        "Revenue rose to EUR 412 million.",
        "1. Revenue rose by 12%.\n2. Revenue rose in 2025.",
        "Revenue, in 2025, rose by 12%.",
    ],
)
def test_what_stands_there_is_supported(text):
    assert score(text, [SOURCE]) > 0.9


def test_one_wrong_sentence_among_right_ones_is_seen_and_named():
    text = "Revenue rose by 12%. The warranty covers water damage."
    first, second = supports(text, [SOURCE])
    assert first.value == 1.0
    assert "does not cover water damage" in second.reason
    assert score(text, [SOURCE]) < 0.9


def test_several_sources_support_together():
    assert score("Revenue rose by 12%.", ["Costs fell.", SOURCE]) == 1.0


def test_a_text_without_a_word_has_no_score():
    with pytest.raises(ValueError, match="no word"):
        score("...", [SOURCE])


CASE = GoldCase(id="c", question="What was revenue in 2025?", answer="412.3")


def faithful(given):
    return measure(metrics(["faithfulness"]), CASE, given)[0]


def test_a_sentence_is_held_against_what_it_cites_itself():
    cited = [("report.pdf", 3), ("report.pdf", 7)]
    right = answer("Revenue rose by 12%. [1] It lasts 24 months [2].", search(3, 7), cited=cited)
    swapped = answer("Revenue rose by 12%. [2] It lasts 24 months [1].", search(3, 7), cited=cited)
    assert faithful(right).value == 1.0
    assert faithful(swapped).value < 0.6


def test_a_sentence_that_cites_nothing_is_supported_by_nothing():
    assert faithful(answer(PAGES[3], search(3))).value < 0.5


def test_a_result_that_was_reckoned_needs_no_passage():
    given = answer("The total is EUR 36 million.", results=["36"])
    assert faithful(given).value == 1.0
    assert faithful(answer("The total is EUR 37 million.", results=["36"])).value < 0.6


def test_a_refusal_claims_nothing():
    assert faithful(answer("I cannot answer that.", refused=True)).value is None
