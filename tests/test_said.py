"""What stands in a trace once is put back where it was: the reader's trace is the recorder's."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json
from recorded_runs import TEXT, look_up
from scripted import ScriptedModel, calls, drafts
from test_trace_format import records, rewritten
from workings.graphs.answer import Answer, Calculation, Citation, Usage
from workings.graphs.canonical import canonical
from workings.graphs.glance import glance
from workings.graphs.live import LiveCalls
from workings.graphs.model import Message, ModelReply, ModelRequest, OutputSchema, ToolRequest
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.said import again, held, said_again
from workings.graphs.short import (
    reckoned,
    short_answer,
    short_call,
    short_result,
    whole_answer,
    whole_call,
    whole_result,
)
from workings.graphs.steps import Approval, ModelStep, Start, ToolStep
from workings.graphs.store import TraceStore
from workings.graphs.tape import NotPlain, tape
from workings.graphs.trace import Trace
from workings.tools.calculator import calculator_tool
from workings.tools.errors import TraceError

QUOTE = "Revenue was 467 million in 2024 and 412 million in 2023"
ALL = f"{QUOTE}, so the total is 879 million."
REQUEST = ToolRequest(id="service-0", name="look", arguments='{"query": "x"}')
OWN = REQUEST.model_copy(update={"id": "call_3"})
DRAFT = '{"refused": false, "reason": "", "sentences": [{"text": "It is 5."}], "unit": ""}'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run that finds, reckons and cites, as it was recorded, and its file."""
    expression = "467 + 412"
    model = ScriptedModel(
        calls(("look", {"query": "revenue of the year"})),
        calls(("calculator", {"expression": expression})),
        *[drafts((ALL, "1", QUOTE))] * 3,
    )
    tools = {"look": look_up(TEXT), "calculator": calculator_tool()}
    start = Start(
        id="one",
        created="2026-01-01T00:00:00+00:00",
        question="What was the revenue of 2023 and 2024 in all, in millions?",
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
        tools=tuple({**item.schema(), "effect": item.effect} for item in tools.values()),
    )
    store = TraceStore(tmp_path_factory.mktemp("said"), fsync=False)
    answer = asyncio.run(run(start, LiveCalls(model, 60), tools, Recorder(store)))
    return answer.trace, store.path("one")


@pytest.fixture
def edited(made, tmp_path):
    """A way to change the records of that run, checksums and all."""
    path = tmp_path / "one.jsonl"
    (tmp_path / "blobs").symlink_to(made[1].parent / "blobs")

    def edit(change):
        told = records(made[1])
        change({item["t"] + str(item.get("i", item.get("node", ""))): item for item in told})
        rewritten(path, told)
        return path

    return edit


def test_nothing_is_written_twice_and_all_of_it_is_read(made):
    trace, path = made
    data = path.read_bytes()
    assert trace.answer.citations and trace.answer.calculations
    for text in (trace.start.question, '\\"sentences\\"', '{\\"expression\\"', "operands"):
        assert data.count(text.encode()) == 1, text
    read = Trace.load(path)
    assert (read.start, read.steps, read.nodes) == (trace.start, trace.steps, trace.nodes)
    assert canonical(read.answer) == canonical(trace.answer) == canonical(glance(path).answer)


def kept_of(message, pending):
    return {"messages": [canonical(message)], "pending": [canonical(item) for item in pending]}


def step_of(reply):
    request = ModelRequest(model="m", messages=())
    return ModelStep(index=1, node="n", name="n", key="", request=request, reply=reply)


def test_the_message_and_the_requests_of_a_reply_are_named():
    reply = ModelReply(content="so", tool_requests=(REQUEST,))
    message = Message(role="assistant", content="so", tool_requests=(OWN,))
    assert again(step_of(reply), kept_of(message, [OWN])) == {"said": [1, 3]}
    told = said_again(reply, 3)
    assert kept_of(told["messages"][0], told["pending"]) == kept_of(message, [OWN])
    plain = {"messages": [canonical(Message(role="assistant", content="so"))]}
    assert again(step_of(ModelReply(content="so")), plain) == {"said": [1, 0]}


@pytest.mark.parametrize(
    "change",
    [
        {"content": "other"},
        {"role": "user"},
        {"native": "{}"},
        {"name": "ann"},
        {"tool_requests": (REQUEST,)},
        {"tool_requests": (OWN.model_copy(update={"arguments": "{}"}),)},
        {"tool_requests": (OWN.model_copy(update={"name": "calculator"}),)},
        {"tool_requests": (OWN.model_copy(update={"id": "call_03"}),)},
        {"tool_requests": (OWN, OWN)},
        {"tool_requests": ()},
    ],
)
def test_what_a_reply_does_not_say_is_written_in_full(change):
    step = step_of(ModelReply(content="so", tool_requests=(REQUEST,)))
    message = Message(role="assistant", content="so", tool_requests=(OWN,))
    other = message.model_copy(update=change)
    assert again(step, kept_of(other, other.tool_requests)) == {}
    assert again(step, kept_of(message, [])) == {}
    assert again(step, {"messages": [canonical({"#": "x"})], "pending": [canonical(OWN)]}) == {}


@pytest.mark.parametrize("content", [DRAFT, DRAFT[:-1], "[1]", '{"refused": true, "n": NaN}'])
def test_a_draft_is_named_where_the_reply_holds_it(content):
    draft = b'{"refused":false,"sentences":[{"text":"It is 5."}]}'
    found = again(step_of(ModelReply(content=content)), {"draft": draft})
    assert found == ({"read": 1} if content == DRAFT else {})
    if found:
        assert canonical(held(content)) == draft


PASSAGE = {
    "id": "d1-1-1", "document": "a.pdf", "document_id": "d1", "title": "A", "page": 1,
    "page_label": None, "text": "x", "header": "", "url": None, "date": None,
}  # fmt: skip
empties = st.sampled_from([None, "", "x", 0, False, [], {}, 1.5])


@pytest.mark.parametrize("id", [{}, [], None, 1])
def test_a_passage_that_cannot_be_found_by_its_id_stands_in_a_whole_result(id):
    result = {"content": "", "data": None, "expression": None, "passages": [{**PASSAGE, "id": id}]}
    assert short_result(result) is None


@given(
    st.dictionaries(st.sampled_from(["content", "data", "expression", "passages", "odd"]), empties),
    st.lists(st.dictionaries(st.sampled_from([*PASSAGE, "odd"]), empties), max_size=2),
)
def test_a_result_is_read_as_it_was_whatever_it_holds(result, changes):
    result = {"content": "", "data": None, "expression": None, **result}
    if "passages" not in result:
        result["passages"] = [{**PASSAGE, **change} for change in changes]
    short = short_result(result)
    if short is not None:
        assert canonical(whole_result({}, *short)) == canonical(result)


@given(st.sampled_from(['{"a": 1}', '{"a": 1.0}', '{"a": true}', '{"a": [1e999]}', "[", "{}"]))
def test_arguments_are_left_out_only_where_the_reply_says_them_exactly(raw):
    for arguments in ({"a": 1}, {"a": 1.0}, {"a": True}, {}, None):
        step = ToolStep(
            index=2, node="t", name="look", key="", request_id="call_1", arguments=arguments,
            raw_arguments=raw,
        )  # fmt: skip
        for asked in ({}, {"call_1": raw}, {"call_1": raw + " "}):
            whole = whole_call(short_call(step, asked), asked)
            assert canonical(whole.get("arguments")) == canonical(arguments)
            assert (whole["raw_arguments"], whole["request_id"]) == (raw, "call_1")


def test_an_answer_is_read_as_it_was():
    citation = Citation(
        marker=1, passage="d1-1-1", document="a.pdf", page=1, page_label=None, url=None,
        quote="x", verified=True,
    )  # fmt: skip
    reckoning = Calculation(expression="1 + 1", result="2")
    others = ({}, {"document": "b.pdf"}, {"page": 2}, {"url": "x" * 400}, {"passage": "d2"})
    for change in others:
        for question in ("q", "another"):
            for told in ((), (reckoning,)):
                answer = Answer(
                    question=question, text="t", usage=Usage(model="m"), calculations=told,
                    citations=(citation.model_copy(update=change), citation),
                )  # fmt: skip
                passages = {"d1-1-1": {**PASSAGE, "url": change.get("url")}}
                known = [canonical(reckoning)]
                short = from_json(canonical(short_answer(answer, "q", known, passages)))
                left = bool(told) and "calculations" not in short
                whole = whole_answer(short, "q", [from_json(known[0])] if left else [], passages)
                assert canonical(whole) == canonical(answer)


@pytest.mark.parametrize(
    "record, change, message",
    [
        ("nodeagent", {"said": [1, -1]}, "no number of a tool request"),
        ("nodeagent", {"said": [1, "1"]}, "expected a step and"),
        ("nodeagent", {"said": [2, 1]}, "no model call that was answered"),
        ("nodeagent", {"said": 7}, "said is 7: expected a step and"),
        ("nodefinalize", {"read": 1}, "Expecting value|expected value|EOF"),
        ("nodefinalize", {"read": [1]}, "no model call that was answered"),
        ("tool.request2", {"call": {"request_id": "call_9"}}, "no model asked for the call"),
        ("tool.request2", {"call": {}}, "request_id"),
        ("run.end", {"calculated": [9, 9]}, "not in order"),
        ("run.end", {"calculated": [0]}, "record 0 reckons nothing"),
        ("run.end", {"calculated": "x"}, "expected numbers of records"),
    ],
)
def test_a_reference_to_nothing_is_refused_by_every_reader(edited, record, change, message):
    path = edited(lambda told: told[record].update(change))
    with pytest.raises(TraceError, match=message):
        Trace.load(path)
    # of a node the others look only at what it says of a tool's call
    if record != "nodefinalize":
        with pytest.raises(NotPlain):
            tape(path)
        with pytest.raises(TraceError, match=message):
            glance(path)


def test_a_citation_of_a_passage_that_was_not_found_is_refused(edited):
    def change(told):
        told["run.end"]["answer"]["citations"][0]["passage"] = "d9-9-9"

    path = edited(change)
    for reader in (Trace.load, glance):
        with pytest.raises(TraceError, match="no passage 'd9-9-9' was found"):
            reader(path)
    with pytest.raises(NotPlain):
        tape(path)


def test_a_record_that_is_named_twice_is_not_reckoned_twice():
    with pytest.raises(ValueError, match="not in order"):
        reckoned([3, 3], {3: [1]}.__getitem__)


@pytest.mark.parametrize("odd", [{"~": 1}, {"~": "1/0"}, {"$": "x"}, {"~": {"content": ["x"]}}])
def test_a_value_of_ours_that_looks_like_a_reference_is_itself(odd, tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    recorder = Recorder(store)
    recorder.start(Start(id="own", created="2026-01-01", question="q", model="m"))
    writes = {"searches": [odd], "lookup": odd}
    recorder.wrote("n", 1, recorder.hashed.writes(writes), None, writes)
    assert store.load("own").nodes == recorder.end().nodes


def test_what_a_person_allowed_is_the_same_in_memory_and_on_disk(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    recorder = Recorder(store)
    recorder.start(Start(id="own", created="2026-01-01", question="q", model="m"))
    recorder.approval(Approval(decisions={"sk-abcdefgh12345678ijkl": True}))
    trace = recorder.end()
    assert store.load("own").approvals == trace.approvals
    assert "sk-abc" not in str(trace.approvals)


def test_a_schema_with_a_number_that_is_not_finite_is_the_same_in_memory_and_on_disk(tmp_path):
    store = TraceStore(tmp_path, fsync=False)
    recorder = Recorder(store)
    recorder.start(Start(id="own", created="2026-01-01", question="q", model="m"))
    output = OutputSchema(name="o", json_schema={"default": float("nan")})
    request = ModelRequest(model="m", messages=(), output=output)
    recorder.request(ModelStep(index=1, node="n", name="n", key="", request=request))
    assert store.load("own").steps[0].request == recorder.trace.steps[0].request
