"""What is taken out of a value before it is written: secrets, and what JSON cannot hold.

One redaction, version r1, used by the recorder and by every key: a replay computes the same key
from the redacted record as the run did from the raw value. So it depends on nothing but the value,
and redacting twice changes nothing. Knows nothing of traces.

A secret becomes `[redacted:KIND:xxxx]`, where xxxx is 16 bits of its hash: equal secrets stay
equal, and too little is kept to guess one from.
"""

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar, cast

from ahocorasick_rs import AhoCorasick, MatchKind
from pydantic import BaseModel
from pydantic_core import to_json

from ..tools.documents import Passage
from .hidden import SHORTEST, forms, hidden
from .model import Message
from .shapes import HINTS, RULES, SECRET_NAME

VERSION = "r1"
MAX_DEPTH = 64
TOO_DEEP = "[nested too deeply]"

T = TypeVar("T")

_SURROGATES = re.compile("[\ud800-\udfff]")
_LAYOUT = re.compile(r"\\[nrt]|[\s\\]")
_PLACEHOLDER = re.compile(r"\[redacted:[a-z]+:[0-9a-f]{4}\]")
_OURS = ('"key":"', 'tokens":', "passage")
"""Where hints stand in names of fields of ours."""


_NO_NUMBERS = {"nan": "NaN", "infinity": "Infinity"}
_WORDS = (*HINTS, *_OURS, "null", *_NO_NUMBERS)
_IN_TEXT = AhoCorasick(HINTS)
# the longest, so that `pass` is not found in `passage`; no hint begins within one of ours
_IN_JSON = AhoCorasick(_WORDS, matchkind=MatchKind.LeftmostLongest)


def redact(value: T, secrets: Sequence[str] = ()) -> T:
    """The same value without secrets, and one that JSON can hold; the same object if clean.

    Takes JSON values and pydantic models, nested. `secrets` are further literal values to take
    out (keys that were configured), whatever they look like, as are those of `hiding`. Also
    replaced: lone surrogates (by U+FFFD), numbers that are not finite (by their name), nesting
    deeper than 64 levels.
    """
    known = sought(secrets)
    # a step is long, and most of it (messages, tools) was seen before: it is taken part by part
    parts = getattr(getattr(value, "request", None), "messages", ())
    if not isinstance(value, str) and not parts and _clean(value, known):
        return value
    return cast(T, _walk(value, known, 0))


def sought(secrets: Sequence[str]) -> tuple[str, ...]:
    """The literal values that are taken out here, in all their forms."""
    if not secrets:
        return hidden()
    return tuple(dict.fromkeys((*forms(tuple(secrets)), *hidden())))


def _clean(value: object, secrets: tuple[str, ...]) -> bool:
    """Whether there is nothing to take out, seen at a glance; False where that cannot be told."""
    try:
        data = to_json(value, exclude_none=True, inf_nan_mode="constants")
    except (ValueError, TypeError, RecursionError):  # a lone surrogate, or what is no JSON
        return False
    # a lone surrogate in a name that stands in a model is written as this sign
    return b"\xef\xbf\xbd" not in data and clean_json(value, data, secrets)


def clean_json(value: object, data: bytes, secrets: tuple[str, ...]) -> bool:
    """Whether there is nothing to take out of a value, seen at a glance at `data`, its JSON.

    False may be untrue. `secrets` are those of `sought`.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError:  # a lone surrogate
        return False
    for secret in _in_json(secrets) if secrets else ():
        if secret in text:
            return False
    if len(text) > 2 * MAX_DEPTH and text.count("{") + text.count("[") > MAX_DEPTH:
        return False
    null = False
    for place, _, _ in _IN_JSON.find_matches_as_indexes(text.lower()):
        word = _WORDS[place]
        if word == "null":
            null = True
        elif word in _NO_NUMBERS:
            if _NO_NUMBERS[word] in text:
                return False
        elif word not in _OURS:
            return False
    # there a number that is not finite may stand as null
    return not null or _finite(value)


@lru_cache(maxsize=64)
def _in_json(secrets: tuple[str, ...]) -> tuple[str, ...]:
    texts = (secret.encode("utf-8", "replace").decode() for secret in secrets)
    return tuple(to_json(text)[1:-1].decode() for text in texts)


def _finite(value: object) -> bool:
    """Whether every number in it is finite."""
    found: list[Any] = [value]
    for item in found:
        kind = type(item)
        if kind is str or item is None:
            continue
        if kind is float:
            if not math.isfinite(item):
                return False
        elif kind is dict:
            found += item.values()
        elif kind is list or kind is tuple:
            found += item
        elif hasattr(item, "__pydantic_fields_set__"):
            found += item.__dict__.values()
    return True


def find_secrets(text: str) -> tuple[tuple[str, str], ...]:
    """The secrets in a text as (kind, secret) pairs, in the order of the rules."""
    found: list[tuple[str, str]] = []
    _replace(text, found)
    return tuple(found)


def _walk(value: object, secrets: tuple[str, ...], depth: int) -> object:
    if isinstance(value, str):
        return _text(value, secrets)
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth > MAX_DEPTH:
        return TOO_DEEP
    if isinstance(value, Message | Passage) and not secrets:
        return _remembered(value)
    if isinstance(value, BaseModel):
        return _model(value, secrets, depth)
    if isinstance(value, dict):
        if not depth or not _clean(value, secrets):
            return _dict(value, secrets, depth)
        return value
    if isinstance(value, list | tuple):
        walked = [_walk(item, secrets, depth + 1) for item in value]
        if all(a is b for a, b in zip(walked, value, strict=True)):
            return value
        return walked if isinstance(value, list) else tuple(walked)
    return value


def _dict(value: dict[Any, object], secrets: tuple[str, ...], depth: int) -> dict[Any, object]:
    changed = False
    made = {}
    for key, item in value.items():
        name = _text(key, secrets) if isinstance(key, str) else key
        walked = _entry(key, item, secrets, depth)
        made[name] = walked
        changed = changed or name is not key or walked is not item
    return made if changed else value


def _entry(key: object, value: object, secrets: tuple[str, ...], depth: int) -> object:
    secret = isinstance(key, str) and secret_name(key)
    # what becomes a text is one when it is redacted again
    found = value if secret and isinstance(value, str) else _walk(value, secrets, depth + 1)
    if secret and isinstance(found, str) and found:
        return found if _PLACEHOLDER.fullmatch(found) else _placeholder("value", found)
    return found


@lru_cache(maxsize=2048)
def secret_name(key: str) -> bool:
    """Whether what stands under this name is a secret."""
    return len(key) <= 80 and SECRET_NAME.fullmatch(key) is not None


@lru_cache(maxsize=2048)
def _remembered(value: Message | Passage) -> BaseModel:
    # a run sends the same messages, and hands on the same passages, again and again
    return value if _clean(value, ()) else _model(value, (), 0)


def _model(model: BaseModel, secrets: tuple[str, ...], depth: int) -> BaseModel:
    changed = {}
    for name, value in model.__dict__.items():
        walked = _entry(name, value, secrets, depth)
        if walked is not value:
            changed[name] = walked
    return model.model_copy(update=changed) if changed else model


def clean_text(text: str, secrets: tuple[str, ...]) -> bool:
    """Whether there is nothing to take out of a text; `secrets` are those of `sought`."""
    return _text(text, secrets) is text


def _text(text: str, secrets: tuple[str, ...]) -> str:
    if not text.isascii() and _SURROGATES.search(text):
        text = _SURROGATES.sub("\ufffd", text)
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, _placeholder("known", secret))
    if len(text) < SHORTEST:
        return text
    # the same object where nothing was taken out, so that what holds it need not be copied
    made = _replace(text, None) if len(text) > 200 else _short(text)
    return text if made == text else made


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    # names of fields, ids, kinds: the same few again and again
    return _replace(text, None)


def _hints(lower: str) -> set[str]:
    """The hints in a text; not `pass` where it is always that of `passage`."""
    found = _IN_TEXT.find_matches_as_indexes(lower, overlapping=True)
    hints = {HINTS[place] for place, _, _ in found}
    if "pass" in hints and lower.count("pass") == lower.count("passage"):
        hints.remove("pass")
    return hints


def _replace(text: str, found: list[tuple[str, str]] | None) -> str:
    hints = _hints(text.lower())
    if not hints:
        return text
    for rule in RULES:
        if hints.isdisjoint(rule.hints):
            continue

        def put(match: re.Match[str], kind: str = rule.kind) -> str:
            group = 1 if match.re.groups else 0
            secret = match.group(group)
            if _PLACEHOLDER.search(secret):
                return match.group()
            if found is not None:
                found.append((kind, secret))
            before = match.group()[: match.start(group) - match.start()]
            after = match.group()[match.end(group) - match.start() :]
            return before + _placeholder(kind, secret) + after

        text = rule.pattern.sub(put, text)
    return text


def _placeholder(kind: str, secret: str) -> str:
    # the same in a text and in that text within a JSON text
    plain = _LAYOUT.sub("", secret)
    short = blake2b(plain.encode("utf-8", "replace"), digest_size=2).hexdigest()
    return f"[redacted:{kind}:{short}]"
