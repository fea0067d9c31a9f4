"""`extractive` on our own gold: the development part and the blind held-out part, reported apart.

The held-out part was written blind and is never tuned on. It was first measured on 2026-11-22: 16/41; once more
the same day after work on other questions.

    python bench/samples.py [dev|held] [--wrong]

`--wrong` lists the failed cases of the development part (never of the held-out one).
"""

import sys
import tempfile
from pathlib import Path

from common import ROOT, share, table
from workings.agent.assistant import Assistant
from workings.evals.checks import grade, value_of
from workings.evals.gold import GoldSet

SAMPLES = ROOT / "evals" / "samples"
PARTS = {"dev": "gold.jsonl", "held": "heldout.jsonl"}


def measure(part, home):
    gold = GoldSet.load(SAMPLES / PARTS[part])
    assistant = Assistant(documents=[SAMPLES / "documents"], home=home, model="extractive")
    done = []
    for case in gold.cases:
        answer = assistant.ask(case.question)
        done.append((case, answer, grade(case, answer)))
    return done


def line(part, done):
    supported = [d for d in done if not d[0].refusal]
    unsupported = [d for d in done if d[0].refusal]
    right = sum(value_of(verdicts, "correct") == 1.0 for _, _, verdicts in done)
    pages = [value_of(v, "pages") for c, a, v in supported if not a.refused and c.pages]
    pages = [p for p in pages if p is not None]
    cited = [c for _, answer, _ in done for c in answer.citations]
    return [
        part,
        share(right, len(done)),
        share(sum(a.refused for _, a, _ in unsupported), len(unsupported)),
        share(sum(a.refused for _, a, _ in supported), len(supported)),
        share(sum(p == 1.0 for p in pages), len(pages)),
        f"{sum(c.verified for c in cited)}/{len(cited)}",
    ]


def main():
    unknown = [p for p in sys.argv[1:] if p not in (*PARTS, "--wrong")]
    if unknown:
        sys.exit(f"samples.py: {unknown[0]!r} is no part: expected dev or held (both), or --wrong")
    parts = [p for p in sys.argv[1:] if p in PARTS] or list(PARTS)
    body = []
    with tempfile.TemporaryDirectory() as home:
        for part in parts:
            if not (SAMPLES / PARTS[part]).exists():
                continue
            done = measure(part, Path(home))
            body.append(line(part, done))
            if "--wrong" in sys.argv and part == "dev":
                for case, answer, verdicts in done:
                    if value_of(verdicts, "correct") != 1.0:
                        print(
                            f"{case.id} {' '.join(case.tags)}\n   Q {case.question}\n"
                            f"   expected {case.answer} {case.value} {case.unit} "
                            f"{'(refusal)' if case.refusal else ''}\n   got {answer.text}\n"
                            f"   why {verdicts[0].reason}"
                        )
    table(
        [
            "extractive on our samples",
            "right (answer or refusal)",
            "refused of the unsupported",
            "refused wrongly",
            "gold page among the cited",
            "shown citations verified",
        ],
        body,
    )
    print(
        "The held-out part was written blind and was never tuned on. Readings of it so far, both on"
        " 2026-11-22:\n16/41 before and 19/41 after work on questions of others."
    )


if __name__ == "__main__":
    main()
