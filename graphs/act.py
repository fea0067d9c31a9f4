"""The tools node: runs the calls of one message, concurrently, and answers them in call order.

Not LangGraph's ToolNode, which builds a thread pool each step (over half of a run's own time, see
docs/design.md) and merges arguments leniently. Knows nothing of deciding or answering.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from langgraph.runtime import Runtime
from pydantic import JsonValue, ValidationError

from ..tools.documents import Passage
from ..tools.errors import ToolError
from ..tools.rows_tool import NAME as ROWS
from ..tools.rows_tool import RowData, RowsData
from ..tools.tool import Tool, ToolResult
from ..tools.web import WEB
from .answer import Calculation
from .arguments import check_arguments, parse_arguments
from .canonical import content_hash
from .context import RunContext
from .leaks import leak_of
from .lookup_cells import rows_xml
from .model import Message, ToolRequest
from .operands import trace_operands
from .pack import calculation_xml, pack
from .prompts import NOTHING_FOUND
from .state import State
from .steps import ToolStep

T = TypeVar("T")

NODE = "tools"
_REPEATED = "this call was already made; its result is above"
_DENIED = "a person did not allow this call; do without it"
_CUT_OFF = "the message was cut off before it ended, so none of its calls were run; ask again"


async def tools(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Validate every pending call, run those that pass, and report them all."""
    context = runtime.context
    made = set(state.get("made", ()))
    denied = set(state.get("denied") or ())
    ready: list[tuple[ToolStep, Tool]] = []
    steps: list[ToolStep] = []
    signatures: list[str] = []
    for place, request in enumerate(state.get("pending") or ()):
        tool = context.tools.get(request.name)
        arguments, problem = _validate(request, tool, context)
        step = context.begin_tool(NODE, request, arguments, tool)
        signature = signature_of(request, context)
        if problem is None:
            problem = _not_allowed(state, context, request, place, len(ready), signature in made)
        if problem is None and request.name == WEB and arguments is not None:
            query, question = str(arguments.get("query", "")), context.start.question
            problem = leak_of(query, question, state.get("passages", ()))
        if problem is None and request.id in denied:
            problem = _DENIED
        if problem is not None or tool is None:
            steps.append(context.refuse_tool(step, problem or "unknown tool"))
            continue
        made.add(signature)
        signatures.append(signature)
        ready.append((step, tool))
        steps.append(step)
    work = [context.run_tool(step, tool) for step, tool in ready]
    # a task also for one by itself: what a tool sets in its context is not the caller's
    finished = await (_in_turn(work) if context.calls.at_once else asyncio.gather(*work))
    by_index = {step.index: (step, result) for step, result in finished}
    report = _Report(state, context)
    for step in steps:
        report.add(*by_index.get(step.index, (step, None)))
    return {**report.update(), "made": signatures, "pending": [], "denied": []}


async def _in_turn(work: list[Coroutine[Any, Any, T]]) -> list[T]:
    """`gather`, one by one: all are made, and the first failure is raised then."""
    finished: list[T] = []
    failed: Exception | None = None
    for call in work:
        try:
            finished.append(await call)
        except Exception as error:
            failed = failed or error
    if failed is not None:
        raise failed
    return finished


def signature_of(request: ToolRequest, context: RunContext) -> str:
    """What makes two calls the same one: name and arguments, however they are written."""
    known = context.worked_out.setdefault("signatures", {})
    place = (request.name, request.arguments)
    if place not in known:
        try:
            arguments: Any = parse_arguments(request.arguments, len(request.arguments) * 4 + 4)
        except ToolError:
            arguments = request.arguments
        known[place] = content_hash([request.name, arguments])
    signature: str = known[place]
    return signature


def _validate(
    request: ToolRequest, tool: Tool | None, context: RunContext
) -> tuple[dict[str, Any] | None, str | None]:
    try:
        arguments = parse_arguments(request.arguments, context.limits.argument_bytes)
    except ToolError as error:
        return None, str(error)
    if tool is None:
        names = ", ".join(context.tools)
        return arguments, f"there is no tool {request.name[:60]!r}; the tools are: {names}"
    try:
        check_arguments(tool, arguments)
    except ToolError as error:
        return arguments, str(error)
    return arguments, None


def _not_allowed(
    state: State, context: RunContext, request: ToolRequest, place: int, ready: int, repeated: bool
) -> str | None:
    limits = context.limits
    if state.get("truncated"):
        return _CUT_OFF
    if repeated:
        return _REPEATED
    if place >= limits.calls_per_message:
        return f"at most {limits.calls_per_message} calls of one message are run"
    if context.tally.tool_calls + ready >= limits.tool_calls:
        return f"the limit of {limits.tool_calls} tool calls is reached"
    return None


class _Report:
    """Collects what the calls of one message found: new evidence, and messages in call order."""

    def __init__(self, state: State, context: RunContext):
        self.context = context
        self.known = list(state.get("passages", ()))
        self.before = len(self.known)
        self.calculations = list(state.get("calculations", ()))
        self.calculated = len(self.calculations)
        self.places = {passage.id: place for place, passage in enumerate(self.known, start=1)}
        self.searches: list[list[int]] = []
        self.rows: list[RowData] = []
        self.messages: list[Message] = []

    def add(self, step: ToolStep, result: ToolResult | None) -> None:
        """Take in one finished call; `result` is there unless it failed."""
        if step.error is not None or result is None:
            content = f"Error: {step.error.message if step.error is not None else ''}"
        else:
            content = self._found(step.name, result)
        self.messages.append(Message(role="tool", content=content, tool_request_id=step.request_id))

    def _found(self, name: str, result: ToolResult) -> str:
        if result.expression is not None:
            calculation = trace_operands(
                result.expression,
                result.content,
                self.context.start.question,
                self.known,
                self.calculations,
            )
            self.calculations.append(calculation)
            return calculation_xml(len(self.calculations), calculation)
        if result.passages:
            numbers = [self._place(passage) for passage in result.passages]
            self.searches.append(numbers)
            rows = self._rows(result.data) if name == ROWS else None
            if rows is not None:
                return rows
            packed = pack(numbers, self.known, self.context.profile.passage_tokens)
            return f"<passages>\n{packed.xml}\n</passages>"
        return result.content or NOTHING_FOUND

    def _rows(self, data: JsonValue) -> str | None:
        """Rows are shown for the passages that they stand in; None when these are none."""
        try:
            told = RowsData.model_validate(data).rows
        except ValidationError:
            return None
        rows = [row for row in told if row.passage in self.places]
        self.rows.extend(rows)
        return f"<rows>\n{rows_xml(rows, [self.places[row.passage] for row in rows])}\n</rows>"

    def _place(self, passage: Passage) -> int:
        if passage.id not in self.places:
            self.known.append(passage)
            self.places[passage.id] = len(self.known)
        return self.places[passage.id]

    def update(self) -> dict[str, Any]:
        """The part of the state that changed."""
        added: list[Calculation] = self.calculations[self.calculated :]
        found: dict[str, Any] = {
            "messages": self.messages,
            "passages": self.known[self.before :],
            "searches": self.searches,
            "calculations": added,
        }
        return found | ({"rows": self.rows} if self.rows else {})
