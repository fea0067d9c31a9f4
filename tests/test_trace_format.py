"""What the writer leaves out, the reader puts back: the same trace, in fewer bytes."""

import asyncio

import pytest
from recorded_runs import look_up
from scripted import ScriptedModel, calls, drafts
from workings.graphs.lines import opened, parse, seal
from workings.graphs.live import LiveCalls
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.steps import Start
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError


@pytest.fixture
def recorded(tmp_path):
    model = ScriptedModel(
        calls(("look", {"query": "revenue of the year"})),
        drafts(("Revenue was 467 million.", "1", "467 million")),
        *[drafts(("Revenue was 467 million.", "1", "467 million"))] * 3,
    )
    tools = {"look": look_up()}
    start = Start(
        id="small",
        created="2026-01-01T00:00:00+00:00",
        question="What was revenue in 2024?",
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        tools=tuple({**item.schema(), "effect": item.effect} for item in tools.values()),
    )
    store = TraceStore(tmp_path)
    made = asyncio.run(run(start, LiveCalls(model, 60), tools, Recorder(store))).trace
    return made, store.path("small")


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


@pytest.mark.parametrize("place", ["9999/0", "0/0", "", 7, None])
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
    model = made.start.model
    messages = {}
    last, tools = 0, None
    for item in told:
        if item["t"] == "node":
            last = item["superstep"] = last + 1
            for place, message in enumerate(item.get("values", {}).get("messages", ())):
                pointed = message.get("$") if isinstance(message, dict) else None
                messages[f"{item['n']}/{place}"] = pointed or message
        if item["t"] == "model.request":
            item["model"] = model
            if "like" in item:
                item["base"] = item.pop("like")
            tools = item.setdefault("tools", tools)
            item["messages"] = [
                messages[m["@"]] if isinstance(m, dict) and "@" in m else m
                for m in item["messages"]
            ]
    rewritten(path, told)
    read = Trace.load(path)
    assert (read.steps, read.nodes) == (made.steps, made.nodes)
