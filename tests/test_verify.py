"""Verification: what is shown has a source; what has none is struck, by name."""

import pytest
from workings.graphs.operands import trace_operands
from workings.graphs.state import Draft, DraftCitation, DraftSentence
from workings.graphs.verify import Verifier
from workings.tools.documents import Passage

PAGE = (
    "Revenue for the year was 467.25 million euros, up from 412.50 million.\n"
    "Operating profit (61.2) 58.4\n"
    "The contract ends on 31 March 2027 unless it is renewed."
)
PASSAGE = Passage(
    id="d-3-1",
    document="report.pdf",
    document_id="d",
    title="Report",
    page=3,
    page_label="1",
    text=PAGE,
)


def draft(text, *citations, **more):
    quotes = tuple(DraftCitation(passage=number, quote=quote) for number, quote in citations)
    return Draft(refused=False, sentences=(DraftSentence(text=text, citations=quotes),), **more)


def verify(made, question="What was revenue?", calculations=()):
    return Verifier(question, [PASSAGE], calculations).verify(made)


def test_a_quote_that_stands_on_the_page_is_cited_in_the_pages_own_words():
    checked = verify(draft("Revenue was 467.25 million.", ("1", "REVENUE for the year was 467.25")))
    assert checked.text == "Revenue was 467.25 million. [1]"
    assert checked.citations[0].quote == "Revenue for the year was 467.25"
    assert checked.citations[0].page == 3


def test_a_quote_that_stands_nowhere_leaves_the_claim_uncited():
    checked = verify(draft("The board resigned.", ("1", "the board resigned in May")))
    assert checked.refused
    assert "no verified citation" in checked.struck[0].reason


def test_a_right_quote_under_a_wrong_id_is_found():
    checked = verify(draft("It ends on 31 March 2027.", ("9", "ends on 31 March 2027")))
    assert checked.citations[0].passage == "d-3-1"


def test_a_number_from_nowhere_strikes_the_sentence():
    checked = verify(draft("Revenue was 500 million.", ("1", "Revenue for the year was")))
    assert checked.refused
    assert "'500" in checked.struck[0].reason


def test_one_bad_sentence_does_not_take_the_good_one_with_it():
    good = draft("Revenue was 467.25 million.", ("1", "Revenue for the year was 467.25"))
    bad = draft("Margins were 99%.", ("1", "Operating profit"))
    both = Draft(refused=False, sentences=good.sentences + bad.sentences)
    checked = verify(both)
    assert not checked.refused
    assert len(checked.struck) == 1


def test_a_number_of_the_question_may_be_said_again():
    checked = verify(
        draft("It is renewed for 2030.", ("1", "unless it is renewed")), "Is it renewed for 2030?"
    )
    assert not checked.refused


def test_a_result_of_traced_operands_needs_no_citation():
    made = trace_operands("467.25 - 412.50", "54.75", "How much more?", [PASSAGE], [])
    checked = verify(draft("Revenue grew by 54.75 million.", value="54.75"), calculations=[made])
    assert checked.text == "Revenue grew by 54.75 million."
    assert checked.value == 54.75
    assert [operand.source for operand in made.operands] == ["passage d-3-1"] * 2
    assert checked.calculations == (made,)


def test_a_result_of_an_invented_operand_is_struck():
    made = trace_operands("467.25 - 400", "67.25", "How much more?", [PASSAGE], [])
    checked = verify(draft("Revenue grew by 67.25 million."), calculations=[made])
    assert checked.refused
    assert any("400" in item.reason for item in checked.struck)


def test_a_rounded_percentage_of_a_result_is_that_result():
    made = trace_operands(
        "(467.25-412.50)/412.50", "0.1327272727272727272727272727272727", "Growth?", [PASSAGE], []
    )
    checked = verify(draft("Revenue grew by 13.3%.", value="13.3%"), calculations=[made])
    assert (checked.value, checked.unit) == (13.3, "%")


def test_a_fall_may_be_told_without_its_sign_and_a_rise_may_not():
    made = trace_operands("412.50 - 467.25", "-54.75", "How much less?", [PASSAGE], [])
    assert not verify(draft("Revenue fell by 54.75 million."), calculations=[made]).refused
    assert verify(draft("Revenue rose by 54.75 million."), calculations=[made]).refused


def test_an_uncited_claim_is_cited_by_code_when_a_line_holds_it():
    checked = verify(draft("The contract ends on 31 March 2027."))
    assert checked.citations[0].quote.startswith("The contract ends on 31 March 2027")


def test_a_value_that_is_not_shown_is_not_given():
    checked = verify(draft("Revenue was 467.25 million.", ("1", "was 467.25 million"), value="999"))
    assert checked.value is None


def test_a_refusals_reason_may_not_smuggle_numbers():
    checked = verify(Draft(refused=True, reason="It was probably 777 million."))
    assert "777" not in checked.text


def test_a_models_own_markers_are_not_shown():
    checked = verify(draft("Revenue was 467.25 million [7].", ("1", "was 467.25 million")))
    assert "[7]" not in checked.text


@pytest.mark.parametrize("quote", ["the", "of", "", "..."])
def test_a_quote_of_nothing_is_no_citation(quote):
    assert verify(draft("The company is fine.", ("1", quote))).refused


def test_a_quote_that_has_nothing_to_do_with_the_claim_is_no_citation():
    checked = verify(draft("The board resigned.", ("1", "unless it is renewed")))
    assert checked.refused


def test_a_dozen_in_the_question_is_a_constant_of_the_formula():
    made = trace_operands("3 * 12 * 68", "2448", "3 dozen at 68 each?", [], [])
    assert [operand.source for operand in made.operands] == ["question"] * 3


def test_the_hundred_of_a_percentage_is_a_constant_of_the_formula():
    made = trace_operands("68 / 272 * 100", "25", "What share of 272 is 68?", [], [])
    assert [operand.source for operand in made.operands] == ["question", "question", "constant"]


def neighbour(ordinal, text, page=3):
    return PASSAGE.model_copy(update={"id": f"d-{page}-{ordinal}", "page": page, "text": text})


@pytest.mark.parametrize("overlap", ["", "All prices are in thousands of euros. "])
def test_a_quote_over_the_join_of_neighbours_is_cited_from_both(overlap):
    first = neighbour(0, f"The plant in Ilsdorf was sold {overlap}".strip())
    second = neighbour(1, f"{overlap}in May 2025 without a loss.")
    quote = f"Ilsdorf was sold {overlap}in May 2025"
    told = draft("The Ilsdorf plant was sold in May 2025.", ("1", quote))
    checked = Verifier("When?", [second, first], ()).verify(told)
    assert [(c.passage, c.quote) for c in checked.citations] == [
        ("d-3-0", f"Ilsdorf was sold {overlap}".strip()),
        ("d-3-1", "in May 2025"),
    ]
    texts = {"d-3-0": first.text, "d-3-1": second.text}
    assert all(c.quote in texts[c.passage] for c in checked.citations) and not checked.struck


@pytest.mark.parametrize("second", [neighbour(2, "in May 2025."), neighbour(1, "in May 2025.", 4)])
def test_a_quote_over_passages_that_are_no_neighbours_stands_nowhere(second):
    first = neighbour(0, "The plant in Ilsdorf was sold")
    told = draft("The Ilsdorf plant was sold in May 2025.", ("1", "was sold in May 2025"))
    assert Verifier("When?", [first, second], ()).verify(told).refused


def test_the_year_of_a_column_named_before_the_passage_stands():
    piece = PASSAGE.model_copy(update={"text": "Borrowings 30 39", "header": "Report | 2025 2024"})
    told = draft("Borrowings, 2024: 39.", ("1", "Borrowings 30 39"))
    assert not Verifier("Did borrowings fall in 2025?", [piece], ()).verify(told).struck


def test_no_amount_stands_in_a_header():
    piece = PASSAGE.model_copy(update={"text": "Borrowings", "header": "Report | Total 39"})
    told = draft("Borrowings: 39.", ("1", "Borrowings"))
    assert Verifier("What were borrowings?", [piece], ()).verify(told).refused
