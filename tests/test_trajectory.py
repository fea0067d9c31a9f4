"""Trajectories are compared by content: what passes elsewhere for equal, and is not."""

import json

import pytest
from runs import QUESTION, answer, call, search, trace_of
from workings.evals.gold import ExpectedCall, GoldCase
from workings.evals.importing import import_file
from workings.evals.metrics import measure, metrics
from workings.evals.trajectory import Call, calls_of, expected_of, match, match_runs, same
from workings.graphs.store import TraceStore
from workings.tools.errors import SettingsError

F = ExpectedCall(name="f", arguments={"x": 1})
G = ExpectedCall(name="g")


def made(name, arguments=None, result=None):
    return Call(name=name, arguments=arguments or {}, result=result)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (1, "1", False),
        (None, False, False),
        ({"a": 1, "b": [1, 2.0]}, {"b": [1.0, 2], "a": 1}, True),
        ([1, 2], [2, 1], False),
        ({"a": None}, {}, False),
    ],
)
def test_values_are_the_same_by_what_they_are(one, other, equal):
    assert same(one, other) is equal
    assert same(other, one) is equal


@pytest.mark.parametrize(
    ("calls", "modes"),
    [
        ([made("f", {"x": 1}), made("g")], {"strict", "unordered", "subset", "superset"}),
        ([made("g"), made("f", {"x": 1.0})], {"unordered", "subset", "superset"}),
        ([made("f", {"x": 1})], {"subset"}),
        ([made("f", {"x": 1}), made("g"), made("g")], {"superset"}),
        ([made("f", {"x": 2}), made("g")], set()),
        ([made("f", {"x": 1, "y": 0}), made("g")], set()),
        ([], {"subset"}),
    ],
)
def test_modes(calls, modes):
    found = {
        mode
        for mode in ("strict", "unordered", "subset", "superset")
        if match(calls, (F, G), mode).ok
    }
    assert found == modes


def test_a_call_that_any_would_satisfy_takes_none_from_one_that_only_one_would():
    any_f = ExpectedCall(name="f")
    assert match([made("f", {"x": 1}), made("f", {"x": 2})], (any_f, F), "unordered").ok


def test_each_call_counts_once():
    assert not match([made("f", {"x": 1})], (F, F), "superset").ok


def test_arguments_that_are_no_json_are_a_mismatch_and_no_crash():
    found = match([Call("f", None, "not json")], (F,))
    assert not found.ok
    assert "not json" in found.reason


def test_an_unknown_mode_is_named():
    with pytest.raises(SettingsError, match="fuzzy"):
        match([], (), "fuzzy")


def test_a_refused_call_was_never_made():
    assert calls_of(trace_of(call("f", {"x": 1}, status="refused"))) == ()


def messages(**changed):
    """The reference of agentevals' check, with what is changed by name."""
    given = {"question": "q", "arguments": '{"x": 1}', "result": "42", "answer": "The answer is 42"}
    given |= changed
    function = {"name": "f", "arguments": given["arguments"]}
    return [
        {"role": "user", "content": given["question"]},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "a", "type": "function", "function": function}],
        },
        {"role": "tool", "tool_call_id": "a", "content": given["result"]},
        {"role": "assistant", "content": given["answer"]},
    ]


def run_of(folder, name, **changed):
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"messages": messages(**changed)}), encoding="utf-8")
    store = TraceStore(folder / name, fsync=False)
    result = import_file(path, store)
    return store.load(result.traces[0].trace)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"result": "999"}, "gave '999' instead of '42'"),
        ({"answer": "The answer is 7"}, "another answer"),
        ({"question": "other question"}, "another question"),
        ({"arguments": '{"x": 2}'}, "x = 2 instead of 1"),
        ({"arguments": "not json"}, "no JSON object"),
        ({"answer": "The answer is 7", "result": "999", "question": "other question"}, "another"),
    ],
)
def test_strict_of_agentevals_passes_what_ours_does_not(tmp_path, changed, told):
    reference = run_of(tmp_path, "reference")
    found = match_runs(run_of(tmp_path, "other", **changed), reference)
    assert not found.ok
    assert told in found.reason


def test_the_same_run_matches_and_so_does_1_for_1_point_0(tmp_path):
    reference = run_of(tmp_path, "reference")
    assert match_runs(run_of(tmp_path, "other", arguments='{"x": 1.0}'), reference).ok


CASE = GoldCase(
    id="c",
    question=QUESTION,
    contains=("412.3",),
    calls=(
        ExpectedCall(name="search_documents", arguments={"query": "revenue 2025"}),
        ExpectedCall(name="calculator", arguments={"expression": "1+1"}, result="2"),
    ),
)
CALCULATOR = call("calculator", {"expression": "1+1"}, "2")


def value(name, given):
    return measure(metrics([name]), CASE, given)[0]


@pytest.mark.parametrize(
    "given",
    [
        answer("It was 7.", search(3), CALCULATOR),
        answer("412.3", search(3), call("calculator", {"expression": "1+1"}, "3")),
        answer("412.3", CALCULATOR, search(3)),
        answer("412.3", search(3), CALCULATOR, question="What else?"),
    ],
    ids=["another answer", "another result", "another order", "another question"],
)
def test_the_strict_metric_passes_no_other_content(given):
    assert value("trajectory_strict", given).value == 0.0
    assert value("trajectory_strict", answer("412.3", search(3), CALCULATOR)).value == 1.0


def test_arguments_are_judged_whatever_the_result_is():
    given = answer("", search(3, query="costs"), call("calculator", {"expression": "1+1"}, "3"))
    verdict = value("tool_arguments", given)
    assert verdict.value == 0.5
    assert "query = 'costs' instead of 'revenue 2025'" in verdict.reason


def test_a_run_can_be_what_is_expected_of_another():
    run = trace_of(search(3), CALCULATOR)
    assert match(calls_of(run), expected_of(run)).ok
