"""What a recorded run knew when a step had ended, as data and as a person reads it.

Knows passages, calculations and nodes. Knows nothing of what the step itself asked or gave.
"""

import json
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from ..graphs.trace import ToolStep, Trace
from .render import indented, passages_of, place_of
from .wording import one_line, visible

_SEEN_ELSEWHERE = ("messages", "made", "passages", "calculations")


def state_of(trace: Trace, place: int) -> dict[str, Any]:
    """What the run knew when a step had ended: passages in the order in which they came, the
    calculations, the nodes that had ended.
    """
    last = trace.steps[place].index
    tools = [step for step in trace.steps[: place + 1] if isinstance(step, ToolStep)]
    passages: dict[str, dict[str, Any]] = {}
    for passage in passages_of(tools):
        passages.setdefault(str(passage.get("id", len(passages))), passage)
    made = [
        {"expression": step.result["expression"], "result": step.result.get("content")}
        for step in tools
        if step.result and step.result.get("expression")
    ]
    nodes = [
        {"node": node.node, "superstep": node.superstep, "route": node.route, "wrote": node.values}
        for node in trace.nodes
        if node.after <= last
    ]
    return {"passages": list(passages.values()), "calculations": made, "nodes": nodes}


def state_view(trace: Trace, place: int) -> Group:
    """What the run knew when a step had ended."""
    state = state_of(trace, place)
    parts: list[RenderableType] = [Text("evidence", style="bold dim")]
    for number, passage in enumerate(state["passages"], 1):
        line = Text.assemble((f"[{number}] ", "cyan"), place_of(passage))
        parts.append(indented(line))
        parts.append(indented(Text(one_line(str(passage.get("text", "")), 160), style="dim"), 6))
    if not state["passages"]:
        parts.append(indented(Text("none yet")))
    parts.append(Text("calculations", style="bold dim"))
    for made in state["calculations"]:
        told = f"{made['expression']} = {made['result']}"
        parts.append(indented(Text(one_line(told, 200))))
    if not state["calculations"]:
        parts.append(indented(Text("none yet")))
    parts.append(Text("nodes that had ended", style="bold dim"))
    for node in state["nodes"]:
        line = Text.assemble((visible(node["node"]), "magenta"))
        if node["route"] is not None:
            line.append(f" -> {visible(node['route'])}", style="dim")
        wrote = {
            name: value
            for name, value in node["wrote"].items()
            if name not in _SEEN_ELSEWHERE and value not in ([], None)
        }
        if wrote:
            told = one_line(json.dumps(wrote, ensure_ascii=False), 160)
            line.append(f"  {told}", style="dim")
        parts.append(indented(line))
    if not state["nodes"]:
        parts.append(indented(Text("none yet")))
    return Group(*parts)
