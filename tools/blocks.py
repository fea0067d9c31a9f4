"""Arrays and texts on disk, of which each block is checked before its first use.

Knows bytes, blocks and checksums. Knows nothing of what the bytes mean or of generations.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from .scratch import Column, drop

BLOCK = 1 << 20
"""Bytes that one checksum covers."""

_ALIGNED = 64
"""Every part begins at a multiple of this."""

Part = bytes | Column | tuple[bytes, Column]
"""What is kept: bytes, what stands in a file without a name, or the one and then the other."""


def write_parts(file: BinaryIO | Column, parts: Mapping[str, Part]) -> dict[str, Any]:
    """Write parts one after the other: where each begins, its size, and the blocks' sums.

    A column is closed as soon as it was copied: its room on the disk is free then.
    """
    places: dict[str, tuple[int, int]] = {}
    sums: list[str] = []
    block = _hash()
    at = 0

    def put(data: bytes) -> None:
        nonlocal at, block
        file.write(data)
        start, view = 0, memoryview(data)
        while start < len(data):
            piece = view[start : start + BLOCK - at % BLOCK]
            block.update(piece)
            start, at = start + len(piece), at + len(piece)
            if at % BLOCK == 0:
                sums.append(block.hexdigest())
                block = _hash()

    for name, part in sorted(parts.items()):
        put(bytes(-at % _ALIGNED))
        start = at
        for each in part if isinstance(part, tuple) else (part,):
            if isinstance(each, bytes):
                put(each)
                continue
            for piece in each.pieces():
                put(piece)
            each.close()
        places[name] = start, at - start
    if at % BLOCK:
        sums.append(block.hexdigest())
    return {"bytes": at, "blocks": sums, "parts": places}


def _hash() -> "hashlib.blake2b":
    return hashlib.blake2b(digest_size=16)


class Blocks:
    """The bytes of one file with the checksums of its blocks."""

    def __init__(self, data: memoryview, sums: Sequence[str], damaged: Callable[[], Exception]):
        self._data = data
        self._sums = sums
        self._damaged = damaged
        self._seen = np.zeros(len(sums), dtype=bool)
        self._all = False

    def check(self, start: int, stop: int) -> None:
        """Read the blocks under these bytes, those not read yet; raises what `damaged` makes."""
        if not self._all and stop > start:
            self._check(range(start // BLOCK, (stop - 1) // BLOCK + 1))

    def check_each(self, starts: npt.NDArray[np.int64], size: int) -> None:
        """The same for pieces of `size` bytes, which may be anywhere."""
        if not self._all and size and len(starts):
            touched = np.union1d(starts // BLOCK, (starts + size - 1) // BLOCK)
            self._check(touched[~self._seen[touched]].tolist())

    def check_all(self) -> None:
        """Read every block that was not read yet."""
        self._check(range(len(self._sums)))
        self._all = True

    def _check(self, blocks: Sequence[int]) -> None:
        for block in blocks:
            if not self._seen[block]:
                found = _hash()
                found.update(self._data[block * BLOCK : (block + 1) * BLOCK])
                if found.hexdigest() != self._sums[block]:
                    raise self._damaged()
                self._seen[block] = True


@dataclass(frozen=True)
class Array:
    """An array of one or two dimensions, in memory or in a file that is checked as it is read."""

    values: npt.NDArray[Any]
    """Not to be read past the methods below."""
    blocks: Blocks | None = None
    start: int = 0
    """Where it begins in the file."""

    def __len__(self) -> int:
        return len(self.values)

    def part(self, start: int, stop: int) -> npt.NDArray[Any]:
        """The entries from `start` to before `stop`."""
        if self.blocks is not None:
            size = self._stride
            self.blocks.check(self.start + start * size, self.start + stop * size)
        return self.values[start:stop]

    def at(self, places: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The entries at these places, in this order."""
        if self.blocks is not None:
            size = self._stride
            self.blocks.check_each(self.start + places.astype(np.int64) * size, size)
        found: npt.NDArray[Any] = self.values[places]
        return found

    def whole(self) -> npt.NDArray[Any]:
        """All of it."""
        if self.blocks is not None:
            self.blocks.check(self.start, self.start + self.values.nbytes)
        return self.values

    def drop(self) -> None:
        """Give back the memory of a mapped file; what is read again is read from the disk."""
        drop(self.values)

    @property
    def _stride(self) -> int:
        return int(self.values.itemsize * (self.values.shape[1] if self.values.ndim == 2 else 1))


@dataclass(frozen=True)
class Texts:
    """Many texts in one run of bytes."""

    data: Array
    """Bytes, as uint8."""
    offsets: Array
    """int64; text i is `data[offsets[i]:offsets[i + 1]]`."""

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> "Texts":
        """These texts, in memory."""
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in texts], out=offsets[1:])
        data = np.frombuffer(b"".join(texts), dtype=np.uint8)
        return cls(Array(data), Array(offsets))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, place: int) -> bytes:
        start, stop = self.offsets.part(place, place + 2).tolist()
        return self.data.part(start, stop).tobytes()

    def run(self, start: int, stop: int) -> list[bytes]:
        """The texts from `start` to before `stop`."""
        bounds = self.offsets.part(start, stop + 1).tolist()
        data = self.data.part(bounds[0], bounds[-1]).tobytes()
        first = bounds[0]
        return [data[a - first : b - first] for a, b in zip(bounds[:-1], bounds[1:], strict=True)]

    def find(self, text: bytes) -> int | None:
        """The place of a text among texts sorted by their bytes; None when it is not here."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            here = self[middle]
            if here == text:
                return middle
            low, high = (middle + 1, high) if here < text else (low, middle)
        return None
