"""Evaluations that are run: nothing asked twice, nothing lost, never past a ceiling."""

import asyncio

import pytest
from killed_evaluations import MOMENTS, Ledger, evaluated, in_a_process, kill_at, without_ids
from runs import answer
from workings.evals.asking import spent
from workings.evals.budget import Budget
from workings.evals.evaluation import Evaluation, Row
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.judged import JudgedMetric
from workings.evals.metrics import scored
from workings.evals.pace import Pace
from workings.evals.running import TRIES, EvaluationStopped, evaluate
from workings.evals.summary import summary
from workings.graphs.answer import Usage
from workings.graphs.metering import metered
from workings.tools.errors import GoldError, ProviderError, SettingsError

METRICS = ("correct",)


def gold(count=6):
    return GoldSet(
        cases=tuple(
            GoldCase(id=f"c{n}", question=f"What is {n}?", contains=(f"n{n}",))
            for n in range(count)
        )
    )


class Scripted:
    """Answers rightly; counts what it was asked, and how many at once."""

    def __init__(self, **wrong):
        self.asked = []
        self.wrong = wrong
        self.at_once = self.most = 0
        self.usage = Usage(model="m", requests=1, cost_usd=0.01, input_tokens=60, output_tokens=40)

    async def __call__(self, question):
        number = question.split()[-1].rstrip("?")
        self.asked.append(number)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        made = self.wrong.get(f"c{number}")
        if isinstance(made, BaseException):
            raise made
        if isinstance(made, list) and made:
            raise made.pop()
        return answer(f"It is n{number}.", question=question, usage=self.usage)


def run(ask, cases=6, **options):
    return asyncio.run(evaluate(gold(cases), ask, **{"metrics": METRICS, **options}))


def values(evaluation):
    return {row.key: row.value("correct") for row in evaluation.rows}


def test_rows_stand_in_the_order_of_the_gold_set_and_repeats_are_part_of_the_key(tmp_path):
    found = run(Scripted(), repeats=2, folder=tmp_path / "e")
    assert [row.key for row in found.rows] == [(f"c{n}", r) for n in range(6) for r in (0, 1)]
    assert set(values(found).values()) == {1.0}
    assert found.complete
    assert Evaluation.load(tmp_path / "e") == found


def test_a_case_that_crashes_the_agent_is_a_row():
    faults = {"c1": ValueError("boom"), "c2": SystemExit(3), "c3": asyncio.CancelledError()}
    found = run(Scripted(**faults))
    assert [row.error is not None for row in found.rows] == [False, True, True, True, False, False]
    assert values(found)[("c1", 0)] == 0.0
    assert "ValueError: boom" in found.rows[1].error


def test_what_is_no_answer_is_a_row():
    async def ask(question):
        return "42"

    assert "expected a workings.Answer" in run(ask).rows[0].error


def test_a_key_in_an_error_is_not_written():
    found = run(Scripted(c0=ValueError("sk-abcdefghijklmnopqrst")))
    assert "sk-abc" not in found.rows[0].error


def test_an_empty_set_an_unknown_metric_and_no_repeat_are_refused():
    with pytest.raises(GoldError, match="no case"):
        run(Scripted(), cases=0)
    with pytest.raises(SettingsError, match="did you mean 'correct'"):
        run(Scripted(), metrics=("corect",))
    with pytest.raises(SettingsError, match="repeats = 0"):
        run(Scripted(), repeats=0)
    with pytest.raises(SettingsError, match="needs a judge"):
        run(Scripted(), metrics=("judge:correct",))


def test_a_judge_is_waited_for_and_its_nonsense_is_unscored():
    async def judge(case, answer):
        if case.id == "c1":
            raise ValueError("nonsense")
        return scored("judge:kind", 0.5, "half")

    def factory(name):
        return JudgedMetric(name, "kind", judge)

    found = run(Scripted(c2=ValueError()), metrics=("judge:kind", "correct"), judge=factory)
    assert found.metrics == ("judge:kind", "correct")
    assert [row.value("judge:kind") for row in found.rows[:3]] == [0.5, None, 0.0]
    assert "nonsense" in found.rows[1].verdicts[0].reason


def test_what_has_a_row_is_not_asked_again(tmp_path):
    first, second = Scripted(), Scripted()
    first.wrong = {"c3": KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        run(first, folder=tmp_path, concurrency=1)
    found = run(second, folder=tmp_path)
    assert [*first.asked, *second.asked] == ["0", "1", "2", "3", "3", "4", "5"]
    assert found.complete


def test_a_folder_made_with_something_else_is_not_gone_on_with(tmp_path):
    run(Scripted(), folder=tmp_path, model="a", settings={"k": 8})
    for more, said in (
        ({"model": "b"}, 'model was "a", is "b"'),
        ({"settings": {"k": 4}}, "k was 8, is 4"),
        ({"cases": 5}, "gold was"),
        ({"repeats": 2}, "repeats was 1, is 2"),
    ):
        options = {"model": "a", "settings": {"k": 8}, **more}
        with pytest.raises(SettingsError, match=said):
            run(Scripted(), folder=tmp_path, **options)


def test_two_processes_do_not_write_one_evaluation(tmp_path):
    async def both():
        async def again(question):
            with pytest.raises(SettingsError, match="another process"):
                await evaluate(gold(), Scripted(), folder=tmp_path, metrics=METRICS)
            return answer("n0", question=question)

        await evaluate(gold(1), again, folder=tmp_path, metrics=METRICS)

    asyncio.run(both())


def test_a_torn_last_line_is_dropped_and_its_case_asked_again(tmp_path):
    run(Scripted(), folder=tmp_path)
    path = tmp_path / "rows.jsonl"
    path.write_bytes(path.read_bytes()[:-30])
    again = Scripted()
    assert run(again, folder=tmp_path).complete
    assert again.asked in (["5"], [])  # its trace may be there


def test_errors_are_asked_again_when_wished(tmp_path):
    run(Scripted(c1=ValueError("boom")), folder=tmp_path)
    again = Scripted()
    assert run(again, folder=tmp_path).rows[1].error is not None
    found = run(again, folder=tmp_path, retry_errors=True)
    assert again.asked == ["1"]
    assert found.rows[1].error is None
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == 6


@pytest.mark.parametrize("ceiling", [{"max_cost_usd": 0.035}, {"max_tokens": 350}])
def test_a_ceiling_is_never_crossed_and_is_gone_on_from(tmp_path, ceiling):
    ask = Scripted()
    with pytest.raises(EvaluationStopped, match="3 of 6 ended") as stopped:
        run(ask, folder=tmp_path, **ceiling)
    assert len(stopped.value.evaluation.rows) == len(ask.asked) == 3
    assert not stopped.value.evaluation.complete
    assert run(ask, folder=tmp_path).complete
    assert sorted(ask.asked) == [str(n) for n in range(6)]


def test_a_ceiling_that_cannot_be_kept_stops_after_the_first():
    ask = Scripted()
    ask.usage = Usage(model="m", requests=1)
    with pytest.raises(EvaluationStopped, match="price of this model is not known"):
        run(ask, max_cost_usd=1.0)
    assert len(ask.asked) == 1


def test_replies_of_a_failed_case_whose_price_is_not_known_are_not_free():
    replied = Row(
        case="a", question="q", error="no form", requests=1, input_tokens=11, output_tokens=7
    )
    unheard = Row(case="b", question="q", error="not reached", requests=3)
    assert (spent(replied), spent(unheard)) == ((None, 18), (0.0, 0))
    found = Evaluation(id="e", gold="g", gold_hash="h", model="m", rows=(replied, unheard))
    assert summary(found).tokens.total == 18


def test_what_judges_take_counts_and_is_remembered(tmp_path):
    async def judge(case, answer):
        metered(0.01, 100)
        return scored("judge:kind", 1.0, "kind")

    options = {
        "folder": tmp_path,
        "metrics": ("correct", "judge:kind"),
        "judge": lambda name: JudgedMetric(name, "kind", judge),
        "max_cost_usd": 0.075,
    }
    with pytest.raises(EvaluationStopped, match=r"0.06 USD are spent; 3 of 6 ended"):
        run(Scripted(), **options)
    with pytest.raises(EvaluationStopped, match=r"0.06 USD are spent; 3 of 6 ended"):
        run(Scripted(), **{**options, "max_cost_usd": 0.065})
    assert run(Scripted(), **{**options, "max_cost_usd": None}).complete


def test_those_under_way_are_reckoned_with():
    budget = Budget(max_cost_usd=1.0)
    assert budget.reached() is None
    assert budget.reached(under_way=1) is not None  # nothing is known yet: one goes alone
    budget.spend(0.3, 10)
    assert budget.reached(under_way=1) is None
    assert budget.reached(under_way=2) is not None


def refusal(retry_after=0.0, kind="rate_limit"):
    return ProviderError("too many", kind, retryable=True, retry_after=retry_after)


def test_a_case_that_was_turned_away_is_asked_again():
    ask = Scripted(c1=[refusal(), refusal()])
    found = run(ask)
    assert set(values(found).values()) == {1.0}
    assert ask.asked.count("1") == 3


def test_a_case_that_is_always_turned_away_becomes_a_row():
    ask = Scripted(c1=refusal())
    found = run(ask)
    assert ask.asked.count("1") == TRIES
    assert "too many" in found.rows[1].error
    assert found.complete


def test_a_service_that_serves_nobody_stops_it(tmp_path):
    ask = Scripted(c2=refusal(kind="auth"))
    with pytest.raises(EvaluationStopped, match="too many; 2 of 6 ended"):
        run(ask, folder=tmp_path, concurrency=1)
    again = Scripted()
    assert run(again, folder=tmp_path).complete
    assert again.asked == ["2", "3", "4", "5"]


def test_the_pace_doubles_until_it_is_told_off_and_then_halves():
    now = [0.0]
    pace = Pace(100, lambda: now[0])
    for size in (1, 2, 4, 8):
        assert pace.size == size
        for _ in range(size):
            pace.went_well()
    began, now[0] = now[0], 1.0
    pace.refused(began, 5.0)
    pace.refused(began, 2.0)  # from the same round
    assert (pace.size, pace.wait) == (8, 5.0)
    now[0] = 7.0
    assert pace.wait == 0
    for _ in range(8):
        pace.went_well()
    assert pace.size == 8  # one more a round, nearly
    pace.went_well()
    assert pace.size == 9


def test_a_refusal_that_names_no_time_waits_longer_each_time():
    now = [0.0]
    pace = Pace(4, lambda: now[0])
    waits = []
    for _ in range(4):
        now[0] += 100
        pace.refused(now[0])
        waits.append(pace.wait)
        now[0] += 0.5
    assert waits == [1.0, 2.0, 4.0, 8.0]
    pace.went_well()
    now[0] += 100
    pace.refused(now[0])
    assert pace.wait == 1.0


def test_a_service_that_bears_four_at_once_is_found_out():
    """Eight for each case would be 8 x 60 refusals; the pace settles near what is borne."""
    ask, refused = Scripted(), 0

    async def bears_four(question):
        nonlocal refused
        if ask.at_once >= 4:
            refused += 1
            raise refusal(0.001)
        return await ask(question)

    found = run(bears_four, cases=60, concurrency=16)
    assert set(values(found).values()) == {1.0}
    assert ask.most == 4
    assert refused < 30


def test_no_more_are_asked_at_once_than_allowed():
    ask = Scripted()
    run(ask, cases=30, concurrency=3)
    assert ask.most == 3


def test_progress_counts_to_the_end():
    seen = []
    run(Scripted(), progress=seen.append)
    assert (seen[0].done, seen[0].total) == (0, 6)
    assert seen[-1].cost_usd == pytest.approx(0.01 * seen[-1].done)


def test_killed_at_any_write_and_gone_on_with_it_is_the_same(tmp_path):
    """Each write of rows, journal and traces: nothing that ended is asked again, nothing lost."""
    (tmp_path / "whole").mkdir()
    evaluated(tmp_path / "whole", 3)
    expected = without_ids(tmp_path / "whole")
    killed = 0
    for moment in MOMENTS:
        number = 0
        while True:
            number += 1
            folder = tmp_path / f"{moment}-{number}"
            folder.mkdir()

            def dying(folder=folder, number=number, moment=moment):
                kill_at(number, moment)
                evaluated(folder, 3)

            if not in_a_process(dying):
                break
            killed += 1
            evaluated(folder, 3)
            assert without_ids(folder) == expected, (moment, number)
            assert Ledger(folder / "ledger").asked_twice() == [], (moment, number)
    assert killed > 25
