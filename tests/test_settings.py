"""Settings: who wins, and what a person is told when one is wrong."""

import math

import pytest
from workings.agent.settings import load_settings, silence
from workings.tools.errors import SettingsError


def settings(tmp_path, toml="", environ=None, **overrides):
    if toml:
        (tmp_path / "workings.toml").write_text(toml, encoding="utf-8")
    return load_settings(overrides, environ=environ or {}, folder=tmp_path)


def refusal(tmp_path, toml="", environ=None, **overrides):
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, toml, environ, **overrides)
    return str(caught.value)


def test_nothing_said_is_extractive_without_web(tmp_path):
    found = settings(tmp_path)
    assert found.model == "extractive"
    assert not found.offers_web
    assert found.sampling() == {}


def test_a_key_alone_does_not_choose_a_model(tmp_path):
    assert settings(tmp_path, environ={"OPENAI_API_KEY": "sk-1"}).model == "extractive"


def test_arguments_beat_environment_beats_file(tmp_path):
    toml = 'model = "openai:file"\nhome = "from-file"\nk = 5\n'
    found = settings(
        tmp_path,
        toml,
        {"WORKINGS_MODEL": "openai:env", "WORKINGS_HOME": "from-env"},
        model="openai:argument",
        k=None,
    )
    assert (found.model, str(found.home), found.k) == ("openai:argument", "from-env", 5)


def test_an_empty_variable_is_not_set(tmp_path):
    assert settings(tmp_path, 'model = "openai:x"', {"WORKINGS_MODEL": " "}).model == "openai:x"


def test_an_unknown_key_names_the_nearest(tmp_path):
    assert "did you mean 'temperature'?" in refusal(tmp_path, "temprature = 0.1")


def test_a_misspelt_variable_names_the_nearest(tmp_path):
    said = refusal(tmp_path, environ={"WORKINGS_MODLE": "openai:x"})
    assert said == "unknown environment variable WORKINGS_MODLE: did you mean WORKINGS_MODEL?"


def test_a_variable_of_somebody_else_is_left_alone(tmp_path):
    assert settings(tmp_path, environ={"WORKINGS_OF_MICE": "1"}).k == 8


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("temperature = 'warm'", "temperature = 'warm' (workings.toml): expected a number"),
        ("k = 0", "k = 0 (workings.toml): expected a number greater than 0"),
        ("k = true", "k = True (workings.toml): expected a whole number"),
        ("top_p = nan", "top_p = nan"),
        ("deadline = inf", "deadline = inf"),
        ("web = 1", "web = 1 (workings.toml): expected true or false"),
        ("decision = 'both'", "decision = 'both' (workings.toml): expected native or structured"),
        ("collection = '../x'", "collection = '../x' (workings.toml): expected a name"),
        ("base_url = 'localhost:8080'", "expected an address as http://host:port/v1"),
        ("model = 'opnai:gpt'", "did you mean 'openai'?"),
        ("model = 'openai:'", "expected extractive, openai:NAME"),
    ],
)
def test_a_wrong_value_is_quoted_with_what_was_expected(tmp_path, toml, said):
    assert said in refusal(tmp_path, toml)


def test_broken_toml_names_file_and_line(tmp_path):
    said = refusal(tmp_path, "k = 5\nmodel = \n")
    assert "workings.toml" in said and "line 2" in said


def test_a_file_that_is_not_utf8_is_named(tmp_path):
    (tmp_path / "workings.toml").write_bytes(b"model = '\xff'")
    assert "not UTF-8" in refusal(tmp_path)


def test_no_key_is_ever_shown(tmp_path):
    found = settings(tmp_path, environ={"OPENAI_API_KEY": "sk-canary", "TAVILY_API_KEY": "tvly-c"})
    assert "canary" not in repr(found) + str(found) + found.model_dump_json()
    assert found.openai_api_key.get_secret_value() == "sk-canary"
    said = refusal(tmp_path, environ={"OPENAI_API_KEY": "sk-canary\nsecond"})
    assert "canary" not in said and "openai_api_key" in said


def test_web_without_a_key_says_which_key(tmp_path):
    with pytest.raises(SettingsError, match="TAVILY_API_KEY"):
        _ = settings(tmp_path, web=True).offers_web


def test_web_follows_the_key_unless_switched_off(tmp_path):
    environ = {"TAVILY_API_KEY": "tvly-1"}
    assert settings(tmp_path, environ=environ).offers_web
    assert not settings(tmp_path, environ=environ, web=False).offers_web


def test_sampling_holds_only_what_was_set(tmp_path):
    found = settings(tmp_path, "temperature = 0\nseed = 7\npresence_penalty = -0.5")
    assert found.sampling() == {"temperature": 0, "presence_penalty": -0.5, "seed": 7}


def test_no_library_tracing_starts_by_itself():
    environ = {"LANGSMITH_TRACING": "true", "LANGCHAIN_TRACING_V2": "1", "PATH": "x"}
    silence(environ)
    assert environ == {"PATH": "x"}


def test_limits_have_the_graphs_own_names(tmp_path):
    limits = settings(tmp_path, deadline=30, max_requests=3).limits()
    assert limits == {"requests": 3, "tool_calls": 24, "deadline": 30}
    assert math.isfinite(limits["deadline"])
