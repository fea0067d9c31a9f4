"""Inverted indexes of a few texts, as the files of an index would give them back."""

import numpy as np
from workings.tools.blocks import Array, Texts
from workings.tools.lexical import Lexical
from workings.tools.lexical_build import WordsBuilder
from workings.tools.rows_build import joined
from workings.tools.scratch import Scratch


def lexical(*passages, old=None, language="english"):
    """The words of passages, each the number of one that `old` has (ascending), or a text."""
    old = old or Lexical.empty()
    places = np.full(len(old.lengths), -1, dtype=np.int32)
    with Scratch.in_memory() as scratch:
        builder = WordsBuilder(scratch, old)
        for row, passage in enumerate(passages):
            if isinstance(passage, str):
                builder.add(row, passage, language)
            else:
                builder.keep(passage, passage + 1)
                places[passage] = row
        files = {name: joined(part) for name, part in builder.parts("w", places).items()}

    def array(name, dtype):
        return Array(np.frombuffer(files[name], dtype))

    return Lexical(
        Texts(array("w-terms.bin", "<u1"), array("w-terms-offsets.i64", "<i8")),
        array("w-offsets.i64", "<i8"),
        array("w-rows.i32", "<i4"),
        array("w-counts.i32", "<i4"),
        array("w-lengths.i32", "<i4").whole(),
    )
