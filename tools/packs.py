"""Packs by name or path: those that come with Workings, and those that a user wrote.

Knows names and files. What a pack says is tools/pack.py, how one is written tools/pack_file.py.
"""

from functools import lru_cache
from importlib import resources
from pathlib import Path

from .errors import SettingsError
from .meant import meant
from .pack import Pack
from .pack_file import read_pack

NONE = "none"
"""The name that stands for no pack."""
LARGEST = 1_000_000
"""Bytes of a pack."""


@lru_cache(maxsize=1)
def known_packs() -> tuple[str, ...]:
    """Names of the packs that come with Workings."""
    folder = resources.files(__package__) / "packs"
    return tuple(
        sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))
    )


def load_pack(name_or_path: str | Path) -> Pack:
    """The pack of a name (`finance`), or of a file that ends in `.toml`.

    Raises `SettingsError`: for an unknown name with the known ones, for a file that says something
    wrong with file and line.
    """
    given = str(name_or_path)
    if given in known_packs():
        return _shipped(given)
    path = Path(given)
    if path.suffix != ".toml":
        raise SettingsError(_unknown(given))
    try:
        if path.stat().st_size > LARGEST:
            raise SettingsError(f"the pack {given} is larger than {LARGEST // 1_000_000} MB")
        return read_pack(path.read_bytes(), path.name)
    except OSError as error:
        raise SettingsError(f"the pack {given} cannot be read: {error.strerror}") from None


def pack_of(name: str | None, content: str | None = None) -> Pack | None:
    """The pack of a name or path; None for none.

    Raises `SettingsError` as `load_pack` does, and when its content hash is not `content`.
    """
    if name is None or name == NONE:
        return None
    pack = load_pack(name)
    if content is not None and pack.hash != content:
        raise SettingsError(
            f"the pack {name} has changed: its content hash is {pack.hash}, expected {content};"
            " name the file that was used then, or leave the hash out"
        )
    return pack


def _unknown(given: str) -> str:
    known = known_packs()
    near = meant(given, known)
    hint = f" (did you mean {near[0]}?)" if near else ""
    listed = ", ".join(known)
    return (
        f"pack = {given!r}: no pack has this name{hint}; there are {listed}, {NONE},"
        " or the path of a .toml file"
    )


@lru_cache(maxsize=32)
def _shipped(name: str) -> Pack:
    return read_pack((resources.files(__package__) / "packs" / f"{name}.toml").read_bytes(), name)
