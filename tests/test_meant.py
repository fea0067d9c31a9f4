"""A slip of the pen is guessed; another word is not."""

import pytest
from workings.tools.errors import SettingsError
from workings.tools.meant import meant
from workings.tools.packs import load_pack

KNOWN = ["finance", "security-questionnaire", "wordllama", "minilm", "k", "dense"]


@pytest.mark.parametrize(
    "given", ["zzz", "fi", "france", "banana", "wordpress", "x", "mini-bar", ""]
)
def test_another_word_is_no_slip(given):
    assert meant(given, KNOWN) == []


@pytest.mark.parametrize(
    ("given", "name"),
    [("finanse", "finance"), ("FINANCE", "finance"), ("security", "security-questionnaire"),
     ("wordlama", "wordllama"), ("desne", "dense"), ("mini", "minilm")],
)  # fmt: skip
def test_a_slip_is_guessed(given, name):
    assert meant(given, KNOWN) == [name]


def test_a_wild_guess_is_not_offered_for_a_pack():
    with pytest.raises(SettingsError) as refused:
        load_pack("france")
    assert "did you mean" not in str(refused.value) and "finance" in str(refused.value)
