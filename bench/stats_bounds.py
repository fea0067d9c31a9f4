"""What the checks of statistics share: seeds set before the first run, and which bound was not met."""

import os

SEED = 5_2026_11
RUNS = int(os.environ.get("WORKINGS_BENCH_RUNS", "10000"))
PROCESSES = int(os.environ.get("WORKINGS_BENCH_PROCESSES", os.cpu_count() or 1))
FAILED = []


def expect(holds, what):
    if not holds:
        FAILED.append(what)
    return "yes" if holds else "**no**"
