"""Runs of other programs come in whole, are replayed, and a stranger's file does no harm."""

import asyncio
import json
import random
import sys

import pytest
from foreign_records import BENCH, DOJO, INSPECT, RECORDS, WHO, chat
from workings.agent.cli import main
from workings.evals.exporting import export
from workings.evals.foreign import differences, messages_of
from workings.evals.importing import import_file, read_records, safe_id
from workings.evals.replay import replay
from workings.graphs.store import TraceStore
from workings.graphs.trace import ModelStep, ToolStep
from workings.tools.errors import TraceError


def brought(tmp_path, value, format=None, name="runs.json"):
    """Import a value from a file: the store, and what came of it."""
    path = tmp_path / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    store = TraceStore(tmp_path / "traces", fsync=False)
    return store, import_file(path, store, format)


def trace_of(tmp_path, value, name="runs.json"):
    store, result = brought(tmp_path, value, name=name)
    assert not result.refused
    return store.load(result.traces[0].trace)


@pytest.mark.parametrize("format", RECORDS)
def test_every_format_is_found_out_and_replays(tmp_path, format):
    store, result = brought(
        tmp_path, {"id": "A run", "format": "?", "raw": RECORDS[format]}, format
    )
    plain_store, plain = brought(tmp_path / "..", RECORDS[format], name=f"{tmp_path.name}.json")
    assert not result.refused
    assert {item.format for item in (*result.traces, *plain.traces)} == {format}
    for item in result.traces:
        assert item.trace.startswith("a-run")
        assert store.verify(item.trace) == ()
        assert replay(store.path(item.trace)).status == "identical"


def test_a_conversation_of_several_turns_is_kept_whole(tmp_path):
    trace = trace_of(tmp_path, chat())
    assert trace.question == "Which boats are red?"
    assert [type(step).__name__ for step in trace.steps] == [
        "ModelStep", "ToolStep", "ModelStep", "ModelStep", "ToolStep", "ToolStep", "ModelStep",
    ]  # fmt: skip
    assert [message.content for message in messages_of(trace)] == [
        m["content"] or "" for m in chat()
    ]
    assert trace.steps[4].raw_arguments == '{"colour":'
    assert trace.steps[4].arguments is None
    assert trace.answer.text == "One: Gull."


def test_what_the_model_saw_of_a_failed_call_is_its_error(tmp_path):
    trace = trace_of(tmp_path, DOJO)
    failed = next(step for step in trace.steps if isinstance(step, ToolStep))
    assert (failed.status, failed.error.message) == ("error", "ValueError: no such account")
    last = [step for step in trace.steps if isinstance(step, ModelStep)][-1]
    assert last.request.messages[2].content == "ValueError: no such account"


def test_a_call_that_nobody_answered_is_said_to_be_so(tmp_path):
    messages = [message for message in chat() if message.get("tool_call_id") != "c2"]
    trace = trace_of(tmp_path, messages)
    assert [step.error.type for step in trace.steps if step.error] == ["Unanswered"]
    assert replay(trace).ok


def test_results_out_of_order_and_of_nobody_are_not_lost(tmp_path):
    messages = chat()
    messages[7], messages[8] = messages[8], messages[7]
    messages.insert(3, {"role": "tool", "tool_call_id": "zzz", "content": "whose?"})
    trace = trace_of(tmp_path, messages)
    assert [m.content for m in messages_of(trace)] == [m["content"] or "" for m in messages]
    assert replay(trace).ok


def test_cut_off_nodes_are_read_as_far_as_they_go_and_never_evaluated(tmp_path):
    trace = trace_of(tmp_path, BENCH)
    assert trace.question == BENCH["query"]
    shown = [
        (step.raw_arguments, step.result["content"])
        for step in trace.steps
        if isinstance(step, ToolStep)
    ]
    assert shown == [('{"at": "Ash"}', 'it\'s "high"\n'), ("{}", "lo")]
    evil = "{'name': __import__('os').system('touch owned'), 'arguments': ''}"
    record = {
        **BENCH,
        "answer": {"answer_details": [{"role": "tool", "message": evil, "next": []}]},
    }
    assert read_records(record)[0][1].messages[0].message.content == evil


def test_agents_keep_their_names_and_only_they_speak(tmp_path):
    trace = trace_of(tmp_path, WHO)
    names = [step.name for step in trace.steps]
    assert names == ["Orchestrator (thought)", "Counter", "Checker"]
    assert [m.name for m in trace.steps[-1].request.messages] == [
        None, "Orchestrator (thought)", "Counter", "Computer_terminal",
    ]  # fmt: skip


def test_a_log_gives_a_trace_for_each_sample_and_attachments_are_put_back(tmp_path):
    store, result = brought(tmp_path, {"id": "log", "raw": INSPECT})
    assert [item.trace for item in result.traces] == ["log-boats-1-1", "log-boats-2-1"]
    first = store.load("log-boats-1-1")
    assert first.question == "a long text"
    assert [tool["name"] for tool in first.steps[0].request.tools] == ["go"]
    assert result.traces[1].note


def test_serialised_messages_are_read_as_data(tmp_path):
    human = {
        "lc": 1,
        "type": "constructor",
        "id": ["langchain", "schema", "HumanMessage"],
        "kwargs": {"content": "hi"},
    }
    said = {"lc": 1, "type": "constructor", "id": ["os", "AIMessage"], "kwargs": {"content": "ho"}}
    run = {
        "id": "r",
        "run_type": "llm",
        "inputs": {"messages": [[human]]},
        "outputs": {"generations": [[{"message": said}]]},
    }
    tree = {"id": "top", "run_type": "chain", "inputs": {}, "child_runs": [run]}
    trace = trace_of(tmp_path, tree)
    assert [m.content for m in messages_of(trace)] == ["hi", "ho"]


@pytest.mark.parametrize("place", range(11))
@pytest.mark.parametrize("kind", ["drop", "swap", "edit"])
def test_one_changed_message_is_named_by_its_place(tmp_path, place, kind):
    messages = chat()
    before = trace_of(tmp_path, messages, "before.json")
    if kind == "drop":
        del messages[place]
    elif kind == "edit":
        messages[place]["content"] = (messages[place]["content"] or "") + " now"
    elif place < 10:
        messages[place : place + 2] = messages[place : place + 2][::-1]
    else:
        return
    store, result = brought(tmp_path, messages, name="after.json")
    first = asyncio.run(differences(before, store.load(result.traces[0].trace)))[0]
    assert first.path.split("/")[:3] == ["", "messages", str(place)]


def test_the_difference_of_two_imported_runs_is_the_first_message(tmp_path, capsys):
    changed = chat()
    changed[-1]["content"] = "Thanks."
    brought(tmp_path, [{"id": "a", "raw": chat()}, {"id": "b", "raw": changed}])
    paths = [str(tmp_path / "traces" / f"{name}.jsonl") for name in "ab"]
    assert main(["trace", "diff", *paths, "--json", "--home", str(tmp_path)]) == 1
    first, total = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["path"] == "/messages/10/content"
    assert total["divergences"] == 1
    assert main(["trace", "diff", paths[0], paths[0], "--home", str(tmp_path)]) == 0


@pytest.mark.parametrize("fact", ["reply", "result", "input", "last result"])
def test_a_fact_that_no_longer_fits_the_requests_is_caught_by_a_replay(tmp_path, fact):
    messages = chat()[:-2] if fact == "last result" else chat()
    trace = trace_of(tmp_path, messages)
    steps = list(trace.steps)
    place = {"reply": 0, "result": 1, "last result": 5}.get(fact)
    if fact == "input":
        options = json.loads(json.dumps(trace.start.options))
        options["foreign"]["inputs"][2][0]["content"] = "And green?"
        trace = trace.model_copy(
            update={"start": trace.start.model_copy(update={"options": options})}
        )
    elif fact == "reply":
        reply = steps[place].reply.model_copy(update={"content": "Well."})
        steps[place] = steps[place].model_copy(update={"reply": reply})
    else:
        steps[place] = steps[place].model_copy(
            update={"result": {**steps[place].result, "content": "Owl"}}
        )
    result = replay(trace.model_copy(update={"steps": tuple(steps)}))
    expected = {"reply": 2, "result": 3, "input": 5, "last result": 8}[fact]
    assert not result.ok
    assert result.divergences[0].path.startswith(f"/messages/{expected}")


def test_an_unknown_format_is_refused_by_name_with_what_was_expected(tmp_path):
    _, result = brought(tmp_path, {"id": "a", "format": "swe_agent_traj", "raw": {"history": []}})
    assert "swe_agent_traj" in result.refused[0].error
    assert "agentdojo" in result.refused[0].error
    with pytest.raises(TraceError, match=r"'csv' is not known.*openai"):
        brought(tmp_path, chat(), "csv")
    _, result = brought(tmp_path, chat(), "toolbench")
    assert "answer_details" in result.refused[0].error


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '"text"', "[[[[1]]]]", "[" * 100_000, '{"messages": 3}', "\x00",
     '{"messages": [{"role": "user", "content": 3}]}', '[{"role": "robot", "content": ""}]',
     '[{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": 3}}]}]',
     '{"answer": {"answer_details": [3]}}', '{"eval": {}, "samples": []}', '{"post": [3]}',
     '{"resourceSpans": [3, {"scopeSpans": [{"spans": [{"attributes": 3}]}]}]}',
     '{"history": [3], "mistake_agent": 1}'],
)  # fmt: skip
def test_what_is_no_record_is_refused_in_a_sentence(tmp_path, text):
    store, result = brought(tmp_path, text)
    assert result.traces == []
    assert result.refused
    assert all(refusal.error for refusal in result.refused)
    assert not list(store.folder.glob("*.jsonl"))


def test_what_no_trace_could_hold_is_refused_and_leaves_nothing(tmp_path):
    long = [{"role": "user", "content": "x" * 26_000_000}, {"role": "assistant", "content": "y"}]
    store, result = brought(tmp_path, long)
    assert "26,0" in result.refused[0].error
    many = [{"role": "user", "content": "x"}, *[{"role": "assistant", "content": "y"}] * 2100]
    store, result = brought(tmp_path, many)
    assert "2,000,000 messages" in result.refused[0].error
    assert not list(tmp_path.glob("traces/*.jsonl"))


def test_a_bad_line_does_not_keep_the_others_out(tmp_path):
    good = [json.dumps({"id": name, "raw": chat()}) for name in ("a", "b")]
    store, result = brought(tmp_path, f"\ufeff{good[0]}\r\n\r\n{{\r\n{good[1]}\r\n")
    assert [item.trace for item in result.traces] == ["a", "b"]
    assert [refusal.record for refusal in result.refused] == [3]


def test_names_are_made_plain_and_told_apart(tmp_path):
    names = ["../../etc/passwd", "A b", "a-b", "x" * 90, "x" * 91, "", "é"]
    records = [{"id": name, "raw": chat()} for name in names]
    store, result = brought(tmp_path, records)
    assert len({item.trace for item in result.traces}) == len(names)
    assert {path.parent for path in tmp_path.rglob("*.jsonl")} == {store.folder}
    assert safe_id("Tau-1") == "tau-1"
    _, again = brought(tmp_path, records[:1])
    assert "already a trace" in again.refused[0].error


def test_secrets_of_a_stranger_are_not_written(tmp_path):
    secret = "sk-" + "a1b2c3d4" * 4
    messages = chat()
    messages[1]["content"] = f"my key is {secret}"
    messages[2]["tool_calls"][0]["function"]["arguments"] = json.dumps(
        {"api_key": "hunter2hunter2"}
    )
    store, result = brought(
        tmp_path, {"id": "s", "raw": messages, "outcome": {"password": "hunter2hunter2"}}
    )
    written = b"".join(p.read_bytes() for p in store.folder.rglob("*.json*"))
    assert b"hunter2" not in written and secret.encode() not in written
    assert replay(store.path("s")).ok


def test_importing_opens_only_the_file_and_its_own_folder(tmp_path):
    opened = []
    watch = [False]

    def hook(event, arguments):
        if not watch[0]:
            return
        if event in ("exec", "compile", "subprocess.Popen", "os.system", "socket.connect"):
            opened.append(event)
        elif (
            event == "open"
            and isinstance(arguments[0], str)
            and arguments[1]
            and set("wax+") & set(str(arguments[1]))
        ):
            opened.append(arguments[0])

    sys.addaudithook(hook)
    record = {"id": "../up", "raw": [*chat(), {"role": "user", "content": "file:///etc/passwd"}]}
    brought(tmp_path / ".." / tmp_path.name, record, name="first.json")
    watch[0] = True
    try:
        store, _ = brought(tmp_path, {**record, "id": "/etc/second"}, name="second.json")
    finally:
        watch[0] = False
    assert all(str(tmp_path) in str(name) for name in opened), opened


def test_the_command_lists_what_failed_and_ends_with_2_only_when_nothing_came_in(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"id": "good", "raw": chat()}), '{"id": "odd", "raw": {"x": 1}}']
    (tmp_path / "runs.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert main(["trace", "import", "runs.jsonl", "--out", "out"]) == 0
    out, err = capsys.readouterr()
    assert "good" in out and "1 refused" in out
    assert "runs.jsonl, record 2 (odd): its format is not known" in err
    assert main(["replay", "out/good.jsonl"]) == 0
    assert main(["trace", "import", "runs.jsonl", "--out", "out", "--json"]) == 2
    assert main(["trace", "import", "nowhere.json"]) == 2
    assert main(["trace", "import", "runs.jsonl", "--format", "csv"]) == 2
    assert "csv" in capsys.readouterr().err
    assert main(["trace", "import", "runs.jsonl", "--out", "runs.jsonl/no"]) == 2
    assert "no trace can be written to runs.jsonl/no" in capsys.readouterr().err


ODD = (
    None,
    True,
    3,
    -1.5,
    "",
    "x",
    "attachment://ab",
    [],
    {},
    [[]],
    [{}],
    [None],
    {"role": 3},
    {"": {}},
)


def places(value, path=()):
    yield path
    pairs = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in pairs:
        yield from places(item, (*path, key))


@pytest.mark.parametrize("format", RECORDS)
def test_a_record_with_anything_in_any_place_comes_in_or_is_refused(tmp_path, format):
    rng = random.Random(7)
    records = []
    for number, path in enumerate(places(RECORDS[format])):
        for odd in rng.sample(ODD, 3):
            record = {"id": f"r{number}", "raw": json.loads(json.dumps(RECORDS[format]))}
            holder, keys = record, ("raw", *path)
            for key in keys[:-1]:
                holder = holder[key]
            holder[keys[-1]] = odd
            records.append(record)
    store, result = brought(tmp_path, records)
    assert len(result.traces) + len(result.refused) >= len(records)
    for item in result.traces[::7]:
        assert replay(store.path(item.trace)).ok
        for form in ("openai", "otel", "bundle"):
            assert export(store.path(item.trace), form)
