"""Which part flipped a case, and suspicions tried on recorded runs."""

import json
import re
from pathlib import Path

import pytest
from revenue_runs import judge_of, recorded, searching
from workings.agent.assistant import Assistant
from workings.agent.cli import main
from workings.agent.evaluating import evaluate
from workings.agent.judging import make_judges
from workings.evals.again import Side, judged
from workings.evals.attribute import Attributions, attribute, attribute_case
from workings.evals.checks import Verdict
from workings.evals.counterfactual import counterfactual, negated, other_year
from workings.evals.evaluation import Evaluation
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.judge import rubric
from workings.evals.metrics import metrics
from workings.evals.scoring import row_of
from workings.evals.scripted import calls, drafts, says
from workings.graphs.answer import Answer, Usage
from workings.graphs.model import Profile

QUESTION = "What was revenue in 2024?"
CASE = GoldCase(id="c", question=QUESTION, answer="467", document="report-2024.pdf", pages=(1,))
FIGURES = {"2023": 412, "2024": 467, "2025": 501}


def search_of(*order):
    return searching({year: FIGURES[year] for year in order})


class Reader:
    """Says the figure of the asked year, or of the first passage; `wrong` gives runs that fail."""

    def __init__(self, first=False, deaf=False, words="revenue", wrong=()):
        self.id, self.profile = f"scripted:{words}", Profile()
        self.first, self.deaf, self.words, self.wrong = first, deaf, words, list(wrong)

    async def attempt(self, request, on_text=None):
        if request.output is None:
            asked = any(message.role == "tool" for message in request.messages)
            return says("found") if asked else calls(("search", {"query": self.words}))
        text = "\n".join(message.content for message in request.messages)
        shown = sorted(
            (text.index(f"million in {y}."), y) for y in FIGURES if f"million in {y}." in text
        )
        years = [year for _, year in shown]
        wanted = "2024" if self.deaf else next(y for y in FIGURES if f"revenue in {y}?" in text)
        year = wanted if wanted in years and not self.first else years[0]
        if self.wrong and self.wrong.pop(0):
            return drafts(refused=True, reason="not found")
        sentence = f"Revenue was {FIGURES[year]} million in {year}."
        return drafts((sentence, str(1 + years.index(year)), sentence))


GOOD, LACKING = search_of("2023", "2024", "2025"), search_of("2023", "2025")


async def cause_of(a, b, *, tools=(GOOD, GOOD), judges=(467, 467), with_tools=True, **options):
    traces = [await recorded(model, search) for model, search in zip((a, b), tools, strict=True)]
    sides = [
        Side(model=model, judge=judge_of(wanted), tools={"search": search} if with_tools else {})
        for model, wanted, search in zip((a, b), judges, tools, strict=True)
    ]
    return await attribute_case(CASE, *traces, *sides, **options)


async def test_another_retrieval():
    found = await cause_of(Reader(), Reader(), tools=(GOOD, LACKING))
    assert (found.cause, found.runs) == ("retrieval", 12)
    assert found.passing["AAA"] == found.passing["ABA"] == 1.0
    assert found.passing["BAB"] == found.passing["BBB"] == 0.0


async def test_another_model_that_words_its_search_otherwise():
    found = await cause_of(Reader(), Reader(first=True, words="turnover"))
    assert found.cause == "model"


async def test_the_search_of_the_other_model_cannot_be_made_without_tools():
    found = await cause_of(Reader(), Reader(first=True, words="turnover"), with_tools=False)
    assert (found.cause, found.passing["ABA"]) == ("unknown", None)


async def test_another_judge():
    found = await cause_of(Reader(), Reader(), judges=(467, 412))
    assert found.cause == "judge" and found.parts == ("judge",)


async def test_a_gain_is_attributed_as_a_loss_is():
    found = await cause_of(Reader(), Reader(), tools=(LACKING, GOOD))
    assert found.cause == "retrieval"


async def test_two_parts_that_are_both_needed_interact():
    behind = search_of("2023", "2024")
    found = await cause_of(Reader(), Reader(first=True), tools=(search_of("2024", "2023"), behind))
    assert (found.cause, found.parts) == ("interaction", ("retrieval", "model"))
    assert "both needed" in found.reason


async def test_a_flip_that_does_not_come_again_is_noise_and_the_mixtures_are_not_run():
    found = await cause_of(Reader(), Reader(wrong=[True]))
    assert (found.cause, found.runs) == ("noise", 6)
    assert found.passing["ABA"] is None


async def test_a_shaky_side_is_asked_again_before_it_is_believed():
    # b fails 5 of 6 runs again; 3 of 3 against 1 of 3 alone would prove nothing
    shaky = Reader(first=True, wrong=[True])
    steady = await cause_of(Reader(wrong=[False, True]), shaky)
    assert steady.cause == "model" and steady.runs > 12


async def test_what_does_not_flip_by_these_judges_is_unknown():
    assert (await cause_of(Reader(), Reader())).cause == "unknown"


async def test_many_flips_are_counted_by_part():
    traces = [await recorded(Reader(), search) for search in (GOOD, LACKING)]
    a, b = (Side(Reader(), judge_of(467), {"search": search}) for search in (GOOD, LACKING))
    found = await attribute([(CASE, *traces)] * 2, a, b)
    assert found.counts == {"retrieval": 2} and str(found) == "2 flipped: retrieval 2"
    assert str(Attributions(cases=())) == "no case flipped"
    with pytest.raises(ValueError, match="repeats 0"):
        await attribute([], a, b, repeats=0)


async def tried(kind, model, times=8):
    trace = await recorded(model, GOOD)
    runs = [(CASE.model_copy(update={"id": f"c{i}"}), trace) for i in range(times)]
    return await counterfactual(kind, runs, Side(model, judge_of(467), {"search": GOOD}))


async def test_a_model_that_takes_the_first_passage_is_caught_by_the_order():
    assert (await tried("first", Reader(first=True))).verdict == "confirmed"
    steady = await tried("first", Reader(), 16)
    assert steady.verdict == "not confirmed" and steady.share.value == 0


async def test_a_model_that_does_not_hear_the_year_is_caught_by_another_year():
    assert (await tried("year", Reader(deaf=True))).verdict == "confirmed"
    heard = await tried("year", Reader())
    assert (
        heard.verdict == "not confirmed" and heard.trials[0].changed == "What was revenue in 2025?"
    )


async def test_few_cases_confirm_nothing():
    assert (await tried("first", Reader(first=True), 3)).verdict == "inconclusive"
    assert (await counterfactual("negate", [], Side(Reader(), judge_of(1)))).p is None


async def test_what_cannot_be_tried_is_left_out_with_the_reason():
    trace = await recorded(Reader(), search_of("2023"))
    found = await counterfactual("first", [(CASE, trace)], Side(Reader(), judge_of(1)))
    assert found.left_out == {"c": "no search found the right page beside another one"}


async def test_a_run_that_ended_in_an_error_is_no_riddle_to_a_judge():
    def unsure(case, answer):
        return Verdict(metric="judge:any", value=None, reason="there is no answer")

    def said(text, refused=False):
        return Answer(question="q", text=text, refused=refused, usage=Usage(model="m"))

    assert await judged(unsure, CASE, said("")) == 0.0
    assert await judged(unsure, CASE, said("", refused=True)) is None


def test_questions_are_negated_and_back():
    assert negated("Which parts are covered?") == "Which parts are not covered?"
    assert negated("Which parts are not covered?") == "Which parts are covered?"
    assert negated("Which parts aren't covered?") == "Which parts are covered?"
    assert negated("Revenue 2024, please") is None


async def test_without_a_year_there_is_no_other():
    trace = await recorded(Reader(), GOOD)
    silent = trace.model_copy(update={"start": trace.start.model_copy(update={"question": "Why?"})})
    assert other_year(silent) is None


def test_on_the_command_line_another_k_is_told_as_retrieval(tmp_path, capsys):
    home, folder = tmp_path / "home", tmp_path / "docs"
    folder.mkdir()
    (folder / "a.md").write_text("# Curlew\n\nThe warranty lasts 24 months.\n", encoding="utf-8")
    case = GoldCase(id="c", question="How long does the warranty last?", contains=("24 months",))
    (tmp_path / "gold.jsonl").write_text(case.model_dump_json() + "\n", encoding="utf-8")
    judges = metrics(["correct"])
    for name, documents in (("a", [folder]), ("b", [])):
        assistant = Assistant(documents, home=str(home), web=False, collection=name)
        rows = (row_of(case, 0, assistant.ask(case.question), judges),)
        made = Evaluation(id=name, gold="gold.jsonl", gold_hash="h", model="extractive", rows=rows)
        made.save(home / "evaluations" / name)
    arguments = ["compare", "a", "b", "--home", str(home), "--json", "--attribute"]
    assert main(arguments) == 2
    assert "--gold FILE" in capsys.readouterr().err
    assert main([*arguments, "--gold", str(tmp_path / "gold.jsonl")]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["lost"] == 1
    assert found["attribution"]["counts"] == {"retrieval": 1}


class Grader:
    """A judge that passes the answers that hold `wanted`."""

    def __init__(self, id, wanted):
        self.id, self.wanted, self.profile = id, wanted, Profile()

    async def attempt(self, request, on_text=None):
        answer = re.search(r"<answer>(.*?)</answer>", request.messages[-1].content, re.DOTALL)[1]
        label = "correct" if self.wanted in answer else "incorrect"
        return says(json.dumps({"reason": "so", "quote": answer[:20], "verdict": label}))


def test_a_judge_that_flipped_a_case_is_made_again_and_named(tmp_path, monkeypatch, capsys):
    home, gold = tmp_path / "home", tmp_path / "gold.jsonl"
    sums = {"c": ("What is 2 + 3?", "5"), "d": ("What is 6 * 7?", "42")}
    GoldSet(cases=tuple(GoldCase(id=id, question=q, answer=a) for id, (q, a) in sums.items())).save(
        gold
    )
    models = {"compatible:kind": Grader("compatible:kind", ""),
              "compatible:strict": Grader("compatible:strict", "no such word")}  # fmt: skip
    monkeypatch.setattr("workings.agent.judging.make_model", lambda name, _: models[name])
    assistant = Assistant(home=str(home), web=False)
    for id, name in (("a", "compatible:kind"), ("b", "compatible:strict")):
        made = evaluate(
            gold,
            assistant,
            id=id,
            metrics=["judge:correctness"],
            judge=(judges := make_judges(name, settings=assistant.settings)),
            settings=judges.settings(["judge:correctness"]),
        )
        assert made.rows[0].value("judge:correctness") == float(id == "a")
    arguments = ["compare", "a", "b", "--home", str(home), "--gold", str(gold), "--attribute"]
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["attribution"]["counts"] == {"judge": 2}
    assert main([*arguments, "--flips", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)  # showing fewer tries no fewer
    assert (len(found["flips"]), len(found["attribution"]["cases"])) == (1, 2)
    mine = tmp_path / "mine.toml"
    text = (Path(rubric.__file__).parent / "rubrics" / "correctness.toml").read_text("utf-8")
    mine.write_text(text.replace("You check", "You strictly check"), encoding="utf-8")
    assert main([*arguments, "--rubric", str(mine)]) == 2
    assert "judge it anew" in capsys.readouterr().err
