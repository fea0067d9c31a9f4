"""What a ranking would be with something changed: `k=8,pack=finance,prior=0`. No model is asked.

Knows the names that can be changed and what each takes. Knows nothing of indexes.
"""

from collections.abc import Iterable

from pydantic import ValidationError

from .documents import Frozen
from .embedder_names import check_name
from .errors import SettingsError
from .meant import meant
from .retrieval import RetrievalOptions, with_pack

_OPTIONS = tuple(n for n in RetrievalOptions.model_fields if n not in ("pack", "pack_hash"))
NAMES = ("k", "pack", "embedder", "only", *_OPTIONS)
"""Everything that can be changed."""
MOST = 200
"""The largest k."""


class WhatIf(Frozen):
    """Changes to one search."""

    k: int | None = None
    pack: str | None = None
    """None: as it is; `none`: without."""
    embedder: str | None = None
    only: str | None = None
    """A passage: ask again with it alone. No change of the ranking."""
    options: dict[str, float | int | bool] = {}

    @property
    def reranks(self) -> bool:
        """Whether anything of the ranking is otherwise."""
        return bool(self.k or self.pack or self.embedder or self.options)

    def applied(self, options: RetrievalOptions) -> RetrievalOptions:
        """The options with the changes. Raises `SettingsError` for an unknown pack."""
        changed = RetrievalOptions.model_validate({**options.model_dump(), **self.options})
        return changed if self.pack is None else with_pack(changed, self.pack)

    def told(self) -> str:
        """The changes as they are typed."""
        given = {"k": self.k, "pack": self.pack, "embedder": self.embedder, **self.options}
        return ",".join(f"{name}={value}" for name, value in given.items() if value is not None)


def parse(texts: Iterable[str]) -> WhatIf:
    """Read changes, `NAME=VALUE,...` each. Raises `SettingsError` with the nearest name or value.

    >>> parse(["k=4,dense=0"]).told()
    'k=4,dense=0.0'
    """
    found: dict[str, object] = {}
    options: dict[str, object] = {}
    for item in (item for text in texts for item in text.split(",") if item.strip()):
        name, equals, value = (part.strip() for part in item.partition("="))
        if name not in NAMES:
            raise SettingsError(f"--what-if {name!r}: {_near(name, NAMES)}")
        if not equals or not value:
            raise SettingsError(f"--what-if {name}: give a value, as in {name}={_example(name)}")
        (options if name in _OPTIONS else found)[name] = _read(name, value)
    return WhatIf.model_validate({**found, "options": options})


def _read(name: str, value: str) -> object:
    if name in ("pack", "only"):
        if name == "pack":
            with_pack(None, value)
        return value
    if name == "embedder":
        return check_name(value)
    if name == "k":
        if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST:
            raise SettingsError(f"k = {value!r}: expected a whole number from 1 to {MOST}")
        return int(value)
    try:
        read = RetrievalOptions.model_validate({name: value})
    except ValidationError:
        usual = RetrievalOptions.model_fields[name].default
        wanted = "true or false" if isinstance(usual, bool) else "a number"
        wanted = "a whole number" if type(usual) is int else wanted
        raise SettingsError(f"{name} = {value!r}: expected {wanted}") from None
    number: object = getattr(read, name)
    if not isinstance(number, bool) and not 0 <= number <= 1000:  # type: ignore[operator]
        raise SettingsError(f"{name} = {value!r}: expected a number from 0 to 1000")
    return number


def _near(given: str, known: Iterable[str]) -> str:
    listed = list(known)
    near = meant(given, listed)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(listed)}"


def _example(name: str) -> str:
    examples = {"k": "20", "pack": "finance", "embedder": "wordllama", "only": "PASSAGE"}
    return examples.get(name) or str(RetrievalOptions.model_fields[name].default)
