"""Mutants of what a model is asked: prompts, schemas, parameters, the model, the history."""

import copy
from typing import Annotated

from mutant import Mutant, models, patched, runs_tools
from typing_extensions import TypedDict
from workings.graphs import finalize
from workings.graphs import graph as graph_module
from workings.graphs.context import RunContext
from workings.graphs.model import Message
from workings.graphs.prompts import Prompts
from workings.graphs.state import State
from workings.tools.tool import Tool


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
