"""Where the replies of a replayed run come from, as a session sees it.

Knows steps; knows nothing of how a record is kept, of matching, or of what a session does.
"""

from typing import Protocol

from .steps import ModelStep, ToolStep


class RecordOver(Exception):
    """The record holds no end of this call: the run was cut off while it was made."""


class Served(Protocol):
    """Where the replies of a replay come from. Raises what stops a replay."""

    def index(self, step: ModelStep | ToolStep) -> int:
        """The number of the recorded step that this one is; a new one where it is none."""
        ...

    def model(self, step: ModelStep) -> ModelStep:
        """The step with its recorded end. Raises `RecordOver` where there is none."""
        ...

    def tool(self, step: ToolStep) -> ToolStep:
        """The step with its recorded end. Raises `RecordOver` where there is none."""
        ...
