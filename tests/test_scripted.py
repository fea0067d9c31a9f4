"""The scripted model is strict both ways."""

import contextlib

import pytest
from workings import Assistant, ScriptedModel
from workings.evals.scripted import UnexpectedRequest, UnusedReplies, calls, drafts, says

SUM = calls(("calculator", {"expression": "2 + 2"}))


def test_an_assistant_says_what_was_scripted(tmp_path):
    with ScriptedModel(SUM, drafts(("It is 4.",))) as model:
        answer = Assistant(model=model, home=tmp_path).ask("What is 2 + 2?")
    assert answer.text == "It is 4."
    assert [len(request.tools) for request in model.requests] == [1, 1]


def test_one_request_too_many_is_an_error_of_the_test(tmp_path):
    with pytest.raises(UnexpectedRequest, match="request 2 was not expected"):
        Assistant(model=ScriptedModel(SUM), home=tmp_path).ask("What is 2 + 2?")


def test_an_unexpected_request_that_was_swallowed_is_still_told(tmp_path):
    with (
        pytest.raises(UnexpectedRequest),
        ScriptedModel(SUM) as model,
        contextlib.suppress(AssertionError),
    ):
        Assistant(model=model, home=tmp_path).ask("What is 2 + 2?")


def test_a_reply_that_nobody_asked_for_is_an_error(tmp_path):
    with (
        pytest.raises(UnusedReplies, match="1 of 3 replies"),
        ScriptedModel(SUM, drafts(("It is 4.",)), "more") as model,
    ):
        Assistant(model=model, home=tmp_path).ask("What is 2 + 2?")


def test_the_error_of_the_test_itself_is_not_hidden():
    with pytest.raises(KeyError), ScriptedModel("unused"):
        raise KeyError


async def test_texts_errors_functions_and_pieces():
    whole = says("one two").model_copy(update={"chunks": (4, 3)})
    model = ScriptedModel("text", ValueError("no"), lambda request: says(request.model), whole)
    from workings.graphs.model import ModelRequest

    request = ModelRequest(model="m", messages=())
    assert (await model.attempt(request)).content == "text"
    with pytest.raises(ValueError, match="no"):
        await model.attempt(request)
    assert (await model.attempt(request)).content == "m"
    heard = []
    await model.attempt(request, heard.append)
    assert heard == ["one ", "two"]
    model.assert_finished()
