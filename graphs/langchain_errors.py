"""Errors of a user's graph as plain data, and raised again of the same type where that is known.

Knows the built-in errors, two of LangChain's and those that were named. Knows nothing of requests,
of replies or of what is done about an error.
"""

import builtins

from langchain_core.exceptions import OutputParserException
from langchain_core.tools import ToolException
from pydantic import JsonValue

from ..tools.errors import WorkingsError
from ..tools.secrets import scrub
from .errors import to_exception, to_step_error
from .steps import StepError
from .values import Values

_ERRORS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in (
        *vars(builtins).items(),
        ("ToolException", ToolException),
        ("OutputParserException", OutputParserException),
    )
    if isinstance(kind, type) and issubclass(kind, Exception)
}


class RecordedError(Exception):
    """An error of a type that is not built in, as it was recorded: same name, text and `repr`."""

    def __init__(self, message: str, shown: str):
        super().__init__(message)
        self.shown = shown

    def __repr__(self) -> str:
        return self.shown


def error_of(error: BaseException, values: Values) -> StepError:
    """The error as plain data."""
    if isinstance(error, WorkingsError):
        return to_step_error(error)
    detail: dict[str, JsonValue] = {"repr": scrub(repr(error))[:2000]}
    if type(error).__name__ in _ERRORS or type(error).__qualname__ in values.types:
        detail["args"] = values.encode(list(error.args))
    return StepError(type=type(error).__qualname__, message=scrub(str(error)), detail=detail)


def exception_of(error: StepError, values: Values) -> Exception:
    """The error to raise: of the same type when that is built in or was named, else a namesake."""
    if "repr" not in error.detail:
        return to_exception(error)
    named = values.types.get(error.type)
    kind = named if named is not None and issubclass(named, Exception) else _ERRORS.get(error.type)
    if kind is not None and "args" in error.detail:
        try:
            return kind(*values.decode(error.detail["args"]))
        except Exception as problem:  # one that wants other arguments than it keeps
            detail = f"{error.message} [{problem}]" if not error.message else error.message
            return _namesake(error, detail)
    return _namesake(error, error.message)


def _namesake(error: StepError, message: str) -> RecordedError:
    name = error.type.rpartition(".")[2]
    kind = type(name if name.isidentifier() else "RecordedError", (RecordedError,), {})
    made: RecordedError = kind(message, str(error.detail.get("repr", message)))
    return made
