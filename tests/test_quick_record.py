"""Whatever is changed in a record, the quick look calls identical only what the long way does."""

import asyncio
import copy

import pytest
from langchain_core.messages import HumanMessage
from test_quick import agent, recorded
from workings.evals.quick import same_graph
from workings.evals.replay import areplay
from workings.graphs.lines import opened, parse, seal
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError

OTHER = ("another", 7, False, None, [], {}, 1.5)
SHOWN = {"values", "messages", "seconds", "after", "superstep", "like", "created"}
SHOWN |= {"params", "tools", "call", "passages"}
UNHEARD = {("result", "content"), ("result", "expression")}
"""Of a record what shows what was asked, of which the key is held, or what this run does not hear:
the quick look leaves it alone, and a stranger who changes it, checksums and all, is told so by
`workings trace verify`."""


def records_of(path):
    found, previous = [], ""
    for line in path.read_bytes().splitlines():
        body, previous = opened(line, previous)
        found.append(parse(body))
    return found


def write(path, records):
    previous, lines = "", []
    for record in records:
        line, previous = seal(record, previous)
        lines.append(line)
    path.write_bytes(b"".join(lines))


def places(value, path=()):
    """Where a value, or a part of one, stands in a record."""
    yield path
    if isinstance(value, dict):
        for name, item in value.items():
            if name not in SHOWN and (*path, name) not in UNHEARD:
                yield from places(item, (*path, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from places(item, (*path, number))


def with_other(records, number, place, other):
    made = copy.deepcopy(records)
    inner = made[number]
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = other
    return made


def identical(path, graph):
    try:
        trace = Trace.load(path)
    except TraceError:
        return False
    return asyncio.run(areplay(trace, graph=graph)).status == "identical"


@pytest.fixture(scope="module")
def one(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one")
    return recorded(agent(), {"messages": [HumanMessage("hi")]}, folder)


def test_every_value_of_a_record_counts(one):
    records, graph = records_of(one), agent()
    assert same_graph(one, graph, turbo=True) is not None
    path = one.with_name("changed.jsonl")
    tried, wrong = 0, []
    for number, record in enumerate(records):
        for place in places(record):
            if not place:
                continue
            for other in OTHER:
                write(path, with_other(records, number, place, other))
                tried += 1
                if same_graph(path, graph, turbo=True) is None:
                    continue
                if not identical(path, graph):
                    wrong.append((number, record["t"], place, other))
    assert tried > 500 and not wrong


def test_every_line_that_is_missing_or_twice_counts(one):
    records, graph = records_of(one), agent()
    path = one.with_name("shifted.jsonl")
    for number in range(len(records)):
        for made in (
            records[:number] + records[number + 1 :],
            records[: number + 1] + records[number:],
        ):
            if "records" in made[-1]:
                made[-1] = {**made[-1], "records": len(made)}
            write(path, made)
            assert same_graph(path, graph, turbo=True) is None, number
