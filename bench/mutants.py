"""The mutants of bench/mutations.py: one change each, and what a replay must say of it.

Shares no code with what finds the difference: what it knows of a record it reads from its steps.
"""

import contextlib
import copy
import sys
from dataclasses import dataclass, field
from itertools import permutations
from typing import Annotated, Any

from common import ROOT

sys.path.insert(0, str(ROOT / "tests"))
import recorded_runs as runs
from typing_extensions import TypedDict
from workings.graphs import act, decide, finalize, structured
from workings.graphs import graph as graph_module
from workings.graphs.context import RunContext
from workings.graphs.model import Message, ToolRequest
from workings.graphs.prompts import Prompts
from workings.graphs.state import State
from workings.tools.errors import ToolError
from workings.tools.tool import Tool, ToolResult, tool

SAMPLES = ROOT / "evals" / "samples"


@dataclass
class Mutant:
    """One change, and what a replay must say of it."""

    kind: str
    of: str
    trace: Any
    step: int
    expected: str
    arguments: dict = field(default_factory=dict)
    patch: Any = None


# ---- what the generator knows of a record, read from its steps alone


def models(trace, node=None):
    return [s for s in trace.steps if s.kind == "model" and (node is None or s.node == node)]


def ran(trace):
    return [s for s in trace.steps if s.kind == "tool" and s.status != "refused"]


def messages_of_tools(trace):
    """For each visit of the tools node its steps, from the message that asked for them."""
    visits, current = [], []
    for step in trace.steps:
        if step.kind == "tool":
            current.append(step)
        elif current:
            visits.append(current)
            current = []
    return [*visits, current] if current else visits


@contextlib.contextmanager
def patched(*changes, graph=False):
    old = [(owner, name, getattr(owner, name)) for owner, name, _ in changes]
    for owner, name, value in changes:
        setattr(owner, name, value)
    if graph:
        graph_module.compiled.cache_clear()
    try:
        yield
    finally:
        for owner, name, value in old:
            setattr(owner, name, value)
        if graph:
            graph_module.compiled.cache_clear()


def with_tools_node(change):
    """Today's tools node is handed other pending calls; `change(pending, visit)` says which."""

    async def tools(state, runtime):
        visit = sum(m.role == "assistant" for m in state["messages"]) - 1
        pending = change(list(state.get("pending") or ()), visit)
        return await act.tools({**state, "pending": pending}, runtime)

    return patched((graph_module, "tools", tools), graph=True)


# ---- the kinds


def prompt_word(bases):
    prompts = Prompts()
    for name, trace in bases:
        structured = trace.start.profile.get("decision") == "structured"
        for field_name in ("decide" if structured else "system", "answer"):
            node = "finalize" if field_name == "answer" else "agent"
            asked = models(trace, node)
            if not asked:
                continue
            words = getattr(prompts, field_name).split(" ")
            for place in range(3, len(words), max(1, len(words) // 5)):
                if "{" in words[place] or not words[place].strip():
                    continue
                changed = [*words[:place], "swapped", *words[place + 1 :]]
                yield Mutant(
                    "prompt word",
                    name,
                    trace,
                    asked[0].index,
                    "prompt_changed",
                    {"prompts": prompts.model_copy(update={field_name: " ".join(changed)})},
                )


def tool_schema(bases):
    def variants(given):
        parameters = given.parameters
        first = next(iter(parameters["properties"]))
        yield given.description + " Use it well.", parameters
        yield given.description.replace(" ", "  ", 1), parameters
        extra = copy.deepcopy(parameters)
        extra["properties"]["page"] = {"type": "integer"}
        yield given.description, extra
        other = copy.deepcopy(parameters)
        other["properties"][first] = {**other["properties"][first], "type": "integer"}
        yield given.description, other
        named = copy.deepcopy(parameters)
        named["properties"]["q"] = named["properties"].pop(first)
        yield given.description, named
        loose = copy.deepcopy(parameters)
        loose["required"] = []
        yield given.description, loose

    for name, trace in bases:
        asked = [step for step in models(trace, "agent") if step.request.tools]
        if not asked:
            continue
        for offered in trace.start.tools:
            given = Tool(
                offered["name"],
                offered["description"],
                offered["parameters"],
                offered["effect"],
                None,
            )
            for description, parameters in variants(given):
                today = Tool(given.name, description, parameters, given.effect, None)
                yield Mutant(
                    "tool schema",
                    name,
                    trace,
                    asked[0].index,
                    "tool_schema_changed",
                    {"tools": {**runs_tools(trace), given.name: today}},
                )


def runs_tools(trace):
    """The tools of a scripted run as they are today."""
    mine = {item.name: item for item in (runs.look_up(), runs.send, peek)}
    return {name: mine[name] for name in (t["name"] for t in trace.start.tools) if name in mine}


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


def live_look(trace, change):
    """`look` as it would run today, giving something else for one query."""
    given = {s.arguments["query"]: s for s in ran(trace) if s.name == "look"}

    @tool
    async def look(query: str) -> ToolResult:
        """Search the documents."""
        step = given[query]
        if step.error is not None:
            found = step.error.message
            return change(query, found) if change(query, None) else raises(found)
        result = ToolResult.model_validate(step.result)
        return change(query, result) or result

    return look


def raises(message):
    raise ToolError(message)


def tool_result(bases):
    def text(result, edit):
        passage = result.passages[0]
        return result.model_copy(
            update={"passages": (passage.model_copy(update={"text": edit(passage.text)}),)}
        )

    edits = (
        lambda r: text(r, lambda t: t.replace("467", "468")),
        lambda r: text(r, lambda t: t + " More."),
        lambda r: text(r, str.upper),
        lambda r: r.model_copy(update={"passages": ()}),
        lambda r: r.model_copy(update={"passages": r.passages * 2}),
        lambda r: text(r, lambda t: t[:-20]),
    )
    for name, trace in bases:
        for step in ran(trace):
            if step.name != "look" or step.error is not None:
                continue
            if step.arguments in [s.arguments for s in ran(trace) if s.index < step.index]:
                continue
            for edit in edits:

                def change(query, result, wanted=step.arguments["query"], edit=edit):
                    return (
                        edit(result) if query == wanted and isinstance(result, ToolResult) else None
                    )

                yield Mutant(
                    "tool result",
                    name,
                    trace,
                    step.index,
                    "tool_result_changed",
                    {
                        "tools": {**runs_tools(trace), "look": live_look(trace, change)},
                        "live": "tools",
                    },
                )


def tool_error(bases):
    for name, trace in bases:
        for step in ran(trace):
            if step.name != "look" or step.arguments in [
                s.arguments for s in ran(trace) if s.index < step.index
            ]:
                continue
            for message in ("the shelf is empty", "no such place"):

                def change(
                    query, result, wanted=step.arguments["query"], message=message, step=step
                ):
                    if query != wanted:
                        return None
                    return ToolResult(content="there it is") if step.error else raises(message)

                yield Mutant(
                    "tool error",
                    name,
                    trace,
                    step.index,
                    "tool_error_changed",
                    {
                        "tools": {**runs_tools(trace), "look": live_look(trace, change)},
                        "live": "tools",
                    },
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


def parser(bases):
    original = finalize.parse_draft

    def changed(draft, how):
        sentences = draft.sentences
        if how == "no value":
            return draft.model_copy(update={"value": "12"})
        if how == "unit":
            return draft.model_copy(update={"unit": "furlongs"})
        if how == "first" and sentences:
            return draft.model_copy(update={"sentences": ()})
        if how == "upper" and sentences:
            return draft.model_copy(
                update={
                    "sentences": (
                        sentences[0].model_copy(update={"text": "It is so."}),
                        *sentences[1:],
                    )
                }
            )
        if how == "uncited" and sentences:
            return draft.model_copy(
                update={
                    "sentences": tuple(s.model_copy(update={"citations": ()}) for s in sentences)
                }
            )
        if how == "refused":
            return draft.model_copy(update={"refused": not draft.refused, "reason": "no"})
        return None

    for name, trace in bases:
        asked = models(trace, "finalize")
        # the parser is seen where its draft is the last one that was asked for
        good = [s for s in asked if s.reply is not None and original(s.reply.content) is not None]
        if not good or len(asked) != 1 or trace.answer is None:
            continue
        for how in ("no value", "unit", "first", "upper", "uncited", "refused", "fails", "raises"):
            draft = original(good[0].reply.content)
            if how not in ("fails", "raises"):
                other = changed(draft, how)
                if other is None or other == draft:
                    continue
            limits = {**trace.start.limits, "tries": 1}

            def parse(content, how=how):
                found = original(content)
                if found is not None and how == "raises":
                    raise KeyError("sentences")
                if found is None or how == "fails":
                    return None
                return changed(found, how) or found

            once = trace.model_copy(
                update={"start": trace.start.model_copy(update={"limits": limits})}
            )
            yield Mutant(
                "parser",
                name,
                once,
                good[0].index,
                "parse_changed",
                {"tools": runs_tools(trace)},
                lambda parse=parse: patched((finalize, "parse_draft", parse)),
            )
    for name, trace in bases:
        if trace.start.profile.get("decision") != "structured":
            continue
        for update in ({"input": "look again"}, {"input": "x"}, {"tool": "answer"}):

            class Decision(structured.Decision):
                @classmethod
                def model_validate_json(cls, *given, update=update, **more):
                    found = super().model_validate_json(*given, **more)
                    return found.model_copy(update=update)

            yield Mutant(
                "parser",
                name,
                trace,
                models(trace)[0].index,
                "parse_changed",
                {"tools": runs_tools(trace)},
                lambda other=Decision: patched((structured, "Decision", other)),
            )


def parameter(bases):
    values = (
        ("temperature", 0.31),
        ("top_p", 0.5),
        ("seed", 7),
        ("max_tokens", 99),
        ("frequency_penalty", 0.1),
        ("presence_penalty", 0.2),
    )
    original = RunContext.ask
    for name, trace in bases:
        for key, value in values[:3]:
            yield Mutant(
                "parameter",
                name,
                trace,
                1,
                "params_changed",
                {"changes": {key: value}, "tools": runs_tools(trace)},
            )
        asked = models(trace, "finalize")
        if asked:
            for key, value in values[3:]:

                async def ask(self, node, name, messages, *rest, key=key, value=value, **more):
                    if node == "finalize":
                        more["params"] = {**(more.get("params") or {}), key: value}
                    return await original(self, node, name, messages, *rest, **more)

                yield Mutant(
                    "parameter",
                    name,
                    trace,
                    asked[0].index,
                    "params_changed",
                    {"tools": runs_tools(trace)},
                    lambda ask=ask: patched((RunContext, "ask", ask)),
                )


def model(bases):
    for name, trace in bases:
        for other in ("other:m", "scripted:test2"):
            start = trace.start.model_copy(update={"model": other})
            yield Mutant(
                "model",
                name,
                trace.model_copy(update={"start": start}),
                1,
                "model_changed",
                {"tools": runs_tools(trace)},
            )


def reducer(bases):
    ways = {
        "last only": lambda a, b: (a + b)[-1:],
        "reversed": lambda a, b: (a + b)[::-1],
        "no tools": lambda a, b: [m for m in a + b if m.role != "tool"],
        "twice": lambda a, b: a + b + b,
        "first wins": lambda a, b: a or b,
    }
    for name, trace in bases:
        if trace.start.profile.get("decision") == "structured":
            continue
        asked = models(trace, "agent")
        later = [
            s
            for s in asked
            if sum(m.role in ("assistant", "tool") for m in s.request.messages) >= 2
        ]
        if not later:
            continue
        for how, way in ways.items():
            # agent and tools write in turns: a way that drops one side is seen at the next request
            hints = dict(State.__annotations__)
            other = TypedDict(
                "State", {**hints, "messages": Annotated[list[Message], way]}, total=False
            )
            yield Mutant(
                "reducer",
                f"{name}: {how}",
                trace,
                later[0].index,
                "history_changed",
                {"tools": runs_tools(trace)},
                lambda other=other: patched((graph_module, "State", other), graph=True),
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


def output_schema(bases):
    def variants():
        properties = finalize.WIDE["properties"]
        yield {**finalize.WIDE, "required": ["refused"]}
        yield {**finalize.WIDE, "additionalProperties": True}
        yield {**finalize.WIDE, "properties": {**properties, "note": {"type": "string"}}}
        yield {
            **finalize.WIDE,
            "properties": {**properties, "unit": {"type": "string", "maxLength": 31}},
        }
        yield {
            **finalize.WIDE,
            "properties": {k: v for k, v in properties.items() if k != "unit"},
        }

    for name, trace in bases:
        asked = models(trace, "finalize")
        for schema in variants() if asked else ():
            yield Mutant(
                "output schema",
                name,
                trace,
                asked[0].index,
                "output_schema_changed",
                {"tools": runs_tools(trace)},
                lambda schema=schema: patched(
                    (finalize, "WIDE", schema), (finalize, "NARROW", schema)
                ),
            )


def written_value(bases):
    edits = (lambda t: t + " (checked)", str.swapcase, lambda t: t[: len(t) // 2])
    for name, trace in bases:
        for visit, steps in enumerate(messages_of_tools(trace)):
            for place, step in enumerate(steps):
                for edit in edits:

                    async def tools(state, runtime, visit=visit, place=place, edit=edit):
                        writes = await act.tools(state, runtime)
                        at = sum(m.role == "assistant" for m in state["messages"]) - 1
                        if at == visit:
                            messages = list(writes["messages"])
                            old = messages[place]
                            messages[place] = old.model_copy(update={"content": edit(old.content)})
                            writes = {**writes, "messages": messages}
                        return writes

                    yield Mutant(
                        "written value",
                        name,
                        trace,
                        step.index,
                        "state_write_changed",
                        {"tools": runs_tools(trace)},
                        lambda tools=tools: patched((graph_module, "tools", tools), graph=True),
                    )


@tool
async def peek(query: str) -> ToolResult:
    """Have a quick look."""
    return ToolResult(content="quickly")


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


def with_steps(trace, steps):
    return trace.model_copy(update={"steps": tuple(steps)})


def step_not_recorded(bases):
    for name, trace in bases:
        for step in (*models(trace), *ran(trace)):
            # of two equal requests the recording of the other one is served
            twins = [s for s in trace.steps if s.key == step.key]
            if len(twins) > 1:
                continue
            rest = [s for s in trace.steps if s is not step]
            yield Mutant(
                "step not recorded",
                name,
                with_steps(trace, rest),
                step.index,
                "extra_call",
                {"tools": runs_tools(trace)},
            )


def record_of_result(bases):
    for name, trace in bases:
        for step in ran(trace):
            if step.name != "look" or step.error is not None:
                continue
            for old, new in (("467", "468"), ("Revenue", "Turnover")):
                result = copy.deepcopy(step.result)
                if not any(old in p["text"] for p in result["passages"]):
                    continue
                for passage in result["passages"]:
                    passage["text"] = passage["text"].replace(old, new)
                # a passage that was found before keeps its first text
                known = {
                    p["id"]
                    for s in ran(trace)
                    if s.index < step.index and s.result
                    for p in s.result["passages"]
                }
                if known & {p["id"] for p in result["passages"]}:
                    continue
                steps = [
                    s.model_copy(update={"result": result}) if s is step else s for s in trace.steps
                ]
                yield Mutant(
                    "record of a result",
                    name,
                    with_steps(trace, steps),
                    step.index,
                    "state_write_changed",
                    {"tools": runs_tools(trace)},
                )


def record_of_reply(bases):
    for name, trace in bases:
        if trace.start.profile.get("decision") == "structured":
            continue
        for step in models(trace, "agent"):
            if step.reply is None or not step.reply.tool_requests:
                continue
            for arguments in ('{"query": "something else"}', "{"):
                first = step.reply.tool_requests[0].model_copy(update={"arguments": arguments})
                reply = step.reply.model_copy(
                    update={"tool_requests": (first, *step.reply.tool_requests[1:])}
                )
                if reply == step.reply:
                    continue
                steps = [
                    s.model_copy(update={"reply": reply}) if s is step else s for s in trace.steps
                ]
                yield Mutant(
                    "record of a reply",
                    name,
                    with_steps(trace, steps),
                    step.index,
                    "parse_changed",
                    {"tools": runs_tools(trace)},
                )


KINDS = (
    prompt_word,
    tool_schema,
    argument,
    tool_result,
    tool_error,
    route,
    parser,
    parameter,
    model,
    reducer,
    order,
    extra_call,
    missing_call,
    output_schema,
    written_value,
    tool_name,
    step_not_recorded,
    record_of_result,
    record_of_reply,
)
