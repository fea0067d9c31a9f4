"""Questions for numbers that tables hold: a plan, rows, copied cells, an exact formula.

Plan (graphs.lookup_plan) -> rows -> cells -> formula. `find_rows` brings rows as a tool step; a
structured request copies one cell for each item, checked against the row; the calculator does the
arithmetic. What does not work out goes on as a question for passages. Knows nothing of how rows
are found, and of answers (graphs.lookup_answer).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import JsonValue, TypeAdapter, ValidationError

from ..tools.documents import Frozen
from ..tools.periods import years
from ..tools.retrieval import clean_question, wants_number
from ..tools.rows_tool import NAME, RowData
from .asked import asked
from .context import RunContext
from .lookup_cells import Chosen, cells_of, expression_of, rows_xml
from .lookup_plan import Item, planned
from .model import Message, ModelReply, OutputSchema, ToolRequest
from .state import State

NODE = "agent"
ENOUGH = 0.6
"""The least fit of the best row of every item; below it passages are searched."""
CLEAR = 0.9
"""The fit from which code copies the cell itself when the model's copies do not check."""
MARGIN = 0.05
"""How far behind a row that fits clearly others may be and still be offered: given the choice a
small model takes a neighbour more often than the ranking does."""
TRIES = 3
"""How often cells are asked for: once, and twice more when the check fails."""

_NUMERIC = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:fy|q[1-4])\s?'?\d*\b|[$\u20ac\u00a3%]|\b(?:usd|eur|gbp|thousands?"
    r"|millions?|billions?|percent\w*|ratio|margin|rates?|amounts?|average|growth)\b",
    re.IGNORECASE,
)
"""What a question for a number of a table is likely to have; its plan decides."""


class Lookup(Frozen):
    """How far a question for a number is. In the state as plain JSON."""

    stage: Literal["rows", "computing", "done", "passages"]
    items: tuple[Item, ...] = ()
    formula: str = ""
    unit: str = ""
    cells: tuple[Chosen, ...] = ()
    """Along `items`."""


def lookup_of(state: State) -> Lookup | None:
    """The look-up of a run, if there is one."""
    kept = state.get("lookup")
    return Lookup.model_validate_json(json.dumps(kept)) if kept else None


def is_numeric(question: str) -> bool:
    """Whether a question may be for a number of a table."""
    return bool(_NUMERIC.search(question)) or wants_number(clean_question(question))


def may_begin(state: State, context: RunContext) -> bool:
    """Whether rows can be looked up for this question, and were not yet."""
    return NAME in context.tools and not state.get("made") and is_numeric(context.start.question)


async def begin(state: State, context: RunContext, content: str) -> dict[str, Any] | None:
    """A call of `find_rows` for what the question needs; None when no table answers it.

    `content` is what the model wrote to get here.
    """
    plan = await planned(context, NODE)
    if plan is None:
        return None
    items: list[JsonValue] = [
        {"line_item": item.line_item, "period": item.period} for item in plan.items
    ]
    arguments: dict[str, JsonValue] = {"items": items, "about": context.start.question}
    found = Lookup(stage="rows", items=plan.items, formula=plan.formula, unit=plan.unit)
    return _calling(context, content, NAME, arguments, found)


async def go_on(state: State, context: RunContext, lookup: Lookup) -> dict[str, Any]:
    """What comes after the rows, or after the calculation."""
    if lookup.stage == "computing":
        if state.get("calculations"):
            return {"pending": [], "lookup": _kept(lookup, stage="done")}
        return _to_passages(context, lookup)
    rows = [
        [row for row in state.get("rows", []) if row.item == place]
        for place in range(len(lookup.items))
    ]
    if not all(choice and choice[0].fit >= ENOUGH for choice in rows):
        return _to_passages(context, lookup)
    cells = await _copied(state, context, lookup, rows)
    if cells is None:
        return _to_passages(context, lookup)
    chosen = lookup.model_copy(update={"cells": tuple(cells)})
    if lookup.formula in [item.name for item in lookup.items]:
        return {"pending": [], "lookup": _kept(chosen, stage="done")}
    expression = expression_of(lookup.formula, [i.name for i in lookup.items], cells, lookup.unit)
    arguments: dict[str, JsonValue] = {"expression": expression}
    found = chosen.model_copy(update={"stage": "computing"})
    return _calling(context, "", "calculator", arguments, found)


async def _copied(
    state: State, context: RunContext, lookup: Lookup, rows: Sequence[Sequence[RowData]]
) -> list[Chosen] | None:
    """One checked cell for each item. The same is asked again when a check fails."""
    flat = [row for choice in rows for row in choice]
    places = {passage.id: place for place, passage in enumerate(state.get("passages", []), start=1)}
    choices = [_choices(item, place, flat, places) for place, item in enumerate(lookup.items)]
    if not all(choices):
        return None
    if all(len(choice) == 1 for choice in choices):
        return [next(iter(choice.values())) for choice in choices]
    messages = _cells_messages(context, lookup, flat, places)
    names = [item.name for item in lookup.items]
    properties: dict[str, JsonValue] = {
        name: {"type": "string", "enum": list(choice)}
        for name, choice in zip(names, choices, strict=True)
    }
    schema: dict[str, JsonValue] = {
        "type": "object",
        "properties": properties,
        "required": list(names),
        "additionalProperties": False,
    }
    output = OutputSchema(name="cells", json_schema=schema, method=context.profile.output)
    for turn in range(TRIES):
        if context.tally.spare_requests() <= 0:
            break
        reply = await context.ask(
            NODE, "cells", messages, output=output, params=context.sample(turn)
        )
        copied = _copies(reply.content)
        cells = [
            choice.get(" ".join(copied.get(name, "").split()))
            for name, choice in zip(names, choices, strict=True)
        ]
        checked = [cell for cell in cells if cell is not None]
        if len(checked) == len(cells):
            return checked
        if context.profile.deterministic:
            break
    if all(choice[0].fit >= CLEAR for choice in rows):
        return [next(iter(choice.values())) for choice in choices]
    return None


def _choices(
    item: Item, place: int, rows: Sequence[RowData], places: Mapping[str, int]
) -> dict[str, Chosen]:
    """The cells that an item may be, best row first, by how they are copied: `2: 1,577`.

    Once a column names the period, cells of no known period are none of them.
    """
    found: dict[str, Chosen] = {}
    dated: dict[str, Chosen] = {}
    asked_for = set(years(item.period))
    best = max((row.fit for row in rows if row.item == place), default=0.0)
    least = best - MARGIN if best >= CLEAR else 0.0
    for number, row in enumerate(rows, start=1):
        if row.item != place or row.fit < least:
            continue
        for cell in cells_of(row, item.period):
            key = " ".join(f"{number}: {cell.text}".split())
            chosen = Chosen(row=row, cell=cell, passage=places[row.passage])
            found.setdefault(key, chosen)
            if asked_for & set(years(cell.column)):
                dated.setdefault(key, chosen)
    return dated or found


def _cells_messages(
    context: RunContext, lookup: Lookup, rows: Sequence[RowData], places: Mapping[str, int]
) -> tuple[Message, ...]:
    told = [f"{item.name}: {item.line_item}, {item.period}".rstrip(", ") for item in lookup.items]
    text = rows_xml(rows, [places[row.passage] for row in rows], told)
    lines = "\n".join(f"- {line}" for line in told)
    content = (
        f"<rows>\n{text}\n</rows>\nItems:\n{lines}\n<question>{context.start.question}</question>"
    )
    return (
        Message(role="system", content=context.prompts.cells),
        Message(role="user", content=content),
    )


def _copies(content: str) -> dict[str, str]:
    """What was copied for each item; nothing when it is not of the form asked for."""
    try:
        return TypeAdapter(dict[str, str]).validate_json(content)
    except ValidationError:
        return {}


def _to_passages(context: RunContext, lookup: Lookup) -> dict[str, Any]:
    """Go on as a question for passages."""
    arguments: dict[str, JsonValue] = {"query": context.start.question}
    found = lookup.model_copy(update={"stage": "passages", "cells": ()})
    return _calling(context, "", "search_documents", arguments, found)


def _calling(
    context: RunContext, content: str, name: str, arguments: dict[str, JsonValue], lookup: Lookup
) -> dict[str, Any]:
    request = ToolRequest(id="", name=name, arguments=json.dumps(arguments))
    reply = ModelReply(content=content, tool_requests=(request,), finish="tool_calls")
    return asked(reply, context) | {"lookup": _kept(lookup)}


def _kept(lookup: Lookup, **changes: JsonValue) -> dict[str, JsonValue]:
    kept: dict[str, JsonValue] = lookup.model_copy(update=changes).model_dump(mode="json")
    return kept
