"""Run every bench and write BENCHMARKS.md: `make bench`, or `python bench/all.py NAME...`.

Each section is one command's output. A bench whose data or server is not there says so and is left
out; sections not asked for by name are kept as they are.
"""

import importlib.metadata
import os
import platform
import re
import subprocess
import sys
import time
from pathlib import Path

from common import ROOT

SECTIONS = {
    "samples": ("Answers on our own gold set", ["samples.py"]),
    "squad2": ("Answer or refuse: reading comprehension", ["squad2.py"]),
    "routing": ("Which tool first", ["routing.py"]),
    "filings": ("Real filings, end to end", ["filings.py"]),
    "retrieval": ("Retrieval", ["retrieval.py"]),
    "rival_retrieval": ("Beside LangChain's recipe", ["rival_retrieval.py"]),
    "embedders": ("Embedders beside each other", ["embedders.py"]),
    "why": ("Where a page was lost", ["why.py"]),
    "readers": ("Reading PDFs", ["readers.py"]),
    "scale": ("A million passages", ["scale.py"]),
    "index_integrity": ("One bit turned in an index", ["index_integrity.py"]),
    "postgres": ("PostgreSQL with pgvector beside FAISS", ["postgres.py"]),
    "hostile_pdfs": ("Hostile PDFs, names and folders", ["hostile_pdfs.py"]),
    "ingest_crash": ("An update of an index, killed", ["ingest_crash.py"]),
    "local_model": ("A real small model", ["local_model.py"]),
    "filings_local": ("A real small model on filings, judged", ["filings_local.py"]),
    "calculator": ("Calculator", ["calculator.py"]),
    "faults": ("Faults of model and search services", ["faults.py"]),
    "limits": ("Faults through the whole assistant", ["limits.py"]),
    "replay": ("Exact replay", ["replay.py"]),
    "mutations": ("Changes that a replay must catch", ["mutations.py"]),
    "rivals": ("Beside what others offer", ["rivals.py"]),
    "canaries": ("Secrets in what is written", ["canaries.py"]),
    "crash": ("Killed, cut, flipped", ["crash.py"]),
    "speed": ("Speed and size of recording and replay", ["speed.py"]),
    "recording": ("Recorded graphs of users", ["recording.py"]),
    "trajectories": ("Traces of others", ["trajectories.py"]),
    "eval_crash": ("An evaluation killed and gone on with", ["eval_crash.py"]),
    "stats": ("Statistics that can be believed", ["stats.py"]),
    "faithfulness": ("Faithfulness by code", ["faithfulness.py"]),
    "judge": ("The local model as a judge", ["judge.py", "pairs"]),
    "outcomes": ("Outcomes by matching of calls", ["outcomes.py"]),
    "rescoring": ("Kept runs scored again", ["rescoring.py"]),
    "bridges": ("Metrics of RAGAS, DeepEval, agentevals beside ours", ["bridges.py"]),
    "patterns": ("Planted failure patterns and planted flips", ["patterns.py"]),
    "start": ("Start-up", ["start.py"]),
}
LIBRARIES = (
    "langgraph",
    "langchain-core",
    "langchain-openai",
    "openai",
    "pydantic",
    "faiss-cpu",
    "pypdfium2",
    "pypdf",
    "wordllama",
    "tavily-python",
)
OUT = ROOT / "BENCHMARKS.md"


def head():
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    return (
        "# Benchmarks\n\n"
        "Written by `make bench`; one section is one command. Shares are with their Wilson 95 % interval. Figures on public\n"
        "data hold ids and counts only; without the data (`WORKINGS_SHARED`, default `../shared`) a section keeps its last\n"
        "result. The machine is noisy (2 shared cores): times are ratios or CPU seconds where it matters.\n\n"
        f"Python {platform.python_version()}, {platform.machine()}; {versions}.\n"
    )


def kept():
    """Sections of the file as it is, by name."""
    if not OUT.exists():
        return {}
    parts = re.split(r"^<!-- (\w+) -->\n", OUT.read_text(encoding="utf-8"), flags=re.M)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def run(name):
    title, command = SECTIONS[name]
    began = time.monotonic()
    environment = {"WORKINGS_SHARED": str(ROOT.parent / "shared"), **os.environ}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    seconds = time.monotonic() - began
    print(f"{name}: exit {done.returncode}, {seconds:.0f} s", flush=True)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-2000:])
    output = done.stdout.strip()
    if not output or ("left out" in output and "|" not in output):
        return None
    verdict = "" if done.returncode == 0 else f"\n\n**exit {done.returncode}: below its bound**"
    day = time.strftime("%Y-%m-%d", time.gmtime())
    return f"## {title}\n\n`python bench/{' '.join(command)}` ({day})\n\n{output}{verdict}"


def main():
    chosen = sys.argv[1:] or [
        n for n, (_, c) in SECTIONS.items() if (Path(__file__).parent / c[0]).exists()
    ]
    for name in chosen:
        body = run(name)
        sections = kept()
        if body is not None:
            sections[name] = body
        order = [n for n in SECTIONS if n in sections]
        text = head() + "".join(f"\n<!-- {n} -->\n{sections[n]}\n" for n in order)
        OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
