"""A conversation that some other program recorded, in our words: what every importer makes.

Knows messages and who said them; knows nothing of formats, traces or files.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from ..graphs.model import Message, Tokens

Fields = Mapping[str, JsonValue]


@dataclass(frozen=True)
class Heard:
    """One message of a foreign record, at its place; nothing is merged or left out."""

    message: Message
    speaks: bool = False
    """It is a reply of the model under test, not something that it was given."""
    error: str | None = None
    """Of a tool's message: why the call failed. `message.content` is then what the model saw."""
    shape: Fields = field(default_factory=dict)
    """How the original differs from the plain form of `message` (see `evals.exporters.openai`)."""
    tokens: Tokens | None = None
    finish: str | None = None
    model: str | None = None
    """The model that the record says answered."""


@dataclass(frozen=True)
class Conversation:
    """One run of another program."""

    messages: tuple[Heard, ...]
    model: str = "unknown"
    id: str | None = None
    """As the record names itself."""
    question: str | None = None
    """Where the record states it apart from its messages."""
    tools: tuple[dict[str, JsonValue], ...] = ()
    """`{name, description, parameters}` of what the model was offered, where recorded."""
    created: str = ""
    """ISO 8601; empty where the record does not say."""
    details: Fields = field(default_factory=dict)
    """What else the record says of the run: outcome, grades, system prompts."""
