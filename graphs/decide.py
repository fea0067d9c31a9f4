"""The agent node: decides the next step, in one of two ways behind one interface.

`native`: a model call with bound tools, for strong models. `structured`: a JSON decision (the tool
as an enum, bounded strings), for small ones, which route far better so (docs/design.md). Knows
nothing of running tools or of the answer.
"""

import html
import json
import re
from typing import Any

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from ..tools.errors import ProviderError
from ..tools.numbers import find_numbers
from ..tools.tool import Tool
from .compute import ask_expression
from .context import RunContext, unusable
from .model import Message, ModelReply, OutputSchema, ToolRequest
from .rescue import rescue
from .state import State

NODE = "agent"
_DOCUMENTS_SHOWN = 30
_HISTORY_TURNS = 6
_HISTORY_CHARACTERS = 1000
_ROUNDING = re.compile(r"\b(?:to|with) \w+ (?:decimals?|significant|digits?)\b", re.I)


class Decision(BaseModel):
    """The structured decision, as the model writes it."""

    model_config = ConfigDict(extra="ignore")

    why: str
    tool: str
    input: str


async def agent(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Decide what to do next: tool requests, or nothing more."""
    context = runtime.context
    limit = context.tally.winding_down()
    if limit is not None:
        return {"pending": [], "stopped": limit}
    if context.profile.decision == "structured":
        return await _structured(state, context)
    return await _native(state, context)


async def _native(state: State, context: RunContext) -> dict[str, Any]:
    messages = (
        Message(role="system", content=_system(context)),
        *_history(context),
        Message(role="user", content=context.start.question),
        *state.get("messages", ()),
    )
    reply = await context.ask(NODE, "decide", messages, tuple(context.tools.values()))
    requests = reply.tool_requests
    if not requests and context.profile.rescue:
        requests = rescue(reply.content, context.tools)
    empty = unusable(reply)
    if empty is not None and not state.get("made"):
        raise empty
    return _asked(reply.model_copy(update={"tool_requests": requests}), context)


def _asked(reply: ModelReply, context: RunContext) -> dict[str, Any]:
    """The calls a model asked for by itself, under our own ids."""
    named = context.name_requests(reply.tool_requests)
    message = Message(role="assistant", content=reply.content, tool_requests=tuple(named))
    return {
        "messages": [message],
        "pending": named,
        "truncated": reply.finish not in ("tool_calls", "stop", "function_call"),
    }


async def _structured(state: State, context: RunContext) -> dict[str, Any]:
    simple = {name: tool for name, tool in context.tools.items() if _only_argument(tool)}
    names: list[JsonValue] = [*simple, "answer"]
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": {
            "why": {"type": "string", "maxLength": 120},
            "tool": {"type": "string", "enum": names},
            "input": {"type": "string", "maxLength": 300},
        },
        "required": ["why", "tool", "input"],
        "additionalProperties": False,
    }
    tools = "\n".join(f"- {name}: {tool.description}" for name, tool in simple.items())
    system = context.prompts.decide.format(tools=tools, today=context.today)
    messages = [Message(role="system", content=system)]
    for question, why, tool, text in context.prompts.examples:
        if tool in names:
            decision = json.dumps({"why": why, "tool": tool, "input": text})
            messages.append(Message(role="user", content=f"Question: {question}"))
            messages.append(Message(role="assistant", content=decision))
    messages.append(Message(role="user", content=_situation(state, context)))
    output = OutputSchema(name="decision", json_schema=schema, method=context.profile.output)
    reply = await context.ask(NODE, "decide", tuple(messages), output=output)
    if reply.tool_requests and not reply.content.strip():
        return _asked(reply, context)
    try:
        decision_ = Decision.model_validate_json(reply.content)
    except ValidationError:
        raise ProviderError(
            f"the model did not decide in the form asked for (it wrote {reply.content[:80]!r});"
            " try decision = 'native' or another model",
            kind="bad_response",
        ) from None
    name, text = _chosen(decision_, simple, context, state)
    if name == "calculator":
        # What to compute is asked for by itself: decided in one breath, it is a paraphrase.
        text = await ask_expression(state, context, NODE) or text
    requests: tuple[ToolRequest, ...] = ()
    if name in simple and text:
        argument = _only_argument(simple[name])
        requests = (ToolRequest(id="", name=name, arguments=json.dumps({argument: text})),)
    named = context.name_requests(requests)
    message = Message(role="assistant", content=reply.content, tool_requests=tuple(named))
    return {"messages": [message], "pending": named, "truncated": False}


def _chosen(
    decision: Decision, simple: dict[str, Tool], context: RunContext, state: State
) -> tuple[str, str]:
    """The tool and the text for it, after the rules that a small model needs."""
    name, text = decision.tool, decision.input.strip()
    question = context.start.question
    if (
        name == "calculator"
        and "search_documents" in simple
        and context.start.options.get("documents")
        and not state.get("made")
        and _operands(question) < 2
    ):
        # The one miss of structured routing: arithmetic on numbers that nobody has looked up yet.
        name, text = "search_documents", question
    if name in ("search_documents", "web_search") and (not text or not state.get("made")):
        # A small model's paraphrase loses names and years; the question itself finds more.
        text = question
    return name, text or question


def _operands(question: str) -> int:
    """How many numbers a question gives to reckon with: no years, dates, references, rounding."""
    numbers = find_numbers(_ROUNDING.sub(" ", question), words=True)
    return sum(not (n.year or n.date or n.reference or n.ordinal) for n in numbers)


def _only_argument(tool: Tool) -> str | None:
    """The one required text argument of a tool, if that is all it needs."""
    required = tool.parameters.get("required", [])
    properties = tool.parameters.get("properties", {})
    if len(required) == 1 and properties.get(required[0], {}).get("type") == "string":
        return str(required[0])
    return None


def _system(context: RunContext) -> str:
    return context.prompts.system.format(today=context.today) + _documents(context)


def _documents(context: RunContext) -> str:
    """The loaded documents, those that the question names first."""
    documents = context.start.options.get("documents")
    if not isinstance(documents, list) or not documents:
        return ""
    lines = [f'\n<documents count="{len(documents)}">']
    for item in documents[:_DOCUMENTS_SHOWN]:
        assert isinstance(item, dict)
        # In an order of our own: a trace keeps keys sorted.
        attributes = " ".join(
            f'{key}="{html.escape(str(item[key]))}"'
            for key in ("name", "title", "named")
            if key in item
        )
        lines.append(f"<document {attributes}/>")
    return "\n".join([*lines, "</documents>"])


def _history(context: RunContext) -> list[Message]:
    messages = []
    for question, text in context.start.history[-_HISTORY_TURNS:]:
        messages.append(Message(role="user", content=question[:_HISTORY_CHARACTERS]))
        messages.append(Message(role="assistant", content=text[:_HISTORY_CHARACTERS]))
    return messages


def _situation(state: State, context: RunContext) -> str:
    """For the structured decision: the question, what is loaded, what was already done."""
    lines = []
    documents = context.start.options.get("documents")
    if isinstance(documents, list) and documents:
        names = [str(item["name"]) for item in documents[:8] if isinstance(item, dict)]
        more = f" and {len(documents) - 8} more" if len(documents) > 8 else ""
        lines.append(f"Loaded documents: {', '.join(names)}{more}")
    else:
        lines.append("Loaded documents: none")
    for question, text in context.start.history[-2:]:
        lines.append(f"Earlier: {question[:200]} -> {text[:200]}")
    for message in state.get("messages", ()):
        if message.role == "tool":
            lines.append(f"Already done: {' '.join(message.content.split())[:300]}")
    lines.append(f"Question: {context.start.question}")
    return "\n".join(lines)
