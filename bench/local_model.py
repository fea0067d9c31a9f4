"""A real small model behind llama.cpp, as `compatible:`: routing, word problems, filings.

    WORKINGS_BASE_URL=http://127.0.0.1:8099/v1 python bench/local_model.py [routing|gsm8k|filings]...

Resumable: results (ids and figures, never text) are kept in bench/results/local; a row that is there
is not asked again, so without a server the table tells what was measured last. Traces go to
WORKINGS_BENCH (default: .workings-bench in the temp folder).
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from common import keep, kept, rows, share, shared, table
from workings.agent.assistant import Assistant
from workings.agent.models import make_model
from workings.graphs.limits import Limits
from workings.graphs.live import LiveCalls
from workings.graphs.recorder import Recorder
from workings.graphs.run import run
from workings.graphs.steps import Start
from workings.tools.errors import WorkingsError
from workings.tools.numbers import find_numbers
from workings.tools.tool import tool

WORK = Path(os.environ.get("WORKINGS_BENCH", Path(tempfile.gettempdir()) / ".workings-bench"))
RESULTS = Path(__file__).parent / "results" / "local"
MODEL = os.environ.get("WORKINGS_MODEL", "compatible:qwen2.5-coder-1.5b")
SAMPLING = {"temperature": 0.0, "seed": 1}
LABELS = {"search_documents": "retrieval", "read_page": "retrieval"}
FILINGS = ("03029", "04672", "07661", "06655", "00476")


@tool
def search_documents(query: str) -> str:
    """Search the user's loaded documents: reports, filings, policies, contracts, products."""
    return ""


@tool
def web_search(query: str) -> str:
    """Search the public web for current events, people, places, weather, prices."""
    return ""


@tool(effect="pure")
def calculator(expression: str) -> str:
    """Work out an arithmetic expression exactly."""
    return ""


def model():
    if not os.environ.get("WORKINGS_BASE_URL"):
        sys.exit("WORKINGS_BASE_URL names no server, and not every row was measured before")
    return make_model(MODEL, base_url=os.environ["WORKINGS_BASE_URL"], passage_tokens=800)


async def first_tool(asked, question, documents):
    """The first decision alone: limits that leave no second one."""
    offered = (search_documents, web_search, calculator)
    limits = Limits(requests=4, deadline=600)
    start = Start(
        id="routing",
        created="2026-11-22T00:00:00+00:00",
        question=question,
        model=asked.id,
        params=SAMPLING | {"max_tokens": 200},
        profile=asked.profile.model_dump(mode="json"),
        limits=limits.model_dump(mode="json"),
        options={
            "today": "2026-11-22",
            "documents": [{"name": f"{name}.pdf", "title": name} for name in documents],
        },
    )
    calls = LiveCalls(asked, limits.deadline)
    answer = await run(start, calls, {t.name: t for t in offered}, Recorder(None))
    tools = [step.name for step in answer.trace.steps if step.kind == "tool"]
    return LABELS.get(tools[0], tools[0]) if tools else "none"


def routing():
    data = shared("data", "tool_routing", "routing.jsonl")
    if data is None:
        return
    draw, chosen = random.Random(7), []  # the rows of the rivals' run (bench/agent of the data)
    labels = ("retrieval", 4), ("retrieval+calculator", 3), ("calculator", 5), ("web_search", 4)
    for label, count in (*labels, ("none", 4)):
        chosen += draw.sample([row for row in rows(data) if row["label"] == label], count)
    path = RESULTS / "routing.jsonl"
    done = kept(path)
    for row in chosen:
        if row["id"] not in done:
            began = time.monotonic()
            first = asyncio.run(first_tool(model(), row["question"], row["given_documents"]))
            accepted = [names[0] if names else "none" for names in row["acceptable_tools"]]
            keep(
                path,
                {
                    "id": row["id"],
                    "first": first,
                    "right": first in accepted,
                    "seconds": round(time.monotonic() - began, 1),
                },
            )
    done = kept(path)
    right = sum(done[row["id"]]["right"] for row in chosen)
    table(
        ["local model", "first tool acceptable", "create_agent, same model and rows"],
        [["20 routing questions, structured decision", share(right, len(chosen)), "8/20 = 40 %"]],
    )


def ask(assistant, question, is_right):
    began = time.monotonic()
    try:
        answer = assistant.ask(question)
        trace, error = answer.trace, None
    except WorkingsError as problem:
        answer, trace, error = None, problem.trace, type(problem).__name__
    steps = trace.steps if trace is not None else ()
    calls = [step for step in steps if step.kind == "tool"]
    return {
        "ended": "error" if answer is None else "refused" if answer.refused else "answered",
        "error": error,
        "right": answer is not None and not answer.refused and is_right(answer),
        "empty": answer is not None and not answer.text.strip(),
        "tool_calls": len(calls),
        "requests": answer.usage.requests if answer else None,
        "loop": bool(answer and answer.usage.requests >= 12),
        "verified": bool(answer and all(c.verified for c in answer.citations)),
        "seconds": round(time.monotonic() - began, 1),
        "trace": trace.id if trace is not None else None,
    }


def near(answer, wanted):
    shown = [n.value * n.scale for n in find_numbers(answer.text, words=True)]
    shown += [] if answer.value is None else [answer.value]
    return any(abs(abs(float(n)) - abs(wanted)) <= 0.01 * abs(wanted) for n in shown)


def report(name, done, peer):
    n = len(done)
    table(
        [
            "local model",
            "ended answered / refused / error",
            "right",
            "loops",
            "empty",
            "with tools",
            "requests, mean",
            "seconds, mean",
            "create_agent",
        ],
        [
            [
                name,
                " / ".join(
                    str(sum(d["ended"] == e for d in done))
                    for e in ("answered", "refused", "error")
                ),
                share(sum(d["right"] for d in done), n),
                sum(d["loop"] for d in done),
                sum(d["empty"] for d in done),
                f"{sum(d['tool_calls'] > 0 for d in done)}/{n}",
                f"{sum(d['requests'] or 0 for d in done) / max(1, n):.1f}",
                f"{sum(d['seconds'] for d in done) / max(1, n):.0f}",
                peer,
            ]
        ],
    )


def gsm8k(count=10):
    data = shared("data", "gsm8k", "word_problems.jsonl")
    if data is None:
        return
    chosen = random.Random(7).sample(rows(data), 24)[:count]
    path = RESULTS / "gsm8k.jsonl"
    done = kept(path)
    for row in chosen:
        if row["id"] not in done:
            assistant = Assistant(model=model(), home=WORK / "gsm8k", web=False, **SAMPLING)
            wanted = row["final_answer_number"]
            keep(
                path,
                {"id": row["id"]} | ask(assistant, row["question"], lambda a, w=wanted: near(a, w)),
            )
    done = kept(path)
    report(f"{count} word problems", [done[row["id"]] for row in chosen], "11/24 = 46 % (of 24)")


def filings():
    data = shared("data", "financebench", "questions.jsonl")
    if data is None:
        return
    by_id = {row["id"][-5:]: row for row in rows(data)}
    path = RESULTS / "filings.jsonl"
    done = kept(path)
    for number in FILINGS:
        row = by_id[number]
        if row["id"] in done:
            continue
        pdf = data.parent / row["pdf"]
        assistant = Assistant(
            documents=[pdf], model=model(), home=WORK / "filings", web=False, **SAMPLING
        )
        wanted = find_numbers(row["answer"])
        value = float(wanted[0].value * wanted[0].scale) if wanted else None
        keep(
            path,
            {"id": row["id"]}
            | ask(assistant, row["question"], lambda a, v=value: v is not None and near(a, v)),
        )
    done = kept(path)
    report("5 filing questions", [done[by_id[n]["id"]] for n in FILINGS], "1/20 = 5 % (of 20)")


def main():
    for name in sys.argv[1:] or ("routing", "gsm8k", "filings"):
        {"routing": routing, "gsm8k": gsm8k, "filings": filings}[name]()


if __name__ == "__main__":
    main()
