"""The finalize and verify nodes: a structured draft from the evidence, then the checked answer.

The draft is asked for with the evidence alone, packed; a draft that cannot be used is answered by
asking the same again (another sample), never by showing the model its failure. Knows nothing of
how the evidence was found.
"""

import json
import re
from decimal import Decimal
from typing import Any

from langgraph.runtime import Runtime
from pydantic import JsonValue, ValidationError

from ..tools.errors import ProviderError
from .answer import Answer, Usage
from .context import RunContext
from .lookup import lookup_of
from .lookup_answer import looked_up
from .model import Message, OutputSchema
from .pack import by_turns, calculation_xml, pack
from .prompts import NO_EVIDENCE, UNUSABLE
from .rerank import OPTION, rerank, wanted
from .state import Draft, DraftSentence, State
from .verify import Verifier

NODE = "finalize"
_FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.S)


def answer_schema(sentences: int, text: int, citations: int, quote: int) -> dict[str, JsonValue]:
    """The JSON schema of a draft, with its bounds: items, and characters of each string."""
    citation: dict[str, JsonValue] = {
        "type": "object",
        "properties": {
            "passage": {"type": "string", "maxLength": 8},
            "quote": {"type": "string", "maxLength": quote},
        },
        "required": ["passage", "quote"],
        "additionalProperties": False,
    }
    sentence: dict[str, JsonValue] = {
        "type": "object",
        "properties": {
            "text": {"type": "string", "maxLength": text},
            "citations": {"type": "array", "maxItems": citations, "items": citation},
        },
        "required": ["text", "citations"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {
            "refused": {"type": "boolean"},
            "reason": {"type": "string", "maxLength": 200},
            "sentences": {"type": "array", "maxItems": sentences, "items": sentence},
            "value": {"type": "string", "maxLength": 40},
            "unit": {"type": "string", "maxLength": 30},
        },
        "required": ["refused", "reason", "sentences", "value", "unit"],
        "additionalProperties": False,
    }


WIDE = answer_schema(sentences=6, text=400, citations=3, quote=240)
NARROW = answer_schema(sentences=2, text=240, citations=1, quote=160)
"""For small models: what is not bounded runs on."""


async def finalize(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Get a draft whose claims survive verification, in at most `limits.tries` requests."""
    context = runtime.context
    passages = state.get("passages", [])
    calculations = state.get("calculations", [])
    ready = _already_there(state)
    if not passages and not calculations:
        return {"draft": Draft(refused=True, reason=NO_EVIDENCE)}
    verifier = _verifier(state, context)
    computed = _computed(state)
    if computed is not None and not passages:
        return {"draft": computed}
    lookup = lookup_of(state)
    if lookup is not None:
        draft = looked_up(lookup, calculations, context.start.question)
        if draft is not None and not verifier.verify(draft).refused:
            return {"draft": draft}
    if ready is not None and not verifier.verify(ready).refused:
        return {"draft": ready}
    xml, kept = await _evidence(state, context)
    messages = _messages(state, context, xml)
    schema = NARROW if context.profile.decision == "structured" else WIDE
    output = OutputSchema(name="answer", json_schema=schema, method=context.profile.output)
    best: Draft | None = None
    for turn in range(context.limits.tries):
        if context.tally.spare_requests() <= 0:
            break
        name = "answer" if turn == 0 else "retry"
        reply = await context.ask(NODE, name, messages, output=output, params=context.sample(turn))
        draft = parse_draft(reply.content)
        if draft is None:
            if not reply.content.strip() and not reply.tool_requests:
                raise ProviderError(
                    f"the model sent an empty answer (finish reason {reply.finish!r});"
                    " ask again, or try another model",
                    kind="empty",
                )
            continue
        best = draft
        if draft.refused or not verifier.verify(draft).refused:
            return {"draft": draft, **kept}
        if context.profile.deterministic:
            break
    if computed is not None and (best is None or not best.refused):
        # No draft of the result survived: the result itself does.
        return {"draft": computed, **kept}
    return {"draft": best or Draft(refused=True, reason=UNUSABLE), **kept}


async def verify(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Check the draft by code; what fails is struck, what is left is the answer."""
    context = runtime.context
    draft = state.get("draft")
    assert draft is not None
    question = context.start.question
    checked = _verifier(state, context).verify(draft)
    reason = checked.reason
    stopped = state.get("stopped")
    if checked.refused and stopped is not None:
        reason = f"{reason} (stopped at the limit of {stopped.replace('_', ' ')})"
    answer = Answer(
        question=question,
        text=checked.text,
        value=checked.value,
        unit=checked.unit,
        refused=checked.refused,
        reason=reason,
        citations=checked.citations,
        calculations=checked.calculations,
        struck=checked.struck,
        usage=Usage(model=context.start.model),
    )
    return {"answer": answer}


def _verifier(state: State, context: RunContext) -> Verifier:
    """The check against this evidence; a draft that was checked by it is not checked again."""
    passages, calculations = state.get("passages", []), state.get("calculations", [])
    known: Verifier | None = context.worked_out.get("verifier")
    if known is None or not known.fits(passages, calculations):
        known = Verifier(context.start.question, passages, calculations)
        context.worked_out["verifier"] = known
    return known


def parse_draft(content: str) -> Draft | None:
    """The draft in a model's text: JSON, alone or in a fence; None when it does not fit."""
    match = _FENCE.search(content)
    text = match[1] if match else content
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        return Draft.model_validate(json.loads(text[start : end + 1]))
    except (ValueError, ValidationError, RecursionError):
        return None


def _already_there(state: State) -> Draft | None:
    """The last message, when it is an answer in our form already: no further request then."""
    messages = state.get("messages", [])
    if not messages or messages[-1].role != "assistant" or messages[-1].tool_requests:
        return None
    return parse_draft(messages[-1].content)


def _computed(state: State) -> Draft | None:
    """The answer when the question's arithmetic was asked for whole: its result, said by code."""
    calculations = state.get("calculations", [])
    if not state.get("formulas") or not calculations:
        return None
    result = _short(calculations[-1].result)
    return Draft(
        refused=False, sentences=(DraftSentence(text=f"The answer is {result}."),), value=result
    )


def _short(result: str) -> str:
    """A result as a person would write it: at most four decimals."""
    whole, _, decimals = result.partition(".")
    if len(decimals) <= 4 or "E" in result:
        return result
    return str(Decimal(result).quantize(Decimal("0.0001")).normalize())


async def _evidence(state: State, context: RunContext) -> tuple[str, dict[str, Any]]:
    """The passages as the answer's prompt shows them, and what the record keeps of that."""
    passages, profile = state.get("passages", []), context.profile
    structured = profile.decision == "structured"
    order = by_turns(state.get("searches", []), oldest_first=structured)
    facts: dict[str, JsonValue] = {}
    if wanted(context):
        reranked = await rerank(NODE, order, passages, context)
        order, facts = list(reranked.order), {OPTION: reranked.how}
    packed = pack(order, passages, profile.passage_tokens, profile.packing)
    # A run of a time before packing was recorded is replayed without a record of it.
    recorded = passages and "packing" in context.start.profile
    return packed.xml, {"packed": packed.facts() | facts} if recorded else {}


def _messages(state: State, context: RunContext, xml: str) -> tuple[Message, ...]:
    lines = ["<evidence>"]
    if xml:
        lines.append(xml)
    for number, calculation in enumerate(state.get("calculations", []), start=1):
        lines.append(calculation_xml(number, calculation))
    lines.append("</evidence>")
    for question, text in context.start.history[-2:]:
        lines.append(f"Earlier question: {question[:300]}\nEarlier answer: {text[:300]}")
    lines.append(f"<question>{context.start.question}</question>")
    system = context.prompts.answer
    if context.profile.output == "prompt":
        system += "\nThe JSON must fit this schema:\n" + json.dumps(WIDE)
    return (
        Message(role="system", content=system),
        Message(role="user", content="\n".join(lines)),
    )
