"""Errors as steps keep them, and back: `StepError` <-> `WorkingsError`.

Knows the error tree. Does not know who raised or recorded an error.
"""

from typing import Any

from pydantic import JsonValue

from ..tools.errors import (
    DocumentError,
    GoldError,
    LimitReached,
    ProviderError,
    SettingsError,
    ToolError,
    TraceError,
    WorkingsError,
)
from ..tools.secrets import scrub
from .steps import StepError

_PLAIN: dict[str, type[WorkingsError]] = {
    "SettingsError": SettingsError,
    "ToolError": ToolError,
    "WorkingsError": WorkingsError,
}


def to_step_error(error: BaseException) -> StepError:
    """Return the error as plain data; no key and no traceback in it.

    An error that is not ours becomes a plain `WorkingsError` that names its class.
    """
    if not isinstance(error, WorkingsError):
        text = f"{type(error).__name__}: {error}"
        return StepError(type="WorkingsError", message=scrub(text))
    detail: dict[str, JsonValue] = {}
    if isinstance(error, ProviderError):
        detail = {
            "kind": error.kind,
            "retryable": error.retryable,
            "retry_after": error.retry_after,
            "partial": scrub(error.partial),
        }
    elif isinstance(error, LimitReached):
        detail = {"limit": error.limit}
    elif isinstance(error, DocumentError):
        detail = {"path": None if error.path is None else str(error.path), "page": error.page}
    elif isinstance(error, TraceError | GoldError):
        detail = {"path": None if error.path is None else str(error.path), "line": error.line}
    return StepError(type=type(error).__name__, message=scrub(str(error)), detail=detail)


def to_exception(error: StepError) -> WorkingsError:
    """Return the error to raise; one of a type that is no longer known is a `WorkingsError`."""
    detail: dict[str, Any] = dict(error.detail)
    if error.type == "ProviderError":
        return ProviderError(
            error.message,
            str(detail.get("kind", "server")),
            retryable=bool(detail.get("retryable", False)),
            retry_after=detail.get("retry_after"),
            partial=str(detail.get("partial") or ""),
        )
    if error.type == "LimitReached":
        return LimitReached(error.message, str(detail.get("limit", "unknown")))
    if error.type == "DocumentError":
        return DocumentError(error.message, detail.get("path"), detail.get("page"))
    if error.type == "TraceError":
        return TraceError(error.message, detail.get("path"), detail.get("line"))
    if error.type == "GoldError":
        return GoldError(error.message, detail.get("path"), detail.get("line"))
    return _PLAIN.get(error.type, WorkingsError)(error.message)
