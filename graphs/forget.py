"""Which recorded runs hold text of a document: what is to go when the document is to be forgotten.

A run that was shown a passage holds its text, in its own file or in the blobs that it names. A
passage cannot be blacked out in it: the record would no longer replay, and its checksums would
rightly say so. So the whole run goes (`TraceStore.delete`). A later turn of the same conversation
holds the answer that was given before, quotes and all: it goes too.
"""

import re
from collections.abc import Collection
from pathlib import Path

from ..tools.errors import TraceError
from .store import TraceStore, TraceSummary, references
from .trace import Trace

_DOCUMENT = re.compile(rb'"document_id":\s*"([0-9a-f]{32})"')


def holding(store: TraceStore, documents: Collection[str]) -> list[TraceSummary]:
    """The runs, oldest first, that hold text of any of these documents (by id).

    A file that cannot be read counts when what can be seen of it names a document.
    """
    blobs: dict[str, bool] = {}

    def blob_holds(name: str) -> bool:
        if name not in blobs:
            path = store.blobs.path(name)
            blobs[name] = path.is_file() and _holds(path, documents)
        return blobs[name]

    found: list[TraceSummary] = []
    answers: set[str] = set()
    for item in store.list():
        direct = _holds(item.path, documents) or any(map(blob_holds, references(item.path)))
        trace = _trace(item.path)
        later = trace is not None and any(answer in answers for _, answer in trace.start.history)
        if direct or later:
            found.append(item)
            if trace is not None and trace.answer is not None:
                answers.add(trace.answer.text)
    return found


def blobs_holding(store: TraceStore, documents: Collection[str]) -> int:
    """How many blobs hold text of these documents, whoever names them."""
    return sum(_holds(path, documents) for path in store.blobs.folder.glob("*/*.json"))


def _holds(path: Path, documents: Collection[str]) -> bool:
    return any(found.decode() in documents for found in _DOCUMENT.findall(path.read_bytes()))


def _trace(path: Path) -> Trace | None:
    try:
        return Trace.load(path)
    except TraceError:
        return None
