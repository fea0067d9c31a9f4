"""Any LangChain chat model behind our seam: asked once, its reply whole and raw.

Knows how a `ModelRequest` is put to LangChain. Retries, deadlines and recording are the caller's
(`graphs.live`); which model it is, is `agent.models`' to choose.
"""

import contextlib
from collections.abc import Callable
from typing import Any

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.runnables import Runnable
from pydantic import SecretStr

from ..graphs.model import ModelReply, ModelRequest, Profile
from ..tools.errors import ProviderError
from .langchain_messages import as_function, to_langchain
from .langchain_reply import ReplyBuilder
from .provider_errors import explain


class LangChainModel:
    """A `ChatModel` that asks a LangChain chat model."""

    def __init__(
        self,
        model: BaseChatModel,
        id: str,
        profile: Profile,
        stream: bool = True,
        *,
        service: str = "the model service",
        secrets: tuple[str, ...] = (),
    ) -> None:
        """`service` names the service in errors; `secrets` never appear in one."""
        self.id = id
        self.profile = profile
        self._model = model
        self._stream = stream
        self._service = service
        self._secrets = secrets + _secrets_of(model)
        # A service that speaks OpenAI's protocol ends every stream with a finish reason.
        self._needs_finish = model._llm_type == "openai-chat"

    async def attempt(
        self, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """Ask once. Raises `ProviderError`, with the text that had arrived as its `partial`."""
        forced = request.output.name if request.output and request.output.method == "tool" else None
        builder = ReplyBuilder(self._service, on_text, self._needs_finish, forced)
        try:
            bound = self._bound(request)
            messages = to_langchain(request.messages)
            if self._stream:
                await _read(bound, messages, builder)
            else:
                builder.add_whole(await bound.ainvoke(messages))
            return builder.reply()
        except Exception as error:
            failure = explain(error, self._service, self._secrets)
        raise _once_started(failure, builder) from None

    def _bound(self, request: ModelRequest) -> Runnable[Any, BaseMessage]:
        """The model with everything but the messages."""
        keywords: dict[str, Any] = {
            name: value for name, value in request.params.items() if value is not None
        }
        tools = [as_function(tool) for tool in request.tools]
        output = request.output
        if output is not None and output.method == "json_schema":
            keywords["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": output.name,
                    "strict": True,
                    "schema": dict(output.json_schema),
                },
            }
        if output is not None and output.method == "tool":
            tools = [
                as_function(
                    {
                        "name": output.name,
                        "description": "Give the answer.",
                        "parameters": dict(output.json_schema),
                    }
                )
            ]
            return self._model.bind_tools(tools, tool_choice=output.name, **keywords)
        if tools:
            return self._model.bind_tools(tools, **keywords)
        return self._model.bind(**keywords)


async def _read(
    bound: Runnable[Any, BaseMessage], messages: list[BaseMessage], builder: ReplyBuilder
) -> None:
    stream = bound.astream(messages)
    async with contextlib.AsyncExitStack() as stack:
        close = getattr(stream, "aclose", None)
        if close is not None:
            stack.push_async_callback(close)
        async for piece in stream:
            builder.add(piece)


def _once_started(failure: ProviderError, builder: ReplyBuilder) -> ProviderError:
    """The failure as it counts when a part of the answer is there: marked, and final."""
    if not builder.started:
        return failure
    partial = failure.partial or builder.partial
    text, kind = str(failure), failure.kind
    if kind in ("connection", "timeout"):
        text, kind = f"{text} It broke off in the middle of its answer.", "truncated"
    if partial:
        text += f" The answer is partial: {len(partial):,} characters had arrived."
    return ProviderError(text, kind, partial=partial)


def _secrets_of(model: BaseChatModel) -> tuple[str, ...]:
    values = (value for value in vars(model).values() if isinstance(value, SecretStr))
    return tuple(filter(None, (value.get_secret_value() for value in values)))
