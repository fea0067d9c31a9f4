"""How a replay differs from its record: one type, and how two things are compared.

Knows requests, arguments and values; knows nothing of how a replay is run.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, get_args

from ..graphs.canonical import canonical
from ..graphs.model import ModelRequest
from ..graphs.redact import redact
from ..tools.documents import Frozen

Kind = Literal[
    "prompt_changed",
    "tool_schema_changed",
    "params_changed",
    "model_changed",
    "output_schema_changed",
    "history_changed",
    "tool_name_changed",
    "tool_args_changed",
    "extra_call",
    "missing_call",
    "route_changed",
    "state_write_changed",
    "answer_changed",
    "egress_blocked",
    "trace_corrupt",
]
Severity = Literal["benign", "behavioural", "broken"]
KINDS: tuple[str, ...] = get_args(Kind)

ABSENT = "(absent)"
_WIDTH = 120
_LEAD = 40


class Divergence(Frozen):
    """One difference between a record and its replay."""

    trace: str
    """Id of the trace."""
    step: int
    """Index of the recorded step it was seen at; 0 where there is none."""
    node: str
    kind: Kind
    path: str = ""
    """JSON pointer into what differs (a request, arguments, an answer)."""
    before: str = ""
    """As recorded: one short line around the difference."""
    after: str = ""
    """As it is today."""
    cause: str = ""
    """The earlier divergence that this one follows from."""
    severity: Severity = "behavioural"

    def __str__(self) -> str:
        where = f"step {self.step} ({self.node})" if self.step else self.node or "trace"
        text = f"{where}: {self.kind}"
        if self.path:
            text += f" at {self.path}"
        text += f"\n  - {self.before}\n  + {self.after}"
        return f"{text}\n  {self.cause}" if self.cause else text


Change = tuple[Kind, str, str, str]
"""Kind, JSON pointer, before, after."""


def compare_requests(before: ModelRequest, after: ModelRequest) -> list[Change]:
    """What differs between two model requests: one change for each part, the message last.

    Of the messages only the first that differs is told: the rest follows from it.
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
            changes.append((kind, *difference))
    for place in range(max(len(before.messages), len(after.messages))):
        pair = [
            messages[place] if place < len(messages) else None
            for messages in (before.messages, after.messages)
        ]
        old_message, new_message = (_plain(message) for message in pair)
        difference = first_difference(old_message, new_message, f"/messages/{place}")
        if difference is None:
            continue
        roles = {message.role for message in pair if message is not None}
        ours = None not in pair and roles <= {"system", "user"}
        changes.append(("prompt_changed" if ours else "history_changed", *difference))
        break
    return changes


def first_difference(before: object, after: object, path: str) -> tuple[str, str, str] | None:
    """The first place where two JSON values differ: pointer, and one line of each."""
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
        return path, _show(before, 0), _show(after, 0)
    if canonical(before) == canonical(after):
        return None
    if isinstance(before, str) and isinstance(after, str):
        same = 0
        for old_letter, new_letter in zip(before, after, strict=False):
            if old_letter != new_letter:
                break
            same += 1
        return path, _show(before, same), _show(after, same)
    return path, _show(before, 0), _show(after, 0)


class _Missing:
    """Stands for what is not there; None is a value."""


_MISSING = _Missing()


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _plain(value: Frozen | None) -> object:
    return _MISSING if value is None else value.model_dump(mode="json", exclude_defaults=True)


def _escape(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _show(value: object, place: int) -> str:
    """One line of a value around a place."""
    if value is _MISSING:
        return ABSENT
    if not isinstance(value, str):
        text = canonical(value).decode("utf-8", "replace")
        return text if len(text) <= _WIDTH else text[: _WIDTH - 1] + "…"
    start = max(0, place - _LEAD) if len(value) > _WIDTH else 0
    piece = value[start : start + _WIDTH]
    line = piece.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n")
    return ("…" if start else "") + line + ("…" if start + _WIDTH < len(value) else "")
