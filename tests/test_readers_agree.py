"""The three readers of traces never say different things of a file, whoever wrote it."""

import json
import time

import pytest
from recorded_runs import make
from test_trace_format import records, rewritten
from workings.graphs.blobs import Blobs
from workings.graphs.canonical import canonical, digest
from workings.graphs.chain import LIMIT, chained
from workings.graphs.glance import glance
from workings.graphs.requested import Requested
from workings.graphs.short import whole_answer
from workings.graphs.store import TraceStore
from workings.graphs.tape import NotPlain, tape
from workings.graphs.trace import Trace
from workings.tools.errors import TraceError


@pytest.fixture
async def edit(tmp_path):
    """A way to change the records of a run, checksums and all; numbers of records are its own."""
    store = TraceStore(tmp_path / "traces", fsync=False)
    path = store.path((await make("calculation", store)).id)
    told = records(path)

    def go(change):
        change(told)
        told[-1]["records"] = len(told)
        rewritten(path, told)
        return path

    go.blobs = store.blobs
    return go


def of(told, kind):
    return next(item for item in told if item["t"] == kind)


def refused(path):
    for reader in (Trace.load, glance):
        with pytest.raises(TraceError):
            reader(path)
    with pytest.raises(NotPlain):
        tape(path)


@pytest.mark.parametrize("like", [[], [1], {}, "", 1, [[], 1], None])
def test_a_request_that_is_like_none_is_refused(edit, like):
    def change(told):
        requests = [item for item in told if item["t"] == "model.request"]
        requests[-1]["like"] = like

    path = edit(change)
    with pytest.raises(TraceError, match="like|subscriptable|unhashable"):
        Trace.load(path)
    with pytest.raises(NotPlain):
        tape(path)


@pytest.mark.parametrize("place", [-1, -5, 10**6, 2**80])
def test_records_are_not_counted_from_the_end(edit, place):
    refused(edit(lambda told: told[-1].update(calculated=[place])))


@pytest.mark.parametrize("citations", [[[]], ["document"], "x", 1, {"document": 1}, [None]])
def test_citations_that_are_none_are_refused(edit, citations):
    answer = {"text": "x", "usage": {"model": "m"}, "citations": citations}
    refused(edit(lambda told: told[-1].update(answer=answer)))


@pytest.mark.parametrize("read", [2, 99, None, [1]])
def test_a_draft_that_no_reply_holds_is_on_no_tape(edit, read):
    path = edit(lambda told: of(told, "node").update(read=read))
    with pytest.raises(TraceError, match="no model call that was answered"):
        Trace.load(path)
    with pytest.raises(NotPlain):
        tape(path)


def test_only_a_node_reckons(edit):
    def change(told):
        of(told, "tool.result")["values"] = {"calculations": []}
        told[-1]["calculated"] = [told.index(of(told, "tool.result"))]

    refused(edit(change))


@pytest.mark.parametrize("fields", [{"whole": True}, {"n": 5}, {}])
def test_a_result_has_the_passages_that_every_reader_sees(edit, fields):
    passage = {
        "id": "p", "document": "a", "document_id": "a", "title": "a", "page": 1,
        "page_label": None, "text": "x",
    }  # fmt: skip

    for named, inner in ((True, True), (True, False), (False, True)):

        def change(told, named=named, inner=inner):
            result = of(told[::-1], "tool.result")  # its text is too short to be named again
            if "n" in fields:
                fields["n"] = told.index(result)
            result.update(fields)
            result["passages"] = [passage] if named else []
            result["result"] = {"content": "x", **({"passages": []} if inner else {})}
            told[-1]["answer"] = {"text": "x", "usage": {"model": "m"}}
            told[-1].pop("calculated", None)

        path = edit(change)
        index = of(records(path)[::-1], "tool.result")["i"]
        (step,) = (step for step in Trace.load(path).steps if step.index == index)
        (seen,) = (step for step in glance(path).steps if step.index == index)
        heard = [call for calls in tape(path).tools.values() for call in calls]
        (call,) = (call for call in heard if call.index == index)
        assert canonical(step.result) == canonical(seen.result) == canonical(call.result)


def test_a_record_that_looks_like_a_node_is_none(edit):
    def change(told):
        result = of(told, "tool.result")
        result |= {"writes": "0" * 16, "a": {"t": "node"}, "values": {}}

    path = edit(change)
    assert glance(path).steps[1].result == Trace.load(path).steps[1].result


def test_a_number_of_a_record_that_is_another_is_refused(edit):
    refused(edit(lambda told: of(told, "tool.result").update(n=1)))


@pytest.mark.parametrize(
    "bodies",
    [
        [b'{"a":[{"b":1}', b'{"c":2}]}', b'{"d":1},{"e":2}'],
        [b'{"a": 1}'],
        [b'{"b":1,"a":1}'],
        [b'{"a":1,"a":1}'],
    ],
)
def test_lines_that_are_not_canonical_are_no_records(bodies):
    from strangers import sealed

    with pytest.raises(ValueError):
        chained(sealed(bodies))


def test_an_integer_of_any_length_is_one_in_every_reader(edit):
    def change(told):
        of(told, "model.reply")["reply"]["tokens"] = {"input": 2**70, "output": -(2**70)}
        answer = told[-1]["answer"]
        if isinstance(answer, str):
            answer = json.loads(edit.blobs.get(answer))
        told[-1]["answer"] = {**answer, "value": 2**64}

    path = edit(change)
    read = Trace.load(path)
    assert read.answer.value == 2**64 == glance(path).answer.value
    made = tape(path)
    assert made.answer == digest(canonical(read.answer))
    assert made.replies[0].reply == read.steps[0].reply


def swollen(edit, requests, records_of):
    """The file of a run whose first reply, in a blob, has these requests and no content."""

    def change(told):
        reply = {"content": "x", "finish": "stop", "tool_requests": requests}
        place = told.index(of(told, "model.reply"))
        told[place]["reply"] = edit.blobs.put(canonical(reply))
        told[place + 1 : place + 1] = records_of(told[place]["i"])

    path = edit(change)
    assert Blobs(path.parent / "blobs")
    return path


NODE = {"t": "node", "node": "a", "superstep": 1, "writes": "0" * 16}


def quickly_refused(path):
    for reader in (Trace.load, glance, tape):
        began = time.perf_counter()
        with pytest.raises((TraceError, NotPlain)):
            reader(path)
        assert time.perf_counter() - began < 5


def test_many_nodes_that_say_many_requests_are_too_much(edit):
    for each, nodes in ((20_000, 1), (1000, 2000)):
        requests = [{"arguments": "{}", "id": "", "name": "a"}] * each
        said = [{**NODE, "said": [1, number]} for number in range(nodes)]
        quickly_refused(swollen(edit, requests, lambda i, said=said: said))


def test_many_calls_that_name_long_arguments_are_too_much(edit):
    requests = [{"arguments": json.dumps({"a": "x" * 200_000}), "id": "", "name": "a"}]

    def calls(i):
        call = {"t": "tool.request", "node": "a", "name": "a", "key": "0" * 16,
                "call": {"request_id": "call_7"}}  # fmt: skip
        return [{**NODE, "said": [i, 7]}, *({**call, "i": n} for n in range(1000, 2000))]

    quickly_refused(swollen(edit, requests, calls))


def test_many_values_in_arguments_are_too_much():
    requested = Requested()
    requested.name(['{"a":[%s1]}' % ("[]," * 100_000)], 1)
    with pytest.raises(ValueError, match="too much"):
        for _ in range(20):
            requested.call({"request_id": "call_1"})


def test_a_draft_of_which_little_is_left_is_read_for_what_it_is(edit):
    def change(told):
        place = told.index(of(told, "model.reply"))
        content = '{"a":"%s","a":""}' % ("x" * 1_000_000)
        told[place]["reply"] = edit.blobs.put(canonical({"content": content}))
        told[place + 1 : place + 1] = [{**NODE, "read": told[place]["i"]}] * 1000

    began = time.perf_counter()
    with pytest.raises(TraceError, match="by reference"):
        Trace.load(edit(change))
    assert time.perf_counter() - began < 5


def test_an_answer_does_not_grow_out_of_many_short_citations():
    passages = {"p": {"document": "x" * 300, "page": 1}}
    citation = {"marker": 1, "passage": "p", "quote": "", "verified": True}
    with pytest.raises(ValueError, match="citations"):
        whole_answer({"citations": [citation] * 2000}, "q", [], passages)


def test_a_node_record_without_values_takes_little_room(edit):
    def change(told):
        told[1:-1] = [{**NODE}]
        told[-1] = {"t": "run.end", "status": "done", "steps": 0}

    path = edit(change)
    assert Trace.load(path).nodes[0].model_fields_set == {"node", "superstep", "writes"}


def test_a_file_of_too_many_records_is_refused_by_every_reader(edit):
    path = edit(lambda told: told.__setitem__(slice(1, 1), [{"t": "x"}] * 100_001))
    assert path.stat().st_size < LIMIT
    refused(path)
