"""What a tool is: a typed async function with a name, a JSON schema and an effect.

Knows nothing of any particular tool, nor of who calls it. A plain typed function with a docstring
becomes one with `tool(fn)`; its docstring is what the model reads.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_type_hints, overload

from pydantic import JsonValue, ValidationError, create_model

from .documents import Frozen, Passage
from .errors import SettingsError, ToolError

Effect = Literal["pure", "read", "write"]
"""pure: same arguments, same result. read: looks at the world. write: changes it (needs approval,
never runs again in a replay)."""


class ToolResult(Frozen):
    """What a tool found out."""

    content: str = ""
    """What the model reads; empty when `passages` speak for themselves."""
    passages: tuple[Passage, ...] = ()
    """Citable evidence; the graph gives each an id and packs them for the model."""
    expression: str | None = None
    """For a calculation: what was evaluated (`content` is the exact result)."""
    data: JsonValue = None
    """Anything else worth keeping in the trace; not shown to the model."""


@dataclass(frozen=True)
class Tool:
    """One thing the model may ask for."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON schema of the arguments: an object."""
    effect: Effect
    run: Callable[[dict[str, Any]], Awaitable[ToolResult]]
    """Takes arguments that fit `parameters`; raises `ToolError` with a text for the model."""

    def schema(self) -> dict[str, Any]:
        """The tool as a model is told of it."""
        return {
            "name": self.name,
            "description": self.description,
            "parameters": self.parameters,
        }


@overload
def tool(function: Callable[..., Any], *, effect: Effect = "read") -> Tool: ...
@overload
def tool(*, effect: Effect = "read") -> Callable[[Callable[..., Any]], Tool]: ...
def tool(function: Callable[..., Any] | None = None, *, effect: Effect = "read") -> Any:
    """Make a `Tool` of a typed function with a docstring (also as a decorator).

    The function may be async; a plain one runs in a thread. It may return a str, any JSON value,
    or a `ToolResult`. Raises `SettingsError` when a parameter has no type or there is no docstring.
    """
    if function is None:
        return lambda f: tool(f, effect=effect)
    if effect not in get_args(Effect):
        raise SettingsError(f"effect {effect!r}: expected one of {', '.join(get_args(Effect))}")
    name = function.__name__
    doc = inspect.getdoc(function)
    if not doc:
        raise SettingsError(f"tool {name!r} has no docstring; the model reads it: add one")
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise SettingsError(f"tool {name!r}: *{parameter.name} cannot be described to a model")
        if parameter.name not in hints:
            raise SettingsError(f"tool {name!r}: parameter {parameter.name!r} needs a type")
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    arguments = create_model(name, __config__={"extra": "forbid", "strict": True}, **fields)
    parameters = arguments.model_json_schema()
    parameters.pop("title", None)
    waits = inspect.iscoroutinefunction(function)

    async def run(values: dict[str, Any]) -> ToolResult:
        try:
            given = arguments.model_validate(values)
        except ValidationError as error:
            raise ToolError(_explain(name, error)) from None
        keywords = {key: getattr(given, key) for key in fields}
        if waits:
            value = await function(**keywords)
        else:
            value = await asyncio.to_thread(function, **keywords)
        if isinstance(value, ToolResult):
            return value
        if isinstance(value, str):
            return ToolResult(content=value)
        return ToolResult(content=str(value), data=value)

    return Tool(name=name, description=doc, parameters=parameters, effect=effect, run=run)


def _explain(name: str, error: ValidationError) -> str:
    problems = "; ".join(
        f"{'.'.join(map(str, item['loc'])) or 'arguments'}: {item['msg']}"
        for item in error.errors()
    )
    return f"{name} was called with arguments that do not fit ({problems}). Correct them."
