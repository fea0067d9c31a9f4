"""How two values, and two model requests, are compared: where they differ, in two short lines.

Knows requests and JSON values; knows nothing of runs.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..graphs.canonical import canonical
from ..graphs.model import Message, ModelRequest
from ..graphs.redact import redact
from ..tools.documents import Frozen
from .divergence import Kind

ABSENT = "(absent)"
_WIDTH = 92
"""Characters of a line, so that it stands on one of a terminal."""
_EVIDENCE = ("<evidence>", "</evidence>")
_LEAD = 30


class Place(NamedTuple):
    """Where two values differ first: JSON pointer, and one line of each."""

    path: str
    before: str
    after: str


class Change(NamedTuple):
    """A place and what kind of difference it is."""

    kind: Kind
    path: str
    before: str
    after: str


def compare_requests(before: ModelRequest, after: ModelRequest) -> list[Change]:
    """What differs between two model requests: one change for each part.

    Of the messages the first system message that differs is told, and the first other one: what
    comes after it follows from it.
    """
    before, after = redact(before), redact(after)
    changes: list[Change] = []
    parts: tuple[tuple[Kind, str, object, object], ...] = (
        ("model_changed", "/model", before.model, after.model),
        ("params_changed", "/params", before.params, after.params),
        ("tool_schema_changed", "/tools", before.tools, after.tools),
        ("output_schema_changed", "/output", _plain(before.output), _plain(after.output)),
    )
    for kind, path, old, new in parts:
        difference = first_difference(old, new, path)
        if difference is not None:
            changes.append(Change(kind, *difference))
    seen = set()
    for place in range(max(len(before.messages), len(after.messages))):
        old_message = before.messages[place] if place < len(before.messages) else None
        new_message = after.messages[place] if place < len(after.messages) else None
        kind = _message_kind(old_message, new_message)
        if kind == "prompt_changed" and _in_evidence(old_message, new_message):
            kind = "history_changed"
        if kind in seen:
            continue
        difference = first_difference(
            _plain(old_message), _plain(new_message), f"/messages/{place}"
        )
        if difference is not None:
            seen.add(kind)
            changes.append(Change(kind, *difference))
            if kind == "history_changed":
                break
    return changes


def _message_kind(before: Message | None, after: Message | None) -> Kind:
    if before is None or after is None:
        return "history_changed"
    ours = {before.role, after.role} <= {"system", "user"}
    return "prompt_changed" if ours else "history_changed"


def _in_evidence(before: Message | None, after: Message | None) -> bool:
    """Whether two messages differ first in what was found, which stands between our words."""
    if before is None or after is None or before.role != after.role:
        return False
    same = _same(before.content, after.content)
    start, end = before.content.find(_EVIDENCE[0]), before.content.find(_EVIDENCE[1])
    return 0 <= start < same < end


def first_difference(before: object, after: object, path: str) -> Place | None:
    """The first place where two JSON values differ; None when they are the same."""
    if before is after:
        return None
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            found = first_difference(
                before.get(key, _MISSING), after.get(key, _MISSING), f"{path}/{_escape(str(key))}"
            )
            if found is not None:
                return found
        return None
    if _is_list(before) and _is_list(after):
        assert isinstance(before, Sequence) and isinstance(after, Sequence)
        for place in range(max(len(before), len(after))):
            old = before[place] if place < len(before) else _MISSING
            new = after[place] if place < len(after) else _MISSING
            found = first_difference(old, new, f"{path}/{place}")
            if found is not None:
                return found
        return None
    if before is _MISSING or after is _MISSING:
        return Place(path, _show(before, 0), _show(after, 0))
    if canonical(before) == canonical(after):
        return None
    if isinstance(before, str) and isinstance(after, str):
        start = _first_word(before, after)
        return Place(path, _show(before, start), _show(after, start))
    return Place(path, _show(before, 0), _show(after, 0))


def one_line(text: str, width: int = _WIDTH) -> str:
    """A text on one line, cut at its end."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


class _Missing:
    """Stands for what is not there; None is a value."""


_MISSING = _Missing()


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _plain(value: Frozen | None) -> object:
    return _MISSING if value is None else value.model_dump(mode="json", exclude_defaults=True)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _same(before: str, after: str) -> int:
    """How many characters are the same from the beginning on."""
    same = 0
    for old, new in zip(before, after, strict=False):
        if old != new:
            break
        same += 1
    return same


def _first_word(before: str, after: str) -> int:
    """Where the first word that differs begins, in characters."""
    same = _same(before, after)
    start = same
    while start > max(0, same - _LEAD) and not before[start - 1].isspace():
        start -= 1
    return start


def _show(value: object, place: int) -> str:
    """One line of a value around a place, cut between words."""
    if value is _MISSING:
        return ABSENT
    if not isinstance(value, str):
        text = canonical(value).decode("utf-8", "replace")
        return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
    start = 0
    if len(value) > _WIDTH:
        start = max(0, place - _LEAD)
        blank = next((at for at in range(start, place) if value[at].isspace()), None)
        start = start if start == 0 or blank is None else blank + 1
    piece = value[start : start + _WIDTH]
    line = piece.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    if start:
        line = "…" + line
    if len(line) > _WIDTH or start + _WIDTH < len(value):
        line = line[: _WIDTH - 1].rstrip("\\") + "…"
    return line
