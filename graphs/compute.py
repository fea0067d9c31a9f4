"""The arithmetic of a question, as a structured output: named steps, folded into one expression.

Small models write a right formula far more often in steps than at once, and copy any example they
are shown; so there is none. The calculator does the arithmetic; nothing is computed here. Knows
nothing of routing or of how results are shown.
"""

import json
import re

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from .context import RunContext
from .model import Message, OutputSchema
from .pack import by_turns, calculation_xml, pack
from .state import State

_LONGEST = 900
"""Characters of a folded expression; the calculator takes 1,000."""

SCHEMA: dict[str, JsonValue] = {
    "type": "object",
    "properties": {
        "plan": {"type": "string", "maxLength": 200},
        "steps": {
            "type": "array",
            "minItems": 1,
            "maxItems": 6,
            "items": {
                "type": "object",
                "properties": {
                    "name": {"type": "string", "maxLength": 24},
                    "expression": {"type": "string", "maxLength": 100},
                },
                "required": ["name", "expression"],
                "additionalProperties": False,
            },
        },
    },
    "required": ["plan", "steps"],
    "additionalProperties": False,
}


class Step(BaseModel):
    """One line of the arithmetic."""

    model_config = ConfigDict(extra="ignore")

    name: str
    expression: str


class Steps(BaseModel):
    """The arithmetic, as the model writes it."""

    model_config = ConfigDict(extra="ignore")

    steps: list[Step]


async def ask_expression(state: State, context: RunContext, node: str, turn: int = 0) -> str | None:
    """One expression for the calculator; None when the model gave none that can be read.

    `turn` above 0 asks the same again, for another sample.
    """
    passages = state.get("passages", [])
    structured = context.profile.decision == "structured"
    order = by_turns(state.get("searches", []), oldest_first=structured)
    profile = context.profile
    evidence = pack(order, passages, profile.passage_tokens, profile.packing).xml
    lines = [evidence] if evidence else []
    for number, calculation in enumerate(state.get("calculations", []), start=1):
        lines.append(calculation_xml(number, calculation))
    lines.append(f"<question>{context.start.question}</question>")
    messages = (
        Message(role="system", content=context.prompts.compute),
        Message(role="user", content="\n".join(lines)),
    )
    output = OutputSchema(name="steps", json_schema=SCHEMA, method=context.profile.output)
    reply = await context.ask(node, "compute", messages, output=output, params=context.sample(turn))
    try:
        written = Steps.model_validate(json.loads(reply.content))
    except (ValueError, ValidationError, RecursionError):
        return None
    return fold(written.steps)


def fold(steps: list[Step]) -> str | None:
    """The last step with the names of earlier ones replaced by their expressions.

    >>> fold([Step(name="a", expression="2 + 3"), Step(name="b", expression="a * 4")])
    '(2 + 3) * 4'
    >>> fold([Step(name="All pens", expression="36"), Step(name="b", expression="all pens - 5")])
    '36 - 5'
    """
    known: dict[str, str] = {}
    last = None
    for step in steps:
        expression = step.expression.partition("=")[0].strip()
        if not expression:
            continue
        for name in sorted(known, key=len, reverse=True):
            pattern = rf"(?<!\w){re.escape(name).replace('_', '[_ ]')}(?!\w)"
            expression = re.sub(pattern, _enclosed(known[name]), expression, flags=re.I)
        if len(expression) > _LONGEST:
            return None
        known[_plain(step.name)] = expression
        last = expression
    return last


def _enclosed(expression: str) -> str:
    """An expression as a part of another one (a replacement text: nothing in it is a group)."""
    text = expression if re.fullmatch(r"[\d.,]+", expression) else f"({expression})"
    return text.replace("\\", r"\\")


def _plain(name: str) -> str:
    return re.sub(r"\W+", "_", name.strip().lower())
