"""What a run was given, as the first record of its trace has it.

Knows what of a start may stand in a blob, and what other records say by naming it; knows nothing of
files and lines.
"""

from typing import Any

from pydantic import JsonValue, TypeAdapter

from .canonical import canonical
from .packed import Values
from .steps import Start

_OBJECT: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])
_OBJECTS: TypeAdapter[tuple[dict[str, JsonValue], ...]] = TypeAdapter(
    tuple[dict[str, JsonValue], ...]
)
_START = TypeAdapter(Start)
_HISTORY: TypeAdapter[list[list[str]]] = TypeAdapter(list[list[str]])
_PACKED: tuple[tuple[tuple[str, ...], TypeAdapter[Any]], ...] = (
    (("params", "profile", "limits", "options", "fingerprints"), _OBJECT),
    (("tools",), _OBJECTS),
    (("history",), _HISTORY),
)
"""Of a start, what may stand in a blob."""


def start_of(record: dict[str, Any], values: Values) -> Start:
    """What a run was given, as its first record has it. Raises as `Values.read` does."""
    start = dict(record)
    if "setup" in start:
        setup = values.read(start.pop("setup"), _OBJECT)
        if setup.keys() & start.keys():
            raise ValueError("it is given twice what the runs of one assistant have in common")
        start |= setup
    for names, adapter in _PACKED:
        for name in names:
            if isinstance(start.get(name), str):
                start[name] = values.read(start[name], adapter)
    return _START.validate_json(canonical(start), strict=True)


def given_messages(start: Start) -> list[JsonValue]:
    """The messages that a user's own graph was given; of another run the question as one."""
    if "input" not in start.options:
        return [{"content": start.question, "role": "user"}]
    given = start.options["input"]
    messages = given.get("messages") if isinstance(given, dict) else None
    return messages if isinstance(messages, list) else []


def offered(
    tools: tuple[dict[str, JsonValue], ...],
) -> tuple[dict[str, JsonValue], ...]:
    """The tools of a run as a model is told of them: without what they do to the world."""
    return tuple(
        {name: value for name, value in tool.items() if name != "effect"} for tool in tools
    )
