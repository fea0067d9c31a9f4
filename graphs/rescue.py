"""Tool-call rescue: small models write their calls as text; this reads them.

Used for models whose profile asks for it. Knows the two forms seen (fenced JSON, <tool_call>), and
that the name must be one of the tools offered.
"""

import json
import re
from collections.abc import Collection

from .model import ToolRequest

_BLOCK = re.compile(r"<tool_call>\s*(\{.*?\})\s*</tool_call>|```(?:json)?\s*(\{.*?\})\s*```", re.S)


def rescue(content: str, names: Collection[str]) -> tuple[ToolRequest, ...]:
    """The calls written in a message's text; none if it is anything else."""
    blocks = [match[1] or match[2] for match in _BLOCK.finditer(content)]
    if not blocks and content.strip().startswith("{"):
        blocks = [content.strip()]
    found = []
    for block in blocks:
        try:
            value = json.loads(block)
        except (ValueError, RecursionError):
            continue
        if not isinstance(value, dict) or value.get("name") not in names:
            continue
        arguments = value.get("arguments", value.get("parameters", {}))
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        found.append(ToolRequest(id="", name=value["name"], arguments=text))
    return tuple(found)
