"""Ways of cutting a page, to choose from. Knows sentences and vectors, nothing of files or indexes.

`fixed` (the default) cuts after about 1,000 characters at a good place (`tools/chunks.py`).
`semantic` cuts where the text changes its subject: between the lines whose neighbourhoods are least
alike, as an embedder sees them. Measured in BENCHMARKS.md; fixed is the default because it finds as
much and is read in a fraction of the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .chunks import CHUNKER, LEAST, LIMIT, TARGET, lines_of, passages
from .documents import Document, Page, Passage
from .embedders import Embedder, Vectors
from .errors import SettingsError

FIXED, SEMANTIC = "fixed", "semantic"
CHUNKERS = (FIXED, SEMANTIC)

_NEAR = 400
"""Characters on each side of a place that are compared."""
_EVENNESS = 0.35
"""What a passage of no length would cost, or one twice the target, on the scale of a cosine."""


class Chunker(Protocol):
    """A way of cutting; its id is stored with the index."""

    @property
    def id(self) -> str:
        """Names the way and what it depends on: another one means another index."""
        ...

    def cut(self, document: Document, pages: Sequence[Page]) -> Iterator[Passage]:
        """The passages of a document, in reading order, each a contiguous part of one page."""
        ...


@dataclass(frozen=True)
class Fixed:
    """By length, at line and sentence ends."""

    id: str = CHUNKER

    def cut(self, document: Document, pages: Sequence[Page]) -> Iterator[Passage]:
        """The passages of a document."""
        return passages(document, pages)


@dataclass(frozen=True)
class Semantic:
    """By subject: cuts where both sides are least alike, passages staying near the usual length."""

    embedder: Embedder

    @property
    def id(self) -> str:
        """Depends on the embedder."""
        return f"semantic-{TARGET}/1 {self.embedder.id} {self.embedder.hash}"

    def cut(self, document: Document, pages: Sequence[Page]) -> Iterator[Passage]:
        """The passages of a document."""
        return passages(document, pages, self.spans)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where the passages of a page start and end, without surrounding white space."""
        lines = [(start, end) for start, end in lines_of(text) if text[start:end].strip()]
        if not lines:
            return
        sizes = [end - start for start, end in lines]
        vectors = self.embedder.embed([text[start:end] for start, end in lines])
        for first, after in _groups(sizes, _likeness(sizes, vectors)):
            piece = text[lines[first][0] : lines[after - 1][1]]
            left = lines[first][0] + len(piece) - len(piece.lstrip())
            yield left, left + len(piece.strip())


def chunker_of(name: str, embedder: Embedder) -> Chunker:
    """The chunker of a name. Raises `SettingsError` for an unknown one."""
    if name == FIXED:
        return Fixed()
    if name == SEMANTIC:
        return Semantic(embedder)
    raise SettingsError(f"chunker = {name!r}: expected {' or '.join(CHUNKERS)}")


def _likeness(sizes: Sequence[int], vectors: Vectors) -> list[float]:
    """For every place between two lines the cosine of what stands before it and after it."""
    weighed = vectors * np.array(sizes, dtype=np.float32)[:, None]
    found = []
    for place in range(1, len(sizes)):
        before = weighed[_reach(sizes, place - 1, -1) : place].sum(axis=0)
        after = weighed[place : _reach(sizes, place, 1) + 1].sum(axis=0)
        length = float(np.linalg.norm(before) * np.linalg.norm(after))
        found.append(float(before @ after) / length if length else 0.0)
    return found


def _reach(sizes: Sequence[int], place: int, step: int) -> int:
    """The last line from a place on, in one direction, that is near."""
    size = sizes[place]
    while 0 <= place + step < len(sizes) and size < _NEAR:
        place += step
        size += sizes[place]
    return place


def _groups(sizes: Sequence[int], likeness: Sequence[float]) -> list[tuple[int, int]]:
    """Lines put together, first and after, so that the places of cutting cost least in all.

    A cut costs the likeness of its sides, a passage what it is off the target length; none is
    longer than `LIMIT` unless it is one line. Dynamic programming over the place of the last cut.
    """
    best = [0.0] + [np.inf] * len(sizes)
    came = [0] * (len(sizes) + 1)
    for after in range(1, len(sizes) + 1):
        size = 0
        for first in range(after - 1, -1, -1):
            size += sizes[first]
            if size > LIMIT and first < after - 1:
                break
            cost = best[first] + (likeness[first - 1] if first else 0.0) + _uneven(size)
            if cost < best[after]:
                best[after], came[after] = cost, first
    groups = []
    after = len(sizes)
    while after:
        groups.append((came[after], after))
        after = came[after]
    return groups[::-1]


def _uneven(size: int) -> float:
    short = 1.0 if size < LEAST else 0.0
    return _EVENNESS * ((size - TARGET) / TARGET) ** 2 + short
