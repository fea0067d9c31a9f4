"""The pages of one file: a few in memory, many on disk. Knows nothing of how they are read."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import overload

import orjson

from .documents import Page
from .scratch import Column, Scratch
from .source import SourcePage

HELD = 250_000
"""Characters of one file that stay in memory."""


class SourcePages(Sequence[SourcePage]):
    """Pages as they were read, by number, each once; what is put last counts.

    Without a scratch all stay in memory.
    """

    def __init__(self, scratch: Scratch | None = None) -> None:
        self.characters = 0
        """Of all that were put."""
        self.last = 0
        """The highest number; 0: none."""
        self._scratch = scratch
        self._near: dict[int, SourcePage] = {}
        self._held = 0
        self._far: dict[int, int] = {}
        self._column: Column | None = None
        self._order: list[int] | None = None

    def put(self, page: SourcePage) -> None:
        """Add a page, or replace it."""
        self._near[page.number] = page
        self._far.pop(page.number, None)
        self._order = None
        self.characters += len(page.text)
        self.last = max(self.last, page.number)
        self._held += len(page.text) + len(page.label)
        if self._held > HELD and self._scratch is not None:
            if self._column is None:
                self._column = Column(self._scratch, "<u1")
            for number, each in self._near.items():
                self._far[number] = self._column.nbytes
                data = orjson.dumps(asdict(each))
                self._column.write(len(data).to_bytes(8, "little") + data)
            self._near, self._held = {}, 0

    def page(self, number: int) -> SourcePage:
        """The page of a number."""
        if number in self._near:
            return self._near[number]
        assert self._column is not None
        start = self._far[number] + 8
        size = int.from_bytes(self._column.part(start - 8, start).tobytes(), "little")
        return SourcePage(**orjson.loads(self._column.part(start, start + size).tobytes()))

    def __len__(self) -> int:
        return len(self._near) + len(self._far)

    @overload
    def __getitem__(self, place: int) -> SourcePage: ...
    @overload
    def __getitem__(self, place: slice) -> list[SourcePage]: ...
    def __getitem__(self, place: int | slice) -> SourcePage | list[SourcePage]:
        """By place in the order of numbers."""
        if self._order is None:
            self._order = sorted([*self._near, *self._far])
        found = self._order[place]
        return self.page(found) if isinstance(found, int) else [self.page(n) for n in found]

    def close(self) -> None:
        """Give the room on the disk back; the pages there are gone."""
        if self._column is not None:
            self._column.close()


class Pages(Sequence[Page]):
    """The same as pages of a document, each made when it is looked at."""

    def __init__(self, source: SourcePages) -> None:
        self._source = source

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, place: int) -> Page: ...
    @overload
    def __getitem__(self, place: slice) -> list[Page]: ...
    def __getitem__(self, place: int | slice) -> Page | list[Page]:
        """By place in the order of numbers."""
        found = self._source[place]
        return _page(found) if isinstance(found, SourcePage) else [_page(each) for each in found]

    def __iter__(self) -> Iterator[Page]:
        return map(_page, self._source)

    def close(self) -> None:
        """Give the room on the disk back; the pages there are gone."""
        self._source.close()


def _page(page: SourcePage) -> Page:
    return Page(number=page.number, label=page.label, text=page.text)
