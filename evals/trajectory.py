"""Which tools a run called, with what, and whether that is what was expected.

Names, arguments and results are compared by content, whatever the order of keys; 1 and 1.0 are the
same number, true is none, and a text is not a number. Knows traces and expected calls; knows
nothing of gold files or of averages.

The four modes have the names of agentevals' (`strict`, `unordered`, `subset`, `superset`). What
theirs leave out is compared here: the results and, in `match_runs`, the question and the answer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from pydantic import JsonValue

from ..graphs.trace import ToolStep, Trace
from ..tools.errors import SettingsError
from .gold import ExpectedCall, plain_question

Mode = Literal["strict", "unordered", "subset", "superset"]
"""strict: these calls in this order. unordered: these calls, in any order. subset: none but these.
superset: all of these, and maybe more."""


@dataclass(frozen=True)
class Call:
    """A tool call that a run made."""

    name: str
    arguments: dict[str, JsonValue] | None
    """None where the model's text was not a JSON object."""
    raw_arguments: str = ""
    result: str | None = None
    """What the model read; None where the call failed or its result is not recorded."""
    failed: bool = False

    def __str__(self) -> str:
        return f"{self.name}({_short(self.arguments if self.arguments else self.raw_arguments)})"


@dataclass(frozen=True)
class Match:
    """Whether a trajectory is the expected one, and the first thing that is not."""

    ok: bool
    reason: str


Pairing = Callable[[Sequence[Call], Sequence[ExpectedCall]], dict[int, int]]


def calls_of(trace: Trace) -> tuple[Call, ...]:
    """The calls of a run in their order, the failed too; what was refused was never made."""
    return tuple(
        Call(
            name=step.name,
            arguments=step.arguments,
            raw_arguments=step.raw_arguments,
            result=_result(step),
            failed=step.status == "error",
        )
        for step in trace.steps
        if isinstance(step, ToolStep) and step.status != "refused"
    )


def expected_of(trace: Trace) -> tuple[ExpectedCall, ...]:
    """The calls of a run as what is expected of another: arguments and results too."""
    return tuple(
        ExpectedCall(name=call.name, arguments=call.arguments, result=call.result)
        for call in calls_of(trace)
    )


def same(one: Any, other: Any) -> bool:
    """Whether two JSON values are the same: 1 is 1.0, and neither true nor "1"."""
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def difference(call: Call, expected: ExpectedCall, results: bool = True) -> str | None:
    """How a call is not the expected one; None when it is. `results`: those are compared too."""
    if call.name != expected.name:
        return f"{call.name} instead of {expected.name}"
    if expected.arguments is not None:
        if call.arguments is None:
            return f"{call.name}: its arguments are no JSON object: {call.raw_arguments!r:.60}"
        if not same(call.arguments, expected.arguments):
            return f"{call.name}: {_unlike(call.arguments, expected.arguments)}"
    if results and expected.result is not None and _words(call.result) != _words(expected.result):
        return f"{call.name}: gave {call.result!r:.60} instead of {expected.result!r:.60}"
    return None


def match(
    calls: Sequence[Call],
    expected: Sequence[ExpectedCall],
    mode: Mode = "strict",
    pairing: Pairing | None = None,
) -> Match:
    """Hold calls against expected ones, each used once. Raises `SettingsError` for another mode.

    `pairing`: `pairs`, or one that remembers what it found.
    """
    if mode not in get_args(Mode):
        raise SettingsError(f"mode {mode!r}: expected one of {', '.join(get_args(Mode))}")
    if mode == "strict":
        for number, (call, wanted) in enumerate(zip(calls, expected, strict=False), 1):
            if (unlike := difference(call, wanted)) is not None:
                return Match(False, f"call {number}: {unlike}")
        if len(calls) != len(expected):
            return Match(False, f"{len(calls)} calls instead of {len(expected)}")
        return Match(True, f"the {len(calls)} calls expected, in order")
    paired = (pairing or pairs)(calls, expected)
    used = set(paired.values())
    needless = [str(call) for place, call in enumerate(calls) if place not in used]
    missing = [wanted.name for place, wanted in enumerate(expected) if place not in paired]
    told = []
    if missing and mode != "subset":
        told.append(f"missing: {', '.join(missing)}")
    if needless and mode != "superset":
        told.append(f"not expected: {', '.join(needless)}")
    return Match(not told, "; ".join(told) or f"{len(paired)} of {len(expected)} calls expected")


def pairs(
    calls: Sequence[Call], expected: Sequence[ExpectedCall], results: bool = True
) -> dict[int, int]:
    """As many expected calls (by place) as can have a call of their own (by place).

    A largest matching (augmenting paths, Kuhn 1955): an expected call that any would satisfy takes
    none from one that only one would.
    """
    fits = [
        [n for n, call in enumerate(calls) if difference(call, wanted, results) is None]
        for wanted in expected
    ]
    taken: dict[int, int] = {}

    def seat(place: int, tried: set[int]) -> bool:
        for number in fits[place]:
            if number in tried:
                continue
            tried.add(number)
            if number not in taken or seat(taken[number], tried):
                taken[number] = place
                return True
        return False

    for place in range(len(expected)):
        seat(place, set())
    return {place: number for number, place in taken.items()}


def match_runs(run: Trace, reference: Trace, mode: Mode = "strict") -> Match:
    """Hold a run against a reference run: question, calls with their results, and the answer.

    Of the answer its text is compared; spacing does not count.
    """
    if plain_question(run.question) != plain_question(reference.question):
        return Match(False, f"another question: {run.question!r:.60}")
    found = match(calls_of(run), expected_of(reference), mode)
    if not found.ok:
        return found
    said, wanted = (item.answer.text if item.answer else None for item in (run, reference))
    if _words(said) != _words(wanted):
        return Match(False, f"another answer: {said!r:.60} instead of {wanted!r:.60}")
    return found


def _result(step: ToolStep) -> str | None:
    if step.result is None or step.status != "ok":
        return None
    content = step.result.get("content")
    return content if isinstance(content, str) else None


def _words(text: str | None) -> list[str] | None:
    """A text without its spacing; nothing is not the empty text."""
    return None if text is None else text.split()


def _unlike(given: dict[str, JsonValue], wanted: dict[str, JsonValue]) -> str:
    """The first argument that differs."""
    for key in dict.fromkeys((*wanted, *given)):
        if key not in given:
            return f"{key} is missing"
        if key not in wanted:
            return f"{key} = {_short(given[key])} is not expected"
        if not same(given[key], wanted[key]):
            return f"{key} = {_short(given[key])} instead of {_short(wanted[key])}"
    return "equal"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
