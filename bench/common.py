"""Shared by the benches: where the data is, intervals, one table format. Prints Markdown."""

import json
import os
from pathlib import Path

from workings.evals.estimate import wilson

ROOT = Path(__file__).resolve().parent.parent


def shared(*parts):
    """A path in the shared data folder, or None when it is not there (a user's machine)."""
    path = Path(os.environ.get("WORKINGS_SHARED", ROOT.parent / "shared")).joinpath(*parts)
    if not path.exists():
        print(f"\n*{'/'.join(parts)}: not present, left out.*")
        return None
    return path


def rows(path):
    with open(path, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def share(right, n):
    """`31/46 = 67.4 % (52.9-79.1)`: a share with its Wilson 95 % interval."""
    if not n:
        return "0/0"
    estimate = wilson(right, n)
    return f"{right}/{n} = {right / n:.1%} ({estimate.low:.1%}-{estimate.high:.1%})"


def table(head, body):
    print("\n| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in body:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def kept(path):
    """Results of an earlier, interrupted run by id: a bench with a real model is resumed."""
    return {row["id"]: row for row in rows(path)} if path.exists() else {}


def keep(path, row):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="utf-8") as out:
        out.write(json.dumps(row) + "\n")
