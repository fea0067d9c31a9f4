"""`workings eval` as a person meets it: what it prints, where it stops, how it goes on."""

import csv
import json
import sys

import pytest
from fake_provider import FakeProvider, says, status
from runs import answer
from workings import ScriptedModel, evaluate
from workings.agent.assistant import Assistant
from workings.agent.cli import main
from workings.evals.checks import Verdict
from workings.evals.evaluation import Evaluation, PageRef, Row
from workings.evals.flakes import Flakes
from workings.evals.gold import GoldSet
from workings.evals.row_files import write_rows
from workings.evals.scripted import calls, drafts
from workings.evals.stats import mean_estimate
from workings.evals.summary import summary
from workings.tools.errors import SettingsError

CASES = [
    {"id": "sum", "question": "What is 2 + 3?", "value": 5, "tags": ["easy"]},
    {"id": "product", "question": "What is 6 * 7?", "value": 42, "tags": ["easy"]},
    {"id": "wrong", "question": "What is 1 + 1?", "value": 3, "tags": ["hard"]},
]


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in ("WORKINGS_MODEL", "WORKINGS_BASE_URL", "WORKINGS_HOME", "OPENAI_API_KEY",
                 "TAVILY_API_KEY"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, CASES)))
    return tmp_path


@pytest.fixture
def workings(capsys):
    def run(*arguments):
        capsys.readouterr()
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def test_a_gold_set_is_asked_scored_listed_and_scored_again(workings, place):
    code, out, err = workings("eval", "gold.jsonl", "--id", "base", "--repeat", "2")
    assert code == 0
    assert "3 cases: too few to show any difference" in err
    assert "workings compare BASELINE base" in err
    assert "correct" in out and "66.7 %" in out and "pass^2" in out
    kept = Evaluation.load(place / ".workings" / "evaluations" / "base")
    assert [row.key for row in kept.rows[:2]] == [("sum", 0), ("sum", 1)]
    assert {row.trace for row in kept.rows} == {
        path.stem for path in (place / ".workings" / "traces").glob("*.jsonl")
    }
    assert len(Flakes(place / ".workings" / "evaluations").history("sum").seen) == 1
    code, out, _ = workings("eval", "--list")
    assert "base" in out and "gold.jsonl" in out
    code, out, _ = workings(
        "eval", "gold.jsonl", "--traces", "base", "--metric", "numeric", "--json"
    )
    again = json.loads(out)
    assert (code, again["rows"], again["cases"]) == (0, 6, 3)
    assert again["metrics"][0]["metric"] == "numeric"
    assert again["metrics"][0]["value"] == pytest.approx(2 / 3)
    code, _, err = workings("eval", "gold.jsonl", "--traces", "base", "--id", "base")
    assert (code, "choose another --id" in err) == (2, True)
    code, out, _ = workings("eval", "gold.jsonl", "--traces", ".workings/traces", "--json")
    assert json.loads(out)["rows"] == 6


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("gold.jsonl", "--metric", "corect"), "did you mean 'correct'"),
        (("gold.jsonl", "--tag", "no"), "there are easy, hard"),
        (("gold.jsonl", "--out", "rows.txt"), ".jsonl, .csv, .parquet"),
        (("gold.jsonl", "--resume", "nothing"), "not an evaluation"),
        (("gold.jsonl", "--id", "../up"), "expected lower-case letters"),
        (("gold.jsonl", "--judge", "openai:x"), "--metric judge:correctness"),
        (("none.jsonl",), "cannot be read"),
        ((".",), ".: expected a .jsonl"),
        ((), "name a gold set"),
        (("empty.jsonl",), "holds no case"),
    ],
)
def test_what_cannot_be_used_is_said_before_anything_is_asked(workings, place, arguments, said):
    (place / "empty.jsonl").write_text("")
    code, _, err = workings("eval", *arguments)
    assert (code, said in err) == (2, True), err
    assert not (place / ".workings" / "traces").exists()
    assert "difference" not in err  # what it could show is told of a run that begins


def test_an_evaluation_is_not_written_over_but_gone_on_with(workings, place):
    assert workings("eval", "gold.jsonl", "--id", "base", "--tag", "easy")[0] == 0
    code, _, err = workings("eval", "gold.jsonl", "--id", "base")
    assert code == 2 and "--resume base" in err and "another --id" in err
    code, _, err = workings("eval", "gold.jsonl", "--resume", "base")
    assert code == 2 and "gold was" in err
    code, _, err = workings("eval", "gold.jsonl", "--resume", "last", "--tag", "easy", "-k", "4")
    assert code == 2 and "k was 8, is 4" in err and "difference" not in err
    assert workings("eval", "gold.jsonl", "--resume", "last", "--tag", "easy")[0] == 0
    assert len(list((place / ".workings" / "traces").glob("*.jsonl"))) == 2


def test_the_gold_set_of_a_part_of_it_is_not_called_another(workings, place):
    assert workings("eval", "gold.jsonl", "--id", "part", "--limit", "1")[0] == 0
    assert "gold set of part" not in workings("report", "part", "--gold", "gold.jsonl")[2]
    (place / "other.jsonl").write_text(json.dumps({**CASES[0], "value": -7}))
    assert "not, or no longer" in workings("report", "part", "--gold", "other.jsonl")[2]


@pytest.fixture
def served(monkeypatch):
    """A service that says `4` to everything; 18 tokens a request."""
    with FakeProvider(says("4")) as fake:
        monkeypatch.setenv("WORKINGS_BASE_URL", fake.url)
        yield fake


SERVED = ("eval", "gold.jsonl", "--model", "compatible:m", "--metric", "correct")


def test_a_ceiling_ends_with_3_keeps_what_ended_and_says_how_to_go_on(workings, served):
    code, out, err = workings(*SERVED, "--id", "base", "--max-tokens", "20")
    assert code == 3
    assert "stopped before the ceiling of 20 tokens" in err
    assert "not complete: 1 of 3 ended" in out
    again = err.split("go on with: workings ")[1].split()
    assert again[-2:] == ["--resume", "base"] and "--max-tokens" not in again
    asked = len(served.requests)
    code, out, _ = workings(*again, "--json")
    assert json.loads(out)["complete"]
    assert len(served.requests) - asked < 3 * asked


def test_a_key_that_is_refused_stops_it_at_once_and_no_case_is_lost(workings, served):
    served.echo_key = True
    code, _, err = workings(*SERVED, "--id", "base", "--jobs", "1")
    assert (code, "0 of 3 ended" in err, len(served.requests)) == (3, True, 1)
    served.echo_key = False
    code, out, _ = workings("eval", "--list", "--json")
    assert json.loads(out)["complete"] is False
    assert workings(*SERVED, "--resume", "base")[0] in (0, 3)
    assert "sk-" not in err


def test_an_evaluation_in_which_nothing_was_answered_is_no_success(workings, served):
    served.replies = [status(500)]
    code, out, err = workings(*SERVED, "--jobs", "3", "--deadline", "0.3")
    assert (code, "3 errors" in out, "every case ended in an error" in err) == (3, True, True)


def test_a_program_hands_over_a_function_or_an_assistant(place):
    def ask(question):
        return answer("It is 5.", question=question, value=5)

    found = evaluate("gold.jsonl", ask, id="mine", metrics=("correct",), model="mine")
    assert [row.value("correct") for row in found.rows] == [1.0, 0.0, 0.0]
    assert (place / ".workings" / "evaluations" / "mine" / "traces" / "run-1.jsonl").exists()
    assert evaluate("gold.jsonl", ask, id="mine", metrics=("correct",), model="mine") == found
    script = [calls(("calculator", {"expression": "2 + 3"})), drafts(("It is 5.",))]
    with ScriptedModel(*script) as model:
        assistant = Assistant(model=model)
        gold = GoldSet(cases=GoldSet.load("gold.jsonl").cases[:1])
        found = evaluate(gold, assistant.ask, metrics=("correct",))
    assert found.rows[0].value("correct") == 1.0
    assert assistant.traces.load(found.rows[0].trace).question == "What is 2 + 3?"
    assert found.settings["k"] == 8 and found.model == "scripted:test"


def rows(*values, **more):
    made = []
    for number, value in enumerate(values):
        verdict = Verdict(metric="correct", value=value, reason="a; reason")
        made.append(
            Row(case=f"c{number}", question='Say "hi", ok?', tags=("a", "b"), verdicts=(verdict,),
                retrieved=(PageRef(document="d.pdf", page=3),), **more)
        )  # fmt: skip
    return Evaluation(id="e", gold="g", gold_hash="h", model="m", rows=tuple(made))


def test_rows_as_csv_and_jsonl_hold_everything_and_unscored_is_empty(place):
    write_rows(rows(1.0, None), "rows.csv")
    with open("rows.csv", encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    assert [row["correct"] for row in read] == ["1.0", ""]
    assert read[0]["question"] == 'Say "hi", ok?'
    assert (read[0]["retrieved"], read[0]["tags"]) == ("d.pdf:3", "a;b")
    write_rows(rows(1.0, None), "rows.jsonl")
    lines = (place / "rows.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["case"] for line in lines] == ["c0", "c1"]


def test_no_two_columns_have_one_name(place):
    write_rows(rows(1.0).model_copy(update={"metrics": ("requests", "correct")}), "rows.csv")
    header = (place / "rows.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert len({*header}) == len(header)


def test_parquet_without_its_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SettingsError, match=r"pip install 'workings\[data\]'"):
        write_rows(rows(1.0), "rows.parquet")


def test_figures_of_one_document_are_clustered_by_case_and_say_so():
    one = summary(rows(*[1.0, 0.0] * 10, group="a.pdf")).metrics[0].estimate
    assert one.n == 20 and one.method.endswith("for this one document")
    assert one.low == pytest.approx(0.299, abs=0.001)


def test_what_is_unscored_or_failed_is_counted_and_an_unknown_cost_is_not_0():
    found = summary(rows(1.0, None, error="boom"))
    assert (found.metrics[0].unscored, found.metrics[0].estimate.n, found.errors) == (1, 1, 2)
    assert found.cost_usd.total is None


def test_an_estimate_without_an_interval_shows_its_value():
    assert str(mean_estimate([3.2], bounded=False)) == "3.2 (n=1, no interval)"
    assert str(mean_estimate([])) == "no data (n=0)"
    assert str(mean_estimate([1.0, 0.0])) == "50.0% [9.5%, 90.5%] (n=2)"


def test_verdicts_of_a_judge_that_are_all_0_or_1_are_a_share_with_its_interval():
    def measured(values):
        rows = tuple(
            Row(
                case=str(n),
                question="q",
                verdicts=(Verdict(metric="judge:mine", value=value, reason=""),),
            )
            for n, value in enumerate(values)
        )
        found = Evaluation(
            id="e", gold="g", gold_hash="h", model="m", metrics=("judge:mine",), rows=rows
        )
        return summary(found).metrics[0]

    assert (measured([1.0, 0.0, 1.0]).scale, measured([1.0, 0.5]).scale) == ("share", "score")
    assert measured([1.0, 0.0, 1.0]).estimate.method == "Wilson 95%"
    assert measured([None]).scale == "score"
