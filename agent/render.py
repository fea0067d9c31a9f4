"""Answers, hits and traces as a person reads them in a terminal.

Knows layout and colour, and that no character of a document may steer a terminal. Knows nothing of
where the text goes: on a terminal, in a pipe or in a test a `rich` console decides on colour.
"""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..graphs.answer import Answer, Calculation, Citation, Usage
from ..graphs.trace import ModelStep, Step, ToolStep, Trace
from ..tools.documents import Hit

if TYPE_CHECKING:
    from ..evals.checks import Verdict
    from ..evals.replay import Replay

EXTRACTIVE_NOTE = "no language model: it quotes and computes"

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    """The text with every character that could steer a terminal, or hide, written as an escape.

    Newlines stay, tabs become spaces.
    """
    text = text.replace("\r\n", "\n").replace("\t", "    ")
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def one_line(text: str, limit: int = 100) -> str:
    """The text on one line, cut at `limit` characters."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else line[: limit - 3].rstrip() + "..."


def plural(count: int, noun: str) -> str:
    """`1 page`, `2 pages`."""
    many = {"query": "queries", "reply": "replies", "try": "tries"}.get(noun, noun + "s")
    return f"{count:,} {noun if count == 1 else many}"


def seconds(value: float) -> str:
    """A duration as a person says it."""
    if value < 0.0995:
        return f"{value * 1000:.0f} ms"
    if value < 99.5:
        return f"{value:.1f} s"
    return f"{int(value) // 60} min {int(value) % 60} s"


def answer_view(answer: Answer, *, text: bool = True, home: str | None = None) -> Group:
    """An answer with its workings; a refusal with its reason and what was looked at.

    Without `text` only the workings: where the sentences were shown as they came. `home` is what
    the command that replays the run has to be told.
    """
    parts: list[RenderableType] = []
    if text:
        parts.append(_refusal(answer) if answer.refused else sentence_view(answer.text))
    if answer.citations:
        parts += [_title("Sources"), _citations(answer.citations)]
    if answer.calculations:
        parts += [_title("Workings"), _calculations(answer)]
    if answer.struck:
        parts += [_title(f"Left out ({plural(len(answer.struck), 'claim')})"), _struck(answer)]
    steps = [step for step in _steps(answer) if isinstance(step, ToolStep)]
    if steps:
        parts += [_title("What was looked at" if answer.refused else "Steps"), _tools(steps)]
    parts += [Text(), usage_line(answer.usage)]
    trace = trace_id(answer)
    if trace is not None:
        again = f"workings replay {trace}" + (f" --home {visible(home)}" if home else "")
        parts.append(Text(f"trace {trace}    again, offline: {again}", style="dim"))
    return Group(*parts)


def trace_id(answer: Answer) -> str | None:
    """The id of the run that gave the answer; None for one that was made by hand."""
    try:
        return answer.trace.id
    except AttributeError:
        return None


def _steps(answer: Answer) -> Sequence[Step]:
    try:
        return answer.trace.steps
    except AttributeError:
        return ()


def _title(text: str) -> RenderableType:
    return Text.assemble("\n", (text, "bold dim"))


def sentence_view(text: str) -> Text:
    """A part of an answer's text, its markers set apart."""
    view = Text(visible(text), style="bold")
    view.highlight_regex(r"\[\d+\]", "not bold cyan")
    return view


def _refusal(answer: Answer) -> Group:
    lines: list[RenderableType] = [Text("No answer is supported by the sources.", style="yellow")]
    reason = answer.reason or answer.text
    if reason:
        lines.append(_indented(Text(visible(reason))))
    return Group(*lines)


def _indented(content: RenderableType, columns: int = 2) -> Padding:
    return Padding(content, (0, 0, 0, columns))


def _grid(*columns: dict[str, Any]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(**column)
    return table


def place(document: str, page: int | None, label: str | None, url: str | None = None) -> str:
    """Where a passage stands: `report.pdf, page 12 (printed 10)`, or a title and its URL."""
    name = one_line(document, 80)
    if url is not None:
        return f"{name}  {one_line(url, 300)}"
    if page is None:
        return name
    printed = f" (printed {one_line(label, 20)})" if label and label != str(page) else ""
    return f"{name}, page {page}{printed}"


def _citations(citations: Iterable[Citation]) -> Padding:
    table = _grid({"no_wrap": True, "style": "cyan"}, {"overflow": "fold"})
    for citation in citations:
        where = place(citation.document, citation.page, citation.page_label, citation.url)
        line = Text(where)
        if not citation.verified:
            line.append("  not verified", style="red")
        table.add_row(f"[{citation.marker}]", line)
        table.add_row("", Text(f"\u201c{visible(citation.quote.strip())}\u201d", style="italic"))
    return _indented(table)


def _calculations(answer: Answer) -> Padding:
    made = _made(_steps(answer))
    table = _grid({"overflow": "fold"})
    for calculation in answer.calculations:
        line = Text.assemble(
            visible(calculation.expression), " = ", (visible(calculation.result), "bold green")
        )
        rows = [
            (operand.number, _source(operand.source, answer, made))
            for operand in calculation.operands
        ]
        table.add_row(line)
        if rows:
            inner = _grid({"justify": "right", "no_wrap": True}, {"overflow": "fold"})
            for number, source in rows:
                inner.add_row(Text(visible(number)), Text(source, style="dim"))
            table.add_row(_indented(inner))
    return _indented(table)


def _made(steps: Iterable[Step]) -> list[Calculation]:
    """Every calculation of the run, in the order in which `calculation N` counts them."""
    return [
        Calculation(expression=str(step.result["expression"]), result=str(step.result["content"]))
        for step in steps
        if isinstance(step, ToolStep) and step.result and step.result.get("expression")
    ]


def _source(source: str, answer: Answer, made: Sequence[Calculation]) -> str:
    kind, _, which = source.partition(" ")
    if kind == "question":
        return "in the question"
    if kind == "constant":
        return "a constant of the formula"
    if kind == "calculation" and which.isdecimal() and 0 < int(which) <= len(made):
        return f"the result of {one_line(made[int(which) - 1].expression, 60)}"
    if kind == "passage":
        for citation in answer.citations:
            if citation.passage == which:
                where = place(citation.document, citation.page, citation.page_label, citation.url)
                return f"[{citation.marker}] {where}"
        for passage in _passages(_steps(answer)):
            if passage.get("id") == which:
                return _place_of(passage)
    return visible(source)


def _passages(steps: Iterable[Step]) -> Iterable[dict[str, Any]]:
    for step in steps:
        if isinstance(step, ToolStep) and step.result:
            found = step.result.get("passages")
            yield from (p for p in found if isinstance(p, dict)) if isinstance(found, list) else ()


def _place_of(passage: dict[str, Any]) -> str:
    page = passage.get("page")
    label, url = passage.get("page_label"), passage.get("url")
    return place(
        str(passage.get("document", "?")),
        page if isinstance(page, int) else None,
        label if isinstance(label, str) else None,
        url if isinstance(url, str) else None,
    )


def _struck(answer: Answer) -> Padding:
    lines: list[RenderableType] = []
    for struck in answer.struck:
        lines.append(
            Text.assemble(
                (one_line(struck.text, 200), "dim strike"),
                (f"  {one_line(struck.reason, 200)}", "red"),
            )
        )
    return _indented(Group(*lines))


def _tools(steps: Sequence[ToolStep]) -> Padding:
    table = _grid({"overflow": "fold"}, {"justify": "right", "no_wrap": True, "style": "dim"})
    for step in steps:
        line = Text.assemble(
            (visible(step.name), "cyan"), " ", arguments_line(step), (" -> ", "dim")
        )
        line.append(outcome(step), style="" if step.status == "ok" else "red")
        table.add_row(line, seconds(step.seconds))
    return _indented(table)


def arguments_line(step: ToolStep, limit: int = 120) -> str:
    """The arguments of a call on one line: a single one by its value alone."""
    values = step.arguments
    if values is None:
        return one_line(step.raw_arguments, limit)
    if len(values) == 1:
        return one_line(_shown(next(iter(values.values()))), limit)
    return one_line(", ".join(f"{key}={_shown(value)}" for key, value in values.items()), limit)


def _shown(value: JsonValue) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)


def outcome(step: ToolStep, limit: int = 120) -> str:
    """What a call came to, on one line."""
    if step.error is not None:
        return one_line(f"{step.status}: {step.error.message}", limit)
    if step.result is None:
        return "..."
    passages = step.result.get("passages")
    if isinstance(passages, list) and passages:
        return plural(len(passages), "passage")
    content = str(step.result.get("content") or "")
    return one_line(content, limit) or "nothing found"


def usage_line(usage: Usage) -> Text:
    """Model, requests, tokens, cost and time; what is not known is said so."""
    model = visible(usage.model)
    if usage.model == "extractive":
        model += f" ({EXTRACTIVE_NOTE})"
    tokens = "tokens unknown"
    if usage.input_tokens is not None and usage.output_tokens is not None:
        tokens = f"{usage.input_tokens:,} + {usage.output_tokens:,} tokens"
    parts = [model, plural(usage.requests, "request")]
    if usage.model != "extractive":
        cost = usage.cost_usd
        parts += [tokens, "cost unknown" if cost is None else f"${cost:.4f}"]
    parts.append(seconds(usage.seconds))
    return Text(" \u00b7 ".join(parts), style="dim")


def hits_view(hits: Sequence[Hit], *, explain: bool = False, width: int = 300) -> Group:
    """The passages found, best first; with the parts of each score."""
    parts: list[RenderableType] = []
    for rank, hit in enumerate(hits, 1):
        passage = hit.passage
        where = place(passage.document, passage.page, passage.page_label, passage.url)
        parts.append(
            Text.assemble(
                (f"{rank}. ", "cyan"), (where, "bold"), (f"  score {hit.score:.3f}", "dim")
            )
        )
        if explain:
            told = "  ".join(f"{name} {value:+.3f}" for name, value in hit.parts.items())
            parts.append(_indented(Text(f"{passage.id}  {told}", style="dim"), 3))
        parts.append(_indented(Text(one_line(passage.text, width)), 3))
    return Group(*parts) if parts else Group(Text("Nothing found.", style="yellow"))


def trace_view(trace: Trace, *, full: bool = False) -> Group:
    """A run, step by step; `full` with every message the model was sent."""
    start = trace.start
    table = _grid({"style": "dim", "no_wrap": True}, {"overflow": "fold"})
    table.add_row("trace", Text(f"{visible(trace.id)}  ({trace.status})"))
    table.add_row("asked", Text(visible(start.created)))
    table.add_row("model", Text(visible(start.model)))
    if start.params:
        told = ", ".join(f"{name}={value}" for name, value in start.params.items())
        table.add_row("sampling", Text(one_line(told, 200)))
    table.add_row("question", Text(one_line(start.question, 2000), style="bold"))
    parts: list[RenderableType] = [table, Text()]
    parts.extend(_step(step, full) for step in trace.steps)
    if trace.dropped_bytes:
        parts.append(
            Text(f"a torn last line of {trace.dropped_bytes} bytes is left out", style="yellow")
        )
    if trace.error is not None:
        parts.append(Text(f"ended by {trace.error.type}: {visible(trace.error.message)}", "red"))
    if trace.answer is not None:
        parts += [Text(), answer_view(trace.answer)]
    return Group(*parts)


def _step(step: Step, full: bool) -> RenderableType:
    head = Text.assemble((f"{step.index:>3} ", "dim"), (f"{visible(step.node):<9} ", "dim"))
    if isinstance(step, ToolStep):
        head.append(visible(step.name), style="cyan")
        head.append(f" {arguments_line(step)}")
        head.append(" -> ", style="dim")
        head.append(outcome(step), style="" if step.status == "ok" else "red")
        head.append(f"  {seconds(step.seconds)}", style="dim")
        lines: list[RenderableType] = [head]
        for passage in _passages([step]):
            text = str(passage.get("text", ""))
            told = visible(text) if full else one_line(text, 70)
            lines.append(_indented(Text(f"{_place_of(passage)}: {told}", style="dim"), 14))
        return Group(*lines)
    return _model_step(step, head, full)


def _model_step(step: ModelStep, head: Text, full: bool) -> RenderableType:
    head.append(f"model: {visible(step.name)}", style="magenta")
    lines: list[RenderableType] = [head]
    for attempt in step.attempts:
        told = f"tried again: {one_line(attempt.error.message, 120)}"
        lines.append(_indented(Text(told, style="yellow"), 14))
    if full:
        for message in step.request.messages:
            lines.append(_indented(Text(f"{message.role}:", style="dim bold"), 14))
            lines.append(_indented(Text(visible(message.content)), 16))
    if step.error is not None:
        head.append(f" -> {one_line(step.error.message, 200)}", style="red")
    elif step.reply is not None:
        for request in step.reply.tool_requests:
            told = f"asks for {request.name} {request.arguments}"
            lines.append(_indented(Text(one_line(told, 160)), 14))
        if step.reply.content:
            said = visible(step.reply.content) if full else one_line(step.reply.content, 160)
            lines.append(_indented(Text(said), 14))
    head.append(f"  {seconds(step.seconds)}", style="dim")
    return Group(*lines)


_STATES = {"ok": ("ok", "green"), "missing": ("-", "yellow"), "wrong": ("WRONG", "bold red")}


def findings_view(findings: Iterable[tuple[str, str, str, str]]) -> Group:
    """What was looked at (name, state, found, remedy), one under the other."""
    table = _grid({"no_wrap": True}, {"no_wrap": True, "style": "bold"}, {"overflow": "fold"})
    for what, state, found, remedy in findings:
        word, style = _STATES[state]
        line = Text(visible(found))
        if remedy:
            line.append(f"\n{visible(remedy)}", style="dim")
        table.add_row(Text(word, style), visible(what), line)
    return Group(table)


_ENDS = {"identical": "green", "benign": "green", "behavioural": "bold red", "broken": "bold red"}


def replay_view(replay: "Replay", question: str | None) -> Group:
    """How a replay ended, and every difference; the first is the one to look at."""
    head = Text.assemble((f"{replay.status:<11}", _ENDS[replay.status]), " ", visible(replay.trace))
    if question:
        head.append(f"  {one_line(question, 60)}")
    head.append(f"  {seconds(replay.seconds)}", style="dim")
    parts: list[RenderableType] = [head]
    if replay.prefix:
        told = "the record was cut short; it was replayed as far as it goes"
        parts.append(_indented(Text(told, style="yellow")))
    if replay.unchecked:
        told = f"not compared, since they are not ours: {', '.join(replay.unchecked)}"
        parts.append(_indented(Text(visible(told), style="yellow")))
    for divergence in replay.divergences:
        where = f"step {divergence.step} ({divergence.node})" if divergence.step else "the run"
        line = Text.assemble(
            visible(where), ": ", (divergence.kind.replace("_", " "), "bold"), "  "
        )
        line.append(visible(divergence.path), style="dim")
        parts.append(_indented(line))
        parts.append(_indented(Text(f"- {visible(divergence.before)}", style="red"), 4))
        parts.append(_indented(Text(f"+ {visible(divergence.after)}", style="green"), 4))
        if divergence.cause:
            parts.append(_indented(Text(visible(divergence.cause), style="dim"), 4))
    return Group(*parts)


def graded_line(case: str, verdicts: "Sequence[Verdict]", lost: bool) -> Padding:
    """What a gold case says of an answer: right or wrong, and why."""
    correct = verdicts[0]
    word, style = ("right", "green") if correct.value == 1.0 else ("wrong", "bold red")
    line = Text.assemble((word, style), f"  {visible(case)}: {one_line(correct.reason, 160)}")
    if lost:
        line.append("  (it was right when it was recorded)", style="bold red")
    return _indented(line)


def question_view(title: str, question: str = "") -> Group:
    """A title, and under it a question set apart."""
    parts: list[RenderableType] = [Text(visible(title), style="dim" if question else "")]
    if question:
        parts += [Text(f"> {visible(question)}", style="bold cyan"), Text()]
    return Group(*parts)


def demo_view(rows: Sequence[tuple[str, str, str, str]], replayed: float) -> Group:
    """What came of each question (question, outcome, grade, replay), and of all."""
    table = _grid(*[{"no_wrap": True} for _ in rows[0]])
    table.columns[0].overflow = "ellipsis"
    table.add_row(*[Text(name, style="dim") for name in ("question", "came to", "gold", "replay")])
    for question, came_to, grade, status in rows:
        table.add_row(
            one_line(question, 60),
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
    return Group(Text(), table, Text(), Text(told, style="bold"))
