"""LangChain's replies in our form, and back without loss.

Knows two vocabularies. What ours has no word for (response metadata, the pieces of a stream) stands
beside it, so that a replay gives an equal message. Knows nothing of requests, of graphs or of
recording.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import JsonValue

from .arguments import parse_arguments
from .canonical import canonical
from .model import ModelReply, Tokens, ToolRequest
from .plain_messages import ai_message
from .redact import redact
from .values import Values

_LIMIT = 2**31
_SAID = {"content", "tool_requests", "tokens", "finish", "model"}
"""Of a reply: what our form has a word for."""
_REQUESTED = {"id", "name", "arguments"}
_COUNTED = {"input", "output"}
_TEXT = {str, type(None)}


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


def plain_message(reply: ModelReply) -> AIMessage:
    """The message of a reply in our form, which loses nothing of it."""
    tokens = reply.tokens
    return ai_message(
        reply.content,
        [_call(request.id, request.name, request.arguments) for request in reply.tool_requests],
        None if tokens is None else _usage(tokens.input, tokens.output),
    )


def message_of(said: Any) -> AIMessage | None:
    """`plain_message` of a reply as it stands in a record: JSON that nobody looked at yet.

    None where our form is not all of it, or anything in it is not as it has to be.
    """
    if type(said) is not dict or not said.keys() <= _SAID:
        return None
    content, requests, tokens = (
        said.get("content", ""),
        said.get("tool_requests", []),
        said.get("tokens"),
    )
    if type(content) is not str or type(requests) is not list:
        return None
    if type(said.get("finish")) not in _TEXT or type(said.get("model")) not in _TEXT:
        return None
    calls = []
    for request in requests:
        if type(request) is not dict or request.keys() != _REQUESTED:
            return None
        id, name, arguments = request["id"], request["name"], request["arguments"]
        if type(id) is not str or type(name) is not str or type(arguments) is not str:
            return None
        calls.append(_call(id, name, arguments))
    usage = None
    if tokens is not None:
        if type(tokens) is not dict or tokens.keys() != _COUNTED:
            return None
        given, made = tokens["input"], tokens["output"]
        if type(given) is not int or type(made) is not int:
            return None
        usage = _usage(given, made)
    return ai_message(content, calls, usage)


def _call(id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"name": name, "args": _arguments(arguments), "id": id, "type": "tool_call"}


def _arguments(raw: str) -> dict[str, Any]:
    """`parse_arguments`; texts that are canonical, as ours are, hold no key twice."""
    try:
        found = orjson.loads(raw)
        if type(found) is dict and orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode() == raw:
            return found
    except ValueError:
        pass
    return parse_arguments(raw, _LIMIT)


def _usage(given: int, made: int) -> dict[str, int]:
    return {"input_tokens": given, "output_tokens": made, "total_tokens": given + made}


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
