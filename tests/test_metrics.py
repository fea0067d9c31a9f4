"""Metrics by code: their definitions by counter-example, and what a case without an answer gets."""

import gc
from pathlib import Path

import numpy as np
import pytest
from runs import QUESTION, answer, call, passage, search, trace_of
from workings.evals.checks import Verdict
from workings.evals.columns import columns_of
from workings.evals.evaluation import Evaluation, Row, line
from workings.evals.gold import ExpectedCall, GoldCase, GoldSet
from workings.evals.importing import copy_trace
from workings.evals.markers import markers, without_markers, without_markers_and_space
from workings.evals.metrics import DEFAULT, METRICS, Metric, measure, measure_each, metrics
from workings.evals.metrics.correctness import f1
from workings.evals.metrics.repeats import pass_at_k, pass_hat_k
from workings.evals.rescoring import rescore
from workings.evals.scoring import hash_of, row_of
from workings.evals.summary import summary
from workings.graphs.answer import Usage
from workings.graphs.canonical import content_hash
from workings.graphs.glance import glance
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import GoldError, ProviderError, SettingsError, TraceError

CASE = GoldCase(
    id="c1", question=QUESTION, answer="412.3 million", document="report.pdf", pages=(3, 4)
)
REFUSE = GoldCase(id="c2", question="Who founded it?", refusal=True)


def value(name, case, given):
    return measure(metrics([name]), case, given)[0].value


def test_an_unknown_metric_names_the_nearest():
    with pytest.raises(SettingsError, match="did you mean 'token_f1'"):
        metrics(["tokenf1"])
    with pytest.raises(SettingsError, match="page_recall@0"):
        metrics(["page_recall@0"])


def test_any_rank_is_known_and_a_name_twice_is_measured_once():
    assert [m.name for m in metrics(["page_recall@7", "mrr", "mrr"])] == ["page_recall@7", "mrr"]


def test_every_metric_says_what_it_is_and_the_defaults_exist():
    assert all(metric.about for metric in METRICS.values())
    assert [metric.name for metric in metrics()] == list(DEFAULT)


@pytest.mark.parametrize(
    ("text", "expected", "wanted"),
    [
        ("The cat sat.", "a cat sat", 1.0),
        ("cat cat", "cat", 2 / 3),
        ("revenue was 5 million [1]", "5 million", 2 * 0.5 / 1.5),
        ("the", "a", 1.0),
        ("the", "cat", 0.0),
        ("dog", "cat", 0.0),
    ],
)
def test_token_f1_is_that_of_squad(text, expected, wanted):
    assert f1(text, expected) == pytest.approx(wanted)


def test_refusal_precision_and_recall_look_at_other_cases():
    refused, answered = answer("No.", refused=True), answer("Anna.")
    assert value("refusal_precision", CASE, refused) == 0.0
    assert value("refusal_recall", CASE, refused) is None
    assert value("refusal_precision", REFUSE, answered) is None
    assert value("refusal_recall", REFUSE, answered) == 0.0
    assert value("refusal_precision", REFUSE, refused) == 1.0


def test_the_page_of_another_document_is_not_gold():
    given = answer("It rose.", search(passage(3, "other.pdf"), 7, 3), cited=[("other.pdf", 3)])
    assert value("page_recall@1", CASE, given) == 0.0
    assert value("page_recall@5", CASE, given) == 0.5
    assert value("page_hit@5", CASE, given) == 1.0
    assert value("mrr", CASE, given) == pytest.approx(1 / 3)
    assert value("citation_precision", CASE, given) == 0.0


def test_context_precision_and_recall_count_each_page_once():
    given = answer("It rose.", search(3, 3, 7), search(3, 4), cited=[("report.pdf", 3)])
    assert value("context_precision", CASE, given) == pytest.approx(2 / 3)
    assert value("context_recall", CASE, given) == 1.0
    assert value("citation_recall", CASE, given) == 0.5


def test_nothing_found_is_no_precision_but_a_recall_of_0():
    given = answer("It rose.", search())
    assert value("context_precision", CASE, given) is None
    assert value("context_recall", CASE, given) == 0.0
    assert value("mrr", CASE, given) == 0.0


def test_a_case_without_pages_says_nothing_of_them():
    case = CASE.model_copy(update={"pages": ()})
    assert value("context_recall", case, answer("x", search(3))) is None


def test_what_is_not_known_is_unscored_and_never_0():
    given = answer("x", usage=Usage(model="m", requests=2))
    assert value("tokens", CASE, given) is None
    assert value("cost", CASE, given) is None
    assert value("requests", CASE, given) == 2.0
    assert value("steps", CASE, answer("x", search(3))) == 2.0


def test_a_needless_tool_lowers_the_choice_but_not_the_tools():
    case = CASE.model_copy(update={"tools": ("search_documents",)})
    given = answer("x", search(3), call("calculator", {"expression": "1+1"}))
    assert value("tools", case, given) == 1.0
    assert value("tool_choice", case, given) == pytest.approx(2 / 3)
    assert value("tool_choice", CASE, given) is None


def test_relevance_prefers_the_answer_that_is_about_the_question():
    about, beside = answer("Revenue in 2025 was EUR 412 million."), answer("Cats sleep all day.")
    assert value("answer_relevance", CASE, about) > value("answer_relevance", CASE, beside)


def test_a_metric_that_fails_is_unscored_with_the_reason():
    def breaks(case, answer):
        raise ValueError("no such thing")

    verdict = measure([Metric("mine", "mine", breaks)], CASE, answer("x"))[0]
    assert verdict.value is None
    assert "no such thing" in verdict.reason


def test_an_error_is_wrong_and_not_left_out():
    error = ProviderError("the service is down", "unavailable")
    error.trace = trace_of(search(3))
    row = row_of(CASE, 2, error, metrics(["correct", "refusal", "context_recall", "tokens"]))
    assert row.error == "ProviderError: the service is down"
    assert row.key == ("c1", 2)
    assert row.value("correct") == 0.0
    assert row.value("refusal") == 0.0
    assert row.value("context_recall") == 0.5
    assert row.value("tokens") is None
    assert row.tools == ("search_documents",)


def test_an_error_without_a_trace_says_nothing_of_the_run():
    row = row_of(REFUSE, 0, "killed", metrics(["correct", "refusal_recall", "steps", "exact"]))
    assert [row.value(name) for name in ("correct", "refusal_recall")] == [0.0, 0.0]
    assert row.value("steps") is None
    assert row.value("exact") is None
    assert row.trace is None


def test_a_row_tells_what_the_run_did():
    usage = Usage(model="m", requests=3, input_tokens=7, output_tokens=2, seconds=1.5)
    given = answer("It rose [1].", search(7, 3, 7), cited=[("report.pdf", 3)], usage=usage)
    row = row_of(CASE, 0, given)
    assert [ref.page for ref in row.retrieved] == [7, 3]
    assert [ref.page for ref in row.cited] == [3]
    assert (row.requests, row.input_tokens, row.cost_usd, row.seconds) == (3, 7, None, 1.5)
    assert (row.trace, row.group) == ("run-1", "report.pdf")


def test_tokens_that_nobody_counted_are_not_0():
    uncounted = answer("It rose.", usage=Usage(model="rules", requests=2))
    for row in (row_of(CASE, 0, uncounted), row_of(CASE, 0, "killed")):
        assert (row.input_tokens, row.output_tokens, row.tokens) == (None, None, None)
        assert b'"input_tokens":null' in line(row)
    evaluation = Evaluation(id="e", gold="g", gold_hash="h", model="rules", rows=(row,))
    assert summary(evaluation).tokens.total is None
    assert np.isnan(columns_of(evaluation).values["tokens"]).all()


def rows(*values):
    return tuple(
        Row(case=case, repeat=n, question="q", verdicts=(verdict(v),))
        for case, given in values
        for n, v in enumerate(given)
    )


def verdict(given):
    return Verdict(metric="correct", value=given, reason="")


def test_pass_at_k_and_pass_hat_k_over_repeats():
    evaluation = Evaluation(
        id="e",
        gold="g",
        gold_hash="h",
        model="m",
        repeats=3,
        rows=rows(("a", (1.0, 0.0, 1.0)), ("b", (0.0, 0.0, 0.0)), ("c", (None, None, 1.0))),
    )
    assert pass_at_k(evaluation, 2).value == pytest.approx((1 + 0) / 2)
    assert pass_hat_k(evaluation, 2).value == pytest.approx((1 / 3 + 0) / 2)
    assert pass_hat_k(evaluation, 2).n == 2  # of case c only one run was scored


def kept(folder, trace):
    store = TraceStore(folder, fsync=False)
    copy_trace(trace, Recorder(store))
    return store.path(trace.id)


def full(id="run-1", question=QUESTION, text="It rose [1]."):
    given = answer(text, search(7, 3), cited=[("report.pdf", 3)], question=question)
    return trace_of(search(7, 3), question=question, id=id, answer=given)


def test_a_glance_sees_what_a_whole_reading_sees(tmp_path):
    path = kept(tmp_path, full())
    seen, whole = glance(path), Trace.load(path)
    assert seen.answer == whole.answer
    assert [s for s in seen.steps if s.kind == "tool"] == [
        s for s in whole.steps if s.kind == "tool"
    ]
    assert len(seen.steps) == len(whole.steps)


def test_a_glance_names_the_line_that_was_changed(tmp_path):
    path = kept(tmp_path, full())
    data = path.read_bytes().replace(b"revenue 2025", b"revenue 2024")
    path.write_bytes(data)
    with pytest.raises(TraceError, match="checksum") as error:
        glance(path)
    assert error.value.line is not None


def test_kept_runs_are_scored_again_as_they_were(tmp_path):
    names = ["correct", "context_recall", "faithfulness", "steps"]
    for id in ("a", "b"):
        kept(tmp_path, full(id))
    gold = GoldSet(cases=(CASE, REFUSE))
    evaluation = rescore([tmp_path], gold, names)
    assert [row.key for row in evaluation.rows] == [("c1", 0), ("c1", 1)]
    live = full("a")
    assert evaluation.rows[0] == row_of(CASE, 0, live.answer.with_trace(live), metrics(names))
    again = rescore([tmp_path], gold, ["mrr"], of=evaluation)
    assert [row.value("mrr") for row in again.rows] == [0.5, 0.5]


def test_a_damaged_file_and_a_strange_question_are_told_and_lose_nothing(tmp_path):
    kept(tmp_path, full("a"))
    kept(tmp_path, full("b", question="Another?"))
    (tmp_path / "c.jsonl").write_text("{}\n", encoding="utf-8")
    evaluation = rescore([tmp_path], GoldSet(cases=(CASE,)), ["steps"])
    assert len(evaluation.rows) == 1
    assert evaluation.settings["unmatched"] == 1
    assert "c.jsonl" in evaluation.settings["damaged"][0]


def test_no_run_of_any_case_is_an_error(tmp_path):
    kept(tmp_path, full("b", question="Another?"))
    with pytest.raises(GoldError, match="none of the 1 traces"):
        rescore([tmp_path], GoldSet(cases=(CASE,)))


def test_more_runs_than_are_read_at_once_are_all_scored_in_order(tmp_path):
    for n in range(66):
        kept(tmp_path, full(f"r{n:02}"))
    evaluation = rescore([tmp_path], GoldSet(cases=(CASE,)), ["steps"])
    assert [row.trace for row in evaluation.rows] == [f"r{n:02}" for n in range(66)]


def test_many_answers_at_once_get_the_verdicts_that_each_gets_alone():
    given = [(CASE, answer("412.3 million.")), (REFUSE, answer("No.", refused=True))]
    given.append((CASE, answer("It fell.").with_trace(trace_of(call("calculator", {"x": 1})))))
    chosen = metrics(METRICS)
    assert measure_each(chosen, given) == [measure(chosen, *asked) for asked in given]
    assert measure_each(chosen, []) == []


def test_a_gold_set_is_hashed_as_it_would_be_recorded_whole():
    secret = GoldCase(id="s", question="sk-live-" + "a1B2" * 8, note="none")
    cases = (CASE, REFUSE, CASE, REFUSE, secret, CASE, REFUSE, CASE)
    whole = [case.model_dump(mode="json", exclude_defaults=True) for case in cases]
    assert hash_of(GoldSet(cases=cases)) == content_hash(whole)


def test_re_scoring_leaves_the_collector_of_garbage_as_it_was():
    before = gc.get_threshold()
    with pytest.raises(GoldError):
        rescore([], GoldSet(cases=(CASE,)))
    assert gc.get_threshold() == before


def test_what_was_seen_for_one_case_is_not_told_of_another():
    given = answer("It rose.", search(3), cited=[("report.pdf", 3)])
    assert value("mrr", CASE, given) == value("citation_precision", CASE, given) == 1.0
    other = CASE.model_copy(update={"pages": (7,)})
    assert value("mrr", other, given) == value("citation_precision", other, given) == 0.0


def test_markers_go_with_one_space_or_with_all():
    text = "It rose  [1][2] in 2025 [12].[a]"
    assert without_markers(text) == "It rose  in 2025.[a]"
    assert without_markers_and_space(text) == "It rose in 2025.[a]"
    assert markers(text) == [1, 2, 12]


def test_expected_calls_come_in_from_csv(tmp_path):
    path = tmp_path / "gold.csv"
    path.write_text(
        'id,question,answer,calls\na,q?,x,"[{""name"":""f"",""arguments"":{""x"":1}}]"\n',
        encoding="utf-8",
    )
    case = GoldSet.load(path).cases[0]
    assert case.calls == (ExpectedCall(name="f", arguments={"x": 1}),)


def test_no_metric_is_missing_from_the_docs():
    text = (Path(__file__).parent.parent / "docs" / "evals.md").read_text(encoding="utf-8")
    for metric in METRICS.values():
        star = " *" if metric.name in DEFAULT else ""
        assert f"| `{metric.name}`{star} | {metric.about} |\n" in text, metric.name
