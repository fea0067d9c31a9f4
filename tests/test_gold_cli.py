"""`workings gold`: what a person types, and what comes of it."""

import json

import pytest
from workings.agent.cli import main
from workings.agent.grading import Grading, ToGrade
from workings.evals.evaluation import Evaluation, Row
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.gold_traces import case_from, with_case
from workings.evals.labels import load_labels
from workings.graphs.answer import Answer, Citation, Usage
from workings.graphs.steps import Start
from workings.graphs.trace import Trace
from workings.tools.errors import GoldError


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cases = [GoldCase(id=f"c{n}", question=f"q{n}", value=n, document=f"d{n % 9}.pdf")
             for n in range(40)]  # fmt: skip
    GoldSet(cases=tuple(cases)).save(tmp_path / "gold.jsonl")
    return tmp_path


def test_nothing_is_written_over_unless_forced(here, capsys):
    before = (here / "gold.jsonl").read_bytes()
    assert main(["gold", "convert", "gold.jsonl", "gold.jsonl"]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (here / "gold.jsonl").read_bytes() == before
    assert main(["gold", "convert", "gold.jsonl", "gold.csv"]) == 0
    assert main(["gold", "convert", "gold.jsonl", "gold.csv", "--force"]) == 0
    assert GoldSet.load("gold.csv") == GoldSet.load("gold.jsonl")


def test_a_split_writes_every_part_or_none(here, capsys):
    (here / "held.jsonl").write_text("mine")
    assert main(["gold", "split", "gold.jsonl", "-o", "."]) == 2
    assert not (here / "dev.jsonl").exists() and (here / "held.jsonl").read_text() == "mine"
    assert main(["gold", "split", "gold.jsonl", "--by", "case", "-o", "parts", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    assert sum(part["cases"] for part in parts.values()) == 40
    assert len(GoldSet.load(here / "parts" / "held.jsonl")) == parts["held"]["cases"]


def test_an_import_tells_what_it_left(here, capsys):
    (here / "e.jsonl").write_text('{"input": "Who?", "ideal": "Ann", "mood": "good"}\n')
    assert main(["gold", "import", "e.jsonl", "-o", "new.jsonl"]) == 0
    said = capsys.readouterr()
    assert "wrote 1 case of openai-evals to" in said.out and "line 1: mood" in said.err


@pytest.mark.parametrize(
    "command",
    ["gold check", "gold convert", "gold split", "gold add", "gold generate", "gold grade",
     "gold import", "judge calibrate", "judge prefer", "judge list", "judge rubrics",
     "judge replay", "flakes list", "flakes record", "flakes quarantine", "flakes release"],
)  # fmt: skip
def test_no_action_helps_without_an_example(capsys, command):
    with pytest.raises(SystemExit):
        main([*command.split(), "--help"])
    assert f"workings {command}" in capsys.readouterr().out.split("example:")[1]


def test_what_is_to_be_graded_and_is_not_there_may_be_either(here, capsys):
    assert main(["gold", "grade", "nothing", "--home", "home"]) == 2
    said = capsys.readouterr().err
    assert "workings eval --list" in said and "workings trace list" in said


def test_a_folder_to_generate_from_needs_no_option(here, capsys):
    (here / "docs").mkdir()
    (here / "docs" / "a.txt").write_text("The notice period of the Arden contract is 45 days.\n")
    assert main(["gold", "generate", "docs", "--home", "home"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[0])["evidence"]


def test_check_names_the_mistake(here, capsys):
    assert main(["gold", "check", "gold.jsonl"]) == 0
    (here / "bad.csv").write_text("id,question,value\na,q,many\n")
    assert main(["gold", "check", "bad.csv"]) == 2
    assert "bad.csv line 2: value = 'many'" in capsys.readouterr().err


def answer(text="It was 12 [1].", refused=False, pages=(3,)):
    citations = tuple(
        Citation(marker=1, passage="p", document="a.pdf", page=page, page_label=None, url=None,
                 quote="It was 12", verified=True)
        for page in pages
    )  # fmt: skip
    return Answer(question="What was it?", text=text, value=12, unit="EUR", refused=refused,
                  citations=citations, usage=Usage(model="m"))  # fmt: skip


def trace(given):
    start = Start(id="t1", created="2026-01-01", question="What was it?", model="m", params={},
                  profile={}, fingerprints={})  # fmt: skip
    return Trace(start=start, steps=(), answer=given)


def test_a_recorded_answer_is_a_case_once():
    case = case_from(trace(answer(pages=(5, 3))))
    assert (case.id, case.answer, case.value, case.unit) == ("t1", "It was 12.", 12, "EUR")
    assert (case.document, case.pages, case.evidence) == ("a.pdf", (3, 5), "It was 12")
    assert case_from(trace(answer(refused=True))).refusal
    with pytest.raises(GoldError, match="came to no answer"):
        case_from(trace(None))
    with pytest.raises(GoldError, match="give another with --id"):
        with_case(GoldSet(cases=(case,)), case)


def test_a_person_is_asked_what_is_not_labelled_and_may_change_their_mind(tmp_path):
    items = [ToGrade((f"c{n}", 0), answer(), f"t{n}", None) for n in range(3)]
    path = tmp_path / "labels.jsonl"
    first = Grading(items, (), path, "ann", lambda: "now")
    assert first.do("right").views and first.do("w the year before").views
    assert first.do("maybe").problem
    again = Grading(items, load_labels(path), path, "ann", lambda: "later")
    assert (again.open, again.place) == (1, 2)
    again.do("back")
    again.do("unsure")
    assert again.place == 2
    assert Grading(items, load_labels(path), path, "bob", lambda: "x").open == 3
    labels = load_labels(path)
    assert [(x.case, x.value, x.note) for x in labels] == [
        ("c0", 1.0, ""), ("c1", 0.0, "the year before"), ("c1", None, ""),
    ]  # fmt: skip
    again.do("0")
    assert "every answer is labelled" in str(again.here().plain)
    assert again.do("right").problem


def test_an_evaluation_is_labelled_from_a_pipe(here, capsys, monkeypatch):
    rows = (Row(case="c1", question="q1", text="1"), Row(case="c2", question="q2", error="no"))
    made = Evaluation(id="e", gold="gold.jsonl", gold_hash="h", model="m", rows=rows)
    made.save(here / "home" / "evaluations" / "e")
    monkeypatch.setattr("sys.stdin", __import__("io").StringIO("right fine\nquit\n"))
    arguments = ["gold", "grade", "e", "--home", "home", "--gold", "gold.jsonl", "--who", "ann"]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["labelled"] == 1
    (label,) = load_labels(here / "home" / "evaluations" / "e" / "labels.jsonl")
    assert (label.key, label.value, label.who) == (("c1", 0), 1.0, "ann")
