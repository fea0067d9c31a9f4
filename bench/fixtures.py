"""Record the real local model on a dozen sample questions, as fixtures that every change replays.

    WORKINGS_BASE_URL=http://127.0.0.1:8099/v1 python bench/fixtures.py

Only when prompts or graph changed on purpose: the old traces are replaced (tests/fixtures/local).
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from common import ROOT, table
from workings.agent.assistant import Assistant
from workings.agent.models import make_model
from workings.evals.checks import grade, value_of
from workings.evals.gold import GoldSet
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore
from workings.graphs.trace import Trace
from workings.tools.errors import WorkingsError

SAMPLES = ROOT / "evals" / "samples"
FOLDER = ROOT / "tests" / "fixtures" / "local"
NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m"
CASES = (
    "dev-001",
    "dev-005",
    "dev-012",
    "dev-020",
    "dev-024",
    "dev-029",
    "dev-036",
    "dev-041",
    "dev-050",
    "dev-054",
    "dev-060",
    "dev-071",
)


def publish(source, target):
    """The traces as they are, but for the service's name of the model, which is a path there."""
    store = TraceStore(target)
    for path in sorted(source.glob("*.jsonl")):
        trace = Trace.load(path)
        recorder = Recorder(store)
        recorder.start(trace.start)
        nodes = list(trace.nodes)
        for step in trace.steps:
            while nodes and nodes[0].after < step.index:
                recorder.node(nodes.pop(0))
            if step.kind == "model" and step.reply is not None:
                named = step.reply.model_copy(update={"model": NAME})
                step = step.model_copy(update={"reply": named})
            recorder.request(step)
            recorder.result(step)
        for node in nodes:
            recorder.node(node)
        usage = trace.answer.usage.model_copy(update={"model": NAME})
        recorder.end(trace.answer.model_copy(update={"usage": usage}), None)
    (target / ".lock").unlink(missing_ok=True)


def main():
    if not os.environ.get("WORKINGS_BASE_URL"):
        sys.exit("WORKINGS_BASE_URL names no server; see bench/local_model.py")
    gold = {case.id: case for case in GoldSet.load(SAMPLES / "gold.jsonl").cases}
    model = make_model(
        "compatible:qwen2.5-coder-1.5b",
        base_url=os.environ["WORKINGS_BASE_URL"],
        passage_tokens=800,
    )
    body = []
    with tempfile.TemporaryDirectory() as home:
        assistant = Assistant(
            documents=[SAMPLES / "documents"],
            home=home,
            model=model,
            web=False,
            temperature=0.0,
            seed=1,
        )
        for id in CASES:
            try:
                answer = assistant.ask(gold[id].question)
            except WorkingsError as error:
                body.append([id, type(error).__name__, "-"])
                continue
            right = value_of(grade(gold[id], answer), "correct") == 1.0
            body.append(
                [id, "refused" if answer.refused else "answered", "right" if right else "wrong"]
            )
            print(body[-1], f"{answer.usage.seconds:.0f} s", flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        publish(Path(home) / "traces", FOLDER)
    table(["case", "ended", "graded"], body)


if __name__ == "__main__":
    main()
