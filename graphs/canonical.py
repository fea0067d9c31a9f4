"""One way to write a value as bytes, and the content hashes and keys made of it (version c1).

Knows values and requests; knows nothing of files or of who compares the keys.

Canonical: JSON in UTF-8 without spaces, keys sorted, models without the fields that have their
default (so that a field added later changes no older hash). Hashes and keys are blake2b-128 in hex
over the *redacted* value, so that a replay finds the key that the run had.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, cast

import orjson
from pydantic import BaseModel
from pydantic_core import from_json

from .fields import holds_json, plain_defaults
from .hidden import hidden
from .model import Message, ModelRequest
from .redact import redact

VERSION = "c1"
MARK = 16
"""Hex digits of a key, and of the hash of what a node wrote. Older traces have 32 of them."""
_EMPTY = blake2b(digest_size=16)
"""Copied for every hash, which takes less time than to set one up."""


def canonical(value: object) -> bytes:
    """The value as canonical JSON. Raises `TypeError` for what JSON cannot hold."""
    try:
        return orjson.dumps(value, _plain, _SORTED)
    except TypeError:
        return _long_way(value)


@lru_cache(maxsize=256)
def quoted(name: str) -> bytes:
    """The name of a value of a state as canonical JSON: the same few again and again."""
    return canonical(name)


def digest(data: bytes) -> str:
    """blake2b-128 in hex."""
    hash = _EMPTY.copy()
    hash.update(data)
    return hash.hexdigest()


def mark(data: bytes) -> str:
    """The first 64 bits of `digest`: what the records of one trace are held to, line by line."""
    return digest(data)[:MARK]


def content_hash(value: object) -> str:
    """The hash of a JSON value or model, as it would be recorded (redacted)."""
    return digest(canonical(redact(value)))


def message_hash(message: Message) -> str:
    """`content_hash` of a message, remembered: a run sends its messages with every request."""
    return _message_hash(message, hidden())


@lru_cache(maxsize=2048)
def _message_hash(message: Message, hidden: tuple[str, ...]) -> str:
    return content_hash(message)


@lru_cache(maxsize=64)
def _hash_of(data: bytes, hidden: tuple[str, ...]) -> str:
    # the same tools are offered with every request
    try:
        return content_hash(from_json(data))
    except ValueError:  # a lone surrogate
        return content_hash(json.loads(data.decode("utf-8", "surrogatepass")))


def request_key(scope: str, request: ModelRequest) -> str:
    """The key of a model call: everything the model is given, and where in the graph (`scope`)."""
    return key_of_request(
        scope,
        request.model,
        redact(request.params),
        _hash_of(canonical(request.tools), hidden()),
        content_hash(request.output),
        [message_hash(message) for message in request.messages],
    )


def tool_key(scope: str, name: str, arguments: Mapping[str, object] | None) -> str:
    """The key of a tool call: its name and parsed arguments, and where in the graph (`scope`)."""
    plain = None if arguments is None else dict(arguments)
    return key_of_call(scope, redact(name), redact(plain))


def key_of_request(
    scope: str,
    model: str,
    params: Mapping[str, object],
    tools: str,
    output: str,
    messages: Sequence[str],
) -> str:
    """`request_key` of parts that are redacted; tools, output and messages by their hashes."""
    return mark(canonical([VERSION, scope, model, params, tools, output, messages]))


def key_of_call(scope: str, name: str, arguments: object) -> str:
    """`tool_key` of parts that are redacted."""
    return mark(canonical([VERSION, scope, name, arguments]))


def plain(model: BaseModel) -> dict[str, Any]:
    """The fields of a model that have not their default; what is in them need not be plain yet."""
    kind = type(model)
    defaults = plain_defaults(kind)
    if defaults is None:
        return model.model_dump(mode="json", exclude_defaults=True)
    if not holds_json(kind):
        # what `model_dump` does, at half its cost
        dumped: dict[str, Any] = kind.__pydantic_serializer__.to_python(
            # what was redacted may be a text in the place of a number
            model,
            exclude_defaults=True,
            warnings=False,
        )
        return dumped
    values, usual = model.__dict__, defaults.get
    return {
        name: value
        # what was not set has its default
        for name in model.__pydantic_fields_set__
        # most defaults are the same object; to compare a model with None is slow
        if (value := values[name]) is not (default := usual(name, _NO_DEFAULT))
        and (default is None or default is _NO_DEFAULT or value != default)
    }


def _plain(value: object) -> object:
    # to ask `isinstance` of a model is slow
    if hasattr(value, "__pydantic_fields_set__"):
        return plain(cast(BaseModel, value))
    if isinstance(value, orjson.Fragment):
        return json.loads(value.contents)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON: {value!r:.80}")


def _long_way(value: object) -> bytes:
    try:
        with contextlib.suppress(TypeError):
            return orjson.dumps(_with_large(value), _plain, _SORTED)
        # lone surrogates, names that are no texts, what is nested deeper than is ever recorded
        text = json.dumps(
            value, default=_plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
    except ValueError as error:
        # more digits than Python writes, or a list that holds itself
        raise TypeError(f"it cannot be written as JSON: {error}") from None
    return text.encode("utf-8", "surrogatepass")


def _with_large(value: Any) -> Any:
    """The value with its integers over 64 bits, which orjson refuses, as they are written.

    So all else is written as in every other value: a line of a trace is written in parts.
    """
    if hasattr(value, "__pydantic_fields_set__"):
        value = plain(value)
    kind = type(value)
    if kind is dict:
        return {name: _with_large(item) for name, item in value.items()}
    if kind is list or kind is tuple:
        return list(map(_with_large, value))
    if kind is int and not _LEAST <= value <= _MOST:
        return orjson.Fragment(str(value))
    return value


_LEAST, _MOST = -(2**63), 2**64 - 1
_SORTED = orjson.OPT_SORT_KEYS
_NO_DEFAULT = object()
