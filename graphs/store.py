"""A folder of traces: `<id>.jsonl` files and the blobs that they share.

Knows which traces there are; `graphs.reader` knows how to read one. An id is looked up, never
joined to a path before it is known to be a plain name.
"""

import contextlib
import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..tools.errors import TraceError
from .blobs import Blobs
from .lines import LINE_LIMIT, parse
from .records import load
from .redact import find_secrets
from .trace import Trace
from .writer import LOCK, TraceWriter

_ID = re.compile(r"[a-z0-9_-]{1,64}")
_REFERENCE = re.compile(rb'"([0-9a-f]{32})"')
_TAIL = 65_536


@dataclass(frozen=True)
class TraceSummary:
    """One line of `trace list`."""

    id: str
    """The name of its file: what finds it, also where it is a copy of another trace."""
    created: str
    question: str
    status: str
    """`done`, `failed`, `aborted` (no end was recorded) or `damaged` (cannot be listed)."""
    model: str
    steps: int | None
    """None when the end was not recorded."""
    refused: bool | None
    path: Path
    parent: str | None = None
    """The trace that this run came from: a live replay or a fork of it."""
    forked_at: int | None = None


class TraceStore:
    """Traces in one folder, made when the first is written."""

    def __init__(self, folder: str | Path, fsync: bool = True):
        self.folder = Path(folder)
        self.blobs = Blobs(self.folder / "blobs")
        self._likely: set[str] = set()
        self._fsync = fsync

    def new_id(self) -> str:
        """An id that sorts by time and is a safe file name, such as 20261122-150312-417-9f3a1c."""
        now = datetime.now(UTC)
        return f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}-{os.urandom(3).hex()}"

    def writer(self, id: str) -> TraceWriter:
        """A new trace file. Raises `OSError`, `TraceError` for an id that is not a plain name."""
        # its own `Blobs`: what that knows to stand is only safe while the writer holds its lock
        blobs = Blobs(self.blobs.folder, self._likely)
        return TraceWriter(self.path(id), blobs, self._fsync)

    def path(self, id: str) -> Path:
        """The file of an id. Raises `TraceError` for what is not an id; the file may be missing."""
        if not _ID.fullmatch(id):
            raise TraceError(
                f"{id!r:.80} is not a trace id (lower-case letters, digits, - and _, at most 64)"
            )
        return self.folder / f"{id}.jsonl"

    def find(self, id_or_path: str | Path) -> Path:
        """The file of a trace, by its id or by a path. Raises `TraceError` when there is none."""
        if isinstance(id_or_path, str) and _ID.fullmatch(id_or_path):
            path = self.path(id_or_path)
            if path.is_file():
                return path
        path = Path(id_or_path)
        if path.is_file():
            return path
        if path.is_dir():
            raise TraceError(f"{path} is a folder: name a trace (a file that ends in .jsonl)", path)
        if path.exists():
            raise TraceError(f"{path} is not a regular file: name a trace", path)
        raise TraceError(
            f"there is no trace {str(id_or_path)!r:.200} in {self.folder}; "
            f"`workings trace list` shows those there are",
            path,
        )

    def load(self, id_or_path: str | Path) -> Trace:
        """Read a trace. Raises `TraceError`."""
        return Trace.load(self.find(id_or_path))

    def list(self) -> list[TraceSummary]:
        """Every trace in the folder, oldest first; reads only the first and last line of each.

        One that does not say when it was made (a run of another program) is as old as its file.
        """
        paths = [path for path in self.folder.glob("*.jsonl") if path.is_file()]
        return sorted(map(_summary, paths), key=_age)

    def delete(self, id: str | Path) -> None:
        """Take away a trace, its verdicts and the blobs that no other trace names.

        `id`, or the `path` that `list` gives: a file may have a name that is no id. Raises
        `TraceError`. While another run is being recorded, blobs stay, until a later deletion.
        """
        path = self.folder / id.name if isinstance(id, Path) else self.path(id)
        try:
            mine = references(path)
            path.unlink()
            (self.folder / "verdicts" / path.name).unlink(missing_ok=True)
        except FileNotFoundError:
            raise TraceError(f"there is no trace {path.stem!r} in {self.folder}", path) from None
        with contextlib.suppress(BlockingIOError), self._alone():
            for other in self.folder.glob("*.jsonl"):
                # another may be deleting traces at the same time
                with contextlib.suppress(FileNotFoundError):
                    mine -= references(other)
            for name in mine:
                self.blobs.path(name).unlink(missing_ok=True)

    def verify(self, id_or_path: str | Path) -> tuple[str, ...]:
        """What is wrong with a trace: damage, missing blobs, secrets in it; empty when nothing."""
        try:
            path = self.find(id_or_path)
            trace = Trace.load(path)
        except TraceError as error:
            return (str(error),)
        problems = [f"{path}, {note}" for note in trace.notes]
        if trace.dropped_bytes:
            problems.append(f"{path}: the last line is torn; {trace.dropped_bytes} bytes left out")
        if trace.status == "aborted":
            problems.append(f"{path}: the record stops before the run ended")
        blobs = Blobs(path.parent / "blobs")
        texts = [(str(path), load(path))]
        texts += [
            (f"blob {name}", blobs.get(name))
            for name in sorted(references(path))
            if blobs.path(name).is_file()
        ]
        for where, data in texts:
            for kind, _ in find_secrets(data.decode("utf-8", "replace")):
                problems.append(f"{where}: holds what looks like a secret ({kind})")
        return tuple(problems)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """While no run is being recorded here. Raises `BlockingIOError` when one is."""
        handle = os.open(self.folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(handle)


def _summary(path: Path) -> TraceSummary:
    """From the first and last line; their checksums are left to `verify`."""
    try:
        with path.open("rb") as file:
            first = parse(file.readline(LINE_LIMIT))
            file.seek(0, os.SEEK_END)
            size = file.tell()
            file.seek(max(0, size - _TAIL))
            tail = file.read(_TAIL)
        whole = tail[: tail.rfind(b"\n")]
        last = parse(whole[whole.rfind(b"\n") + 1 :])
        start = first["start"]
        ended = last.get("t") == "run.end"
        return TraceSummary(
            id=path.stem,
            created=str(start["created"]),
            question=str(start["question"]),
            status=str(last["status"]) if ended else "aborted",
            model=str(start["model"]),
            steps=last.get("steps") if ended else None,
            refused=last.get("refused", False) if ended and "answer" in last else None,
            path=path,
            parent=_text(start.get("parent")),
            forked_at=start.get("forked_at"),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return TraceSummary(path.stem, "", "", "damaged", "", None, None, path)


def _age(item: TraceSummary) -> tuple[str, str]:
    created = item.created
    if not created:
        with contextlib.suppress(OSError):
            made = datetime.fromtimestamp(item.path.stat().st_mtime, UTC)
            created = made.isoformat(timespec="seconds")
    return created, item.path.name


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def references(path: Path) -> set[str]:
    """Everything in a trace that may name a blob (keys look the same; no blob has their name)."""
    return {name.decode() for name in _REFERENCE.findall(path.read_bytes())}
