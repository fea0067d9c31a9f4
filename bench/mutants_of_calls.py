"""Mutants of which calls are made: their arguments, names, order and number, and the route."""

from itertools import permutations

from mutant import (
    Mutant,
    messages_of_tools,
    models,
    patched,
    ran,
    runs_tools,
    with_tools_node,
)
from workings.graphs import act, decide, finalize
from workings.graphs import graph as graph_module
from workings.graphs.model import Message, ToolRequest


def argument(bases):
    edits = (
        lambda v: v + " please",
        lambda v: v.upper() if v.upper() != v else v.lower(),
        lambda v: v[:-1],
        lambda v: v.replace(v[0], "x", 1),
        lambda v: f"{v}?",
    )
    original = act.parse_arguments
    for name, trace in bases:
        for step in ran(trace):
            texts = [k for k, v in (step.arguments or {}).items() if isinstance(v, str) and v]
            if not texts:
                continue
            for edit in edits:
                old = step.arguments[texts[0]]
                if edit(old) in ("", old):
                    continue

                def parse(text, limit, step=step, key=texts[0], edit=edit):
                    values = original(text, limit)
                    if values == step.arguments:
                        values = {**values, key: edit(values[key])}
                    return values

                first = next(s for s in ran(trace) if s.arguments == step.arguments)
                yield Mutant(
                    "argument",
                    name,
                    trace,
                    first.index,
                    "tool_args_changed",
                    {"tools": runs_tools(trace)},
                    lambda parse=parse: patched((act, "parse_arguments", parse)),
                )


def route(bases):
    original = graph_module.route
    for name, trace in bases:
        asked = models(trace, "agent")
        nodes = [n for n in trace.nodes if n.node == "agent"]
        for turn, (step, node) in enumerate(zip(asked, nodes, strict=False)):
            for other in ("tools", "finalize"):
                if node.route == other or node.route == "approve":
                    continue

                def today(state, runtime, turn=turn, other=other):
                    at = sum(m.role == "assistant" for m in state["messages"]) - 1
                    return other if at == turn else original(state, runtime)

                yield Mutant(
                    "route",
                    name,
                    trace,
                    step.index,
                    "route_changed",
                    {"tools": runs_tools(trace)},
                    lambda today=today: patched((graph_module, "route", today), graph=True),
                )


def order(bases):
    for name, trace in bases:
        for visit, steps in enumerate(messages_of_tools(trace)):
            if len(steps) < 2:
                continue
            same = tuple(range(len(steps)))
            for way in list(permutations(same))[1:]:
                first = next(i for i in same if way[i] != i)

                def change(pending, at, way=way, visit=visit):
                    return (
                        [pending[i] for i in way]
                        if at == visit and len(pending) == len(way)
                        else pending
                    )

                yield Mutant(
                    "order",
                    name,
                    trace,
                    steps[first].index,
                    "reordered",
                    {"tools": runs_tools(trace)},
                    lambda change=change: with_tools_node(change),
                )


def extra_call(bases):
    for name, trace in bases:
        for visit, steps in enumerate(messages_of_tools(trace)):
            if any(s.status == "refused" for s in steps):
                continue
            for place in range(len(steps) + 1):
                for expression in ("40 + 2", "7 * 6"):

                    def change(pending, at, visit=visit, place=place, expression=expression):
                        new = ToolRequest(
                            id="call_new",
                            name="calculator",
                            arguments=f'{{"expression": "{expression}"}}',
                        )
                        return [*pending[:place], new, *pending[place:]] if at == visit else pending

                    yield Mutant(
                        "extra call",
                        name,
                        trace,
                        steps[0].index + place,
                        "extra_call",
                        {"tools": runs_tools(trace)},
                        lambda change=change: with_tools_node(change),
                    )

        async def agent(state, runtime):
            await runtime.context.ask(
                "agent", "check", (Message(role="user", content="Is this safe?"),)
            )
            return await decide.agent(state, runtime)

        yield Mutant(
            "extra call",
            name,
            trace,
            1,
            "extra_call",
            {"tools": runs_tools(trace)},
            lambda agent=agent: patched((graph_module, "agent", agent), graph=True),
        )


def missing_call(bases):
    for name, trace in bases:
        for visit, steps in enumerate(messages_of_tools(trace)):
            for place, step in enumerate(steps):
                if step.status == "refused":
                    continue

                def change(pending, at, visit=visit, place=place):
                    return pending[:place] + pending[place + 1 :] if at == visit else pending

                yield Mutant(
                    "missing call",
                    name,
                    trace,
                    step.index,
                    "missing_call",
                    {"tools": runs_tools(trace)},
                    lambda change=change: with_tools_node(change),
                )
        asked = models(trace, "finalize")
        if asked and trace.answer is not None:

            async def final(state, runtime):
                return {"draft": finalize.Draft(refused=True, reason="not asked")}

            yield Mutant(
                "missing call",
                name,
                trace,
                asked[0].index,
                "missing_call",
                {"tools": runs_tools(trace)},
                lambda final=final: patched((graph_module, "finalize", final), graph=True),
            )


def tool_name(bases):
    for name, trace in bases:
        if "peek" not in {t["name"] for t in trace.start.tools}:
            continue
        for visit, steps in enumerate(messages_of_tools(trace)):
            for place, step in enumerate(steps):
                if step.name != "look" or step.status == "refused":
                    continue

                def change(pending, at, visit=visit, place=place):
                    if at != visit:
                        return pending
                    return [
                        r.model_copy(update={"name": "peek"}) if i == place else r
                        for i, r in enumerate(pending)
                    ]

                yield Mutant(
                    "tool name",
                    name,
                    trace,
                    step.index,
                    "tool_name_changed",
                    {"tools": runs_tools(trace)},
                    lambda change=change: with_tools_node(change),
                )
