"""OpenAI Evals: JSONL with `input` and `ideal`, or with `item`; and the JSON of a run or an eval.

In a run's JSON the records stand under `data_source.source.content`. Which field of an item is
expected is read from the graders, where there are any (`{{ item.NAME }}`), else from its name.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...tools.errors import GoldError
from .collected import Collected, expectation, expected_in, metadata_in, question_in

SHAPE = 'JSONL with {"input": [messages], "ideal": ...} or {"item": {...}}, or the JSON of a run'
_ITEM = re.compile(r"\{\{\s*item\.(\w+)\s*\}\}")


def fits(document: Any) -> bool:
    """Whether a file is of this format."""
    if isinstance(document, Mapping):
        return "data_source" in document
    first = document[0][1] if document else None
    if not isinstance(first, Mapping):
        return False
    return "ideal" in first or isinstance(first.get("item"), Mapping)


def read(document: Any, path: Path, collected: Collected) -> None:
    """Cases of a file's document. Raises `GoldError`."""
    graded: list[str] = []
    if isinstance(document, Mapping):
        for grader in document.get("testing_criteria") or ():
            graded += _graders(grader, collected)
        source = document.get("data_source")
        while isinstance(source, Mapping) and "content" not in source:
            source = source.get("source")
        content = source.get("content") if isinstance(source, Mapping) else None
        if not isinstance(content, list):
            raise GoldError(
                f"{path.name}: holds no records: expected data_source.source.content, a list"
                " (export the file that a file_id names, and import that)",
                path,
            )
        document = [(f"record {number}", record) for number, record in enumerate(content, 1)]
    for place, record in document:
        if not isinstance(record, Mapping):
            collected.leave(place, "the record", "is no object")
        elif isinstance(record.get("item"), Mapping):
            if record.get("sample"):
                collected.leave(place, "sample", "a recorded output is no expectation")
            _item(place, record["item"], graded, collected)
        else:
            _sample(place, record, collected)


def _sample(place: str, record: Mapping[str, Any], collected: Collected) -> None:
    """A line of the registry's format."""
    question, more = question_in(record.get("input", record.get("messages")))
    for name in dict.fromkeys(more):
        collected.leave(place, name, "a case is a single question")
    known = ("input", "messages", "ideal", "id", "metadata")
    for name in record:
        if name not in known:
            collected.leave(place, name, "has no place in a case")
    fields = metadata_in(record.get("metadata"), collected, place)
    _add(place, question, record.get("ideal"), fields, collected, record.get("id"))


def _item(place: str, item: Mapping[str, Any], graded: Sequence[str], collected: Collected) -> None:
    named = [name for name in graded if name in item]
    rest = {name: value for name, value in item.items() if name not in named}
    question, more = question_in(rest)
    if named:
        expected = item[named[0]]
    else:
        expected, more = expected_in({name: item[name] for name in more if name in item})
    fields = metadata_in(
        {name: item[name] for name in more if name in item and name not in ("id", "metadata")},
        collected,
        place,
    )
    for name in named[1:]:
        collected.leave(place, name, f"only {named[0]!r} is taken as what is expected")
    _add(place, question, expected, fields, collected, item.get("id"))


def _add(
    place: str,
    question: str | None,
    expected: Any,
    fields: dict[str, Any],
    collected: Collected,
    id: Any,
) -> None:
    found = expectation(expected_in(expected)[0])
    if question is None:
        collected.leave(place, "the case", "no question: no user message and no field named as one")
    elif found is None:
        collected.leave(place, "the case", f"nothing that can be expected: {str(expected)[:60]!r}")
    else:
        collected.add(place, {**fields, **found, "question": question}, id)


def _graders(grader: Any, collected: Collected) -> list[str]:
    """The fields that a grader compares with; a grader of another kind is told."""
    kind = grader.get("type") if isinstance(grader, Mapping) else None
    name = str(grader.get("name", kind)) if isinstance(grader, Mapping) else "?"
    if kind in ("string_check", "text_similarity"):
        if kind == "text_similarity" or grader.get("operation") not in ("eq", "ilike", "like"):
            collected.leave("testing_criteria", name, "is not carried over; its reference is")
        return _ITEM.findall(str(grader.get("reference", "")))
    collected.leave("testing_criteria", name, f"a grader of type {kind!r} is not carried over")
    return []
