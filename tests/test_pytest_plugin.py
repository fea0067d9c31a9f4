"""The pytest plugin, in a pytest of its own: recorded once, replayed after, told when changed."""

import textwrap
from importlib.metadata import entry_points

import pytest
from recorded_runs import make
from workings.graphs.store import TraceStore

pytest_plugins = ["pytester"]
INSTALLED = any(item.name == "workings" for item in entry_points(group="pytest11"))
PLUGIN = () if INSTALLED else ("-p", "workings.evals.pytest_plugin")

ASKED = """
    from workings import Assistant, ScriptedModel
    from workings.evals.scripted import calls, drafts

    asked = []

    def ask():
        asked.append(1)
        model = ScriptedModel(calls(("calculator", {"expression": "0.15 * 240"})),
                              drafts(("It is 36.",)))
        with model:
            return Assistant(model=model, home=HOME).ask("What is 15% of 240?")

    def test_total(workings_replay):
        answer = workings_replay(ask)
        assert "36" in answer.text
        assert len(asked) == CALLS
"""

GRAPH = """
    from langchain_core.language_models.fake_chat_models import FakeListChatModel
    from langgraph.graph import START, MessagesState, StateGraph

    model = FakeListChatModel(responses=["hello", "bye"])
    graph = StateGraph(MessagesState)
    graph.add_node("say", lambda s: {"messages": [model.invoke([("system", "PROMPT")])]})
    graph = graph.add_edge(START, "say").compile()

    def test_graph(workings_replay):
        assert workings_replay.graph(graph, {"messages": [("user", "hi")]}).text == "hello"
"""


@pytest.fixture
def write(pytester, tmp_path):
    def write(text, **values):
        for name, value in values.items():
            text = text.replace(name, str(value))
        pytester.makepyfile(test_it=text)

    return write


def run(pytester, *arguments):
    pytester.syspathinsert()
    return pytester.runpytest_subprocess(*PLUGIN, "-p", "no:cacheprovider", *arguments)


def test_a_run_is_recorded_once_and_replayed_after(pytester, write, tmp_path):
    home = repr(str(tmp_path / "home"))
    write(ASKED, HOME=home, CALLS=0)
    failed = run(pytester)
    failed.assert_outcomes(failed=1)
    failed.stdout.fnmatch_lines(["*nothing is recorded for this test*--workings-record*"])
    write(ASKED, HOME=home, CALLS=1)
    run(pytester, "--workings-record").assert_outcomes(passed=1)
    (kept,) = (pytester.path / "traces").glob("*.jsonl")
    assert kept.stem.startswith("test_it-test_total")
    write(ASKED, HOME=home, CALLS=0)
    run(pytester).assert_outcomes(passed=1)


def test_a_graph_of_ones_own_that_changed_fails_by_name(pytester, write):
    write(GRAPH, PROMPT="be kind")
    run(pytester, "--workings-record").assert_outcomes(passed=1)
    run(pytester, "--workings-record").assert_outcomes(passed=1)
    run(pytester).assert_outcomes(passed=1)
    write(GRAPH, PROMPT="be brief")
    changed = run(pytester)
    changed.assert_outcomes(failed=1)
    changed.stdout.fnmatch_lines(
        ["*prompt_changed at /messages/0/content*", "*be kind*", "*be brief*"]
    )


def test_a_trace_is_a_test_in_three_lines(pytester, write):
    write(GRAPH, PROMPT="be kind")
    run(pytester, "--workings-record").assert_outcomes(passed=1)
    write(
        GRAPH.split("def test_graph")[0]
        + """
    def test_trace(workings_replay):
        (path,) = __import__("pathlib").Path(__file__).parent.glob("traces/*.jsonl")
        assert workings_replay(path, graph=graph).text == "hello"
""",
        PROMPT="be kind",
    )
    run(pytester).assert_outcomes(passed=1)


def test_another_input_of_a_graph_is_not_passed_over(pytester, write):
    write(GRAPH, PROMPT="be kind")
    run(pytester, "--workings-record").assert_outcomes(passed=1)
    write(GRAPH.replace('"hi"', '"good day"'), PROMPT="be kind")
    changed = run(pytester)
    changed.assert_outcomes(failed=1)
    changed.stdout.fnmatch_lines(["*another input (/input/messages/0/*", "*hi", "*good day"])


def test_tests_of_one_name_in_two_classes_have_runs_of_their_own(pytester, write):
    classes = """
    class TestA:
        def test_it(self, workings_replay):
            workings_replay.graph(graph, {"messages": [("user", "a")]})

    class TestB:
        def test_it(self, workings_replay):
            workings_replay.graph(graph, {"messages": [("user", "b")]})
"""
    write(GRAPH.split("    def test_graph")[0] + classes, PROMPT="be kind")
    run(pytester, "--workings-record").assert_outcomes(passed=2)
    run(pytester).assert_outcomes(passed=2)


NAMED = """
    import pytest

    @pytest.mark.parametrize("name", ["whole", "cut", "damaged", "nowhere"])
    def test_named(workings_replay, name):
        workings_replay(f"traces/{name}.jsonl")
"""


async def test_a_trace_beside_the_test_that_is_cut_damaged_or_not_there_is_not_passed_over(
    pytester,
):
    folder = pytester.mkdir("tests")
    store = TraceStore(folder / "traces", fsync=False)
    kept = store.path((await make("plain", store)).id)
    whole = kept.read_bytes()
    kept.rename(kept.with_name("whole.jsonl"))
    kept.with_name("cut.jsonl").write_bytes(whole[:-10])
    kept.with_name("damaged.jsonl").write_bytes(whole.replace(b"revenue", b"revenus", 1))
    (folder / "test_named.py").write_text(textwrap.dedent(NAMED), encoding="utf-8")
    result = run(pytester, "tests")
    result.assert_outcomes(passed=2, failed=2, warnings=1)
    result.stdout.fnmatch_lines(
        [
            "the recorded run cannot be replayed:*checksum does not fit*",
            "there is no trace file traces/nowhere.jsonl",
            "*bytes of a torn line left out*",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py:*")
