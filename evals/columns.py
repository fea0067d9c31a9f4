"""An evaluation as columns of numbers: what statistics need of it, and little else.

Read from a folder line by line, so that 100,000 rows take megabytes; reasons are read again from
the file for the few rows that are shown. Knows nothing of statistics.
"""

import array
import difflib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from ..tools.errors import GoldError
from .evaluation import FORMAT, Evaluation

AMOUNTS = ("cost", "latency", "tokens", "requests")
"""What stands in every row beside the verdicts; less is better."""
LOWER = frozenset({*AMOUNTS, "steps", "input_tokens", "output_tokens", "seconds", "cost_usd"})
"""Metrics of which less is better, and whose size has no bound."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Columns:
    """Rows of an evaluation by column; all of one length, in the order of the rows."""

    id: str
    gold: str
    gold_hash: str
    model: str
    settings: dict[str, Any]
    created: str
    metrics: tuple[str, ...]
    """Names, the primary one first."""
    cases: list[str]
    repeats: list[int]
    questions: list[int]
    """A hash of each question, of this process only."""
    groups: list[str | None]
    errors: npt.NDArray[np.bool_]
    values: dict[str, Floats]
    """By metric; NaN is unscored."""
    row: Callable[[int], dict[str, Any]]
    """A row in full, by its place."""

    def column(self, metric: str) -> Floats:
        """The values of a metric. Raises `GoldError` naming the nearest when there is none."""
        if metric not in self.values:
            near = difflib.get_close_matches(metric, self.values, n=1, cutoff=0.5)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            known = ", ".join(self.metrics) or "none"
            raise GoldError(f"metric {metric!r} is not in evaluation {self.id} ({known}){hint}")
        return self.values[metric]


def columns_of(evaluation: Evaluation) -> Columns:
    """The columns of an evaluation in memory."""
    rows = evaluation.rows
    head = evaluation.model_dump(exclude={"rows"})
    said = f"evaluation {evaluation.id}"
    whole = ((f"{said}, row {place}", vars(row)) for place, row in enumerate(rows, 1))
    facts = (
        (where, {**row, "verdicts": [vars(verdict) for verdict in row["verdicts"]]})
        for where, row in whole
    )
    return _collect(head, facts, lambda place: rows[place].model_dump(mode="json"))


def read_columns(folder: str | Path) -> Columns:
    """The columns of an evaluation's folder. A last line that was cut off is left out.

    Raises `GoldError` naming file and line when it is not an evaluation of this format.
    """
    folder = Path(folder)
    head_path, path = folder / "evaluation.json", folder / "rows.jsonl"
    try:
        head = orjson.loads(head_path.read_bytes())
        rows = open(path, "rb")  # noqa: SIM115 - closed by _lines
    except OSError as error:
        raise GoldError(
            f"{folder}: not an evaluation ({error.strerror}: {error.filename})", folder
        ) from None
    except orjson.JSONDecodeError as error:
        raise GoldError(f"{head_path}: not JSON ({error})", head_path) from None
    if not isinstance(head, dict) or head.pop("format", None) != FORMAT:
        rows.close()
        raise GoldError(f"{head_path}: expected the format {FORMAT!r}", head_path)
    starts = array.array("q")

    def lines() -> Iterator[tuple[str, dict[str, Any]]]:
        with rows:
            start = 0
            for number, content in enumerate(rows, 1):
                if not content.endswith(b"\n"):
                    break
                starts.append(start)
                start += len(content)
                try:
                    yield f"{path.parent.name}/{path.name} line {number}", orjson.loads(content)
                except orjson.JSONDecodeError as error:
                    where = f"{path.parent.name}/{path.name} line {number}: not JSON ({error})"
                    raise GoldError(where, path, number) from None

    def row(place: int) -> dict[str, Any]:
        with open(path, "rb") as again:
            again.seek(starts[place])
            found: dict[str, Any] = orjson.loads(again.readline())
            return found

    return _collect(head, lines(), row)


def _collect(
    head: dict[str, Any],
    rows: Iterator[tuple[str, dict[str, Any]]],
    row: Callable[[int], dict[str, Any]],
) -> Columns:
    """One pass over the rows; `GoldError` for a row that is none, a key twice, a NaN."""
    cases: list[str] = []
    repeats: list[int] = []
    questions: list[int] = []
    groups: list[str | None] = []
    errors = array.array("b")
    values: dict[str, array.array[float]] = {}
    seen: set[tuple[str, int]] = set()
    # One string for each name, however many rows say it.
    names: dict[str, str] = {}
    nothing = math.nan
    for count, (where, facts) in enumerate(rows):
        if not isinstance(facts, dict):
            raise GoldError(f"{where}: not a row of an evaluation: expected a JSON object")
        try:
            case, repeat = facts["case"], facts.get("repeat", 0)
            verdicts = facts.get("verdicts", ())
            amounts = _amounts(facts)
            pairs = [(verdict["metric"], verdict["value"]) for verdict in verdicts]
            question = facts["question"]
        except (KeyError, TypeError, AttributeError) as error:
            raise GoldError(f"{where}: not a row of an evaluation ({error})") from None
        if (case, repeat) in seen:
            raise GoldError(f"{where}: case {case!r}, repeat {repeat} is there twice")
        seen.add((case, repeat))
        cases.append(case)
        repeats.append(repeat)
        questions.append(hash(question))
        group = facts.get("group")
        groups.append(names.setdefault(group, group) if group is not None else None)
        errors.append(facts.get("error") is not None)
        # What the row itself holds comes last, as it is there in every evaluation.
        for metric, value in (*pairs, *amounts):
            if metric not in values:
                values[metric] = array.array("d", [nothing]) * count
            column = values[metric]
            if value is not None and not _finite(value):
                raise GoldError(
                    f"{where}: case {case!r}, metric {metric!r} is {value!r}; expected a number,"
                    " or null for unscored"
                )
            if len(column) == count:
                column.append(nothing if value is None else value)
            elif value is not None:
                column[count] = value
        for column in values.values():
            if len(column) == count:
                column.append(nothing)
    return Columns(
        **{key: head[key] for key in ("id", "gold", "gold_hash", "model")},
        settings=dict(head.get("settings", {})),
        created=head.get("created", ""),
        metrics=tuple(head.get("metrics", ())),
        cases=cases,
        repeats=repeats,
        questions=questions,
        groups=groups,
        errors=np.array(errors, dtype=bool),
        values={name: np.array(column) for name, column in values.items()},
        row=row,
    )


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _amounts(facts: dict[str, Any]) -> tuple[tuple[str, float | None], ...]:
    given, made = facts.get("input_tokens"), facts.get("output_tokens")
    return (
        ("cost", facts.get("cost_usd")),
        ("latency", facts.get("seconds")),
        ("tokens", None if given is None or made is None else given + made),
        ("requests", facts.get("requests")),
    )
