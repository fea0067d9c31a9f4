"""Cells of exported CSV: JSON that was written into one, or columns that belong together."""

import json
from collections.abc import Mapping
from typing import Any


def parsed(cell: Any) -> Any:
    """What a cell says, where it is JSON of an object, a list or a quoted text; else itself."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if not text.startswith(("{", "[", '"')):
        return text or None
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return text


def under(record: Mapping[str, Any], prefixes: tuple[str, ...]) -> tuple[dict[str, Any], set[str]]:
    """The columns that begin with a prefix, without it, and their whole names."""
    found: dict[str, Any] = {}
    names = set()
    for name, value in record.items():
        prefix = next((each for each in prefixes if name.startswith(each)), None)
        if prefix is not None and name != prefix:
            names.add(name)
            found[name.removeprefix(prefix)] = parsed(value)
    if not found:
        plain = {prefix.rstrip("._") for prefix in prefixes}
        single = [name for name in record if name in plain]
        return {name: parsed(record[name]) for name in single}, set(single)
    return found, names
