"""Traces in every form that was ever written are read and replayed: these are kept as they are."""

from pathlib import Path

import pytest
from test_quick import agent
from workings.evals.quick import same_graph
from workings.evals.replay import replay
from workings.graphs.glance import glance
from workings.graphs.trace import Trace

FORMS = Path(__file__).parent / "fixtures" / "forms"
ASKS = sorted(FORMS.glob("*-ask-*.jsonl"))
GRAPH = FORMS / "2026-11-23-graph.jsonl"


@pytest.mark.parametrize("path", ASKS, ids=[path.stem for path in ASKS])
def test_an_ask_replays_to_the_same_bytes(path):
    assert replay(path).status == "identical"
    replay(Trace.load(path)).raise_for_divergence()
    assert glance(path).answer == Trace.load(path).answer


def test_a_graph_replays_both_ways():
    assert same_graph(GRAPH, agent(), turbo=True) is not None
    replay(Trace.load(GRAPH), graph=agent()).raise_for_divergence()
