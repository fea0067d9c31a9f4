"""The calculator against the attack list and GSM8K's expressions: `bench/calculator.py [SHARED]`.

Prints one Markdown table. With `--ids` the rows that are not right are listed by id and reason.
"""

import argparse
import json
import os
import sys
import time
from fractions import Fraction
from math import sqrt
from pathlib import Path

from workings.tools.calculator import calculate
from workings.tools.errors import ToolError


def wilson(hits: int, n: int) -> str:
    z = 1.959964
    middle = (hits + z * z / 2) / (n + z * z)
    half = z * sqrt(hits * (n - hits) / n + z * z / 4) / (n + z * z)
    return f"{100 * (middle - half):.1f}-{100 * (middle + half):.1f}"


def rows(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def attack(row: dict) -> str:
    if "build" in row:
        b = row["build"]
        return b["pre"] * b["n"] + b["mid"] + b["post"] * b["n"]
    return row["expr"]


def is_right(row: dict, got: str) -> bool:
    value = Fraction(got)
    want = Fraction(row["exact"] if row["exact"] is not None else float(row["float"]))
    return value == want or abs(value - want) <= abs(want) * Fraction(row["rel"])


def near(row: dict, got: str) -> bool:
    return abs(float(Fraction(got)) - row["surface_evaluates_to"]) < 0.01


def same(row: dict, got: str) -> bool:
    want = Fraction(row["exact"]) if row["exact"] else Fraction(row["value"])
    shown = Fraction(got)
    return shown == want or abs(shown - want) <= abs(want) / 10**33


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", default=os.environ.get("WORKINGS_SHARED", "../shared"))
    parser.add_argument("--ids", action="store_true")
    given = parser.parse_args()
    shared = Path(given.shared)
    attacks, gsm8k = shared / "faults/calculator_attacks.jsonl", shared / "data/gsm8k"
    if not (attacks.exists() and gsm8k.exists()):
        print("calculator: the shared data is not present, left out")
        return
    hostile = [row for row in rows(attacks) if row["kind"] == "hostile"]
    valid = [row for row in rows(attacks) if row["kind"] == "valid"]
    surface = rows(gsm8k / "calculator_surface.jsonl")
    plain = rows(gsm8k / "calculator.jsonl")
    print("| set | n | right | refused | wrong | right %, 95 % interval | slowest |")
    print("|---|---|---|---|---|---|---|")
    for name, cases, text, check in (
        ("hostile (to be refused)", hostile, attack, lambda row, got: False),
        ("valid", valid, attack, is_right),
        ("GSM8K expressions", plain, lambda row: row["expression"], same),
        ("GSM8K as people type", surface, lambda row: row["surface"], near),
    ):
        count = {"right": 0, "refused": 0, "wrong": 0}
        slowest = 0.0
        for case in cases:
            start = time.perf_counter()
            try:
                got = calculate(text(case))
                verdict = "right" if check(case, got) else "wrong"
            except ToolError as error:
                verdict, got = "refused", str(error)
            slowest = max(slowest, time.perf_counter() - start)
            count[verdict] += 1
            if given.ids and verdict != "right" and name != "hostile (to be refused)":
                print(case["id"], verdict, got, file=sys.stderr)
        hits = count["refused" if name.startswith("hostile") else "right"]
        n = len(cases)
        share = f"{100 * hits / n:.1f} ({wilson(hits, n)})"
        print(
            f"| {name} | {n} | {count['right']} | {count['refused']} | {count['wrong']} "
            f"| {share} | {1000 * slowest:.0f} ms |"
        )


if __name__ == "__main__":
    main()
