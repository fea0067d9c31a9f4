"""What people say of answers: one label a line, with who and when; only ever appended to.

Labels are what a judge is held against (`evals.judge.calibration`). Knows nothing of judges or of
how labels are given.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import orjson
from pydantic import Field, ValidationError

from ..tools.documents import Frozen
from ..tools.errors import GoldError

Key = tuple[str, int]
"""Case and repeat."""
PASSING = 0.5
"""A value from here on is a pass."""


class Label(Frozen):
    """What one person says of one answer."""

    case: str = Field(min_length=1)
    repeat: int = Field(default=0, ge=0)
    trace: str | None = None
    """Id of the run that gave the answer."""
    value: float | None = Field(ge=0, le=1)
    """1 right, 0 wrong, or between; None: cannot be said."""
    note: str = ""
    who: str = ""
    when: str = ""
    """ISO 8601, UTC."""

    @property
    def key(self) -> Key:
        """What names the row that is labelled."""
        return self.case, self.repeat


def load_labels(path: str | Path) -> tuple[Label, ...]:
    """The labels of a file, in order; a last line that was cut off is left out.

    Raises `GoldError` naming file, line and field.
    """
    path = Path(path)
    try:
        body = path.read_bytes()
    except OSError as error:
        raise GoldError(f"{path}: cannot be read ({error.strerror})", path) from None
    found: list[Label] = []
    lines = body.split(b"\n")
    for number, content in enumerate(lines, 1):
        if not content.strip():
            continue
        try:
            found.append(Label.model_validate(orjson.loads(content)))
        except orjson.JSONDecodeError as error:
            if number == len(lines):
                break
            raise GoldError(
                f"{path.name} line {number}: not JSON ({error})", path, number
            ) from None
        except ValidationError as error:
            item = error.errors()[0]
            field = ".".join(map(str, item["loc"]))
            said = f"{field + ': ' if field else ''}{item['msg']}"
            raise GoldError(f"{path.name} line {number}: {said}", path, number) from None
    return tuple(found)


def append_labels(path: str | Path, labels: Iterable[Label]) -> None:
    """Add labels to a file, each on a line of its own. Raises `GoldError`."""
    path = Path(path)
    body = b"".join(orjson.dumps(label.model_dump(mode="json")) + b"\n" for label in labels)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab+") as out:
            out.seek(0)
            before = out.read()
            if before and not before.endswith(b"\n"):
                last = before.rfind(b"\n") + 1
                if _whole(before[last:]):
                    body = b"\n" + body
                else:
                    out.truncate(last)
            out.write(body)
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise GoldError(f"{path}: cannot be written ({error.strerror})", path) from None


def agreed(labels: Sequence[Label]) -> tuple[dict[Key, Label], tuple[Key, ...]]:
    """The labels that count, and the keys on which people disagree, which are left out.

    Of one person the last word counts, also where it takes a label back (None).
    """
    said: dict[Key, dict[str, Label]] = {}
    for label in labels:
        said.setdefault(label.key, {})[label.who] = label
    found: dict[Key, Label] = {}
    disputed: list[Key] = []
    for key, people in said.items():
        known = [label for label in people.values() if label.value is not None]
        if len({passes(label.value) for label in known}) > 1:
            disputed.append(key)
        elif known:
            found[key] = known[-1]
    return found, tuple(disputed)


def current(
    labels: Sequence[Label], traces: Mapping[Key, str | None]
) -> tuple[tuple[Label, ...], int]:
    """The labels of these answers, and how many are of another run of the same case.

    `traces`: of each answer the id of its run. A label that names no run is of any.
    """
    kept = tuple(
        label
        for label in labels
        if label.key not in traces
        or label.trace is None
        or traces[label.key] is None
        or label.trace == traces[label.key]
    )
    return kept, len(labels) - len(kept)


def passes(value: float | None) -> bool:
    """Whether a value is a pass."""
    return value is not None and value >= PASSING


def _whole(line: bytes) -> bool:
    """Whether a last line without an end is one that a person wrote, not one cut off."""
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return False
    return True
