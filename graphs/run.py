"""One run: a question through the graph, recorded from start to end.

The same function serves a live run and a replay: only the calls behind the seam differ. Knows
nothing of settings, of where calls go, or of who asks.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, cast

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from ..tools.errors import WorkingsError
from ..tools.tool import Tool
from .answer import Answer, Usage
from .calls import Calls
from .context import RunContext
from .errors import to_step_error
from .events import AnswerEvent, Event, TextEvent
from .graph import CHECKPOINTS, build, compiled
from .hidden import hiding
from .limits import Limits
from .metering import cost_of, tokens_of
from .model import Profile
from .prompts import Prompts
from .recorder import Recorder
from .redact import redact
from .state import State
from .steps import Approval, Start, StepError
from .turbo import plan_of

Approve = Callable[[list[dict[str, Any]]], dict[str, bool]]
"""Given the writing calls of a message (`id`, `name`, `arguments`), says which may run, by id."""

_SUPERSTEPS = 200
"""Above anything our own limits allow; LangGraph's default would be 10,007."""


async def run(
    start: Start,
    calls: Calls,
    tools: Mapping[str, Tool],
    recorder: Recorder,
    *,
    prompts: Prompts | None = None,
    emit: Callable[[Event], None] | None = None,
    drafts: bool = False,
    approve: Approve | None = None,
    turbo: bool = False,
) -> Answer:
    """Answer `start.question`; the answer knows its trace.

    Profile and limits are those of `start`, so that a replay has them too. `turbo`: on our own
    scheduler (graphs.turbo) where it covers the graph; a run that may wait for an approval is
    always LangGraph's. Raises `ProviderError` or `LimitReached`, with the trace as `.trace`.
    """
    # prompts quote the start of it: what is cut must be cut at the same place in a replay
    if start.history:
        start = start.model_copy(update={"history": redact(start.history, recorder.secrets)})
    context = RunContext(
        start=start,
        calls=calls,
        tools=tools,
        recorder=recorder,
        prompts=prompts or Prompts(),
        profile=Profile.model_validate(start.profile),
        limits=Limits.model_validate(start.limits),
        emit=emit,
        drafts=drafts,
    )
    recorder.start(start)
    try:
        with hiding(recorder.secrets):
            state = await _drive(context, approve, turbo)
    except WorkingsError as error:
        error.trace = recorder.end(None, to_step_error(error))
        raise
    except asyncio.CancelledError:
        recorder.end(None, StepError(type="Cancelled", message="the run was cancelled"))
        raise
    answer = state["answer"].model_copy(update={"usage": _usage(context)})
    recorder.finish(answer)
    answer = answer.with_trace(lambda: recorder.trace)
    if emit is not None:
        for sentence in answer.text.split("\n"):
            emit(TextEvent(sentence))
        emit(AnswerEvent(answer))
    return answer


async def _drive(context: RunContext, approve: Approve | None, turbo: bool) -> State:
    """Run the graph to its end, asking for approvals where it waits for them."""
    writes = any(tool.effect == "write" for tool in context.tools.values())
    config: Any = {"recursion_limit": _SUPERSTEPS}
    if not writes and turbo and (fast := plan_of(compiled())) is not None:
        return cast(State, await fast.run({}, context, _SUPERSTEPS))
    if not writes and context.calls.at_once:
        graph_at_once = compiled(waits=False)
        done: Any = graph_at_once.invoke({}, config, context=context, output_keys=["answer"])
        return cast(State, done)
    if not writes:
        # v2: without approvals there is no interrupt to look for in a stream of updates
        # in a task: what a model sets in its context is not the caller's (graphs.bare makes none)
        answering = compiled().ainvoke(
            {}, config, context=context, output_keys=["answer"], version="v2"
        )
        result: Any = await asyncio.create_task(answering)
        return cast(State, result.value)
    graph = build().compile(checkpointer=InMemorySaver(serde=CHECKPOINTS))
    config["configurable"] = {"thread_id": context.start.id}
    output = await graph.ainvoke({}, config, context=context, version="v2")
    while output.interrupts:
        asked: list[dict[str, Any]] = output.interrupts[0].value
        allowed = await asyncio.to_thread(approve, asked) if approve is not None else {}
        decisions = {call["id"]: bool(allowed.get(call["id"])) for call in asked}
        context.recorder.approval(Approval(decisions=decisions))
        resume: Any = Command(resume=decisions)
        output = await graph.ainvoke(resume, config, context=context, version="v2")
    return cast(State, output.value)


def _usage(context: RunContext) -> Usage:
    """What the run took, from its model calls: a replay says the same."""
    replies = [step.reply for step in context.asked if step.reply is not None]
    given, made = tokens_of([reply.tokens for reply in replies])
    named = [reply.model for reply in replies if reply.model]
    return Usage(
        model=named[-1] if named else context.start.model,
        requests=context.tally.requests,
        input_tokens=given,
        output_tokens=made,
        cost_usd=cost_of([step.cost_usd for step in context.asked]),
        seconds=round(context.calls.clock(), 3),
    )
