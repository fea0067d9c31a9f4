"""Two evaluations held against each other: the verdict, what it leaves out, and the gate."""

import io
import json
import math
import re

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from workings.agent.cli import main
from workings.agent.render_compare import comparison_view
from workings.evals.checks import Verdict
from workings.evals.columns import columns_of, read_columns
from workings.evals.comparison import compare
from workings.evals.evaluation import Evaluation, Row
from workings.evals.flakes import Flakes
from workings.tools.errors import GoldError


def row(case, value, repeat=0, metric="correct", **more):
    verdict = Verdict(metric=metric, value=value, reason=f"{metric} of {case} is {value}")
    facts = {"question": f"What is {case}?", "verdicts": (verdict,), "trace": f"t-{case}"}
    return Row(case=case, repeat=repeat, **{**facts, **more})


def evaluation(id, values, *, metric="correct", **more):
    rows = tuple(row(f"c{place}", value, metric=metric) for place, value in enumerate(values))
    facts = {"gold": "gold.jsonl", "gold_hash": "h", "model": "extractive", "metrics": (metric,)}
    return Evaluation(id=id, **{**facts, "rows": rows, **more})


def first(a, b, **options):
    return compare(a, b, **options).metrics[0]


def test_a_clear_loss_is_worse_and_a_clear_gain_better():
    good, bad = evaluation("good", [1.0] * 30), evaluation("bad", [1.0] * 10 + [0.0] * 20)
    assert first(good, bad).verdict == "worse"
    assert first(bad, good).verdict == "better"
    assert first(good, bad).effect == -first(bad, good).effect == pytest.approx(-2 / 3)


def test_eight_cases_that_agree_prove_nothing():
    same = evaluation("a", [1.0] * 8)
    found = first(same, evaluation("b", [1.0] * 8))
    assert found.verdict == "inconclusive"
    enough = [1.0] * (8 + found.need_n)
    assert first(evaluation("a", enough), evaluation("b", enough)).verdict == "equivalent"


def test_one_case():
    found = first(evaluation("a", [1.0]), evaluation("b", [0.0]))
    assert (found.verdict, found.n, found.p) == ("inconclusive", 1, 1.0)


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=40))
@settings(max_examples=12, deadline=None)
def test_turned_round_the_finding_is_turned_round(pairs):
    a = evaluation("a", [float(x) for x, _ in pairs])
    b = evaluation("b", [float(y) for _, y in pairs])
    one, other = first(a, b), first(b, a)
    turned = {"better": "worse", "worse": "better"}
    assert other.verdict == turned.get(one.verdict, one.verdict)
    assert (one.p, one.need_n) == (other.p, other.need_n)
    assert one.low == pytest.approx(-other.high, abs=1e-9)


def test_other_cases_are_left_out_and_named():
    found = compare(evaluation("a", [1.0] * 12), evaluation("b", [1.0] * 10))
    assert (found.cases, found.only_a, found.only_b) == (10, ("c10", "c11"), ())
    assert any("2 cases (c10, c11) only in a" in note for note in found.notes)


def test_no_case_in_common_is_an_error():
    other = evaluation("b", [], rows=(row("x", 1.0),))
    with pytest.raises(GoldError, match="no case in common"):
        compare(evaluation("a", [1.0]), other)


def test_the_same_id_with_another_question_is_another_case():
    changed = evaluation("b", [], rows=(row("c0", 1.0), row("c1", 1.0, question="Something else?")))
    found = compare(evaluation("a", [1.0, 1.0]), changed)
    assert (found.cases, found.changed) == (1, ("c1",))


def test_repeats_are_averaged_within_their_case():
    def repeated(id, values):
        rows = tuple(row("c0", value, repeat) for repeat, value in enumerate(values))
        return evaluation(id, [], rows=rows)

    found = first(repeated("a", [1.0, 0.0]), repeated("b", [1.0, 1.0, 1.0, 0.0]))
    assert (found.n, found.a, found.b) == (1, 0.5, 0.75)


def test_a_document_that_breaks_twenty_cases_is_one_piece_of_evidence():
    def grouped(id, value):
        rows = [row(f"c{n}", 1.0, group=f"d{n}") for n in range(10)]
        rows += [row(f"x{n}", value, group="broken") for n in range(20)]
        return evaluation(id, [], rows=tuple(rows))

    found = first(grouped("a", 1.0), grouped("b", 0.0))
    assert (found.groups, found.p) == (11, 1.0)
    assert found.verdict == "inconclusive"


def test_what_crashed_fails_and_what_is_unscored_is_left_out():
    crashed = tuple(row(f"c{n}", None, error="timeout", verdicts=()) for n in range(10))
    others = tuple(row(f"c{n}", 1.0) for n in range(10, 20))
    unscored = tuple(row(f"c{n}", None) for n in range(10))
    a = evaluation("a", [1.0] * 20)
    assert first(a, evaluation("b", [], rows=crashed + others)).b == 0.5
    left = compare(a, evaluation("b", [], rows=unscored + others))
    assert (left.metrics[0].n, left.metrics[0].b) == (10, 1.0)
    assert "correct: scored on both sides in 10 of 20 cases" in left.notes


def test_less_is_better_for_what_a_run_costs():
    def timed(id, seconds):
        rows = tuple(row(f"c{n}", 1.0, seconds=seconds + n % 3) for n in range(60))
        return evaluation(id, [], rows=rows)

    found = compare(timed("a", 1.0), timed("b", 9.0))
    latency = next(one for one in found.beside if one.metric == "latency")
    assert (latency.verdict, latency.effect) == ("worse", pytest.approx(8.0))
    assert next(one for one in found.beside if one.metric == "cost").n == 0
    named = compare(timed("a", 1.0), timed("b", 9.0), metrics=["latency"])
    assert named.objections(["latency"]) == ("latency is worse",)


def test_many_metrics_are_corrected():
    names = tuple(f"m{n}" for n in range(10))

    def many(id, split):
        rows = []
        for case in range(40):
            value = {name: 1.0 for name in names}
            value["m0"] = 0.0 if case < split else 1.0
            verdicts = tuple(Verdict(metric=n, value=value[n], reason="") for n in names)
            rows.append(row(f"c{case}", 1.0, verdicts=verdicts))
        return evaluation(id, [], rows=tuple(rows), metrics=names)

    found = first(many("a", 0), many("b", 6))
    assert (found.p, found.p_holm) == (pytest.approx(2 / 64), pytest.approx(20 / 64))
    assert found.verdict == "inconclusive"
    assert first(many("a", 0), many("b", 6), metrics=["m0"]).verdict == "worse"


def test_flips_come_with_both_reasons_losses_first():
    found = compare(evaluation("a", [0.0, 1.0, 1.0]), evaluation("b", [1.0, 0.0, 1.0]))
    assert [(flip.case, flip.lost) for flip in found.flips] == [("c1", True), ("c0", False)]
    assert found.flips[0].reason_a == "correct of c1 is 1.0"
    assert found.flips[0].reason_b == "correct of c1 is 0.0"
    assert (found.lost, found.won) == (1, 1)


def test_nan_is_refused_by_name():
    with pytest.raises(GoldError, match=r"case 'c1', metric 'correct' is nan"):
        columns_of(evaluation("a", [1.0, math.nan]))


def test_an_unknown_metric_names_the_nearest():
    a = evaluation("a", [1.0])
    with pytest.raises(GoldError, match="did you mean 'correct'"):
        compare(a, a, metrics=["corect"])


def test_a_folder_says_what_memory_says(tmp_path):
    a, b = evaluation("a", [1.0, 0.0] * 9), evaluation("b", [1.0, 1.0, 0.0] * 6)
    a.save(tmp_path / "a")
    b.save(tmp_path / "b")
    assert compare(tmp_path / "a", tmp_path / "b") == compare(a, b)


def test_a_torn_last_line_is_left_out_and_a_broken_one_named(tmp_path):
    evaluation("a", [1.0, 1.0]).save(tmp_path)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(path.read_bytes()[:-5])
    assert read_columns(tmp_path).cases == ["c0"]
    path.write_bytes(b"{not json}\n")
    of_which = re.escape(f"{tmp_path.name}/rows.jsonl line 1: ")
    with pytest.raises(GoldError, match=f"{of_which}not JSON"):
        read_columns(tmp_path)
    with pytest.raises(GoldError, match=of_which):
        Evaluation.load(tmp_path)


def test_a_case_that_is_there_twice_is_refused():
    with pytest.raises(GoldError, match="case 'c0', repeat 0 is there twice"):
        columns_of(evaluation("a", [], rows=(row("c0", 1.0), row("c0", 1.0))))


def test_flicker_is_the_chance_that_two_runs_disagree(tmp_path):
    ledger = Flakes(tmp_path)
    for number, value in enumerate([1.0, 0.0, 1.0, 1.0]):
        assert ledger.record(evaluation(f"e{number}", [value, 1.0])) == 2
    history = Flakes(tmp_path).history("c0")
    assert history.flicker == pytest.approx(3 / 6)
    assert history.pass_hat_k(2) == pytest.approx(3 / 6)
    assert [one.case for one in ledger.flaky()] == ["c0"]


def test_another_model_is_no_flicker_and_the_same_evaluation_counts_once(tmp_path):
    ledger = Flakes(tmp_path)
    ledger.record(evaluation("e0", [1.0]))
    assert ledger.record(evaluation("e0", [1.0])) == 0
    ledger.record(evaluation("e1", [0.0], model="openai:other"))
    assert ledger.history("c0").flicker is None


def test_a_quarantine_needs_a_reason_and_ends(tmp_path):
    ledger = Flakes(tmp_path)
    with pytest.raises(GoldError, match="needs a reason"):
        ledger.quarantine("c0", " ")
    ledger.quarantine("c0", "scanned askew")
    with open(ledger.path, "ab") as out:
        out.write(b'{"kind": "see')
    again = Flakes(tmp_path)
    found = compare(
        evaluation("a", [1.0] * 3), evaluation("b", [0.0] * 3), quarantined=again.quarantined
    )
    assert (found.cases, found.quarantined) == (2, {"c0": "scanned askew"})
    again.release("c0")
    assert not Flakes(tmp_path).quarantined
    with pytest.raises(GoldError, match="not in quarantine"):
        again.release("c0")


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / ".workings" / "evaluations"
    evaluation("base", [1.0] * 40).save(folder / "base")
    evaluation("same", [1.0] * 40).save(folder / "same")
    evaluation("bad", [1.0] * 20 + [0.0] * 20).save(folder / "bad")
    return folder


def test_the_gate_closes_on_worse_and_on_not_knowing(home, capsys):
    assert main(["compare", "base", "bad"]) == 0
    assert main(["compare", "base", "bad", "--gate"]) == 1
    assert main(["compare", "base", "same", "--gate"]) == 1
    assert main(["compare", "base", "same", "--gate", "--margin", "0.2"]) == 0
    assert main(["compare", "bad", "base", "--gate"]) == 0
    assert "gate closed: correct is worse" in capsys.readouterr().err


def test_the_screen_and_the_json(home, capsys):
    main(["compare", "base", "bad"])
    screen = capsys.readouterr().out
    assert "correct  100.0 %  50.0 %  -50.0" in screen
    assert "20 passed in A and fail in B, 0 the other way (correct)" in screen
    main(["compare", "base", "bad", "--json"])
    found = json.loads(capsys.readouterr().out)["metrics"][0]
    contract = ("metric", "a", "b", "effect", "low", "high", "p", "n", "verdict", "need_n")
    assert tuple(found)[:10] == contract


def test_an_evaluation_that_is_not_there_names_the_nearest(home, capsys):
    assert main(["compare", "base", "bda"]) == 2
    assert "did you mean bad" in capsys.readouterr().err


def test_flakes_from_the_command_line(home, capsys):
    assert main(["flakes", "record", "base", "bad"]) == 0
    assert main(["flakes", "quarantine", "c30", "--reason", "a bad scan"]) == 0
    assert main(["flakes", "--json"]) == 0
    rows = [orjson.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == 20
    assert next(one for one in rows if one["case"] == "c30")["quarantined"] == "a bad scan"
    main(["compare", "base", "bad", "--json"])
    assert json.loads(capsys.readouterr().out)["quarantined"] == {"c30": "a bad scan"}
    assert main(["flakes", "release", "c30"]) == 0
    assert main(["flakes", "release", "c30"]) == 2
    capsys.readouterr()
    assert main(["flakes", "quarantine", "C30", "--reason", "misspelt"]) == 0
    assert "has seen no case 'C30'" in capsys.readouterr().err


def test_by_case_the_cases_of_one_document_count_one_by_one(tmp_path, capsys):
    def side(name, right):
        rows = [
            Row(
                case=f"c{place}",
                question="?",
                group="one.pdf",
                verdicts=(Verdict(metric="correct", value=float(place < right), reason=""),),
            )
            for place in range(60)
        ]
        return Evaluation(id=name, gold="g", gold_hash="h", model="m", rows=tuple(rows))

    a, b = side("a", 20), side("b", 50)
    assert compare(a, b).metrics[0].verdict == "inconclusive"
    assert compare(a, b, by="case").metrics[0].verdict == "better"
    for one in (a, b):
        one.save(tmp_path / "evaluations" / one.id)
    words = ["compare", "a", "b", "--home", str(tmp_path)]
    assert main(words) == 0 and "--by case asks about" in capsys.readouterr().err
    assert main([*words, "--by", "case"]) == 0 and "--by case" not in capsys.readouterr().err


@pytest.mark.parametrize("width", [80, 100])
def test_where_it_is_narrow_words_give_way_and_no_figure_is_cut(width):
    names = ("refusal_precision", "citation_precision")

    def made(id, value):
        verdicts = tuple(Verdict(metric=name, value=value, reason="r") for name in names)
        rows = tuple(row(f"c{n}", None, verdicts=verdicts, group=f"g{n % 2}") for n in range(10))
        return evaluation(id, [], rows=rows, metrics=names)

    console = Console(width=width, file=io.StringIO())
    found = compare(made("a", 0.0), made("b", 1.0))
    console.print(comparison_view(found))
    told = console.file.getvalue()
    assert "\u2026" not in told and "100.0 %" in told and "+100.0" in told


def test_no_share_is_said_to_be_found_by_more_than_all_of_it():
    values = [1.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    rows = [tuple(row(f"c{n}", v, group=f"g{n // 4}") for n, v in enumerate(order))
            for order in (values, values[:4] + [1.0] * 4)]  # fmt: skip
    found = compare(*(evaluation(id, [], rows=part) for id, part in zip("ab", rows, strict=True)))
    assert found.metrics[0].detectable > 1
    console = Console(width=100, file=io.StringIO())
    console.print(comparison_view(found))
    assert "8 cases in 2 groups: too few to find any difference" in console.file.getvalue()


def test_a_row_that_is_no_object_is_said_in_words(tmp_path):
    evaluation("a", [1.0]).save(tmp_path)
    (tmp_path / "rows.jsonl").write_text("5\n")
    with pytest.raises(GoldError, match="line 1: not a row of an evaluation: expected a JSON obj"):
        read_columns(tmp_path)


def test_an_evaluation_held_against_itself_is_called_that():
    one = evaluation("a", [1.0] * 8)
    assert "A and B are the same evaluation (a): nothing can differ" in compare(one, one).notes
    other = one.model_copy(update={"id": "b"})
    assert not any("the same evaluation" in note for note in compare(one, other).notes)
