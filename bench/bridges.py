"""Our definitions beside those of RAGAS, DeepEval and agentevals where the name is theirs: the same value on every case.

    python bench/bridges.py [CASES]

Needs the extra `bridges`, best in an environment of its own: RAGAS and DeepEval pin click, rich and what stands on
them below what is newest. Cases and runs are drawn with a seed fixed
here: up to 8 pages found of 2 documents, up to 4 gold pages, up to 4 calls of 3 tools. Nothing asks a model.
agentevals' modes are compared on runs that differ in names, arguments and order only: results and answers it leaves
out.
"""

import importlib.metadata
import os
import sys

os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "YES"

import json
import logging

import numpy as np
from common import ROOT, share, table

sys.path.insert(0, str(ROOT / "tests"))
from runs import QUESTION, answer, call, passage, search
from workings.evals.gold import ExpectedCall, GoldCase
from workings.evals.metrics import measure, metrics
from workings.evals.trajectory import Call, match
from workings.tools.errors import SettingsError

SEED = 20261122
PAIRS = (
    ("context_precision", "ragas_context_precision"),
    ("context_recall", "ragas_context_recall"),
    ("tool_correctness", "deepeval_tool_correctness"),
)
TOOLS = ("search_documents", "calculator", "read_page")


def drawn(rng):
    pages = [
        passage(int(page), f"d{document}.pdf", "text")
        for page, document in zip(rng.integers(1, 9, 8), rng.integers(0, 2, 8), strict=True)
    ][: rng.integers(0, 9)]
    names = [TOOLS[i] for i in rng.integers(0, 3, rng.integers(0, 5))]
    gold = sorted({int(page) for page in rng.integers(1, 9, rng.integers(1, 5))})
    wanted = sorted({TOOLS[i] for i in rng.integers(0, 3, 2)})
    case = GoldCase(
        id="c", question=QUESTION, answer="x", document="d0.pdf", pages=gold, tools=wanted
    )
    return case, answer("x", search(*pages), *(call(name, {}) for name in names))


MODES = ("strict", "unordered", "subset", "superset")


def drawn_calls(rng):
    return [
        ("abc"[name], {"x": int(x)})
        for name, x in zip(rng.integers(0, 3, 4), rng.integers(0, 2, 4), strict=True)
    ][: rng.integers(0, 5)]


def messages(calls):
    """Each call in a message of its own, with its result."""
    found = [{"role": "user", "content": "q"}]
    for number, (name, arguments) in enumerate(calls):
        function = {"name": name, "arguments": json.dumps(arguments)}
        asked = [{"id": str(number), "type": "function", "function": function}]
        found.append({"role": "assistant", "content": "", "tool_calls": asked})
        found.append({"role": "tool", "tool_call_id": str(number), "content": "r"})
    return [*found, {"role": "assistant", "content": "done"}]


def agentevals_modes(rng, count):
    try:
        from agentevals.trajectory.match import create_trajectory_match_evaluator
    except ImportError:
        print("\n*agentevals: not installed, left out.*")
        return
    runs = [(drawn_calls(rng), drawn_calls(rng)) for _ in range(count)]
    runs = [(one, list(rng.permutation(np.array(one, dtype=object)))) if n % 3 else (one, other)
            for n, (one, other) in enumerate(runs)]  # fmt: skip
    for mode in MODES:
        theirs = create_trajectory_match_evaluator(trajectory_match_mode=mode)
        equal = yes = 0
        for one, other in runs:
            other = [tuple(item) for item in other]
            given = theirs(outputs=messages(one), reference_outputs=messages(other))["score"]
            calls = [Call(name, arguments) for name, arguments in one]
            expected = [ExpectedCall(name=name, arguments=arguments) for name, arguments in other]
            ours = match(calls, expected, mode).ok
            equal += bool(given) == ours
            yes += ours
        version = importlib.metadata.version("agentevals")
        yield [
            f"match {mode} ({yes} hold)",
            f"{mode} (agentevals {version})",
            share(equal, count),
            0,
        ]


def same(one, other):
    return one == other or (one is not None and other is not None and abs(one - other) < 1e-12)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    logging.disable(logging.WARNING)  # RAGAS tells of every case without a value
    rng = np.random.default_rng(SEED)
    cases = [drawn(rng) for _ in range(count)]
    body = []
    for ours, theirs in PAIRS:
        try:
            pair = metrics([ours, theirs])
        except SettingsError as error:
            print(f"\n*{theirs}: left out: {error}*")
            continue
        found = [(case, given, *measure(pair, case, given)) for case, given in cases]
        failed = [b.reason for *_, b in found if "metric failed" in b.reason]
        equal = sum(same(a.value, b.value) for *_, a, b in found)
        scored = sum(a.value is not None for *_, a, _ in found)
        package = theirs.partition("_")[0]
        version = importlib.metadata.version(package)
        body.append(
            [
                f"{ours} ({scored} scored)",
                f"{theirs} ({version})",
                share(equal, len(found)),
                len(failed),
            ]
        )
        if failed:
            print(failed[0])
    body += agentevals_modes(rng, count)
    if body:
        table(["ours", "theirs", "the same value", "theirs failed"], body)


if __name__ == "__main__":
    main()
