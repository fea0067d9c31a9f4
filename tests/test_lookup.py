"""Questions for numbers of tables: a scripted small model plans and copies, code does the rest."""

import asyncio
import json

import pytest
from scripted import ScriptedModel, says
from table_pages import REPORT
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.lookup import is_numeric
from workings.graphs.model import Profile
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.steps import Start
from workings.tools.calculator import calculator_tool
from workings.tools.documents_tools import document_tools
from workings.tools.index import Index
from workings.tools.measures import measure

SEARCH = says(json.dumps({"why": "the report", "tool": "search_documents", "input": "q"}))
NOTHING = says(json.dumps({"why": "done", "tool": "answer", "input": ""}))
REFUSED = says(
    json.dumps({"refused": True, "reason": "not there", "sentences": [], "value": "", "unit": ""})
)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lookup")
    (folder / "harrow.txt").write_text(REPORT, encoding="utf-8")
    made = Index.open(folder / "index")
    made.update([folder / "harrow.txt"])
    return made


def plan(*items, formula="a", unit="", kind="number"):
    named = [
        {"name": name, "line_item": item, "period": period}
        for name, (item, period) in zip("abcdefgh", items, strict=False)
    ]
    return says(json.dumps({"kind": kind, "items": named, "formula": formula, "unit": unit}))


def cells(*copies):
    """(name, label, number): the row is looked up in the request."""

    def reply(request):
        lines = request.messages[-1].content.splitlines()
        written = {}
        for name, label, number in copies:
            row = next(
                line.split('id="')[1].split('"')[0]
                for line in lines
                if f'item="{name}:' in line and f">{label} |" in line
            )
            written[name] = f"{row}: {number}"
        return says(json.dumps(written))

    return reply


def ask(index, question, *script):
    model = ScriptedModel(*script, profile=Profile(decision="structured", passage_tokens=800))
    tools = [*document_tools(index, None, 3), calculator_tool()]
    start = Start(
        id="test",
        created="2026-01-01T00:00:00+00:00",
        question=question,
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        limits=Limits().model_dump(mode="json"),
        options={"today": "2026-01-01", "documents": [{"name": "harrow.txt", "title": "Harrow"}]},
        tools=tuple({**item.schema(), "effect": item.effect} for item in tools),
    )
    with model:
        live = LiveCalls(model, 60)
        answer = asyncio.run(run(start, live, {t.name: t for t in tools}, Recorder(None)))
    return answer, model


def names(answer):
    return [step.name for step in answer.trace.steps]


def test_a_look_up_cites_the_cell_and_asks_no_calculator(index):
    answer, _ = ask(
        index,
        "What were the net sales of Harrow in 2023?",
        SEARCH,
        plan(("Net sales", "2023")),
    )
    assert names(answer) == ["decide", "plan", "find_rows"]
    assert answer.text == "Net sales, 2023: 1,000 million euros. [1]"
    assert (answer.value, answer.unit) == (1000, "millions of euros")
    assert answer.citations[0].quote == "Net sales 1,200 1,000" and answer.citations[0].verified


def test_growth_shows_every_operand_and_is_computed_by_the_calculator(index):
    answer, _ = ask(
        index,
        "By how many percent did the net sales of Harrow grow in 2024?",
        SEARCH,
        plan(("Net sales", "2023"), ("Net sales", "2024"), formula="(b - a) / a * 100", unit="%"),
    )
    assert names(answer)[-1] == "calculator"
    assert answer.value == 20 and answer.unit == "%"
    assert "1,000" in answer.text and "1,200" in answer.text and "20" in answer.text
    assert {o.source.split()[0] for o in answer.calculations[0].operands} <= {"passage", "constant"}


def test_a_stated_formula_needs_no_plan_of_the_model(index):
    answer, _ = ask(
        index,
        "What was the inventory turnover of Harrow in 2024, defined as cost of sales divided by"
        " inventories?",
        SEARCH,
    )
    assert "plan" not in names(answer) and answer.value == 6


def test_a_share_without_its_hundred_is_told_in_per_cent(index):
    answer, _ = ask(
        index,
        "What was the operating margin of Harrow in 2024?",
        SEARCH,
        plan(("Operating income", "2024"), ("Net sales", "2024"), formula="a / b", unit="%"),
    )
    assert answer.value == 12.5 and "12.5%" in answer.text


def test_a_measure_that_no_table_prints_is_spelt_out(index):
    answer, _ = ask(
        index,
        "What was the inventory turnover ratio of Harrow in 2024?",
        SEARCH,
        plan(("Inventory turnover ratio", "2024")),
    )
    assert answer.value == 6.55 and "720 / ((100 + 120) / 2)" in answer.text


def test_a_measure_that_is_named_needs_no_plan_of_the_model(index):
    answer, _ = ask(
        index,
        "Does Harrow have positive working capital in 2024?",
        SEARCH,
        plan(kind="text"),
    )
    assert "Yes. The answer is 155 million euros" in answer.text


@pytest.mark.parametrize("name", ["cash", "Net income", "current", "margin", ""])
def test_a_plain_line_item_is_no_measure(name):
    assert measure(name) is None


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Did the net income of Harrow increase in 2024?", "Yes."),
        ("Did the net income of Harrow decrease in 2024?", "No."),
    ],
)
def test_yes_or_no_follows_from_the_difference(index, question, said):
    answer, _ = ask(
        index,
        question,
        SEARCH,
        plan(("Net income", "2023"), ("Net income", "2024"), formula="b - a"),
    )
    assert f"{said} Net income rose by 24 million euros" in answer.text


def test_numbers_of_different_scale_are_brought_to_one(index):
    answer, _ = ask(
        index,
        "What are the Leeds write-downs in thousands as a share of inventories in 2024?",
        SEARCH,
        plan(("Leeds", "2024"), ("Inventories", "2024"), formula="a / b * 100", unit="%"),
    )
    assert "cells" not in names(answer)  # one row of each, one cell of the period: no choice
    assert answer.calculations[0].expression == "(410 * 1000) / (120 * 1000000) * 100"
    assert answer.value == pytest.approx(0.3)


LATEST = plan(("Net income", ""))
"""No period: a cell of either year may be meant, so the model is asked."""


def test_a_number_that_stands_in_no_row_is_asked_for_again_the_same_way(index):
    answer, model = ask(
        index,
        "How much net income did Harrow make?",
        SEARCH,
        LATEST,
        cells(("a", "Net income", "9,600")),
        says("no JSON"),
        cells(("a", "Net income", "72")),
    )
    assert answer.value == 72
    first, second, third = (r for r in model.requests if r.output.name == "cells")
    assert first.messages == second.messages == third.messages
    assert len({request.params.get("seed") for request in (first, second, third)}) == 3


def test_only_the_cells_there_are_can_be_copied(index):
    _, model = ask(
        index,
        "How much net income did Harrow make?",
        SEARCH,
        LATEST,
        cells(("a", "Net income", "96")),
    )
    (request,) = (r for r in model.requests if r.output.name == "cells")
    assert request.output.json_schema["properties"]["a"]["enum"] == ["1: 96", "1: 72"]


def test_when_no_copy_checks_the_first_cell_of_the_row_that_fits_best_is_taken(index):
    wrong = cells(("a", "Net income", "9,600"))
    answer, _ = ask(index, "How much net income did Harrow make?", SEARCH, LATEST, *[wrong] * 3)
    assert answer.value == 96


def test_rows_that_fit_weakly_are_left_for_passages(index):
    answer, _ = ask(
        index,
        "How many days was the yard of Harrow closed by the strike in 2024?",
        SEARCH,
        plan(("Days closed by strikes", "2024")),
        NOTHING,
        REFUSED,
    )
    tools = [step.name for step in answer.trace.steps if step.kind == "tool"]
    assert tools == ["find_rows", "search_documents"]


@pytest.mark.parametrize(
    "written",
    [
        plan(kind="text"),
        plan(("Net sales", "2024"), formula="a + z"),
        plan(("", "2024")),
        says("no JSON"),
    ],
)
def test_a_plan_that_is_none_leaves_the_question_to_passages(index, written):
    answer, _ = ask(index, "Why were deliveries slow in 2024?", SEARCH, written, NOTHING, REFUSED)
    assert [s.name for s in answer.trace.steps if s.kind == "tool"] == ["search_documents"]


def test_a_question_for_no_number_is_not_planned():
    assert not is_numeric("Who leads Harrow Tools?")
    assert is_numeric("What was the margin in 2024?") and is_numeric("How much did it earn?")


def test_a_native_model_is_offered_the_tool_and_reads_rows(index):
    names = [tool.name for tool in document_tools(index, None, 3)]
    assert names == ["search_documents", "read_page", "find_rows"]
