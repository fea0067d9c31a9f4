"""Where the graph goes after the agent. Pure; knows the state and which tools write."""

from typing import Literal

from langgraph.runtime import Runtime

from .act import signature_of
from .context import RunContext
from .state import State


def route(state: State, runtime: Runtime[RunContext]) -> Literal["tools", "approve", "finalize"]:
    """Tools | approve | finalize. A message that only repeats earlier calls ends the loop."""
    pending = state.get("pending")
    if not pending or state.get("stopped"):
        return "finalize"
    made = set(state.get("made", ()))
    if made and all(signature_of(request, runtime.context) in made for request in pending):
        return "finalize"
    known = runtime.context.tools
    if any(known[request.name].effect == "write" for request in pending if request.name in known):
        return "approve"
    return "tools"
