"""Recorded runs as a person reads them in a terminal: traces, replays, grades, the demo's table.

Knows layout and colour. Knows nothing of where the text goes.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from ..evals.divergence import SAME
from ..graphs.trace import ModelStep, ToolStep, Trace
from .render import answer_view, arguments_line, grid, indented, outcome, passages_of, place_of
from .wording import one_line, seconds, visible

if TYPE_CHECKING:
    from ..evals.checks import Verdict
    from ..evals.divergence import Divergence
    from ..evals.replay import Replay


def trace_view(trace: Trace, *, full: bool = False) -> Group:
    """A run, step by step; `full` with every message the model was sent."""
    start = trace.start
    table = grid({"style": "dim", "no_wrap": True}, {"overflow": "fold"})
    table.add_row("trace", Text(f"{visible(trace.id)}  ({trace.status})"))
    if start.created:
        table.add_row("asked", Text(visible(start.created)))
    table.add_row("model", Text(visible(start.model)))
    if start.parent is not None:
        at = "" if start.forked_at is None else f", forked at step {start.forked_at}"
        table.add_row("from", Text(f"{visible(start.parent)}{at}"))
    if start.params:
        told = ", ".join(f"{name}={value}" for name, value in start.params.items())
        table.add_row("sampling", Text(one_line(told, 200)))
    table.add_row("question", Text(one_line(start.question, 2000), style="bold"))
    steps = grid(
        {"justify": "right", "style": "dim"},
        {"style": "dim", "no_wrap": True},
        {"overflow": "fold"},
    )
    for step in trace.steps:
        lines = _tool_step(step, full) if isinstance(step, ToolStep) else _model_step(step, full)
        steps.add_row(str(step.index), visible(step.node), Group(*lines))
    parts: list[RenderableType] = [table, Text(), steps]
    if trace.dropped_bytes:
        parts.append(
            Text(f"a torn last line of {trace.dropped_bytes} bytes is left out", style="yellow")
        )
    parts.extend(Text(visible(note), style="yellow") for note in trace.notes)
    if trace.error is not None:
        parts.append(Text(f"ended by {trace.error.type}: {visible(trace.error.message)}", "red"))
    if trace.answer is not None:
        parts += [Text(), answer_view(trace.answer)]
    return Group(*parts)


def _tool_step(step: ToolStep, full: bool) -> list[RenderableType]:
    head = Text.assemble((visible(step.name), "cyan"), f" {arguments_line(step)}", (" -> ", "dim"))
    head.append(outcome(step), style="" if step.status == "ok" else "red")
    head.append(f"  {seconds(step.seconds)}", style="dim")
    lines: list[RenderableType] = [head]
    for passage in passages_of([step]):
        text = str(passage.get("text", ""))
        where = Text(place_of(passage), style="dim")
        lines.append(where if full else where.append(f": {one_line(text, 60)}"))
        if full:
            lines.append(indented(Text(visible(text))))
    return lines


def _model_step(step: ModelStep, full: bool) -> list[RenderableType]:
    head = Text.assemble((f"model: {visible(step.name)}", "magenta"))
    if step.error is not None:
        head.append(f" -> {one_line(step.error.message, 200)}", style="red")
    head.append(f"  {seconds(step.seconds)}", style="dim")
    lines: list[RenderableType] = [head]
    for attempt in step.attempts:
        lines.append(Text(f"tried again: {one_line(attempt.error.message, 120)}", style="yellow"))
    if full:
        for message in step.request.messages:
            lines.append(Text(f"{message.role}:", style="dim bold"))
            lines.append(indented(Text(visible(message.content))))
        lines.append(Text("reply:", style="dim bold"))
    if step.reply is not None:
        for request in step.reply.tool_requests:
            lines.append(Text(one_line(f"asks for {request.name} {request.arguments}", 160)))
        if step.reply.content:
            said = visible(step.reply.content) if full else one_line(step.reply.content, 160)
            lines.append(Text(said))
    return lines


_SHOWN = 8
_ENDS = {"identical": "green", "benign": "green", "behavioural": "bold red", "broken": "bold red"}


def replay_view(replay: "Replay", question: str | None) -> Group:
    """How a replay ended, and every difference; the first is the one to look at."""
    head = Text.assemble((f"{replay.status:<11}", _ENDS[replay.status]), " ", visible(replay.trace))
    if question:
        head.append(f"  {one_line(question, 50)}")
    head.append(f"  {seconds(replay.seconds)}", style="dim")
    parts: list[RenderableType] = [head]
    if replay.status == "broken":
        reasons = [visible(item.after) for item in replay.divergences]
        return Group(*parts, *[indented(Text(reason, style="red")) for reason in reasons])
    if replay.prefix:
        told = "the record was cut short; it was replayed as far as it goes"
        parts.append(indented(Text(told, style="yellow")))
    if replay.unchecked:
        told = f"not compared, since they are not ours: {', '.join(replay.unchecked)}"
        parts.append(indented(Text(visible(told), style="yellow")))
    if replay.tainted:
        told = "tainted: calls were served what was recorded for another one"
        parts.append(indented(Text(told, style="yellow")))
    for warning in replay.warnings:
        told = f"{warning.kind.replace('_', ' ')}: {warning.before} -> {warning.after}"
        parts.append(indented(Text(visible(told), style="yellow")))
    parts.extend(divergences_view(replay.divergences))
    if replay.reuse is not None:
        parts.append(indented(Text(str(replay.reuse), style="bold")))
    if replay.stopped:
        how = "--live lets it be asked anew"
        if replay.reuse is not None:
            how = "it is not of the live side: --live all asks it anew where its tool is here"
        elif replay.recorded is None:
            how = "--lenient goes on with the nearest one"
        told = f"stopped: the next call is not in the trace ({how})"
        parts.append(indented(Text(told, style="yellow")))
    if replay.recorded is not None:
        parts.append(indented(Text(f"recorded as {visible(replay.recorded)}")))
        if replay.answer is not None:
            parts.append(indented(Text(one_line(replay.answer.text, 400))))
    return Group(*parts)


def divergences_view(divergences: "Sequence[Divergence]") -> list[RenderableType]:
    """The first differences, each in two lines, with what it follows from.

    The lines of one change that is seen again stand above already.
    """
    parts: list[RenderableType] = []
    for divergence in divergences[:_SHOWN]:
        where = f"step {divergence.step} ({divergence.node})" if divergence.step else "the run"
        line = Text.assemble(
            visible(where), ": ", (divergence.kind.replace("_", " "), "bold"), "  "
        )
        line.append(visible(divergence.path), style="dim")
        if divergence.severity not in ("behavioural", "broken"):
            line.append(f"  ({divergence.severity})", style="dim")
        parts.append(indented(line))
        if not divergence.cause.startswith(SAME):
            parts.append(indented(Text(f"- {visible(divergence.before)}", style="red"), 4))
            parts.append(indented(Text(f"+ {visible(divergence.after)}", style="green"), 4))
        if divergence.cause:
            parts.append(indented(Text(visible(divergence.cause), style="dim"), 4))
    if len(divergences) > _SHOWN:
        rest = f"and {len(divergences) - _SHOWN} more, all after these (--json shows them)"
        parts.append(indented(Text(rest, style="dim")))
    return parts


def diff_view(before: Trace, after: Trace, found: "Sequence[Divergence]") -> Group:
    """How one run differs from another."""
    head = Text.assemble((visible(before.id), "red"), " -> ", (visible(after.id), "green"))
    head.append(f"  {one_line(before.question, 36)}", style="dim")
    if not found:
        cut = "aborted" in (before.status, after.status)
        same = "the same, as far as both go" if cut else "the same calls, results and answer"
        return Group(head, indented(Text(same, style="green")))
    return Group(head, *divergences_view(found))


def graded_line(case: str, verdicts: "Sequence[Verdict]", lost: bool) -> Padding:
    """What a gold case says of an answer: right or wrong, and why."""
    correct = verdicts[0]
    word, style = ("right", "green") if correct.value == 1.0 else ("wrong", "bold red")
    line = Text.assemble((word, style), f"  {visible(case)}: {one_line(correct.reason, 160)}")
    if lost:
        line.append("  (it was right when it was recorded)", style="bold red")
    return indented(line)


def demo_view(
    rows: Sequence[tuple[str, str, str, str]], faults: Sequence[str], replayed: float
) -> Group:
    """What came of each question (question, outcome, grade, replay), what is wrong, and of all."""
    table = grid({"overflow": "fold"}, *[{"no_wrap": True} for _ in rows[0][1:]])
    table.add_row(*[Text(name, style="dim") for name in ("question", "came to", "gold", "replay")])
    for question, came_to, grade, status in rows:
        table.add_row(
            one_line(question, 70),
            came_to,
            Text(grade, "green" if grade == "right" else "bold red"),
            Text(status, _ENDS.get(status, "")),
        )
    right = sum(grade == "right" for _, _, grade, _ in rows)
    same = sum(status == "identical" for _, _, _, status in rows)
    told = (
        f"{right} of {len(rows)} right by the gold set; {same} of {len(rows)} replayed offline to"
        f" the same bytes, in {seconds(replayed)}."
    )
    lines = [Text(one_line(fault, 200), style="red") for fault in faults]
    return Group(Text(), table, *lines, Text(), Text(told, style="bold"))
