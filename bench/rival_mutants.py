"""The mutants of the agent that every rival runs: 14 kinds of change, 20 and more of each.

Knows the agent and where its calls stand; knows no rival. A change of what a tool gave counts as
named rightly at that call or at the request that shows it first.
"""

import json
from dataclasses import replace
from itertools import permutations

from langgraph.graph.message import add_messages
from rival_agent import PROMPT, SCRIPTS, Change, Mutant, course, with_prompt


def prompt_word(name, at):
    for word in range(4, len(PROMPT.split(" ")), 6):
        yield Change(prompt=with_prompt(word)), {1}


def tool_schema(name, at):
    for tool in ("retrieve", "calculator"):
        for text in ("Use it well.", "Look first; then answer."):
            yield Change(described={tool: text}), {1}


def parameter(name, at):
    for params in ({"temperature": 0.3}, {"top_p": 0.5}, {"seed": 7}, {"max_tokens": 99}):
        yield Change(params=params), {1}


def model(name, at):
    for other in ("m-2", "m-1-mini", "other", "m"):
        yield Change(name=other), {1}


def argument(name, at):
    def edit(change):
        return lambda given: {key: change(value) for key, value in given.items()}

    for number, call in enumerate(at.tools):
        for change in (lambda v: v + " ", lambda v: v[1:], lambda v: v.replace("2", "3", 1) + "0"):
            yield Change(arguments=(number, edit(change))), {call, at.after(call)}


def tool_result(name, at):
    for number, call in enumerate(at.tools):
        for change in (lambda t: t + " More.", lambda t: t.replace("4", "5", 1) + "0"):
            yield Change(result=(number, change)), {call, at.after(call)}


def written_value(name, at):
    for number, call in enumerate(at.tools):
        for change in (lambda t: t + " (checked)", lambda t: t[: len(t) // 2]):
            yield Change(content=(number, change)), {call, at.after(call)}


def tool_name(name, at):
    for number, call in enumerate(at.tools):
        for other in ("lookup", "calculator", "retrieve"):
            same = [c for turn in SCRIPTS[name] for c in turn][number][0]
            if other == "lookup":
                yield Change(called=(number, other)), {call, at.after(call)}
            elif other != same:
                key = "expression" if other == "calculator" else "query"
                swap = (number, lambda given, key=key: {key: next(iter(given.values()))})
                yield Change(called=(number, other), arguments=swap), {call, at.after(call)}


def route(name, at):
    for turn in range(len(SCRIPTS[name])):
        first = at.tools[at.turns[turn][0]]
        for other in ("finish", "agent"):
            yield Change(route=(turn, other)), {at.models[turn], first, at.models[turn + 1]}


def parser(name, at):
    ways = (
        lambda text: json.loads(text)["value"],
        lambda text: json.loads(text)["answer"].upper(),
        lambda text: text,
        lambda text: json.loads(text)["answer"][:-1],
    )
    for way in ways:
        yield Change(parse=way), {at.models[-1], at.models[-1] + 1}


def reducer(name, at):
    ways = (
        lambda a, b: add_messages(a, b)[:1] + add_messages(a, b)[-1:],
        lambda a, b: [m for m in add_messages(a, b) if m.type != "tool"],
        lambda a, b: add_messages(a, b)[1:] if len(a) > 1 else add_messages(a, b),
        lambda a, b: add_messages(a, b)[::-1],
    )
    for way in ways:
        yield Change(reducer=way), set(range(1, at.models[1] + 2))


def order(name, at):
    for turn, numbers in enumerate(at.turns):
        for way in list(permutations(range(len(numbers))))[1:]:
            yield (
                Change(turn_order=(turn, way)),
                {*(at.tools[n] for n in numbers), at.models[turn + 1]},
            )


def order_alone(name, at):
    """The same calls and the same messages: only which call came first is otherwise."""
    for change, calls in order(name, at):
        yield replace(change, same_messages=True), calls


def extra_call(name, at):
    for turn in range(len(at.models)):
        yield Change(extra_model=turn), {at.models[turn], at.models[turn] - 1}
    for number, call in enumerate(at.tools):
        more = ("calculator", {"expression": "40 + 2"})
        yield Change(extra_tool=(number, more)), {call}


def missing_call(name, at):
    for number, call in enumerate(at.tools):
        for text in ("", "skipped"):
            yield Change(without=(number, text)), {call, at.after(call)}


KINDS = (
    prompt_word,
    tool_schema,
    parameter,
    model,
    argument,
    tool_result,
    written_value,
    tool_name,
    route,
    parser,
    reducer,
    order,
    extra_call,
    missing_call,
)


def mutants(kind):
    """Every mutant of a kind, over all scripts."""
    return [
        Mutant(kind.__name__.replace("_", " "), name, change, frozenset(calls))
        for name in SCRIPTS
        for change, calls in kind(name, course(name))
    ]
