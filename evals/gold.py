"""Gold sets: questions with what a right answer holds, read from JSONL or CSV.

Knows the fields and how a mistake in a file is told. Knows nothing of grading (`evals.checks`).

A line of JSONL:
    {"id": "r1", "question": "What was revenue in 2025?", "value": 412.3, "unit": "EUR million",
     "document": "annual-report.pdf", "pages": [12], "tags": ["table"]}
In CSV a list is written with ';' between its items.
"""

import csv
import difflib
import io
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, get_origin

from pydantic import Field, JsonValue, ValidationError, field_validator, model_validator

from ..tools.documents import Frozen
from ..tools.errors import GoldError

Text = Annotated[str, Field(min_length=1)]


class ExpectedCall(Frozen):
    """A tool call that is expected. What is not given is not compared."""

    name: Text
    arguments: dict[str, JsonValue] | None = None
    """All of them: one more or one less is another call."""
    result: str | None = None
    """What the tool is expected to give, as the model reads it."""


class GoldCase(Frozen):
    """A question and what is expected of its answer. What is not given is not checked."""

    id: Text
    question: Text
    answer: str | None = None
    """The expected answer in words. Graded only where neither `value` nor `contains` is given."""
    value: float | int | None = None
    """The expected number, in `unit`."""
    unit: str | None = None
    """`EUR`, `USD thousand`, `million`, `%`, `days`, ..."""
    tolerance: Annotated[float, Field(ge=0)] | None = None
    """Largest relative difference from `value` (0.005 is half a percent); None: see `checks`."""
    contains: tuple[Text, ...] = ()
    """Words that must stand in the answer, all of them; `a|b` is satisfied by either."""
    document: str | None = None
    """File name of the document that holds the answer."""
    pages: tuple[Annotated[int, Field(gt=0)], ...] = ()
    """Physical pages, from 1, any of which supports the answer."""
    tools: tuple[Text, ...] = ()
    """Tools that an answer needs."""
    calls: tuple[ExpectedCall, ...] = ()
    """The trajectory: the tool calls that are expected, in order. In CSV a list in JSON."""
    refusal: bool = False
    """Nothing in the documents supports an answer."""
    tags: tuple[Text, ...] = ()

    @field_validator("value", "tolerance")
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            raise ValueError("expected a finite number")
        return value

    @model_validator(mode="after")
    def _gradable(self) -> "GoldCase":
        expected = self.answer is not None or self.value is not None or bool(self.contains)
        if self.refusal and (self.value is not None or self.contains):
            raise ValueError("a refusal is expected, so no value and no contains can be")
        if not self.refusal and not expected:
            raise ValueError("nothing is expected: give answer, value, contains or refusal")
        return self


class GoldSet(Frozen):
    """Cases with ids of their own."""

    cases: tuple[GoldCase, ...]

    def __len__(self) -> int:
        return len(self.cases)

    @classmethod
    def load(cls, path: str | Path) -> "GoldSet":
        """Read `.jsonl` or `.csv`. Raises `GoldError` naming file, line, field and value."""
        path = Path(path)
        if path.suffix.lower() not in (".jsonl", ".csv"):
            raise GoldError(f"{path.name}: expected a .jsonl or .csv file", path)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise GoldError(
                f"{path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8", path
            ) from None
        except OSError as error:
            raise GoldError(f"{path}: cannot be read ({error.strerror})", path) from None
        rows = _csv(text, path) if path.suffix.lower() == ".csv" else _jsonl(text, path)
        cases: list[GoldCase] = []
        lines: dict[str, int] = {}
        for line, row in rows:
            case = _case(row, path, line)
            if case.id in lines:
                raise GoldError(
                    f"{path.name} line {line}: id {case.id!r} is already on line {lines[case.id]}",
                    path,
                    line,
                )
            lines[case.id] = line
            cases.append(case)
        if not cases:
            raise GoldError(f"{path.name}: holds no case", path)
        return cls(cases=tuple(cases))

    def by_question(self) -> dict[str, GoldCase]:
        """Cases by `plain_question`; of two with the same question the first."""
        found: dict[str, GoldCase] = {}
        for case in self.cases:
            found.setdefault(plain_question(case.question), case)
        return found


def plain_question(question: str) -> str:
    """A question as it is matched: case and spacing do not count."""
    return " ".join(question.casefold().split())


def _jsonl(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, content in enumerate(text.split("\n"), 1):
        if not content.strip():
            continue
        try:
            row = json.loads(content)
        except (json.JSONDecodeError, RecursionError) as error:
            raise GoldError(f"{path.name} line {line}: not JSON ({error})", path, line) from None
        if not isinstance(row, dict):
            raise GoldError(
                f"{path.name} line {line}: expected an object, found {type(row).__name__}",
                path,
                line,
            )
        yield line, row


def _csv(text: str, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] | None = None
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise GoldError(
                    f"{path.name} line {reader.line_num}: {len(cells)} fields, "
                    f"the header has {len(header)}",
                    path,
                    reader.line_num,
                )
            filled = {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()}
            yield reader.line_num, {name: _cell(name, cell) for name, cell in filled.items()}
    except csv.Error as error:
        raise GoldError(
            f"{path.name} line {reader.line_num}: not CSV ({error})", path, reader.line_num
        ) from None


def _cell(name: str, cell: str) -> Any:
    """A cell as JSON would have it; what does not fit is left for validation to name."""
    cell = cell.strip()
    if name == "calls":
        try:
            return json.loads(cell)
        except (json.JSONDecodeError, RecursionError):
            return cell
    field = GoldCase.model_fields.get(name)
    if field is not None and get_origin(field.annotation) is tuple:
        items = [item.strip() for item in cell.split(";")]
        return [int(item) if item.isdecimal() and name == "pages" else item for item in items]
    if name in ("value", "tolerance"):
        try:
            return int(cell)
        except ValueError:
            pass
        try:
            return float(cell)
        except ValueError:
            return cell
    return {"true": True, "false": False}.get(cell.lower(), cell) if name == "refusal" else cell


def _case(row: dict[str, Any], path: Path, line: int) -> GoldCase:
    where = f"{path.name} line {line}"
    for name in row:
        if name not in GoldCase.model_fields:
            near = difflib.get_close_matches(name, GoldCase.model_fields, n=1, cutoff=0.5)
            known = ", ".join(GoldCase.model_fields)
            hint = f"did you mean {near[0]!r}?" if near else f"the fields are {known}"
            raise GoldError(f"{where}: unknown field {name!r}: {hint}", path, line)
    try:
        return GoldCase.model_validate_json(json.dumps(row), strict=True)
    except ValidationError as error:
        item = error.errors()[0]
        said = item["msg"].removeprefix("Value error, ")
        if item["type"] == "missing":
            raise GoldError(f"{where}: field {item['loc'][0]!r} is missing", path, line) from None
        if not item["loc"]:
            raise GoldError(f"{where}: {said}", path, line) from None
        field = str(item["loc"][0])
        raise GoldError(f"{where}: {field} = {row[field]!r}: {said}", path, line) from None
