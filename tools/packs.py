"""What is known of a field, as a small file that a user can write: words, kinds of page, intents.

Knows the files and what is wrong with them. Knows nothing of indexes or ranking; the format is
told in docs/packs.md. A pack is data: TOML, and phrases of `tools/patterns.py`.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import SettingsError
from .lexical import terms
from .meant import meant
from .patterns import Phrase, Said, phrase

NONE = "none"
"""The name that stands for no pack."""
LARGEST = 1_000_000
"""Bytes of a pack."""
MOST_PATTERNS = 20_000

_FIELDS: dict[str, dict[str, tuple[str, bool]]] = {
    "expansion": {
        "when": ("phrases", True),
        "unless": ("phrases", False),
        "add": ("texts", True),
        "weight": ("weight", False),
    },
    "page": {
        "type": ("text", True),
        "title": ("phrases", False),
        "lines": ("phrases", False),
        "never": ("phrases", False),
        "enough": ("count", False),
        "figures": ("flag", False),
    },
    "intent": {
        "when": ("phrases", True),
        "unless": ("phrases", False),
        "wants": ("wants", True),
    },
    "document": {
        "when": ("phrases", True),
        "unless": ("phrases", False),
        "type": ("text", True),
        "weight": ("weight", False),
    },
}


@dataclass(frozen=True)
class Asked:
    """When something holds: the question has one of `when` and none of `unless`."""

    when: tuple[Phrase, ...]
    unless: tuple[Phrase, ...] = ()

    def holds(self, question: Said) -> bool:
        """Whether it holds for a question."""
        return any(map(question.has, self.when)) and not any(map(question.has, self.unless))


@dataclass(frozen=True)
class Expansion:
    """Words that a question may mean."""

    asked: Asked
    add: frozenset[str]
    """Stems."""
    weight: float


@dataclass(frozen=True)
class PageType:
    """How a kind of page is known."""

    name: str
    title: tuple[Phrase, ...]
    """In the headings over a passage."""
    lines: tuple[Phrase, ...]
    """Anywhere on the page, each within one passage, in any order."""
    never: tuple[Phrase, ...]
    """In the headings of a page that only looks like one."""
    enough: int
    """So many lines make it certain."""
    figures: bool
    """Whether it is a table of numbers."""


@dataclass(frozen=True)
class Intent:
    """Kinds of page that a question wants to see, and how much."""

    asked: Asked
    wants: dict[str, float]


@dataclass(frozen=True)
class Kind:
    """A type of document that a question is likely about."""

    asked: Asked
    type: str
    weight: float


@dataclass(frozen=True)
class Pack:
    """What is known of one field."""

    name: str
    about: str
    hash: str
    """blake2b-128 of the file, in hex: what it says, wherever it lies."""
    expansions: tuple[Expansion, ...]
    pages: tuple[PageType, ...]
    intents: tuple[Intent, ...]
    kinds: tuple[Kind, ...]

    @cached_property
    def types(self) -> dict[str, PageType]:
        """Kinds of page by name."""
        return {page.name: page for page in self.pages}

    def expand(self, question: str) -> dict[str, float]:
        """Stems to look for beside those of the question, with their weights."""
        said = _said(question)
        added: dict[str, float] = {}
        for expansion in self.expansions:
            if expansion.asked.holds(said):
                for stem in expansion.add:
                    added[stem] = max(added.get(stem, 0.0), expansion.weight)
        for stem in said.stems:
            added.pop(stem, None)
        return dict(sorted(added.items()))

    def wanted(self, question: str) -> dict[str, float]:
        """Kinds of page the question wants to see, each with a weight up to 1."""
        said = _said(question)
        wanted: dict[str, float] = {}
        for intent in self.intents:
            if intent.asked.holds(said):
                for name, weight in intent.wants.items():
                    wanted[name] = max(wanted.get(name, 0.0), weight)
        return dict(sorted(wanted.items()))

    def kinds_of(self, question: str) -> dict[str, float]:
        """Types of document the question is likely about, each with a weight up to 1."""
        said = _said(question)
        kinds: dict[str, float] = {}
        for kind in self.kinds:
            if kind.asked.holds(said):
                kinds[kind.type] = max(kinds.get(kind.type, 0.0), kind.weight)
        return kinds


@lru_cache(maxsize=64)
def _said(question: str) -> Said:
    return Said.of(question)


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
        return _read(path.read_bytes(), path.name)
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
    return _read((resources.files(__package__) / "packs" / f"{name}.toml").read_bytes(), name)


@lru_cache(maxsize=32)
def _read(data: bytes, name: str) -> Pack:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(f"{name} is not UTF-8 text; save it as UTF-8") from None
    try:
        parsed = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SettingsError(f"{name}: not TOML: {error}") from None
    return _Reader(name, text).pack(parsed, hashlib.blake2b(data, digest_size=16).hexdigest())


class _Reader:
    """Turns parsed TOML into a pack; knows on which line each thing was said."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.lines = text.splitlines()
        self.patterns = 0

    def pack(self, parsed: dict[str, Any], digest: str) -> Pack:
        plain = {key: value for key, value in parsed.items() if key in ("name", "about")}
        for key, value in plain.items():
            if not isinstance(value, str) or not value.strip():
                raise self.wrong(self.line(key), f"{key} = {value!r}: expected a text")
        if "name" not in plain:
            raise self.wrong(1, "name is missing")
        for key in parsed:
            if key not in plain and key not in _FIELDS:
                known = ", ".join(["name", "about", *(f"[[{table}]]" for table in _FIELDS)])
                raise self.wrong(self.line(key), f"{key!r} is not known; there are {known}")
        tables = {table: self.tables(parsed, table) for table in _FIELDS}
        pages = tuple(self.page(row) for row in tables["page"])
        types = [page.name for page in pages]
        for number, (name, row) in enumerate(zip(types, tables["page"], strict=True)):
            if name in types[:number]:
                raise self.wrong(row["line"], f"type = {name!r}: there is one of this name already")
        for row in tables["intent"]:
            for want in row["wants"]:
                if want not in types:
                    raise self.wrong(
                        self.line(want, row["line"]),
                        f"wants {want!r}: no [[page]] has this type; there are {', '.join(types)}",
                    )
        return Pack(
            name=plain["name"],
            about=plain.get("about", ""),
            hash=digest,
            expansions=tuple(
                Expansion(self.asked(row), frozenset(row["add"]), row.get("weight", 0.5))
                for row in tables["expansion"]
            ),
            pages=pages,
            intents=tuple(Intent(self.asked(row), row["wants"]) for row in tables["intent"]),
            kinds=tuple(
                Kind(self.asked(row), row["type"], row.get("weight", 0.3))
                for row in tables["document"]
            ),
        )

    def tables(self, parsed: dict[str, Any], table: str) -> list[dict[str, Any]]:
        rows = parsed.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.wrong(self.line(table), f"{table}: write [[{table}]] before each")
        headers = [
            number
            for number, line in enumerate(self.lines, 1)
            if re.match(rf"\s*\[\[\s*{table}\s*\]\]", line)
        ]
        starts = headers if len(headers) == len(rows) else [1] * len(rows)
        return [self.table(table, row, start) for row, start in zip(rows, starts, strict=True)]

    def table(self, table: str, row: dict[str, Any], start: int) -> dict[str, Any]:
        fields = _FIELDS[table]
        for key in row:
            if key not in fields:
                raise self.wrong(
                    self.line(key, start), f"{key!r} is not known in [[{table}]]; {_those(fields)}"
                )
        for key, (_, needed) in fields.items():
            if needed and key not in row:
                raise self.wrong(start, f"[[{table}]] has no {key}; {_those(fields)}")
        if table == "page" and not (row.get("title") or row.get("lines")):
            raise self.wrong(start, "[[page]] has neither title nor lines: nothing would match")
        read = {
            key: getattr(self, f"_{fields[key][0]}")(key, value, start)
            for key, value in row.items()
        }
        return {**read, "line": start}

    def asked(self, row: dict[str, Any]) -> Asked:
        return Asked(row["when"], row.get("unless", ()))

    def page(self, row: dict[str, Any]) -> PageType:
        lines = row.get("lines", ())
        return PageType(
            name=row["type"],
            title=row.get("title", ()),
            lines=lines,
            never=row.get("never", ()),
            enough=row.get("enough", max(1, len(lines) // 2)),
            figures=row.get("figures", False),
        )

    def _phrases(self, key: str, value: Any, start: int) -> tuple[Phrase, ...]:
        read: list[Phrase] = []
        for pattern in self._strings(key, value, start):
            self.patterns += 1
            if self.patterns > MOST_PATTERNS:
                raise self.wrong(start, f"there are more than {MOST_PATTERNS} patterns")
            try:
                read.append(phrase(pattern))
            except ValueError as error:
                where = self.line(pattern, start)
                raise self.wrong(where, f"the pattern {pattern[:80]!r} {error}") from None
        return tuple(read)

    def _texts(self, key: str, value: Any, start: int) -> tuple[str, ...]:
        return tuple(stem for text in self._strings(key, value, start) for stem in terms(text))

    def _strings(self, key: str, value: Any, start: int) -> list[str]:
        if (
            not isinstance(value, list)
            or not value
            or not all(isinstance(each, str) for each in value)
        ):
            raise self.wrong(
                self.line(key, start), f"{key} = {value!r}: expected a list of texts, not empty"
            )
        return value

    def _text(self, key: str, value: Any, start: int) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(self.line(key, start), f"{key} = {value!r}: expected a text")
        return value

    def _weight(self, key: str, value: Any, start: int) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self.wrong(
                self.line(key, start), f"{key} = {value!r}: expected a number over 0 and up to 1"
            )
        return float(value)

    def _count(self, key: str, value: Any, start: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.wrong(
                self.line(key, start), f"{key} = {value!r}: expected a whole number from 1"
            )
        return value

    def _flag(self, key: str, value: Any, start: int) -> bool:
        if not isinstance(value, bool):
            raise self.wrong(self.line(key, start), f"{key} = {value!r}: expected true or false")
        return value

    def _wants(self, key: str, value: Any, start: int) -> dict[str, float]:
        if not isinstance(value, dict) or not value:
            raise self.wrong(
                self.line(key, start), f'{key} = {value!r}: expected {{ "type of page" = weight }}'
            )
        return {name: self._weight(name, weight, start) for name, weight in value.items()}

    def line(self, what: str, start: int = 1) -> int:
        """The first line from `start` on that has this text, as a string if any; else `start`."""
        for form in (f'"{what}"', f"'{what}'", what):
            for number in range(start, len(self.lines) + 1):
                if form in self.lines[number - 1]:
                    return number
        return start

    def wrong(self, line: int, message: str) -> SettingsError:
        return SettingsError(f"{self.name} line {line}: {message}")


def _those(fields: dict[str, tuple[str, bool]]) -> str:
    return f"it takes {', '.join(fields)}"
