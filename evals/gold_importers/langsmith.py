"""LangSmith datasets: examples with `inputs` and `outputs`, as JSON, JSONL or CSV.

In CSV these are columns of JSON, or one column a field (`inputs.question`, `input_question`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .cells import parsed, under
from .collected import Collected, expectation, expected_in, metadata_in, question_in, records_in

SHAPE = 'examples with "inputs" and "outputs": JSONL, JSON or CSV'
_INPUTS = ("inputs.", "inputs_", "input.", "input_")
_OUTPUTS = ("outputs.", "outputs_", "output.", "output_", "reference_outputs.")
_BOOKKEEPING = frozenset({
    "id", "name", "created_at", "modified_at", "updated_at", "inserted_at", "dataset_id",
    "example_id", "source_run_id", "source_run_trace_id", "source_run_start_time",
    "attachment_urls",
})  # fmt: skip
"""What says nothing of the case itself."""


def fits(document: Any) -> bool:
    """Whether a file is of this format."""
    if isinstance(document, Mapping):
        document = [("", each) for each in document.get("examples") or ()]
    first = document[0][1] if document else None
    if not isinstance(first, Mapping):
        return False
    return "inputs" in first or any(str(name).startswith(_INPUTS) for name in first)


def read(document: Any, path: Path, collected: Collected) -> None:
    """Cases of a file's document. Raises `GoldError`."""
    if isinstance(document, Mapping):
        found = records_in(document, path, "examples")
        document = [(f"example {number}", record) for number, record in enumerate(found, 1)]
    for place, record in document:
        if not isinstance(record, Mapping):
            collected.leave(place, "the example", "is no object")
            continue
        _example(place, record, collected)


def _example(place: str, record: Mapping[str, Any], collected: Collected) -> None:
    known = {"inputs", "outputs", "reference_outputs", "metadata", "split", "splits"}
    inputs, used = parsed(record.get("inputs")), set[str]()
    if inputs is None:
        inputs, names = under(record, _INPUTS)
        used |= names
    outputs = parsed(record.get("outputs", record.get("reference_outputs")))
    if outputs is None:
        outputs, names = under(record, _OUTPUTS)
        used |= names
    for name in record:
        if name not in known | used | _BOOKKEEPING and record[name] not in (None, "", [], {}):
            collected.leave(place, name, "has no place in a case")
    if record.get("attachment_urls"):
        collected.leave(place, "attachments", "a case has no attachments")
    question, more = question_in(inputs)
    for name in dict.fromkeys(more):
        collected.leave(place, f"input {name!r}", "a case is a single question")
    expected, beside = expected_in(outputs)
    fields = metadata_in(parsed(record.get("metadata")), collected, place)
    for name in beside:
        if isinstance(outputs, Mapping) and name in outputs:
            fields |= _ours(name, outputs[name], collected, place)
    splits = parsed(record.get("split", record.get("splits")))
    splits = [splits] if isinstance(splits, str) else splits or []
    fields["tags"] = [*fields.get("tags", []), *(f"split:{name}" for name in splits)]
    found = expectation(expected)
    if question is None:
        collected.leave(place, "the case", "no question: no input is named as one")
    elif found is None:
        collected.leave(place, "the case", f"no expected answer in outputs: {str(outputs)[:60]!r}")
    else:
        collected.add(place, {**fields, **found, "question": question}, record.get("id"))


def _ours(name: str, value: Any, collected: Collected, place: str) -> dict[str, Any]:
    """A second output, where we have a field of its name."""
    if name in ("document", "pages", "unit", "tolerance", "evidence"):
        return {name: value}
    collected.leave(place, f"output {name!r}", "a case has one expected answer")
    return {}
