"""Which models can be written as JSON field by field: those of texts, numbers and JSON alone.

Of such a model `model_dump` gives what stands in it, at several times the cost of looking. Knows
types; knows nothing of what is written.
"""

from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue

_LEAVES = (str, int, float, bool, NoneType)


@lru_cache(maxsize=256)
def plain_defaults(kind: type[BaseModel]) -> dict[str, Any] | None:
    """The defaults of its fields, by name; None where a field needs pydantic to be written."""
    return _defaults(kind, ())


def _defaults(kind: type[BaseModel], within: tuple[type, ...]) -> dict[str, Any] | None:
    """The same of a model that stands in the models `within`."""
    fields = kind.model_fields
    special = kind.model_computed_fields or kind.__pydantic_decorators__.field_serializers
    if special or kind.__pydantic_decorators__.model_serializers:
        return None
    if kind.model_config.get("extra") == "allow":
        return None
    for field in fields.values():
        if field.default_factory is not None or field.exclude or field.serialization_alias:
            return None
        if not _plain(field.annotation, (*within, kind)):
            return None
    return {name: field.default for name, field in fields.items() if not field.is_required()}


def _plain(kind: Any, within: tuple[type, ...]) -> bool:
    if kind in _LEAVES or kind is JsonValue or kind in within:
        return True
    origin = get_origin(kind)
    if origin is Literal:
        return True
    if origin in (Union, UnionType, list):
        return all(_plain(item, within) for item in get_args(kind))
    if origin is tuple:
        return all(_plain(item, within) for item in get_args(kind) if item is not Ellipsis)
    if origin is dict:
        key, value = get_args(kind)
        return key is str and _plain(value, within)
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return False
    return _defaults(kind, within) is not None
