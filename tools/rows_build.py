"""The rows of tables in passages become files, from the first passage to the last.

Knows the forms of the files. Knows nothing of how a row is recognised (`tools/rows.py`) or found.
"""

from array import array
from collections.abc import Iterator, Sequence
from io import BytesIO

import numpy as np

from .blocks import Part
from .inverting import Integers, Inverter
from .lexical import terms
from .rows import Rows, rows_in
from .scratch import Column, Scratch

_MOST_LABELS = 20_000
"""Labels whose terms are remembered: a label stands in many tables."""


class RowsBuilder:
    """The table rows of passages: of an older index, and of new ones, in the order of passages."""

    def __init__(self, scratch: Scratch, old: Rows) -> None:
        self._old = old
        self._places = np.full(len(old.passages), -1, dtype=np.int32)
        self._inverter = Inverter(scratch)
        self._scratch = scratch
        self._seen: dict[str, list[int]] = {}
        self._passages, self._lines = (Column(scratch, "<i4") for _ in range(2))
        self._new = array("i"), array("i")
        self._count = 0

    def keep(self, start: int, stop: int, first: int) -> None:
        """The next passages are these of the older index; the first of them is number `first`."""
        self._put()
        low, high = np.searchsorted(self._old.passages, [start, stop]).tolist()
        self._passages.append(self._old.passages[low:high] + np.int32(first - start))
        self._lines.append(self._old.lines[low:high])
        self._places[low:high] = np.arange(self._count, self._count + high - low)
        self._count += high - low

    def add(self, passage: int, text: str) -> None:
        """The next passage is new."""
        passages, lines = self._new
        for line, label in rows_in(text):
            found = self._seen.get(label)
            if found is None:
                found = self._seen[label] = self._numbered(label)
            self._inverter.add(self._count, found)
            passages.append(passage)
            lines.append(line)
            self._count += 1
        if self._inverter.full or len(self._seen) > _MOST_LABELS:
            self._inverter.flush()
            self._seen.clear()
            self._put()

    def parts(self) -> dict[str, Part]:
        """As files."""
        self._put()
        names, entries = Column(self._scratch, "<u1"), Column(self._scratch, "<i4")
        offsets = Column(self._scratch, "<i8")
        offsets.append([0])
        for some in self._inverter.merged(_Older(self._old, self._places)):
            names.write((b"\n" if names.nbytes else b"") + b"\n".join(some.terms))
            offsets.append(len(entries) + np.cumsum(some.sizes))
            entries.append(some.rows)
        return {
            "rows-terms.txt": names,
            "rows-passages.npy": _npy(self._passages),
            "rows-lines.npy": _npy(self._lines),
            "rows-offsets.npy": _npy(offsets),
            "rows-entries.npy": _npy(entries),
        }

    def _numbered(self, label: str) -> list[int]:
        numbers = self._inverter.numbers
        return [numbers.setdefault(term, len(numbers)) for term in dict.fromkeys(terms(label))]

    def _put(self) -> None:
        passages, lines = self._new
        self._passages.append(np.frombuffer(passages, dtype=np.int32))
        self._lines.append(np.frombuffer(lines, dtype=np.int32))
        self._new = array("i"), array("i")


def rows_of(texts: Sequence[str]) -> Rows:
    """The table rows of passages that are all in memory."""
    with Scratch.in_memory() as scratch:
        builder = RowsBuilder(scratch, Rows.empty())
        for passage, text in enumerate(texts):
            builder.add(passage, text)
        return Rows.decode({name: joined(part) for name, part in builder.parts().items()})


def joined(part: Part) -> bytes:
    """The bytes of a part."""
    parts = part if isinstance(part, tuple) else (part,)
    return b"".join(each if isinstance(each, bytes) else b"".join(each.pieces()) for each in parts)


def _npy(column: Column) -> tuple[bytes, Column]:
    """A column in NumPy's own form, as `np.save` writes it."""
    head = BytesIO()
    about = {"descr": column.dtype.str, "fortran_order": False, "shape": (len(column),)}
    np.lib.format.write_array_header_1_0(head, about)
    return head.getvalue(), column


class _Older:
    """The entries of an older index."""

    def __init__(self, old: Rows, places: Integers) -> None:
        self._old, self._places, self._next = old, places, 0

    def terms(self, ahead: int) -> Iterator[tuple[bytes, int]]:
        """Each term and how many entries it has."""
        sizes = np.diff(self._old.offsets).tolist()
        for term, size in zip(self._old.terms, sizes, strict=True):
            yield term.encode(), size

    def take(self, count: int) -> tuple[Integers, Integers]:
        """The next entries; they have no counts, so each is one."""
        start, self._next = self._next, self._next + count
        rows = self._places[self._old.entries[start : self._next]]
        return rows, np.ones(count, dtype=np.int32)
