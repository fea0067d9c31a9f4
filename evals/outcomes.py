"""How what came back of one call differs between two runs.

Knows replies, results and errors; knows nothing of why they differ.
"""

from ..graphs.model import ModelReply
from ..graphs.trace import ModelStep, StepError, ToolStep
from .compare import Change, Place, first_difference, one_line
from .divergence import Severity

_OPEN = ("Aborted", "Cancelled")
_IDS = {"id"}


def compare_outcomes(
    before: ModelStep | ToolStep, after: ModelStep | ToolStep
) -> list[tuple[Change, Severity]]:
    """What differs in how the two calls ended; nothing where one of them never did."""
    if _open(before.error) or _open(after.error):
        return []
    if isinstance(before, ModelStep) and isinstance(after, ModelStep):
        return _replies(before, after)
    if isinstance(before, ToolStep) and isinstance(after, ToolStep):
        return _results(before, after)
    return []


def _open(error: StepError | None) -> bool:
    return error is not None and error.type in _OPEN


def _replies(before: ModelStep, after: ModelStep) -> list[tuple[Change, Severity]]:
    if before.error is not None or after.error is not None:
        place = _errors(before.error, after.error, "replied")
        return [] if place is None else [(Change("llm_error_changed", *place), "behavioural")]
    old, new = before.reply, after.reply
    if old is None or new is None or old == new:
        return []
    difference = first_difference(_said(old), _said(new), "/reply")
    if difference is not None:
        return [(Change("reply_changed", *difference), "behavioural")]
    difference = first_difference(list(old.chunks), list(new.chunks), "/reply/chunks")
    return [] if difference is None else [(Change("stream_shape_changed", *difference), "info")]


def _said(reply: ModelReply) -> dict[str, object]:
    """What the graph reads of a reply: not the ids of its requests, nor who says it replied."""
    return {
        "content": reply.content,
        "finish": reply.finish,
        "tool_requests": [
            request.model_dump(mode="json", exclude=_IDS) for request in reply.tool_requests
        ],
    }


def _results(before: ToolStep, after: ToolStep) -> list[tuple[Change, Severity]]:
    if before.error is not None or after.error is not None:
        place = _errors(before.error, after.error, "gave a result")
        if place is None and before.status != after.status:
            place = Place("/status", before.status, after.status)
        return [] if place is None else [(Change("tool_error_changed", *place), "behavioural")]
    if before.result is after.result or before.result == after.result:
        return []
    old, new = ({k: v for k, v in (s.result or {}).items() if k != "data"} for s in (before, after))
    difference = first_difference(old, new, "/result")
    if difference is None:
        # the data beside a result is shown to no model
        aside = first_difference(before.result, after.result, "/result")
        return [] if aside is None else [(Change("non_semantic", *aside), "info")]
    return [(Change("tool_result_changed", *difference), "behavioural")]


def _errors(before: StepError | None, after: StepError | None, well: str) -> Place | None:
    if before is None or after is None:
        lines = [
            well if error is None else one_line(f"{error.type}: {error.message}")
            for error in (before, after)
        ]
        return Place("/error", *lines)
    return first_difference(before.model_dump(mode="json"), after.model_dump(mode="json"), "/error")
