"""promptfoo's asserts as what a case expects. Knows their types, and nothing of files or tests."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .collected import Collected, expectation, metadata_in

_ONE = ("contains", "icontains")
_ALL = ("contains-all", "icontains-all")
_ANY = ("contains-any", "icontains-any")
_JUDGED = (
    "llm-rubric", "g-eval", "model-graded-closedqa", "model-graded-factuality", "factuality",
    "answer-relevance", "similar", "search-rubric",
)  # fmt: skip
"""What a model or an embedding decides: kept as a note."""
_CELL = re.compile(
    r"(?P<type>not-[a-z-]+|[a-z][a-z-]+)(?:\((?P<threshold>[\d.]+)\))?:\s*(?P<value>.*)", re.S
)
_KNOWN = frozenset(
    (*_ONE, *_ALL, *_ANY, *_JUDGED, "equals", "regex", "is-json", "contains-json", "javascript")
    + ("python", "starts-with", "latency", "cost", "levenshtein", "rouge-n", "fn", "eval", "grade")
)


def from_cell(cell: str) -> dict[str, Any]:
    """An `__expected` cell as an assert: `type: value`, else the very output."""
    cell = cell.strip()
    match = _CELL.fullmatch(cell)
    kind = match["type"] if match else ""
    if match is None or kind.removeprefix("not-") not in _KNOWN:
        return {"type": "is-json"} if cell == "is-json" else {"type": "equals", "value": cell}
    kind = {"fn": "javascript", "eval": "javascript", "grade": "llm-rubric"}.get(kind, kind)
    found: dict[str, Any] = {"type": kind, "value": match["value"].strip()}
    if match["threshold"]:
        found["threshold"] = match["threshold"]
    return found


class Expectation:
    """What the asserts of one test come to, one after the other."""

    def __init__(self, place: str, filled: Callable[[str], str], collected: Collected):
        self._place = place
        self._filled = filled
        self._collected = collected
        self._equal: Any = None
        self._contains: list[str] = []
        self._notes: list[str] = []
        self._tags: list[str] = []

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of a case."""
        found: dict[str, Any] = {}
        if self._equal is not None:
            found = expectation(self._equal) or {}
            # The very output is asked for, so no part of a longer one will do.
            found.pop("contains", None)
        found["contains"] = self._contains
        found["tags"] = list(dict.fromkeys(self._tags))
        found["note"] = "\n".join(self._notes) or None
        return found

    def take(self, given: Any) -> None:
        """One assert, or a set of them."""
        if not isinstance(given, Mapping) or not isinstance(given.get("type"), str):
            return self._leave("assert", f"is no object with a type: {str(given)[:60]!r}")
        kind, value = given["type"], given.get("value")
        if kind == "assert-set":
            if given.get("threshold") not in (None, 1):
                return self._leave(kind, "part of a set is enough here; a case needs all of it")
            for each in given.get("assert") or ():
                self.take(each)
            return None
        if given.get("transform") or given.get("weight") == 0:
            return self._leave(kind, "has a transform or the weight 0")
        if isinstance(value, str):
            value = self._filled(value)
            if value.startswith("file://") or "{{" in value or "{%" in value:
                return self._leave(kind, f"its value cannot be worked out: {value[:60]!r}")
        if kind in _JUDGED:
            self._notes.append(f"{kind}: {self._shown(value)}")
            self._tags.append(kind)
            return self._leave(kind, "needs a judge: kept as a note, not scored by code")
        if kind == "equals":
            if self._equal is not None or not isinstance(value, str | int | float):
                return self._leave(kind, "is the second one, or is no text or number")
            self._equal = value
            return None
        return self._words(kind, value)

    def metadata(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Fields of ours and tags that metadata names."""
        return metadata_in(record, self._collected, self._place)

    def _words(self, kind: str, value: Any) -> None:
        if kind not in (*_ONE, *_ALL, *_ANY):
            shown = "" if value is None else f" {self._shown(value)[:60]!r}"
            return self._leave(kind, f"has no like here{shown}")
        if kind in _ONE:
            items = [value]
        else:
            items = value if isinstance(value, list) else str(value).split(",")
        texts = [self._filled(str(item)).strip() for item in items if item is not None]
        if not texts or not all(texts) or any("|" in text for text in texts):
            return self._leave(kind, f"its words cannot be kept: {self._shown(value)[:60]!r}")
        self._contains += ["|".join(texts)] if kind in _ANY else texts
        return None

    def _leave(self, what: str, why: str) -> None:
        self._collected.leave(self._place, what, why)

    def _shown(self, value: Any) -> str:
        if isinstance(value, list):
            return "; ".join(self._filled(str(item)) for item in value)
        return str(value)
