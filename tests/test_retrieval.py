import asyncio
from pathlib import Path

import pytest
from inverted import lexical
from workings.tools.documents import Document, Page
from workings.tools.documents_tools import document_tools
from workings.tools.errors import ToolError
from workings.tools.index import Index
from workings.tools.lexical import terms, words
from workings.tools.prior import Names
from workings.tools.profiles import profile
from workings.tools.retrieval import RetrievalOptions, clean_question, wants_number


def document(name: str, title: str = "", opening: str = "") -> Document:
    bare = Document(id=name, name=name, path=name, title=title, kind="pdf", pages=1)
    learned = profile(bare, (Page(number=1, label="1", text=opening),))
    return bare.model_copy(update={"metadata": learned})


def best(question: str, *documents: Document) -> str:
    scores = Names(documents).read(question).scores
    return documents[max(scores, key=lambda place: scores[place])].name if scores else ""


@pytest.fixture
def index(tmp_path: Path) -> Index:
    docs = tmp_path / "docs"
    docs.mkdir()
    for n in range(30):
        (docs / f"loud{n:02d}.txt").write_text(f"Rivers, rivers, rivers and rivers. Loud {n}.\n")
    (docs / "quiet.txt").write_text("A quiet note on boats that mentions rivers once.\n")
    (docs / "empty.md").write_text("# Only a heading\n")
    made = Index.open(tmp_path / "index")
    made.update([docs])
    return made


def test_documents_are_left_out_before_ranking_not_after(index):
    quiet = {index.resolve("quiet").id}
    assert all(hit.passage.document != "quiet.txt" for hit in index.search("rivers", 5))
    assert [h.passage.document for h in index.search("rivers", 5, quiet)] == ["quiet.txt"]


def test_no_documents_means_no_hits(index):
    assert index.search("rivers", 5, frozenset()) == []
    assert index.search("rivers", 5, {"unknown"}) == []


def test_k_beyond_the_corpus_gives_what_there_is(index):
    hits = index.search("rivers", 10_000)
    assert 31 <= len(hits) <= 32 and len({hit.passage.id for hit in hits}) == len(hits)
    assert index.search("rivers", 0) == []


@pytest.mark.parametrize("query", ["", "  \n", "\x00", "the of and", "?!", "x" * 100_000])
def test_a_query_of_nothing_is_no_error(index, query):
    assert len(index.search(query, 3)) <= 3


def test_the_same_question_gets_the_same_answer(index):
    assert index.search("loud rivers", 8) == index.search("loud rivers", 8)


def test_one_page_does_not_fill_the_results(tmp_path):
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "long.md").write_text(
        "\n".join(f"Tides turn, tide {n}, tides return." for n in range(80))
    )
    (docs / "short.md").write_text("A word on harbours and on one tide.\n")
    index = Index.open(tmp_path / "index")
    index.update([docs])
    assert "short.md" in [h.passage.document for h in index.search("tides", 3)]
    alone = RetrievalOptions(per_page=50)
    assert "short.md" not in [h.passage.document for h in index.search("tides", 3, None, alone)]


def test_names_are_learned_from_squeezed_file_names():
    express = document("AMERICANEXPRESS_2022_10K.pdf", "", "Form 10-K\nAmerican Express Company")
    corning = document("CORNING_2022_10K.pdf")
    assert express.metadata["names"].split("; ") == ["americanexpress", "american express"]
    assert (express.metadata["year"], express.metadata["type"]) == ("2022", "10-K")
    for question in (
        "What did American Express's cards cost?",
        "Did AMEX grow?",
        "AmericanExpress?",
    ):
        assert best(question, corning, express) == express.name
    assert best("Did corning sell glass?", corning, express) == corning.name


def test_initials_with_n_or_ampersand_name_a_company():
    johnson = document("JOHNSON_JOHNSON_2022_10K.pdf", "", "Johnson & Johnson")
    assert best("What did JnJ sell?", johnson) == best("And J&J?", johnson) == johnson.name
    assert best("What did JMJ sell?", johnson) == ""


def test_the_company_on_the_first_page_is_a_name_when_the_file_has_none():
    opening = (
        "UNITED STATES\nFORM 10-K\nDOCUMENTS INCORPORATED BY REFERENCE: none\n"
        "Harrow Tidal Holdings, Inc.\nNasdaq: HTDL\nHarrow Tidal Holdings, Inc. and the"
        " New York Stock Exchange LLC. Listed by Other Co."
    )
    filing = document("0000123-23-000004.pdf", "FORM 10-K", opening)
    assert filing.metadata["names"] == "harrow tidal" and filing.metadata["ticker"] == "HTDL"
    other = document("other.pdf")
    assert best("What did Harrow Tidal's pumps cost?", other, filing) == filing.name
    assert best("Is HTDL growing?", other, filing) == filing.name


def test_a_ticker_that_is_a_word_names_in_capitals_only():
    filing = document("x1.pdf", "", "Nasdaq: ALL")
    assert best("Is ALL growing?", filing) == filing.name
    assert best("Is all well?", filing) == ""


def test_what_every_filing_is_titled_names_none():
    paper = document("verdigris.pdf", "UNITED STATES SECURITIES AND EXCHANGE COMMISSION")
    assert paper.metadata["names"] == "verdigris"


def test_the_year_and_quarter_choose_between_documents_of_one_name():
    papers = [
        document(f"BESTBUY_{period}.pdf") for period in ("2019_10K", "2023_10K", "2024Q2_10Q")
    ]
    assert best("Best Buy's stores in FY2019?", *papers) == "BESTBUY_2019_10K.pdf"
    assert best("Best Buy between FY2022 and FY23?", *papers) == "BESTBUY_2023_10K.pdf"
    assert best("Best Buy, Q2 of FY2024?", *papers) == "BESTBUY_2024Q2_10Q.pdf"


def test_a_whole_date_names_the_document_of_that_day():
    papers = [document("ACME_2023_8K_dated-2023-08-30.pdf"), document("ACME_2023_8K.pdf")]
    assert best("What did Acme announce on August 30, 2023?", *papers) == papers[0].name


def test_a_year_does_not_lift_a_report_over_a_document_without_a_year():
    report, sheet = document("annual_report_2023.pdf"), document("pump-x200.pdf")
    scores = Names([report, sheet]).read("Which warranty did the X200 have in 2023?").scores
    assert scores[0] <= 0.3


def test_stop_words_and_single_letters_are_no_names():
    assert "names" not in document("in-2008.txt").metadata
    assert "names" not in document("b.txt").metadata


def test_a_common_word_of_a_long_name_does_not_name():
    papers = [document(f"northwind-{what}.pdf") for what in ("security-policy", "pumps", "report")]
    assert Names(papers).read("Is security important?").scores == {}
    assert best("What does the security policy ask for?", *papers) == papers[0].name


def test_naming_sees_only_the_documents_it_may():
    papers = [document("amber.pdf"), document("birch.pdf")]
    assert Names(papers).read("Is amber like birch?", {1}).scores == {1: 1.0}


@pytest.mark.parametrize(
    ("question", "gone", "kept"),
    [
        ("What was the margin? Answer in USD millions.", "USD", "margin"),
        ("What grew? Round your answer to two decimal places.", "decimal", "grew"),
        (
            "Is growth up? If that is not useful, then state that and explain why.",
            "explain",
            "growth up",
        ),
        ("Please list the fees.", "lease", "list the fees"),
        ("What was revenue in FY2022?", "FY", "revenue in 2022"),
    ],
)
def test_phrases_on_how_to_answer_are_not_searched_for(question, gone, kept):
    assert gone not in clean_question(question) and kept in clean_question(question)


def test_a_question_of_nothing_but_instructions_stays_whole():
    assert clean_question("Please answer in euros.") == "Please answer in euros."


def test_only_questions_for_a_quantity_want_a_number():
    assert wants_number("How much did it cost?") and wants_number("What is the total?")
    assert not wants_number("Who founded the company?")


def test_a_number_is_one_word_without_its_commas():
    assert words("3M sold 1,577.5 units (10-K)") == ["3m", "sold", "1577.5", "units", "10", "k"]
    assert terms("The running dogs") == ["run", "dog"]


def test_bm25_forgets_dropped_rows_wholly():
    alone = lexical("blue boat")
    one = lexical(1, old=lexical("red apple", "blue boat"))
    assert [term for term, _, _ in one.entries()] == ["blue", "boat"]
    assert (one.scores({"boat": 1}) == alone.scores({"boat": 1})).all()
    assert not one.scores({"appl": 1}).any()


def run(tool, **arguments):
    return asyncio.run(tool.run(arguments))


def test_search_documents_gives_passages_of_allowed_documents_only(index):
    quiet = frozenset({index.resolve("quiet").id})
    search, read, *_ = document_tools(index, quiet, 3)
    assert {p.document for p in run(search, query="rivers").passages} == {"quiet.txt"}
    assert run(search, query="rivers", document="quiet").content == ""
    with pytest.raises(ToolError, match=r"quiet\.txt"):
        run(search, query="rivers", document="loud01.txt")
    with pytest.raises(ToolError, match="No document"):
        run(read, document="loud01.txt", page=1)


def test_read_page_gives_the_whole_page_and_refuses_others(index):
    _, read, *_ = document_tools(index, None, 3)
    assert "quiet note" in run(read, document="quiet.txt", page=1).passages[0].text
    with pytest.raises(ToolError, match="no page 0"):
        run(read, document="quiet.txt", page=0)
    with pytest.raises(ToolError):
        run(read, document="quiet.txt", page="1")


def test_an_empty_index_says_so(tmp_path):
    search, *_ = document_tools(Index.open(tmp_path / "none"), None, 3)
    assert run(search, query="rivers").content == "There are no documents to search."
    with pytest.raises(ToolError, match="empty"):
        run(search, query=" ")
