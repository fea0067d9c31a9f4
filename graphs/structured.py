"""The structured decision: the next step as JSON, for models that cannot be left to call tools.

The tool is an enum and every string is bounded; rules in code catch what small models get wrong.
What to compute is asked for by itself (graphs.compute). Knows nothing of native tool calls' loop.
"""

import json
import re
from typing import Any

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from ..tools.errors import ProviderError
from ..tools.numbers import find_numbers
from ..tools.tool import Tool
from .asked import asked
from .compute import ask_expression
from .context import RunContext
from .lookup import begin, go_on, lookup_of, may_begin
from .model import Message, ModelReply, OutputSchema, ToolRequest
from .redact import redact
from .state import State

NODE = "agent"
_FORMULAS = 2
"""How often the arithmetic is asked for when the calculator refused it."""
_RECKONING = re.compile(
    r"\b(?:chang|grow|grew|increas|decreas|differ|declin|ratio|margin|percent|average|mean\b"
    r"|total|sum\b|combin|more than|less than|times|per\b|divid|turnover|return on|added?\b"
    r"|minus|plus|multipl|share of|how many (?:more|fewer)|how much (?:more|less))|%",
    re.I,
)
"""Words that ask for a computation on what was found."""
_ROUNDING = re.compile(r"\b(?:to|with) \w+ (?:decimals?|significant|digits?)\b", re.I)


class Decision(BaseModel):
    """The structured decision, as the model writes it."""

    model_config = ConfigDict(extra="ignore")

    why: str
    tool: str
    input: str


async def decide_structured(state: State, context: RunContext) -> dict[str, Any]:
    """Ask for the next step; a question whose arithmetic is done asks for nothing more."""
    lookup = lookup_of(state)
    if lookup is not None and lookup.stage != "passages":
        return await go_on(state, context, lookup)
    formulas = state.get("formulas", 0)
    if formulas:
        # The arithmetic was asked for whole: with a result there is nothing left to decide.
        if state.get("calculations") or formulas >= _FORMULAS:
            return {"pending": []}
        return await _formula(state, context, "", formulas)
    simple = _useful(state, context)
    if not simple:
        return {"pending": []}
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
        return asked(reply, context)
    try:
        decision_ = Decision.model_validate_json(reply.content)
    except ValidationError:
        raise ProviderError(
            f"the model did not decide in the form asked for (it wrote"
            f" {redact(reply.content)[:80]!r});"
            " try decision = 'native' or another model",
            kind="bad_response",
        ) from None
    name, text = _chosen(decision_, simple, context, state)
    if name == "search_documents" and may_begin(state, context):
        begun = await begin(state, context, reply.content)
        if begun is not None:
            return begun
    if name == "calculator":
        return await _formula(state, context, reply.content, 0)
    requests: tuple[ToolRequest, ...] = ()
    if name in simple:
        argument = _only_argument(simple[name])
        requests = (ToolRequest(id="", name=name, arguments=json.dumps({argument: text})),)
    return asked(_written(reply.content, requests), context)


def _useful(state: State, context: RunContext) -> dict[str, Tool]:
    """The tools worth offering now: a small model picks what it should not if it is there.

    Once passages were found by the question itself its own queries find worse; and what asks for
    no reckoning needs no calculator.
    """
    simple = {name: tool for name, tool in context.tools.items() if _only_argument(tool)}
    if state.get("passages"):
        searching = ("search_documents", "web_search")
        simple = {name: tool for name, tool in simple.items() if name not in searching}
        if not _RECKONING.search(context.start.question):
            simple.pop("calculator", None)
    return simple


async def _formula(
    state: State, context: RunContext, content: str, formulas: int
) -> dict[str, Any]:
    """A calculator call whose expression is asked for by itself: in one breath with the decision
    a small model writes a paraphrase.
    """
    expression = await ask_expression(state, context, NODE, formulas)
    requests: tuple[ToolRequest, ...] = ()
    if expression is not None:
        arguments = json.dumps({"expression": expression})
        requests = (ToolRequest(id="", name="calculator", arguments=arguments),)
    return asked(_written(content, requests), context) | {"formulas": formulas + 1}


def _written(content: str, requests: tuple[ToolRequest, ...]) -> ModelReply:
    """A reply that asks for these calls; the decision itself came whole."""
    return ModelReply(content=content, tool_requests=requests, finish="tool_calls")


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
