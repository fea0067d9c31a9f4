"""What stands in a trace file, in our types: put together line by line by `graphs.reader`.

Knows the parts and how a record becomes a step; knows nothing of files, lines and references.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import JsonValue

from .answer import Answer
from .canonical import MARK
from .model import ModelRequest
from .steps import Approval, ModelStep, NodeRecord, Start, StepError, ToolStep


@dataclass
class Parts:
    """What stands in a trace file, in our types."""

    start: Start
    steps: list[ModelStep | ToolStep] = field(default_factory=list)
    nodes: list[NodeRecord] = field(default_factory=list)
    approvals: list[Approval] = field(default_factory=list)
    answer: Answer | None = None
    error: StepError | None = None
    status: Literal["done", "failed", "aborted"] = "aborted"
    dropped_bytes: int = 0
    notes: list[str] = field(default_factory=list)


def aborted(step: ModelStep | ToolStep) -> ModelStep | ToolStep:
    """A call that was begun and whose end is not recorded, as a failed step."""
    error = StepError(type="Aborted", message="the record stops before this call ended")
    update: dict[str, Any] = {"error": error}
    if isinstance(step, ToolStep):
        update["status"] = "error"
    return step.model_copy(update=update)


def model_step(record: dict[str, Any], request: ModelRequest) -> ModelStep:
    """The step that a `model.request` begins. Raises `KeyError` and `ValueError`."""
    fields = {"node": record["node"], "name": record["name"], "key": record["key"][:MARK]}
    return ModelStep.model_validate(
        {**fields, "index": record["i"], "request": request}, strict=True
    )


def tool_step(record: dict[str, Any], call: dict[str, JsonValue]) -> ToolStep:
    """The step that a `tool.request` begins, of its record and `call`. Raises the same."""
    fields: dict[str, Any] = {"node": record["node"], "name": record["name"]}
    fields["key"] = record["key"][:MARK]
    if "effect" in record:
        fields["effect"] = record["effect"]
    fields["index"] = record["i"]
    fields["request_id"] = call["request_id"]
    fields["arguments"] = call.get("arguments")
    fields["raw_arguments"] = call["raw_arguments"]
    return ToolStep.model_validate(fields, strict=True)
