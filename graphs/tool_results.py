"""What a tool of a user's graph gave, in our form, and back: a value, an error or an interrupt.

Knows LangGraph's interrupts. Knows nothing of models, of nodes or of recording.
"""

from collections.abc import Mapping
from typing import Any

from langgraph.errors import GraphInterrupt
from langgraph.types import Interrupt
from pydantic import JsonValue

from ..tools.tool import ToolResult
from .langchain_errors import error_of, exception_of
from .steps import StepError, ToolStep
from .values import Values


def tool_result_of(value: object, id: str | None, values: Values) -> ToolResult:
    """A value that a tool gave; `id` is that of the call when a model asked for it."""
    if isinstance(value, str):
        return ToolResult(content=value)
    encoded = values.encode(value)
    if id and isinstance(encoded, dict) and "$opaque" in encoded:
        # LangChain writes it as text for the model, which is all that goes on from here
        return ToolResult(content=str(value))
    return ToolResult(data={"$none": True} if encoded is None else encoded)


def tool_error_of(error: BaseException, values: Values) -> StepError:
    """What a tool raised; an interrupt with what it asks."""
    if isinstance(error, GraphInterrupt) and error.args:
        asked = [item.value for item in error.args[0]]
        return StepError(
            type="GraphInterrupt",
            message="the tool waits for a person",
            detail={"asked": values.encode(asked)},
        )
    return error_of(error, values)


def tool_value_of(step: ToolStep, values: Values) -> Any:
    """The value as the tool gave it. Raises what the tool raised."""
    if step.error is not None:
        if step.error.type == "GraphInterrupt":
            asked = values.decode(step.error.detail.get("asked", []))
            raise GraphInterrupt([Interrupt(value) for value in asked])
        raise exception_of(step.error, values)
    return value_of(step.result or {}, values)


def value_of(result: Mapping[str, JsonValue], values: Values) -> Any:
    """The value of a tool that went well."""
    data = result.get("data")
    if data is None:
        return result.get("content", "")
    return None if data == {"$none": True} else values.decode(data)
