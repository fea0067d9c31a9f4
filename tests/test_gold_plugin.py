"""A gold set as tests, in a pytest of its own: one a case, and what fails says why."""

from importlib.metadata import entry_points

import pytest
from runs import answer
from workings import GoldCase, assert_grade

pytest_plugins = ["pytester"]
INSTALLED = any(item.name == "workings" for item in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "workings.evals.pytest_plugin")

GOLD = """{"id": "a", "question": "Two?", "value": 2}
{"id": "b", "question": "Three?", "value": 3}
"""
TESTS = """
    import pytest
    from workings import Answer, assert_grade
    from workings.graphs.answer import Usage

    @pytest.fixture
    def ask():
        usage = Usage(model="m")
        return lambda question: Answer(question=question, text="2", value=2, usage=usage)

    def test_gold(gold_case, ask):
        assert_grade(ask(gold_case.question), gold_case)
"""


def run(pytester, *arguments):
    """In this process: a new one would take seconds to import the same again."""
    return pytester.runpytest_inprocess(
        *PLUGIN, "-p", "no:cacheprovider", "-p", "no:asyncio", *arguments
    )


@pytest.fixture
def place(pytester):
    (pytester.path / "gold.jsonl").write_text(GOLD)
    pytester.makepyfile(test_it=TESTS)
    return pytester


def test_each_case_is_a_test_and_a_wrong_answer_fails_with_its_reason(place):
    done = run(place, "--workings-gold", "gold.jsonl", "-v")
    done.assert_outcomes(passed=1, failed=1)
    done.stdout.fnmatch_lines(["*test_gold*a* PASSED*", "*case b: Three?*", "*2 is not 3*"])


def test_without_a_gold_set_it_is_skipped_and_says_how(place):
    done = run(place, "-rs")
    done.assert_outcomes(skipped=1)
    done.stdout.fnmatch_lines(["*pytest --workings-gold FILE*"])


def test_a_gold_set_that_no_test_takes_is_an_error(place):
    place.makepyfile(test_it="def test_nothing(): pass")
    done = run(place, "--workings-gold", "gold.jsonl")
    assert done.ret == pytest.ExitCode.USAGE_ERROR
    done.stderr.fnmatch_lines(["*no test takes the fixture gold_case*"])


def test_a_gold_set_that_cannot_be_read_says_why_without_a_traceback(place):
    (place.path / "gold.jsonl").write_text(GOLD.replace('"b"', '"a"'))
    done = run(place, "--workings-gold", "gold.jsonl")
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines(["*gold.jsonl line 2: id 'a' is already on line 1"])
    done.stdout.no_fnmatch_line("*_hookexec*")
    done.stderr.no_fnmatch_line("*no test takes*")


def test_a_grade_says_what_was_asked_and_expected():
    case = GoldCase(id="a", question="Which?", contains=("red",))
    assert_grade(answer("It is red."), case)
    with pytest.raises(AssertionError, match=r"case a: Which\?\n  answer: It is blue.\n  correct"):
        assert_grade(answer("It is blue."), case)
    with pytest.raises(AssertionError, match="numeric = unscored"):
        assert_grade(answer("It is red."), case, ("numeric",))
