"""One step of a recorded run as a person reads it: what was asked, what came back, what was known.

Knows layout and colour; every text goes through `wording`. Knows nothing of where the text goes or
of what was typed.
"""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.text import Text

from ..graphs.model import Message, ToolRequest
from ..graphs.trace import ModelStep, Step, ToolStep, Trace
from .render import arguments_line, grid, indented, outcome, passages_of, place_of
from .render_runs import divergences_view, replay_view
from .wording import one_line, plural, seconds, visible

if TYPE_CHECKING:
    from ..evals.replay import Replay

_AROUND = 40
_SHOWN = 5


def status_of(step: Step) -> str:
    """`ok`, `error` or `refused`."""
    if isinstance(step, ToolStep):
        return step.status
    return "ok" if step.error is None else "error"


def step_view(trace: Trace, place: int) -> Group:
    """Where one stands: the step in two lines."""
    step = trace.steps[place]
    head = Text.assemble(
        (f"step {step.index}", "bold"),
        (f" of {trace.steps[-1].index}  ", "dim"),
        (visible(step.node), "dim"),
        "  ",
    )
    head.append_text(_what(step))
    head.append(f"  {seconds(step.seconds)}", style="dim")
    return Group(head, indented(_came(step)))


def list_view(trace: Trace, place: int) -> Group:
    """Every step in a line; the one that is looked at is marked."""
    table = grid(
        {"no_wrap": True},
        {"justify": "right", "no_wrap": True},
        {"style": "dim", "no_wrap": True},
        {"overflow": "fold"},
    )
    for at, step in enumerate(trace.steps):
        line = _what(step).append(" -> ", style="dim").append_text(_came(step, 60))
        table.add_row(">" if at == place else "", str(step.index), visible(step.node), line)
    return Group(table)


def request_view(trace: Trace, place: int, *, whole: bool = False) -> Group:
    """What was asked. Of a model's messages those that the call before was not sent, or all."""
    step = trace.steps[place]
    if isinstance(step, ToolStep):
        head = Text.assemble((visible(step.name), "cyan"))
        if step.effect is not None:
            head.append(f"  (effect: {step.effect})", style="dim")
        shown = step.raw_arguments if step.arguments is None else _json(step.arguments)
        return Group(head, indented(Text(visible(shown))))
    request = step.request
    table = grid({"style": "dim", "no_wrap": True}, {"overflow": "fold"})
    table.add_row("model", visible(request.model))
    if request.params:
        table.add_row("sampling", visible(json.dumps(request.params, ensure_ascii=False)))
    if request.tools:
        names = [str(tool.get("name", "?")) for tool in request.tools]
        table.add_row("tools", visible(", ".join(names)))
    if request.output is not None:
        table.add_row("output", visible(request.output.name))
    parts: list[RenderableType] = [table]
    before = _before(trace, place)
    same = 0 if before is None or whole else _same(before.request.messages, request.messages)
    if before is not None and same:
        told = f"{plural(same, 'message')} as at step {before.index} (`request all` shows them)"
        parts.append(Text(told, style="dim"))
    for message in request.messages[same:]:
        parts.extend(_message(message))
    return Group(*parts)


def response_view(step: Step) -> Group:
    """What came back, with every failed try."""
    parts: list[RenderableType] = []
    if isinstance(step, ModelStep):
        for attempt in step.attempts:
            told = f"tried again after {seconds(attempt.waited)}: {attempt.error.message}"
            parts.append(Text(visible(told), style="yellow"))
        if step.reply is not None:
            reply = step.reply
            if reply.content:
                parts.append(Text(visible(reply.content)))
            parts.extend(_asks(reply.tool_requests))
            told = f"finish: {reply.finish}"
            if reply.tokens is not None:
                told += f", {reply.tokens.input:,} + {reply.tokens.output:,} tokens"
            parts.append(Text(visible(told), style="dim"))
    elif step.result is not None:
        content = step.result.get("content")
        if content:
            parts.append(Text(visible(str(content))))
        for passage in passages_of([step]):
            parts.append(Text(place_of(passage), style="dim"))
            parts.append(indented(Text(visible(str(passage.get("text", ""))))))
        rest = {k: v for k, v in step.result.items() if k not in ("content", "passages") and v}
        if rest:
            parts.append(Text(visible(_json(rest)), style="dim"))
    if step.error is not None:
        parts.append(Text(f"{step.error.type}: {visible(step.error.message)}", style="red"))
    return Group(*parts) if parts else Group(Text("nothing came back", style="yellow"))


def difference_view(replay: "Replay", index: int) -> Group:
    """How today's code differs at a step; where it differs first, if not here."""
    here = [item for item in replay.divergences if item.step == index]
    whole = [item for item in replay.divergences if item.step == 0]
    if here:
        return Group(*divergences_view(here))
    if replay.status == "broken":
        return Group(*divergences_view(replay.divergences))
    if not replay.divergences:
        told = "today's code does the same: the replay is identical"
        told += " as far as the record goes" if replay.prefix else ""
        return Group(Text(told, style="green"))
    first = replay.divergences[0]
    if whole and first.step == 0:
        return Group(Text("nothing at this step; of the run:"), *divergences_view(whole))
    told = f"nothing at this step; the first difference is at step {first.step}"
    if replay.stopped and first.step < index:
        told += ", where the replay ends (--lenient goes on)"
    return Group(Text(told, style="yellow"), *divergences_view(replay.divergences[:1]))


def fork_view(replay: "Replay") -> Group:
    """What came of a fork, and how to walk through it."""
    parts: list[RenderableType] = [replay_view(replay, None)]
    if replay.recorded is not None:
        command = f"workings replay --step {visible(replay.recorded)}"
        parts.append(indented(Text(f"walk through it: {command}", style="dim")))
    return Group(*parts)


def matches(trace: Trace, place: int, text: str) -> list[tuple[str, str]]:
    """Where a step holds a text, in any case: (part, the text around it)."""
    found = []
    for part, value in _texts(trace, place):
        at = value.casefold().find(text.casefold())
        if at >= 0:
            around = value[max(0, at - _AROUND) : at + len(text) + _AROUND]
            found.append((part, one_line(around, 2 * _AROUND + len(text))))
    return found


def matches_view(found: Sequence[tuple[str, str]]) -> Group:
    """The first places that hold a text."""
    table = grid({"style": "dim", "no_wrap": True}, {"overflow": "fold"})
    for part, around in found[:_SHOWN]:
        table.add_row(part, Text(around))
    more = len(found) - _SHOWN
    rest = [indented(Text(f"and in {more} more", style="dim"))] if more > 0 else []
    return Group(indented(table), *rest)


def _texts(trace: Trace, place: int) -> Iterable[tuple[str, str]]:
    step = trace.steps[place]
    if isinstance(step, ModelStep):
        before = _before(trace, place)
        same = 0 if before is None else _same(before.request.messages, step.request.messages)
        for message in step.request.messages[same:]:
            yield f"request, {message.role}", message.content
        if step.reply is not None:
            yield "response", step.reply.content
            for request in step.reply.tool_requests:
                yield "response", f"{request.name} {request.arguments}"
    else:
        yield "request", f"{step.name} {step.raw_arguments}"
        if step.result is not None:
            yield "response", str(step.result.get("content") or "")
            for passage in passages_of([step]):
                yield place_of(passage), str(passage.get("text", ""))
    if step.error is not None:
        yield "error", step.error.message


def _what(step: Step) -> Text:
    if isinstance(step, ToolStep):
        return Text.assemble((visible(step.name), "cyan"), f" {arguments_line(step, 80)}")
    return Text.assemble((f"model: {visible(step.name)}", "magenta"))


def _came(step: Step, limit: int = 160) -> Text:
    if isinstance(step, ToolStep):
        return Text(outcome(step, limit), style="" if step.status == "ok" else "red")
    if step.error is not None:
        return Text(one_line(step.error.message, limit), style="red")
    if step.reply is None:
        return Text("...")
    asks = [f"{item.name} {item.arguments}" for item in step.reply.tool_requests]
    told = f"asks for {', '.join(asks)}" if asks else step.reply.content
    return Text(one_line(told, limit) or "an empty reply")


def _message(message: Message) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(f"{message.role}:", style="dim bold")]
    if message.content:
        parts.append(indented(Text(visible(message.content))))
    parts.extend(indented(line) for line in _asks(message.tool_requests))
    return parts


def _asks(requests: Sequence[ToolRequest]) -> list[Text]:
    return [
        Text.assemble("asks for ", (visible(item.name), "cyan"), f" {visible(item.arguments)}")
        for item in requests
    ]


def _before(trace: Trace, place: int) -> ModelStep | None:
    """The model call before a step."""
    earlier = (step for step in reversed(trace.steps[:place]) if isinstance(step, ModelStep))
    return next(earlier, None)


def _same(before: Sequence[Message], after: Sequence[Message]) -> int:
    """How many messages both begin with."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count


def _json(value: JsonValue | dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
