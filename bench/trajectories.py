"""Runs of other programs: imported, replayed, exported, and edited.

    python bench/trajectories.py

The expected messages are worked out from the raw records (raw_records.py). Then raw records are
edited (raw_edits.py) and facts inside imported traces changed (changed_facts.py): each has to be
named at its place. Ids and figures only: no text of a record.
"""

import json
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import orjson
from changed_facts import tamper
from common import rows, share, shared, table
from raw_edits import edits
from raw_records import exported, messages_in, plain, text
from workings.evals.exporting import export
from workings.evals.foreign import foreign_of
from workings.evals.importing import import_file, read_records, safe_id
from workings.evals.replay import replay
from workings.graphs.redact import redact
from workings.graphs.store import TraceStore
from workings.graphs.trace import ModelStep, Trace

FILES = {
    "tau_bench_airline": ("tau-bench", 100),
    "agentdojo": ("AgentDojo", 150),
    "toolbench_gpt35_cot": ("ToolBench", 145),
    "who_and_when": ("Who&When", 93),
    "luna_websearch": ("web search", 60),
}
SEED = 20261122


def study(name, path, folder):
    """Import, replay and export of a whole file."""
    store = TraceStore(folder / name, fsync=False)
    began = time.perf_counter()
    result = import_file(path, store)
    imported = time.perf_counter()
    statuses, same, bundled, spans, redacted = Counter(), 0, 0, 0, 0
    for row in rows(path):
        trace = safe_id(row["id"])
        file = store.path(trace)
        if not file.exists():
            continue
        statuses[replay(file).status] += 1
        clean = redact(row["raw"])
        redacted += clean != row["raw"]
        expected = [item for message in messages_in(name, clean) for item in plain(name, message)]
        given = json.loads(export(file, "openai"))["messages"]
        same += exported(given, name) == expected
        alone = folder / "alone" / f"{trace}.jsonl"
        alone.parent.mkdir(exist_ok=True)
        alone.write_bytes(export(file, "bundle"))
        other = TraceStore(folder / "other", fsync=False)
        import_file(alone, other)
        bundled += (
            replay(alone).ok
            and replay(other.path(trace)).ok
            and other.load(trace) == store.load(trace)
        )
        spans += through_spans(store, file, folder)
    n = len(rows(path))
    replayed = time.perf_counter()
    return store, [
        FILES.get(name, (name, 0))[0], share(len(result.traces), n), share(statuses["identical"], len(result.traces)),
        share(same, n), share(bundled, len(result.traces)), share(spans, len(result.traces)), redacted,
        f"{imported - began:.1f}", f"{replayed - imported:.1f}",
    ]  # fmt: skip


def through_spans(store, file, folder):
    """Exported as spans and taken in again: the same messages up to the last reply and its results."""
    trace = Trace.load(file)
    steps = [step for step in trace.steps if isinstance(step, ModelStep)]
    if not steps:
        return True
    path = folder / "spans.json"
    path.write_bytes(export(file, "otel"))
    found = read_records(orjson.loads(path.read_bytes()))[0][1].messages
    whole = json.loads(export(file, "openai"))["messages"]
    tail = foreign_of(trace).inputs[-1]
    whole = whole[: len(whole) - len(tail)]
    old = [(text(item["content"]), len(item.get("tool_calls") or [])) for item in whole]
    new = [(item.message.content, len(item.message.tool_requests)) for item in found]
    return old == new


def zoo(folder):
    path = shared("data", "trajectories", "format_zoo.jsonl")
    if path is None:
        return
    store = TraceStore(folder / "zoo", fsync=False)
    result = import_file(path, store)
    ended = Counter(replay(store.path(item.trace)).status for item in result.traces)
    print(
        f"format zoo: {len(rows(path))} records, {len(result.traces)} traces "
        f"({dict(Counter(item.format for item in result.traces))}), replayed {dict(ended)}, "
        f"refused by name {len(result.refused)}"
    )


def report(title, found):
    kinds = sorted({kind for kind, _ in found})
    body = [
        [
            kind,
            found[kind, "all"],
            share(found[kind, "caught"], found[kind, "all"]),
            share(found[kind, "placed"], found[kind, "all"]),
        ]
        for kind in kinds
    ]
    sums = [sum(found[kind, what] for kind in kinds) for what in ("all", "caught", "placed")]
    body.append(["all", sums[0], share(sums[1], sums[0]), share(sums[2], sums[0])])
    table([title, "n", "caught", "at its place"], body)
    return sums[0] == sums[2]


def main():
    folder = shared("data", "trajectories")
    if folder is None:
        return 0
    rng = random.Random(SEED)
    body, edits_found, tamper_found = [], Counter(), Counter()
    whole = True
    with tempfile.TemporaryDirectory() as temporary:
        for name in FILES:
            path = folder / f"{name}.jsonl"
            store, row = study(name, path, Path(temporary))
            body.append(row)
            edits_found += edits(name, path, store, Path(temporary), rng)
            tamper_found += tamper(name, path, store, rng)
        table(
            [
                "runs",
                "imported",
                "replayed identical",
                "same OpenAI messages",
                "one file, elsewhere",
                "through OTel spans",
                "of them redacted",
                "s import",
                "s rest",
            ],
            body,
        )
        whole &= report("edit of a record", edits_found)
        whole &= report("changed fact in a trace", tamper_found)
        zoo(Path(temporary))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
