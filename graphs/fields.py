"""Which models are made of texts, numbers and JSON alone, and which of those hold any JSON.

Of the first JSON can be written from what stands in them, without pydantic's own way to JSON, which
is slow, and slowest for fields that are JSON already. Knows types, not what is written.
"""

from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, JsonValue

_LEAVES = (str, int, float, bool, NoneType)


@lru_cache(maxsize=256)
def plain_defaults(kind: type[BaseModel]) -> dict[str, Any] | None:
    """The defaults of its fields, by name; None where a field needs pydantic to be written."""
    if not _is_plain(kind, ()):
        return None
    return {
        name: item.default for name, item in kind.model_fields.items() if not item.is_required()
    }


@lru_cache(maxsize=256)
def holds_json(kind: type[BaseModel]) -> bool:
    """Whether a field of it, or of models in it, is JSON; of a kind with `plain_defaults`."""
    return _holds_json(kind, ())


def _holds_json(kind: Any, within: tuple[type, ...]) -> bool:
    if kind is JsonValue:
        return True
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind not in within:
        parts = [field.annotation for field in kind.model_fields.values()]
        return any(_holds_json(part, (*within, kind)) for part in parts)
    return any(_holds_json(part, within) for part in get_args(kind))


def _is_plain(kind: type[BaseModel], within: tuple[type, ...]) -> bool:
    """Whether it is so, and all its fields are; it stands in the models `within`."""
    decorators = kind.__pydantic_decorators__
    special = kind.model_computed_fields or decorators.field_serializers
    if special or decorators.model_serializers or kind.model_config.get("extra") == "allow":
        return False
    return all(
        field.default_factory is None
        and not field.exclude
        and not field.serialization_alias
        and _plain(field.annotation, (*within, kind))
        for field in kind.model_fields.values()
    )


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
    return _is_plain(kind, within)
