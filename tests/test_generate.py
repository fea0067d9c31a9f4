"""Generated cases: what they rest on stands on the page, and nothing else would answer them."""

import asyncio
import json
from importlib.resources import as_file, files

import pytest
from workings.evals.generate import candidates, generate
from workings.evals.generate_asking import case_of_reply, generate_with
from workings.graphs.model import ModelReply, Profile
from workings.tools.documents import Passage
from workings.tools.errors import SettingsError
from workings.tools.index import Index
from workings.tools.quotes import find_quote

REPORT = """# Report

Millions of euros
Item 2025 2024
Total revenue 412.3 398.1
Gross profit 70.7 61.7
Net income 12 11

Thousands of euros
Item 2025 2024
Total revenue 412,310 398,104
Gross profit 99,000 61,700

Every gauge that we sell is tested for 48 hours before it leaves the factory.
A second kind of gauge is tested for a time as described in section 12 of it.
The term Tidebook means the record of every level that a gauge has measured.
"""


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("generate")
    (folder / "report.md").write_text(REPORT, encoding="utf-8")
    made = Index.open(folder / "index")
    made.update([folder / "report.md"])
    return made


def test_a_row_that_says_two_things_is_not_asked_for(index):
    (document,) = index.documents
    found = {c.case.question: c.case for c in candidates(index, document)}
    assert not any("gross profit in 2025" in question for question in found)
    revenue = found["What was total revenue in 2025 according to report.md?"]
    assert (revenue.value, revenue.unit) == (412310, "thousands of euros")


def test_a_number_of_a_reference_is_not_asked_for(index):
    gaps = [case for case in generate(index, 50) if "cloze" in case.tags]
    assert [(case.value, case.unit) for case in gaps] == [(48, "hours")]


def test_the_same_seed_makes_the_same_cases(index):
    assert generate(index, 3) == generate(index, 3)
    assert len(generate(index, 3)) == 3
    assert generate(index, 5, documents=()) == ()


def test_evidence_stands_on_the_page(index):
    for case in generate(index, 50):
        texts = [passage.text for passage in index.page(case.document, case.pages[0])]
        assert any(find_quote(case.evidence, text) for text in texts)


PASSAGE = Passage(
    id="p", document="a.pdf", document_id="d", title="A", page=3, page_label="3",
    text="The buoy of Acme weighs 212 kg and is made in Oslo. " * 5,
)  # fmt: skip


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ({"quote": "weighs 300 kg", "answer": "300"}, "not on the page"),
        ({"quote": "weighs 212 kg", "answer": "Oslo"}, "not in the quote"),
        ({"quote": "is made in Oslo", "answer": "Oslo", "question": "Is it made in Oslo?"}, "says"),
        ({"quote": "is made in Oslo", "answer": "", "question": "Where?"}, "not in the quote"),
        ("no", "not the JSON"),
        ({"quote": 3}, "not the JSON"),
    ],
)
def test_what_a_model_makes_up_is_not_kept(reply, said):
    if isinstance(reply, dict):
        reply = json.dumps({"question": "What does the buoy weigh?", **reply})
    assert said in case_of_reply(reply, PASSAGE)


def test_what_a_model_asks_rests_on_the_page():
    reply = {"question": "What does the buoy of Acme weigh?", "quote": "weighs 212 kg",
             "answer": "212"}  # fmt: skip
    case = case_of_reply(json.dumps(reply), PASSAGE)
    assert (case.value, case.pages, case.evidence) == (212, (3,), "weighs 212 kg")


class Model:
    id = "fake:model"
    profile = Profile()

    async def attempt(self, request, on_text=None):
        text = request.messages[-1].content
        good = {"question": "For how long is every gauge tested before it leaves?",
                "quote": "tested for 48 hours", "answer": "48 hours"}  # fmt: skip
        assert "<passage>" in text
        return ModelReply(content=json.dumps(good), finish="stop")


def test_a_model_is_asked_until_there_are_enough(index):
    made = asyncio.run(generate_with(Model(), index, 1))
    assert len(made.cases) == 1 and made.cases[0].contains == ("48 hours",)
    rules = Model()
    rules.profile = Profile(deterministic=True)
    with pytest.raises(SettingsError, match="answers by rules"):
        asyncio.run(generate_with(rules, index, 1))


def test_the_samples_give_cases(tmp_path):
    with as_file(files("workings.evals.samples")) as folder:
        made = Index.open(tmp_path)
        made.update([folder / "documents" / "tideline-release-notes.md"])
    assert generate(made, 2)
