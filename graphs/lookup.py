"""Questions for numbers that tables hold: a plan, rows, copied cells, an exact formula.

Plan -> rows -> cells -> formula. The plan is one structured request without passages (or is read
off a formula that the question states); `find_rows` brings rows as a tool step; a second request
copies one cell for each item, checked against the row; the calculator does the arithmetic. What
does not work out goes on as a question for passages. Knows nothing of how rows are found, and of
answers (graphs.lookup_answer).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from ..tools.documents import Frozen
from ..tools.formulas import formula_in
from ..tools.measures import measure, measure_in
from ..tools.periods import years
from ..tools.planning import wanted
from ..tools.question import analyse
from ..tools.retrieval import clean_question, wants_number
from ..tools.rows_tool import MOST_ITEMS, NAME, RowData
from ..tools.trends import trend_in
from .asked import asked
from .context import RunContext
from .lookup_cells import Chosen, cells_of, expression_of, rows_xml
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
_AVERAGE = re.compile(r"^(?:average|mean|annual|year[- ]end)\s+(?=\w{3})", re.IGNORECASE)
_NAMES = "abcdefghijklmnop"

PLAN_SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "kind": {"type": "string", "enum": ["number", "text"]},
        "items": {
            "type": "array",
            "maxItems": MOST_ITEMS,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "maxLength": 12},
                    "line_item": {"type": "string", "maxLength": 60},
                    "period": {"type": "string", "maxLength": 12},
                },
                "required": ["name", "line_item", "period"],
                "additionalProperties": False,
            },
        },
        "formula": {"type": "string", "maxLength": 120},
        "unit": {"type": "string", "maxLength": 12},
    },
    "required": ["kind", "items", "formula", "unit"],
    "additionalProperties": False,
}


class Item(Frozen):
    """One number to look up."""

    name: str = Field(max_length=40)
    line_item: str = Field(max_length=200)
    period: str = Field(default="", max_length=40)


class Plan(Frozen):
    """What to look up and what to compute of it, as the model writes it."""

    kind: Literal["number", "text"]
    items: tuple[Item, ...] = Field(default=(), max_length=MOST_ITEMS)
    formula: str = Field(default="", max_length=400)
    unit: str = Field(default="", max_length=40)


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
    plan = _stated(context.start.question)
    if plan is None:
        plan = await _asked_plan(context)
    if plan is None:
        plan = _named_measure(context.start.question)
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


def _stated(question: str) -> Plan | None:
    """The plan of a question that states its formula: no model reads it better."""
    parsed = analyse(question)
    needed = wanted(parsed)
    if needed is None or len(needed.sides) > MOST_ITEMS:
        return None
    template = needed.template
    if not template and needed.operation == "ratio" and formula_in(parsed.text, "") is not None:
        template = "{0} / {1}"
    if not template:
        return None
    names = _NAMES[: len(needed.sides)]
    items = tuple(
        Item(name=name, line_item=side.phrase[:200], period=side.period or "")
        for name, side in zip(names, needed.sides, strict=True)
    )
    formula = template.format(*names)
    return Plan(kind="number", items=items, formula=formula, unit="%" * needed.percent)


def _named_measure(question: str) -> Plan | None:
    """The plan of a question that names a measure and one year, where the model made none."""
    name, trend = measure_in(question), trend_in(question)
    dates = years(question) if trend is None else (trend.after,)
    if name is None or len(dates) != 1:
        return None
    item = Item(name="a", line_item=name, period=dates[0])
    return _sound(Plan(kind="number", items=(item,), formula="a"), question)


async def _asked_plan(context: RunContext) -> Plan | None:
    messages = [Message(role="system", content=context.prompts.plan)]
    for question, written in context.prompts.plans:
        messages.append(Message(role="user", content=f"Question: {question}"))
        messages.append(Message(role="assistant", content=written))
    messages.append(Message(role="user", content=f"Question: {context.start.question}"))
    output = OutputSchema(name="plan", json_schema=PLAN_SCHEMA, method=context.profile.output)
    reply = await context.ask(NODE, "plan", tuple(messages), output=output)
    try:
        plan = Plan.model_validate_json(reply.content)
    except ValidationError:
        return None
    return _sound(plan, context.start.question)


def _sound(plan: Plan, question: str) -> Plan | None:
    """The plan with plain names and only what its formula uses; None when it cannot be used."""
    if plan.kind != "number":
        return None
    items: dict[str, Item] = {}
    formula = plan.formula.partition("=")[2].strip() or plan.formula.strip()
    for place, item in enumerate(plan.items):
        line_item = _AVERAGE.sub("", " ".join(item.line_item.split()))
        if not line_item:
            return None
        name = _NAMES[place]
        formula = re.sub(rf"(?<!\w){re.escape(item.name.strip())}(?!\w)", f"<{name}>", formula)
        items[name] = item.model_copy(update={"name": name, "line_item": line_item})
    if not items:
        return None
    if len(items) == 1 and "<" not in formula:
        formula = "<a>"
    if not re.fullmatch(r"(?:<[a-p]>|[\d.\s+*/()^-])+", formula):
        return None
    used = {name: item for name, item in items.items() if f"<{name}>" in formula}
    if not used:
        return None
    spelt = _spelt(*_with_year_before(tuple(used.values()), formula, question), plan.unit)
    if spelt is None:
        return None
    bare = spelt.formula.strip(" ()")
    return spelt.model_copy(update={"formula": bare}) if bare in _NAMES else spelt


def _with_year_before(
    items: tuple[Item, ...], formula: str, question: str
) -> tuple[tuple[Item, ...], str]:
    """Both years of a question whether something grew, where the plan has one; else as it is."""
    trend = trend_in(question)
    if trend is None or {*years(" ".join(item.period for item in items))} - {trend.after}:
        return items, formula
    now = tuple(item.model_copy(update={"period": trend.after}) for item in items)
    names = dict(zip(_NAMES[len(_NAMES) // 2 :], now, strict=False))
    before = tuple(
        item.model_copy(update={"name": name, "period": trend.before})
        for name, item in names.items()
    )
    earlier = formula
    for old, new in zip(now, before, strict=True):
        earlier = earlier.replace(f"<{old.name}>", f"<{new.name}>")
    plain = re.compile(r"<[a-p]>")
    sides = [side if plain.fullmatch(side) else f"({side})" for side in (formula, earlier)]
    return (*now, *before), " - ".join(sides)


def _spelt(items: Sequence[Item], formula: str, unit: str) -> Plan | None:
    """The plan with measures that no table prints in the rows that they are computed from.

    Names in `formula` stand in angle brackets.
    """
    named: dict[tuple[str, str], str] = {}

    def name(line_item: str, period: str) -> str:
        return named.setdefault((line_item, period), _NAMES[len(named) % len(_NAMES)])

    for item in items:
        known = measure(item.line_item)
        if known is None:
            told = name(item.line_item, item.period)
        else:
            parts = []
            for line_item, averaged in zip(known.items, known.averages, strict=True):
                part = name(line_item, item.period)
                year = years(item.period)
                if averaged and year:
                    part = f"(({name(line_item, str(int(year[0]) - 1))} + {part}) / 2)"
                parts.append(part)
            told = f"({known.template.format(*parts)})"
            unit = "%" if known.percent else unit
        formula = formula.replace(f"<{item.name}>", told)
    found = tuple(
        Item(name=letter, line_item=line_item, period=period)
        for (line_item, period), letter in named.items()
    )
    if len(found) > MOST_ITEMS:
        return None
    return Plan(kind="number", items=found, formula=formula, unit=unit)


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
