"""Redaction: secrets of every shape go, prose stays, twice is once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workings.graphs.model import Message, ModelRequest, ToolRequest
from workings.graphs.redact import find_secrets, redact

SECRETS = {
    "openai": "sk-proj-Abc123Def456Ghi789",
    "tavily": "tvly-dev-AbCdEf123456",
    "jwt": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1g",
    "aws": "AKIAIOSFODNN7EXAMPLE",
    "github": "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "slack": "xoxb-17653672481-19874698323",
    "base64": "c2stcHJvai1BYmMxMjNEZWY0NTZHaGk3ODk=",
}
IN_PLACE = {
    "bearer": ("Authorization: Bearer AbCdEf123456.xyz", "AbCdEf123456.xyz"),
    "basic": ('{"Authorization": "Basic dXNlcjpwYXNzd29yZA=="}', "dXNlcjpwYXNzd29yZA=="),
    "userinfo": ("see https://ann:hunter2@example.com/x", "ann:hunter2"),
    "assignment": ("export API_KEY=zz99yy88xx77", "zz99yy88xx77"),
    "json text": (r'{"arguments": "{\"password\": \"hunter2\"}"}', "hunter2"),
    "cookie": ("Cookie: session=0a1b2c3d4e5f", "0a1b2c3d4e5f"),
    "aws secret": (
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "wJalrXUtnFEMI",
    ),
    "url parameter": ("https://x.org/?api_key=zz99yy88xx77&q=1", "zz99yy88xx77"),
    "pem": ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"),
}
PROSE = [
    "Our risk-based approach is task-oriented; see sk-learn.",
    "Token: 15-minute expiry. Password: at least 14 characters, rotated every 90 days.",
    "Basic earnings per share were 1.23; the bearer of 5-year notes is paid first.",
    "The secret of growth: patience. Key: 2024 figures in EUR.",
    "Visit https://example.com/a:b/c@d or write to ann@example.com.",
    "Authorization: required for all systems. Cookie: see policy.",
    "Access tokens are valid for 3600 s; API keys: rotate yearly (section 4.2).",
]


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("frame", ["{}", "the key is {}.", "a\n{}\nb", '"{}"', "x={}&y", "({})"])
def test_a_secret_goes_wherever_it_stands(secret, frame):
    text = redact(frame.format(secret))
    assert secret not in text and secret[8:20] not in text
    assert "[redacted:" in text
    assert redact(text) == text
    assert find_secrets(text) == ()


@pytest.mark.parametrize(("text", "secret"), IN_PLACE.values(), ids=IN_PLACE)
def test_a_secret_goes_that_only_its_place_gives_away(text, secret):
    assert find_secrets(text)
    clean = redact(text)
    assert secret not in clean
    assert redact(clean) == clean and find_secrets(clean) == ()


@pytest.mark.parametrize("text", PROSE)
def test_prose_stays_as_it_was_written(text):
    assert redact(text) is text


def test_a_value_under_a_telling_name_goes():
    clean = redact({"password": "x", "API-Key": "y", "nested": [{"client_secret": "z"}], "n": "x"})
    assert clean["n"] == "x"
    assert all(
        value.startswith("[redacted:value:")
        for value in (clean["password"], clean["API-Key"], clean["nested"][0]["client_secret"])
    )
    assert redact(clean) is clean


def test_a_json_schema_keeps_its_shape():
    schema = {"properties": {"password": {"type": "string"}}, "required": ["password"]}
    assert redact(schema) is schema
    assert redact({"max_tokens": 5, "tokens": {"input": 3}}) == {
        "max_tokens": 5,
        "tokens": {"input": 3},
    }


def test_equal_secrets_stay_equal_and_others_differ():
    one, two = SECRETS["openai"], SECRETS["openai"] + "x"
    assert redact([one, one, two])[0] == redact(f"{one}")
    assert redact(one) != redact(two)


def test_a_configured_key_of_any_shape_goes():
    assert "plain-old-key" not in redact("it says plain-old-key here", ["plain-old-key"])


def test_models_keep_their_type_and_clean_ones_their_identity():
    clean = Message(role="user", content="hello")
    request = ModelRequest(
        model="m", messages=(clean, Message(role="user", content=SECRETS["aws"]))
    )
    made = redact(request)
    assert isinstance(made, ModelRequest) and made.messages[0] is clean
    assert "AKIA" not in made.model_dump_json()
    raw = ToolRequest(id="1", name="t", arguments='{"password": "hunter2"}')
    assert "hunter2" not in redact(raw).arguments


def test_what_json_cannot_hold_is_made_plain():
    assert redact(["\ud800", float("inf"), 10**30]) == ["\ufffd", "inf", 10**30]


@given(
    st.lists(
        st.sampled_from([*SECRETS.values(), *(t for t, _ in IN_PLACE.values()), *PROSE])
        | st.text(max_size=20)
    ).map(" ".join)
)
def test_redacting_twice_changes_nothing(text):
    once = redact(text)
    assert redact(once) == once


@pytest.mark.timeout(20)
def test_no_text_takes_long():
    pieces = [
        "sk-",
        "eyJ",
        "-eyJ",
        "token:",
        "://a:",
        "a:",
        '"password',
        "bearer ",
        "cookie:a=",
        "-----BEGIN ",
        "key = ",
        " ",
        "A",
        "-",
        "_",
        "authorization:",
        "api_key",
        '"',
        "\\",
    ]
    for piece in pieces:
        redact(piece * (100_000 // len(piece)))
        redact("token://" + piece * (100_000 // len(piece)))


@pytest.mark.parametrize("value", [float("inf"), float("nan"), [[[]]] * 2])
def test_redacting_again_changes_nothing_under_a_secret_name(value):
    for _ in range(70 if isinstance(value, list) else 0):
        value = [value]
    once = redact({"password": value, "n": {"api_key": value}})
    assert redact(once) == once
