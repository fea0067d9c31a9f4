"""A comparison of 100,000 pairs: time, memory, the same bytes twice."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from stats_bounds import SEED, expect


def write_evaluation(folder, name, count, rng):
    folder.mkdir(parents=True)
    head = {
        "format": "workings-evaluation/1", "id": name, "gold": "gold.jsonl", "gold_hash": "0" * 16, "model": "extractive",
        "settings": {}, "metrics": ["correct", "citations", "f1"], "repeats": 1, "created": "",
    }  # fmt: skip
    (folder / "evaluation.json").write_text(json.dumps(head))
    with open(folder / "rows.jsonl", "w", encoding="utf-8") as out:
        for case in range(count):
            draw = rng.random(4)
            verdicts = [
                {
                    "metric": "correct",
                    "value": float(draw[0] < 0.7),
                    "reason": "holds '412.3'; 412.3 EUR million is 412.3 million",
                },
                {
                    "metric": "citations",
                    "value": float(draw[1] < 0.9),
                    "reason": "2 citations, all verified",
                },
                {"metric": "f1", "value": float(draw[2]), "reason": "7 of 9 words"},
            ]
            out.write(json.dumps({
                "case": f"case-{case}", "repeat": 0, "question": f"What was the revenue of company {case} in 2025?", "tags": ["table"],
                "group": None, "trace": f"{case:016x}", "text": "Revenue was EUR 412.3 million in 2025 [1].", "refused": False,
                "error": None, "verdicts": verdicts, "tools": ["search_documents"],
                "retrieved": [{"document": "annual-report.pdf", "page": page} for page in range(8)],
                "cited": [{"document": "annual-report.pdf", "page": 3}], "requests": 2, "input_tokens": 1800, "output_tokens": 90,
                "cost_usd": 0.001 * float(draw[3]), "seconds": float(draw[3]),
            }) + "\n")  # fmt: skip


TIMED = """
import resource, sys
from workings.agent.cli import main
code = main(["compare", sys.argv[1], sys.argv[2], "--json"])
used = resource.getrusage(resource.RUSAGE_SELF)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=sys.stderr)
"""


def scale():
    rng = np.random.default_rng(SEED + 5)
    count = 100_000
    with tempfile.TemporaryDirectory() as folder:
        sides = [Path(folder, name) for name in ("a", "b")]
        for side in sides:
            write_evaluation(side, side.name, count, rng)
        size = sum((side / "rows.jsonl").stat().st_size for side in sides) / 2**20
        done = subprocess.run(
            [sys.executable, "-c", TIMED, *map(str, sides)],
            capture_output=True,
            text=True,
            check=False,
        )
        code, seconds, peak = map(float, done.stderr.split("\n")[-2].split())
        found = json.loads(done.stdout)
        again = subprocess.run(
            [sys.executable, "-c", TIMED, *map(str, sides)],
            capture_output=True,
            text=True,
            check=False,
        )
    same = expect(again.stdout == done.stdout, "the same output twice")
    print(
        f"\n`workings compare A B --json` over {count:,} pairs, 3 metrics and 4 amounts ({size:.0f} MB of rows): {seconds:.1f} CPU s"
        f" (<= 5: {expect(code == 0 and seconds <= 5, 'CPU of 100,000 pairs')}), {peak:.0f} MB at most"
        f" (<= 500: {expect(peak <= 500, 'memory of 100,000 pairs')}), everything included; {found['lost'] + found['won']:,} flips;"
        f" the same bytes again: {same}."
    )
