"""Terms of rows become an inverted index whose size does not count: in sorted runs, then merged.

Entries (term, row, count) are gathered until there are `RUN` of them, sorted, and set aside on
disk; in the end all runs, and what an older index had, are read side by side in the order of terms.
(Single-pass in-memory indexing: Heinz and Zobel, 2003.) Knows terms and numbers, nothing of texts.
"""

import heapq
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from .scratch import Column, Scratch, TextColumn

Integers = npt.NDArray[np.int32]

RUN = 300_000
"""Terms of rows, repeats counted, that are sorted at a time."""
MERGED = 100_000
"""Entries that are merged at a time; a term's are never parted."""
TERMS = 25_000
"""Different terms that are held in memory at a time."""
_READ_AHEAD = 20_000
"""Terms that are read ahead of all runs together."""


class Entries(Protocol):
    """Terms in the order of their bytes, with their entries one after the other."""

    def terms(self, ahead: int) -> Iterator[tuple[bytes, int]]:
        """Each term and how many entries it has, reading so many ahead."""
        ...

    def take(self, count: int) -> tuple[Integers, Integers]:
        """Rows (-1: no more there) and counts of the next entries."""
        ...


@dataclass(frozen=True)
class Merged:
    """Some terms, after those before them, and their entries."""

    terms: list[bytes]
    sizes: npt.NDArray[np.int64]
    """How many entries each term has."""
    rows: Integers
    """Ascending within a term."""
    counts: Integers


class Inverter:
    """Takes the terms of rows, in the order of rows, and gives them back term by term."""

    def __init__(self, scratch: Scratch) -> None:
        self.numbers: dict[str, int] = {}
        """Term -> its number until `full` is true and `flush` was called; the caller adds."""
        self._terms, self._rows, self._sizes = array("i"), array("i"), array("i")
        self._runs: list[_Run] = []
        self._scratch = scratch
        self._set_aside: _SetAside | None = None

    @property
    def full(self) -> bool:
        """Whether it is time to `flush`."""
        return len(self._terms) >= RUN or len(self.numbers) >= TERMS

    def add(self, row: int, terms: Sequence[int]) -> None:
        """The terms of the next row, by number, as often as they stand there."""
        self._terms.extend(terms)
        self._rows.append(row)
        self._sizes.append(len(terms))

    def flush(self) -> None:
        """Sort what is in memory and set it aside. Every number is free again."""
        if self._set_aside is None:
            sizes, rows, counts = (Column(self._scratch, "<i4") for _ in range(3))
            self._set_aside = _SetAside(TextColumn(self._scratch), sizes, rows, counts)
        aside = self._set_aside
        names = sorted(self.numbers)
        rank = np.empty(len(names), dtype=np.int64)
        numbers = np.array([self.numbers[name] for name in names], dtype=np.int64)
        rank[numbers] = np.arange(len(names))
        keys = rank[np.frombuffer(self._terms, dtype=np.int32)] << 32
        keys |= np.repeat(*(np.frombuffer(each, np.int32) for each in (self._rows, self._sizes)))
        keys.sort()
        first = np.flatnonzero(np.diff(keys, prepend=-1))
        entries = keys[first]
        self._runs.append(_Run(aside, len(aside.texts), len(names), len(aside.rows)))
        aside.texts.extend(name.encode() for name in names)
        aside.sizes.append(np.bincount(entries >> 32, minlength=len(names)))
        aside.rows.append(entries & 0xFFFFFFFF)
        aside.counts.append(np.diff(first, append=len(keys)))
        self.numbers.clear()
        self._terms, self._rows, self._sizes = array("i"), array("i"), array("i")

    def merged(self, *older: Entries) -> Iterator[Merged]:
        """Everything, with the older entries among it; a term without entries is left out."""
        if self.numbers:
            self.flush()
        return merge([*older, *self._runs])


@dataclass(frozen=True)
class _SetAside:
    """All runs, one after the other."""

    texts: TextColumn
    """The terms."""
    sizes: Column
    """How many entries each has."""
    rows: Column
    counts: Column


class _Run:
    """Entries that were sorted together."""

    def __init__(self, kept: _SetAside, first: int, terms: int, entry: int) -> None:
        self._kept, self._first, self._terms, self._next = kept, first, terms, entry

    def terms(self, ahead: int) -> Iterator[tuple[bytes, int]]:
        """Each term and how many entries it has."""
        last = self._first + self._terms
        for start in range(self._first, last, ahead):
            stop = min(start + ahead, last)
            bounds = self._kept.texts.offsets.part(start, stop + 1).tolist()
            data = self._kept.texts.data.part(bounds[0], bounds[-1]).tobytes()
            sizes = self._kept.sizes.part(start, stop).tolist()
            for left, right, size in zip(bounds[:-1], bounds[1:], sizes, strict=True):
                yield data[left - bounds[0] : right - bounds[0]], size

    def take(self, count: int) -> tuple[Integers, Integers]:
        """Rows and counts of the next entries."""
        start, self._next = self._next, self._next + count
        return self._kept.rows.part(start, self._next), self._kept.counts.part(start, self._next)


def merge(sources: Sequence[Entries]) -> Iterator[Merged]:
    """Several lists of entries as one, some terms at a time; terms without entries are left out."""
    ahead = max(32, _READ_AHEAD // max(1, len(sources)))
    streams = (_numbered(number, source, ahead) for number, source in enumerate(sources))
    for terms, wanted in _some(heapq.merge(*streams), len(sources)):
        found = _taken(sources, terms, wanted)
        if found.terms:
            yield found


def _some(
    every: Iterable[tuple[bytes, int, int]], sources: int
) -> "Iterator[tuple[list[bytes], _Wanted]]":
    """As many terms as are merged at a time, and what is to be taken for them."""
    terms: list[bytes] = []
    wanted = _Wanted(sources)
    for term, number, size in every:
        if not terms or term != terms[-1]:
            if wanted.size >= MERGED or len(terms) >= TERMS:
                yield terms, wanted
                terms, wanted = [], _Wanted(sources)
            terms.append(term)
        wanted.add(number, len(terms) - 1, size)
    if terms:
        yield terms, wanted


class _Wanted:
    """Which terms, and how many entries of each, are to be taken from each list."""

    def __init__(self, sources: int) -> None:
        self.terms = [array("q") for _ in range(sources)]
        self.sizes = [array("q") for _ in range(sources)]
        self.size = 0

    def add(self, source: int, term: int, size: int) -> None:
        self.terms[source].append(term)
        self.sizes[source].append(size)
        self.size += size


def _numbered(number: int, source: Entries, ahead: int) -> Iterator[tuple[bytes, int, int]]:
    return ((term, number, size) for term, size in source.terms(ahead))


def _taken(sources: Sequence[Entries], terms: list[bytes], wanted: _Wanted) -> Merged:
    keys, counts = [], []
    for source, places, each in zip(sources, wanted.terms, wanted.sizes, strict=True):
        if not places:
            continue
        rows, found = source.take(sum(each))
        of = np.repeat(np.frombuffer(places, dtype=np.int64), np.frombuffer(each, dtype=np.int64))
        stay = rows >= 0
        if not stay.all():
            of, rows, found = of[stay], rows[stay], found[stay]
        keys.append(of << 32 | rows)
        counts.append(found)
    key = np.concatenate(keys)
    sorting = np.argsort(key)
    key = key[sorting]
    sizes = np.bincount(key >> 32, minlength=len(terms)).astype(np.int64)
    used = np.flatnonzero(sizes)
    return Merged(
        terms if len(used) == len(terms) else [terms[place] for place in used.tolist()],
        sizes[used],
        (key & 0xFFFFFFFF).astype(np.int32),
        np.concatenate(counts)[sorting],
    )
