"""LangSmith run exports: `{post, patch}` payloads, a list of runs, or one run with `child_runs`.

A run tree becomes the conversation of its fullest model run, with that run's reply. Messages in
LangChain's own serialisation are read as data: nothing of them is revived.
"""

from datetime import UTC, datetime
from typing import Any

from ...graphs.model import Tokens
from ..conversation import Conversation, Heard
from . import chat

NAME = "langsmith"
EXPECTED = "runs with `run_type`, `inputs` and `outputs`, or a payload of `post` and `patch`"

_RUNS = 100_000
_CLASSES = {
    "HumanMessage": "user",
    "AIMessage": "assistant",
    "AIMessageChunk": "assistant",
    "SystemMessage": "system",
    "ToolMessage": "tool",
    "FunctionMessage": "tool",
}


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    if isinstance(raw, list):
        return bool(raw) and all(isinstance(run, dict) and "run_type" in run for run in raw)
    if not isinstance(raw, dict):
        return False
    if isinstance(raw.get("post"), list) or isinstance(raw.get("patch"), list):
        return True
    return "run_type" in raw and ("inputs" in raw or "child_runs" in raw)


def read(raw: Any) -> list[Conversation]:
    """One conversation for each trace among the runs. Raises `ValueError`."""
    traces: dict[str, list[dict[str, Any]]] = {}
    for run in _runs(raw):
        if run.get("run_type") in ("llm", "chat_model"):
            traces.setdefault(str(run.get("trace_id") or run.get("id")), []).append(run)
    found = []
    for id, runs in traces.items():
        read_runs = [(_messages(run), run) for run in runs]
        messages, run = max(read_runs, key=lambda item: len(item[0]))
        found.append(_conversation(id, messages, run))
    if not found:
        raise ValueError("it has no model run (run_type llm)")
    return found


def _runs(raw: Any) -> list[dict[str, Any]]:
    """Every run, later halves merged into earlier ones."""
    waiting: list[Any] = []
    if isinstance(raw, dict) and ("post" in raw or "patch" in raw):
        for key in ("post", "patch"):
            waiting += raw[key] if isinstance(raw.get(key), list) else []
    else:
        waiting += raw if isinstance(raw, list) else [raw]
    runs: dict[str, dict[str, Any]] = {}
    place = 0
    while place < len(waiting):
        run = waiting[place]
        place += 1
        if not isinstance(run, dict) or place > _RUNS:
            raise ValueError(f"run {place - 1} is not an object, or one too many")
        children = run.get("child_runs")
        trace = run.get("trace_id") or run.get("id")
        for child in children if isinstance(children, list) else ():
            waiting.append({"trace_id": trace, **child} if isinstance(child, dict) else child)
        key = _key(run) or f"run-{place}"
        known = {name: item for name, item in run.items() if item not in (None, {}, [])}
        runs[key] = {**runs.get(key, {}), **known}
    return list(runs.values())


def _key(run: dict[str, Any]) -> str:
    # a patch may name its run by the order alone
    return str(run.get("id") or str(run.get("dotted_order") or "")[-36:])


def _messages(run: dict[str, Any]) -> tuple[Heard, ...]:
    inputs, outputs = (run.get(key) for key in ("inputs", "outputs"))
    asked = inputs.get("messages") if isinstance(inputs, dict) else None
    if isinstance(asked, list) and asked and isinstance(asked[0], list):
        asked = asked[0]
    said = _reply(outputs if isinstance(outputs, dict) else {})
    values = [_plain(item) for item in asked] if isinstance(asked, list) else []
    return chat.heard_all(values + ([] if said is None else [_plain(said)]))


def _reply(outputs: dict[str, Any]) -> Any:
    choices, generations = outputs.get("choices"), outputs.get("generations")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0].get("message")
    while isinstance(generations, list) and generations:
        generations = generations[0]
    if isinstance(generations, dict):
        return generations.get("message")
    if isinstance(outputs.get("message"), dict):
        return outputs["message"]
    return outputs if chat.is_message(outputs) else None


def _plain(value: Any) -> Any:
    """A message of LangChain's, serialised in either of its ways, in the OpenAI shape."""
    if not isinstance(value, dict) or "role" in value:
        return value
    path, kwargs = value.get("id"), value.get("kwargs")
    if isinstance(path, list) and path and isinstance(kwargs, dict):
        role = _CLASSES.get(str(path[-1]))
        return value if role is None else _fields(role, kwargs)
    data = value.get("data")
    if isinstance(data, dict) and isinstance(value.get("type"), str):
        return _fields(value["type"], data)
    return value


def _fields(role: str, data: dict[str, Any]) -> dict[str, Any]:
    kept = ("content", "tool_calls", "tool_call_id", "name")
    found = {key: data[key] for key in kept if data.get(key) is not None}
    return {"role": role, "content": "", **found}


def _conversation(id: str, messages: tuple[Heard, ...], run: dict[str, Any]) -> Conversation:
    inputs, extra = run.get("inputs"), run.get("extra")
    fields = inputs if isinstance(inputs, dict) else {}
    about = extra if isinstance(extra, dict) else {}
    metadata, asked = about.get("metadata"), about.get("invocation_params")
    named = metadata.get("ls_model_name") if isinstance(metadata, dict) else None
    params = asked if isinstance(asked, dict) else {}
    if messages and messages[-1].speaks:
        messages = (*messages[:-1], _counted(messages[-1], run.get("outputs")))
    return Conversation(
        messages=messages,
        model=chat.text_or(fields.get("model"), chat.text_or(named, "unknown")),
        id=id,
        tools=chat.tools_of(fields.get("tools") or params.get("tools")),
        created=_time(run.get("start_time")),
        details={"name": run.get("name"), "error": run.get("error")},
    )


def _counted(heard: Heard, outputs: Any) -> Heard:
    """The reply with what its service said of it."""
    fields = outputs if isinstance(outputs, dict) else {}
    usage, choices = fields.get("usage_metadata"), fields.get("choices")
    counts = usage if isinstance(usage, dict) else {}
    given, made = counts.get("input_tokens"), counts.get("output_tokens")
    tokens = None
    if isinstance(given, int) and isinstance(made, int):
        tokens = Tokens(input=given, output=made)
    finish = choices[0].get("finish_reason") if isinstance(choices, list) and choices else None
    if isinstance(finish, dict):
        finish = finish.get("finish_reason")
    model = fields.get("model")
    return Heard(
        heard.message,
        speaks=True,
        shape=heard.shape,
        tokens=tokens,
        finish=finish if isinstance(finish, str) else None,
        model=model if isinstance(model, str) else None,
    )


def _time(value: Any) -> str:
    if isinstance(value, int | float) and 0 < value < 1e14:
        return datetime.fromtimestamp(value / 1000, UTC).isoformat()
    return value if isinstance(value, str) else ""
