"""Calls of a user's graph answered without LangChain's work around them, where nobody sees it.

Around every call LangChain sets up callbacks, tracing and threads. In a replay that is only held
against its record (graphs.checked) all of it is for nobody: where no callback of the user's, no
cache, no stream and no rate limit is in the way, the answer is handed over at once. Everything else
goes the way it always did. Wraps entry points once a process, like `graphs.seam`.
"""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

from langchain_core.callbacks import BaseCallbackManager
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.runnables import RunnableBinding
from langchain_core.runnables.config import var_child_runnable_config
from langchain_core.tools import BaseTool, StructuredTool
from langchain_core.tools import Tool as PlainTool
from langchain_core.tools.base import _format_output
from langchain_core.tracers.context import _configure_hooks
from langgraph.prebuilt import tool_node
from pydantic import BaseModel, ValidationError

from .checked import CheckedSession
from .identity import identity
from .langchain_requests import may_have
from .places import Nodes
from .plain_messages import tool_message
from .seam import current

_installed: list[bool] = []
_ELSE = object()
"""Stands for a call that goes the usual way."""
_NOT_ASKED = ("run_manager", "callbacks")
_MESSAGES = {SystemMessage, HumanMessage, AIMessage, ToolMessage}
_schemas: dict[int, tuple[BaseTool, type[BaseModel] | None]] = {}
_TOOLS = 256


def install() -> None:
    """Wrap the entry points; only the first time does anything."""
    if _installed:
        return
    _installed.append(True)
    BaseChatModel.invoke = _model(BaseChatModel.invoke)  # type: ignore[method-assign]
    BaseChatModel.ainvoke = _amodel(BaseChatModel.ainvoke)  # type: ignore[method-assign]
    RunnableBinding.invoke = _bound(RunnableBinding.invoke)  # type: ignore[method-assign]
    RunnableBinding.ainvoke = _abound(RunnableBinding.ainvoke)  # type: ignore[method-assign]
    for kind in (BaseTool, StructuredTool, PlainTool):
        for name, wrap in (("invoke", _tool), ("ainvoke", _atool)):
            if name in vars(kind):
                setattr(kind, name, wrap(vars(kind)[name]))
    name = "get_executor_for_config"
    setattr(tool_node, name, _executor(getattr(tool_node, name)))


def _bound(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def invoke(self: Any, input: Any, config: Any = None, **keywords: Any) -> Any:
        found = _said_bound(self, input, config, keywords)
        return original(self, input, config, **keywords) if found is _ELSE else found

    return invoke


def _abound(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def ainvoke(self: Any, input: Any, config: Any = None, **keywords: Any) -> Any:
        found = _said_bound(self, input, config, keywords)
        return await original(self, input, config, **keywords) if found is _ELSE else found

    return ainvoke


def _model(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def invoke(self: Any, input: Any, config: Any = None, **keywords: Any) -> Any:
        found = _said(self, input, config, keywords)
        return original(self, input, config, **keywords) if found is _ELSE else found

    return invoke


def _amodel(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def ainvoke(self: Any, input: Any, config: Any = None, **keywords: Any) -> Any:
        found = _said(self, input, config, keywords)
        return await original(self, input, config, **keywords) if found is _ELSE else found

    return ainvoke


def _tool(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def invoke(self: Any, input: Any, config: Any = None, **keywords: Any) -> Any:
        found = _given(self, input, config, keywords)
        return original(self, input, config, **keywords) if found is _ELSE else found

    return invoke


def _atool(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    async def ainvoke(self: Any, input: Any, config: Any = None, **keywords: Any) -> Any:
        found = _given(self, input, config, keywords)
        return await original(self, input, config, **keywords) if found is _ELSE else found

    return ainvoke


def _executor(original: Callable[..., Any]) -> Callable[..., Any]:
    """Where nothing waits, threads only cost: the calls of a message are made one by one."""

    @contextlib.contextmanager
    def executor(config: Any) -> Iterator[Any]:
        if isinstance(current.get(), CheckedSession):
            yield _OneByOne
        else:
            with original(config) as pool:
                yield pool

    return executor


class _OneByOne:
    map = map


def _said_bound(binding: Any, input: Any, config: Any, keywords: dict[str, Any]) -> Any:
    """The same of a model with tools bound to it."""
    model = binding.bound
    if not isinstance(model, BaseChatModel) or binding.config or binding.config_factories:
        return _ELSE
    return _said(model, input, config, {**binding.kwargs, **keywords})


def _said(model: BaseChatModel, input: Any, config: Any, keywords: dict[str, Any]) -> Any:
    """What the model said, where the call can be answered at once."""
    session = current.get()
    if not isinstance(session, CheckedSession):
        return _ELSE
    kind = type(model)
    if (
        model.callbacks
        or model.verbose
        or model.rate_limiter is not None
        or model.output_version not in (None, "v0")
        or kind.generate is not BaseChatModel.generate
        or keywords.get("stream")
        or (may_have(kind, "streaming") and getattr(model, "streaming", False))
        or type(input) is not list
        or not _plain(input)
        or _listened(config)
    ):
        return _ELSE
    asked = dict(keywords)
    asked.pop("ls_structured_output_format", None)
    asked.pop("structured_output_format", None)
    return session.ask(model, input, asked.pop("stop", None), asked)


def _plain(messages: list[Any]) -> bool:
    """Whether all are messages of text, which LangChain hands on as they are."""
    for one in messages:
        # pydantic takes its time to say what a thing is an instance of
        if type(one) not in _MESSAGES and not isinstance(one, BaseMessage):
            return False
        if type(one.content) is not str:
            return False
    return True


def _given(tool: BaseTool, input: Any, config: Any, keywords: dict[str, Any]) -> Any:
    """What the tool gave, as it is handed on, where the call can be answered at once."""
    session = current.get()
    if (
        not isinstance(session, CheckedSession)
        or keywords
        or type(input) is not dict
        or input.get("type") != "tool_call"
        or tool.callbacks
        or tool.verbose
        or _listened(config)
    ):
        return _ELSE
    schema = _schema(tool)
    arguments = input["args"]
    if schema is None or type(arguments) is not dict or not arguments.keys().isdisjoint(_NOT_ASKED):
        return _ELSE
    try:
        schema.model_validate(arguments)
    except ValidationError:
        return _ELSE
    value = session.result(tool.name, arguments)
    artifact = None
    if tool.response_format == "content_and_artifact":
        if type(value) is not tuple or len(value) != 2:
            session.miss("a tool's result that is no pair")
        value, artifact = value
    id, name = input["id"], tool.name
    if type(value) is str and type(id) is str and type(name) is str:
        message = tool_message(value, artifact, id, name)
        if artifact is None:
            session.messages.born(message)
        return message
    return _format_output(value, artifact, id, name, "success")


def _schema(tool: BaseTool) -> type[BaseModel] | None:
    """What its arguments are held against; None where the graph injects any of them."""
    here = identity(tool)
    known = _schemas.get(here)
    if known is None or known[0] is not tool:
        schema = tool.args_schema
        if isinstance(schema, type) and issubclass(schema, BaseModel):
            fields = dict.fromkeys(schema.model_fields)
            schema = schema if tool._filter_injected_args(fields) == fields else None
        else:
            schema = None
        if len(_schemas) >= _TOOLS:
            _schemas.clear()
        # the tool is kept, so that its identity is not used twice
        known = _schemas[here] = tool, schema
    return known[1]


def _listened(config: Any) -> bool:
    """Whether a callback other than ours would see the call."""
    for hook in _configure_hooks:
        if hook[0].get() is not None:
            return True
    given = config.get("callbacks") if config else None
    if given is None:
        around = var_child_runnable_config.get()
        given = around.get("callbacks") if around else None
        if given is None:
            return False
    handlers = given.handlers if isinstance(given, BaseCallbackManager) else given
    return not all(isinstance(handler, Nodes) for handler in handlers)
