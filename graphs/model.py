"""The seam to a language model: one request in, one reply out, as plain data.

The graph knows nothing else of models: a live one (`agent.models`), the extractive one and a
recorded one (`evals.replay`) all stand behind `ChatModel`. Knows nothing of LangChain.
"""

from collections.abc import Callable
from typing import Literal, Protocol

from pydantic import JsonValue

from ..tools.documents import Frozen

Role = Literal["system", "user", "assistant", "tool"]
Decision = Literal["native", "structured"]
OutputMethod = Literal["json_schema", "tool", "prompt"]
Packing = Literal["plain", "edges"]


class ToolRequest(Frozen):
    """A tool call as a model asked for it. `arguments` is the raw text, not yet parsed."""

    id: str
    name: str
    arguments: str


class Message(Frozen):
    """One message of a conversation."""

    role: Role
    content: str = ""
    tool_requests: tuple[ToolRequest, ...] = ()
    """Of an assistant."""
    tool_request_id: str | None = None
    """Of a tool: which request it answers."""
    native: str = ""
    """Of a user's own graph: what our form leaves out of its message, as canonical JSON."""
    name: str | None = None
    """Who speaks, where several have the same role (an imported run of several agents)."""


class OutputSchema(Frozen):
    """The structured output that is wanted, and how the service is to be made to give it."""

    name: str
    json_schema: dict[str, JsonValue]
    method: OutputMethod = "json_schema"


class ModelRequest(Frozen):
    """Everything that decides what a model says. Its content hash is the key of a replay."""

    model: str
    """`provider:name`."""
    params: dict[str, JsonValue] = {}
    """Sampling: temperature, top_p, frequency_penalty, presence_penalty, seed, max_tokens."""
    messages: tuple[Message, ...]
    tools: tuple[dict[str, JsonValue], ...] = ()
    """`{name, description, parameters}` each."""
    output: OutputSchema | None = None


class Tokens(Frozen):
    """What the service says it counted."""

    input: int
    output: int


class ModelReply(Frozen):
    """What a model said, whole: nothing merged, nothing parsed."""

    content: str = ""
    tool_requests: tuple[ToolRequest, ...] = ()
    """Ids as the service gave them (empty when it gave none); the graph gives its own."""
    finish: str | None = None
    """The service's finish reason; None when the stream ended without one (a fault)."""
    model: str | None = None
    """The model that the service says answered."""
    tokens: Tokens | None = None
    chunks: tuple[int, ...] = ()
    """Lengths of the pieces in which `content` arrived; empty when it came whole."""
    native: JsonValue = None
    """Of a user's own graph: the reply as LangChain had it, where our form loses any of it."""


class Profile(Frozen):
    """How a model is best used."""

    decision: Decision = "native"
    output: OutputMethod = "json_schema"
    passage_tokens: int = 6000
    """Budget for passages in one prompt, in tokens (estimated at 4 characters each)."""
    packing: Packing = "plain"
    """How passages are put into a prompt (graphs.pack). A trace of a time without it is `plain`,
    and keeps nothing of what was packed.
    """
    deadline: float = 120.0
    """Seconds a turn may take."""
    rescue: bool = False
    """Read tool calls that the model wrote as text (fenced JSON, <tool_call>)."""
    max_output_tokens: int | None = None
    deterministic: bool = False
    """The same request always gives the same reply: asking again is of no use."""


class ChatModel(Protocol):
    """A model that can be asked once. Retries, limits and recording are the caller's."""

    id: str
    profile: Profile

    async def attempt(
        self, request: ModelRequest, on_text: Callable[[str], None] | None = None
    ) -> ModelReply:
        """Ask once. Raises `ProviderError`. `on_text` is given raw text as it arrives (a draft)."""
        ...
