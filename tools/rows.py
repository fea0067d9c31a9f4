"""Where the rows of tables stand, and the words of their labels: recognised at ingest.

A row is kept as its place (passage and line) and the stems of its label; its cells, columns and
unit are read from the page's own text when it is asked for (tools/row_search.py). Knows nothing of
files on disk, documents or questions.
"""

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from .lexical import Integers, Scores

_ENDS = frozenset("0123456789)%\u2014\u2013-|")
"""What the last character of a row may be."""
_LONGEST = 240
_WORD = re.compile(r"[^\W\d_]{2}")
_TAIL = re.compile(
    r"[\s|:.](?:(?:[$\u20ac\u00a3]\s?)?\(?[-\u2212]?[$\u20ac\u00a3]?\d[\d,]*(?:\.\d+)?\s?%?\s?\)?\s?%?"
    r"|[\u2014\u2013-])[\s|]*$"
)
_LAST = 40
"""Characters at the end of a line that its last figure stands in."""
_FIGURES = re.compile(r"[\d$\u20ac\u00a3(),.%|\u2014\u2013\s-]+$")
_HINT = 100
"""Characters of a line that may begin the label on the next one."""


def rows_in(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a text that are words and then figures, as (line number, label).

    A label that begins small goes on from the line before it.
    """
    before = ""
    for number, line in enumerate(text.split("\n")):
        if line and line[-1] in _ENDS and len(line) <= _LONGEST and _is_row(line):
            label = _FIGURES.sub("", line)
            yield number, f"{before} {label}" if label[:1].islower() else label
            before = ""
        else:
            before = line if len(line) <= _HINT else ""


def _is_row(line: str) -> bool:
    return bool(_WORD.search(line) and _TAIL.search(line, max(0, len(line) - _LAST)))


@dataclass(frozen=True)
class Rows:
    """Every table row of an index: its place, and an inverted index of label stems."""

    passages: Integers
    """The index row (passage) that each table row stands in; ascending."""
    lines: Integers
    """The number of its line in the text of that passage."""
    terms: tuple[str, ...]
    """Stems of labels, sorted."""
    offsets: npt.NDArray[np.int64]
    """Entries of term t are `entries[offsets[t]:offsets[t + 1]]`."""
    entries: Integers
    """Table rows with each term, ascending."""

    @classmethod
    def empty(cls) -> "Rows":
        """Of no rows."""
        none = np.zeros(0, dtype=np.int32)
        return cls(none, none, (), np.zeros(1, dtype=np.int64), none)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Term -> its place in `terms`; made when it is first asked for: an update never does."""
        return {term: number for number, term in enumerate(self.terms)}

    @cached_property
    def rarity(self) -> Scores:
        """How much each term tells, by how few rows have it: log(1 + rows / rows with it)."""
        counts = np.diff(self.offsets)
        return np.log1p(len(self.passages) / np.maximum(counts, 1)).astype(np.float32)

    @cached_property
    def weights(self) -> Scores:
        """The rarity of each row's label, summed over its terms."""
        out = np.zeros(len(self.passages), dtype=np.float32)
        np.add.at(out, self.entries, np.repeat(self.rarity, np.diff(self.offsets)))
        return out

    def rarity_of(self, term: str) -> float:
        """The rarity of one term; of a term that no label has as if one had it."""
        number = self.numbers.get(term)
        if number is None:
            return float(np.log1p(len(self.passages)))
        return float(self.rarity[number])

    def fit(self, wanted: Iterable[str]) -> Scores:
        """How well each row's label fits these stems, 0 to 1: the F-measure of shared rarity."""
        shared = np.zeros(len(self.passages), dtype=np.float32)
        total = 0.0
        for term in dict.fromkeys(wanted):
            rarity = self.rarity_of(term)
            total += rarity
            number = self.numbers.get(term)
            if number is not None:
                shared[self.entries[self.offsets[number] : self.offsets[number + 1]]] += rarity
        scores: Scores = 2 * shared / np.maximum(self.weights + total, 1e-9)
        return scores

    @classmethod
    def decode(cls, files: Mapping[str, bytes]) -> "Rows":
        """From the files that `tools/rows_build.py` made."""
        names = files["rows-terms.txt"].decode()
        return cls(
            _array(files["rows-passages.npy"]),
            _array(files["rows-lines.npy"]),
            tuple(names.split("\n")) if names else (),
            _array(files["rows-offsets.npy"]),
            _array(files["rows-entries.npy"]),
        )


def _array(data: bytes) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = np.load(io.BytesIO(data), allow_pickle=False)
    return array
