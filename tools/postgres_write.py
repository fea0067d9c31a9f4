"""What an update sends to PostgreSQL, piece by piece, after it stood in files without a name.

Knows the tables of `tools/postgres.py` and how rows are written to them. Knows nothing of
transactions, locks or of reading them.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from .blocks import Blocks, write_parts
from .building import Change, build
from .embedders import Embedder
from .errors import SettingsError
from .kept import Kept
from .lexical import Integers, Lexical
from .scratch import Column
from .spool import Spool
from .store import Files
from .vectors import Scale

_TABLES = ("workings_documents", "workings_passages", "workings_words")
_SENT = 1024
"""Vectors that are read at a time."""
_EXACT = Scale(sq8=1 << 62, ivf=1 << 62)


def written(spool: Spool, embedder: Embedder) -> Kept:
    """What was read, as an index of its own in a file without a name."""
    none = Kept.empty(embedder.dimension)
    parts, _, _ = build(none, spool, Change((), {}, {}), embedder.embed, _EXACT)
    column = Column(spool.scratch, "<u1")
    told = write_parts(column, parts)
    data = column.mapped().data
    return Kept.decode(Files(data, Blocks(data, told["blocks"], _changed), told["parts"]))


def send(connection: Any, mine: str, new: Kept, wanted: Change, made_with: str) -> None:
    """Bring the tables of a collection from what they are to what is wanted, in one transaction.

    `new` is what was read, `made_with` what it was made with, as JSON.
    """
    stay = sorted(set(wanted.keep) - set(new.documents.ids))
    for table in _TABLES:
        column = "id" if table == "workings_documents" else "document"
        connection.execute(
            f"DELETE FROM {table} WHERE collection = %s AND NOT ({column} = ANY(%s))",
            [mine, stay],
        )
    for key, document in wanted.moved.items():
        connection.execute(
            "UPDATE workings_documents SET body = %s WHERE collection = %s AND id = %s",
            [orjson.dumps(document.model_dump(mode="json")), mine, key],
        )
    spans = list(zip(new.starts[:-1].tolist(), new.starts[1:].tolist(), strict=True))
    columns = (new.pages, new.figures, new.lexical.lengths, new.headings.lengths)
    _registered(connection)
    with connection.cursor() as cursor:
        copied = "COPY workings_documents FROM STDIN WITH (FORMAT binary)"
        with cursor.copy(copied) as copy:
            copy.set_types(["text", "text", *["bytea"] * 5])
            for number, (start, stop) in enumerate(spans):
                numbers = [column[start:stop].tobytes() for column in columns]
                key, body = new.documents.ids[number], new.documents.lines[number]
                copy.write_row([mine, key, body, *numbers])
        with cursor.copy("COPY workings_passages FROM STDIN WITH (FORMAT binary)") as copy:
            copy.set_types(["text", "text", "int4", "bytea", "vector"])
            for number, (start, stop) in enumerate(spans):
                key = new.documents.ids[number]
                for row in range(start, stop):
                    if row % _SENT == 0:
                        last = min(row + _SENT, new.size)
                        matrix = new.vectors.decode(np.arange(row, last, dtype=np.int32))
                        new.vectors.drop()
                        new.lines.data.drop()
                    vector = matrix[row % _SENT]
                    copy.write_row([mine, key, row - start, new.lines[row], vector])
        with cursor.copy("COPY workings_words FROM STDIN WITH (FORMAT binary)") as copy:
            copy.set_types(["text", "text", "text", "text", "bytea", "bytea"])
            for field, words in (("text", new.lexical), ("heading", new.headings)):
                for term, number, ordinals, counts in _entries(words, new):
                    key = new.documents.ids[number]
                    parts = (ordinals.tobytes(), counts.tobytes())
                    copy.write_row([mine, field, term, key, *parts])
        cursor.execute("DELETE FROM workings_paths WHERE collection = %s", [mine])
        with cursor.copy("COPY workings_paths FROM STDIN") as copy:
            for path, key in wanted.paths.items():
                copy.write_row([mine, path, key])
    connection.execute(
        "INSERT INTO workings_collections VALUES (%s, %s, 1) ON CONFLICT (name) DO UPDATE SET"
        " made_with = excluded.made_with, revision = workings_collections.revision + 1",
        [mine, made_with],
    )


def _entries(words: Lexical, contents: Kept) -> Iterator[tuple[str, int, Integers, Integers]]:
    """For every term and document with it: its passages in the document, and its count in each."""
    for term, rows, counts in words.entries():
        owners = contents.owners[rows]
        cuts = np.flatnonzero(np.diff(owners)) + 1
        for part, count in zip(np.split(rows, cuts), np.split(counts, cuts), strict=True):
            number = int(contents.owners[part[0]])
            yield term, number, (part - contents.starts[number]).astype(np.int32), count


def unwritable(error: OSError) -> SettingsError:
    """What the disk that temporary files lie on does not take."""
    return SettingsError(
        f"The folder for temporary files cannot be written: {error.strerror or error}. Nothing was"
        " changed; make room there or set TMPDIR, then index again"
    )


def _changed() -> SettingsError:
    return SettingsError("A temporary file was changed by something else; index again")


def _registered(connection: Any) -> None:
    """Tell a connection how vectors are written."""
    try:
        from pgvector.psycopg import register_vector  # noqa: PLC0415 - an extra
    except ImportError:
        raise SettingsError(
            "An index in PostgreSQL needs the extra postgres: pip install 'workings[postgres]'"
        ) from None
    register_vector(connection)
