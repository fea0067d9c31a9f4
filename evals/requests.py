"""How what one call asks differs between two runs, and how a call is told in a line.

Knows model and tool calls; knows nothing of what came back (`evals.outcomes`).
"""

from ..graphs.trace import ModelStep, ToolStep
from .alignment import AnyStep
from .compare import Change, compare_requests, first_difference, one_line


def compare_calls(old: AnyStep, new: AnyStep) -> list[Change]:
    """What differs in what the two ask; nothing where their keys are equal."""
    if old.key == new.key:
        return []
    if isinstance(old, ModelStep) and isinstance(new, ModelStep):
        return compare_requests(old.request, new.request)
    assert isinstance(old, ToolStep) and isinstance(new, ToolStep)
    if old.name != new.name:
        return [Change("tool_name_changed", "/name", old.name, new.name)]
    before, after = (
        step.arguments if step.arguments is not None else step.raw_arguments for step in (old, new)
    )
    difference = first_difference(before, after, "")
    return [] if difference is None else [Change("tool_args_changed", *difference)]


def holds_data(step: AnyStep, change: Change) -> bool:
    """Whether the change lies in a user's message: our frame around what was found."""
    if change.kind != "prompt_changed" or not isinstance(step, ModelStep):
        return False
    place = int(change.path.split("/")[2])
    return step.request.messages[place].role == "user"


def called(step: AnyStep) -> str:
    """A call in one line."""
    if isinstance(step, ToolStep):
        return one_line(f"tool {step.name} {step.raw_arguments}")
    last = step.request.messages[-1].content if step.request.messages else ""
    return one_line(f"model call {step.name!r}: {last}")


def refusal(step: AnyStep) -> str:
    """Why a call was not made."""
    return one_line(step.error.message) if step.error is not None else "(refused)"
