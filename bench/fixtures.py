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
from workings.tools.errors import WorkingsError

SAMPLES = ROOT / "evals" / "samples"
FOLDER = ROOT / "tests" / "fixtures" / "local"
CASES = ("dev-001", "dev-005", "dev-012", "dev-020", "dev-024", "dev-029", "dev-036", "dev-041",
         "dev-050", "dev-054", "dev-060", "dev-071")


def main():
    if not os.environ.get("WORKINGS_BASE_URL"):
        sys.exit("WORKINGS_BASE_URL names no server; see bench/local_model.py")
    gold = {case.id: case for case in GoldSet.load(SAMPLES / "gold.jsonl").cases}
    model = make_model("compatible:qwen2.5-coder-1.5b", base_url=os.environ["WORKINGS_BASE_URL"],
                       passage_tokens=800)
    body = []
    with tempfile.TemporaryDirectory() as home:
        assistant = Assistant(documents=[SAMPLES / "documents"], home=home, model=model, web=False,
                              temperature=0.0, seed=1)
        for id in CASES:
            try:
                answer = assistant.ask(gold[id].question)
            except WorkingsError as error:
                body.append([id, type(error).__name__, "-"])
                continue
            right = value_of(grade(gold[id], answer), "correct") == 1.0
            body.append([id, "refused" if answer.refused else "answered", "right" if right else "wrong"])
            print(body[-1], f"{answer.usage.seconds:.0f} s", flush=True)
        shutil.rmtree(FOLDER, ignore_errors=True)
        shutil.copytree(Path(home) / "traces", FOLDER, ignore=shutil.ignore_patterns(".lock"))
    table(["case", "ended", "graded"], body)


if __name__ == "__main__":
    main()
