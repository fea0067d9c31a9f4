"""What is under way and too much for memory: arrays and texts in files that have no name.

Knows bytes and where they may lie. Knows nothing of what they mean. A file without a name goes with
the process that made it, however that ends.
"""

import io
import mmap
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt

PIECE = 1 << 20
"""Bytes that are copied at a time."""

_BUFFER = 1 << 16


class Scratch:
    """Makes such files in one place; all of them are gone when it is closed.

    In a folder of its own, which is made when the first file is and removed at the end; without a
    folder, where the system keeps temporary files. What the disk refuses is raised as `refused`
    makes it.
    """

    def __init__(self, folder: Path | None, refused: Callable[[OSError], Exception]) -> None:
        self.refused = refused
        self._folder = folder
        self._files: list[IO[bytes]] = []
        self._lock = threading.Lock()

    @classmethod
    def in_memory(cls) -> "Scratch":
        """For little: nothing is written to any disk."""
        return _Memory(None, _unchanged)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            with suppress(OSError):  # what is still to be written is not needed any more
                file.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def file(self) -> IO[bytes]:
        """A new file, to be written and read."""
        try:
            with self._lock:
                if self._folder is not None:
                    self._folder.mkdir(parents=True, exist_ok=True)
                file = self._made()
                self._files.append(file)
        except OSError as error:
            raise self.refused(error) from None
        return file

    def close(self, file: IO[bytes]) -> None:
        """Give the room of a file back."""
        with self._lock:
            self._files.remove(file)
        file.close()

    def _made(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._folder, buffering=_BUFFER)


class _Memory(Scratch):
    def _made(self) -> IO[bytes]:
        return io.BytesIO()


def _unchanged(error: OSError) -> Exception:
    return error


class Column:
    """An array on disk that grows at its end. One thread at a time."""

    def __init__(self, scratch: Scratch, dtype: str, columns: int | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self._shape = (-1,) if columns is None else (-1, columns)
        self._line = self.dtype.itemsize * (columns or 1)
        self._scratch = scratch
        self._file = scratch.file()
        self.nbytes = 0

    def __len__(self) -> int:
        return self.nbytes // self._line

    def append(self, values: npt.ArrayLike) -> None:
        """Add entries at the end."""
        self.write(np.ascontiguousarray(values, dtype=self.dtype).reshape(-1).view(np.uint8).data)

    def write(self, data: bytes | memoryview) -> None:
        """Add entries at the end, as bytes."""
        try:
            self._file.seek(self.nbytes)
            self._file.write(data)
        except OSError as error:
            raise self._scratch.refused(error) from None
        self.nbytes += len(data)

    def part(self, start: int, stop: int) -> npt.NDArray[Any]:
        """The entries from `start` to before `stop`, read from the disk."""
        data = self._read(start * self._line, min(stop * self._line, self.nbytes))
        return np.frombuffer(data, dtype=self.dtype).reshape(self._shape)

    def pieces(self) -> Iterator[bytes]:
        """All its bytes, from the beginning, so many at a time."""
        for start in range(0, self.nbytes, PIECE):
            yield self._read(start, min(start + PIECE, self.nbytes))

    def mapped(self) -> npt.NDArray[Any]:
        """All entries, read where they are touched; nothing is to be added after that."""
        if isinstance(self._file, io.BytesIO) or not self.nbytes:
            return self.part(0, len(self))
        self._flush()
        data = mmap.mmap(self._file.fileno(), self.nbytes, access=mmap.ACCESS_READ)
        return np.frombuffer(data, dtype=self.dtype).reshape(self._shape)

    def close(self) -> None:
        """Give its room back."""
        self._scratch.close(self._file)

    def _read(self, start: int, stop: int) -> bytes:
        try:
            self._file.seek(start)
            return self._file.read(max(0, stop - start))
        except OSError as error:
            raise self._scratch.refused(error) from None

    def _flush(self) -> None:
        try:
            self._file.flush()
        except OSError as error:
            raise self._scratch.refused(error) from None


class TextColumn:
    """Many texts in one run of bytes, on disk; text i is `data[offsets[i]:offsets[i + 1]]`."""

    def __init__(self, scratch: Scratch) -> None:
        self.data = Column(scratch, "<u1")
        self.offsets = Column(scratch, "<i8")
        self.offsets.append([0])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def extend(self, texts: Iterable[bytes]) -> None:
        """Add texts at the end."""
        texts = list(texts)
        if texts:
            self.append(b"".join(texts), np.cumsum([len(text) for text in texts], dtype=np.int64))

    def append(self, data: bytes | memoryview, ends: npt.NDArray[np.int64]) -> None:
        """Add texts that stand one after the other; `ends` is where each ends in `data`."""
        self.offsets.append(ends + self.data.nbytes)
        self.data.write(data)


def drop(values: npt.NDArray[Any]) -> None:
    """Give back the memory that holds what was read of a mapped array; it can be read again."""
    base: Any = values
    while isinstance(base, np.ndarray | memoryview):
        base = base.base if isinstance(base, np.ndarray) else base.obj
    if isinstance(base, mmap.mmap):
        base.madvise(mmap.MADV_DONTNEED)
