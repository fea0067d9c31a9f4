"""What is taken out of a value before it is written: secrets, and what JSON cannot hold.

One redaction, version r1, used by the recorder and by every key: a replay computes the same key
from the redacted record as the run did from the raw value. So it depends on nothing but the value,
and redacting twice changes nothing. Knows nothing of traces.

A secret becomes `[redacted:KIND:xxxx]`, where xxxx is 16 bits of its hash: equal secrets stay
equal, and too little is kept to guess one from.
"""

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar, cast

import orjson
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
_NAME_HINTS = ("key", "token", "pass")
_PLAIN_HINTS = (
    *(hint for hint in HINTS if hint not in _NAME_HINTS),
    # letters that are lower-cased to ASCII ones
    "\u212a",
    "\u0130",
)


def _by_sign(hints: Iterable[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The hints by the rarest sign in each."""
    found: dict[str, tuple[str, ...]] = {}
    for hint in hints:
        place = next((sign for sign in "zqjx2w/vkyb_-" if sign in hint), hint[0])
        found[place] = (*found.get(place, ()), hint)
    return tuple(found.items())


_TEXT_BY_SIGN = _by_sign(HINTS)
_BY_SIGN = tuple(
    (sign.encode(), tuple(hint.encode() for hint in words))
    for sign, words in _by_sign(_PLAIN_HINTS)
)


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
    if b"null" in data and not _plain(value):
        # in a model a number that is not finite is written as null
        return False
    return b"NaN" not in data and b"Infinity" not in data and _glance(data, secrets)


def _glance(data: bytes, secrets: tuple[str, ...]) -> bool:
    for secret in _in_json(secrets):
        if secret in data:
            return False
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        return False
    lower = data.lower()
    for sign, hints in _BY_SIGN:
        # one byte is looked for many times as fast as a word
        if sign in lower:
            for hint in hints:
                if hint in lower:
                    return False
    # of the words that names of secrets are made of, those in names of our own fields
    return (
        lower.count(b"token") == lower.count(b'tokens":')
        and lower.count(b"pass") == lower.count(b"passage")
        and lower.count(b"key") == lower.count(b'"key":"')
    )


@lru_cache(maxsize=64)
def _in_json(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(to_json(secret.encode("utf-8", "replace").decode())[1:-1] for secret in secrets)


def _plain(value: object) -> bool:
    """Whether there is no model in it."""
    try:
        orjson.dumps(value)
    except TypeError:
        return False
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
    if isinstance(value, str) and value and isinstance(key, str) and secret_name(key):
        return value if _PLACEHOLDER.fullmatch(value) else _placeholder("value", value)
    return _walk(value, secrets, depth + 1)


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
    hints = set()
    for sign, words in _TEXT_BY_SIGN:
        # one sign is looked for many times as fast as a word
        if sign in lower:
            for hint in words:
                if hint in lower:
                    hints.add(hint)
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
