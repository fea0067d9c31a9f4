"""What the nodes of one run work with: the seams, the limits, the record.

The only way from a node to a model or a tool; so every call is counted and recorded here. Knows
nothing of what a call is for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from ..tools.errors import LimitReached, ProviderError
from ..tools.tool import Tool, ToolResult
from .calls import Call, Calls
from .errors import to_exception
from .events import DraftEvent, Event, StepEvent
from .hashed import Hashed
from .limits import Limits, Tally
from .model import Message, ModelReply, ModelRequest, OutputSchema, Profile, ToolRequest
from .prompts import Prompts
from .recorder import Recorder
from .steps import ModelStep, Start, StepError, ToolStep

_RETRY_TEMPERATURE = 0.4


@dataclass
class RunContext:
    """One run's surroundings, handed to every node as LangGraph's runtime context."""

    start: Start
    calls: Calls
    tools: Mapping[str, Tool]
    recorder: Recorder
    prompts: Prompts
    profile: Profile
    limits: Limits
    emit: Callable[[Event], None] | None = None
    drafts: bool = False
    """Whether raw model text is shown as it arrives."""
    tally: Tally = field(init=False)
    steps: int = 0
    asked: list[ModelStep] = field(default_factory=list)
    """The model calls that ended."""
    requested: int = 0
    """Tool requests so far: gives each its id."""
    supersteps: int = 0
    hashed: Hashed = field(init=False)
    worked_out: dict[str, Any] = field(default_factory=dict)
    """What a node worked out from the state and another needs too: never more than a saving."""

    offered: tuple[Tool, ...] = field(init=False)
    """All tools of the run."""

    def __post_init__(self) -> None:
        self.tally = Tally(self.limits)
        self.offered = tuple(self.tools.values())
        self.hashed = self.recorder.hashed

    @property
    def today(self) -> str:
        """The run's date, as recorded: prompts never read a clock."""
        return str(self.start.options.get("today", ""))

    async def ask(
        self,
        node: str,
        name: str,
        messages: tuple[Message, ...],
        tools: tuple[Tool, ...] = (),
        output: OutputSchema | None = None,
        params: Mapping[str, JsonValue] | None = None,
    ) -> ModelReply:
        """Ask the model; raises what went wrong (`ProviderError`, `LimitReached`)."""
        self.tally.check()
        index = self._next_step()
        sampling = {**self.start.params, **(params or {})}
        schemas = self._schemas(tools)
        model = self.start.model
        key = self.hashed.request_key(node, model, sampling, schemas, output, messages)
        call = Call(node, name, key, min(3, self.tally.spare_requests()))
        step = None if self.emit is not None else self.calls.model_step(call, index)
        if step is not None:
            self.recorder.again(step)
        else:
            # made of valid parts: the tools are not to be looked through with every request
            request = ModelRequest.model_construct(
                model=model, params=sampling, messages=messages, tools=schemas, output=output
            )
            step = await self._asked(call, index, request)
        self.asked.append(step)
        self.tally.requests += 1 + len(step.attempts)
        self.tally.cost_usd += step.cost_usd or 0.0
        reply = step.reply
        if reply is not None and reply.tokens is not None:
            self.tally.tokens += reply.tokens.input + reply.tokens.output
        if step.error is not None:
            raise to_exception(step.error)
        assert reply is not None
        if len(reply.content.encode()) > self.limits.answer_bytes:
            raise LimitReached(
                f"the model wrote more than {self.limits.answer_bytes} bytes", "answer_bytes"
            )
        return reply

    async def _asked(self, call: Call, index: int, request: ModelRequest) -> ModelStep:
        step = ModelStep(index=index, node=call.node, name=call.name, key=call.key, request=request)
        self._begin(step)
        outcome = await self.calls.model(call, request, self._draft if self.drafts else None)
        step = outcome.ends(step)
        self._end(step)
        return step

    def _schemas(self, tools: tuple[Tool, ...]) -> tuple[dict[str, Any], ...]:
        """The tools as the model is told of them, worked out once."""
        known = self.worked_out.get("schemas")
        if known is None or known[0] != tools:
            known = self.worked_out["schemas"] = (tools, tuple(tool.schema() for tool in tools))
        schemas: tuple[dict[str, Any], ...] = known[1]
        return schemas

    async def run_tool(self, step: ToolStep, tool: Tool) -> tuple[ToolStep, ToolResult | None]:
        """Run one validated call that `begin_tool` announced; its failure is a step's error."""
        self.tally.tool_calls += 1
        arguments: dict[str, Any] = dict(step.arguments or {})
        call = Call(step.node, step.name, step.key)
        known = self.calls.tool_step(call, step)
        if known is not None:
            step, result = known
        else:
            outcome = await self.calls.tool(call, tool, arguments)
            result = outcome.result
            step = outcome.ends(step)
        self._end(step)
        if step.error is not None and step.error.type not in ("ToolError", "ProviderError"):
            raise to_exception(step.error)
        return step, result

    def begin_tool(
        self, node: str, request: ToolRequest, arguments: dict[str, Any] | None, tool: Tool | None
    ) -> ToolStep:
        """Announce a tool call, in call order, before anything of its message runs."""
        step = ToolStep(
            index=self._next_step(),
            node=node,
            name=request.name,
            key=self.hashed.tool_key(node, request.name, arguments),
            request_id=request.id,
            arguments=arguments,
            raw_arguments=request.arguments,
            effect=tool.effect if tool is not None else None,
        )
        self._begin(step)
        return step

    def refuse_tool(self, step: ToolStep, why: str) -> ToolStep:
        """Close a call that is not run."""
        error = StepError(type="ToolError", message=why)
        step = step.model_copy(update={"status": "refused", "error": error})
        self._end(step)
        return step

    def name_requests(self, requests: tuple[ToolRequest, ...]) -> list[ToolRequest]:
        """The same requests under our own ids: a service's ids differ from run to run."""
        named = []
        for request in requests:
            self.requested += 1
            named.append(request.model_copy(update={"id": f"call_{self.requested}"}))
        return named

    def sample(self, turn: int) -> dict[str, JsonValue]:
        """Sampling of one try. A further one has to differ, or a cold model says the same again."""
        params: dict[str, JsonValue] = {}
        if self.profile.max_output_tokens is not None:
            params["max_tokens"] = self.profile.max_output_tokens
        if turn:
            seed = self.start.params.get("seed")
            params["seed"] = (seed if isinstance(seed, int) else 0) + turn
            temperature = self.start.params.get("temperature")
            warm = float(temperature) if isinstance(temperature, int | float) else 1.0
            params["temperature"] = max(warm, _RETRY_TEMPERATURE)
        return params

    def _next_step(self) -> int:
        self.steps += 1
        return self.steps

    def _draft(self, text: str) -> None:
        if self.emit is not None:
            self.emit(DraftEvent(text))

    def _begin(self, step: ModelStep | ToolStep) -> None:
        self.recorder.request(step)
        if self.emit is not None:
            self.emit(StepEvent(step, finished=False))

    def _end(self, step: ModelStep | ToolStep) -> None:
        self.recorder.result(step)
        if self.emit is not None:
            self.emit(StepEvent(step, finished=True))


def unusable(reply: ModelReply) -> ProviderError | None:
    """Why a reply without tool calls is no answer, if it is none."""
    if reply.content.strip() or reply.tool_requests:
        return None
    return ProviderError(
        f"the model sent an empty reply (finish reason {reply.finish!r}); ask again, or try another"
        " model",
        kind="empty",
    )
