"""How what a node wrote differs between two runs.

Knows the records of nodes; of an older trace, which keeps hashes only, it can say no more than
that they differ.
"""

from collections.abc import Mapping
from typing import Any

from ..graphs.trace import ToolStep, Trace
from ..graphs.written import HASHES, KEPT
from .compare import Change, first_difference
from .divergence import Kind
from .endings import meaning
from .visits import Visit

_PARSED = ("draft", "pending")
"""What the graph reads out of a model's reply."""


def compare_writes(
    before: Visit, after: Visit, recorded: Trace, made: Trace
) -> list[tuple[Change, int | None]]:
    """The first difference, if any, and the step it belongs to where one is known.

    `parse_changed`: another draft or other tool requests came out of the same visit; any other
    value is `state_write_changed`.
    """
    old, new = before.record, after.record
    if old is None or new is None or old.writes == new.writes:
        return []
    path = f"/nodes/{before.place}/writes"
    both = old.values and new.values
    # older traces keep hashes too
    others = {*old.values, *new.values} - {*_PARSED, *HASHES}
    names = [*_PARSED, *sorted(others)]
    for name in names if both else ():
        difference = first_difference(
            {name: _told(old.values[name])} if name in old.values else {},
            {name: _told(new.values[name])} if name in new.values else {},
            path,
        )
        if difference is None:
            continue
        kind: Kind = "parse_changed" if name in _PARSED else "state_write_changed"
        return [(Change(kind, *difference), _step(before, old.values, new.values))]
    kept = bool(old.values) == bool(new.values)
    if kept and recorded.answer is not None and made.answer is not None:
        # the one thing that no record of a node keeps: it stands in the trace itself
        difference = first_difference(
            meaning(recorded.answer.model_dump(mode="json")),
            meaning(made.answer.model_dump(mode="json")),
            f"{path}/answer",
        )
        if difference is not None:
            return [(Change("state_write_changed", *difference), None)]
    return [(_hashes(before, after, path), None)]


def _told(value: Any) -> Any:
    """A value with a sentence in the place of what was too large to be kept."""
    if isinstance(value, list):
        return [_told(item) for item in value]
    if isinstance(value, dict) and value.keys() == {"#"}:
        return f"(more than {KEPT:,} bytes, hash {value['#']})"
    return value


def _hashes(before: Visit, after: Visit, path: str) -> Change:
    assert before.record is not None and after.record is not None
    return Change(
        "state_write_changed", path, f"hash {before.record.writes}", f"hash {after.record.writes}"
    )


def _step(visit: Visit, old: Mapping[str, Any], new: Mapping[str, Any]) -> int | None:
    """The tool call whose message or passage is the first to differ."""
    tools = [step for step in visit.steps if isinstance(step, ToolStep)]
    for name in ("messages", "passages"):
        before, after = old.get(name), new.get(name)
        if not isinstance(before, list) or not isinstance(after, list):
            continue
        for place in range(max(len(before), len(after))):
            pair = [items[place] if place < len(items) else None for items in (before, after)]
            if pair[0] == pair[1]:
                continue
            for step in tools:
                if any(_belongs(item, step) for item in pair if item is not None):
                    return step.index
            found = _by_place(before, place, tools)
            if found is not None:
                return found
            break
    return None


def _by_place(written: list[Any], place: int, tools: list[ToolStep]) -> int | None:
    """The call that a tool's message is of, where a node of a user's called the tools by hand.

    Their calls have no ids then; as many messages as calls stand in the order of the calls.
    """
    places = [at for at, item in enumerate(written) if _tool_message(item)]
    if place not in places or len(places) != len(tools):
        return None
    return tools[places.index(place)].index


def _tool_message(item: Any) -> bool:
    inner = item.get("$message") if isinstance(item, dict) else None
    return isinstance(inner, dict) and inner.get("class") == "ToolMessage"


def _belongs(item: Any, step: ToolStep) -> bool:
    if isinstance(item, dict):
        native = item.get("$message")
        if isinstance(native, dict):
            return bool(step.request_id) and native.get("tool_call_id") == step.request_id
        return bool(item.get("tool_request_id") == step.request_id)
    found = (step.result or {}).get("passages")
    return isinstance(found, list) and any(
        isinstance(passage, dict) and passage.get("id") == item for passage in found
    )
