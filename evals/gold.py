"""Gold sets: questions with what a right answer holds.

Knows the fields, and how a mistake in a row is told. Knows nothing of kinds of files
(`evals.gold_files`) or of grading (`evals.checks`).

A line of JSONL:
    {"id": "r1", "question": "What was revenue in 2025?", "value": 412.3, "unit": "EUR million",
     "document": "annual-report.pdf", "pages": [12], "tags": ["table"]}
In CSV and XLSX a list is written with ';' between its items.
"""

import difflib
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from pydantic import Field, JsonValue, ValidationError, field_validator, model_validator

from ..tools.documents import Frozen
from ..tools.errors import GoldError
from .gold_cells import Kind
from .gold_files import read_rows, write_rows
from .gold_rows import Found

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
    group: Text | None = None
    """What must not be split and is no document: the company, the customer, the template."""
    evidence: Text | None = None
    """The words on the page that the expectation rests on, verbatim."""
    note: Text | None = None
    """For a person or a judge, such as a rubric. Code does not grade it."""

    @field_validator("value", "tolerance")
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            raise ValueError("expected a finite number")
        return value

    @model_validator(mode="after")
    def _gradable(self) -> "GoldCase":
        if self.refusal and (self.value is not None or self.contains):
            raise ValueError("a refusal is expected, so no value and no contains can be")
        if not self.refusal and not self.gradable and self.note is None:
            raise ValueError("nothing is expected: give answer, value, contains or refusal")
        return self

    @property
    def gradable(self) -> bool:
        """Whether an answer is expected that code can grade; if not, a note says what is."""
        return self.answer is not None or self.value is not None or bool(self.contains)


KINDS: dict[str, Kind] = {
    **dict.fromkeys(GoldCase.model_fields, "text"),
    **dict.fromkeys(("contains", "tools", "tags"), "texts"),
    **dict.fromkeys(("value", "tolerance"), "number"),
    "pages": "integers",
    "calls": "json",
    "refusal": "flag",
}
"""What a cell of each field holds, where a file has cells."""


class GoldSet(Frozen):
    """Cases with ids of their own."""

    cases: tuple[GoldCase, ...]

    def __len__(self) -> int:
        return len(self.cases)

    @classmethod
    def load(cls, path: str | Path) -> "GoldSet":
        """Read `.jsonl`, `.csv`, `.yaml`, `.xlsx` or `.parquet`.

        Raises `GoldError` naming file, line (row, sheet), field and value.
        """
        path = Path(path)
        return cls.of_rows(read_rows(path, KINDS), path)

    @classmethod
    def of_rows(cls, rows: Iterable[Found], path: Path) -> "GoldSet":
        """From rows as they stand in a file. Raises `GoldError` as `load` does."""
        cases: list[GoldCase] = []
        places: dict[str, str] = {}
        for found in rows:
            case = _case(found, path)
            if case.id in places:
                raise GoldError(
                    f"{path.name} {found.place}: id {case.id!r} is already on {places[case.id]}",
                    path,
                    found.line,
                )
            places[case.id] = found.place
            cases.append(case)
        if not cases:
            raise GoldError(f"{path.name}: holds no case", path)
        return cls(cases=tuple(cases))

    def save(self, path: str | Path) -> None:
        """Write any kind of file that `load` reads; fields that no case gives are left out.

        What was written is read again before it takes the place of the file. Raises `GoldError`
        naming the case that this kind of file cannot hold; then nothing has changed.
        """
        path = Path(path)
        if not self.cases:
            raise GoldError(f"{path.name}: there is no case to write", path)
        rows = [case.model_dump(mode="json", exclude_defaults=True) for case in self.cases]

        def check(written: Path) -> None:
            try:
                again = GoldSet.load(written)
            except GoldError as error:
                said = str(error).replace(written.name, path.name)
                raise GoldError(f"cannot be written as it is: {said}; use .jsonl", path) from None
            for before, after in zip(self.cases, again.cases, strict=True):
                if before != after:
                    raise GoldError(
                        f"case {before.id!r} cannot be written to {path.name} as it is:"
                        f" {_differs(before, after)}; use .jsonl",
                        path,
                    )

        write_rows(path, rows, KINDS, check)

    def by_question(self) -> dict[str, GoldCase]:
        """Cases by `plain_question`; of two with the same question the first."""
        found: dict[str, GoldCase] = {}
        for case in self.cases:
            found.setdefault(plain_question(case.question), case)
        return found


def plain_question(question: str) -> str:
    """A question as it is matched: case and spacing do not count."""
    return " ".join(question.casefold().split())


def _differs(before: GoldCase, after: GoldCase) -> str:
    """The first field that is another after writing and reading."""
    return next(
        f"{name} {getattr(before, name)!r:.60} would be read as {getattr(after, name)!r:.60}"
        for name in GoldCase.model_fields
        if getattr(before, name) != getattr(after, name)
    )


def _case(found: Found, path: Path) -> GoldCase:
    where, row, line = f"{path.name} {found.place}", found.row, found.line
    for name in row:
        if name not in GoldCase.model_fields:
            near = difflib.get_close_matches(name, GoldCase.model_fields, n=1, cutoff=0.5)
            known = ", ".join(GoldCase.model_fields)
            hint = f"did you mean {near[0]!r}?" if near else f"the fields are {known}"
            raise GoldError(f"{where}: unknown field {name!r}: {hint}", path, line)
    try:
        return GoldCase.model_validate_json(json.dumps(row, default=_foreign), strict=True)
    except ValidationError as error:
        item = error.errors()[0]
        said = item["msg"].removeprefix("Value error, ")
        if item["type"] == "missing":
            raise GoldError(f"{where}: field {item['loc'][0]!r} is missing", path, line) from None
        if not item["loc"]:
            raise GoldError(f"{where}: {said}", path, line) from None
        field = str(item["loc"][0])
        raise GoldError(f"{where}: {field} = {row[field]!r}: {said}", path, line) from None


def _foreign(value: object) -> list[object]:
    """What JSON has no word for, such as a date: what no field takes, so that it is named."""
    return [None, type(value).__name__]
