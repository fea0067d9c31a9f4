"""Where LangChain's chat models and tools are met, in any graph, without a change to its nodes.

Callbacks cannot put another result in the place of a call, so the entry points of `BaseChatModel`
and `BaseTool` are wrapped, once a process, when the first graph is recorded or replayed. Outside of
a recorded run they do what they always did. Inside one the call goes to a twin of the object: the
same class, the same attributes, but with its innermost methods (`_generate`, `_stream`, `_run` and
their async forms) in the hands of the run's session. So LangChain's own work around a call
(callbacks, streaming to the graph, parsing of arguments, errors turned into text) is done in a
recording and in a replay alike.

What a tool does inside is its own: calls that it makes are not met. Knows nothing of traces.
"""

import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.tools import BaseTool


@dataclass(frozen=True)
class ModelCall:
    """What a model is asked."""

    model: BaseChatModel
    messages: list[BaseMessage]
    stop: list[str] | None
    keywords: dict[str, Any]


@dataclass(frozen=True)
class ToolCall:
    """What a tool is asked: its arguments without those that the graph injects."""

    tool: BaseTool
    arguments: dict[str, Any]
    id: str | None


class Session(Protocol):
    """One recorded run, or its replay: is handed every call, with a way of really making it."""

    def generate(self, call: ModelCall, ask: Callable[[], ChatResult]) -> ChatResult:
        """Answer a model call."""
        ...

    async def agenerate(self, call: ModelCall, ask: Callable[[], Any]) -> ChatResult:
        """Answer a model call; `ask` gives a coroutine."""
        ...

    def stream(
        self, call: ModelCall, ask: Callable[[], Iterator[ChatGenerationChunk]]
    ) -> Iterator[ChatGenerationChunk]:
        """Answer a model call in pieces."""
        ...

    def astream(
        self, call: ModelCall, ask: Callable[[], AsyncIterator[ChatGenerationChunk]]
    ) -> AsyncIterator[ChatGenerationChunk]:
        """Answer a model call in pieces."""
        ...

    def use(self, call: ToolCall, run: Callable[[], Any]) -> Any:
        """Answer a tool call."""
        ...

    async def ause(self, call: ToolCall, run: Callable[[], Any]) -> Any:
        """Answer a tool call; `run` gives a coroutine."""
        ...


current: ContextVar[Session | None] = ContextVar("workings_session", default=None)
"""The run whose calls are met; None outside of one, and inside of a call that is being made."""
_tool_call: ContextVar[ToolCall | None] = ContextVar("workings_tool_call", default=None)
_installed: list[bool] = []
_met: dict[type[Any], type[Any]] = {}
"""For each class of models and tools that was met, the one made of it."""


@contextlib.contextmanager
def outside() -> Iterator[None]:
    """While a call is really made: what it calls in turn is its own."""
    token = current.set(None)
    try:
        yield
    finally:
        current.reset(token)


def install() -> None:
    """Wrap the entry points; only the first time does anything."""
    if _installed:
        return
    _installed.append(True)
    for name in ("_generate_with_cache", "_agenerate_with_cache", "stream", "astream"):
        setattr(BaseChatModel, name, _through_twin(getattr(BaseChatModel, name)))
    run, arun = BaseTool.run, BaseTool.arun

    @functools.wraps(run)
    def tool_run(self: BaseTool, tool_input: Any, *args: Any, **keywords: Any) -> Any:
        if current.get() is None:
            return run(self, tool_input, *args, **keywords)
        token = _tool_call.set(_tool_call_of(self, tool_input, keywords.get("tool_call_id")))
        try:
            return run(_twin(self), tool_input, *args, **keywords)
        finally:
            _tool_call.reset(token)

    @functools.wraps(arun)
    async def tool_arun(self: BaseTool, tool_input: Any, *args: Any, **keywords: Any) -> Any:
        if current.get() is None:
            return await arun(self, tool_input, *args, **keywords)
        token = _tool_call.set(_tool_call_of(self, tool_input, keywords.get("tool_call_id")))
        try:
            return await arun(_twin(self), tool_input, *args, **keywords)
        finally:
            _tool_call.reset(token)

    BaseTool.run, BaseTool.arun = tool_run, tool_arun  # type: ignore[method-assign]


def _through_twin(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def wrapper(self: BaseChatModel, *args: Any, **keywords: Any) -> Any:
        # a coroutine or a generator: made here, run by the caller
        return original(self if current.get() is None else _twin(self), *args, **keywords)

    return wrapper


def _tool_call_of(tool: BaseTool, given: Any, id: str | None) -> ToolCall:
    arguments = tool._filter_injected_args(given) if isinstance(given, dict) else {"input": given}
    return ToolCall(tool, arguments, id)


def _twin(thing: Any) -> Any:
    """The same object under a class whose innermost methods are met: it shares all attributes."""
    kind: type[Any] = type(thing)
    if issubclass(kind, _Met):
        return thing
    if kind not in _met:
        _met[kind] = _meet(kind)
    kind = _met[kind]
    twin = object.__new__(kind)
    object.__setattr__(twin, "__dict__", thing.__dict__)
    for slot in ("__pydantic_fields_set__", "__pydantic_extra__", "__pydantic_private__"):
        object.__setattr__(twin, slot, getattr(thing, slot))
    return twin


class _Met:
    """Marks a class made here."""


def _meet(kind: Any) -> Any:
    base: Any = BaseChatModel if issubclass(kind, BaseChatModel) else BaseTool
    wraps = _MODEL if base is BaseChatModel else _TOOL
    made = {
        name: wrap(getattr(kind, name))
        for name, wrap in wraps.items()
        # what a class inherits unchanged goes to another of these methods
        if getattr(kind, name) is not getattr(base, name)
    }
    if base is BaseChatModel:
        for name in ("_stream_chat_model_events", "_astream_chat_model_events"):
            if hasattr(kind, name):
                made[name] = None  # there is a bridge from `_stream`
    twin = type(kind)(kind.__name__, (_Met, kind), {"__module__": kind.__module__})
    twin.__qualname__ = kind.__qualname__
    for name, method in made.items():
        setattr(twin, name, method)
    if base is BaseChatModel:
        # a cache of LangChain's would answer what a replay has to be asked
        type.__setattr__(twin, "cache", property(lambda _: False))
    return twin


def _generate(original: Callable[..., ChatResult]) -> Callable[..., ChatResult]:
    @functools.wraps(original)
    def method(
        self: Any, messages: Any, stop: Any = None, run_manager: Any = None, **kw: Any
    ) -> Any:
        ask = functools.partial(
            original, self, messages, stop=stop, **_managed(original, run_manager), **kw
        )
        session = current.get()
        if session is None:
            return ask()
        return session.generate(ModelCall(self, messages, stop, kw), ask)

    return method


def _agenerate(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def method(
        self: Any, messages: Any, stop: Any = None, run_manager: Any = None, **kw: Any
    ) -> Any:
        ask = functools.partial(
            original, self, messages, stop=stop, **_managed(original, run_manager), **kw
        )
        session = current.get()
        if session is None:
            return await ask()
        return await session.agenerate(ModelCall(self, messages, stop, kw), ask)

    return method


def _stream(original: Callable[..., Any], answer: str = "stream") -> Callable[..., Any]:
    """`answer`: which method of the session answers, this one or `astream`."""

    @functools.wraps(original)
    def method(
        self: Any, messages: Any, stop: Any = None, run_manager: Any = None, **kw: Any
    ) -> Any:
        ask = functools.partial(
            original, self, messages, stop=stop, **_managed(original, run_manager), **kw
        )
        session = current.get()
        if session is None:
            return ask()
        return getattr(session, answer)(ModelCall(self, messages, stop, kw), ask)

    return method


def _managed(original: Callable[..., Any], run_manager: Any) -> dict[str, Any]:
    return {} if run_manager is None else {"run_manager": run_manager}


def _run(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(self: Any, *args: Any, **kw: Any) -> Any:
        session, call = current.get(), _tool_call.get()
        run = functools.partial(original, self, *args, **kw)
        return run() if session is None or call is None else session.use(call, run)

    return method


def _arun(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def method(self: Any, *args: Any, **kw: Any) -> Any:
        session, call = current.get(), _tool_call.get()
        run = functools.partial(original, self, *args, **kw)
        return await (run() if session is None or call is None else session.ause(call, run))

    return method


_MODEL: dict[str, Callable[[Any], Any]] = {
    "_generate": _generate,
    "_agenerate": _agenerate,
    "_stream": _stream,
    "_astream": functools.partial(_stream, answer="astream"),
}
_TOOL: dict[str, Callable[[Any], Any]] = {"_run": _run, "_arun": _arun}
