"""The approval node: a tool that writes waits here for a person, before anything of its message
runs. The only place of an interrupt. Knows nothing of who is asked, or how.
"""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from .context import RunContext
from .state import State


async def approve(state: State, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Ask for each pending call to a writing tool; remember which were not allowed."""
    writing = [
        request
        for request in state.get("pending") or ()
        if (tool := runtime.context.tools.get(request.name)) is not None and tool.effect == "write"
    ]
    asked = [request.model_dump(mode="json") for request in writing]
    decisions: dict[str, bool] = interrupt(asked)
    return {"denied": [request.id for request in writing if not decisions.get(request.id)]}
