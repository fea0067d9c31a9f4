"""The large values that traces share: one file each, named by the hash of its bytes.

Knows files and hashes; knows nothing of what a blob holds.
"""

import contextlib
import os
import re
import stat
from pathlib import Path

from ..tools.errors import TraceError
from .canonical import digest
from .lines import LINE_LIMIT

_NAME = re.compile(r"[0-9a-f]{32}")
_LIKELY = 10_000
"""Names of blobs that are remembered from trace to trace: to look is cheaper than to make."""


class Blobs:
    """A folder of blobs: `ab/<hash>.json`."""

    def __init__(self, folder: Path, likely: set[str] | None = None):
        """`likely` are names that blobs of this folder had a while ago; it is added to."""
        self.folder = folder
        self._path = str(folder)
        self._known: set[str] = set()
        self._likely = set() if likely is None else likely

    def path(self, name: str) -> Path:
        """Where a blob is kept. Raises `TraceError` for what is not a blob's name."""
        return Path(self.file(name))

    def file(self, name: str) -> str:
        """`path`, as a text."""
        if not _NAME.fullmatch(name):
            raise TraceError(f"{name!r:.80} is not the name of a blob (32 hex digits)")
        return f"{self._path}/{name[:2]}/{name}.json"

    def put(self, data: bytes, name: str | None = None) -> str:
        """Keep the bytes, once; returns their name, unless it is known. Raises `OSError`."""
        name = digest(data) if name is None else name
        if name not in self._known:
            file = f"{self._path}/{name[:2]}/{name}.json"
            stands = name in self._likely and self._stands(file, len(data))
            if not stands and not _made(file, data) and not self._stands(file, len(data)):
                _write(file, data)
            self._known.add(name)
            if len(self._likely) < _LIKELY:
                self._likely.add(name)
        return name

    def share(self, data: bytes) -> str | None:
        """`put` of what was asked for before, or stands there; else None, and it is remembered."""
        name = digest(data)
        if name in self._likely:
            return self.put(data, name)
        if self._stands(f"{self._path}/{name[:2]}/{name}.json", len(data)):
            return name
        if len(self._likely) < _LIKELY:
            self._likely.add(name)
        return None

    def get(self, name: str) -> bytes:
        """The bytes of a blob. Raises `TraceError` when it is missing or was altered."""
        file = self.file(name)
        try:
            data = read_regular(file, LINE_LIMIT)
        except FileNotFoundError:
            raise TraceError(
                f"blob {name} is missing (expected at {file}); copy the folder "
                f"`blobs` together with the trace",
                file,
            ) from None
        except (OSError, ValueError) as error:
            raise TraceError(f"blob {name} cannot be read: {error}", file) from None
        if digest(data) != name:
            raise TraceError(f"blob {name} was altered: its content has another hash", file)
        return data

    @staticmethod
    def _stands(file: str, size: int) -> bool:
        try:
            found = os.stat(file)
        except FileNotFoundError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == size


def read_regular(path: str | Path, limit: int) -> bytes:
    """The bytes of a regular file of at most `limit` bytes.

    Raises `ValueError` for a pipe, a device or a longer file, and `OSError`.
    """
    # a pipe would hang without O_NONBLOCK
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{path} is not a regular file")
        if found.st_size > limit:
            raise ValueError(f"{path} is longer than {limit:,} bytes")
        data = os.read(handle, found.st_size + 1)
        while len(data) <= limit and (more := os.read(handle, 1 << 20)):
            data += more
        return data
    finally:
        os.close(handle)


def _made(file: str, data: bytes) -> bool:
    """Whether the file was made here; not where there is one, or no folder for it.

    A process that is killed between the two calls leaves an empty file that no line names yet;
    who needs the blob then puts the whole one in its place.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    except (FileExistsError, FileNotFoundError):
        return False
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(handle, left) :]
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(file)
        raise
    finally:
        os.close(handle)
    return True


def _write(file: str, data: bytes) -> None:
    folder, name = os.path.split(file)
    temporary = f"{folder}/.{name[:32]}-{os.getpid()}-{os.urandom(4).hex()}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        handle = os.open(temporary, flags, 0o644)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        handle = os.open(temporary, flags, 0o644)
    try:
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(handle, left) :]
        finally:
            os.close(handle)
        os.replace(temporary, file)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
