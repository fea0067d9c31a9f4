"""The things that can happen in a run, one type each, and what a run starts from.

Knows their shape only: `graphs.trace` puts them in order, `graphs.writer` and `graphs.reader` know
how they stand on disk.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, JsonValue

from ..tools.documents import Frozen
from .model import ModelReply, ModelRequest


class StepError(Frozen):
    """A step that failed: which error of `tools.errors`, with its text and attributes."""

    type: str
    message: str
    detail: dict[str, JsonValue] = {}


class Attempt(Frozen):
    """A try at a model call that failed and was followed by another."""

    error: StepError
    waited: float = 0.0


class ModelStep(Frozen):
    """One model call, all its retries included."""

    kind: Literal["model"] = "model"
    index: int
    node: str
    name: str
    """What it was for: decide, answer, repair, ..."""
    key: str
    request: ModelRequest
    reply: ModelReply | None = None
    error: StepError | None = None
    attempts: tuple[Attempt, ...] = ()
    seconds: float = 0.0
    cost_usd: float | None = None

    def summary(self) -> dict[str, Any]:
        """A line of `ask --json`."""
        status = "error" if self.error else "ok"
        return {
            "kind": "model",
            "name": self.name,
            "arguments": None,
            "status": status,
            "seconds": self.seconds,
        }


class ToolStep(Frozen):
    """One tool call. `refused` means that it was never run."""

    kind: Literal["tool"] = "tool"
    index: int
    node: str
    name: str
    key: str
    request_id: str
    arguments: dict[str, JsonValue] | None
    """Parsed; None when the text was not a JSON object."""
    raw_arguments: str
    effect: Literal["pure", "read", "write"] | None = None
    status: Literal["ok", "error", "refused"] = "ok"
    result: dict[str, JsonValue] | None = None
    """A `ToolResult` as JSON."""
    error: StepError | None = None
    seconds: float = 0.0

    def summary(self) -> dict[str, Any]:
        """A line of `ask --json`."""
        return {
            "kind": "tool",
            "name": self.name,
            "arguments": self.arguments if self.arguments is not None else self.raw_arguments,
            "status": self.status,
            "seconds": self.seconds,
        }


Step = Annotated[ModelStep | ToolStep, Field(discriminator="kind")]


class Approval(Frozen):
    """What a person said to the writing calls of one message, by request id."""

    decisions: dict[str, bool]


class NodeRecord(Frozen):
    """A node that ran: what it wrote (content hash), and where the graph went next."""

    node: str
    superstep: int
    writes: str
    route: str | None = None
    after: int = 0
    """Index of the last step that had begun when the node ended; the recorder fills it in."""
    values: dict[str, JsonValue] = {}
    """What it wrote, for a person to compare (graphs.written); empty in older traces."""


class Start(Frozen):
    """What a run was given: everything a replay needs that is not a result."""

    id: str
    created: str
    """ISO 8601, UTC."""
    question: str
    history: tuple[tuple[str, str], ...] = ()
    """Earlier (question, answer text) pairs of the thread."""
    model: str
    params: dict[str, JsonValue] = {}
    profile: dict[str, JsonValue] = {}
    limits: dict[str, JsonValue] = {}
    options: dict[str, JsonValue] = {}
    """Retrieval options, today's date, the sources the model was told of."""
    tools: tuple[dict[str, JsonValue], ...] = ()
    """`{name, description, parameters, effect}` of every tool offered."""
    fingerprints: dict[str, str] = {}
    """Content hashes: prompts, each tool, corpus, graph; versions of the libraries."""
    parent: str | None = None
    """Id of the trace that this run started from: a live replay or a fork of it."""
    forked_at: int | None = None
    """Of a fork: the step of `parent` at which something was put in."""
