"""A pack as a file that a person writes: TOML and phrases; what is wrong is said with its line.

The format is told in docs/packs.md. Knows no folder and no name of a pack.
"""

import hashlib
import re
import tomllib
from functools import lru_cache
from typing import Any

from .errors import SettingsError
from .lexical import terms
from .pack import Asked, Expansion, Intent, Kind, Pack, PageType
from .patterns import Phrase, phrase

MOST_PATTERNS = 20_000
_QUOTED = 80
"""Characters of a wrong value that a message quotes."""

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


@lru_cache(maxsize=32)
def read_pack(data: bytes, name: str) -> Pack:
    """The pack of a file's bytes. Raises `SettingsError` with `name` and the line."""
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
                raise self.off(key, value, 1, "a text")
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
            raise self.off(key, value, start, "a list of texts, not empty")
        return value

    def _text(self, key: str, value: Any, start: int) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.off(key, value, start, "a text")
        return value

    def _weight(self, key: str, value: Any, start: int) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
            raise self.off(key, value, start, "a number over 0 and up to 1")
        return float(value)

    def _count(self, key: str, value: Any, start: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self.off(key, value, start, "a whole number from 1")
        return value

    def _flag(self, key: str, value: Any, start: int) -> bool:
        if not isinstance(value, bool):
            raise self.off(key, value, start, "true or false")
        return value

    def _wants(self, key: str, value: Any, start: int) -> dict[str, float]:
        if not isinstance(value, dict) or not value:
            raise self.off(key, value, start, '{ "type of page" = weight }')
        return {name: self._weight(name, weight, start) for name, weight in value.items()}

    def line(self, what: str, start: int = 1) -> int:
        """The first line from `start` on that has this text, as a string if any; else `start`."""
        for form in (f'"{what}"', f"'{what}'", what):
            for number in range(start, len(self.lines) + 1):
                if form in self.lines[number - 1]:
                    return number
        return start

    def off(self, key: str, value: Any, start: int, expected: str) -> SettingsError:
        told = repr(value)
        told = told if len(told) <= _QUOTED else f"{told[:_QUOTED]}..."
        return self.wrong(self.line(key, start), f"{key} = {told}: expected {expected}")

    def wrong(self, line: int, message: str) -> SettingsError:
        return SettingsError(f"{self.name} line {line}: {message}")


def _those(fields: dict[str, tuple[str, bool]]) -> str:
    return f"it takes {', '.join(fields)}"
