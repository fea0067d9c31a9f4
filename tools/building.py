"""The files of an index from those of the one before it and from what was read, piece by piece.

The rows are written in their final order, once: what stays is copied from the older files, what is
new comes from the spool. In memory are some thousand passages, the entries of some thousand more,
and a few numbers a passage and a document; never the corpus. Knows the names and forms of the
files. Knows nothing of where they are kept.
"""

from array import array
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import numpy as np
import orjson

from .blocks import Part
from .chunks import headline
from .contents import language_of, ranked_text
from .documents import Document
from .embedders import Vectors
from .errors import SettingsError
from .kept import Kept
from .lexical_build import WordsBuilder
from .rows_build import RowsBuilder
from .scratch import Column, TextColumn
from .spool import Spool
from .vector_changes import Moves, revised
from .vectors import Scale

EMBEDDED = 512
"""Texts that are embedded at a time."""
_COPIED = 1024
"""Passages that are copied from the older files at a time."""
_FULL_OF_FIGURES = 0.15
"""A passage of which this share is digits is as full of figures as any."""


@dataclass(frozen=True)
class Change:
    """What an update makes of the contents before it, besides what was read."""

    keep: Collection[str]
    """Ids of the documents that stay; one that was read again is replaced."""
    paths: Mapping[str, str]
    """Stored path -> document id, all of them."""
    moved: Mapping[str, Document]
    """Documents that stay under another path."""


def build(
    before: Kept,
    spool: Spool,
    change: Change,
    embed: Callable[[list[str]], Vectors],
    scale: Scale,
) -> tuple[dict[str, Part], int, int]:
    """The files, and how many documents and passages they hold.

    The order of rows follows the documents' ids: the result depends on what is in it, not on the
    order of arrival. `scale` says how the vectors are kept. The files lie in the spool's scratch.
    """
    builder = _Builder(before, spool, change, embed)
    stay = {key for key in change.keep if key in before.numbers and key not in spool.ids}
    following: list[str] = []
    for key in sorted({*stay, *spool.ids}):
        after = before.numbers[following[-1]] + 1 if following else None
        if following and (key not in stay or before.numbers[key] != after):
            builder.keep(following)
            following = []
        if key in stay:
            following.append(key)
        else:
            builder.add(key)
    if following:
        builder.keep(following)
    return builder.parts(scale), len(builder.ids), builder.size


class _Builder:
    """The files under way."""

    def __init__(
        self, before: Kept, spool: Spool, change: Change, embed: Callable[[list[str]], Vectors]
    ) -> None:
        scratch = self._scratch = spool.scratch
        self._before, self._spool, self._change, self._embed = before, spool, change, embed
        self.ids: list[str] = []
        self.size = 0
        """Passages so far."""
        self._documents, self._lines = TextColumn(scratch), TextColumn(scratch)
        self._owners, self._pages = Column(scratch, "<i4"), Column(scratch, "<i4")
        self._figures = Column(scratch, "<f4")
        self._lexical = WordsBuilder(scratch, before.lexical)
        self._headings = WordsBuilder(scratch, before.headings)
        self._rows = RowsBuilder(scratch, before.rows)
        self._vectors = Column(scratch, "<f4", before.vectors.dimension)
        self._places = np.full(before.size, -1, dtype=np.int32)
        self._placed = array("i")
        self._texts: list[str] = []

    def keep(self, keys: list[str]) -> None:
        """The next documents are these, which follow each other in the older files."""
        before = self._before
        first = before.numbers[keys[0]]
        start, stop = before.starts[[first, first + len(keys)]].tolist()
        self._owners.append(before.owners[start:stop] - first + len(self.ids))
        for number, key in enumerate(keys, first):
            moved = self._change.moved.get(key)
            body = before.documents.lines[number] if moved is None else _dumped(moved)
            self._documents.extend([body])
        self.ids.extend(keys)
        self._pages.append(before.pages[start:stop])
        self._figures.append(before.figures[start:stop])
        self._lexical.keep(start, stop)
        self._headings.keep(start, stop)
        self._rows.keep(start, stop, self.size)
        for low in range(start, stop, _COPIED):
            bounds = before.lines.offsets.part(low, min(low + _COPIED, stop) + 1)
            data = before.lines.data.part(int(bounds[0]), int(bounds[-1]))
            self._lines.append(data.tobytes(), bounds[1:] - bounds[0])
            before.lines.data.drop()
        self._places[start:stop] = np.arange(self.size, self.size + stop - start)
        self.size += stop - start

    def add(self, key: str) -> None:
        """The next document was read."""
        lines = self._spool.read(key)
        body = next(lines)
        document = Document.model_validate(orjson.loads(body))
        language = language_of(document)
        self._documents.extend([body])
        piece: list[bytes] = []
        pages, figures = array("i"), array("f")

        def put() -> None:
            self._lines.extend(piece)
            self._pages.append(np.frombuffer(pages, dtype=np.int32))
            self._figures.append(np.frombuffer(figures, dtype=np.float32))
            self._owners.append(np.full(len(piece), len(self.ids), dtype=np.int32))

        for passage in lines:
            page, _, line = passage.partition(b" ")
            fields = orjson.loads(line)
            header, text = fields["header"], fields["text"]
            ranked = ranked_text(header, text)
            self._lexical.add(self.size, ranked, language)
            self._headings.add(self.size, headline(header, document.title), language)
            self._rows.add(self.size, text)
            self._placed.append(self.size)
            self._texts.append(ranked)
            if len(self._texts) == EMBEDDED:
                self._put_vectors()
            piece.append(line)
            pages.append(int(page))
            figures.append(_figures(text))
            self.size += 1
            if len(piece) == EMBEDDED:
                put()
                piece, pages, figures = [], array("i"), array("f")
        put()
        self.ids.append(key)

    def parts(self, scale: Scale) -> dict[str, Part]:
        """All files, once every row was kept or added."""
        self._put_vectors()
        moves = Moves(self._places, np.frombuffer(self._placed, dtype=np.int32))
        paths = dict(sorted(self._change.paths.items()))
        parts: dict[str, Part] = {
            "documents.bin": self._documents.data,
            "documents-offsets.i64": self._documents.offsets,
            "document-ids.txt": "".join(self.ids).encode(),
            "paths.json": orjson.dumps(paths, option=orjson.OPT_INDENT_2),
            "passages.bin": self._lines.data,
            "passages-offsets.i64": self._lines.offsets,
            "owners.i32": self._owners,
            "pages.i32": self._pages,
            "figures.f32": self._figures,
            **self._lexical.parts("lexical", self._places),
            **self._headings.parts("headings", self._places),
            **self._rows.parts(),
        }
        return {
            **parts,
            **revised(self._before.vectors, moves, self._vectors, scale, self._scratch),
        }

    def _put_vectors(self) -> None:
        texts, self._texts = self._texts, []
        if not texts:
            return
        made = self._embed(texts)
        expected = len(texts), self._before.vectors.dimension
        if made.shape != expected:
            raise SettingsError(
                f"The embedder gave vectors of shape {made.shape}, expected {expected}"
            )
        if not np.isfinite(made).all():
            raise SettingsError("The embedder gave vectors with values that are not numbers")
        self._vectors.append(made)


def _dumped(document: Document) -> bytes:
    return orjson.dumps(document.model_dump(mode="json"))


def _figures(text: str) -> float:
    digits = sum(map(str.isdigit, text))
    return min(1.0, digits / (_FULL_OF_FIGURES * len(text)))
