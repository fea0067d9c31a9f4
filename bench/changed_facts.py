"""One fact of an imported trace changed: does a plain replay name it, at its place?

A fact is a reply, a result, an input or a request.
"""

import copy
from collections import Counter

from common import rows
from raw_edits import EDITS_A_FILE, index_of
from workings.evals.foreign import foreign_of
from workings.evals.importing import safe_id
from workings.evals.replay import replay
from workings.graphs.canonical import request_key
from workings.graphs.trace import ModelStep


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
