"""What differs, where, of which kind and why: the engine behind `replay` and `trace diff`."""

import asyncio
import itertools
import json
import os

import pytest
from recorded_runs import GOOD, LOOK, look_up, make, record, scripts
from scripted import ScriptedModel, busy, drafts, says
from workings.agent.cli import main
from workings.evals.checks import Verdict
from workings.evals.compare import compare_requests, first_difference
from workings.evals.diff import compare_traces
from workings.evals.gold import GoldCase, GoldSet
from workings.evals.replay import areplay
from workings.evals.verdicts import case_of, grades_of, regrade, unknown_cases
from workings.graphs import act, decide, finalize
from workings.graphs import graph as graph_module
from workings.graphs.lines import seal
from workings.graphs.model import Message, ModelRequest
from workings.graphs.state import Draft
from workings.graphs.store import TraceStore
from workings.graphs.trace import NodeRecord, Trace
from workings.graphs.written import wrote
from workings.tools.errors import ProviderError


def kinds(found):
    return [item.kind for item in found]


@pytest.fixture
def graph(monkeypatch):
    """Put another function in the place of a node; the graph is compiled anew."""

    def put(name, function):
        monkeypatch.setattr(graph_module, name, function)
        graph_module.compiled.cache_clear()

    yield put
    monkeypatch.undo()
    graph_module.compiled.cache_clear()


# ---- values


def test_the_window_shows_the_word_that_differs_not_the_head_of_the_text():
    text = "word " * 100
    place = first_difference(text + "colour " + text, text + "colouring " + text, "/x")
    assert "colour word" in place.before and "colouring" in place.after
    assert place.before.startswith("…word") and len(place.before) < 130


def test_line_breaks_do_not_break_the_line():
    place = first_difference("a\nb", "a\nc", "/x")
    assert (place.before, place.after) == ("a\\nb", "a\\nc")


def test_a_key_with_a_slash_is_escaped_in_the_pointer():
    assert first_difference({"a/b~": 1}, {"a/b~": 2}, "").path == "/a~1b~0"


def test_nothing_is_not_null():
    assert first_difference({"a": None}, {}, "").after == "(absent)"
    assert first_difference({"a": None}, {"a": None}, "") is None


def request(*messages):
    return ModelRequest(
        model="m", messages=tuple(Message(role=role, content=text) for role, text in messages)
    )


def test_the_prompt_and_the_history_are_told_apart():
    before = request(("system", "be good"), ("user", "q"), ("tool", "1"))
    after = request(("system", "be bad"), ("user", "q"), ("tool", "2"))
    assert kinds(compare_requests(before, after)) == ["prompt_changed", "history_changed"]


def test_evidence_is_no_prompt():
    before = request(("user", "<evidence>one</evidence> now"))
    inside = request(("user", "<evidence>two</evidence> now"))
    outside = request(("user", "<evidence>one</evidence> then"))
    assert kinds(compare_requests(before, inside)) == ["history_changed"]
    assert kinds(compare_requests(before, outside)) == ["prompt_changed"]


def test_a_secret_in_both_is_no_difference():
    key = "sk-abcdefgh12345678ijkl"
    assert compare_requests(request(("user", key)), request(("user", key))) == []


# ---- nodes


async def test_what_a_node_wrote_is_shown_not_its_hash(graph):
    async def tools(state, runtime):
        writes = await act.tools(state, runtime)
        message = writes["messages"][0]
        changed = message.model_copy(update={"content": message.content + " ok"})
        return {**writes, "messages": [changed]}

    trace = await make("plain")
    graph("tools", tools)
    first = (await areplay(trace)).divergences[0]
    assert (first.kind, first.step) == ("state_write_changed", 2)
    assert first.path == "/nodes/1/writes/messages/0/content" and first.after.endswith(" ok")


async def test_a_value_that_was_too_large_to_keep_is_told_as_that():
    trace = await make("plain")
    fields = {"node": "tools", "superstep": 2, "after": 2}
    big = NodeRecord(writes="a", values={"messages": [{"#": "3fcc"}]}, **fields)
    small = NodeRecord(writes="b", values={"messages": [{"content": "x"}]}, **fields)
    one, two = (
        trace.model_copy(update={"nodes": (trace.nodes[0], node, *trace.nodes[2:])})
        for node in (big, small)
    )
    (first, *_) = compare_traces(one, two)
    assert (first.path, first.before) == (
        "/nodes/1/writes/messages/0",
        "(more than 4,000 bytes, hash 3fcc)",
    )
    assert first.after == '{"content":"x"}'


async def test_an_older_trace_without_values_shows_hashes(monkeypatch):
    trace = await make("plain")
    nodes = tuple(node.model_copy(update={"values": {}}) for node in trace.nodes)
    old = trace.model_copy(update={"nodes": nodes})
    assert (await areplay(old)).status == "identical"
    monkeypatch.setattr(finalize, "parse_draft", lambda text: Draft(refused=True))
    first = (await areplay(old)).divergences[0]
    assert first.kind == "state_write_changed" and first.before.startswith("hash ")


async def test_values_of_nodes_survive_the_disk_and_name_no_secret(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    trace = await make("parallel", store)
    loaded = store.load(trace.id)
    assert loaded.nodes == trace.nodes and loaded.nodes[1].values["passages"] == ["d-3-1"]
    assert "sk-abcdefgh" not in json.dumps(loaded.nodes[1].values)


def test_a_value_that_looks_like_a_reference_is_itself(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    writer = store.writer("one")
    trace = asyncio.run(make("no_evidence"))
    writer.start(trace.start.model_copy(update={"id": "one"}))
    values = {"a": {"$": "0" * 32}, "b": [{"#": "x"}, ["y" * 500]], "c": "z" * 300}
    values |= {"messages": [{"~": {"content": ["x", {"@": "1/0"}]}}, {"$": "x"}]}
    writer.node(wrote(NodeRecord(node="n", superstep=1, writes="0", values=values)))
    writer.close()
    assert store.load("one").nodes[0].values == values


async def test_a_parser_that_fails_today(monkeypatch):
    def parse(text):
        if "{" in text:
            raise KeyError("sentences")

    trace = await make("plain")
    monkeypatch.setattr(finalize, "parse_draft", parse)
    result = await areplay(trace)
    assert kinds(result.divergences) == ["parse_changed"]
    first = result.divergences[0]
    assert (first.step, first.node) == (4, "finalize")
    assert first.after.startswith("KeyError: 'sentences' (test_divergence.py, line ")


async def test_a_run_that_ends_earlier_today(graph):
    trace = await make("calculation")

    async def tools(state, runtime):
        raise ProviderError("the service is gone", kind="server")

    graph("tools", tools)
    result = await areplay(trace)
    assert kinds(result.divergences)[0] == "ended_early"
    assert result.divergences[0].node == "tools"
    assert result.divergences[-1].kind == "answer_changed" and result.divergences[-1].cause


async def test_another_reducer_is_told_at_the_next_request():
    trace = await make("plain")
    steps = list(trace.steps)
    request = steps[2].request
    fewer = request.model_copy(update={"messages": request.messages[:-1]})
    steps[2] = steps[2].model_copy(update={"request": fewer, "key": "0" * 32})
    first = (await areplay(trace.model_copy(update={"steps": tuple(steps)}))).divergences[0]
    assert (first.kind, first.step) == ("history_changed", 3)
    assert "put together otherwise" in first.cause


# ---- calls


async def reordered(graph, way):
    async def tools(state, runtime):
        return await act.tools({**state, "pending": way(state["pending"])}, runtime)

    graph("tools", tools)


async def test_calls_of_one_message_in_another_order(graph):
    trace = await make("parallel")
    await reordered(graph, lambda pending: pending[::-1])
    result = await areplay(trace)
    first = result.divergences[0]
    assert (first.kind, first.step, result.status) == ("reordered", 2, "behavioural")
    assert result.divergences[1].kind == "state_write_changed"


async def test_an_order_that_nobody_sees_is_benign():
    trace = await make("parallel")
    steps = list(trace.steps)
    old = [step.index for step in steps]
    swapped = [steps[0], steps[2], steps[1], *steps[3:]]
    steps = [step.model_copy(update={"index": at}) for step, at in zip(swapped, old, strict=True)]
    found = compare_traces(trace, trace.model_copy(update={"steps": tuple(steps)}))
    assert [(item.kind, item.step, item.severity) for item in found] == [("reordered", 2, "benign")]


async def test_an_extra_call_between_two_recorded_ones(graph):
    trace = await make("parallel")
    new = LOOK.tool_requests[0].model_copy(update={"id": "call_new"})
    await reordered(graph, lambda pending: [*pending[:2], new, *pending[2:]])
    first = (await areplay(trace)).divergences[0]
    assert (first.kind, first.step) == ("extra_call", 4)


async def test_a_call_that_is_left_out_is_named(graph):
    trace = await make("parallel")
    await reordered(graph, lambda pending: [*pending[:1], *pending[2:]])
    first = (await areplay(trace)).divergences[0]
    assert (first.kind, first.step) == ("missing_call", 3) and '"a"' in first.before


async def test_a_call_that_was_refused_and_runs_today(monkeypatch):
    trace = await make("refused_calls")
    monkeypatch.setattr(act, "check_arguments", lambda tool, arguments: None)
    first = (await areplay(trace)).divergences[0]
    assert first.kind in ("tool_error_changed", "extra_call") and first.step == 4


async def test_each_later_difference_names_the_one_before_it():
    trace = await make("plain")
    tools = {"look": look_up("Revenue was 470 million in 2024.")}
    model = ScriptedModel(
        says("found"), drafts(("Revenue was 470 million in 2024.", "1", "470 million"))
    )
    result = await areplay(trace, live="all", model=model, tools=tools, changes={"k": 3})
    assert result.status == "identical"  # `look` does not depend on k
    result = await areplay(trace, live="tools", tools=tools, lenient=False)
    found = result.divergences
    assert kinds(found) == ["tool_result_changed", "state_write_changed", "history_changed"]
    assert found[0].cause == ""
    assert found[1].cause == "follows from step 2: tool_result_changed in tools"
    assert found[2].cause == "follows from step 2: state_write_changed in tools"


# ---- two records


async def test_two_records_of_one_run_do_not_differ():
    for name in scripts():
        one, two = await make(name), await make(name)
        assert [i for i in compare_traces(one, two) if i.severity != "info"] == [], name


async def test_two_records_of_other_runs():
    one = await record(ScriptedModel(LOOK, says("found"), GOOD))
    other = drafts(("Revenue was 412 million in 2023.", "1", "412 million in 2023"))
    two = await record(ScriptedModel(LOOK, says("found"), other))
    found = compare_traces(one, two)
    assert kinds(found)[0] == "reply_changed" and found[0].step == 4
    assert kinds(found)[-1] == "answer_changed"
    assert "parse_changed" not in kinds(found)


async def test_another_question_is_said_first():
    one = await make("plain")
    start = one.start.model_copy(update={"question": "What was revenue in 2023?"})
    found = compare_traces(one, one.model_copy(update={"start": start}))
    assert (found[0].kind, found[0].path) == ("question_changed", "/question")
    start = one.start.model_copy(update={"history": (("Hello?", "Hello."),)})
    found = compare_traces(one, one.model_copy(update={"start": start}))
    assert (found[0].kind, found[0].path) == ("history_changed", "/history/0")


async def test_an_error_and_a_reply():
    one = await make("plain")
    two = await record(ScriptedModel(*[busy()] * 3))
    found = compare_traces(one, two)
    assert kinds(found)[0] == "llm_error_changed" and found[0].before == "replied"


async def test_other_pieces_of_the_same_text_are_no_difference_that_counts():
    one = await make("plain")
    steps = list(one.steps)
    reply = steps[2].reply.model_copy(update={"chunks": (2, 3)})
    steps[2] = steps[2].model_copy(update={"reply": reply})
    found = compare_traces(one, one.model_copy(update={"steps": tuple(steps)}))
    assert [(item.kind, item.severity) for item in found] == [("stream_shape_changed", "info")]


async def test_a_record_that_stops_is_compared_as_far_as_it_goes():
    trace = await make("calculation")
    for count in range(len(trace.steps)):
        cut = trace.model_copy(
            update={
                "steps": trace.steps[:count],
                "nodes": tuple(n for n in trace.nodes if n.after <= count and n.node != "verify"),
                "answer": None,
                "status": "aborted",
            }
        )
        assert compare_traces(cut, trace) == [], count
        assert compare_traces(trace, cut) == [], count


# ---- records that are none, warnings, chance


async def header(tmp_path, **fields):
    store = TraceStore(tmp_path, fsync=False)
    trace = await make("plain", store)
    path = store.path(trace.id)
    first = json.loads(path.read_bytes().split(b"\n", 1)[0])
    del first["sum"]
    path.write_bytes(seal({**first, **fields}, "")[0])
    return path


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"format": "workings-trace/9"}, "schema_version"),
        ({"canonical": "c9"}, "codec_mismatch"),
        ({"redaction": "r0"}, "codec_mismatch"),
        ({"format": "other/1"}, "trace_corrupt"),
        ({"start": {}}, "trace_corrupt"),
    ],
)
async def test_a_recorder_that_changed_is_not_blamed_on_the_run(tmp_path, fields, kind):
    result = await areplay(await header(tmp_path, **fields))
    assert (result.status, kinds(result.divergences)) == ("broken", [kind])
    assert result.divergences[0].severity == "broken"


async def test_a_pipe_is_no_trace_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "pipe.jsonl")
    assert (await areplay(tmp_path / "pipe.jsonl")).status == "broken"


async def test_other_libraries_are_a_warning():
    trace = await make("plain")
    start = trace.start.model_copy(
        update={"fingerprints": {"langgraph": "0.1", "python": "2.7", "corpus": "x"}}
    )
    result = await areplay(trace.model_copy(update={"start": start}))
    assert result.status == "identical" and result.divergences == ()
    assert kinds(result.warnings) == ["env_drift", "env_drift"]
    assert result.warnings[0].before == "langgraph 0.1"


async def test_a_cut_record_is_a_warning():
    trace = await make("plain")
    cut = trace.model_copy(update={"steps": trace.steps[:1], "status": "aborted", "nodes": ()})
    result = await areplay(cut)
    assert result.prefix and kinds(result.warnings) == ["trace_truncated"]


async def test_chance_is_found_by_replaying_twice(graph):
    trace = await make("plain")
    numbers = itertools.count()

    async def agent(state, runtime):
        writes = await decide.agent(state, runtime)
        return {**writes, "stopped": f"{next(numbers)}"} if not writes["pending"] else writes

    assert (await areplay(trace, twice=True)).status == "identical"
    graph("agent", agent)
    first = (await areplay(trace, twice=True)).divergences[0]
    assert (first.kind, first.node, first.step) == ("unrecorded_nondet", "agent", 3)


# ---- grades


async def graded(tmp_path, trace, monkeypatch=None):
    case = GoldCase(id="c1", question=trace.question, contains=("467 million",))
    grades = grades_of(tmp_path / f"{trace.id}.jsonl")
    return regrade(case, trace, await areplay(trace), grades), grades.path


async def test_verdicts_are_kept_and_another_grader_grades_again(tmp_path, monkeypatch):
    from workings.evals import verdicts

    trace = await make("plain")
    first, path = await graded(tmp_path, trace)
    assert first.right and first.was_right and len(path.read_bytes().splitlines()) == 1

    def never(case, answer):
        raise AssertionError("it was graded again")

    monkeypatch.setattr(verdicts, "grade", never)
    assert (await graded(tmp_path, trace))[0] == first
    wrong = (Verdict(metric="correct", value=0.0, reason="stricter"),)
    monkeypatch.setattr(verdicts, "grade", lambda case, answer: wrong)
    monkeypatch.setattr(verdicts, "_code", lambda: "another grader")
    again, _ = await graded(tmp_path, trace)
    assert not again.right and len(path.read_bytes().splitlines()) == 2
    path.write_bytes(path.read_bytes()[:-9])
    assert (await graded(tmp_path, trace))[0] == again


async def test_a_lost_grade_is_a_divergence(tmp_path, monkeypatch):
    trace = await make("plain")
    monkeypatch.setattr(finalize, "parse_draft", lambda text: Draft(refused=True, reason="no"))
    change = (await graded(tmp_path, trace))[0].divergence(trace.id)
    assert (change.kind, change.before, change.severity) == (
        "grade_changed",
        "right",
        "behavioural",
    )


async def test_cases_are_found_by_id_and_by_question():
    trace = await make("plain")
    by_id = GoldCase(id=trace.id, question="other", refusal=True)
    by_question = GoldCase(id="q", question=trace.question.upper(), refusal=True)
    assert case_of(GoldSet(cases=(by_question, by_id)), trace) == by_id
    assert case_of(GoldSet(cases=(by_question,)), trace) == by_question
    assert unknown_cases(GoldSet(cases=(by_question, by_id)), []) == ["q", trace.id]


# ---- the command line


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = TraceStore(tmp_path / ".workings" / "traces", fsync=False)
    return store, asyncio.run(make("plain", store))


def run(capsys, *arguments):
    code = main([str(item) for item in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_trace_diff_says_what_and_where(home, capsys):
    store, trace = home
    assert run(capsys, "trace", "diff", trace.id, trace.id)[0] == 0
    other = asyncio.run(record(ScriptedModel(says("hello")), store))
    code, out, _ = run(capsys, "trace", "diff", trace.id, other.id)
    assert code == 1 and "reply changed" in out and "step 1 (agent)" in out
    code, out, _ = run(capsys, "trace", "diff", trace.id, other.id, "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert lines[0]["kind"] == "reply_changed" and lines[-1]["before"] == trace.id


def test_a_fork_stands_under_its_parent_in_the_list(home, capsys):
    _, trace = home
    code, out, _ = run(capsys, "replay", trace.id, "--from", "2", "--edit", "nothing")
    assert code == 1 and "recorded as" in out and "put in here by the fork" in out
    lines = run(capsys, "trace", "list")[1].splitlines()
    assert lines[0].startswith(trace.id) and "└ fork at step 2" in lines[1]
    told = json.loads(run(capsys, "trace", "list", "--json")[1].splitlines()[1])
    assert (told["parent"], told["forked_at"]) == (trace.id, 2)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "9", "--edit", "x"), "has no step 9: its steps are 1 to 4"),
        (("--from", "2"), "needs something to put in"),
        (("--edit", "x"), "--edit needs --from"),
        (("--from", "1", "--edit", '{"nothing": 1}'), "is a model call"),
        (("--set", "x"), "expected NAME=VALUE"),
        (("--set", "tempo=1"), "cannot be set in a replay"),
        (("--set", "model=extractive"), "needs --live model"),
        (("--live", "model"), "set model=NAME (extractive, openai:NAME or compatible:NAME)"),
        (("--docs", "x"), "are for --live"),
        (("--live", "tools", "--set", "k=no"), "k: 'no'"),
        (("--from", "1", "--edit", "x", "--twice"), "not for a fork"),
    ],
)
def test_what_cannot_be_done_is_said_with_code_2(home, capsys, arguments, said):
    code, _, err = run(capsys, "replay", home[1].id, *arguments)
    assert code == 2 and said in err
    assert len(list(home[0].folder.glob("*.jsonl"))) == 1


def test_gold_cases_that_no_run_is_about_are_named(home, capsys, tmp_path):
    _, trace = home
    lines = [
        {"id": "known", "question": trace.question, "contains": ["467"]},
        {"id": "stranger", "question": "Who?", "refusal": True},
    ]
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(line) + "\n" for line in lines))
    code, _, err = run(capsys, "replay", "last", "--gold", gold)
    assert code == 0 and "no run for 1 gold case: stranger" in err
    gold.write_text(json.dumps(lines[1]) + "\n")
    code, _, err = run(capsys, "replay", "last", "--gold", gold)
    assert code == 2 and "stranger" in err


def test_live_tools_at_the_command_line(home, capsys):
    code, out, _ = run(capsys, "replay", "last", "--live", "tools")
    # `look` is a tool of a program: it is not here to be run, so it is served
    assert code == 0 and "1 of 1 tool calls reused" in out


def test_lenient_and_set_at_the_command_line(home, capsys):
    code, out, _ = run(capsys, "replay", "last", "--lenient", "--set", "seed=3", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert code == 1 and [line["kind"] for line in lines[:-1]] == ["params_changed"] * 3


def test_a_replay_writes_nothing_into_the_trace(home, capsys):
    store, trace = home
    before = store.path(trace.id).read_bytes()
    run(capsys, "replay", trace.id, "--from", "2", "--edit", "x")
    run(capsys, "replay", trace.id, "--twice")
    assert store.path(trace.id).read_bytes() == before
    assert store.load(trace.id) == Trace.load(store.path(trace.id))
