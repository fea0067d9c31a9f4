"""Listwise reranking by the chat model: one structured request that orders what was found.

An option, off by default (`options["rerank"]` of a run's start: how many passages are shown). The
model can only name the passages it was shown; one that it leaves out comes after those it named.
Where no ranking comes of it the order of retrieval stands, and the reason is told. Knows nothing
of packing or of answers.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from ..tools.documents import Passage
from ..tools.errors import ProviderError
from .context import RunContext
from .model import Message, OutputSchema
from .pack import CHARACTERS_PER_TOKEN, passage_xml

OPTION = "rerank"
"""The option's name."""
MOST = 50
"""Passages that one request shows at the most."""
DONE = "done"
_LEAST = 200
"""Characters of a passage that are shown, however many there are."""
_JSON = re.compile(r"\{.*\}", re.S)


class _Ranking(BaseModel):
    """The ranking, as the model writes it."""

    model_config = ConfigDict(extra="ignore")

    ranking: list[str]


@dataclass(frozen=True)
class Reranked:
    """An order of passages and how it came to be."""

    order: tuple[int, ...]
    how: str
    """`done`, or why the order of retrieval stands."""


def wanted(context: RunContext) -> int:
    """How many passages the run wants reranked; 0 for none."""
    count = context.start.options.get(OPTION)
    return min(count, MOST) if isinstance(count, int) and count > 1 else 0


async def rerank(
    node: str, order: Sequence[int], passages: Sequence[Passage], context: RunContext
) -> Reranked:
    """Ask the model to order the first `wanted` of `order` (places in the evidence, from 1).

    Asks only while the requests that the answer may need are left.
    """
    asked, rest = tuple(order[: wanted(context)]), tuple(order[wanted(context) :])
    if len(asked) < 2:
        return Reranked(tuple(order), "not asked: there is nothing to order")
    if context.profile.deterministic:
        return Reranked(tuple(order), f"not asked: {context.start.model} ranks nothing")
    if context.tally.spare_requests() <= context.limits.tries:
        return Reranked(tuple(order), "not asked: the requests left belong to the answer")
    output = OutputSchema(name="ranking", json_schema=_schema(asked), method=context.profile.output)
    messages = _messages(asked, passages, context, output)
    try:
        reply = await context.ask(node, OPTION, messages, output=output, params=context.sample(0))
    except ProviderError as error:
        return Reranked(tuple(order), f"failed: {error}"[:200])
    named = _named(reply.content, asked)
    if not named:
        return Reranked(tuple(order), "failed: the reply names no passage that was shown")
    return Reranked((*named, *(n for n in asked if n not in named), *rest), DONE)


def _messages(
    asked: Sequence[int], passages: Sequence[Passage], context: RunContext, output: OutputSchema
) -> tuple[Message, ...]:
    room = context.profile.passage_tokens * CHARACTERS_PER_TOKEN // len(asked)
    lines = ["<passages>"]
    for number in asked:
        passage = passages[number - 1]
        shown = passage.model_copy(update={"text": passage.text[: max(_LEAST, room)]})
        lines.append(passage_xml(number, shown))
    lines.append(f"</passages>\n<question>{context.start.question}</question>")
    system = context.prompts.rerank
    if output.method == "prompt":
        system += f"\nThe ids are {', '.join(map(str, asked))}."
    return (
        Message(role="system", content=system),
        Message(role="user", content="\n".join(lines)),
    )


def _schema(asked: Sequence[int]) -> dict[str, JsonValue]:
    ids: list[JsonValue] = [str(number) for number in asked]
    return {
        "type": "object",
        "properties": {
            "ranking": {
                "type": "array",
                "minItems": 1,
                "maxItems": len(asked),
                "items": {"type": "string", "enum": ids},
            }
        },
        "required": ["ranking"],
        "additionalProperties": False,
    }


def _named(content: str, asked: Sequence[int]) -> list[int]:
    """The passages that a reply names, each once; none where it cannot be read."""
    match = _JSON.search(content)
    try:
        written = _Ranking.model_validate_json(match[0] if match else content).ranking
    except ValidationError:
        return []
    known = {str(number): number for number in asked}
    return list(dict.fromkeys(known[id] for id in written if id in known))
