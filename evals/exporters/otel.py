"""A trace as OpenTelemetry GenAI spans (OTLP JSON), without importing OpenTelemetry.

Knows the names of the GenAI semantic conventions; knows nothing of files or collectors.
"""

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

from pydantic import JsonValue

from ...graphs.canonical import canonical
from ...graphs.model import Message
from ...graphs.trace import ModelStep, ToolStep, Trace
from .openai import definition

_PARAMS = (
    "temperature",
    "top_p",
    "max_tokens",
    "seed",
    "frequency_penalty",
    "presence_penalty",
)

_LONGEST = 1e9
"""Seconds that a step can have taken; a record of a stranger may say anything."""


def otel(trace: Trace) -> dict[str, JsonValue]:
    """OTLP JSON: one `invoke_agent` span over a `chat` or `execute_tool` span for each step.

    Attributes are those of the GenAI semantic conventions. Times are worked out from the start and
    the seconds of each step, one after the other; where the record has none they only keep order.
    """
    trace_id = blake2b(trace.id.encode(), digest_size=16).hexdigest()
    root = _span_id(trace.id, 0)
    began = now = _nanoseconds(trace.start.created)
    spans: list[JsonValue] = []
    for step in trace.steps:
        ended = now + max(1_000, round(min(step.seconds, _LONGEST) * 1e9))
        name, attributes = _chat(step) if isinstance(step, ModelStep) else _tool(step)
        span = _span(trace_id, _span_id(trace.id, step.index), name, now, ended, attributes)
        span["parentSpanId"] = root
        if step.error is not None:
            span["status"] = {"code": 2, "message": step.error.message}
        spans.append(span)
        now = ended
    top = _span(trace_id, root, "invoke_agent workings", began, now, _run(trace))
    if trace.error is not None:
        top["status"] = {"code": 2, "message": trace.error.message}
    service = _attributes({"service.name": "workings"})
    resource: dict[str, JsonValue] = {"attributes": service}
    scope: dict[str, JsonValue] = {"scope": {"name": "workings"}, "spans": [top, *spans]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}


def _chat(step: ModelStep) -> tuple[str, dict[str, JsonValue]]:
    request = step.request
    found: dict[str, JsonValue] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": request.model.split(":", 1)[-1],
        "gen_ai.input.messages": _json([_genai(message) for message in request.messages]),
    }
    if ":" in request.model:
        found["gen_ai.provider.name"] = request.model.split(":", 1)[0]
    for key, value in request.params.items():
        if key in _PARAMS and value is not None:
            found[f"gen_ai.request.{key}"] = value
    if request.tools:
        found["gen_ai.tool.definitions"] = _json(
            [{"type": "function", **definition(tool)} for tool in request.tools]
        )
    reply = step.reply
    if reply is not None:
        said = Message(role="assistant", content=reply.content, tool_requests=reply.tool_requests)
        finish = reply.finish or ("tool_call" if reply.tool_requests else "stop")
        found["gen_ai.output.messages"] = _json([{**_genai(said), "finish_reason": finish}])
        if reply.finish is not None:
            found["gen_ai.response.finish_reasons"] = [reply.finish]
        if reply.model is not None:
            found["gen_ai.response.model"] = reply.model
        if reply.tokens is not None:
            found["gen_ai.usage.input_tokens"] = reply.tokens.input
            found["gen_ai.usage.output_tokens"] = reply.tokens.output
    if step.error is not None:
        found["error.type"] = step.error.type
    found["workings.step"] = step.index
    return f"chat {request.model.split(':', 1)[-1]}", found


def _tool(step: ToolStep) -> tuple[str, dict[str, JsonValue]]:
    found: dict[str, JsonValue] = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": step.name,
        "gen_ai.tool.type": "function",
        "gen_ai.tool.call.id": step.request_id,
        "gen_ai.tool.call.arguments": step.raw_arguments,
    }
    if step.result is not None:
        content = step.result.get("content")
        passages = step.result.get("passages")
        found["gen_ai.tool.call.result"] = content if isinstance(content, str) else ""
        if isinstance(passages, list) and passages:
            documents: list[JsonValue] = [
                {"id": item.get("id"), "content": item.get("text")}
                for item in passages
                if isinstance(item, dict)
            ]
            found["gen_ai.retrieval.documents"] = _json(documents)
    if step.error is not None:
        found["error.type"] = step.error.type
    found["workings.step"] = step.index
    return f"execute_tool {step.name}", found


def _run(trace: Trace) -> dict[str, JsonValue]:
    found: dict[str, JsonValue] = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "workings",
        "gen_ai.request.model": trace.start.model.split(":", 1)[-1],
        "gen_ai.input.messages": _json([_genai(Message(role="user", content=trace.question))]),
        "workings.trace.id": trace.id,
    }
    if trace.answer is not None:
        said = _genai(Message(role="assistant", content=trace.answer.text))
        found["gen_ai.output.messages"] = _json([{**said, "finish_reason": "stop"}])
        usage = trace.answer.usage
        for key, value in (("input", usage.input_tokens), ("output", usage.output_tokens)):
            if value is not None:
                found[f"gen_ai.usage.{key}_tokens"] = value
    if trace.error is not None:
        found["error.type"] = trace.error.type
    return found


def _genai(message: Message) -> dict[str, JsonValue]:
    """A message as the GenAI conventions write it: a role and parts."""
    parts: list[JsonValue] = []
    if message.role == "tool":
        response: JsonValue = message.content
        parts.append(
            {"type": "tool_call_response", "id": message.tool_request_id, "response": response}
        )
    elif message.content or not message.tool_requests:
        parts.append({"type": "text", "content": message.content})
    for request in message.tool_requests:
        parts.append(
            {
                "type": "tool_call",
                "id": request.id,
                "name": request.name,
                "arguments": request.arguments,
            }
        )
    found: dict[str, JsonValue] = {"role": message.role, "parts": parts}
    if message.name is not None:
        found["name"] = message.name
    return found


def _span(
    trace_id: str, id: str, name: str, began: int, ended: int, attributes: dict[str, JsonValue]
) -> dict[str, JsonValue]:
    return {
        "traceId": trace_id,
        "spanId": id,
        "name": name,
        "kind": 1 if name.startswith(("invoke_agent", "execute_tool")) else 3,
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(ended),
        "attributes": _attributes(attributes),
    }


def _attributes(values: Mapping[str, JsonValue]) -> list[JsonValue]:
    return [{"key": key, "value": _any_value(value)} for key, value in values.items()]


def _any_value(value: JsonValue) -> dict[str, JsonValue]:
    """A value as OTLP writes it; 64-bit integers are texts there."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any_value(item) for item in value]}}
    if isinstance(value, str):
        return {"stringValue": value}
    return {"stringValue": _json(value)}


def _span_id(trace: str, index: int) -> str:
    return blake2b(f"{trace}/{index}".encode(), digest_size=8).hexdigest()


def _nanoseconds(created: str) -> int:
    try:
        return round(datetime.fromisoformat(created).timestamp() * 1e9)
    except (ValueError, OverflowError):
        return 0


def _json(value: Any) -> str:
    return canonical(value).decode("utf-8", "replace")
