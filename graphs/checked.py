"""A user's graph run against a record: each call answered from it, each write held to it.

Knows a tape (graphs.tape) and the hashes of what the graph asks and writes; builds nothing to show,
so it only knows *whether* the runs are the same. What it does not cover is `missed`, and the run is
then replayed the long way (graphs.session), which says what is different.
"""

from collections import OrderedDict
from collections.abc import Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any, NoReturn

import orjson
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatResult

from .answer import Answer
from .canonical import canonical, content_hash, digest, key_of_call, key_of_request
from .graph_run import answer_of
from .heard import Heard
from .identity import identity
from .known_messages import KnownMessages
from .langchain_replies import message_of, result_of
from .langchain_requests import about_of, tools_of
from .places import Nodes, Place, name_of
from .seam import ModelCall, ToolCall
from .tape import Tape
from .tool_results import value_of
from .values import Values

_NOTHING = content_hash(None)
_NO_TOOLS = digest(canonical(()))
_tools: OrderedDict[int, tuple[object, bytes, str]] = OrderedDict()
"""Of lists of tools: the list, its JSON, and the hash of it in our form. A graph offers the same
list run after run. The list is kept, so that its identity is not used twice."""
_TOOLS = 64

_here: ContextVar[str] = ContextVar("workings_checked_node", default="")
"""The node that runs, where no callback tells of it."""


_Node = tuple[str, str, str | None]
"""Name, hash of what it wrote and route, as a tape has it."""


class Missed(Exception):
    """The graph did what its record does not have, or what is not covered here."""


class CheckedSession:
    """A `seam.Session` over a tape."""

    direct = True
    """Calls that nobody listens to come here without LangChain's own work around them."""

    def __init__(self, tape: Tape, values: Values):
        self.tape = tape
        self.values = values
        self.missed = ""
        """Why this is not known to be the same run; empty while it is."""
        self.messages = KnownMessages(tuple(values.types.values()))
        self._nodes: Nodes[_Node] | None = None
        self._ended: list[tuple[int, str, str]] = []
        """Superstep, name and hash of the nodes of which no callback tells."""
        self._lists: dict[int, tuple[object, str]] = {}

    @property
    def nodes(self) -> Nodes[_Node]:
        """What callbacks tell of nodes; made when it is first asked for."""
        if self._nodes is None:
            # it knows the messages only: what knows the session would keep it from being freed
            self._nodes = Nodes(partial(_wrote, self.messages))
        return self._nodes

    def ask(
        self,
        model: BaseChatModel,
        messages: list[BaseMessage],
        stop: Sequence[str] | None,
        keywords: dict[str, Any],
    ) -> AIMessage:
        """What the model said to this. Raises `Missed`."""
        heard = self._heard(model, messages, stop, keywords)
        try:
            plain = message_of(heard.said)
            if plain is not None:
                # LangChain gives it an id of the run's; none is ever hashed
                plain.id = f"lc_run--{heard.index}"
                self.messages.born(plain)
                return plain
            result = result_of(heard.reply, self.values)
        except Exception as error:  # a node may swallow it
            self.miss(f"a reply that cannot be made again: {error}")
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
        scope = self._scope()
        key = key_of_call(scope, name, self.values.encode(arguments))
        heard = self.tape.take(self.tape.tools, (scope, key))
        if heard is None or heard.result is None or heard.name != name:
            self.miss(f"a call of {name} that was not recorded")
        return value_of(heard.result, self.values)

    def generate(self, call: ModelCall, ask: Any) -> ChatResult:
        """Answer a model call that something listens to."""
        heard = self._heard(call.model, call.messages, call.stop, call.keywords)
        try:
            return result_of(heard.reply, self.values)
        except Exception as error:  # a node may swallow it
            self.miss(f"a reply that cannot be made again: {error}")

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
        nodes = [] if self._nodes is None else self._nodes.records(failed=False)
        # branches of a superstep stand in the order of their names, not of their ends
        nodes += [(node, hash, None) for _, node, hash in sorted(self._ended)]
        if nodes != self.tape.nodes or self.messages.written(final) != self.tape.final:
            return None
        replies = [(heard.model, heard.tokens) for heard in self.tape.replies]
        answer = answer_of(self.tape.question, self.tape.model, final, replies)
        return answer if digest(canonical(answer)) == self.tape.answer else None

    def begin(self, node: str, superstep: int) -> dict[str, Any]:
        """A node begins of which no callback tells (`watched.Watch`); its config."""
        _here.set(node)
        about = {"langgraph_step": superstep, "langgraph_node": node}
        return {"tags": [], "metadata": about, "callbacks": None}

    def end(self, node: str, superstep: int, writes: object) -> None:
        """Such a node ended."""
        self._ended.append((superstep, node, self.messages.written(writes)))

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
        key = key_of_request(
            scope,
            id,
            params,
            self._tools_hash(keywords),
            _NOTHING if output is None else content_hash(output),
            self.messages.hashes(messages),
        )
        heard = self.tape.take(self.tape.models, (scope, key))
        if heard is None:
            self.miss("a request that was not recorded")
        return heard

    def _tools_hash(self, keywords: dict[str, Any]) -> str:
        """Of the tools of a request: the same list is looked through once."""
        given = keywords.get("tools")
        if given is None:
            return _NO_TOOLS
        here = identity(given)
        known = self._lists.get(here)
        if known is None or known[0] is not given:
            # the list is kept, so that its identity is not used twice
            known = self._lists[here] = given, self._list_hash(given)
        return known[1]

    def _list_hash(self, given: Any) -> str:
        try:
            # what has a form of its own by the classes that were named is not remembered
            stamp = b"" if self.values.types else orjson.dumps(given)
        except TypeError:
            stamp = b""
        here = identity(given)
        known = _tools.get(here)
        if known is not None and known[0] is given and known[1] == stamp:
            return known[2]
        hash = digest(canonical(tools_of({"tools": given}, self.values)))
        if stamp:
            _tools[here] = given, stamp, hash
            if len(_tools) > _TOOLS:
                _tools.popitem(last=False)
        return hash


def _wrote(messages: KnownMessages, place: Place, value: object) -> _Node:
    return name_of(place), messages.written(value), None
