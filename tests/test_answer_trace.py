"""The run of an answer, told when asked for: no copy, comparison or process can tell the answers
apart that know it already from those that do not.
"""

import asyncio
import pickle

import pytest
from recorded_runs import GOOD, LOOK, look_up
from scripted import ScriptedModel, says
from workings.graphs.answer import Answer, Usage
from workings.graphs.canonical import canonical
from workings.graphs.live import LiveCalls
from workings.graphs.recorder import Recorder
from workings.graphs.redact import redact
from workings.graphs.run import run
from workings.graphs.steps import Start


@pytest.fixture
def answer():
    model = ScriptedModel(LOOK, says("found"), GOOD)
    start = Start(
        id="asked",
        created="2026-01-01T00:00:00+00:00",
        question="What was revenue in 2024?",
        model=model.id,
        profile=model.profile.model_dump(mode="json"),
    )
    return asyncio.run(run(start, LiveCalls(model, 60), {"look": look_up()}, Recorder()))


def test_an_answer_goes_to_another_process_with_its_run(answer):
    again = pickle.loads(pickle.dumps(answer))
    assert again == answer and again.trace == answer.trace


def test_a_copy_is_equal_before_and_after_either_was_asked_for_its_run(answer):
    copy = answer.model_copy()
    assert copy == answer
    assert answer.trace.id == "asked"
    assert copy == answer and hash(copy) == hash(answer)
    assert answer != answer.with_trace(None)


def test_an_amount_that_is_no_number_is_written_without_a_warning():
    odd = Answer(question="q", text="t", value=float("nan"), usage=Usage(model="m"))
    assert b'"value":"nan"' in canonical(redact(odd))
