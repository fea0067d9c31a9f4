"""One run of a user's graph: the graph's own call, with a session around it.

Knows when a run begins and ends, whole or listened to; knows nothing of where it is kept.
"""

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.runnables.config import merge_configs

from .answer import Answer, Usage
from .canonical import canonical
from .hidden import hide, hiding
from .langchain_errors import error_of
from .metering import tokens_of
from .model import Tokens
from .places import END, node_record
from .recorder import Recorder
from .seam import current
from .session import GraphSession
from .steps import ModelStep, Start, StepError, ToolStep
from .trace import Trace
from .values import Values

Done = Callable[[Recorder, Trace], None]


class GraphRun:
    """One run: the graph's own call, with a session around it."""

    def __init__(self, session: GraphSession, start: Start, config: Any, done: Done):
        self.session = session
        self.start = start
        self.config = merge_configs(config, {"callbacks": [session.nodes]})
        self._done = done

    def whole(self, call: Any) -> Any:
        """A run whose result comes at once."""
        self.session.recorder.start(self.start)
        token = current.set(self.session)
        try:
            with hiding(self.session.recorder.secrets):
                result = call()
        except BaseException as error:
            self._failed(error)
            raise
        finally:
            current.reset(token)
        self._ended(result)
        return result

    async def awhole(self, call: Any) -> Any:
        """A run whose result comes at once."""
        self.session.recorder.start(self.start)
        token = current.set(self.session)
        try:
            with hiding(self.session.recorder.secrets):
                result = await call()
        except BaseException as error:
            self._failed(error)
            raise
        finally:
            current.reset(token)
        self._ended(result)
        return result

    def pieces(self, call: Any) -> Iterator[Any]:
        """A run that is listened to. The session is the run's own: not the listener's."""
        self.session.recorder.start(self.start)
        inside = contextvars.copy_context()
        inside.run(current.set, self.session)
        inside.run(hide, self.session.recorder.secrets)
        try:
            chunks = inside.run(call)
            while True:
                try:
                    piece = inside.run(next, chunks)
                except StopIteration:
                    break
                yield piece
        except BaseException as error:
            self._failed(error)
            raise
        self._ended(None)

    async def apieces(self, call: Any) -> AsyncIterator[Any]:
        """A run that is listened to."""
        self.session.recorder.start(self.start)
        inside = contextvars.copy_context()
        inside.run(current.set, self.session)
        inside.run(hide, self.session.recorder.secrets)
        chunks = inside.run(call)

        async def following() -> Any:
            return await anext(chunks)

        try:
            while True:
                try:
                    piece = await asyncio.get_running_loop().create_task(
                        following(), context=inside
                    )
                except StopAsyncIteration:
                    break
                yield piece
        except BaseException as error:
            self._failed(error)
            raise
        self._ended(None)

    def _failed(self, error: BaseException) -> None:
        with hiding(self.session.recorder.secrets):
            self._nodes(failed=True)
        if isinstance(error, Exception):
            kept = error_of(error, self.session.values)
        else:  # given up by whoever asked
            kept = StepError(type="Cancelled", message="the run was cancelled")
        trace = self.session.recorder.end(None, kept)
        self.session.recorder.close()
        self._done(self.session.recorder, trace)

    def _ended(self, result: Any) -> None:
        nodes = self.session.nodes
        final = nodes.final if nodes.final is not None else result
        recorder = self.session.recorder
        with hiding(recorder.secrets):
            self._nodes(failed=False)
            calls = recorder.steps
            recorder.node(node_record(END, 0, final, self.session.values, len(calls)))
        replies = _replies(calls)
        answer = answer_of(self.start.question, self.start.model, final, replies)
        trace = recorder.end(answer, None)
        recorder.close()
        self._done(recorder, trace)

    def _nodes(self, failed: bool) -> None:
        for record_ in self.session.nodes.records(failed):
            self.session.recorder.node(record_)


def answer_of(
    question: str, model: str, final: Any, replies: Sequence[tuple[str, Tokens | None]]
) -> Answer:
    """The last message, or the final state, as an answer without citations.

    `model` answers for a run without a call; `replies` are the model and tokens of each call.
    """
    messages = final.get("messages") if isinstance(final, Mapping) else None
    if isinstance(messages, list) and messages and isinstance(messages[-1], BaseMessage):
        text = str(messages[-1].text)
    elif isinstance(final, str):
        text = final
    else:
        text = canonical(Values().encode(final)).decode("utf-8", "replace")[:20_000]
    given, made = tokens_of([tokens for _, tokens in replies])
    usage = Usage(
        model=replies[-1][0] if replies else model,
        requests=len(replies),
        input_tokens=given,
        output_tokens=made,
    )
    return Answer(question=question, text=text, usage=usage)


def _replies(calls: Sequence[ModelStep | ToolStep]) -> list[tuple[str, Tokens | None]]:
    steps = [step for step in calls if isinstance(step, ModelStep)]
    return [(step.request.model, step.reply.tokens if step.reply else None) for step in steps]
