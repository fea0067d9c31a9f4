"""What a model service did wrong, in plain words: any exception -> `ProviderError`.

Reads exceptions by shape (status code, body, class name), so that it serves every provider's
client and imports none. Knows nothing of retries. No message ever holds a key: what a service says
about authentication is not quoted at all, and the rest is scrubbed.
"""

import email.utils
import json
import re
import ssl
import time
from collections.abc import Iterator
from typing import Any

from ..tools.errors import ProviderError
from ..tools.secrets import scrub

_QUOTE_LIMIT = 160
_CONTEXT = re.compile(
    r"context.{0,20}(length|window|size|limit)|prompt is too long|too many tokens|exceeds? the "
    r"(configured |available )?(limit|context)|maximum context",
    re.IGNORECASE,
)
_UNSUPPORTED = re.compile(
    r"not support|unsupported|does not allow|unrecognized (request )?argument|unknown parameter",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content.?(filter|management|policy)|moderation", re.IGNORECASE)
_CANNOT_PARSE = re.compile(r"failed to parse|parse error", re.IGNORECASE)


def explain(error: BaseException, service: str, secrets: tuple[str, ...] = ()) -> ProviderError:
    """Return the `ProviderError` that says what happened; one that is one already comes back.

    `service` is how the service is called in the text ("the model service at HOST"). `secrets`
    are taken out of whatever is quoted.
    """
    if isinstance(error, ProviderError):
        return error
    for link in _chain(error):
        if isinstance(link, ProviderError):
            return link
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _from_status(error, status, service, secrets)
    return _from_class(error, service, secrets)


def retry_after(headers: Any, now: float | None = None) -> float | None:
    """Seconds a service asks to wait (Retry-After as seconds or date, retry-after-ms), or None.

    None also for what cannot be used: negative, not a number, not a date.
    """
    try:
        milliseconds = headers.get("retry-after-ms")
        text = headers.get("retry-after")
    except AttributeError:
        return None
    for value, scale in ((milliseconds, 0.001), (text, 1.0)):
        try:
            seconds = float(value) * scale
        except (TypeError, ValueError):
            continue
        return seconds if 0 <= seconds < float("inf") else None
    try:
        when = email.utils.parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return max(0.0, when.timestamp() - (time.time() if now is None else now))


def _from_status(
    error: BaseException, status: int, service: str, secrets: tuple[str, ...]
) -> ProviderError:
    code, said = _body(error)
    quote = _quoted(said, secrets)
    where = f"(HTTP {status})"
    if 300 <= status < 400:
        return ProviderError(
            f"{service} answered with a redirect {where}. It was not followed, so that the key "
            "goes nowhere else. Check the base URL.",
            "bad_response",
        )
    if status == 401:
        return ProviderError(f"{service} refused the API key {where}. Check the key.", "auth")
    if status == 403:
        return ProviderError(
            f"{service} does not allow this request {where}. Check that the key may use this "
            "model from here.",
            "auth",
        )
    if status == 402 or (status == 429 and "quota" in code):
        return ProviderError(
            f"{service} says that the quota or credit is used up {where}. Check plan and billing.",
            "quota",
        )
    if status == 404:
        return ProviderError(
            f"{service} does not know this model or address {where}{quote}. Check the model's name "
            "and the base URL.",
            "not_found",
        )
    headers = getattr(getattr(error, "response", None), "headers", None)
    if status == 429:
        return ProviderError(
            f"{service} allows no more requests for now {where}.",
            "rate_limit",
            retryable=True,
            retry_after=retry_after(headers),
        )
    if status == 408:
        return ProviderError(f"{service} gave up waiting {where}.", "timeout", retryable=True)
    if status >= 500:
        return _server(said, status, f"{service} failed {where}{quote}.", headers)
    return _bad_request(code, said, f"{service} refused the request {where}{quote}.", status)


def _server(said: str, status: int, text: str, headers: Any) -> ProviderError:
    if status == 501:
        return ProviderError(text, "unsupported")
    if _CANNOT_PARSE.search(said):
        return ProviderError(
            f"{text} It could not read what its own model wrote, often a tool call that was cut "
            "at the output limit.",
            "bad_response",
        )
    return ProviderError(text, "server", retryable=True, retry_after=retry_after(headers))


def _bad_request(code: str, said: str, text: str, status: int) -> ProviderError:
    if "context_length" in code or _CONTEXT.search(said) or status == 413:
        return ProviderError(
            f"{text} The prompt is longer than the model can read: lower the passage budget.",
            "context_length",
        )
    if "content_filter" in code or _FILTERED.search(said):
        return ProviderError(
            f"{text} Its content filter stopped the question or a passage.", "content_filter"
        )
    if "unsupported" in code or _UNSUPPORTED.search(said):
        return ProviderError(
            f"{text} The model cannot do what was asked of it: choose another decision or output "
            "method, or leave that setting out.",
            "unsupported",
        )
    return ProviderError(text, "bad_request")


def _from_class(error: BaseException, service: str, secrets: tuple[str, ...]) -> ProviderError:
    names = " ".join(kind.__name__ for link in _chain(error) for kind in type(link).__mro__)
    quote = _quoted(str(error), secrets)
    if "LengthFinishReason" in names:
        return ProviderError(f"{service} cut its answer at the output limit.", "truncated")
    if "ContentFilter" in names:
        return ProviderError(f"{service} held its answer back (content filter).", "content_filter")
    if "ContextOverflow" in names:
        return ProviderError(
            f"{service}: the prompt is longer than the model can read. Lower the passage budget.",
            "context_length",
        )
    if "Authentication" in names or "PermissionDenied" in names:
        return ProviderError(f"{service} refused the API key. Check the key.", "auth")
    if "RateLimit" in names:
        return ProviderError(
            f"{service} allows no more requests for now.", "rate_limit", retryable=True
        )
    if "Timeout" in names:
        return ProviderError(f"{service} did not answer in time.", "timeout", retryable=True)
    if "NotImplementedError" in names:
        return ProviderError(
            f"{service} cannot do what was asked of it{quote}. Choose another decision or output "
            "method.",
            "unsupported",
        )
    if any(isinstance(link, ssl.SSLCertVerificationError) for link in _chain(error)):
        return ProviderError(
            f"{service} has a certificate that cannot be trusted{_reason(error, secrets)}.",
            "connection",
        )
    if any(word in names for word in ("ConnectionError", "ConnectError", "TransportError")):
        return ProviderError(
            f"{service} cannot be reached{_reason(error, secrets)}.", "connection", retryable=True
        )
    if "APIError" in names:
        return ProviderError(f"{service} reported an error{quote}.", "server", retryable=True)
    if isinstance(error, UnicodeEncodeError):
        return ProviderError(
            "the question or a passage holds a character that cannot be sent (a lone surrogate).",
            "bad_request",
        )
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return ProviderError(f"{service} sent something that is not valid JSON.", "bad_response")
    if "No generation chunks" in str(error):
        return ProviderError(f"{service} sent no answer at all.", "empty")
    if isinstance(error, AttributeError | LookupError | RecursionError | TypeError):
        # A client tripped over the shape of what it was sent; its own words would help nobody.
        quote = ""
    return ProviderError(
        f"{service} sent something that is not an answer ({type(error).__name__}{quote}).",
        "bad_response",
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)


def _body(error: BaseException) -> tuple[str, str]:
    """Error code and type in one string, and the service's own words."""
    body = getattr(error, "body", None)
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = body["error"]
    if not isinstance(body, dict):
        return "", ""
    code = f"{body.get('code') or ''} {body.get('type') or ''}"
    said = body.get("message")
    return code, said if isinstance(said, str) else ""


def _quoted(said: str, secrets: tuple[str, ...]) -> str:
    """The service's words for use in ours: one short line without keys, nothing of a page."""
    if not said or "<" in said:
        return ""
    line = scrub(" ".join(said.split()), *secrets)
    line = "".join(letter for letter in line if letter.isprintable()).rstrip(".")
    if len(line) > _QUOTE_LIMIT:
        line = line[:_QUOTE_LIMIT] + "..."
    return f": {line!r}"


def _reason(error: BaseException, secrets: tuple[str, ...]) -> str:
    """The innermost cause of a failed connection, which is the one that helps."""
    *_, innermost = _chain(error)
    return _quoted(str(innermost), secrets)
