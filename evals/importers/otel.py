"""OpenTelemetry GenAI spans (`gen_ai.*`), as OTLP JSON or a plain list of spans.

A trace becomes the conversation of its fullest chat span (the last one of these): its instructions
and input messages, its output message, and the tools that ran after it. Spans without messages
(content capture was off) cannot be replayed, and are refused with that reason.
"""

from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from ...graphs.model import Tokens
from ..conversation import Conversation, Heard
from . import chat

NAME = "otel"
EXPECTED = "spans with `gen_ai.*` attributes: OTLP `resourceSpans`, or a list of spans"

_PREFIX = "gen_ai."
_DEPTH = 32


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    if isinstance(raw, dict) and isinstance(raw.get("resourceSpans"), list):
        return True
    if isinstance(raw, list) and raw and all(_is_batch(item) for item in raw):
        return True
    spans = raw.get("spans") if isinstance(raw, dict) else raw
    if not isinstance(spans, list) or not spans or not isinstance(spans[0], dict):
        return False
    return "attributes" in spans[0] and any(
        name.startswith(_PREFIX) for span in spans if isinstance(span, dict) for name in _of(span)
    )


def read(raw: Any) -> list[Conversation]:
    """One conversation for each trace id among the spans. Raises `ValueError`."""
    traces: dict[str, list[dict[str, Any]]] = {}
    for span in _spans(raw):
        context = span.get("context")
        inner = context if isinstance(context, dict) else {}
        id = span.get("traceId") or span.get("trace_id") or inner.get("trace_id")
        traces.setdefault(str(id), []).append(span)
    found = [
        conversation
        for id, spans in traces.items()
        if (conversation := _conversation(id, spans)) is not None
    ]
    if not found:
        raise ValueError(
            "no chat span holds gen_ai.input.messages or gen_ai.output.messages: record them with "
            "content capture on"
        )
    return found


def _is_batch(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("resourceSpans"), list)


def _spans(raw: Any) -> list[dict[str, Any]]:
    batches = raw if isinstance(raw, list) else [raw]
    found: list[Any] = []
    for batch in batches:
        if not _is_batch(batch):
            # a plain list of spans, or one under `spans`
            spans = batch.get("spans") if isinstance(batch, dict) else None
            found += spans if isinstance(spans, list) else [batch]
            continue
        for resource in batch["resourceSpans"]:
            scopes = resource.get("scopeSpans") if isinstance(resource, dict) else None
            for scope in scopes if isinstance(scopes, list) else ():
                spans = scope.get("spans") if isinstance(scope, dict) else None
                found += spans if isinstance(spans, list) else []
    return [span for span in found if isinstance(span, dict)]


def _conversation(id: str, spans: list[dict[str, Any]]) -> Conversation | None:
    spans = sorted(spans, key=_began)
    chats = [span for span in spans if _named(span, "chat") and _has_messages(span)]
    if not chats:
        return None
    last = max(reversed(chats), key=_length)
    attributes = _of(last)
    values = _instructions(attributes)
    for key in ("input", "output"):
        for message in _list(attributes.get(f"gen_ai.{key}.messages")):
            values += _plain(message)
    heard = list(chat.heard_all(values))
    if heard and heard[-1].speaks:
        heard[-1] = _counted(heard[-1], attributes)
        calls = {call.id for call in heard[-1].message.tool_requests}
        heard += _results(spans[spans.index(last) + 1 :], calls)
    model = attributes.get("gen_ai.request.model") or attributes.get("gen_ai.response.model")
    named = next((_of(span).get("workings.trace.id") for span in spans), None)
    return Conversation(
        messages=tuple(heard),
        model=chat.text_or(model, "unknown"),
        id=chat.text_or(named, chat.text_or(attributes.get("gen_ai.conversation.id"), id)),
        tools=chat.tools_of(_list(attributes.get("gen_ai.tool.definitions"))),
    )


def _length(span: dict[str, Any]) -> int:
    attributes = _of(span)
    told = (attributes.get(f"gen_ai.{key}.messages") for key in ("input", "output"))
    return sum(len(_list(messages)) for messages in told)


def _results(spans: list[dict[str, Any]], calls: set[str]) -> list[Heard]:
    values: list[JsonValue] = []
    for span in spans:
        attributes = _of(span)
        id, result = (attributes.get(f"gen_ai.tool.call.{key}") for key in ("id", "result"))
        if not _named(span, "execute_tool") or result is None:
            continue
        if isinstance(id, str) and id in calls:
            values.append({"role": "tool", "tool_call_id": id, "content": chat.text_of(result)})
    return list(chat.heard_all(values))


def _instructions(attributes: dict[str, Any]) -> list[JsonValue]:
    parts = _list(attributes.get("gen_ai.system_instructions"))
    text = [part["content"] for part in parts if isinstance(part, dict) and _is_text(part)]
    return [{"role": "system", "content": item} for item in text]


def _plain(message: Any) -> list[JsonValue]:
    """A message of parts in the OpenAI shape; each tool's response is a message of its own."""
    if not isinstance(message, dict) or not isinstance(message.get("parts"), list):
        return [message]
    text: list[str] = []
    calls: list[JsonValue] = []
    answers: list[JsonValue] = []
    for part in message["parts"]:
        if not isinstance(part, dict):
            raise ValueError("a part of a message is not an object")
        kind = part.get("type")
        if kind == "tool_call":
            calls.append({key: part.get(key) for key in ("id", "name", "arguments")})
        elif kind == "tool_call_response":
            given = part.get("response", part.get("result"))
            answers.append(
                {"role": "tool", "tool_call_id": part.get("id"), "content": chat.text_of(given)}
            )
        elif _is_text(part):
            text.append(part["content"])
    if answers and not text and not calls:
        return answers
    plain: dict[str, JsonValue] = {"role": message.get("role"), "content": "".join(text)}
    if calls:
        plain["tool_calls"] = calls
    if isinstance(message.get("name"), str):
        plain["name"] = message["name"]
    return [plain, *answers]


def _is_text(part: dict[str, Any]) -> bool:
    return part.get("type", "text") == "text" and isinstance(part.get("content"), str)


def _counted(heard: Heard, attributes: dict[str, Any]) -> Heard:
    given, made = (attributes.get(f"gen_ai.usage.{key}_tokens") for key in ("input", "output"))
    tokens = None
    if isinstance(given, int) and isinstance(made, int):
        tokens = Tokens(input=given, output=made)
    reasons = _list(attributes.get("gen_ai.response.finish_reasons"))
    model = attributes.get("gen_ai.response.model")
    return Heard(
        heard.message,
        speaks=True,
        shape=heard.shape,
        tokens=tokens,
        finish=reasons[0] if reasons and isinstance(reasons[0], str) else None,
        model=model if isinstance(model, str) else None,
    )


def _named(span: dict[str, Any], operation: str) -> bool:
    return bool(_of(span).get("gen_ai.operation.name") == operation)


def _has_messages(span: dict[str, Any]) -> bool:
    found = _of(span)
    return "gen_ai.input.messages" in found or "gen_ai.output.messages" in found


def _began(span: dict[str, Any]) -> tuple[int, str]:
    time = span.get("startTimeUnixNano", span.get("start_time"))
    if isinstance(time, int) or (isinstance(time, str) and time.isdigit() and len(time) < 40):
        return int(time), ""
    return 0, str(time)


def _of(span: dict[str, Any]) -> dict[str, Any]:
    """The attributes, whether an object or OTLP's list of key and value."""
    found = span.get("attributes")
    if isinstance(found, dict):
        return found
    pairs = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
    return {str(item.get("key")): _value(item.get("value"), 0) for item in pairs}


def _value(value: Any, depth: int) -> Any:
    if not isinstance(value, dict) or depth > _DEPTH:
        return value
    for key, inner in value.items():
        if key == "intValue":
            digits = isinstance(inner, str) and inner.lstrip("-").isdigit() and len(inner) < 20
            return int(inner) if digits else inner
        if key == "arrayValue":
            values = inner.get("values") if isinstance(inner, dict) else None
            return [_value(item, depth + 1) for item in values] if isinstance(values, list) else []
        if key == "kvlistValue":
            pairs = inner.get("values") if isinstance(inner, dict) else None
            return {
                str(item.get("key")): _value(item.get("value"), depth + 1)
                for item in (pairs if isinstance(pairs, list) else ())
                if isinstance(item, dict)
            }
        if key.endswith("Value"):
            return inner
    return None


def _list(value: Any) -> list[Any]:
    """A list, also when it is written as a JSON text."""
    if isinstance(value, str):
        try:
            value = from_json(value)
        except ValueError:
            return []
    return value if isinstance(value, list) else []
