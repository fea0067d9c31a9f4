"""What a fork puts in at a step: another reply, another result, other passages.

Knows steps and what each may be given; knows nothing of running what follows.
"""

from typing import Any

from pydantic import JsonValue, ValidationError

from ..graphs.canonical import canonical
from ..graphs.model import ModelReply
from ..graphs.trace import ModelStep, StepError, ToolStep, Trace
from ..tools.errors import SettingsError, TraceError
from ..tools.tool import ToolResult
from .attempt import plain_error

_MODEL = "a text (what the model says) or an object with content, tool_requests or finish"
_TOOL = "a text (the result), a list of passages, or an object with content, passages or error"


def edited(trace: Trace, step: int, edit: JsonValue) -> Trace:
    """The record with something else at a step; with None, without what came back there.

    A model's reply: a text, or an object with the fields of a reply that are to be others (its
    `tool_requests` are `{name, arguments}`). A tool's result: a text, a list of passages (each is
    laid over the recorded one at its place), or an object with the fields of a result, or `error`.
    Raises `TraceError` when there is no such step, `SettingsError` for an edit that does not fit.
    """
    found = next((item for item in trace.steps if item.index == step), None)
    if found is None:
        last = trace.steps[-1].index if trace.steps else 0
        there = f"its steps are 1 to {last}" if last else "it has none"
        raise TraceError(f"trace {trace.id} has no step {step}: {there}")
    if isinstance(found, ToolStep) and found.status == "refused":
        raise TraceError(
            f"step {step} of trace {trace.id} was refused and never run: nothing came back that"
            " could be another thing; fork at the model call before it"
        )
    if edit is None:
        steps = tuple(item for item in trace.steps if item.index != step)
        return trace.model_copy(update={"steps": steps})
    try:
        new = _reply(found, edit) if isinstance(found, ModelStep) else _result(found, edit)
    except ValidationError as error:
        raise SettingsError(f"the edit of step {step} does not fit: {plain_error(error)}") from None
    steps = tuple(new if item.index == step else item for item in trace.steps)
    return trace.model_copy(update={"steps": steps})


def _reply(step: ModelStep, edit: JsonValue) -> ModelStep:
    base = (step.reply or ModelReply()).model_dump(mode="json")
    base["chunks"] = []
    if isinstance(edit, str):
        fields: dict[str, Any] = {"content": edit, "tool_requests": [], "finish": "stop"}
    elif isinstance(edit, dict) and edit and edit.keys() <= {"content", "tool_requests", "finish"}:
        fields = dict(edit)
        if isinstance(fields.get("tool_requests"), list):
            fields["tool_requests"] = [_request(item) for item in fields["tool_requests"]]
            fields.setdefault("finish", "tool_calls" if fields["tool_requests"] else "stop")
    else:
        raise SettingsError(f"step {step.index} is a model call; an edit of it is {_MODEL}")
    reply = ModelReply.model_validate({**base, **fields})
    return step.model_copy(update={"reply": reply, "error": None, "attempts": ()})


def _request(item: Any) -> Any:
    """A tool request as it is written by hand: arguments may be an object, an id is not needed."""
    if not isinstance(item, dict):
        return item
    arguments = item.get("arguments", {})
    if not isinstance(arguments, str):
        arguments = canonical(arguments).decode()
    return {"id": "", **item, "arguments": arguments}


def _result(step: ToolStep, edit: JsonValue) -> ToolStep:
    known = {"content", "passages", "expression", "data", "error"}
    base: dict[str, Any] = dict(step.result or {})
    if isinstance(edit, str):
        fields: dict[str, Any] = {"content": edit, "passages": []}
    elif isinstance(edit, list):
        fields = {"passages": _passages(base, edit)}
    elif isinstance(edit, dict) and edit and edit.keys() <= known:
        fields = dict(edit)
        if isinstance(fields.get("passages"), list):
            fields["passages"] = _passages(base, fields["passages"])
    else:
        raise SettingsError(f"step {step.index} is a call of {step.name}; an edit of it is {_TOOL}")
    if "error" in fields:
        error = StepError(type="ToolError", message=str(fields["error"]))
        return step.model_copy(update={"status": "error", "error": error, "result": None})
    result = ToolResult.model_validate({**base, **fields}).model_dump(mode="json")
    return step.model_copy(update={"status": "ok", "error": None, "result": result})


def _passages(base: dict[str, Any], edit: list[Any]) -> list[Any]:
    """Passages of which only some fields are given are laid over the recorded ones."""
    recorded = base.get("passages") or []
    by_id = {item.get("id"): item for item in recorded if isinstance(item, dict)}
    laid = []
    for place, item in enumerate(edit):
        under: Any = {}
        if isinstance(item, dict):
            there = recorded[place] if place < len(recorded) else {}
            under = by_id.get(item["id"], {}) if "id" in item else there
        laid.append({**under, **item} if isinstance(item, dict) else item)
    return laid
