"""LangChain's requests in our form: what decides what a model says, and nothing else of them.

Knows two vocabularies. What ours has no word for (content blocks, names) stands beside it. Knows
nothing of replies, of graphs or of recording.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from pydantic import BaseModel, JsonValue

from .canonical import canonical
from .model import Message, ModelRequest, OutputSchema, Role
from .redact import redact
from .values import Values

_ROLES: dict[str, Role] = {"system": "system", "human": "user", "ai": "assistant", "tool": "tool"}
_UNSEEN = ("id", "response_metadata", "usage_metadata", "artifact", "chunk_position", "type")
"""Of a message: what no model is sent."""
_COMMON = (SystemMessage, HumanMessage, AIMessage, ToolMessage)


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
    output = _output(rest) if "response_format" in rest else None
    params = {**_params(model), **rest}
    if stop is not None:
        params["stop"] = list(stop)
    if params:
        params = {n: values.encode(value) for n, value in params.items() if value is not None}
    return _model_id(model), params, output


def tools_of(keywords: Mapping[str, Any], values: Values) -> tuple[dict[str, JsonValue], ...]:
    """The tools of a request, in our form."""
    return tuple(_tool(tool, values) for tool in keywords.get("tools") or ())


def _message(message: BaseMessage, named: dict[str, str], values: Values) -> Message:
    return Message.model_validate(message_fields(message, named, values))


def message_fields(
    message: BaseMessage, named: dict[str, str], values: Values
) -> dict[str, JsonValue]:
    """A message in our form: the fields of a `Message` that differ from their defaults.

    `named` are the names that ids of tool calls have so far; it is added to.
    """
    if _is_common(message):
        fields = message.__dict__
        made: dict[str, JsonValue] = {"role": _ROLES[fields["type"]]}
        if fields["content"]:
            made["content"] = fields["content"]
        if calls := fields.get("tool_calls"):
            made["tool_requests"] = _requests(calls, named, values)
        if "tool_call_id" in fields:
            made["tool_request_id"] = _alias(fields["tool_call_id"], named)
        return made
    content = message.content
    text = content if isinstance(content, str) else str(message.text)
    kind, rest = _beside(message, values)
    ours = isinstance(message, AIMessage)
    role = _ROLES.get(message.type.removesuffix("MessageChunk").lower(), "user")
    made = {"role": "assistant" if ours else role}
    if text:
        made["content"] = text
    if isinstance(message, AIMessage) and message.tool_calls:
        made["tool_requests"] = _requests(message.tool_calls, named, values)
    if isinstance(message, ToolMessage):
        made["tool_request_id"] = _alias(message.tool_call_id, named)
        rest.pop("name", None)
    usual = not kind or kind.startswith(("AI", "Human", "System", "Tool"))
    if not usual and message.type not in _ROLES:
        rest["class"] = kind
    if rest:
        made["native"] = canonical(redact(rest)).decode()
    return made


def _requests(calls: Sequence[Any], named: dict[str, str], values: Values) -> list[JsonValue]:
    return [
        {
            "id": _alias(call["id"], named),
            "name": call["name"],
            "arguments": _json(call["args"], values),
        }
        for call in calls
    ]


def _is_common(message: BaseMessage) -> bool:
    """Whether all that a model is sent of the message has a word in our form."""
    fields = message.__dict__
    return (
        type(message) in _COMMON
        and fields["type"] in _ROLES
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
    kind = type(model)
    for name in ("model_name", "model", "model_id"):
        if may_have(kind, name) and isinstance(value := getattr(model, name, None), str):
            return f"{model._llm_type}:{value}"
    return f"{model._llm_type}:{kind.__name__}"


@lru_cache(maxsize=256)
def may_have(kind: type[BaseChatModel], name: str) -> bool:
    """Whether an object of the class may have such an attribute.

    That there is none takes pydantic longer to say than most of a call does.
    """
    return (
        name in kind.model_fields
        or any(name in base.__dict__ for base in kind.__mro__)
        or name in kind.__private_attributes__
        or kind.model_config.get("extra") == "allow"
        or kind.__getattr__ is not BaseModel.__getattr__  # type: ignore[attr-defined]
        or kind.__getattribute__ is not object.__getattribute__
    )


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
