"""A real small model on all filing questions, each against its own document.

    WORKINGS_BASE_URL=http://127.0.0.1:8099/v1 python bench/filings_local.py [ID...]

Resumable. Ids and figures go to bench/results/local/filings46.jsonl; what was answered, for a person
to judge by the rule of bench/agent, to answers.jsonl in WORKINGS_BENCH (never committed).
`bare` is the code's verdict on golds that are bare numbers: within 1 %, in any scale.
"""

import os
import sys
import time

from common import keep, kept, rows, share, shared, table
from filings import near
from local_model import RESULTS, SAMPLING, WORK, model
from workings.agent.assistant import Assistant
from workings.evals.stats import mcnemar
from workings.graphs.operands import is_traced
from workings.tools.errors import WorkingsError

PATH = RESULTS / "filings46.jsonl"
JUDGED = RESULTS / "judged46.jsonl"
"""Verdicts of a person on ours and on the rivals' answers, each with its reason; one rule for all:
a right yes or no counts though a figure beside it is wrong (`lenient`); `strict` wants both."""
DEADLINE = float(os.environ.get("WORKINGS_BENCH_DEADLINE", "3000"))
TABLES = ("extraction", "calculation", "numerical_reasoning")


def ask(data, row):
    assistant = Assistant(
        documents=[data.parent / row["pdf"]],
        model=model(),
        home=WORK / "filings46",
        web=False,
        deadline=DEADLINE,
        **SAMPLING,
    )
    began = time.monotonic()
    try:
        answer, trace, error = assistant.ask(row["question"]), None, None
        trace = answer.trace
    except WorkingsError as problem:
        answer, trace, error = None, problem.trace, type(problem).__name__
    steps = trace.steps if trace is not None else ()
    text = answer.text if answer else ""
    keep(WORK / "answers.jsonl", {"id": row["id"], "gold": row["answer"], "answer": text})
    gold = {item["page_1based"] for item in row["evidence"]}
    bare = row["answer_is_bare_number"]
    return {
        "id": row["id"],
        "kind": row["kind"],
        "ended": "error" if answer is None else "refused" if answer.refused else "answered",
        "error": error,
        "bare": near(answer, row["answer"]) if bare and answer else False if bare else None,
        "page": bool(answer and gold & {c.page for c in answer.citations}),
        "traced": bool(answer) and all(map(is_traced, answer.calculations)),
        "verified": bool(answer) and all(c.verified for c in answer.citations),
        "tools": [step.name for step in steps if step.kind == "tool"],
        "requests": sum(step.kind == "model" for step in steps),
        "seconds": round(time.monotonic() - began, 1),
        "trace": trace.id if trace is not None else None,
    }


def main():
    data = shared("data", "financebench", "questions.jsonl")
    if data is None:
        return
    chosen = [r for r in rows(data) if not sys.argv[1:] or r["id"][-5:] in sys.argv[1:]]
    done = kept(PATH)
    for row in chosen:
        if row["id"] not in done:
            keep(PATH, ask(data, row))
    done = kept(PATH)
    mine = [done[row["id"]] for row in chosen]
    bare = [d for d in mine if d["bare"] is not None]
    looked = [d for d in mine if d["kind"] in TABLES]
    table(
        ["local model, own document", "n", "bare numbers right", "gold page cited", "by rows"],
        [
            [
                "filing questions",
                len(mine),
                share(sum(d["bare"] for d in bare), len(bare)),
                share(sum(d["page"] for d in mine), len(mine)),
                share(sum("find_rows" in d["tools"] for d in looked), len(looked)),
            ]
        ],
    )
    answered = [d for d in mine if d["ended"] == "answered"]
    shown = sum(d["traced"] and d["verified"] for d in answered)
    print(f"Answers whose every shown number is traced: {share(shown, len(answered))}\n")
    judged(done)


def judged(done):
    """Ours beside the rivals with the same weights, paired."""
    by = {}
    for line in rows(JUDGED):
        by.setdefault(line["system"], {})[line["id"]] = line
    ours = by["workings"]
    looked = {i for i in ours if done[i]["kind"] in TABLES}
    sets = {
        "all 46": set(ours),
        "development 20": {i for i in ours if ours[i]["set"] == "development"},
        "held out 26": {i for i in ours if ours[i]["set"] == "held out"},
        "table questions": looked,
    }
    lines = []
    for name, ids in sets.items():
        line = [name, share(sum(ours[i]["right"] for i in ids), len(ids))]
        line.append(share(sum(ours[i]["strict"] for i in ids), len(ids)))
        for rival in ("2-step chain", "create_agent"):
            both = ids & by[rival].keys()
            won = sum(ours[i]["right"] and not by[rival][i]["right"] for i in both)
            lost = sum(by[rival][i]["right"] and not ours[i]["right"] for i in both)
            line.append(share(sum(by[rival][i]["right"] for i in both), len(both)))
            line.append(f"{won} : {lost}, p = {mcnemar(lost, won):.3g}" if both else "not run")
        lines.append(line)
    table(
        [
            "the same 1.5B model",
            "Workings, right",
            "strictly",
            "2-step chain",
            "won : lost, McNemar",
            "create_agent",
            "won : lost, McNemar",
        ],
        lines,
    )


if __name__ == "__main__":
    main()
