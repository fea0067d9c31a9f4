"""Unchanged graphs of a user's replay with no divergence: every shape, in a second process.

    python bench/recording.py [RUNS A SHAPE]

The shapes: parallel branches that end in another order, parallel tools, tools that raise, retries,
streams, artifacts, structured output, subgraphs by Send, the clock and chance. Recorded here,
replayed twice in another process with another hash seed; the fakes there wait other times.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, share, table

sys.path.insert(0, str(ROOT / "tests"))
import graph_shapes
from workings.evals.replay import replay
from workings.graphs.recording import record

SHAPES = graph_shapes.SHAPES


def recorded(folder, runs):
    for shape, (build, given) in SHAPES.items():
        for n in range(runs):
            graph = record(build(n), folder / shape.replace(" ", "-"))
            if shape in graph_shapes.ASYNC:
                asyncio.run(graph.ainvoke(given(n)))
            elif shape in graph_shapes.STREAMED:
                list(graph.stream(given(n), stream_mode="messages"))
            else:
                # a run that fails is recorded and replayed too
                with contextlib.suppress(KeyError):
                    graph.invoke(given(n))


def replayed(folder):
    counts = {}
    for shape, (build, _) in SHAPES.items():
        statuses = counts.setdefault(shape, [])
        for path in sorted((folder / shape.replace(" ", "-")).glob("*.jsonl")):
            for n in (3, 8):
                result = replay(path, graph=build(n))
                statuses.append(result.status)
                if result.status != "identical":
                    print(shape, *result.divergences[:1], file=sys.stderr)
    print(json.dumps(counts))


def main():
    if "--replay" in sys.argv:
        return replayed(Path(sys.argv[-1]))
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    with tempfile.TemporaryDirectory() as folder:
        recorded(Path(folder), runs)
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, __file__, "--replay", folder],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "4242"},
            check=True,
        )
        seconds = time.perf_counter() - began
    counts = json.loads(done.stdout.splitlines()[-1])
    rows = [
        [shape, share(statuses.count("identical"), len(statuses))]
        for shape, statuses in counts.items()
    ]
    whole = [status for statuses in counts.values() for status in statuses]
    rows.append([f"all, {seconds:.0f} s", share(whole.count("identical"), len(whole))])
    table(["shape of graph", "replays without a divergence"], rows)
    return 0 if whole.count("identical") == len(whole) else 1


if __name__ == "__main__":
    sys.exit(main())
