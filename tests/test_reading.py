"""Sentences, cells and calculations chosen from small evidence; refusals where it lacks."""

import pytest
from workings.tools.composing import compose
from workings.tools.evidence import Computed, Shown, shown_passages
from workings.tools.pieces import pieces_of
from workings.tools.planning import plan
from workings.tools.question import analyse
from workings.tools.reading import Evidence
from workings.tools.tables import rows

STATEMENT = Shown(
    "1",
    "northwind-annual-report.pdf",
    "Consolidated income statement\n"
    "In thousands of euros 2024 2023 2022\n"
    "Revenue 412,300 367,100 351,900\n"
    "Cost of sales (208,150) (190,220) (188,400)\n"
    "Gross profit 204,150 176,880 163,500\n"
    "Employees at year end 812 768 751",
    page="9",
    header="Northwind annual report | Statements",
)
POLICY = Shown(
    "2",
    "northwind-security-policy.pdf",
    "6. Access\nPasswords of administrators have at least 20 characters. "
    "Access rights are reviewed every six months.\n"
    "A lost device must be reported to the service desk within four hours. "
    "Text messages must not be used as a second factor.",
    page="2",
    header="Northwind security policy | Access",
)
BOTH = [STATEMENT, POLICY]


def text(composed):
    return " ".join(sentence.text for sentence in composed.sentences)


def test_the_column_of_the_year_is_taken_not_the_first():
    answer = compose("What was Northwind's revenue in 2023?", BOTH)
    assert (answer.value, answer.unit) == ("367100", "thousands of euros")
    assert answer.sentences[0].citations == (("1", "Revenue 412,300 367,100 351,900"),)


def test_cost_of_sales_is_not_sales():
    assert compose("What was the cost of sales in 2022?", BOTH).value == "188400"


@pytest.mark.parametrize(
    "question",
    [
        "What was Northwind's revenue in 2019?",
        "What was Contoso's revenue in 2024?",
        "What was Northwind's revenue in the first quarter of 2024?",
        "How many patents does Northwind hold?",
        "Who chairs the audit committee?",
        "When does the lease of the office expire?",
    ],
)
def test_another_year_company_quarter_or_subject_is_refused(question):
    answer = compose(question, BOTH)
    assert answer.refused and answer.reason


def test_the_reason_names_what_is_missing():
    assert "Contoso" in compose("What was Contoso's revenue in 2024?", BOTH).reason
    assert "2019" in compose("What was revenue in 2019?", BOTH).reason


def test_a_sentence_is_verbatim_and_its_amount_is_the_value():
    answer = compose("How long must an administrator's password be?", BOTH)
    assert text(answer) == "Passwords of administrators have at least 20 characters."
    assert answer.value == "20"


def test_negation_agrees():
    answer = compose("Which second factor is not allowed?", BOTH)
    assert text(answer) == "Text messages must not be used as a second factor."


@pytest.mark.parametrize(
    ("question", "expression"),
    [
        ("By what percentage did revenue grow in 2024?", "(412300 - 367100) / 367100 * 100"),
        ("How much higher was revenue in 2024 than in 2022?", "412300 - 351900"),
        ("What was the gross margin in 2023?", "176880 / 367100 * 100"),
        ("Average revenue from 2022 to 2024?", "(351900 + 367100 + 412300) / 3"),
        ("Add up the revenue of 2023 and 2024.", "367100 + 412300"),
        ("What is the ratio of gross profit to cost of sales in 2024?", "204150 / 208150"),
        ("What was revenue per employee in 2024?", "412300 / 812"),
    ],
)
def test_a_calculation_is_planned_on_the_right_cells(question, expression):
    evidence = Evidence(BOTH)
    planned = plan(analyse(question), evidence.rows, evidence.weights)
    assert planned is not None and planned.expression == expression


def test_several_things_are_priced_together_each_by_its_own_row():
    prices = Shown(
        "1",
        "p.pdf",
        "Order code Item List price in euros\nP-1 Pump Otter S 3,900\n"
        "P-2 Pump Otter S with display 4,100\n"
        "P-9 Filter kit 250",
    )
    evidence = Evidence([prices])
    question = analyse(
        "What would three Otter S with display cost at list price, filter kits included?"
    )
    planned = plan(question, evidence.rows, evidence.weights)
    assert planned is not None and planned.expression == "3 * 4100 + 3 * 250"


def test_no_calculation_without_both_operands():
    evidence = Evidence(BOTH)
    assert (
        plan(analyse("How much did revenue grow in 2022?"), evidence.rows, evidence.weights) is None
    )


def test_the_answer_shows_operands_and_result():
    expression = "(412300 - 367100) / 367100 * 100"
    done = [Computed("1", expression, "12.31272132933805502587850721")]
    answer = compose("By what percentage did revenue grow in 2024?", BOTH, done)
    assert (answer.value, answer.unit) == ("12.3", "%")
    assert "412,300" in text(answer) and "367,100" in text(answer)


def test_a_calculation_alone_is_an_answer():
    answer = compose("What is 15% of 200?", [], [Computed("1", "15% of 200", "30")])
    assert text(answer) == "15% of 200 = 30."


def test_thousands_and_millions_are_never_mixed():
    highlights = Shown("3", "x.pdf", "In millions of euros 2024 2023\nOrder backlog 88.6 74.0")
    evidence = Evidence([STATEMENT, highlights])
    question = analyse("What share of revenue in 2024 was the order backlog?")
    assert plan(question, evidence.rows, evidence.weights) is None


def test_a_note_column_is_not_a_year():
    noted = Shown("1", "x.pdf", "In millions of dollars Note 2024 2023\nBorrowings 12 5,400 6,100")
    (row,) = rows([noted])
    assert [(cell.text, cell.column) for cell in row.cells] == [
        ("5,400", "2024"),
        ("6,100", "2023"),
    ]


def test_a_markdown_table_gives_the_named_column():
    plans = Shown(
        "1", "plans.md", "| | Basic | Plus |\n|---|---|---|\n| Price per month (euros) | 9 | 24 |"
    )
    answer = compose("What does the Plus plan cost per month?", [plans])
    assert answer.value == "24"


def test_escapes_in_packed_text_are_undone():
    (shown,) = shown_passages('<passage id="4" document="a &amp; b.pdf">1 &lt; 2</passage>')
    assert (shown.id, shown.document, shown.text) == ("4", "a & b.pdf", "1 < 2")


def test_a_numbered_heading_is_never_an_answer():
    headed = Shown("7", "r.pdf", "Note 2. Revenue by segment\nServices 31,286", page="4")
    assert compose("What was revenue by segment?", [headed]).refused


@pytest.mark.parametrize(
    "question",
    [
        "What was revenue in 2019?",
        "What was the gross margin in 2018?",
        "How much were costs in 2017?",
    ],
)
def test_another_year_names_what_is_missing(question):
    since = Shown("8", "r.pdf", "Revenue grew for the first time since 2019.", page="2")
    answer = compose(question, [STATEMENT, since])
    assert answer.refused and "for 201" in answer.reason


def test_a_sentence_without_a_year_is_of_its_document_s_year():
    note = Shown("9", "report-2025.pdf", "Gross margin improved from 40.5% to 42.0% of revenue.")
    assert compose("What was the gross margin in 2021?", [note]).refused
    assert not compose("How did gross margin improve in 2025?", [note]).refused


SEGMENTS = Shown(
    "5",
    "northwind-annual-report.pdf",
    "Note 2. Revenue by segment\nIn thousands of euros 2024 2023\nBuoys 84,310 76,452\n"
    "Gauges 52,744 49,870\nNumber of employees by country 2024 2023\nPortugal 176 164",
    page="12",
)


def test_a_result_says_of_what():
    done = [Computed("1", "(84310 - 76452) / 76452 * 100", "10.278344")]
    answer = compose("By what percentage did revenue of Buoys grow in 2024?", [SEGMENTS], done)
    assert text(answer) == (
        "Buoys, revenue, 2023: 76,452 thousand euros. Buoys, revenue, 2024: 84,310 thousand euros. "
        "Revenue of Buoys grew by 10.3% from 2023 to 2024."
    )


def test_people_are_not_told_in_euros():
    answer = compose("How many employees were there in Portugal in 2023?", [SEGMENTS])
    assert text(answer) == "Portugal, employees, 2023: 164." and answer.unit == ""


@pytest.mark.parametrize(
    ("question", "sentence", "said"),
    [
        ("Are joint proposals allowed?", "Joint proposals are allowed.", "Yes. Joint"),
        ("Is a bid bond required?", "A bid bond is not required.", "No. A bid"),
        (
            "Are shared accounts allowed?",
            "Shared accounts are forbidden, except in labs.",
            "Shared",
        ),
        ("Can the exception be renewed?", "The exception may be renewed once a year.", "The exc"),
    ],
)
def test_yes_or_no_only_where_the_sentence_decides(question, sentence, said):
    assert text(compose(question, [Shown("1", "rules.pdf", sentence)])).startswith(said)


def test_a_question_in_other_words_finds_its_sentence():
    text = (
        "The disks of all laptops are encrypted. A stolen device is reported to the service desk "
        "within 4 hours.\nVisitors use the guest network. Stock is counted twice a year."
    )
    answer = compose(
        "How soon do we have to tell the helpdesk about theft?", [Shown("1", "p", text)]
    )
    assert "within 4 hours" in answer.sentences[0].text


def test_what_is_asked_for_by_name_must_be_spoken_of():
    text = (
        "An order of eight buoys is delivered within seven months. Hulls are moulded in one piece."
    )
    asked = "What discount does the maker give on an order of eight buoys?"
    assert compose(asked, [Shown("1", "p", text)]).refused
    assert not compose(
        "When is an order of eight buoys delivered?", [Shown("1", "p", text)]
    ).refused


def test_a_running_title_and_short_lines_end_a_piece():
    text = (
        "Acme | Policy | Internal 3\nData at rest is encrypted with AES and the keys are kept in "
        "a vault.\nPersonnel files 5 years Last day\nVisitor registers 6 months Date of visit"
    )
    pieces = [piece.text for piece in pieces_of(Shown("1", "p", text))]
    assert pieces[0] == "Acme | Policy | Internal 3"
    assert "Visitor registers 6 months Date of visit" in pieces
