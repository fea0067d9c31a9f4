"""What is taken out of a value before it is written: secrets, and what JSON cannot hold.

One redaction, version r1, used by the recorder and by every key: a replay computes the same key
from the redacted record as the run did from the raw value. So it depends on nothing but the value,
and redacting twice changes nothing. Knows nothing of traces.

A secret becomes `[redacted:KIND:xxxx]`, where xxxx is 16 bits of its hash: equal secrets stay
equal, and too little is kept to guess one from.
"""

import base64
import contextlib
import math
import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Any, TypeVar, cast
from urllib.parse import quote, quote_plus

import orjson
from pydantic import BaseModel
from pydantic_core import to_json

from ..tools.documents import Passage
from .model import Message

VERSION = "r1"
MAX_DEPTH = 64
TOO_DEEP = "[nested too deeply]"

T = TypeVar("T")

_SURROGATES = re.compile("[\ud800-\udfff]")
_LAYOUT = re.compile(r"\\[nrt]|[\s\\]")
_PLACEHOLDER = re.compile(r"\[redacted:[a-z]+:[0-9a-f]{4}\]")
_NAMES = (
    r"(?:x[_-])?api[_-]?key|secret|secret[_-]?(?:access[_-]?)?key|private[_-]?key|access[_-]?key"
    r"|client[_-]?secret|(?:access|auth|refresh|session|id|bearer)?[_-]?token|password|passwd|pwd"
    r"|passphrase|credentials?"
)
_SECRET_NAME = re.compile(
    rf"(?:.*[_-])?(?:{_NAMES})|(?:proxy-)?authorization|(?:set-)?cookie", re.IGNORECASE
)


@dataclass(frozen=True)
class _Rule:
    """A shape of secret. Where the pattern has a group, only that part is replaced."""

    kind: str
    hints: tuple[str, ...]
    """One of these stands in the text in lower case, or the pattern is not tried."""
    pattern: re.Pattern[str]


def _rule(kind: str, hints: str, pattern: str, flags: int = 0) -> _Rule:
    return _Rule(kind, tuple(hints.split()), re.compile(pattern, flags))


# What stands before may be the end of an escape: `\nsk-` in a JSON text, `%20sk-` in a URL.
_ESCAPED = r"(?<=\\[nrtbf])|(?<=\\u[0-9A-Fa-f]{4})|(?<=%[0-9A-Fa-f]{2})"
_START = rf"(?:(?<![A-Za-z0-9_])|{_ESCAPED})"
_WORD = rf"(?:(?<![A-Za-z])|{_ESCAPED})"

# Shapes that are plain by themselves come first: a partial quote of one is still recognised. The
# ones that need a name beside them ask more of the value, so that prose ("Token: 15-minute
# expiry") stays as it was written. Every repetition that may fail after it is bounded, so that no
# text takes more than linear time.
_RULES = (
    _rule(
        "pem",
        "-----begin",
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        re.DOTALL,
    ),
    _rule("sk", "sk-", _START + r"sk-(?=[A-Za-z_-]{0,200}[0-9])[A-Za-z0-9_-]{16,}"),
    _rule("tvly", "tvly-", _START + r"tvly-[A-Za-z0-9_-]{8,}"),
    _rule(
        "jwt",
        "eyj",
        _START + r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",
    ),
    _rule(
        "aws",
        "akia asia",
        r"(?:(?<![A-Z0-9])|(?<=%[0-9A-F]{2}))(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Z0-9])",
    ),
    _rule("github", "ghp_ gho_ ghu_ ghs_ ghr_", _START + r"gh[pousr]_[A-Za-z0-9]{20,}"),
    _rule("github", "github_pat_", _START + r"github_pat_[A-Za-z0-9_]{20,}"),
    _rule("slack", "xox", _START + r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
    _rule("google", "aiza", _START + r"AIza[0-9A-Za-z_-]{30,}"),
    _rule("hf", "hf_", _START + r"hf_[A-Za-z0-9]{20,}"),
    # base64 of "sk-", "tvly-" and "Bearer "
    _rule(
        "base",
        "c2st dhzses qmvhcmvy",
        _START + r"(?:c2st|dHZseS|QmVhcmVy)[A-Za-z0-9+/_-]{16,}={0,2}",
    ),
    _rule("userinfo", "://", r"(?<=://)([^\s/@:\[\]\"']{0,300}:[^\s/@\[\]\"']{1,300})(?=@)"),
    _rule(
        "auth",
        "bearer",
        _START + r"bearer(?:\s|%20)+((?=[A-Za-z._~+/=-]{0,200}[0-9])[A-Za-z0-9._~+/=-]{12,})",
        re.IGNORECASE,
    ),
    _rule(
        "auth",
        "authorization",
        r"authorization\\?[\"']?\s*[:=]\s*\\?[\"']?"
        r"(?:(?:bearer|basic|token)\s+)?([A-Za-z0-9._~+/=-]{12,})",
        re.IGNORECASE,
    ),
    _rule(
        "cookie",
        "cookie",
        _START + r"cookie:\s*([\w.-]{1,80}=[^\s;\[\"\\]+"
        r"(?:;\s*[\w.-]{1,80}(?:=[^\s;\[\"\\]*)?){0,50})",
        re.IGNORECASE,
    ),
    # "password": "...", also when the JSON is itself inside a JSON string
    _rule(
        "value",
        "key secret token pass pwd credential",
        rf"\\?[\"'](?:[\w-]{{0,80}}[_-])?(?:{_NAMES})\\?[\"']\s*:\s*\\?[\"']([^\"'\\\[][^\"'\\]*)",
        re.IGNORECASE,
    ),
    _rule(
        "value",
        "key secret token pass pwd credential",
        rf"{_WORD}(?:{_NAMES})\s*(?:=|%3d)\s*[\"']?([^\s\"'&,;<>\[\](){{}}\\]{{6,}})",
        re.IGNORECASE,
    ),
    _rule(
        "value",
        "key secret token pass pwd credential",
        rf"{_WORD}(?:{_NAMES})\s*:\s*"
        r"((?=[^\s\"'&,;]{0,200}[0-9])(?=[^\s\"'&,;]{0,200}[A-Za-z])[^\s\"'&,;<>\[\](){}\\]{16,})",
        re.IGNORECASE,
    ),
)


_HINTS = tuple(dict.fromkeys(hint for rule in _RULES for hint in rule.hints))
_NAME_HINTS = ("key", "token", "pass")
_PLAIN_HINTS = (
    *(hint.encode() for hint in _HINTS if hint not in _NAME_HINTS),
    # letters that are lower-cased to ASCII ones
    "\u212a".encode(),
    "\u0130".encode(),
)
_SHORTEST = 8
"""No shape of secret is shorter."""
_hidden: ContextVar[tuple[str, ...]] = ContextVar("workings_hidden", default=())


@contextlib.contextmanager
def hiding(secrets: Sequence[str]) -> Iterator[None]:
    """Inside, `redact` takes these values out too, as do all hashes and keys.

    So the keys of a run are those that its record, where they stand no more, gives again.
    """
    token = _hidden.set(_forms(tuple(secrets)))
    try:
        yield
    finally:
        _hidden.reset(token)


def hide(secrets: Sequence[str]) -> None:
    """`hiding`, until the end of this context."""
    _hidden.set(_forms(tuple(secrets)))


def hidden() -> tuple[str, ...]:
    """What is taken out here besides the shapes: what remembers a redacted value asks this too."""
    return _hidden.get()


@lru_cache(maxsize=64)
def _forms(secrets: tuple[str, ...]) -> tuple[str, ...]:
    """Each secret as it is, URL-encoded, and in base64 wherever in the encoded text it stands."""
    found = []
    for secret in secrets:
        if len(secret) < _SHORTEST:
            continue
        found += [secret, quote(secret, safe=""), quote_plus(secret)]
        data = secret.encode("utf-8", "replace")
        for offset in range(3):
            encoded = base64.b64encode(bytes(offset) + data).decode()
            # signs that hold bits of what stands before or after
            whole = encoded[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6]
            found += [whole, whole.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(found))


def redact(value: T, secrets: Sequence[str] = ()) -> T:
    """The same value without secrets, and one that JSON can hold; the same object if clean.

    Takes JSON values and pydantic models, nested. `secrets` are further literal values to take
    out (keys that were configured), whatever they look like, as are those of `hiding`. Also
    replaced: lone surrogates (by U+FFFD), numbers that are not finite (by their name), nesting
    deeper than 64 levels.
    """
    known = tuple(dict.fromkeys((*_forms(tuple(secrets)), *_hidden.get())))
    # a step is long, and most of it (messages, tools) was seen before: it is taken part by part
    parts = getattr(getattr(value, "request", None), "messages", ())
    if not isinstance(value, str) and not parts and _clean(value, known):
        return value
    return cast(T, _walk(value, known, 0))


def _clean(value: object, secrets: tuple[str, ...]) -> bool:
    """Whether there is nothing to take out, seen at a glance; False where that cannot be told."""
    if secrets:
        return False
    try:
        data = to_json(value, exclude_none=True, inf_nan_mode="constants")
    except (ValueError, TypeError, RecursionError):  # a lone surrogate, or what is no JSON
        return False
    if b"null" in data and not _plain(value):
        # in a model a number that is not finite is written as null
        return False
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH:
        return False
    lower = data.lower()
    for hint in _PLAIN_HINTS:
        if hint in lower:
            return False
    # of the words that names of secrets are made of, those in names of our own fields
    return (
        lower.count(b"token") == lower.count(b'tokens":')
        and lower.count(b"pass") == lower.count(b"passage")
        and lower.count(b"key") == lower.count(b'"key":"')
        and b"nan" not in lower
        and b"infinity" not in lower
    )


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
    if isinstance(value, str) and value and isinstance(key, str) and _secret_name(key):
        return value if _PLACEHOLDER.fullmatch(value) else _placeholder("value", value)
    return _walk(value, secrets, depth + 1)


@lru_cache(maxsize=2048)
def _secret_name(key: str) -> bool:
    return len(key) <= 80 and _SECRET_NAME.fullmatch(key) is not None


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


def _text(text: str, secrets: tuple[str, ...]) -> str:
    if not text.isascii():
        text = _SURROGATES.sub("\ufffd", text)
    for secret in secrets:
        if secret in text:
            text = text.replace(secret, _placeholder("known", secret))
    if len(text) < _SHORTEST:
        return text
    if len(text) > 200:
        return _replace(text, None)
    # the same object where nothing was taken out, so that what holds it need not be copied
    return text if (short := _short(text)) == text else short


@lru_cache(maxsize=4096)
def _short(text: str) -> str:
    # names of fields, ids, kinds: the same few again and again
    return _replace(text, None)


def _replace(text: str, found: list[tuple[str, str]] | None) -> str:
    lower = text.lower()
    hints = {hint for hint in _HINTS if hint in lower}
    if not hints:
        return text
    for rule in _RULES:
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
