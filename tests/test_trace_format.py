"""What the writer leaves out, the reader puts back: the same trace, in fewer bytes."""

import asyncio

import pytest
from pydantic_core import from_json
from recorded_runs import TEXT, look_up
from scripted import ScriptedModel, calls, drafts
from workings.graphs.canonical import canonical
from workings.graphs.glance import glance
from workings.graphs.lines import opened, parse, seal
from workings.graphs.live import LiveCalls
from workings.graphs.model import ModelRequest
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.steps import ModelStep, Start
from workings.graphs.store import TraceStore
from workings.graphs.tape import tape
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError
from workings.tools.tool import ToolResult


def recorded_in(store, id, text=TEXT):
    model = ScriptedModel(
        calls(("look", {"query": "revenue of the year"})),
        drafts(("Revenue was 467 million.", "1", "467 million")),
        *[drafts(("Revenue was 467 million.", "1", "467 million"))] * 3,
    )
    tools = {"look": look_up(text)}
    start = Start(
        id=id,
        created="2026-01-01T00:00:00+00:00",
        question="What was revenue in 2024?",
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        tools=tuple({**item.schema(), "effect": item.effect} for item in tools.values()),
    )
    made = asyncio.run(run(start, LiveCalls(model, 60), tools, Recorder(store))).trace
    return made, store.path(id)


@pytest.fixture
def recorded(tmp_path):
    return recorded_in(TraceStore(tmp_path), "small")


def records(path):
    found, previous = [], ""
    for line in path.read_bytes().splitlines():
        body, previous = opened(line, previous)
        record = parse(body)
        found.append(record)
    return found


def rewritten(path, made):
    lines, previous = [], ""
    for record in made:
        line, previous = seal(record, previous)
        lines.append(line)
    path.write_bytes(b"".join(lines))


def test_what_is_read_is_what_happened(recorded):
    made, path = recorded
    read = Trace.load(path)
    assert (read.start, read.steps, read.nodes) == (made.start, made.steps, made.nodes)


def test_a_message_that_a_node_wrote_and_the_tools_stand_once(recorded):
    second = [item for item in records(recorded[1]) if item["t"] == "model.request"][1]
    assert second["like"][1] == 2 and "tools" not in second and "model" not in second
    assert all(item.keys() == {"@"} for item in second["messages"])


def test_a_passage_stands_in_the_line_until_another_run_is_shown_it(tmp_path):
    store, long = TraceStore(tmp_path), TEXT * 10
    where = []
    for id in ("first", "second", "third"):
        made, path = recorded_in(store, id, long)
        result = next(item for item in records(path) if item["t"] == "tool.result")
        where.append(type(result["passages"][0]))
        assert Trace.load(path).steps == made.steps
    assert where == [dict, str, str]
    _, path = recorded_in(TraceStore(tmp_path), "another-process", long)
    result = next(item for item in records(path) if item["t"] == "tool.result")
    assert isinstance(result["passages"][0], str)


def test_what_the_runs_of_one_assistant_have_in_common_stands_once(tmp_path):
    store = TraceStore(tmp_path)
    starts = [records(recorded_in(store, id)[1])[0]["start"] for id in ("a", "b")]
    assert starts[0]["setup"] == starts[1]["setup"]
    assert not starts[0].keys() & {"tools", "profile", "limits", "params"}
    first = next(item for item in records(store.path("a")) if item["t"] == "model.request")
    assert first["tools"] is True
    read = Trace.load(store.path("a"))
    assert read.start.tools[0]["effect"] and "effect" not in read.steps[0].request.tools[0]


def test_parameters_that_are_only_equal_are_written_again(tmp_path):
    store = TraceStore(tmp_path)
    writer = store.writer("one")
    writer.start(Start(id="one", created="2026-01-01T00:00:00+00:00", question="q", model="m"))
    told = [{"temperature": 1}, {"temperature": 1.0}, {"temperature": True}]
    for index, params in enumerate(told, start=1):
        request = ModelRequest(model="m", params=params, messages=())
        writer.model_request(
            ModelStep(index=index, node="n", name="n", key="0" * 16, request=request)
        )
    writer.close()
    read = [step.request.params for step in Trace.load(store.path("one")).steps]
    assert repr(read) == repr(told)


def test_what_is_given_in_two_places_is_refused(recorded):
    path = recorded[1]
    made = records(path)
    made[0]["start"]["limits"] = {}
    made[0]["start"]["setup"] = {"limits": {}}
    rewritten(path, made)
    with pytest.raises(TraceError, match="given twice"):
        Trace.load(path)


@pytest.mark.parametrize("place", ["9999/0", "0/1", "", 7, None])
def test_a_place_where_no_message_was_written_is_named(recorded, place):
    path = recorded[1]
    made = records(path)
    second = [item for item in made if item["t"] == "model.request"][1]
    second["messages"][0] = {"@": place}
    rewritten(path, made)
    with pytest.raises(TraceError, match="no node wrote a message"):
        Trace.load(path)


def test_a_trace_with_base_and_every_field_is_read_the_same(recorded):
    made, path = recorded
    told = records(path)
    steps = {step.index: step.model_dump(mode="json") for step in made.steps}
    nodes = iter(made.nodes)
    tools = None
    for number, item in enumerate(told):
        item["n"] = number
        step = steps.get(item.get("i"), {})
        if item["t"] == "node":
            node = next(nodes).model_dump(mode="json")
            item |= {**node, "writes": node["writes"] * 2}
            item.pop("said", None), item.pop("read", None)
        if item["t"].endswith(".request"):
            item |= {"node": step["node"], "name": step["name"], "key": step["key"] * 2}
        if item["t"] == "tool.request":
            item["call"] = {
                name: step[name] for name in ("request_id", "arguments", "raw_arguments")
            }
        if item["t"] == "tool.result":
            item["passages"] = step["result"].pop("passages")
            item["result"] = step["result"]
        if item["t"] == "model.request":
            item["model"] = made.start.model
            if "like" in item:
                item["base"] = item.pop("like")
            tools = item.setdefault("tools", tools)
            kept = item.get("base", [0, 0])[1]
            item["messages"] = step["request"]["messages"][kept:]
        if item["t"] == "run.end":
            item.pop("calculated", None)
            item["answer"] = from_json(canonical(made.answer))
    before = tape(path)
    rewritten(path, told)
    read = Trace.load(path)
    assert (read.steps, read.nodes, read.answer) == (made.steps, made.nodes, made.answer)
    assert glance(path).answer == made.answer
    after = tape(path)
    assert (after.models, after.nodes, after.answer) == (before.models, before.nodes, before.answer)
    assert list(after.tools) == list(before.tools)
    for old, new in zip(before.tools.values(), after.tools.values(), strict=True):
        assert [(item.asked, ToolResult.model_validate(item.result)) for item in old] == [
            (item.asked, ToolResult.model_validate(item.result)) for item in new
        ]
