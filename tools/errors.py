"""Every error Workings raises on purpose, sorted by who must act. Knows nothing of the rest.

    WorkingsError                 catch this one to catch them all
    ├── SettingsError             the user: a setting, an argument or a folder is not usable
    ├── DocumentError(path, page) the user: this document cannot be read (the others still are)
    ├── ToolError                 the model: the call was wrong; the text goes back to it
    ├── ProviderError(kind)       the operator: what the model or search service did, in plain words
    ├── LimitReached(limit)       the operator: a ceiling we check ourselves stopped the run
    ├── TraceError(path, line)    the user: this trace cannot be read
    └── GoldError(path, line)     the user: this gold set cannot be read

Messages quote the value, say what was expected and what to do next. An error that ends a run
carries the run's trace as `.trace`. Errors never log or print themselves.
"""

from pathlib import Path
from typing import Any


class WorkingsError(Exception):
    """The root of the tree."""

    trace: Any = None
    """The `Trace` of the run that this error ended, when there is one."""


class SettingsError(WorkingsError):
    """A setting, argument or path given by the user cannot be used."""


class DocumentError(WorkingsError):
    """A document cannot be read."""

    def __init__(self, message: str, path: str | Path | None = None, page: int | None = None):
        super().__init__(message)
        self.path = path
        self.page = page


class ToolError(WorkingsError):
    """A tool call cannot be carried out; its text is what the model is told."""


class ProviderError(WorkingsError):
    """What a model or search service did, in plain words, with no key in it.

    `kind` is one of: auth, not_found, rate_limit, quota, bad_request, context_length, unsupported,
    server, timeout, connection, bad_response, empty, truncated, content_filter, refusal.
    `retryable` says whether the same request may succeed later; `retry_after` is the service's
    own wish in seconds, when it gave a usable one.
    """

    def __init__(
        self,
        message: str,
        kind: str,
        retryable: bool = False,
        retry_after: float | None = None,
        partial: str = "",
    ):
        super().__init__(message)
        self.kind = kind
        self.retryable = retryable
        self.retry_after = retry_after
        self.partial = partial
        """Text that had already arrived when the service failed; never an answer."""


class LimitReached(WorkingsError):
    """A ceiling of this run was reached; `limit` names it (requests, tool_calls, deadline, ...)."""

    def __init__(self, message: str, limit: str):
        super().__init__(message)
        self.limit = limit


class TraceError(WorkingsError):
    """A trace cannot be read or is damaged."""

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None):
        super().__init__(message)
        self.path = path
        self.line = line


class GoldError(WorkingsError):
    """A gold set cannot be read; names file and line."""

    def __init__(self, message: str, path: str | Path | None = None, line: int | None = None):
        super().__init__(message)
        self.path = path
        self.line = line
