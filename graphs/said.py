"""What a model's reply is said again as, further on: in a trace it stands once.

Knows how the graph makes a message and tool requests of a reply (graphs.asked), and a draft of what
it holds (graphs.finalize); knows nothing of files. `again` finds it while a run is recorded; the
other functions make it of what a trace holds.
"""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from .canonical import canonical
from .model import ModelReply
from .steps import ModelStep
from .written import Kept

SAID = "said"
READ = "read"
_CALL = "call_"
"""How the graph names tool requests: `call_1`, `call_2`, and so on through the run."""
_DIGITS = 6
"""Of the number of a request."""
_OURS = b'"role":"assistant"'
_NAMED = re.compile(rb'"id":"call_(\d{1,6})"')
_READ = 20_000
"""Characters of a reply up to which a draft is named by it: to read it again is to hold it all."""


def again(step: ModelStep, kept: Mapping[str, Kept]) -> dict[str, Any]:
    """What a node wrote that the reply of `step` says, as the node's record names it.

    `kept` is what the record would hold of it otherwise. `said: [i, n]` stands for `messages` and
    `pending`, `read: i` for `draft`; both may be there, or none.
    """
    reply = step.reply
    found: dict[str, Any] = {}
    if reply is None:
        return found
    first = _first(reply, kept.get("messages"), kept.get("pending", []))
    if first is not None:
        found[SAID] = [step.index, first]
    draft = kept.get("draft")
    if type(draft) is bytes and reply.content[:1] == "{" and len(reply.content) <= _READ:
        try:
            if canonical(held(reply.content)) == draft:
                found[READ] = step.index
        except (ValueError, TypeError):
            pass  # no JSON: the draft was read out of something else
    return found


def _first(reply: ModelReply, messages: Kept | None, pending: Kept) -> int | None:
    """The number of the first tool request, where a node wrote what a reply makes.

    0 where it has none; None for anything else.
    """
    if type(messages) is not list or len(messages) != 1 or len(pending) != len(reply.tool_requests):
        return None
    (message,) = messages
    if type(message) is not bytes or _OURS not in message:
        return None
    first = 0
    if pending:
        named_so = _NAMED.search(message)
        if named_so is None:
            return None
        first = int(named_so[1])
    told = said_again(reply, first)
    if canonical(told["messages"][0]) != message:
        return None
    return first if [canonical(item) for item in told.get("pending", ())] == pending else None


def first_said(said: object) -> tuple[int, int]:
    """The step and the number of its first request that `said` names. Raises `ValueError`."""
    if type(said) is not list or list(map(type, said)) != [int, int]:
        raise ValueError(f"said is {said!r:.40}: expected a step and the number of a request")
    index, first = said
    if not 0 <= first < 10**_DIGITS:
        raise ValueError(f"{first} is no number of a tool request")
    return index, first


def said_again(reply: ModelReply, first: int) -> dict[str, Any]:
    """`messages` and `pending`, as JSON, that a reply makes; `first` names its first request."""
    pending = [
        {"arguments": request.arguments, "id": named(number), "name": request.name}
        for number, request in enumerate(reply.tool_requests, first)
    ]
    message: dict[str, Any] = {"role": "assistant"}
    if reply.content:
        message["content"] = reply.content
    if not pending:
        return {"messages": [message]}
    return {"messages": [{**message, "tool_requests": pending}], "pending": pending}


def named(number: int) -> str:
    """How the graph calls a tool request: they are counted through the run."""
    return f"{_CALL}{number}"


def held(content: str) -> dict[str, JsonValue]:
    """The JSON object that a text is, without its empty texts. Raises `ValueError`."""
    value = from_json(content, allow_inf_nan=False)
    if type(value) is not dict:
        raise ValueError("it holds no JSON object")
    return {name: item for name, item in value.items() if item != ""}
