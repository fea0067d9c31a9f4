"""Kept traces scored again from disk: traces per CPU second, one process, for every code metric.

    python bench/rescoring.py [TRACES]

Two stores. `all different`: runs of bench/speed_job.py (three model requests, a search, a calculator), every one
another question about another document, so that nothing is remembered from one to the next. `one collection`: the
runs of the extractive model on our development gold set, each kept so many times (repeats of an evaluation share
passages). Every trace is read from disk, its checksums are checked, and all metrics are measured. CPU time of the
process (user + system), the disk cache warm, in thirteen rounds; the result of each is compared with the first. The
first round begins with nothing remembered, of other traces neither; in the others a process that scores on remembers
what it read: passages, blobs. Best and median are of those.
"""

import functools
import gc
import statistics
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))
import asyncio

from speed_job import ask, question
from workings.agent.assistant import Assistant
from workings.evals.gold import ExpectedCall, GoldCase, GoldSet
from workings.evals.importing import copy_trace
from workings.evals.metrics import DEFAULT, METRICS
from workings.evals.rescoring import rescore
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore

ROUNDS = 12
SAMPLES = ROOT / "evals" / "samples"


def case_of(n):
    return GoldCase(
        id=f"c{n}",
        question=question(n),
        answer=f"{867 + n}.75 million",
        value=867.75 + n,
        unit="million",
        contains=("total",),
        document=f"report-{n}.pdf",
        pages=(3,),
        tools=("search_documents", "calculator"),
        calls=(
            ExpectedCall(name="search_documents", arguments={"query": f"revenue of Arden {n}"}),
            ExpectedCall(name="calculator", arguments={"expression": f"{400 + n}.5 + 467.25"}),
        ),
    )


def all_different(folder, count):
    store = TraceStore(folder, fsync=False)
    for n in range(count):
        asyncio.run(ask(n, Recorder(store), f"t{n}"))
    return GoldSet(cases=tuple(case_of(n) for n in range(count)))


def one_collection(folder, count):
    gold = GoldSet.load(SAMPLES / "gold.jsonl")
    store = TraceStore(folder / "kept", fsync=False)
    with tempfile.TemporaryDirectory() as home:
        assistant = Assistant(documents=[SAMPLES / "documents"], home=home, model="extractive")
        traces = [assistant.ask(case.question).trace for case in gold.cases]
    for n in range(count):
        trace = traces[n % len(traces)]
        start = trace.start.model_copy(update={"id": f"t{n}"})
        copy_trace(trace.model_copy(update={"start": start}), Recorder(store))
    return gold


def measure(folder, gold, names):
    """The rows, and the CPU seconds of the first round, of the best and of the median of the others."""
    rows, took = None, []
    _forget()
    for _ in range(1 + ROUNDS):
        gc.collect()
        began = time.process_time()
        evaluation = rescore([folder], gold, names)
        took.append(time.process_time() - began)
        same = rows is None or rows == evaluation.rows
        assert same, "another result"
        rows = evaluation.rows
    return rows, took[0], min(took[1:]), statistics.median(took[1:])


def _forget():
    for item in gc.get_objects():
        if isinstance(item, functools._lru_cache_wrapper):
            item.cache_clear()


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    body = []
    with tempfile.TemporaryDirectory() as temporary:
        for name, make in (("all different", all_different), ("one collection", one_collection)):
            folder = Path(temporary) / name.replace(" ", "-")
            gold = make(folder, count)
            folder = folder / "kept" if (folder / "kept").is_dir() else folder
            sets = (("all", tuple(METRICS)), ("default", DEFAULT), ("correct", ("correct",)))
            for what, names in sets:
                rows, first, best, median = measure(folder, gold, names)
                scored = sum(v.value is not None for row in rows for v in row.verdicts)
                body.append(
                    [
                        name,
                        len(rows),
                        f"{what} ({len(names)})",
                        f"{scored / len(rows):.1f}",
                        *(f"{took / len(rows) * 1e6:.0f}" for took in (first, median, best)),
                        f"{len(rows) / median:,.0f}",
                        f"{len(rows) / best:,.0f}",
                    ]
                )
    cost = ["CPU us a trace: first round", "median", "best"]
    table(
        ["traces", "n", "metrics", "scored a trace", *cost, "traces per CPU s: median", "best"],
        body,
    )


if __name__ == "__main__":
    main()
