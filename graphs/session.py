"""One run of a user's graph on its way into a trace: its calls, its nodes, its end.

The same session serves a recording and a replay: only where a reply comes from differs. Knows where
in the graph a call stands; knows nothing of how the graph is run or of comparing.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langgraph.errors import GraphBubbleUp
from pydantic import JsonValue

from ..tools.tool import ToolResult
from .canonical import canonical, request_key, tool_key
from .langchain_errors import error_of, exception_of
from .langchain_replies import chunks_of, piece_of, reply_of, result_of, streamed_reply
from .langchain_requests import request_of
from .model import ModelReply
from .places import Nodes, Place, name_of, node_record
from .recorder import Recorder
from .seam import ModelCall, ToolCall, outside
from .served import RecordOver, Served
from .steps import ModelStep, NodeRecord, ToolStep
from .tool_results import tool_error_of, tool_result_of, tool_value_of
from .values import Values

T = TypeVar("T", str, float)
S = TypeVar("S", ModelStep, ToolStep)
_WAIT = 5.0
"""Seconds a replayed call that was cut off waits for the failure that cut it off."""


class GraphSession:
    """A `seam.Session`. `served` is given in a replay, and then nothing is really called."""

    def __init__(self, recorder: Recorder, values: Values, served: Served | None = None):
        self.recorder = recorder
        self.values = values
        self.nodes: Nodes[NodeRecord] = Nodes(self._node)
        self.served = served
        self._steps = 0
        self._lock = threading.Lock()

    # A call from inside a node may come from any thread; what is written is written by one.

    def generate(self, call: ModelCall, ask: Callable[[], ChatResult]) -> ChatResult:
        """Answer a model call."""
        step = self._asked(call)
        if self.served is not None:
            return self._whole(self._serve(self.served, step))
        began = time.perf_counter()
        try:
            with outside():
                result = ask()
        except Exception as error:
            self._failed(step, error, began)
            raise
        self._replied(step, reply_of(result, self.values), began)
        return result

    async def agenerate(self, call: ModelCall, ask: Callable[[], Any]) -> ChatResult:
        """Answer a model call."""
        step = self._asked(call)
        if self.served is not None:
            return self._whole(await self._aserve(self.served, step))
        began = time.perf_counter()
        try:
            with outside():
                result: ChatResult = await ask()
        except Exception as error:
            self._failed(step, error, began)
            raise
        self._replied(step, reply_of(result, self.values), began)
        return result

    def stream(
        self, call: ModelCall, ask: Callable[[], Iterator[ChatGenerationChunk]]
    ) -> Iterator[ChatGenerationChunk]:
        """Answer a model call in pieces."""
        step = self._asked(call)
        if self.served is not None:
            yield from self._pieces(self._serve(self.served, step))
            return
        chunks = ask()
        with self._heard(step) as pieces:
            while True:
                with outside():
                    chunk = next(chunks, None)
                if chunk is None:
                    break
                pieces.append(piece_of(chunk, self.values))
                yield chunk

    async def astream(
        self, call: ModelCall, ask: Callable[[], AsyncIterator[ChatGenerationChunk]]
    ) -> AsyncIterator[ChatGenerationChunk]:
        """Answer a model call in pieces."""
        step = self._asked(call)
        if self.served is not None:
            for chunk in self._pieces(await self._aserve(self.served, step)):
                yield chunk
            return
        chunks = ask()
        with self._heard(step) as pieces:
            while True:
                with outside():
                    chunk_ = await anext(chunks, None)
                if chunk_ is None:
                    break
                pieces.append(piece_of(chunk_, self.values))
                yield chunk_

    @contextlib.contextmanager
    def _heard(self, step: ModelStep) -> Iterator[list[JsonValue]]:
        """Record a reply whose pieces are collected inside, however that ends."""
        began = time.perf_counter()
        pieces: list[JsonValue] = []
        try:
            yield pieces
        except Exception as error:
            self._failed(step, error, began, streamed_reply(pieces, self.values))
            raise
        except GeneratorExit:
            # whoever listens has heard enough
            self._replied(step, streamed_reply(pieces, self.values), began)
            raise
        self._replied(step, streamed_reply(pieces, self.values), began)

    def use(self, call: ToolCall, run: Callable[[], Any]) -> Any:
        """Answer a tool call."""
        step = self._called(call)
        if self.served is not None:
            return tool_value_of(self._serve_tool(self.served, step), self.values)
        began = time.perf_counter()
        try:
            with outside():
                value = run()
        except (Exception, GraphBubbleUp) as error:
            self._ended(step, None, error, began)
            raise
        self._ended(step, tool_result_of(value, call.id, self.values), None, began)
        return value

    async def ause(self, call: ToolCall, run: Callable[[], Any]) -> Any:
        """Answer a tool call."""
        step = self._called(call)
        if self.served is not None:
            return tool_value_of(await self._aserve_tool(self.served, step), self.values)
        began = time.perf_counter()
        try:
            with outside():
                value = await run()
        except (Exception, GraphBubbleUp) as error:
            self._ended(step, None, error, began)
            raise
        self._ended(step, tool_result_of(value, call.id, self.values), None, began)
        return value

    def note(self, name: str, make: Callable[[], T]) -> T:
        """A value of the clock and the like."""
        scope = self.nodes.scope()
        step = self._begin_tool(scope, name, "", {}, "pure")
        if self.served is not None:
            recorded = self._serve_tool(self.served, step)
            kept: T = (recorded.result or {}).get("data")  # type: ignore[assignment]
            return kept
        value = make()
        self._result_of(step, ToolResult(data=value))
        return value

    def _node(self, place: Place, value: object) -> NodeRecord:
        return node_record(name_of(place), place[-1][0], value, self.values, self._steps)

    def _asked(self, call: ModelCall) -> ModelStep:
        scope = self.nodes.scope()
        request = request_of(call.model, call.messages, call.stop, call.keywords, self.values)
        key = request_key(scope, request)
        return self._begin(ModelStep(index=0, node=scope, name="chat", key=key, request=request))

    def _called(self, call: ToolCall) -> ToolStep:
        arguments: Any = self.values.encode(call.arguments)
        return self._begin_tool(self.nodes.scope(), call.tool.name, call.id or "", arguments, None)

    def _begin_tool(
        self, scope: str, name: str, id: str, arguments: dict[str, JsonValue], effect: Any
    ) -> ToolStep:
        return self._begin(
            ToolStep(
                index=0,
                node=scope,
                name=name,
                key=tool_key(scope, name, arguments),
                request_id=id,
                arguments=arguments,
                raw_arguments=canonical(arguments).decode("utf-8", "replace"),
                effect=effect,
            )
        )

    def _begin(self, step: S) -> S:
        """The step with its number: in order of beginning, in a replay as in the record."""
        with self._lock:
            # in a replay, calls that run at the same time may begin in another order
            index = self._steps + 1 if self.served is None else self.served.index(step)
            self._steps = max(self._steps, index)
            step = step.model_copy(update={"index": index})
            self.recorder.request(step)
        return step

    def _replied(self, step: ModelStep, reply: ModelReply, began: float) -> None:
        self._end(step.model_copy(update={"reply": reply, "seconds": _since(began)}))

    def _failed(
        self, step: ModelStep, error: Exception, began: float, part: ModelReply | None = None
    ) -> None:
        update = {"error": error_of(error, self.values), "reply": part, "seconds": _since(began)}
        self._end(step.model_copy(update=update))

    def _ended(
        self, step: ToolStep, result: ToolResult | None, error: BaseException | None, began: float
    ) -> None:
        if error is None:
            assert result is not None
            self._result_of(step.model_copy(update={"seconds": _since(began)}), result)
            return
        kept = tool_error_of(error, self.values)
        update = {"status": "error", "error": kept, "seconds": _since(began)}
        self._end(step.model_copy(update=update))

    def _result_of(self, step: ToolStep, result: ToolResult) -> None:
        self._end(step.model_copy(update={"result": result.model_dump(mode="json")}))

    def _end(self, step: ModelStep | ToolStep) -> None:
        with self._lock:
            self.recorder.result(step)

    def _serve(self, served: Served, step: ModelStep) -> ModelStep:
        ended = served.model(step)
        self._end(ended)
        return ended

    async def _aserve(self, served: Served, step: ModelStep) -> ModelStep:
        try:
            return self._serve(served, step)
        except RecordOver:
            await asyncio.sleep(_WAIT)
            raise

    def _serve_tool(self, served: Served, step: ToolStep) -> ToolStep:
        ended = served.tool(step)
        self._end(ended)
        return ended

    async def _aserve_tool(self, served: Served, step: ToolStep) -> ToolStep:
        try:
            return self._serve_tool(served, step)
        except RecordOver:
            await asyncio.sleep(_WAIT)
            raise

    def _whole(self, step: ModelStep) -> ChatResult:
        if step.error is not None:
            raise exception_of(step.error, self.values)
        assert step.reply is not None
        return result_of(step.reply, self.values)

    def _pieces(self, step: ModelStep) -> Iterator[ChatGenerationChunk]:
        if step.reply is not None:
            yield from chunks_of(step.reply, self.values)
        if step.error is not None:
            raise exception_of(step.error, self.values)


def _since(began: float) -> float:
    return round(time.perf_counter() - began, 3)
