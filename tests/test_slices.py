"""Failure patterns: what is named, what is left to chance, and the tests behind them."""

import itertools
import json
import math

import numpy as np
import pytest
from workings.agent.cli import main
from workings.evals.checks import Verdict
from workings.evals.evaluation import Evaluation, PageRef, Row
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.patterns import patterns
from workings.evals.slices import EXPECTED, QUESTION, RETRIEVAL, automatic
from workings.evals.stats_exact import between, gathered, reachable, risk_difference
from workings.tools.errors import GoldError


def row(case, question, value, **more):
    verdict = Verdict(metric="correct", value=value, reason="")
    return Row(case=case, question=question, verdicts=(verdict,), **more)


def evaluation(rows, **more):
    return Evaluation(id="e", gold="g", gold_hash="h", model="m", rows=tuple(rows), **more)


def asked(bad, n, question, start=0, **more):
    return [row(f"{start}-{i}", question, float(i >= bad), text="x", **more) for i in range(n)]


NEGATED, PLAIN = "Which parts are not covered?", "Which parts are well covered?"


def named(found):
    return [item.slice for item in found.found]


def holds(name, question="", **more):
    one = next(item for item in (*QUESTION, *EXPECTED, *RETRIEVAL) if item.name == name)
    case = more.pop("case", None)
    return one.holds(row("c", question or "q", 1.0, **more), case)


@pytest.mark.parametrize(
    ("name", "yes", "no"),
    [
        ("negation in the question", "Which parts aren't covered?", "Which parts are covered?"),
        ("negation in the question", "Anything without a warranty?", "What is notable?"),
        ("a number in the question", "What costs 40 euros?", "What was sold in 2024?"),
        ("several years in the question", "From 2023 to 2024?", "In 2024 and in 2024?"),
        ("asks for an amount", "How much was paid?", "Who paid?"),
        ("several hops", "Who leads the firm that makes it?", "Who leads it?"),
    ],
)
def test_a_question_is_told_from_its_counter_example(name, yes, no):
    assert holds(name, yes) is True
    assert holds(name, no) is False


def test_ranks_need_the_gold_set_and_a_page_that_was_found():
    pages = tuple(PageRef(document="a.pdf", page=page) for page in (3, 7, 9))
    case = GoldCase(id="c", question="q", answer="x", document="a.pdf", pages=(7,))
    elsewhere = case.model_copy(update={"document": "b.pdf"})
    assert holds("the right page is not first", retrieved=pages) is None
    assert holds("the right page is not first", retrieved=pages, case=case) is True
    assert holds("the right page is not first", retrieved=pages[1:], case=case) is False
    assert holds("the right page is not first", retrieved=pages, case=elsewhere) is None
    assert holds("the right page is not retrieved", retrieved=pages, case=elsewhere) is True


def test_reports_of_two_years_are_look_alikes_and_two_reports_are_not():
    def pages(*names):
        return tuple(PageRef(document=name, page=1) for name in names)

    assert holds("look-alike years retrieved", retrieved=pages("r-2023.pdf", "r-2024.pdf"))
    assert not holds("look-alike years retrieved", retrieved=pages("a-2023.pdf", "r-2024.pdf"))


def test_the_example_of_the_issue():
    found = patterns(evaluation(asked(7, 9, NEGATED) + asked(4, 51, PLAIN, 1)))
    assert named(found) == ["negation in the question"]
    assert str(found.found[0]).startswith("fails on negation in the question: 7/9 vs 4/51, p=")
    assert found.found[0].cases == tuple(f"0-{i}" for i in range(7))
    assert found.found[0].difference.low > 0.3


def test_nothing_is_named_where_nothing_is_or_all_fails():
    even = patterns(evaluation(asked(2, 20, NEGATED) + asked(4, 40, PLAIN, 1)))
    assert not even.found and "no pattern" in str(even)
    for bad in (0, 30):
        every = patterns(evaluation(asked(bad, 30, NEGATED) + asked(bad, 30, PLAIN, 1)))
        assert not every.found and "nothing to tell apart" in every.notes[-1]


def test_one_case_and_no_scored_case():
    assert not patterns(evaluation([row("a", NEGATED, 0.0)])).found
    with pytest.raises(GoldError, match="no case of e is scored by 'f1'"):
        patterns(evaluation([row("a", NEGATED, 0.0)]), metric="f1")


def test_slices_of_the_same_cases_are_one_pattern():
    rows = asked(8, 10, NEGATED, tags=("negated",)) + asked(4, 50, PLAIN, 1)
    (found,) = patterns(evaluation(rows)).found
    assert found.slice == "negation in the question" and found.also == ("tag negated",)


def test_what_a_stronger_pattern_explains_is_said_so():
    rows = asked(26, 30, NEGATED, tags=("old",)) + asked(2, 6, PLAIN, 1, tags=("old",))
    found = patterns(evaluation(rows + asked(8, 60, PLAIN, 2)))
    assert found.found[0].explained_by is None
    assert {item.explained_by for item in found.found[1:]} == {found.found[0].slice}


def test_a_document_that_fails_is_no_pattern_of_its_questions():
    # one document fails, and its questions are the negated ones: within documents nothing shows
    rows = asked(9, 10, NEGATED, group="bad.pdf") + [
        item
        for place in range(8)
        for item in asked(1, 8, PLAIN, place + 1, group=f"good{place}.pdf")
    ]
    assert named(patterns(evaluation(rows))) == ["document bad.pdf"]


def test_repeats_are_one_case():
    rows = [
        row(f"{kind}{i}", question, float(i >= bad), repeat=repeat)
        for kind, question, bad, n in (("a", NEGATED, 2, 3), ("b", PLAIN, 1, 5))
        for i in range(n)
        for repeat in range(10)
    ]
    found = patterns(evaluation(rows, repeats=10))
    assert (found.cases, found.failed, found.found) == (8, 3, ())


def test_an_error_fails_the_primary_metric_and_is_counted_as_one():
    rows = [Row(case=f"x{i}", question=NEGATED, error="ProviderError: busy") for i in range(8)]
    found = patterns(evaluation([*rows, *asked(0, 40, PLAIN)]))
    assert found.errors == 8 and named(found) == ["negation in the question"]


def test_slow_cases_of_an_amount():
    rows = asked(0, 10, NEGATED, seconds=9.0) + asked(0, 50, PLAIN, 1, seconds=1.0)
    assert named(patterns(evaluation(rows), metric="latency")) == ["negation in the question"]


def test_the_order_of_rows_does_not_matter():
    rows = asked(7, 9, NEGATED) + asked(4, 51, PLAIN, 1)
    one, other = patterns(evaluation(rows)), patterns(evaluation(rows[::-1]))
    assert [str(item) for item in one.found] == [str(item) for item in other.found]


def test_one_stratum_is_fishers_test_by_enumeration():
    inside, failed = [True] * 4 + [False] * 7, [True, True, True, False] + [True] + [False] * 6
    as_many = extreme = 0
    for chosen in itertools.combinations(range(11), 4):
        as_many += 1
        extreme += sum(failed[place] for place in chosen) >= 3
    found = gathered(inside, failed)
    assert found.p == pytest.approx(extreme / as_many, abs=1e-12)
    assert found.least == pytest.approx(1 / math.comb(11, 4), abs=1e-12)


def test_strata_are_dealt_within_by_enumeration():
    inside = np.array([True, True, False, True, False, False, False])
    failed = np.array([True, False, False, True, False, True, False])
    strata = ["a", "a", "a", "b", "b", "b", "b"]
    seen = int((inside & failed).sum())
    counts = [
        sum(failed[place] for place in (*first, *second)) >= seen
        for first in itertools.combinations(range(3), 2)
        for second in itertools.combinations(range(3, 7), 1)
    ]
    assert gathered(inside, failed, strata).p == pytest.approx(sum(counts) / len(counts))


def test_groups_that_lie_wholly_inside_are_dealt_as_wholes():
    found = between(
        np.array([5.0, 4.0, 0.0, 0.0, 1.0]), np.full(5, 5.0), [True, True] + [False] * 3
    )
    assert found.p == found.least == 1 / 10


def test_what_cannot_be_found_is_not_corrected_for():
    assert reachable([0.3, 0.001, 0.2, 0.02], 0.05) == [1, 3]
    assert reachable([], 0.05) == []


def test_risk_difference_of_two_shares():
    found = risk_difference(
        [True] * 9 + [False] * 51, [True] * 7 + [False] * 2 + [True] * 4 + [False] * 47
    )
    assert found.value == pytest.approx(7 / 9 - 4 / 51)
    assert found.low < found.value < found.high <= 1


def test_automatic_slices_need_rows_on_both_sides():
    rows = [row(f"{i}", "q", 1.0, tags=("all", "few") if i < 2 else ("all",)) for i in range(20)]
    assert not [one.name for one in automatic(rows) if one.name.startswith("tag")]


def test_patterns_on_the_command_line(tmp_path, capsys):
    home = tmp_path / "home"
    evaluation(asked(7, 9, NEGATED) + asked(4, 51, PLAIN, 1)).save(home / "evaluations" / "e")
    assert main(["patterns", "e", "--home", str(home)]) == 0
    assert "fails on negation in the question: 7/9 vs 4/51" in capsys.readouterr().out
    assert main(["patterns", "e", "--home", str(home), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["found"][0]["n"] == 9
    assert main(["patterns", "e", "--home", str(home), "--confirm", "negate"]) == 2
    assert "--gold FILE" in capsys.readouterr().err


def test_the_gold_set_adds_what_is_expected():
    cases = [GoldCase(id=f"{k}-{i}", question=PLAIN, answer="x", refusal=k == 0)
             for k, n in ((0, 10), (1, 50)) for i in range(n)]  # fmt: skip
    rows = asked(8, 10, PLAIN) + asked(4, 50, PLAIN, 1)
    found = patterns(evaluation(rows), GoldSet(cases=tuple(cases)))
    assert named(found) == ["a refusal is expected"]


def test_a_large_stratum_is_counted_as_a_small_one_is():
    inside = np.arange(600) % 3 == 0
    failed = np.arange(600) % 7 == 0
    seen = int((inside & failed).sum())
    marked, drawn = int(failed.sum()), int(inside.sum())
    tail = sum(math.comb(marked, k) * math.comb(600 - marked, drawn - k)
               for k in range(seen, marked + 1))  # fmt: skip
    assert gathered(inside, failed).p == pytest.approx(tail / math.comb(600, drawn), rel=1e-9)


def test_many_groups_have_the_limit_of_the_deals():
    for count in (180, 240):  # dealt, and by the normal limit
        sums, sizes = np.tile([0.0, 1.0, 1.0, 2.0], count // 4), np.full(count, 4.0)
        inside = np.arange(count) % 4 < 2
        few = np.arange(count) < 40
        assert between(sums, sizes, ~inside).p < 0.001
        assert between(sums, sizes, inside).p > 0.999
        assert 0.3 < between(sums, sizes, few).p < 0.7
