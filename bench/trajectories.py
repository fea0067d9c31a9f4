"""Runs of other programs: imported, replayed, exported, and edited.

    python bench/trajectories.py

The expected messages are worked out here from the raw records, by code that shares nothing with the
importers. An edit is made to the raw record: one message dropped, two unlike neighbours swapped, or
one word replaced (in the text, a failed call's error, or the arguments of a call). The edited record
is imported; `differences(original, edited)` runs its conversation again and holds each request
against the recorded one. It is caught at its place when the first difference that is named is at the
index of the edited message. Then one fact inside imported traces is changed (a reply, a result, an
input, a request), and a plain replay has to name it. Ids and figures only: no text of a record.
"""

import asyncio
import copy
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import orjson
from common import rows, share, shared, table
from workings.evals.exporting import export
from workings.evals.foreign import differences, foreign_of
from workings.evals.importing import import_file, read_records, safe_id
from workings.evals.replay import replay
from workings.graphs.canonical import request_key
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
EDITS_A_FILE = 40
SEED = 20261122


def text(content):
    if isinstance(content, list):
        return "".join(part.get("text") or part.get("content") or "" for part in content)
    return content or ""


def plain_chat(message):
    """Role, text, name, calls, what is answered: of one raw chat message."""
    calls = []
    for call in message.get("tool_calls") or []:
        function = call["function"]
        name, given = (
            (function, call["args"])
            if isinstance(function, str)
            else (function["name"], function["arguments"])
        )
        calls.append((call["id"], name, given))
    shown = message["error"] if message.get("error") is not None else text(message["content"])
    return {"role": message["role"], "text": shown, "name": message.get("name"), "calls": calls}


def plain_agents(message):
    role, name = message["role"], message.get("name")
    if role == "human":
        role = "user"
    elif role not in ("user", "assistant", "system"):
        role, name = ("user" if role == "ComputerTerminal" else "assistant"), role
    return {"role": role, "text": message["content"], "name": name, "calls": []}


def chain(raw):
    node, nodes = raw["answer"]["answer_details"][0], []
    while node:
        nodes.append(node)
        node = node["next"][0] if node["next"] else None
    return nodes


PIECES = re.compile(
    r"^\{'name': '(?P<name>[^']*)'(?:, 'arguments': (?P<a>['\"])(?P<arguments>(?:\\.|(?!(?P=a))[^\\])*)(?:(?P=a)(?:, 'response': (?P<r>['\"])(?P<response>(?:\\.|(?!(?P=r))[^\\])*))?)?)?",
    re.S,
)


def unescape(value):
    import ast

    value = value.rstrip("\\") if (len(value) - len(value.rstrip("\\"))) % 2 else value
    return ast.literal_eval(
        '"' + re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', value).replace("\n", "\\n") + '"'
    )


def plain_node(node):
    if node["role"] != "tool":
        return [{"role": node["role"], "text": node["message"], "name": None, "calls": []}]
    found = PIECES.match(node["message"])
    unquoted = "'arguments': " in node["message"] and not node["message"].endswith("'arguments': ")
    if found is None or (found["arguments"] is None and unquoted):
        return [{"role": "tool", "text": node["message"], "name": None, "calls": []}]
    call = ("", found["name"], unescape(found["arguments"] or ""))
    asks = {"role": "assistant", "text": "", "name": None, "calls": [call]}
    if found["response"] is None:
        return [asks]
    return [asks, {"role": "tool", "text": unescape(found["response"]), "name": None, "calls": []}]


def messages_in(name, raw):
    """The raw messages, as a list that can be edited and put back."""
    if name == "tau_bench_airline":
        return raw["traj"]
    if name == "who_and_when":
        return raw["history"]
    return chain(raw) if name == "toolbench_gpt35_cot" else raw["messages"]


def put_back(name, raw, messages):
    if name != "toolbench_gpt35_cot":
        raw[{"tau_bench_airline": "traj", "who_and_when": "history"}.get(name, "messages")] = (
            messages
        )
        return
    following = []
    for node in reversed(messages):
        following = [{**node, "next": following}]
    raw["answer"]["answer_details"] = following


def plain(name, message):
    if name == "toolbench_gpt35_cot":
        return plain_node(message)
    return [plain_agents(message) if name == "who_and_when" else plain_chat(message)]


def exported(messages, name):
    """Our export in the same plain form."""
    found = []
    for message in messages:
        calls = []
        for call in message.get("tool_calls") or []:
            given = call["function"]["arguments"]
            if name in ("agentdojo", "luna_websearch"):
                given = json.loads(given)
            id = "" if name == "toolbench_gpt35_cot" else call["id"]
            calls.append((id, call["function"]["name"], given))
        found.append(
            {
                "role": message["role"],
                "text": text(message["content"]),
                "name": message.get("name"),
                "calls": calls,
            }
        )
    return found


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


def edit_word(name, message, rng):
    """One word of a message replaced, where it has any; says whether it could."""
    if name == "toolbench_gpt35_cot":
        places = [(message, "message")]
    else:
        places = (
            [(message, "error")] if message.get("error") is not None else [(message, "content")]
        )
        if isinstance(message.get("content"), list) and message.get("error") is None:
            places = [
                (part, key)
                for part in message["content"]
                for key in ("text", "content")
                if part.get(key)
            ]
        for call in message.get("tool_calls") or []:
            inner = call if isinstance(call["function"], str) else call["function"]
            key = "args" if "args" in inner else "arguments"
            if isinstance(inner[key], str):
                places.append((inner, key))
            else:
                places += [(inner[key], k) for k, v in inner[key].items() if isinstance(v, str)]
    places = [
        (holder, key)
        for holder, key in places
        if isinstance(holder[key], str) and re.search(r"[a-z]{3,}", holder[key])
    ]
    if not places:
        return False
    holder, key = rng.choice(places)
    word = rng.choice(list(re.finditer(r"[a-z]{3,}", holder[key])))
    holder[key] = holder[key][: word.start()] + "qzx" + holder[key][word.end() :]
    return True


def edited(name, raw, rng):
    """The record after one random edit, what was done, and the indexes where it may be named."""
    for _ in range(100):
        changed = copy.deepcopy(raw)
        messages = messages_in(name, changed)
        before = [plain(name, message) for message in messages]
        if len(messages) < 2:
            return None
        kind = rng.choice(("drop", "swap", "edit"))
        place = rng.randrange(len(messages))
        start = sum(len(item) for item in before[:place])
        if kind == "edit":
            if not edit_word(name, messages[place], rng):
                continue
        elif place + 1 < len(messages) and before[place] == before[place + 1]:
            continue
        elif kind == "drop":
            del messages[place]
        elif place + 1 == len(messages):
            continue
        else:
            messages[place], messages[place + 1] = messages[place + 1], messages[place]
        put_back(name, changed, messages)
        after = [item for message in messages_in(name, changed) for item in plain(name, message)]
        if after == [item for group in before for item in group]:
            continue
        return changed, kind, range(start, start + max(1, len(before[place])))
    return None


def record_of(store, row, folder, count):
    """A row imported under its own name in a folder of its own."""
    other = TraceStore(folder / f"edit-{count}", fsync=False)
    path = folder / f"edit-{count}.json"
    path.write_text(json.dumps({**row, "raw": row["raw"]}), encoding="utf-8")
    result = import_file(path, other)
    return other.load(result.traces[0].trace) if result.traces else None


def index_of(path):
    found = re.match(r"/messages/(\d+)", path)
    return int(found[1]) if found else -1


def edits(name, path, store, folder, rng):
    """Random edits of records: how many were caught, and caught at their place, by kind."""
    found = Counter()
    data = rows(path)
    count = 0
    while count < EDITS_A_FILE:
        row = rng.choice(data)
        made = edited(name, row["raw"], rng)
        if made is None:
            continue
        changed, kind, places = made
        after = record_of(store, {**row, "raw": changed}, folder / name, count)
        before = store.load(safe_id(row["id"]))
        first = asyncio.run(differences(before, after)) if after is not None else ()
        named = next(
            (index_of(item.path) for item in first if item.path.startswith("/messages")), -1
        )
        found[kind, "all"] += 1
        found[kind, "caught"] += bool(first)
        found[kind, "placed"] += named in places
        if named not in places:
            print("missed:", name, row["id"], kind, places, named)
        count += 1
    return found


def tampered(trace, rng):
    """A trace with one recorded fact changed, and the index of the message that it stands for."""
    facts, place = [], 0
    foreign = foreign_of(trace)
    turns = iter(foreign.inputs)
    indexes = {}
    for number, _ in enumerate(next(turns)):
        indexes["input", 0, number] = place
        facts.append(("input", 0, number))
        place += 1
    turn = 0
    for position, step in enumerate(trace.steps):
        if isinstance(step, ModelStep):
            if turn:
                for number, _ in enumerate(foreign.inputs[turn]):
                    facts.append(("input", turn, number))
                    indexes["input", turn, number] = place
                    place += 1
            turn += 1
            if step.request.messages:
                inside = rng.randrange(len(step.request.messages))
                facts.append(("request", position, inside))
                indexes["request", position, inside] = inside
            facts.append(("reply", position, 0))
            indexes["reply", position, 0] = place
            place += 1
        elif step.error is None:
            facts.append(("result", position, 0))
            indexes["result", position, 0] = place
            place += 1
        elif step.error.type != "Unanswered":
            place += 1
    for number, _ in enumerate(foreign.inputs[-1] if turn else ()):
        facts.append(("input", turn, number))
        indexes["input", turn, number] = place
        place += 1
    fact = rng.choice(facts)
    kind, first, second = fact
    steps = list(trace.steps)
    if kind == "input":
        options = copy.deepcopy(trace.start.options)
        message = options["foreign"]["inputs"][first][second]
        message["content"] = message.get("content", "") + " qzx"
        return (
            trace.model_copy(update={"start": trace.start.model_copy(update={"options": options})}),
            kind,
            indexes[fact],
        )
    step = steps[first]
    if kind == "reply":
        reply = step.reply.model_copy(update={"content": step.reply.content + " qzx"})
        steps[first] = step.model_copy(update={"reply": reply})
    elif kind == "result":
        steps[first] = step.model_copy(
            update={"result": {**step.result, "content": step.result["content"] + " qzx"}}
        )
    else:
        messages = list(step.request.messages)
        messages[second] = messages[second].model_copy(
            update={"content": messages[second].content + " qzx"}
        )
        request = step.request.model_copy(update={"messages": tuple(messages)})
        steps[first] = step.model_copy(
            update={"request": request, "key": request_key(step.node, request)}
        )
    return trace.model_copy(update={"steps": tuple(steps)}), kind, indexes[fact]


def tamper(name, path, store, rng):
    """Changed facts inside imported traces: caught by a plain replay, at their place, by kind."""
    found = Counter()
    data = [row for row in rows(path) if store.path(safe_id(row["id"])).exists()]
    for _ in range(EDITS_A_FILE):
        trace = store.load(safe_id(rng.choice(data)["id"]))
        while not trace.steps:
            trace = store.load(safe_id(rng.choice(data)["id"]))
        changed, kind, place = tampered(trace, rng)
        result = replay(changed)
        named = [index_of(item.path) for item in result.divergences]
        found[kind, "all"] += 1
        found[kind, "caught"] += not result.ok
        found[kind, "placed"] += bool(named) and place in named[:1]
        if not named or named[0] != place:
            print(
                "missed:",
                name,
                trace.id,
                kind,
                place,
                [(d.kind, d.path) for d in result.divergences][:2],
            )
    return found


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
