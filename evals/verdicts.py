"""Grades of recorded runs, kept beside the trace with the hash of the grader that gave them.

A trace is never written again, so its verdicts stand in a file of their own, `verdicts/<id>.jsonl`
in the folder of the trace; another grader, case or answer is another line. Knows gold cases and
replays; knows nothing of what is done about a lost one.
"""

import inspect
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from ..graphs.answer import Answer
from ..graphs.canonical import canonical, content_hash, digest
from ..graphs.trace import Trace
from ..tools.documents import Frozen
from . import checks, quantities
from .checks import Verdict, grade, value_of
from .divergence import Divergence
from .endings import meaning
from .gold import GoldCase, GoldSet, plain_question
from .replay import Replay

FOLDER = "verdicts"


class Graded(Frozen):
    """What a gold case says of a run: of the answer that was recorded, and of today's."""

    case: GoldCase
    verdicts: tuple[Verdict, ...]
    """On today's answer; the first is `correct`."""
    right: bool
    was_right: bool

    @property
    def lost(self) -> bool:
        """It was right when it was recorded and is not today."""
        return self.was_right and not self.right

    def divergence(self, trace: str) -> Divergence | None:
        """The change of the grade, if it changed."""
        if self.right == self.was_right:
            return None
        words = {True: "right", False: "wrong"}
        return Divergence(
            trace=trace,
            step=0,
            node="",
            kind="grade_changed",
            path=f"/gold/{self.case.id}",
            before=words[self.was_right],
            after=f"{words[self.right]}: {self.verdicts[0].reason}",
            severity="behavioural" if self.lost else "info",
        )


class Kept(Frozen):
    """One line of a verdict file."""

    case: str
    grader: str
    """Hash of the code that graded and of the case."""
    answer: str
    """Hash of the answer that was graded, and of the tools that its run used."""
    verdicts: tuple[Verdict, ...]


@dataclass
class Grades:
    """The verdicts kept beside one trace; without a path they are only worked out."""

    path: Path | None

    def of(self, case: GoldCase, answer: Answer) -> tuple[Verdict, ...]:
        """What the grader says: as it was kept, or graded now and kept. Raises `OSError`."""
        key = (case.id, grader(case), _graded_part(answer))
        for line in self._lines():
            if (line.case, line.grader, line.answer) == key:
                return line.verdicts
        verdicts = grade(case, answer)
        if self.path is not None:
            kept = Kept(case=key[0], grader=key[1], answer=key[2], verdicts=verdicts)
            self.path.parent.mkdir(exist_ok=True)
            with self.path.open("ab") as file:
                file.write(canonical(kept.model_dump(mode="json")) + b"\n")
        return verdicts

    def _lines(self) -> list[Kept]:
        if self.path is None or not self.path.is_file():
            return []
        found = []
        for line in self.path.read_bytes().splitlines():
            try:
                found.append(Kept.model_validate_json(line))
            except ValidationError:
                continue  # a torn line: it is graded again
        return found


def grades_of(trace_file: Path) -> Grades:
    """The verdicts beside a trace file."""
    return Grades(trace_file.parent / FOLDER / trace_file.name)


def regrade(case: GoldCase, trace: Trace, outcome: Replay, grades: Grades) -> Graded:
    """Grade a run's recorded answer and the one of its replay. Raises `OSError`."""
    was_right = False
    if trace.answer is not None:
        recorded = grades.of(case, trace.answer.with_trace(trace))
        was_right = value_of(recorded, "correct") == 1.0
    if outcome.answer is None:
        none = Verdict(metric="correct", value=0.0, reason="the replay came to no answer")
        return Graded(case=case, verdicts=(none,), right=False, was_right=was_right)
    verdicts = grades.of(case, outcome.answer)
    right = value_of(verdicts, "correct") == 1.0
    return Graded(case=case, verdicts=verdicts, right=right, was_right=was_right)


def case_of(gold: GoldSet, trace: Trace) -> GoldCase | None:
    """The case of a run: the one with its id, else the one with its question."""
    for case in gold.cases:
        if case.id == trace.id:
            return case
    return gold.by_question().get(plain_question(trace.question))


def unknown_cases(gold: GoldSet, graded: Sequence[Graded]) -> list[str]:
    """Ids of the cases that none of the runs is about, in the order of the file."""
    asked = {item.case.id for item in graded}
    return [case.id for case in gold.cases if case.id not in asked]


def grader(case: GoldCase) -> str:
    """The hash of everything that a verdict depends on besides the answer."""
    return digest(canonical([_code(), json.loads(case.model_dump_json())]))


def _graded_part(answer: Answer) -> str:
    """The hash of what a grader reads: the answer, and which tools its run used."""
    try:
        used = [[step.name, step.status] for step in answer.trace.steps if step.kind == "tool"]
    except AttributeError:
        used = []
    return content_hash([meaning(answer.model_dump(mode="json")), used])


@cache
def _code() -> str:
    sources = [inspect.getsource(module) for module in (checks, quantities)]
    return digest("\n".join(sources).encode())
