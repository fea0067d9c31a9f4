"""Mutants of a record: a step left out, another result or reply in the place of one."""

import copy

from mutant import Mutant, models, ran, runs_tools


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
