"""Mutants of what comes back and what is made of it: results, errors, parsers, what is written."""

from mutant import Mutant, messages_of_tools, models, patched, ran, runs_tools
from workings.graphs import act, finalize, structured
from workings.graphs import graph as graph_module
from workings.tools.errors import ToolError
from workings.tools.tool import ToolResult, tool


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
