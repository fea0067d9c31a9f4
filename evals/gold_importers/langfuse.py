"""Langfuse dataset items: `input`, `expectedOutput` and `metadata`, as JSON, JSONL or CSV.

An archived item is left out, as Langfuse leaves it out of runs.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cells import parsed
from .collected import Collected, expectation, expected_in, metadata_in, question_in, records_in

SHAPE = 'items with "input" and "expectedOutput": JSONL, JSON or CSV'
_EXPECTED = ("expectedOutput", "expected_output")
_MARKS = (*_EXPECTED, "datasetId", "dataset_id", "datasetName", "dataset_name")
_BOOKKEEPING = frozenset({
    "id", "status", "createdAt", "updatedAt", "created_at", "updated_at", "projectId",
    "project_id", "sourceTraceId", "sourceObservationId", "source_trace_id",
    "source_observation_id", "datasetId", "dataset_id", "datasetName", "dataset_name", "validFrom",
})  # fmt: skip
"""What says nothing of the case itself."""


def fits(document: Any) -> bool:
    """Whether a file is of this format."""
    if isinstance(document, Mapping):
        found = next((document[name] for name in ("items", "data") if name in document), ())
        document = [("", each) for each in found] if isinstance(found, list) else ()
    first = document[0][1] if document else None
    if not isinstance(first, Mapping):
        return False
    return "input" in first and any(name in first for name in _MARKS)


def read(document: Any, path: Path, collected: Collected) -> None:
    """Cases of a file's document. Raises `GoldError`."""
    if isinstance(document, Mapping):
        found = records_in(document, path, "items", "data")
        document = [(f"item {number}", record) for number, record in enumerate(found, 1)]
    for place, record in document:
        if not isinstance(record, Mapping):
            collected.leave(place, "the item", "is no object")
        elif str(record.get("status", "")).upper() == "ARCHIVED":
            collected.leave(place, "the item", "is archived")
        else:
            _item(place, record, collected)


def _item(place: str, record: Mapping[str, Any], collected: Collected) -> None:
    for name in record:
        known = name in _BOOKKEEPING or name in (*_EXPECTED, "input", "metadata")
        if not known and record[name] not in (None, "", [], {}):
            collected.leave(place, name, "has no place in a case")
    given = next((record[name] for name in _EXPECTED if record.get(name) is not None), None)
    question, more = question_in(parsed(record.get("input")))
    for name in dict.fromkeys(more):
        collected.leave(place, f"input {name!r}", "a case is a single question")
    expected, beside = expected_in(parsed(given))
    for name in beside:
        collected.leave(place, f"expected {name!r}", "a case has one expected answer")
    fields = metadata_in(parsed(record.get("metadata")), collected, place)
    found = expectation(expected)
    if question is None:
        collected.leave(place, "the case", "no question: no input is named as one")
    elif found is None:
        collected.leave(place, "the case", f"no expected output: {str(given)[:60]!r}")
    else:
        collected.add(place, {**fields, **found, "question": question}, record.get("id"))
