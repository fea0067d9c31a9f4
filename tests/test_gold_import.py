"""Gold sets of other programs: what they ask becomes cases; what cannot be kept is told."""

import json

import pytest
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.gold_import import import_gold
from workings.tools.errors import GoldError

PROMPTFOO = """
description: Finance bot
prompts: ["Answer briefly: {{question}}"]
providers: [openai:gpt-x]
defaultTest:
  assert:
    - {type: latency, threshold: 3000}
tests:
  - description: revenue
    vars: {question: "What was revenue in {{year}}?", year: 2025, company: Acme}
    assert:
      - {type: icontains, value: "412"}
      - {type: contains-any, value: [EUR, euros]}
      - {type: contains-all, value: "net, sales"}
      - {type: regex, value: "4.2"}
      - {type: not-contains, value: sorry}
      - {type: llm-rubric, value: "names {{company}}"}
    threshold: 0.5
    metadata: {document: report.pdf, page: 3, area: money}
  - vars: {question: ["Who?", "Which one?"]}
    assert: [{type: equals, value: "{{question}} Ann"}]
  - vars: {question: "How polite?"}
    assert: [{type: llm-rubric, value: Be polite.}]
  - vars: {question: "How much?"}
    assert:
      - {type: assert-set, assert: [{type: equals, value: 12}]}
  - vars: {a: x, b: y}
    assert: [{type: contains, value: z}]
  - file://more.csv
  - file://../outside.csv
"""


def write(tmp_path, name, content):
    path = tmp_path / name
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def lines(*records):
    return "\n".join(map(json.dumps, records))


def told(found, what):
    return [f"{left.what}: {left.why}" for left in found.left if what in left.what]


def test_a_promptfoo_configuration(tmp_path):
    pytest.importorskip("yaml")
    write(tmp_path, "more.csv", 'question,__expected\nWhere?,"contains: Oslo"\nWhen?,In 1974\n')
    found = import_gold(write(tmp_path, "promptfooconfig.yaml", PROMPTFOO))
    assert found.format == "promptfoo"
    cases = {case.question: case for case in found.gold.cases}
    assert list(cases) == ["What was revenue in 2025?", "Who?", "Which one?", "How polite?",
                           "How much?", "Where?", "When?"]  # fmt: skip
    first = cases["What was revenue in 2025?"]
    assert first.id == "revenue"
    assert first.contains == ("412", "EUR|euros", "net", "sales")
    assert (first.document, first.pages) == ("report.pdf", (3,))
    assert first.note == "llm-rubric: names Acme"
    assert set(first.tags) == {"llm-rubric", "area:money"}
    assert (cases["Who?"].answer, cases["Who?"].contains) == ("Who? Ann", ())
    assert not cases["How polite?"].gradable
    assert cases["How much?"].value == 12
    assert cases["Where?"].contains == ("Oslo",)
    assert cases["When?"].answer == "In 1974"
    for what in ("regex", "not-contains", "threshold 0.5", "latency", "prompts", "providers"):
        assert told(found, what), what
    assert told(found, "the file '../outside.csv'")
    assert any("no question" in line for line in told(found, "the case"))


def test_openai_evals_with_ideal(tmp_path):
    path = write(
        tmp_path,
        "e.jsonl",
        lines(
            {"input": [{"role": "system", "content": "Be brief."},
                       {"role": "user", "content": "2+2?"}], "ideal": "4"},
            {"input": "Who?", "ideal": ["Ann", "Anne"]},
            {"input": "Why?", "ideal": None},
        ),
    )  # fmt: skip
    found = import_gold(path)
    first, second = found.gold.cases
    assert (found.format, first.question, first.value) == ("openai-evals", "2+2?", 4)
    assert second.contains == ("Ann|Anne",)
    assert told(found, "system message") and told(found, "the case")


def test_openai_evals_of_a_run_take_what_the_grader_compares_with(tmp_path):
    content = [{"item": {"ticket": "It broke.", "topic": "Hardware", "n": 1}, "sample": {"x": 1}}]
    run = {
        "data_source": {"type": "completions", "source": {"type": "file_content",
                                                          "content": content}},
        "testing_criteria": [
            {"type": "string_check", "name": "m", "operation": "eq",
             "reference": "{{ item.topic }}", "input": "{{ sample.output_text }}"},
            {"type": "label_model", "name": "judge"},
        ],
    }  # fmt: skip
    found = import_gold(write(tmp_path, "run.json", run))
    (case,) = found.gold.cases
    assert (case.question, case.answer, case.contains) == ("It broke.", "Hardware", ("Hardware",))
    assert case.tags == ("n:1",)
    assert told(found, "judge") and told(found, "sample")


LANGSMITH = {
    "id": "e1",
    "inputs": {"question": "What was revenue?", "context": "long"},
    "outputs": {"answer": "It was 412.3 million euros in the year that ended in December 2025"},
    "metadata": {"document": "a.pdf", "dataset_split": ["base"]},
    "split": "test",
    "created_at": "2026-01-01",
}


@pytest.mark.parametrize("name", ["d.jsonl", "d.json"])
def test_langsmith_examples(tmp_path, name):
    path = write(tmp_path, name, LANGSMITH if name == "d.jsonl" else {"examples": [LANGSMITH]})
    found = import_gold(path)
    (case,) = found.gold.cases
    assert (found.format, case.id, case.document) == ("langsmith", "e1", "a.pdf")
    assert (case.contains, case.tags) == ((), ("split:test",))
    assert case.answer == LANGSMITH["outputs"]["answer"]
    assert told(found, "input 'context'") and told(found, "dataset_split")
    assert not told(found, "created_at")


@pytest.mark.parametrize(
    "text",
    [
        'id,inputs,outputs\n1,"{""question"": ""Who?""}","{""output"": ""Ann""}"\n',
        "inputs.question,outputs.answer\nWho?,Ann\n",
        "input_question,output_answer\nWho?,Ann\n",
    ],
)
def test_langsmith_csv(tmp_path, text):
    found = import_gold(write(tmp_path, "d.csv", text))
    (case,) = found.gold.cases
    assert (found.format, case.question, case.contains) == ("langsmith", "Who?", ("Ann",))
    assert not found.left


def test_langsmith_messages(tmp_path):
    chat = {
        "inputs": {"messages": [{"type": "human", "data": {"content": "Who?"}}]},
        "outputs": {
            "messages": [{"role": "assistant", "content": [{"type": "text", "text": "Ann"}]}]
        },
    }
    (case,) = import_gold(write(tmp_path, "d.jsonl", chat)).gold.cases
    assert (case.question, case.answer) == ("Who?", "Ann")


def test_langfuse_items(tmp_path):
    items = [
        {"id": "i1", "status": "ACTIVE", "input": {"question": "Who?"},
         "expectedOutput": {"text": "Ann"}, "metadata": {"topic": "people"}, "datasetName": "d"},
        {"id": "i2", "status": "ARCHIVED", "input": "Old?", "expectedOutput": "x"},
        {"id": "i3", "status": "ACTIVE", "input": "No answer?", "expectedOutput": None},
        {"id": "i1", "status": "ACTIVE", "input": "Share?", "expectedOutput": "12.5%"},
    ]  # fmt: skip
    found = import_gold(write(tmp_path, "d.json", {"data": items}))
    first, second = found.gold.cases
    assert (found.format, first.id, first.answer, first.tags) == (
        "langfuse", "i1", "Ann", ("topic:people",),
    )  # fmt: skip
    assert (second.id, second.value, second.unit) == ("i1-2", 12.5, "%")
    assert told(found, "the item") == ["the item: is archived"]
    assert len(told(found, "the case")) == 1


def test_langfuse_csv_cells_are_json(tmp_path):
    text = 'id,input,expected_output,metadata\na,"""Who?""","""Ann""","{""k"": 1}"\n'
    (case,) = import_gold(write(tmp_path, "d.csv", text)).gold.cases
    assert (case.question, case.answer, case.tags) == ("Who?", "Ann", ("k:1",))


@pytest.mark.parametrize(
    ("name", "content", "format", "said"),
    [
        ("d.json", {"rows": []}, None, "of no format that is known. Expected promptfoo:"),
        ("d.json", [], None, "of no format"),
        ("d.json", "[1", None, "not JSON"),
        ("d.txt", "x", None, "expected a .json"),
        ("d.jsonl", '{"input": "q"}', "excel", "format 'excel': expected promptfoo"),
        ("d.jsonl", '{"input": "q"}', "langfuse", "no case could be made of it as langfuse"),
        ("d.json", {"data_source": {"source": {"id": "f"}}}, None, "holds no records"),
        ("d.yaml", "tests:\n  - &a {vars: {}}\n  - *a\n", None, "the alias *a"),
    ],
)
def test_what_is_of_no_format_is_refused_with_what_was_expected(
    tmp_path, name, content, format, said
):
    if name.endswith("yaml"):
        pytest.importorskip("yaml")
    with pytest.raises(GoldError) as caught:
        import_gold(write(tmp_path, name, content), format)
    assert said in str(caught.value)


@pytest.mark.parametrize("kind", [".jsonl", ".csv", ".yaml", ".xlsx", ".parquet"])
def test_a_set_of_our_own_is_called_that_and_not_of_no_format(tmp_path, kind):
    GoldSet(cases=(GoldCase(id="a", question="Who?", contains=("Ann",)),)).save(
        tmp_path / f"gold{kind}"
    )
    with pytest.raises(GoldError, match=f"gold set of Workings already.*convert gold{kind}"):
        import_gold(tmp_path / f"gold{kind}")
