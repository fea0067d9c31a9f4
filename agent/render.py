"""Answers, hits and findings as a person reads them in a terminal.

Knows layout and colour; every text goes through `wording`, so that none steers a terminal. Knows
nothing of where it goes: on a terminal, in a pipe or in a test a `rich` console decides on colour.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from ..graphs.answer import Answer, Calculation, Citation, Usage
from ..graphs.trace import Step, ToolStep
from ..tools.documents import Hit
from .wording import one_line, place, plural, quoted, seconds, short_number, snippet, visible

EXTRACTIVE_NOTE = "no language model: it quotes and computes"


def answer_view(
    answer: Answer, *, text: bool = True, again: bool = True, home: str | None = None
) -> Group:
    """An answer with its workings; a refusal with its reason and what was looked at.

    Without `text` only the workings: where the sentences were shown as they came. `again` adds the
    command that replays the run, which has to be told a `home` that is not the usual one.
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
    if trace is not None and again:
        command = f"workings replay {trace}" + (f" --home {visible(home)}" if home else "")
        parts.append(Text(f"again, offline: {command}", style="dim"))
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
        lines.append(indented(Text(visible(reason))))
    return Group(*lines)


def indented(content: RenderableType, columns: int = 2) -> Padding:
    """A part under a heading; no blanks fill the line."""
    return Padding(content, (0, 0, 0, columns), expand=False)


def grid(*columns: dict[str, Any]) -> Table:
    """Columns without lines, two blanks apart."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(**column)
    return table


def _citations(citations: Iterable[Citation]) -> Padding:
    table = grid({"no_wrap": True, "style": "cyan"}, {"overflow": "fold"})
    for citation in citations:
        where = place(citation.document, citation.page, citation.page_label, citation.url)
        line = Text(where)
        if not citation.verified:
            line.append("  not verified", style="red")
        table.add_row(f"[{citation.marker}]", line)
        table.add_row("", Text(f"\u201c{quoted(citation.quote)}\u201d", style="italic"))
    return indented(table)


def _calculations(answer: Answer) -> Padding:
    made = _made(_steps(answer))
    table = grid({"overflow": "fold"})
    for calculation in answer.calculations:
        line = Text.assemble(
            visible(calculation.expression),
            " = ",
            (visible(short_number(calculation.result)), "bold green"),
        )
        rows = [
            (operand.number, _source(operand.source, answer, made))
            for operand in calculation.operands
        ]
        table.add_row(line)
        if rows:
            inner = grid({"justify": "right", "no_wrap": True}, {"overflow": "fold"})
            for number, source in rows:
                inner.add_row(Text(visible(number)), Text(source, style="dim"))
            table.add_row(indented(inner))
    return indented(table)


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
        for passage in passages_of(_steps(answer)):
            if passage.get("id") == which:
                return place_of(passage)
    return visible(source)


def passages_of(steps: Iterable[Step]) -> Iterable[dict[str, Any]]:
    """The passages that tool calls gave, as the trace keeps them."""
    for step in steps:
        if isinstance(step, ToolStep) and step.result:
            found = step.result.get("passages")
            yield from (p for p in found if isinstance(p, dict)) if isinstance(found, list) else ()


def place_of(passage: dict[str, Any]) -> str:
    """Where a passage of a trace stands."""
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
    return indented(Group(*lines))


def _tools(steps: Sequence[ToolStep]) -> Padding:
    table = grid({"overflow": "fold"})
    for step in steps:
        line = Text.assemble(
            (visible(step.name), "cyan"), " ", arguments_line(step, 60), (" -> ", "dim")
        )
        line.append(outcome(step), style="" if step.status == "ok" else "red")
        line.append(f"  {seconds(step.seconds)}", style="dim")
        table.add_row(line)
    return indented(table)


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
    data = step.result.get("data")
    if not content and data not in (None, [], {}, ""):
        content = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return one_line(short_number(content), limit) or "nothing found"


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


def hits_view(hits: Sequence[Hit], query: str, *, explain: bool = False) -> Group:
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
            parts.append(indented(Text(f"{passage.id}  {told}", style="dim"), 3))
        parts.append(indented(Text(snippet(passage.text, query)), 3))
    return Group(*parts) if parts else Group(Text("Nothing found.", style="yellow"))


_STATES = {"ok": ("ok", "green"), "missing": ("-", "yellow"), "wrong": ("WRONG", "bold red")}


def findings_view(findings: Iterable[tuple[str, str, str, str]]) -> Group:
    """What was looked at (name, state, found, remedy), one under the other."""
    table = grid({"no_wrap": True}, {"no_wrap": True, "style": "bold"}, {"overflow": "fold"})
    for what, state, found, remedy in findings:
        word, style = _STATES[state]
        line = Text(visible(found))
        if remedy:
            line.append(f"\n{visible(remedy)}", style="dim")
        table.add_row(Text(word, style), visible(what), line)
    return Group(table)


def question_view(title: str, question: str) -> Group:
    """A title over a rule, and under it a question set apart."""
    rule = Rule(Text(visible(title), style="bold"), align="left", style="dim")
    return Group(Text(), rule, Text(f"> {visible(question)}", style="bold cyan"), Text())
