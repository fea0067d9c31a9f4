"""Is every change of the code found, at its step, and named for what it is?

    python bench/mutations.py [--each 100] [--show]

Runs are recorded (scripted models of every shape, the extractive model on our samples); then
today's code is changed by its real means (prompts, tool definitions, replaced node functions,
reducers, parameters, tools that give something else) or the record is edited before it is used,
and the run is replayed. What was changed, and at which step, is known to the generator alone: it
shares no code with what finds the difference. Targets: caught 100 %, right step 98 %, right kind
95 %. Caught: the replay is not "identical" (a change that reached neither a call nor the answer is
reported as benign, and counts). Kind and step are those of the first divergence.
"""

import argparse
import asyncio
import contextlib
import itertools
import shutil
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

from common import ROOT, share, table
from mutant import models, peek, runs, runs_tools
from mutants import KINDS
from scripted import ScriptedModel, calls, drafts, says
from workings.agent.assistant import Assistant
from workings.evals.gold import GoldSet
from workings.evals.quick import same_run
from workings.evals.replay import areplay
from workings.evals.todays import todays_tools
from workings.graphs.blobs import Blobs
from workings.graphs.writer import TraceWriter
from workings.graphs.written import wrote

SAMPLES = ROOT / "evals" / "samples"
_numbers = itertools.count()


async def scripted():
    found = []
    for name in runs.scripts():
        trace = await runs.make(name)
        if trace.status == "done" and models(trace):
            found.append((name, trace))
    for n in range(2, 7):
        asked = [("look", {"query": f"q{i}"}) for i in range(n)]
        script = [calls(*asked), says("done"), runs.GOOD]
        found.append((f"{n} at once", await runs.record(ScriptedModel(*script), tools=(peek,))))
    for n in range(1, 6):
        turns = [calls(("look", {"query": f"turn {i} of {n}"})) for i in range(n)]
        figure = drafts(
            ("Revenue was 467 million in 2024.", "1", "467 million"), value="467", unit="million"
        )
        script = [*turns, says("done"), figure]
        found.append((f"{n} turns", await runs.record(ScriptedModel(*script), tools=(peek,))))
    return found


def samples(home):
    assistant = Assistant(
        documents=[SAMPLES / "documents"], home=home, model="extractive", web=False
    )
    cases = GoldSet.load(SAMPLES / "gold.jsonl").cases[:10]
    return [(case.id, assistant.ask(case.question).trace) for case in cases]


def spread(mutants, most):
    """At most so many, one of each run in turn."""
    by_run = defaultdict(list)
    for mutant in mutants:
        by_run[mutant.of].append(mutant)
    chosen = []
    while by_run and len(chosen) < most:
        for name in list(by_run):
            chosen.append(by_run[name].pop(0))
            if not by_run[name]:
                del by_run[name]
    return chosen[:most]


def written(trace, folder):
    """The trace as a file: of a file, a replay looks quickly first."""
    path = Path(folder) / f"{next(_numbers)}.jsonl"
    writer = TraceWriter(path, Blobs(Path(folder) / "blobs"), fsync=False)
    writer.start(trace.start)
    for step in trace.steps:
        ends = (writer.model_request, writer.model_end), (writer.tool_request, writer.tool_end)
        for end in ends[step.kind == "tool"]:
            end(step)
    for node in trace.nodes:
        writer.node(wrote(node))
    for approval in trace.approvals:
        writer.approval(approval)
    writer.end(trace.answer, trace.error, len(trace.steps))
    return path


async def judge(mutant, folder):
    path = written(mutant.trace, folder)
    with mutant.patch() if mutant.patch is not None else contextlib.nullcontext():
        result = await areplay(path, **mutant.arguments)
    path.unlink()
    first = result.divergences[0] if result.divergences else None
    caught = first is not None and result.status != "identical"
    step = caught and first.step == mutant.step
    kind = caught and first.kind == mutant.expected
    return caught, step, kind, first


async def main():
    reader = argparse.ArgumentParser()
    reader.add_argument("--each", type=int, default=100)
    reader.add_argument("--show", action="store_true", help="print what was not told right")
    options = reader.parse_args()
    bases = await scripted()
    home = tempfile.mkdtemp()
    bases += await asyncio.to_thread(samples, Path(home))
    quick = 0
    for name, trace in bases:
        path = written(trace, home)
        clean = await areplay(path, tools=runs_tools(trace))
        assert clean.status == "identical", (name, clean.divergences)
        quick += same_run(path, {**todays_tools(), **(runs_tools(trace) or {})}) is not None
    rows, total, few = [], [0, 0, 0, 0], []
    for kind in KINDS:
        mutants = spread(kind(bases), options.each)
        counts = [0, 0, 0]
        for mutant in mutants:
            *good, first = await judge(mutant, home)
            counts = [a + bool(b) for a, b in zip(counts, good, strict=False)]
            if options.show and not all(good):
                print(
                    f"{mutant.kind} of {mutant.of}: expected {mutant.expected} at {mutant.step}; got {first}"
                )
        n = len(mutants)
        if n < 20:
            few.append(kind.__name__)
        rows.append([kind.__name__.replace("_", " "), n, *(share(c, n) for c in counts)])
        total = [a + b for a, b in zip(total, (n, *counts), strict=False)]
    rows.append(["**all**", total[0], *(share(c, total[0]) for c in total[1:])])
    table(["change", "mutants", "caught", "right step", "right kind"], rows)
    print(f"Unchanged, {len(bases)} of {len(bases)} identical; {quick} of them at the quick look.")
    shutil.rmtree(home)
    n, caught, step, kind = total
    if few:
        print(f"fewer than 20 mutants: {', '.join(few)}")
    return 0 if caught == n and step >= 0.98 * n and kind >= 0.95 * n and not few else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
