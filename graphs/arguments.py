"""A tool call's raw arguments, read strictly: whole, one JSON object, no key twice, as declared.

A call that was cut off, merged or padded is refused back to the model and never run. Knows
nothing of what the tool does.
"""

import json
from collections.abc import Iterable
from typing import Any

from ..tools.errors import ToolError
from ..tools.tool import Tool
from .redact import MAX_DEPTH

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def parse_arguments(raw: str, limit: int) -> dict[str, Any]:
    """The arguments as an object. Raises `ToolError` with what to correct."""
    size = len(raw.encode("utf-8", "surrogatepass"))
    if size > limit:
        raise ToolError(f"the arguments have {size} bytes; at most {limit} are taken")
    try:
        # `json.loads` refuses a byte order mark, and makes a decoder every time
        value = json.loads(raw) if raw.startswith("\ufeff") else _DECODER.decode(raw)
    except (ValueError, RecursionError) as error:
        reason = str(error).split("\n")[0][:120]
        raise ToolError(f"the arguments are not one whole JSON object ({reason})") from None
    if not isinstance(value, dict):
        raise ToolError(f"the arguments are a JSON {type(value).__name__}; an object is expected")
    if raw.count("[") + raw.count("{") > MAX_DEPTH and _too_deep(value):
        raise ToolError(f"the arguments are nested deeper than {MAX_DEPTH} levels")
    return value


def check_arguments(tool: Tool, arguments: dict[str, Any]) -> None:
    """Compare with the tool's schema: names, presence, JSON types. Raises `ToolError`."""
    properties = tool.parameters.get("properties", {})
    expected = ", ".join(properties) or "none"
    for name in arguments:
        if name not in properties:
            raise ToolError(f"{tool.name} has no argument {name[:40]!r}; it takes: {expected}")
    for name in tool.parameters.get("required", ()):
        if name not in arguments:
            raise ToolError(f"{tool.name} needs the argument {name!r}; it takes: {expected}")
    for name, value in arguments.items():
        if not _fits(properties[name], value):
            wanted = properties[name].get("type", "another type")
            raise ToolError(f"{tool.name}: {name} is a {type(value).__name__}, expected {wanted}")


def _fits(schema: dict[str, Any], value: Any) -> bool:
    if "anyOf" in schema:
        return any(_fits(option, value) for option in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    kind = schema.get("type")
    if not isinstance(kind, str) or kind not in _TYPES:
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _too_deep(value: Any) -> bool:
    """Whether it could not be recorded as it is."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [item for outer in level for item in _inner(outer)]
    return any(isinstance(item, dict | list) for item in level)


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key stands twice")
    return value


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)
