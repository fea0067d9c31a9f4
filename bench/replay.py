"""Unchanged code replays to the same bytes: >= 200 runs, in a second process, another hash seed.

    python bench/replay.py

Half of the runs are `extractive` on our samples; the other half go through a real HTTP server on
loopback that streams: parallel tool calls, retries after 429 and 500, tools that raise, structured
decisions, refused calls, answers asked for twice.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, share, table

sys.path.insert(0, str(ROOT / "tests"))
from fake_provider import FakeProvider, calls, says, status
from workings.agent.assistant import Assistant
from workings.evals.gold import GoldSet
from workings.tools.documents import Passage
from workings.tools.errors import ToolError
from workings.tools.tool import ToolResult, tool

SAMPLES = ROOT / "evals" / "samples"
RUNS_A_SHAPE = 12


@tool
async def look(query: str) -> ToolResult:
    """Look something up."""
    text = f"The value of {query} is 467.25 million."
    passage = Passage(
        id=f"w-{query}", document="w", document_id="w", title="W", page=1, page_label="1", text=text
    )
    return ToolResult(passages=(passage,))


@tool
def fails(query: str) -> str:
    """Always fail."""
    raise ToolError(f"no {query} here")


@tool
def crashes(query: str) -> str:
    """Always crash."""
    return str(1 // 0)


def draft(n, right=True):
    quote = f"The value of q{n} is 467.25 million" if right else "nowhere at all, I am afraid"
    sentence = {
        "text": f"The value of q{n} is 467.25 million.",
        "citations": [{"passage": "1", "quote": quote}],
    }
    body = {"refused": False, "reason": "", "sentences": [sentence], "value": "", "unit": ""}
    return says(json.dumps(body))


def wrong(n):
    body = {
        "refused": False,
        "reason": "",
        "sentences": [{"text": "It is 999.", "citations": []}],
        "value": "",
        "unit": "",
    }
    return says(json.dumps(body))


def asks(*pairs):
    return calls(*((name, json.dumps(arguments)) for name, arguments in pairs))


def decide(name, text):
    return says(json.dumps({"why": "w", "tool": name, "input": text}))


SHAPES = {
    "parallel tools, streamed": lambda n: [
        asks(
            ("look", {"query": f"q{n}"}),
            ("calculator", {"expression": f"{n} + 1"}),
            ("look", {"query": f"z{n}"}),
        ),
        says("done"),
        draft(n),
    ],
    "retries": lambda n: [
        status(429, retry_after="0"),
        asks(("look", {"query": f"q{n}"})),
        status(500),
        says("done"),
        draft(n),
    ],
    "tools that raise": lambda n: [
        asks(("fails", {"query": "x"}), ("crashes", {"query": "y"}), ("look", {"query": f"q{n}"})),
        says("done"),
        draft(n),
    ],
    "refused and cut-off calls": lambda n: [
        calls(("calculator", '{"expression": "2+'), ("nothing", "{}")),
        asks(("look", {"query": f"q{n}"})),
        says("done"),
        draft(n),
    ],
    "an answer asked for twice": lambda n: [
        asks(("look", {"query": f"q{n}"})),
        says("done"),
        wrong(n),
        draft(n),
    ],
    "repeated calls": lambda n: [
        asks(("look", {"query": f"q{n}"})),
        asks(("look", {"query": f"q{n}"})),
        draft(n),
    ],
    "a failing service": lambda n: [asks(("look", {"query": f"q{n}"})), status(401)],
    "an endless loop": lambda n: [
        asks(("calculator", {"expression": f"{n} + {i}"})) for i in range(20)
    ],
    "structured decisions": lambda n: [decide("look", f"q{n}"), decide("answer", ""), draft(n)],
}


def record(home):
    assistant = Assistant(documents=[SAMPLES / "documents"], home=home, model="extractive")
    for case in GoldSet.load(SAMPLES / "gold.jsonl").cases:
        assistant.ask(case.question)
    from workings.agent.models import make_model

    for shape, script in SHAPES.items():
        decision = "structured" if shape == "structured decisions" else "native"
        for n in range(RUNS_A_SHAPE + 2):
            with FakeProvider(*script(n)) as fake:
                model = make_model(
                    "compatible:fake", base_url=fake.url, decision=decision, stream=n % 4 != 0
                )
                one = Assistant(
                    model=model, home=home, collection="none", tools=[look, fails, crashes]
                )
                try:
                    one.ask(f"What is the value of q{n}?")
                except Exception as error:  # a run that fails is recorded and replayed too
                    if not hasattr(error, "trace"):
                        raise


def main():
    with tempfile.TemporaryDirectory() as home:
        record(Path(home))
        began = time.perf_counter()
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "workings",
                "replay",
                "--all",
                str(Path(home) / "traces"),
                "--json",
            ],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": "4242"},
            check=False,
        )
        seconds = time.perf_counter() - began
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.strip()]
        total = lines[-1]
        for line in lines[:-1]:
            if line.get("status") not in (None, "identical"):
                print(line)
        size = sum(p.stat().st_size for p in Path(home, "traces").rglob("*") if p.is_file())
    n = total["traces"]
    table(
        [
            "runs recorded",
            "identical in a second process",
            "diverged",
            "broken",
            "seconds",
            "bytes a run",
        ],
        [
            [
                n,
                share(total["identical"], n),
                total["behavioural"] + total["benign"],
                total["broken"],
                f"{seconds:.1f}",
                round(size / n),
            ]
        ],
    )
    return 0 if total["identical"] == n and n >= 200 else 1


if __name__ == "__main__":
    sys.exit(main())
