"""A user's graph run against a record: each call answered from it, each write held to it.

Knows a tape (graphs.tape) and the hashes of what the graph asks and writes; builds nothing to show,
so it only knows *whether* the runs are the same. What it does not cover is `missed`, and the run is
then replayed the long way (graphs.session), which says what is different.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any, NoReturn

import orjson
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatResult
from pydantic import JsonValue

from .answer import Answer
from .canonical import canonical, content_hash, digest, key_of_call, key_of_request
from .graph_run import answer_of
from .langchain_replies import is_plain, plain_message, result_of
from .langchain_requests import about_of, message_fields, tools_of
from .places import Nodes, Place, name_of
from .seam import ModelCall, ToolCall
from .tape import Heard, Tape
from .tool_results import value_of
from .values import Values

_NOTHING = content_hash(None)
_STAMPED = (SystemMessage, HumanMessage, AIMessage, ToolMessage)
_HOLD = (
    "additional_kwargs",
    "response_metadata",
    "tool_calls",
    "invalid_tool_calls",
    "usage_metadata",
    "artifact",
)
"""What of a message can be changed in its place."""

Stamp = tuple[str, str | None, str | None, bytes]


_here: ContextVar[str] = ContextVar("workings_checked_node", default="")
"""The node that runs, where no callback tells of it."""


class Missed(Exception):
    """The graph did what its record does not have, or what is not covered here."""


class Written(Values):
    """Values as a trace keeps what nodes write: without the ids of messages."""

    def __init__(self, types: Sequence[type] = ()):
        super().__init__(types)
        self._once: dict[int, tuple[BaseMessage, Stamp, JsonValue]] = {}

    def message(self, message: BaseMessage, depth: int = 0) -> JsonValue:
        """The message, written down once for as long as it stays what it is."""
        stamp = stamp_of(message)
        known = self._once.get(id(message))
        if known is not None and known[1] == stamp:
            return known[2]
        made: Any = super().message(message, depth)
        if "$opaque" in made:
            return made  # type: ignore[no-any-return]
        made["$message"].pop("id", None)
        if stamp is not None:
            made = orjson.Fragment(canonical(made))
            # the message is kept, so that its identity is not used twice
            self._once[id(message)] = message, stamp, made
        return made  # type: ignore[no-any-return]


class CheckedSession:
    """A `seam.Session` over a tape."""

    direct = True
    """Calls that nobody listens to come here without LangChain's own work around them."""

    def __init__(self, tape: Tape, values: Values):
        self.tape = tape
        self.values = values
        self.missed = ""
        """Why this is not known to be the same run; empty while it is."""
        self.nodes: Nodes[tuple[str, str, str | None]] = Nodes(self._wrote)
        self._written = Written(tuple(values.types.values()))
        self._hashes: dict[int, tuple[BaseMessage, Stamp, list[str], str]] = {}
        self._lists: dict[int, tuple[object, str]] = {}

    def ask(
        self,
        model: BaseChatModel,
        messages: list[BaseMessage],
        stop: Sequence[str] | None,
        keywords: dict[str, Any],
    ) -> AIMessage:
        """What the model said to this. Raises `Missed`."""
        heard = self._heard(model, messages, stop, keywords)
        reply = heard.reply
        assert reply is not None
        if is_plain(reply):
            return plain_message(reply)
        result = result_of(reply, self.values)
        generation = result.generations[0]
        message = generation.message
        if not isinstance(message, AIMessage):
            self.miss("a reply that is no AIMessage")
        # as `BaseChatModel._generate_with_cache` does
        about = {**(generation.generation_info or {}), **message.response_metadata}
        if len(result.generations) == 1 and result.llm_output is not None:
            about = {**result.llm_output, **about}
        message.response_metadata = about
        return message

    def result(self, name: str, arguments: dict[str, Any]) -> Any:
        """What the tool gave for this. Raises `Missed`."""
        plain = self.values.encode(arguments)
        key = key_of_call(self._scope(), name, plain)
        heard = self.tape.take(self.tape.tools, (self._scope(), key))
        if heard is None or heard.result is None or heard.name != name:
            self.miss(f"a call of {name} that was not recorded")
        return value_of(heard.result, self.values)

    def generate(self, call: ModelCall, ask: Any) -> ChatResult:
        """Answer a model call that something listens to."""
        heard = self._heard(call.model, call.messages, call.stop, call.keywords)
        assert heard.reply is not None
        return result_of(heard.reply, self.values)

    async def agenerate(self, call: ModelCall, ask: Any) -> ChatResult:
        """Answer a model call that something listens to."""
        return self.generate(call, ask)

    def stream(self, call: ModelCall, ask: Any) -> NoReturn:
        """Not covered."""
        self.miss("a stream")

    def astream(self, call: ModelCall, ask: Any) -> NoReturn:
        """Not covered."""
        self.miss("a stream")

    def use(self, call: ToolCall, run: Any) -> Any:
        """Answer a tool call that something listens to."""
        return self.result(call.tool.name, call.arguments)

    async def ause(self, call: ToolCall, run: Any) -> Any:
        """Answer a tool call that something listens to."""
        return self.use(call, run)

    def note(self, name: str, make: Any) -> Any:
        """A value of the clock and the like, as it was recorded."""
        return self.result(name, {})

    def miss(self, why: str) -> NoReturn:
        """Remember, whatever the graph makes of it, that this is not known to be the same run."""
        self.missed = self.missed or why
        raise Missed(why)

    def same(self, final: Any) -> Answer | None:
        """The answer of a run that gave `final`, where all of it is what was recorded."""
        if self.missed or not self.tape.played:
            return None
        if self.nodes.records(failed=False) != self.tape.nodes:
            return None
        if self._hash(final) != self.tape.final:
            return None
        replies = [(heard.model, heard.reply.tokens) for heard in self.tape.replies if heard.reply]
        answer = answer_of(self.tape.question, self.tape.model, final, replies)
        return answer if digest(canonical(answer)) == self.tape.answer else None

    def begin(self, node: str, superstep: int) -> dict[str, Any]:
        """A node begins of which no callback tells (`turbo.Watch`); its config."""
        _here.set(node)
        about = {"langgraph_step": superstep, "langgraph_node": node}
        return {"tags": [], "metadata": about, "callbacks": None}

    def end(self, node: str, superstep: int, writes: object) -> None:
        """Such a node ended."""
        self.nodes.ended(((superstep, node, -1),), writes)

    def _wrote(self, place: Place, value: object) -> tuple[str, str, str | None]:
        return name_of(place), self._hash(value), None

    def _hash(self, value: object) -> str:
        plain = self._written.encode(value)
        return digest(canonical(plain if isinstance(plain, dict) else {"": plain}))

    def _scope(self) -> str:
        return _here.get() or self.nodes.scope()

    def _heard(
        self,
        model: BaseChatModel,
        messages: Sequence[BaseMessage],
        stop: Sequence[str] | None,
        keywords: dict[str, Any],
    ) -> Heard:
        """The recorded call with this request: the key is that of `graphs.canonical`."""
        scope = self._scope()
        id, params, output = about_of(model, stop, keywords, self.values)
        named: dict[str, str] = {}
        key = key_of_request(
            scope,
            id,
            params,
            self._tools_hash(keywords),
            _NOTHING if output is None else content_hash(output),
            [self._message_hash(message, named) for message in messages],
        )
        heard = self.tape.take(self.tape.models, (scope, key))
        if heard is None or heard.reply is None:
            self.miss("a request that was not recorded")
        return heard

    def _message_hash(self, message: BaseMessage, named: dict[str, str]) -> str:
        """Of a message as a model is sent it; `named` are the names that ids of calls have."""
        stamp = stamp_of(message)
        known = self._hashes.get(id(message))
        if known is not None and known[1] == stamp:
            if not known[2]:
                return known[3]
            # its own ids have the names that they had: no other message came before it
            names = [named.setdefault(id, f"tc{len(named) + 1}") for id in ids_of(message)]
            if names == known[2]:
                return known[3]
        hash = digest(canonical(message_fields(message, named, self.values)))
        if stamp is not None:
            names = [named[id] for id in ids_of(message)]
            self._hashes[id(message)] = message, stamp, names, hash
        return hash

    def _tools_hash(self, keywords: dict[str, Any]) -> str:
        """Of the tools of a request: the same list is looked through once."""
        given = keywords.get("tools")
        known = self._lists.get(id(given))
        if known is None:
            hash = digest(canonical(tools_of(keywords, self.values)))
            # the list is kept, so that its identity is not used twice
            known = self._lists[id(given)] = given, hash
        return known[1]


def stamp_of(message: BaseMessage) -> Stamp | None:
    """What is another one when the message is changed; None where that cannot be told."""
    if type(message) not in _STAMPED or message.__pydantic_extra__:
        return None
    fields = message.__dict__
    content = fields["content"]
    if type(content) is not str:
        return None
    held = [value for value in map(fields.get, _HOLD) if value]
    try:
        return content, fields["name"], fields.get("status"), orjson.dumps(held) if held else b""
    except TypeError:
        return None


def ids_of(message: BaseMessage) -> list[str]:
    """The ids of tool calls that the message names, in order."""
    if isinstance(message, ToolMessage):
        return [message.tool_call_id or ""]
    calls = message.tool_calls if isinstance(message, AIMessage) else ()
    return [call["id"] or "" for call in calls]
