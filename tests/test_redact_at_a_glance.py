"""Redaction sees most values at a glance; what it then gives is what the long way gives."""

from hypothesis import given, settings
from hypothesis import strategies as st
from workings.graphs import redact as module
from workings.graphs.canonical import canonical
from workings.graphs.clean import Clean
from workings.graphs.hashed import Hashed
from workings.graphs.hidden import hiding
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


def long_way(value, secrets=()):
    glance = module._clean
    module._clean = lambda *_: False
    try:
        return module.redact(value, secrets)
    finally:
        module._clean = glance


@settings(max_examples=300, deadline=None)
@given(st.lists(values, max_size=4), st.booleans())
def test_what_a_run_holds_for_clean_is_what_redaction_leaves_as_it_is(given, configured):
    secrets = ("hunter22-hunter22",) if configured else ()
    clean = Clean(secrets)
    for value in [*given, *given, "hunter22-hunter22"]:
        model = ModelRequest.model_construct(model="m", messages=(), params={"p": value})
        for item in (value, model):
            if clean.holds(item):
                assert repr(long_way(item, secrets)) == repr(item)
        if clean.holds_again(value):
            assert repr(long_way(value, secrets)) == repr(value)


@settings(max_examples=400, deadline=None)
@given(values, st.booleans(), st.booleans())
def test_what_is_written_at_a_glance_is_what_the_long_way_writes(value, in_a_model, configured):
    secrets = ("hunter22-hunter22",) if configured else ()
    if in_a_model:
        value = ModelRequest.model_construct(model="m", messages=(), params={"p": value})
    clean, data = Hashed(secrets).both(value)
    assert repr(clean) == repr(long_way(value, secrets))
    assert data == canonical(long_way(value, secrets))


def test_names_of_our_own_fields_hide_no_secret_beside_them():
    for text in [
        'passage"password": "hunter22',
        'tokens":sk-abcdefgh12345678ijkl',
        '"key":"sk-abcdefgh12345678ijkl',
        "passage token=abcdefgh1234",
    ]:
        clean, data = Hashed().both({"passage": text, "tokens": 1})
        assert clean["passage"] == module.redact(text) and text.encode() not in data


def test_most_of_a_run_is_seen_to_be_clean():
    texts = ["What is the passage about?", "Revenue was 5.", "naïve", "tokens", ""]
    clean = Clean()
    assert all(map(clean.holds, [*texts, texts, {"key": texts, "n": [1, 2.5, None, True]}]))
    surrogate = "\ud800"
    for dirty in [
        "sk-abcdefgh12345678ijkl",
        {"password": "x"},
        surrogate,
        [float("nan")],
        {1: "a"},
    ]:
        assert not clean.holds(dirty) and not clean.holds([dirty])


def test_a_text_that_was_clean_is_looked_at_again_when_more_is_hidden():
    clean = Clean()
    assert clean.holds("hunter22-hunter22")
    with hiding(["hunter22-hunter22"]):
        assert not clean.holds("hunter22-hunter22")
    assert clean.holds("hunter22-hunter22")
