"""What an update of an index has read so far, so that one that is killed goes on where it stopped.

    FOLDER/journal/PID-N        records of one writer: documents that were read, vectors

Each record stands for itself, with a checksum: a torn or changed one counts as not written, and is
read (or embedded) again. What stands here answers no question; it goes when the update is done.
Used by the one process that holds the index's lock. A record is given to the system at once, so
that a killed process loses none; it is not flushed to the disk, as losing it costs only work.
"""

import hashlib
import itertools
import os
import struct
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import overload

import numpy as np
import orjson

from .documents import Document, Page
from .embedders import Embedder, Vectors
from .folder import Found, store
from .scratch import PIECE

_MAGIC = b"workings-journal/2\n"
_HEAD = struct.Struct("<c16sQ16s")
"""Kind, key, size of the body, blake2b-128 of the three and the body."""
_DOCUMENT, _VECTOR = b"d", b"v"

BATCH = 256
"""Texts embedded at a time, where vectors are kept."""

WORTH_KEEPING = 0.002
"""Seconds for one text: what an embedder makes more quickly is made again, not kept."""


class Journal:
    """The records in one folder; none at all where the folder is None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = None if folder is None else folder / "journal"
        self._found: list[Path] = []
        self._places: dict[tuple[bytes, bytes], tuple[Path, int, int, bytes]] = {}
        self._out: int | None = None

    def begin(self) -> None:
        """Look for what an earlier update left; whoever calls holds the lock."""
        self._close()
        self._places.clear()
        self._found = []
        if self._folder is not None and self._folder.is_dir():
            self._found = sorted(self._folder.iterdir())
        for path in self._found:
            for kind, key, place in _records(path):
                self._places[kind, key] = (path, *place)

    def read(self, found: Found, key: str) -> tuple[Document, Sequence[Page]] | None:
        """A file that was read already: `key` is its content's id now. None when it was not."""
        place = self._places.get((_DOCUMENT, bytes.fromhex(key)))
        if place is None or not self._whole(_DOCUMENT, bytes.fromhex(key), *place):
            return None
        kept = KeptPages(place[0], place[1], place[1] + place[2])
        document = Document.model_validate(kept.first)
        # The same bytes under another name have another title.
        return (document, kept) if document.path == store(found.path) else None

    def keep(self, document: Document, pages: Sequence[Page]) -> None:
        """A file was read."""
        if self._folder is not None:
            fields = ((page.number, page.label, page.text) for page in pages)
            lines = itertools.chain([document.model_dump(mode="json")], fields)
            body = (orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
            self._write(_DOCUMENT, bytes.fromhex(document.id), body)

    def embed(self, embedder: Embedder, texts: list[str]) -> Vectors:
        """The vectors of the texts, those from an earlier update among them."""
        name = f"{embedder.id}\n{embedder.hash}\n{embedder.dimension}\n"
        keys = [_key(name, text) for text in texts]
        out = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
        missing = []
        for row, key in enumerate(keys):
            body = self._body(_VECTOR, key)
            if body is None:
                missing.append(row)
            else:
                out[row] = np.frombuffer(body, dtype="<f4")
        # A service may cost money and fail at any request: each of its answers is kept.
        served = getattr(embedder, "batch", None)
        size = served or BATCH
        for start in range(0, len(missing), size):
            rows = missing[start : start + size]
            began = time.monotonic()
            made = embedder.embed([texts[row] for row in rows])
            if made.shape != (len(rows), embedder.dimension):
                return made  # the index tells what is wrong with it
            out[rows] = made
            if served or time.monotonic() - began > WORTH_KEEPING * len(rows):
                for row, vector in zip(rows, made, strict=True):
                    self._write(_VECTOR, keys[row], [vector.astype("<f4").tobytes()])
        return out

    def end(self) -> None:
        """The update is done: what it kept, and what it found, goes."""
        own = self._close()
        for path in [*self._found, *own]:
            path.unlink(missing_ok=True)
        self._found = []
        self._places.clear()
        if self._folder is not None:
            with suppress(OSError):  # not there, or another writer's by now
                self._folder.rmdir()

    def _body(self, kind: bytes, key: bytes) -> bytes | None:
        place = self._places.get((kind, key))
        if place is None or not self._whole(kind, key, *place):
            return None
        path, start, size, _ = place
        with path.open("rb") as file:
            file.seek(start)
            return file.read(size)

    def _whole(
        self, kind: bytes, key: bytes, path: Path, start: int, size: int, digest: bytes
    ) -> bool:
        """Whether a record is as it was written."""
        found = _digest(kind, key)
        try:
            with path.open("rb") as file:
                file.seek(start)
                while size and (piece := file.read(min(size, PIECE))):
                    found.update(piece)
                    size -= len(piece)
        except OSError:
            return False
        return found.digest() == digest

    def _write(self, kind: bytes, key: bytes, body: Iterable[bytes]) -> None:
        """Write a record: its head last, so that it does not count before it is whole."""
        if self._folder is None:
            return
        try:
            if self._out is None:
                self._out, self._path = _create(self._folder)
            start = os.lseek(self._out, 0, os.SEEK_END)
            size, digest = 0, _digest(kind, key)
            with os.fdopen(self._out, "wb", closefd=False) as out:
                out.write(bytes(_HEAD.size))
                for piece in body:
                    digest.update(piece)
                    out.write(piece)
                    size += len(piece)
            os.pwrite(self._out, _HEAD.pack(kind, key, size, digest.digest()), start)
        except OSError:
            # A full or read-only disk: nothing is kept, and the index will say what is wrong.
            self._close()
            self._folder = None

    def _close(self) -> list[Path]:
        if self._out is None:
            return []
        os.close(self._out)
        self._out = None
        return [self._path]


class Remembering:
    """An embedder whose vectors a journal keeps while many texts are embedded."""

    def __init__(self, embedder: Embedder, journal: Journal) -> None:
        self._embedder = embedder
        self._journal = journal
        self.id, self.dimension, self.hash = embedder.id, embedder.dimension, embedder.hash

    def embed(self, texts: list[str]) -> Vectors:
        """As the embedder does."""
        return self._journal.embed(self._embedder, texts)


class KeptPages(Sequence[Page]):
    """The pages of a record, a line each, after a first line of another kind; read when needed."""

    def __init__(self, path: Path, start: int, stop: int) -> None:
        self._path = path
        self._starts = array("q", [start])
        with path.open("rb") as file:
            file.seek(start)
            while self._starts[-1] < stop:
                self._starts.append(self._starts[-1] + len(file.readline()))
        self.first = orjson.loads(self._line(0))

    def __len__(self) -> int:
        return len(self._starts) - 2

    @overload
    def __getitem__(self, place: int) -> Page: ...
    @overload
    def __getitem__(self, place: slice) -> list[Page]: ...
    def __getitem__(self, place: int | slice) -> Page | list[Page]:
        """By place."""
        found = range(len(self))[place]
        return self._page(found) if isinstance(found, int) else [self._page(n) for n in found]

    def _page(self, place: int) -> Page:
        number, label, text = orjson.loads(self._line(1 + place))
        return Page(number=number, label=label, text=text)

    def _line(self, number: int) -> bytes:
        with self._path.open("rb") as file:
            file.seek(self._starts[number])
            return file.read(self._starts[number + 1] - self._starts[number])


def _records(path: Path) -> Iterator[tuple[bytes, bytes, tuple[int, int, bytes]]]:
    """Kind, key and (place, size, checksum of the body) of each whole record of a file."""
    with suppress(OSError), path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(len(_MAGIC)) != _MAGIC:
            return
        while True:
            head = file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            kind, key, length, digest = _HEAD.unpack(head)
            start = file.tell()
            if kind not in (_DOCUMENT, _VECTOR) or start + length > size:
                return
            yield kind, key, (start, length, digest)
            file.seek(length, os.SEEK_CUR)


def _create(folder: Path) -> tuple[int, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        path = folder / f"{os.getpid()}-{number}"
        try:
            out = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            number += 1
            continue
        os.write(out, _MAGIC)
        return out, path


def _key(name: str, text: str) -> bytes:
    return hashlib.blake2b(f"{name}{text}".encode(), digest_size=16).digest()


def _digest(kind: bytes, key: bytes) -> "hashlib.blake2b":
    return hashlib.blake2b(kind + key, digest_size=16)
