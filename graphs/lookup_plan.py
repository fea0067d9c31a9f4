"""The plan of a look-up: which rows of which periods, and what is computed of them.

A plan is read off the question where it states a formula, else asked of the model in one structured
request without passages; measures that no table prints are spelt out in rows, and a question
whether something grew gets both its years. Knows nothing of rows that were found.
"""

import re
from collections.abc import Sequence
from typing import Literal

from pydantic import Field, JsonValue, ValidationError

from ..tools.documents import Frozen
from ..tools.formulas import formula_in
from ..tools.measures import measure, measure_in
from ..tools.needed import wanted
from ..tools.periods import years
from ..tools.question import analyse
from ..tools.rows_tool import MOST_ITEMS
from ..tools.trends import trend_in
from .context import RunContext
from .model import Message, OutputSchema

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


async def planned(context: RunContext, node: str) -> Plan | None:
    """What the question needs looked up; None when no table answers it."""
    question = context.start.question
    return _stated(question) or await _asked_plan(context, node) or _named_measure(question)


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


async def _asked_plan(context: RunContext, node: str) -> Plan | None:
    messages = [Message(role="system", content=context.prompts.plan)]
    for question, written in context.prompts.plans:
        messages.append(Message(role="user", content=f"Question: {question}"))
        messages.append(Message(role="assistant", content=written))
    messages.append(Message(role="user", content=f"Question: {context.start.question}"))
    output = OutputSchema(name="plan", json_schema=PLAN_SCHEMA, method=context.profile.output)
    reply = await context.ask(node, "plan", tuple(messages), output=output)
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
