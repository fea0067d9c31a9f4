"""What a tool or a model may give and a trace must hold: odd names, long numbers, deep nesting."""

import asyncio
from contextvars import ContextVar

import pytest
from recorded_runs import GOOD, record
from scripted import ScriptedModel, calls, says
from workings.graphs.canonical import canonical
from workings.graphs.hashed import Hashed
from workings.graphs.hidden import forms
from workings.graphs.model import OutputSchema
from workings.graphs.redact import redact
from workings.graphs.steps import StepError
from workings.graphs.store import TraceStore
from workings.tools.tool import ToolResult, tool


def recorded(tmp_path, call, *tools):
    store = TraceStore(tmp_path)
    model = ScriptedModel(calls(call), says("found"), GOOD)
    made = asyncio.run(record(model, store, tools=tools))
    assert store.load(made.id).steps == made.steps
    return made.steps[1]


@pytest.mark.parametrize("value", [2**64, -(2**63) - 1, [10**400, 1e-7], {"a": {"b": 2**70}}])
def test_an_integer_over_64_bits_in_a_result_is_read_back(tmp_path, value):
    @tool
    async def count() -> ToolResult:
        """Count."""
        return ToolResult(content="many", data=value)

    assert recorded(tmp_path, ("count", {}), count).result["data"] == value


def test_a_long_integer_does_not_change_how_a_small_number_is_written():
    assert b"1e-7" in canonical({"a": 1e-7})
    assert b"1e-7" in canonical({"a": 1e-7, "b": 2**64, "c": StepError(type="x", message="y")})


def test_a_number_of_more_digits_than_are_written_is_refused_as_what_is_no_json():
    with pytest.raises(TypeError, match="digits"):
        canonical({"a": 10**5000})


def test_half_a_sign_in_the_name_of_an_argument_is_read_back(tmp_path):
    step = recorded(tmp_path, ("look", '{"\\ud800": 1}'))
    assert (step.status, step.arguments) == ("refused", {"\ufffd": 1})


def test_half_a_sign_in_a_name_within_a_model_is_replaced():
    schema = OutputSchema(name="x", json_schema={"\ud800": 1})
    assert redact(schema).json_schema == {"\ufffd": 1}
    assert Hashed().both(schema)[0].json_schema == {"\ufffd": 1}


@pytest.mark.parametrize("depth", [65, 300, 900])
def test_a_call_of_any_depth_is_refused_and_recorded(tmp_path, depth):
    step = recorded(tmp_path, ("look", '{"query": ' + "[" * depth + "]" * depth + "}"))
    assert (step.status, step.arguments) == ("refused", None)


def test_what_is_deeper_than_can_be_written_is_cut_and_hashed():
    deep: list = []
    for _ in range(5000):
        deep = [deep]
    assert Hashed().both({"a": deep})[1].startswith(b'{"a":[[')


def test_a_configured_key_that_is_no_whole_text_is_no_crash():
    assert "swordfish9\udc80" in forms(("swordfish9\udc80",))


@pytest.mark.parametrize("others", [(), (("look", {"query": "a"}),)])
def test_what_a_tool_sets_in_its_context_stays_there(others):
    place = ContextVar("place", default="nowhere")

    @tool
    async def move() -> str:
        """Move."""
        place.set("in the tool")
        return "moved"

    async def asked():
        await record(ScriptedModel(calls(("move", {}), *others), says("x"), GOOD), tools=(move,))
        return place.get()

    assert asyncio.run(asked()) == "nowhere"


def test_what_a_model_sets_in_its_context_is_not_the_caller_s():
    place = ContextVar("place", default="nowhere")

    class Moving(ScriptedModel):
        async def attempt(self, *request):
            place.set("in the model")
            return await super().attempt(*request)

    async def asked():
        await record(Moving(calls(("look", {"query": "a"})), says("x"), GOOD))
        return place.get()

    assert asyncio.run(asked()) == "nowhere"
