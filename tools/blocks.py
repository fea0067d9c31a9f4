"""Arrays and texts on disk, of which each block is checked before its first use.

Knows bytes, blocks and checksums. Knows nothing of what the bytes mean or of generations.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

BLOCK = 1 << 20
"""Bytes that one checksum covers."""

Part = bytes | npt.NDArray[Any]
"""What becomes one file: bytes as they are, or the bytes of an array."""


def block_sum(data: bytes | memoryview) -> str:
    """The checksum of one block: blake2b-128, in hex."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


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
                if block_sum(self._data[block * BLOCK : (block + 1) * BLOCK]) != self._sums[block]:
                    raise self._damaged()
                self._seen[block] = True


@dataclass(frozen=True)
class Array:
    """An array of one or two dimensions, in memory or in a file that is checked as it is read."""

    values: npt.NDArray[Any]
    """Not to be read past the methods below."""
    blocks: Blocks | None = None

    def __len__(self) -> int:
        return len(self.values)

    def part(self, start: int, stop: int) -> npt.NDArray[Any]:
        """The entries from `start` to before `stop`."""
        if self.blocks is not None:
            size = self._stride
            self.blocks.check(start * size, stop * size)
        return self.values[start:stop]

    def at(self, places: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """The entries at these places, in this order."""
        if self.blocks is not None:
            size = self._stride
            self.blocks.check_each(places.astype(np.int64) * size, size)
        found: npt.NDArray[Any] = self.values[places]
        return found

    def whole(self) -> npt.NDArray[Any]:
        """All of it."""
        if self.blocks is not None:
            self.blocks.check_all()
        return self.values

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
