"""Redaction sees most values at a glance; what it then gives is what the long way gives."""

from hypothesis import given, settings
from hypothesis import strategies as st
from workings.graphs import redact as module
from workings.graphs.model import Message, ModelRequest

SECRETS = [
    "sk-abcdefgh12345678ijkl",
    "password=hunter22x",
    "Bearer abcdefgh12345678",
    "to\u212aen: abcdefgh12345678ijkl",
    "https://a:b@c",
]
NAMES = ["password", "token", "tokens", "key", "api_key", "secret", "Cookie", "passage"]
leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
    | st.sampled_from([*SECRETS, *NAMES])
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(NAMES), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=400, deadline=None)
@given(values, st.booleans())
def test_a_glance_and_the_long_way_agree(value, in_a_model):
    if in_a_model:
        messages = (Message(role="user", content="x"),)
        value = ModelRequest.model_construct(model="m", messages=messages, params={"p": value})
    glance = module._clean
    module._clean = lambda *_: False
    try:
        long_way = module.redact(value)
    finally:
        module._clean = glance
    assert repr(module.redact(value)) == repr(long_way)
