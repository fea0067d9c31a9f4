"""LangChain's requests, replies and errors in our form, and back without loss.

Knows two vocabularies. What ours has no word for (content blocks, names, response metadata, the
pieces of a stream) stands beside it, so that a replay gives an equal message. Knows nothing of
graphs or of recording.
"""

import builtins
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.exceptions import OutputParserException
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import ToolException
from pydantic import JsonValue

from ..tools.errors import WorkingsError
from ..tools.secrets import scrub
from .arguments import parse_arguments
from .canonical import canonical
from .errors import to_exception, to_step_error
from .model import Message, ModelReply, ModelRequest, OutputSchema, Role, Tokens, ToolRequest
from .redact import redact
from .steps import StepError
from .values import Values

_ROLES: dict[str, Role] = {"system": "system", "human": "user", "ai": "assistant", "tool": "tool"}
_UNSEEN = ("id", "response_metadata", "usage_metadata", "artifact", "chunk_position", "type")
"""Of a message: what no model is sent."""
_ERRORS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in (
        *vars(builtins).items(),
        ("ToolException", ToolException),
        ("OutputParserException", OutputParserException),
    )
    if isinstance(kind, type) and issubclass(kind, Exception)
}
_LIMIT = 2**31
_COMMON = (SystemMessage, HumanMessage, AIMessage, ToolMessage)


class RecordedError(Exception):
    """An error of a type that is not built in, as it was recorded: same name, text and `repr`."""

    def __init__(self, message: str, shown: str):
        super().__init__(message)
        self.shown = shown

    def __repr__(self) -> str:
        return self.shown


def request_of(
    model: BaseChatModel,
    messages: Sequence[BaseMessage],
    stop: Sequence[str] | None,
    keywords: Mapping[str, Any],
    values: Values,
) -> ModelRequest:
    """Everything that decides what the model says. Ids of tool calls become tc1, tc2, ..."""
    id, params, output = about_of(model, stop, keywords, values)
    named: dict[str, str] = {}
    return ModelRequest(
        model=id,
        params=params,
        messages=tuple(_message(message, named, values) for message in messages),
        tools=tools_of(keywords, values),
        output=output,
    )


def about_of(
    model: BaseChatModel,
    stop: Sequence[str] | None,
    keywords: Mapping[str, Any],
    values: Values,
) -> tuple[str, dict[str, JsonValue], OutputSchema | None]:
    """Of a request: the model, its parameters and the output that is wanted, in our form."""
    rest = dict(keywords)
    rest.pop("tools", None)
    output = _output(rest)
    params = {**_params(model), **rest}
    if stop is not None:
        params["stop"] = list(stop)
    encoded = {name: values.encode(value) for name, value in params.items() if value is not None}
    return _model_id(model), encoded, output


def tools_of(keywords: Mapping[str, Any], values: Values) -> tuple[dict[str, JsonValue], ...]:
    """The tools of a request, in our form."""
    return tuple(_tool(tool, values) for tool in keywords.get("tools") or ())


def reply_of(result: ChatResult, values: Values) -> ModelReply:
    """A reply that came whole."""
    generation = result.generations[0]
    reply = _reply(generation.message, generation.generation_info)
    native = _native(result, values)
    # where a secret is taken out, only the parts of the native form stay what they were
    plain = redact(reply) == reply and _native(_rebuilt(reply), values) == native
    return reply if plain else _with(reply, native)


def result_of(reply: ModelReply, values: Values) -> ChatResult:
    """The reply as it came. A reply that came in pieces is put together."""
    if is_plain(reply):
        return _rebuilt(reply)
    chunks = _chunks(reply, values)
    if chunks:
        whole = chunks[0]
        for chunk in chunks[1:]:
            whole = whole + chunk
        return _whole(whole)
    native: Any = reply.native
    return ChatResult(
        generations=[
            ChatGeneration(
                message=values.decode(item["message"]),
                generation_info=values.decode(item.get("info")),
            )
            for item in native["generations"]
        ],
        llm_output=values.decode(native.get("llm_output")),
    )


def is_plain(reply: ModelReply) -> bool:
    """Whether `plain_message` is the whole of it."""
    return reply.native is None and not reply.chunks


def _whole(chunk: ChatGenerationChunk) -> ChatResult:
    fields = {
        name: value
        for name, value in chunk.message.__dict__.items()
        if name in AIMessage.model_fields and name != "type"
    }
    message = AIMessage(**fields)
    info = chunk.generation_info
    return ChatResult(generations=[ChatGeneration(message=message, generation_info=info)])


def piece_of(chunk: ChatGenerationChunk, values: Values) -> JsonValue:
    """One piece of a stream; a text alone when there is nothing else to it."""
    piece: dict[str, JsonValue] = {"message": values.message(chunk.message)}
    if chunk.generation_info:
        piece["info"] = values.encode(chunk.generation_info)
    content = chunk.message.content
    if isinstance(content, str) and piece == {"message": values.message(_text_chunk(content))}:
        return content
    return piece


def streamed_reply(pieces: Sequence[JsonValue], values: Values) -> ModelReply:
    """The reply whose pieces these are."""
    chunks = [_chunk(piece, values) for piece in pieces]
    if not chunks:
        return ModelReply(native={"chunks": []})
    whole = chunks[0]
    for chunk in chunks[1:]:
        whole = whole + chunk
    reply = _reply(whole.message, whole.generation_info)
    if redact(reply) != reply:
        # in pieces, a secret would not be seen
        return _with(reply, _native(_whole(whole), values))
    plain = all(isinstance(piece, str) for piece in pieces)
    lengths = tuple(len(str(chunk.message.content)) for chunk in chunks) if plain else ()
    reply = reply.model_copy(update={"chunks": lengths})
    return reply if plain else _with(reply, {"chunks": list(pieces)})


def chunks_of(reply: ModelReply, values: Values) -> list[ChatGenerationChunk]:
    """The pieces in which the reply came; one piece when it came whole."""
    chunks = _chunks(reply, values)
    if chunks or reply.native == {"chunks": []}:
        return chunks
    generation = result_of(reply, values).generations[0]
    fields = {k: v for k, v in generation.message.__dict__.items() if k != "type"}
    message = AIMessageChunk(**fields)
    return [ChatGenerationChunk(message=message, generation_info=generation.generation_info)]


def error_of(error: BaseException, values: Values) -> StepError:
    """The error as plain data."""
    if isinstance(error, WorkingsError):
        return to_step_error(error)
    detail: dict[str, JsonValue] = {"repr": scrub(repr(error))[:2000]}
    if type(error).__name__ in _ERRORS or type(error).__qualname__ in values.types:
        detail["args"] = values.encode(list(error.args))
    return StepError(type=type(error).__qualname__, message=scrub(str(error)), detail=detail)


def exception_of(error: StepError, values: Values) -> Exception:
    """The error to raise: of the same type when that is built in or was named, else a namesake."""
    if "repr" not in error.detail:
        return to_exception(error)
    named = values.types.get(error.type)
    kind = named if named is not None and issubclass(named, Exception) else _ERRORS.get(error.type)
    if kind is not None and "args" in error.detail:
        try:
            return kind(*values.decode(error.detail["args"]))
        except Exception as problem:  # one that wants other arguments than it keeps
            detail = f"{error.message} [{problem}]" if not error.message else error.message
            return _namesake(error, detail)
    return _namesake(error, error.message)


def _namesake(error: StepError, message: str) -> RecordedError:
    name = error.type.rpartition(".")[2]
    kind = type(name if name.isidentifier() else "RecordedError", (RecordedError,), {})
    made: RecordedError = kind(message, str(error.detail.get("repr", message)))
    return made


def _message(message: BaseMessage, named: dict[str, str], values: Values) -> Message:
    return Message.model_validate(message_fields(message, named, values))


def message_fields(
    message: BaseMessage, named: dict[str, str], values: Values
) -> dict[str, JsonValue]:
    """A message in our form: the fields of a `Message` that differ from their defaults.

    `named` are the names that ids of tool calls have so far; it is added to.
    """
    content = message.content
    text = content if isinstance(content, str) else str(message.text)
    kind, rest = ("", {}) if _is_common(message) else _beside(message, values)
    ours = isinstance(message, AIMessage)
    role = _ROLES.get(message.type.removesuffix("MessageChunk").lower(), "user")
    fields: dict[str, JsonValue] = {"role": "assistant" if ours else role}
    if text:
        fields["content"] = text
    if isinstance(message, AIMessage) and message.tool_calls:
        fields["tool_requests"] = [
            {
                "id": _alias(call["id"], named),
                "name": call["name"],
                "arguments": _json(call["args"], values),
            }
            for call in message.tool_calls
        ]
    if isinstance(message, ToolMessage):
        fields["tool_request_id"] = _alias(message.tool_call_id, named)
        rest.pop("name", None)
    usual = not kind or kind.startswith(("AI", "Human", "System", "Tool"))
    if not usual and message.type not in _ROLES:
        rest["class"] = kind
    if rest:
        fields["native"] = canonical(redact(rest)).decode()
    return fields


def _is_common(message: BaseMessage) -> bool:
    """Whether all that a model is sent of the message has a word in our form."""
    fields = message.__dict__
    return (
        type(message) in _COMMON
        and type(fields["content"]) is str
        and not fields["additional_kwargs"]
        and not message.__pydantic_extra__
        and (fields["name"] is None or type(message) is ToolMessage)
        and not fields.get("invalid_tool_calls")
        and fields.get("status", "success") == "success"
    )


def _beside(message: BaseMessage, values: Values) -> tuple[str, dict[str, Any]]:
    """The kind of a message, and what our form leaves out of it."""
    dumped: Any = values.message(message)
    rest = {} if "$opaque" in dumped else dict(dumped["$message"])
    kind = str(rest.pop("class", type(message).__name__)).removesuffix("Chunk")
    for name in (*_UNSEEN, "tool_calls", "tool_call_chunks", "tool_call_id"):
        rest.pop(name, None)
    if isinstance(message.content, str):
        rest.pop("content", None)
    return kind, rest


def _alias(id: str | None, named: dict[str, str]) -> str:
    return named.setdefault(id or "", f"tc{len(named) + 1}")


def _json(value: object, values: Values) -> str:
    return canonical(values.encode(value)).decode("utf-8", "replace")


def _params(model: BaseChatModel) -> dict[str, Any]:
    """Sampling and the like, as the model itself names what identifies it."""
    found = dict(model._identifying_params)
    found.pop("model", None)
    found.pop("model_name", None)
    return found


def _model_id(model: BaseChatModel) -> str:
    for name in ("model_name", "model", "model_id"):
        value = getattr(model, name, None)
        if isinstance(value, str):
            return f"{model._llm_type}:{value}"
    return f"{model._llm_type}:{type(model).__name__}"


def _tool(tool: Any, values: Values) -> dict[str, JsonValue]:
    if isinstance(tool, dict) and set(tool) == {"type", "function"} and tool["type"] == "function":
        tool = tool["function"]
    encoded = values.encode(tool)
    return encoded if isinstance(encoded, dict) else {"tool": encoded}


def _output(rest: dict[str, Any]) -> OutputSchema | None:
    wanted = rest.get("response_format")
    if not isinstance(wanted, dict) or wanted.get("type") != "json_schema":
        return None
    inner = wanted.get("json_schema")
    if not isinstance(inner, dict) or set(inner) - {"name", "strict", "schema"}:
        return None
    if not isinstance(inner.get("name"), str) or not isinstance(inner.get("schema"), dict):
        return None
    del rest["response_format"]
    if "strict" in inner:
        rest["strict_output"] = inner["strict"]
    return OutputSchema(name=inner["name"], json_schema=inner["schema"])


def _reply(message: BaseMessage, info: Mapping[str, Any] | None) -> ModelReply:
    about = {**(info or {}), **message.response_metadata}
    finish = about.get("finish_reason") or about.get("stop_reason")
    model = about.get("model_name") or about.get("model")
    requests = getattr(message, "tool_calls", ())
    usage = getattr(message, "usage_metadata", None)
    return ModelReply(
        content=message.content if isinstance(message.content, str) else str(message.text),
        tool_requests=tuple(
            ToolRequest(
                id=call["id"] or "",
                name=call["name"],
                arguments=canonical(Values().encode(call["args"])).decode("utf-8", "replace"),
            )
            for call in requests
        ),
        finish=finish if isinstance(finish, str) else None,
        model=model if isinstance(model, str) else None,
        tokens=None
        if usage is None
        else Tokens(input=usage["input_tokens"], output=usage["output_tokens"]),
    )


def _rebuilt(reply: ModelReply) -> ChatResult:
    return ChatResult(generations=[ChatGeneration(message=plain_message(reply))])


def plain_message(reply: ModelReply) -> AIMessage:
    """The message of a reply in our form, which loses nothing of it."""
    tokens = reply.tokens
    return AIMessage(
        content=reply.content,
        tool_calls=[
            {
                "id": request.id,
                "name": request.name,
                "args": parse_arguments(request.arguments, _LIMIT),
                "type": "tool_call",
            }
            for request in reply.tool_requests
        ],
        usage_metadata=None
        if tokens is None
        else {
            "input_tokens": tokens.input,
            "output_tokens": tokens.output,
            "total_tokens": tokens.input + tokens.output,
        },
    )


def _native(result: ChatResult, values: Values) -> dict[str, JsonValue]:
    generations: list[JsonValue] = []
    for generation in result.generations:
        item: dict[str, JsonValue] = {"message": values.message(generation.message)}
        if generation.generation_info:
            item["info"] = values.encode(generation.generation_info)
        generations.append(item)
    native: dict[str, JsonValue] = {"generations": generations}
    if result.llm_output:
        native["llm_output"] = values.encode(result.llm_output)
    return native


def _with(reply: ModelReply, native: dict[str, JsonValue]) -> ModelReply:
    return reply.model_copy(update={"native": native})


def _chunks(reply: ModelReply, values: Values) -> list[ChatGenerationChunk]:
    if reply.chunks:
        chunks, start = [], 0
        for length in reply.chunks:
            chunks.append(
                ChatGenerationChunk(message=_text_chunk(reply.content[start : start + length]))
            )
            start += length
        return chunks
    if isinstance(reply.native, dict) and isinstance(pieces := reply.native.get("chunks"), list):
        return [_chunk(piece, values) for piece in pieces]
    return []


def _chunk(piece: JsonValue, values: Values) -> ChatGenerationChunk:
    if isinstance(piece, str):
        return ChatGenerationChunk(message=_text_chunk(piece))
    kept: Any = piece
    return ChatGenerationChunk(
        message=values.decode(kept["message"]), generation_info=values.decode(kept.get("info"))
    )


def _text_chunk(text: str) -> AIMessageChunk:
    return AIMessageChunk(content=text)
