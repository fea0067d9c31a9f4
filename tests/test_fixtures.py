"""Real model output, recorded once (bench/fixtures.py): every change to the code replays it."""

from pathlib import Path

import pytest
from workings.evals.replay import replay
from workings.graphs.trace import Trace

TRACES = sorted((Path(__file__).parent / "fixtures" / "local").glob("*.jsonl"))


def test_there_are_a_dozen():
    assert len(TRACES) >= 12


@pytest.mark.parametrize("path", TRACES, ids=[path.stem[-6:] for path in TRACES])
def test_a_recorded_run_of_a_real_model_replays_to_the_same_bytes(path):
    replay(path).raise_for_divergence()
    assert replay(path).status == "identical"


@pytest.mark.parametrize("path", TRACES, ids=[path.stem[-6:] for path in TRACES])
def test_what_a_real_model_was_given_as_evidence_is_all_that_is_cited(path):
    answer = Trace.load(path).answer
    if answer is not None:
        assert all(citation.verified for citation in answer.citations)
        assert answer.refused or answer.citations or answer.calculations
