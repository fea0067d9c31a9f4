"""The agent node: decides the next step, in one of two ways behind one interface.

`native`: a model call with bound tools, for strong models. `structured` (graphs.structured): a JSON
decision, for small ones, which route far better so (docs/design.md). Knows
nothing of running tools or of the answer.
"""

import html
from typing import Any

from langgraph.runtime import Runtime

from .asked import asked
from .context import RunContext, unusable
from .model import Message
from .rescue import rescue
from .state import State
from .structured import decide_structured

NODE = "agent"
_DOCUMENTS_SHOWN = 30
_HISTORY_TURNS = 6
_HISTORY_CHARACTERS = 1000


async def agent(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Decide what to do next: tool requests, or nothing more."""
    context = runtime.context
    limit = context.tally.winding_down()
    if limit is not None:
        return {"pending": [], "stopped": limit}
    if context.profile.decision == "structured":
        return await decide_structured(state, context)
    return await _native(state, context)


async def _native(state: State, context: RunContext) -> dict[str, Any]:
    messages = (*_opening(context), *state.get("messages", ()))
    reply = await context.ask(NODE, "decide", messages, context.offered)
    empty = unusable(reply)
    if empty is not None and not state.get("made"):
        raise empty
    if not reply.tool_requests and context.profile.rescue:
        requests = rescue(reply.content, context.tools)
        reply = reply.model_copy(update={"tool_requests": requests})
    return asked(reply, context)


def _opening(context: RunContext) -> tuple[Message, ...]:
    """What every request begins with, worked out once."""
    opening: tuple[Message, ...] | None = context.worked_out.get("opening")
    if opening is None:
        opening = (
            Message(role="system", content=_system(context)),
            *_history(context),
            Message(role="user", content=context.start.question),
        )
        context.worked_out["opening"] = opening
    return opening


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
