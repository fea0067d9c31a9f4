"""Documents as they were read, set aside on disk until all of them are there.

Knows how a passage is written in an index. Knows nothing of where it will stand in it.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import IO

import orjson

from .documents import Document, Passage
from .scratch import Scratch


@dataclass(frozen=True)
class _Place:
    start: int
    passages: int


class Spool:
    """Documents with their passages, in the order of arrival; found again by id.

    In memory stands where each document begins, nothing of what it says.
    """

    def __init__(self, scratch: Scratch) -> None:
        self.scratch = scratch
        self._file: IO[bytes] | None = None
        self._places: dict[str, _Place] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._places)

    @property
    def ids(self) -> Collection[str]:
        """Ids of the documents."""
        return self._places.keys()

    def add(self, document: Document, passages: Iterable[Passage]) -> None:
        """Set a document aside; one with the same id that came before is forgotten."""
        start, count = self._size, 0
        self._write(orjson.dumps(document.model_dump(mode="json")))
        for passage in passages:
            self._write(b"%d %s" % (passage.page or 0, line_of(passage)))
            count += 1
        self._places[document.id] = _Place(start, count)

    def read(self, key: str) -> Iterator[bytes]:
        """A document as JSON, then its passages, each as its page, a space and `line_of`."""
        assert self._file is not None
        place = self._places[key]
        try:
            self._file.seek(place.start)  # writes first what was held back
            for _ in range(1 + place.passages):
                yield self._file.readline()[:-1]
        except OSError as error:
            raise self.scratch.refused(error) from None

    def _write(self, line: bytes) -> None:
        if self._file is None:
            self._file = self.scratch.file()
        try:
            self._file.write(line + b"\n")
        except OSError as error:
            raise self.scratch.refused(error) from None
        self._size += len(line) + 1


def line_of(passage: Passage) -> bytes:
    """A passage as an index keeps it; its document and page stand elsewhere."""
    return orjson.dumps(
        {
            "ordinal": int(passage.id.rsplit("-", 1)[1]),
            "label": passage.page_label,
            "header": passage.header,
            "text": passage.text,
        }
    )
