"""A trace made ready for a replay; what keeps it from being replayed, and what has drifted.

Knows files of traces and their headers; knows nothing of running one.
"""

import importlib.metadata
import platform
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import from_json

from ..graphs.canonical import VERSION as CANONICAL
from ..graphs.limits import Limits
from ..graphs.model import Profile
from ..graphs.reader import FORMAT
from ..graphs.redact import VERSION as REDACTION
from ..graphs.trace import Trace
from ..tools.errors import TraceError
from .attempt import Corrupt, plain_error
from .divergence import Divergence, Kind
from .foreign import foreign_of, is_foreign

_FIRST_LINE = 65_536
_FAMILY = FORMAT.partition("/")[0] + "/"


def load(trace: Trace | str | Path) -> Trace:
    """The trace, whole enough to be run. Raises `Corrupt`; `TraceError` for a missing file."""
    record = trace if isinstance(trace, Trace) else _read(Path(trace))
    try:
        Profile.model_validate(record.start.profile)
        Limits.model_validate(record.start.limits)
    except ValidationError as error:
        raise Corrupt(f"run.start: {plain_error(error)}") from None
    if is_foreign(record):
        try:
            foreign_of(record)
        except TraceError as error:
            raise Corrupt(str(error)) from None
    for offered in record.start.tools:
        if not isinstance(offered.get("name"), str):
            raise Corrupt("run.start: a tool has no name")
    return record


def warnings(record: Trace) -> tuple[Divergence, ...]:
    """What is worth knowing of a record that can be run: cut short, made by other libraries."""
    told = []
    if record.status == "aborted":
        torn = f"; {record.dropped_bytes} bytes of a torn line left out"
        told_after = f"it stops after step {len(record.steps)}"
        told_after += torn if record.dropped_bytes else ""
        told.append(_warning(record.id, "trace_truncated", "", "a run with its end", told_after))
    elif record.dropped_bytes:
        told_after = f"{record.dropped_bytes} bytes after it are left out"
        told.append(_warning(record.id, "trace_truncated", "", "the end of the run", told_after))
    for note in record.notes:
        told.append(_warning(record.id, "schema_version", "", "records of known types", note))
    return (*told, *drifted(record.id, record.start.fingerprints))


def drifted(id: str, fingerprints: Mapping[str, str]) -> tuple[Divergence, ...]:
    """The libraries that have another version today than those that the trace `id` was made by."""
    told = []
    for name, before in fingerprints.items():
        after = _version(name)
        if after is not None and after != before:
            lines = (f"{name} {before}", f"{name} {after}")
            told.append(_warning(id, "env_drift", f"/fingerprints/{name}", *lines))
    return tuple(told)


def broken(trace: Trace | str | Path, reason: str) -> Divergence:
    """Why a record cannot be run, and whose fault it is: the file's or the recorder's."""
    name = trace.id if isinstance(trace, Trace) else Path(trace).stem
    kind, before = _header(None if isinstance(trace, Trace) else Path(trace))
    return Divergence(
        trace=name, step=0, node="", kind=kind, before=before, after=reason, severity="broken"
    )


def _read(path: Path) -> Trace:
    if not path.exists():
        raise TraceError(f"there is no trace file {path}", path)
    try:
        return Trace.load(path)
    except TraceError as error:
        raise Corrupt(str(error)) from None


def _header(path: Path | None) -> tuple[Kind, str]:
    """What the first line says of a file that cannot be read."""
    if path is None or not path.is_file():  # a pipe would hang
        return "trace_corrupt", "a whole trace"
    try:
        with path.open("rb") as file:
            first = from_json(file.readline(_FIRST_LINE))
    except (OSError, ValueError):
        return "trace_corrupt", "a whole trace"
    if not isinstance(first, dict) or not str(first.get("format", "")).startswith(_FAMILY):
        return "trace_corrupt", "a whole trace"
    if first["format"] != FORMAT:
        return "schema_version", f"format {FORMAT}"
    if (first.get("canonical"), first.get("redaction")) != (CANONICAL, REDACTION):
        return "codec_mismatch", f"canonical form {CANONICAL}, redaction {REDACTION}"
    return "trace_corrupt", "a whole trace"


def _warning(id: str, kind: Kind, path: str, before: str, after: str) -> Divergence:
    return Divergence(
        trace=id,
        step=0,
        node="",
        kind=kind,
        path=path,
        before=before,
        after=after,
        severity="warning",
    )


@lru_cache(maxsize=64)
def _version(name: str) -> str | None:
    """Today's version of what a fingerprint names; None when it names no library."""
    if name == "python":
        return platform.python_version()
    try:
        return importlib.metadata.version(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return None
