"""What an update of an index has read so far, so that one that is killed goes on where it stopped.

    FOLDER/journal/PID-N        records of one writer: documents that were read, vectors

Each record stands for itself, with a checksum: a torn or changed one counts as not written, and is
read (or embedded) again. What stands here answers no question; it goes when the update is done.
Used by the one process that holds the index's lock. A record is given to the system at once, so
that a killed process loses none; it is not flushed to the disk, as losing it costs only work.
"""

import hashlib
import os
import struct
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
import orjson

from .documents import Document, Page
from .embedders import Embedder, Vectors
from .folder import Found, store

_MAGIC = b"workings-journal/1\n"
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

    def read(self, found: Found, key: str) -> tuple[Document, tuple[Page, ...]] | None:
        """A file that was read already: `key` is its content's id now. None when it was not."""
        body = self._body(_DOCUMENT, bytes.fromhex(key))
        if body is None:
            return None
        fields = orjson.loads(body)
        document = Document.model_validate(fields["document"])
        if document.path != store(found.path):
            return None  # the same bytes under another name have another title
        pages = (Page(number=n, label=label, text=text) for n, label, text in fields["pages"])
        return document, tuple(pages)

    def keep(self, document: Document, pages: Sequence[Page]) -> None:
        """A file was read."""
        if self._folder is not None:
            fields = {
                "document": document.model_dump(mode="json"),
                "pages": [(page.number, page.label, page.text) for page in pages],
            }
            self._write(_DOCUMENT, bytes.fromhex(document.id), orjson.dumps(fields))

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
                    self._write(_VECTOR, keys[row], vector.astype("<f4").tobytes())
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
        if place is None:
            return None
        path, start, size, digest = place
        try:
            with path.open("rb") as file:
                file.seek(start)
                body = file.read(size)
        except OSError:
            return None
        return body if _digest(kind, key, body) == digest else None

    def _write(self, kind: bytes, key: bytes, body: bytes) -> None:
        if self._folder is None:
            return
        try:
            if self._out is None:
                self._out, self._path = _create(self._folder)
            record = _HEAD.pack(kind, key, len(body), _digest(kind, key, body)) + body
            while record:
                record = record[os.write(self._out, record) :]
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


def _digest(kind: bytes, key: bytes, body: bytes) -> bytes:
    digest = hashlib.blake2b(kind + key, digest_size=16)
    digest.update(body)
    return digest.digest()
