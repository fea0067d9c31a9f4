"""Inspect evaluation logs (JSON): one conversation for each sample.

Texts that the log moved to a sample's `attachments` are put back; tools are those of the first
model event that has any.
"""

from typing import Any

from ..conversation import Conversation
from . import chat

NAME = "inspect"
EXPECTED = "an eval log with `eval` and `samples`"

_ATTACHED = "attachment://"
_SMALL = ("target", "scores", "metadata", "error", "total_time", "epoch")
_DEPTH = 32


def fits(raw: Any) -> bool:
    """Whether the record looks like this."""
    return (
        isinstance(raw, dict)
        and isinstance(raw.get("eval"), dict)
        and isinstance(raw.get("samples"), list)
    )


def read(raw: Any) -> list[Conversation]:
    """The conversations of all samples. Raises `ValueError`."""
    found = []
    for place, sample in enumerate(raw["samples"]):
        if not isinstance(sample, dict):
            raise ValueError(f"sample {place} is not an object")
        try:
            found.append(_sample(raw["eval"], sample))
        except ValueError as error:
            raise ValueError(f"sample {place}: {error}") from None
    if not found:
        raise ValueError("the log has no samples; was it written without them (--no-log-samples)?")
    return found


def _sample(about: dict[str, Any], sample: dict[str, Any]) -> Conversation:
    attached = sample.get("attachments")
    values = _restored(sample.get("messages"), attached if isinstance(attached, dict) else {}, 0)
    events = sample.get("events")
    offered = [
        event["tools"]
        for event in (events if isinstance(events, list) else ())
        if isinstance(event, dict) and event.get("event") == "model" and event.get("tools")
    ]
    first = offered[0] if offered else []
    tools = _restored(first, attached if isinstance(attached, dict) else {}, 0)
    name = f"{about.get('task') or 'inspect'}-{sample.get('id')}-{sample.get('epoch', 1)}"
    return Conversation(
        messages=chat.heard_all(values),
        model=chat.text_or(about.get("model"), "unknown"),
        id=name,
        tools=chat.tools_of(tools),
        created=chat.text_or(about.get("created"), ""),
        details={key: sample[key] for key in _SMALL if sample.get(key) is not None},
    )


def _restored(value: Any, attached: dict[str, Any], depth: int) -> Any:
    if depth > _DEPTH:
        return value
    if isinstance(value, str) and value.startswith(_ATTACHED):
        found = attached.get(value[len(_ATTACHED) :], value)
        return found if isinstance(found, str) else value
    if isinstance(value, list):
        return [_restored(item, attached, depth + 1) for item in value]
    if isinstance(value, dict):
        return {key: _restored(item, attached, depth + 1) for key, item in value.items()}
    return value
