"""Kept traces scored again from disk: traces per CPU second, one process, for every code metric.

    python bench/rescoring.py [TRACES]

Two stores. `all different`: runs of bench/speed.py's job (three model requests, a search, a calculator), every one
another question about another document, so that nothing is remembered from one to the next. `one collection`: the
runs of the extractive model on our development gold set, each kept so many times (repeats of an evaluation share
passages). Every trace is read from disk, its checksums are checked, and all metrics are measured. CPU time of the
process (user + system), the disk cache warm, best of three; the result of each run is compared with the first.
"""

import gc
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, table

sys.path.insert(0, str(ROOT / "tests"))
import asyncio

from speed import ask, question
from workings.agent.assistant import Assistant
from workings.evals.gold import ExpectedCall, GoldCase, GoldSet
from workings.evals.importing import copy_trace
from workings.evals.metrics import DEFAULT, METRICS
from workings.evals.rescoring import rescore
from workings.graphs.recorder import Recorder
from workings.graphs.store import TraceStore

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
    best, rows = None, None
    for _ in range(3):
        gc.collect()
        began = time.process_time()
        evaluation = rescore([folder], gold, names)
        took = time.process_time() - began
        same = rows is None or rows == evaluation.rows
        assert same, "another result"
        rows = evaluation.rows
        best = took if best is None else min(best, took)
    return rows, best


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
                rows, took = measure(folder, gold, names)
                scored = sum(v.value is not None for row in rows for v in row.verdicts)
                body.append(
                    [
                        name,
                        len(rows),
                        f"{what} ({len(names)})",
                        f"{scored / len(rows):.1f}",
                        f"{took / len(rows) * 1e6:.0f}",
                        f"{len(rows) / took:,.0f}",
                    ]
                )
    table(["traces", "n", "metrics", "scored a trace", "CPU us a trace", "traces per CPU s"], body)


if __name__ == "__main__":
    main()
