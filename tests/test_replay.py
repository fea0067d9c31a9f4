"""Replay through the real graph: unchanged code gives the same bytes, a change is told where."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from recorded_runs import CALCULATE, LOOK, make, scripts
from workings.evals.hermetic import NetworkBlocked, hermetic
from workings.evals.replay import areplay, replay
from workings.evals.replays import replay_many, trace_files
from workings.graphs import decide
from workings.graphs.prompts import Prompts
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError
from workings.tools.tool import tool


@pytest.mark.parametrize("name", scripts())
async def test_unchanged_code_replays_to_the_same_bytes(name, tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    trace = await make(name, store)
    loaded = store.load(trace.id)
    assert loaded == trace
    for given in (trace, loaded):
        result = await areplay(given)
        assert (result.status, result.divergences) == ("identical", ())
        if trace.answer is not None:
            assert result.answer.model_dump_json() == trace.answer.model_dump_json()
        assert not result.prefix
        result.raise_for_divergence()


async def test_a_second_process_with_another_hash_seed_agrees(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    for name in ("plain", "parallel", "structured"):
        await make(name, store)
    code = (
        "import sys; from workings.evals.replays import *\n"
        "print(replay_many(trace_files(sys.argv[1]))[1].identical)"
    )
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "LANGSMITH_TRACING": "true",
        "LANGSMITH_API_KEY": "none",
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        env=environment,
    )
    assert (done.stdout, done.stderr) == ("3\n", "")


async def diverge(trace, kind, **arguments):
    result = await areplay(trace, **arguments)
    assert (result.status, result.ok) == ("behavioural", False)
    first = result.divergences[0]
    assert first.kind == kind, result.divergences
    with pytest.raises(AssertionError, match=kind):
        result.raise_for_divergence()
    return first


async def test_a_changed_word_of_the_prompt_is_shown():
    prompts = Prompts()
    prompts = prompts.model_copy(
        update={"system": prompts.system.replace("shows where", "tells where")}
    )
    first = await diverge(await make("plain"), "prompt_changed", prompts=prompts)
    assert (first.step, first.node, first.path) == (1, "agent", "/messages/0/content")
    assert "shows where" in first.before and "tells where" in first.after


async def test_a_changed_tool_schema_is_shown():
    @tool
    def look(query: str, page: int = 1) -> str:
        """Search the documents."""
        return ""

    first = await diverge(await make("plain"), "tool_schema_changed", tools={"look": look})
    assert first.step == 1 and first.path == "/tools/0/parameters/properties/page"
    assert first.before == "(absent)"


def edited(trace, index, **update):
    steps = tuple(
        step.model_copy(update=update) if step.index == index else step for step in trace.steps
    )
    return trace.model_copy(update={"steps": steps})


async def test_another_tool_result_in_the_record_changes_the_history():
    trace = await make("plain")
    result = dict(trace.steps[1].result)
    result["passages"] = [{**result["passages"][0], "text": "Revenue was 466 million in 2024."}]
    first = await diverge(edited(trace, 2, result=result), "state_write_changed")
    assert first.node == "tools" and first.step == 2
    second = (await areplay(edited(trace, 2, result=result))).divergences[1]
    assert second.kind == "history_changed" and second.step == 3
    assert "state_write_changed in tools" in second.cause


async def test_changed_arguments_name_the_argument():
    trace = await make("plain")
    reply = LOOK.model_copy(
        update={
            "tool_requests": (
                LOOK.tool_requests[0].model_copy(update={"arguments": '{"query": "sales 2024"}'}),
            )
        }
    )
    result = await areplay(edited(trace, 1, reply=reply))
    kinds = [item.kind for item in result.divergences]
    assert kinds == ["parse_changed", "tool_args_changed"]
    assert result.divergences[1].path == "/query"
    assert result.divergences[1].before == "revenue 2024"


async def test_another_tool_name():
    trace = await make("plain")
    result = await areplay(edited(trace, 1, reply=CALCULATE))
    assert [d.kind for d in result.divergences] == ["parse_changed", "tool_name_changed"]


async def test_another_parameter_and_another_model():
    trace = await make("plain")
    start = trace.start.model_copy(update={"params": {"seed": 1}, "model": "other:m"})
    result = await areplay(trace.model_copy(update={"start": start}))
    assert [d.kind for d in result.divergences] == ["model_changed", "params_changed"]
    assert result.divergences[1].path == "/params/seed"


async def test_a_changed_output_schema(monkeypatch):
    from workings.graphs import finalize

    trace = await make("plain")
    monkeypatch.setitem(finalize.WIDE, "required", ["refused"])
    first = await diverge(trace, "output_schema_changed")
    assert first.node == "finalize" and first.path == "/output/json_schema/required/1"


async def test_a_changed_parser(monkeypatch):
    from workings.graphs import finalize

    trace = await make("plain")
    original = finalize.parse_draft
    monkeypatch.setattr(
        finalize,
        "parse_draft",
        lambda text: d.model_copy(update={"value": "467"}) if (d := original(text)) else None,
    )
    first = await diverge(trace, "parse_changed")
    assert (first.node, first.path) == ("finalize", "/nodes/3/writes/draft/value")


async def test_an_extra_and_a_missing_call(monkeypatch):
    trace = await make("plain")
    fewer = trace.model_copy(update={"steps": trace.steps[:-1]})
    assert (await diverge(fewer, "extra_call")).node == "finalize"
    more = trace.model_copy(
        update={"steps": (*trace.steps, trace.steps[1].model_copy(update={"index": 9}))}
    )
    assert (await diverge(more, "missing_call")).step == 9


async def test_a_changed_route_comes_before_what_follows(monkeypatch):
    trace = await make("plain")

    async def agent(state, runtime):
        writes = await decide.agent(state, runtime)
        return {**writes, "stopped": "requests"}

    from workings.graphs import graph

    monkeypatch.setattr(graph, "agent", agent)
    graph.compiled.cache_clear()
    try:
        result = await areplay(trace)
    finally:
        graph.compiled.cache_clear()
    kinds = [item.kind for item in result.divergences]
    assert kinds[:2] == ["state_write_changed", "route_changed"]
    assert (result.divergences[1].before, result.divergences[1].after) == ("tools", "finalize")


async def test_another_answer_is_behavioural_other_usage_is_not():
    trace = await make("plain")
    other = trace.answer.model_copy(update={"text": "Revenue was 468 million in 2024."})
    first = await diverge(trace.model_copy(update={"answer": other}), "answer_changed")
    assert first.path == "/answer/text"
    usage = trace.answer.usage.model_copy(update={"requests": 99})
    other = trace.answer.model_copy(update={"usage": usage})
    result = await areplay(trace.model_copy(update={"answer": other}))
    assert (result.status, result.ok) == ("benign", True)
    assert result.divergences[0].path == "/answer/usage/requests"


async def test_a_cut_record_replays_as_a_prefix(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    trace = await make("calculation", store)
    data = store.path(trace.id).read_bytes()
    lines = data.splitlines(keepends=True)
    for count in range(1, len(lines)):
        store.path("cut").write_bytes(b"".join(lines[:count]) + b'{"torn')
        cut = store.load("cut")
        assert (cut.status, cut.dropped_bytes) == ("aborted", 6)
        result = await areplay(cut)
        assert result.divergences == () and result.status == "identical"
        assert result.prefix or result.answer is not None


async def test_a_damaged_record_is_broken_and_a_missing_one_an_error(tmp_path):
    bad = tmp_path / "bad.jsonl"
    bad.write_text("[]\n")
    result = await areplay(bad)
    assert (result.status, result.divergences[0].kind) == ("broken", "trace_corrupt")
    assert "line 1" in result.divergences[0].after
    with pytest.raises(TraceError, match="there is no trace file"):
        await areplay(tmp_path / "none.jsonl")


async def test_a_profile_of_another_making_is_broken():
    trace = await make("plain")
    start = trace.start.model_copy(update={"profile": {"decision": "guess"}})
    assert (await areplay(trace.model_copy(update={"start": start}))).status == "broken"


async def test_a_result_that_no_tool_gives_is_broken():
    trace = await make("plain")
    result = await areplay(edited(trace, 2, result={"content": 5}))
    assert result.status == "broken" and "content" in result.divergences[0].after


async def test_replay_works_inside_a_running_loop():
    assert replay(await make("plain")).ok


async def test_many_replays_are_counted(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    for name in ("plain", "parallel"):
        await make(name, store)
    (tmp_path / "bad.jsonl").write_text("x\n")
    seen = []
    replays, totals = await asyncio.to_thread(
        replay_many, trace_files(tmp_path), 1, lambda done, of: seen.append((done, of))
    )
    assert (totals.traces, totals.identical, totals.broken) == (3, 2, 1)
    assert seen == [(1, 3), (3, 3)] and len(replays) == 3
    with pytest.raises(TraceError, match="no traces"):
        trace_files(tmp_path / "none")


@pytest.mark.sweep
async def test_a_pool_gives_the_same_counts(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    for _ in range(100):
        for name in ("plain", "parallel"):
            await make(name, store)
    _, totals = await asyncio.to_thread(replay_many, trace_files(tmp_path), 2)
    assert (totals.traces, totals.identical) == (200, 200)


async def test_nothing_reaches_the_network_under_the_guard():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        address = server.getsockname()
        with hermetic() as tried:
            with pytest.raises(NetworkBlocked), socket.socket() as client:
                client.connect(address)
            with pytest.raises(NetworkBlocked):
                await asyncio.to_thread(socket.getaddrinfo, "example.invalid", 80)
            assert len(tried) == 2
        with socket.socket() as client:
            client.connect(address)


async def test_a_swallowed_attempt_is_a_divergence(monkeypatch):
    from workings.graphs import graph

    trace = await make("plain")

    async def agent(state, runtime):
        with contextlib.suppress(Exception):
            socket.getaddrinfo("example.invalid", 80)
        return await decide.agent(state, runtime)

    monkeypatch.setattr(graph, "agent", agent)
    graph.compiled.cache_clear()
    try:
        await diverge(trace, "egress_blocked")
    finally:
        graph.compiled.cache_clear()


async def test_a_secret_in_a_page_is_not_on_disk_and_replays(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    trace = await make("plain", store)
    written = b"".join(path.read_bytes() for path in Path(tmp_path).rglob("*") if path.is_file())
    assert b"sk-abcdefgh" not in written and b"[redacted:sk:" in written
    assert Trace.load(store.path(trace.id)) == trace
