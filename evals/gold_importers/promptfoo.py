"""promptfoo configurations: `tests` with `vars` and `assert`, and CSV with `__expected` columns.

Tests that stand in files beside the configuration are read, if they are in its folder. Asserts that
words stand in the output become `contains`; what only a model can judge becomes the case's note;
every other assert is told and not carried over.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...tools.errors import GoldError
from .collected import OURS, Collected, question_in
from .promptfoo_asserts import Expectation, from_cell

SHAPE = "YAML or JSON with `tests` (vars, assert), or CSV with __expected columns"
MOST = 10_000
"""Tests that lists of values may multiply to."""
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_CONTROLS = ("prompts", "providers", "targets", "evaluateOptions", "redteam", "scenarios")

Read = Callable[[Path], Any]
"""Reads a file's document, as `evals.gold_import.read_document` does."""


def fits(document: Any) -> bool:
    """Whether a file is of this format."""
    if isinstance(document, Mapping):
        return "tests" in document or ("scenarios" in document and "prompts" in document)
    first = document[0][1] if document else None
    if not isinstance(first, Mapping):
        return False
    return any(str(name).startswith("__expected") for name in first) or (
        isinstance(first.get("vars"), Mapping) and "inputs" not in first
    )


def read(document: Any, path: Path, collected: Collected, read_file: Read) -> None:
    """Cases of a file's document. Raises `GoldError`."""
    prompts: list[str] = []
    default: Mapping[str, Any] = {}
    if isinstance(document, Mapping):
        for name in _CONTROLS:
            if document.get(name):
                collected.leave(path.name, name, "is not carried over: Workings has its own")
        found = document.get("prompts") or ()
        found = [found] if isinstance(found, str) else found
        prompts = [prompt for prompt in found if isinstance(prompt, str) and "{{" in prompt]
        given = document.get("defaultTest")
        if isinstance(given, Mapping):
            default = given
        elif given:
            collected.leave(path.name, "defaultTest", f"is no object: {str(given)[:60]!r}")
        tests = _tests(document.get("tests"), path, collected, read_file)
    else:
        tests = iter(document)
    for place, test in tests:
        if isinstance(test, Mapping):
            _test(place, test, default, prompts, collected)
        else:
            collected.leave(place, "the test", "is no object")


def _tests(
    given: Any, path: Path, collected: Collected, read_file: Read
) -> Iterator[tuple[str, Any]]:
    """Tests as they are written, and those of files that are named."""
    items = given if isinstance(given, list) else [given] if given is not None else []
    for number, item in enumerate(items, 1):
        if not isinstance(item, str):
            yield f"test {number}", item
            continue
        name = item.removeprefix("file://")
        file = path.parent / name
        inside = file.resolve().is_relative_to(path.parent.resolve())
        if not inside or not file.is_file():
            why = "is not there" if inside else "is not in the folder of the configuration"
            collected.leave(f"test {number}", f"the file {name!r}", why)
            continue
        try:
            document = read_file(file)
        except GoldError as error:
            collected.leave(f"test {number}", f"the file {name!r}", str(error))
            continue
        if isinstance(document, Mapping):
            document = [(f"{name}", document)]
        yield from ((f"{name} {place}", test) for place, test in document)


def _test(
    place: str,
    test: Mapping[str, Any],
    default: Mapping[str, Any],
    prompts: Sequence[str],
    collected: Collected,
) -> None:
    if any(str(name).startswith("__") for name in test):
        test = _row(test)
    variables = {**_mapping(default.get("vars")), **_mapping(test.get("vars"))}
    asserts = [*_list(default.get("assert")), *_list(test.get("assert"))]
    for name in test:
        if name not in ("vars", "assert", "description", "metadata", "threshold"):
            collected.leave(place, name, "has no place in a case")
    threshold = test.get("threshold", default.get("threshold"))
    if isinstance(threshold, int | float) and threshold < 1 and len(asserts) > 1:
        collected.leave(place, f"threshold {threshold:g}", "a case is right when all of it holds")
    names = list(variables)
    lists = [value if isinstance(value, list) else [value] for value in variables.values()]
    count = 1
    for each in lists:
        count *= len(each)
    if count > MOST:
        collected.leave(place, "the test", f"its lists make {count:,} tests; {MOST:,} at most")
        return
    for values in itertools.product(*lists):
        _one(place, dict(zip(names, values, strict=True)), asserts, test, prompts, collected)


def _one(
    place: str,
    variables: Mapping[str, Any],
    asserts: Sequence[Any],
    test: Mapping[str, Any],
    prompts: Sequence[str],
    collected: Collected,
) -> None:
    def filled(text: str) -> str:
        return _VARIABLE.sub(lambda match: str(variables.get(match[1], match[0])), text)

    question, more = _question(variables, prompts, filled)
    if question is None:
        names = ", ".join(variables) or "none"
        collected.leave(place, "the case", f"no question: of its variables ({names}) none is it")
        return
    told = Expectation(place, filled, collected)
    for given in asserts:
        told.take(given)
    fields: dict[str, Any] = told.fields
    metadata = _mapping(test.get("metadata"))
    used = {name for text in _texts(asserts) for name in _VARIABLE.findall(text)}
    for name in more:
        if name in OURS:
            metadata = {name: variables[name], **metadata}
        elif name not in used:
            collected.leave(place, f"variable {name!r}", "a case is a single question")
    extra = told.metadata(metadata)
    extra["tags"] = [*extra.get("tags", []), *fields.pop("tags", [])]
    description = test.get("description")
    collected.add(place, {**extra, **fields, "question": question}, description or None)


def _question(
    variables: Mapping[str, Any], prompts: Sequence[str], filled: Callable[[str], str]
) -> tuple[str | None, list[str]]:
    """The variable that is the question, else the first prompt with all variables filled in."""
    texts = {name: value for name, value in variables.items() if isinstance(value, str)}
    question, more = question_in(texts)
    if question is not None:
        return filled(question), [*more, *(name for name in variables if name not in texts)]
    for prompt in prompts:
        text = filled(prompt).strip()
        if not _VARIABLE.search(text) and "{%" not in text and not text.startswith("file://"):
            used = set(_VARIABLE.findall(prompt))
            return text, [name for name in variables if name not in used]
    return None, list(variables)


def _row(cells: Mapping[str, Any]) -> dict[str, Any]:
    """A line of CSV as a test: what begins with two underscores is no variable."""
    test: dict[str, Any] = {"vars": {}, "assert": []}
    for name, cell in cells.items():
        if not name.startswith("__"):
            test["vars"][name] = cell
        elif name.startswith("__expected"):
            test["assert"].append(from_cell(str(cell)))
        elif name == "__description":
            test["description"] = cell
        elif name.startswith("__metadata:"):
            test.setdefault("metadata", {})[name.removeprefix("__metadata:")] = cell
        else:
            test[name] = cell
    return test


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]
