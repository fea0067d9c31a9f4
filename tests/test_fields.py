"""Models are written field by field as pydantic writes them."""

import json

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, JsonValue, field_serializer
from workings.graphs.answer import Answer
from workings.graphs.canonical import canonical
from workings.graphs.fields import plain_defaults
from workings.graphs.model import Message, ModelReply, ModelRequest, OutputSchema
from workings.graphs.state import Draft
from workings.graphs.steps import ModelStep, Start, StepError, ToolStep
from workings.tools.documents import Passage

KINDS = [Answer, Draft, Message, ModelReply, ModelStep, Passage, Start, StepError, ToolStep]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)
st.register_type_strategy(JsonValue, JSON)


@settings(max_examples=20, deadline=None)
@given(st.data())
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_model_is_written_as_pydantic_writes_it(kind, data):
    values = {}
    for name, field in kind.model_fields.items():
        if field.is_required() or data.draw(st.booleans()):
            values[name] = data.draw(of(field.annotation))
    model = kind.model_construct(**values)
    plain = model.model_dump(mode="json", exclude_defaults=True, warnings=False)
    assert json.loads(canonical(model)) == json.loads(canonical(plain))
    try:
        expected = orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return
    assert canonical(model) == expected


def of(kind):
    if kind is ModelRequest:
        messages = st.tuples(st.builds(Message, role=st.just("user"), content=st.text(max_size=5)))
        schema = st.none() | st.builds(OutputSchema, name=st.just("o"), json_schema=st.just({}))
        return st.builds(
            ModelRequest,
            model=st.text(max_size=5),
            messages=messages,
            output=schema,
            params=st.just({}),
        )
    return st.from_type(kind)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"__annotations__": {"a": bytes}}, "bytes are no JSON"),
        ({"__annotations__": {"a": set[str]}}, "a set is no JSON"),
        ({"__annotations__": {"a": dict[int, str]}}, "the names of an object are texts"),
        ({"__annotations__": {"a": list[str]}, "a": Field(default_factory=list)}, "made anew"),
        ({"__annotations__": {"a": str}, "a": Field("", exclude=True)}, "left out"),
        (
            {"__annotations__": {"a": str}, "s": field_serializer("a")(lambda self, a: a[::-1])},
            "written its own way",
        ),
    ],
)
def test_what_needs_pydantic_is_left_to_it(fields, why):
    kind = type("Kind", (BaseModel,), {**fields, "__module__": __name__})
    assert plain_defaults(kind) is None, why


class Tree(BaseModel):
    """A model that holds itself."""

    name: str = ""
    branches: tuple["Tree", ...] = ()


def test_a_model_may_hold_itself():
    tree = Tree(branches=(Tree(name="a", branches=(Tree(name="b"),)), Tree()))
    assert canonical(tree) == b'{"branches":[{"branches":[{"name":"b"}],"name":"a"},{}]}'
