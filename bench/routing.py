"""The first tool of `extractive` on labelled questions, 18 filings loaded and web search offered.

    python bench/routing.py [--wrong] [--index FOLDER]

A calculator call with a number that stands nowhere in the question is a miss. No tool for a word
problem is acceptable: this model cannot read one. Leave-one-source-out: the weights are fitted
again without the rows of a source and asked about that source. The fit starts from what each
feature means by definition (`MEANING`: one vote a feature), because a tool may have one source only
(retrieval has), and nothing could be learnt of it from the others.
"""

import json
import re
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np
from common import rows, share, shared, table
from langchain_core.messages import HumanMessage, SystemMessage
from workings.agent.extractive import ExtractiveModel
from workings.graphs.operands import is_traced, trace_operands
from workings.tools.index import Index
from workings.tools.routing import CALCULATOR, NONE, SEARCH, WEB, WEIGHTS, Loaded, features, route

MEANING = {
    "arithmetic": CALCULATOR,
    "named": SEARCH,
    "business": SEARCH,
    "recent": WEB,
    "world": WEB,
    "currency": WEB,
    "proper": WEB,
    "self": NONE,
    "chat": NONE,
    "reply": NONE,
    "statement": NONE,
    "word_problem": NONE,
}
RIDGE = 0.05
LABEL = {CALCULATOR: "calculator", SEARCH: "retrieval", WEB: "web_search"}
TOOLS = [
    {"name": name, "description": name, "parameters": {"type": "object", "properties": {}}}
    for name in LABEL
]


def acceptable(row, tool):
    first = [] if tool == NONE else [LABEL.get(tool, tool)]
    if any(want[:1] == first for want in row["acceptable_tools"]):
        return True
    return tool == NONE and row["source"] == "gsm8k/word_problems"


def first_call(model, question, named):
    """What the model itself asks for, from message text alone."""
    lines = [f'<document name="{name}" named="{share_:.2f}"/>' for name, share_ in named]
    system = f'<documents count="{len(lines)}">\n' + "\n".join(lines) + "\n</documents>"
    reply = model.bind_tools(TOOLS).invoke([SystemMessage(system), HumanMessage(question)])
    return reply.tool_calls[0] if reply.tool_calls else None


def stands(question, call):
    if call is None or call["name"] != CALCULATOR:
        return True
    return is_traced(trace_operands(call["args"]["expression"], "0", question, (), ()))


def fitted(examples):
    """Softmax weights: ridge towards `MEANING`, 400 steps of plain gradient descent."""
    names = sorted({name for found, _ in examples for name in found} | set(MEANING))
    tools = list(WEIGHTS)
    x = np.array([[found.get(name, 0.0) for name in names] for found, _ in examples])
    y = np.array([[float(tool in good) for tool in tools] for _, good in examples])
    y /= y.sum(axis=1, keepdims=True)
    start = np.array([[float(MEANING.get(name) == tool) for tool in tools] for name in names])
    w = start.copy()
    for _ in range(400):
        scores = x @ w
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        w -= 0.5 * (x.T @ (p - y) / len(x) + RIDGE * (w - start))
    return {tool: dict(zip(names, w[:, place], strict=True)) for place, tool in enumerate(tools)}


def without_each_source(kept, named):
    data = []
    for row in kept:
        loaded = [Loaded(name, "", score) for name, score in named[row["id"]]]
        good = {tool for tool in WEIGHTS if acceptable(row, tool)}
        data.append((row, loaded, features(row["question"], loaded), good))
    right = 0
    for source in sorted({row["source"] for row in kept}):
        weights = fitted([(f, good) for row, _, f, good in data if row["source"] != source])
        for row, loaded, _, good in data:
            if row["source"] == source:
                right += route(row["question"], loaded, weights=weights).tool in good
    return right


def main():
    data = shared("data", "tool_routing", "routing.jsonl")
    filings = shared("data", "financebench", "pdfs")
    if data is None or filings is None:
        return
    names = {path.stem for path in filings.glob("*.pdf")}
    kept = [row for row in rows(data) if set(row["given_documents"]) <= names]
    with tempfile.TemporaryDirectory() as home:
        folder = sys.argv[sys.argv.index("--index") + 1] if "--index" in sys.argv else home
        index = Index.open(Path(folder))
        index.update([filings])
        named = {row["id"]: matches(index, row["question"]) for row in kept}
    model = ExtractiveModel()
    groups = defaultdict(lambda: [0, 0])
    invented = 0
    for row in kept:
        call = first_call(model, row["question"], named[row["id"]])
        traced = stands(row["question"], call)
        invented += not traced
        right = traced and acceptable(row, call["name"] if call else NONE)
        group = re.sub(
            r"clinc_oos:(?!calc|weather|exchange).*", "clinc_oos: small talk", row["source"]
        )
        groups[group][0] += right
        groups[group][1] += 1
        if not right and "--wrong" in sys.argv:
            print(row["id"], row["label"], json.dumps(call["args"] if call else None)[:120])
    right, n = (sum(pair[place] for pair in groups.values()) for place in (0, 1))
    body = [[source, share(*pair)] for source, pair in sorted(groups.items())]
    body.append(["**all**", share(right, n)])
    body.append(
        [
            "weights refitted without the source asked about",
            share(without_each_source(kept, named), n),
        ]
    )
    body.append(["calculator calls with a number from nowhere", invented])
    table(
        [
            "extractive, first tool (development rows: the features were written with them in view)",
            "acceptable",
        ],
        body,
    )


def matches(index, question):
    found = index.named(question)
    return [(document.name, min(1.0, score)) for document, score in found][:30]


if __name__ == "__main__":
    main()
