"""A recorded run made again with one side's retrieval and one side's model, and judged.

Knows sides, what of a run is pinned from which trace, and how an answer is judged; what the runs
again show is for `attribute` and `counterfactual` to say.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from ..graphs.answer import Answer, Usage
from ..graphs.model import ChatModel
from ..graphs.prompts import Prompts
from ..graphs.trace import Start, ToolStep, Trace
from ..tools.tool import Tool
from .changes import KEPT
from .checks import Verdict
from .gold import GoldCase
from .modes import Price
from .replay import areplay

Judge = Callable[[GoldCase, Answer], Verdict | Awaitable[Verdict]]


@dataclass(frozen=True)
class Side:
    """One of the two: what its cases are run again with."""

    model: ChatModel
    judge: Judge
    tools: Mapping[str, Tool] = field(default_factory=dict)
    """For what the trace does not hold, such as a search that the other model words otherwise.
    Without them such a run cannot be finished."""
    prompts: Prompts | None = None
    """They belong to the model; None: those that the trace keeps, else the built-in ones."""
    price: Price | None = None


async def run_again(
    found: Trace, asked: Trace, finder: Side, asker: Side
) -> tuple[Answer | None, float | None]:
    """The run again with one side's retrieval and one side's model; its cost.

    Tool results come from the trace `found` where the call is the same, and from its side's tools
    elsewhere. The model's replies are never served from a trace.
    """
    pinned = found.model_copy(
        update={
            "start": _start(found.start, asked.start),
            "steps": tuple(step for step in found.steps if isinstance(step, ToolStep)),
            "nodes": (),
            "status": "done",
        }
    )
    again = await areplay(
        pinned,
        live="all",
        model=asker.model,
        tools=finder.tools,
        prompts=asker.prompts,
        price=asker.price,
    )
    cost = again.reuse.cost_usd if again.reuse is not None else None
    if again.answer is not None:
        return again.answer, cost
    if again.stopped or again.status == "broken":
        return None, cost
    # it ended in an error of its own: that is an outcome, and it does not pass
    empty = Answer(question=found.question, text="", usage=Usage(model=asker.model.id))
    return empty.with_trace(again.made), cost


def _start(found: Start, asked: Start) -> Start:
    """A start with the retrieval of one run and the model, sampling and prompts of another."""
    options = {name: value for name, value in found.options.items() if name != KEPT}
    if KEPT in asked.options:
        options[KEPT] = asked.options[KEPT]
    return found.model_copy(
        update={
            "model": asked.model,
            "params": asked.params,
            "profile": asked.profile,
            "limits": asked.limits,
            "options": options,
        }
    )


async def judged(judge: Judge, case: GoldCase, answer: Answer) -> float | None:
    """What a judge gives; None is unscored. A run that ended in an error passes by no judge."""
    if not answer.text.strip() and not answer.refused:
        return 0.0
    verdict = judge(case, answer)
    if inspect.isawaitable(verdict):
        verdict = await verdict
    return verdict.value
