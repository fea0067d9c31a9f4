"""Grading: what a gold case expects, held against an answer, by code alone.

Every check is a value with its reason, or unscored; no data is never 0. Knows nothing of how the
answer was made, of files, or of averages (`evals.estimate`).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from ..graphs.answer import Answer
from ..graphs.trace import ToolStep
from ..tools.documents import Frozen
from .gold import GoldCase
from .markers import without_markers
from .quantities import Unit, numbers, unit

AMOUNT_TOLERANCE = 0.005
"""Relative. For amounts only: a count, a year or a term must be exact."""


class Verdict(Frozen):
    """What one metric says of one answer."""

    metric: str
    value: float | None
    """1.0 or 0.0; None is unscored: the case says nothing about it."""
    reason: str


@lru_cache(maxsize=1024)
def verdict(metric: str, value: float | None, reason: str) -> Verdict:
    """A verdict; most are said again and again, and are then the same object."""
    return Verdict(metric=metric, value=value, reason=reason)


def grade(case: GoldCase, answer: Answer) -> tuple[Verdict, ...]:
    """Every verdict on an answer; the first is `correct`.

    `correct`: a refusal where one is expected; elsewhere an answer whose scored checks of
    `numeric`, `contains` and `exact` all hold. `exact` counts only where the case gives neither a
    value nor words; a case that has but a note is unscored. `pages`, `tools` and `citations` are
    told beside it and do not count.
    """
    refused = refusal(case, answer)
    checks = [numeric(case, answer), contains(case, answer), exact(case, answer)]
    counted = [refused, *checks[:2]]
    if case.value is None and not case.contains:
        counted.append(checks[2])
    failed = [verdict for verdict in counted if verdict.value == 0.0]
    reason = "; ".join(
        verdict.reason for verdict in (failed or counted) if verdict.value is not None
    )
    correct = _said("correct", not failed, reason)
    if not failed and not case.refusal and not case.gradable:
        correct = _unscored("correct", "only a person or a judge can say: see the case's note")
    beside = [pages(case, answer), tools(case, answer), citations(answer)]
    return (correct, refused, *checks, *beside)


def value_of(verdicts: Sequence[Verdict], metric: str) -> float | None:
    """The value of a metric; None when it is unscored. `KeyError` when there is no such metric."""
    for verdict in verdicts:
        if verdict.metric == metric:
            return verdict.value
    raise KeyError(metric)


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """A text as words are looked for in it: case, dashes, quotes, spacing and `1,000` unified."""
    text = text.casefold() if text.isascii() else _unified(text)
    text = without_markers(text)
    if "," in text:
        text = _THOUSANDS.sub("", text)
    return " ".join(text.split())


_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u2018\u2019\u201b", "'"),
        **dict.fromkeys("\u201c\u201d\u201f", '"'),
    }
)


def _unified(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().translate(_SIGNS)


def _said(metric: str, holds: bool, reason: str) -> Verdict:
    return verdict(metric, 1.0 if holds else 0.0, reason)


def _unscored(metric: str, reason: str) -> Verdict:
    return verdict(metric, None, reason)


def refusal(case: GoldCase, answer: Answer) -> Verdict:
    """Refused where a refusal is expected, answered where an answer is."""
    if case.refusal:
        reason = "refused, as expected" if answer.refused else "answered what nothing supports"
        return _said("refusal", answer.refused, reason)
    reason = "refused what has an answer" if answer.refused else "answered"
    return _said("refusal", not answer.refused, reason)


def _stands(words: str, text: str) -> bool:
    """Whether the words stand in the text as whole words: not 12 in 2012, nor 1 in 1.5."""
    return _whole(words).search(text) is not None


@lru_cache(maxsize=16_384)
def _whole(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?<!\d[.,]){re.escape(words)}(?!\w)(?![.,]\d)")


def contains(case: GoldCase, answer: Answer) -> Verdict:
    """All expected words stand in the answer, as whole words."""
    if not case.contains:
        return _unscored("contains", "no words are expected")
    if answer.refused:
        return _said("contains", False, "refused")
    text = plain(answer.text)
    for item in case.contains:
        choices = [plain(choice) for choice in item.split("|") if choice.strip()]
        if not any(_stands(choice, text) for choice in choices):
            return _said("contains", False, f"the answer does not hold {item!r}")
    return _said("contains", True, "holds " + ", ".join(repr(item) for item in case.contains))


def exact(case: GoldCase, answer: Answer) -> Verdict:
    """The text is the expected answer, but for case, spacing and marks."""
    if case.answer is None or case.refusal:
        return _unscored("exact", "no answer in words is expected")
    if answer.refused:
        return _said("exact", False, "refused")
    holds = plain(answer.text).rstrip(". ") == plain(case.answer).rstrip(". ")
    word = "is" if holds else "is not"
    return _said("exact", holds, f"the text {word} {case.answer!r}")


def numeric(case: GoldCase, answer: Answer) -> Verdict:
    """The value is the expected one, on one scale and within the tolerance."""
    if case.value is None:
        return _unscored("numeric", "no value is expected")
    if answer.refused:
        return _said("numeric", False, "refused")
    expected = unit(case.unit)
    given = _given(answer)
    if isinstance(given, str):
        return _said("numeric", False, given)
    number, its_unit = given
    shown = f"{number:g} {answer.unit or ''}".strip()
    wanted = f"{case.value:g} {case.unit or ''}".strip()
    conflict = expected.conflict(its_unit)
    if conflict:
        return _said("numeric", False, f"{shown}: {conflict} (expected {wanted})")
    tolerance = _tolerance(case, expected)
    for ours, theirs in _on_one_scale(case.value, expected, number, its_unit):
        if _close(ours, theirs, tolerance):
            return _said("numeric", True, f"{shown} is {wanted}")
        if _close(ours, -theirs, tolerance) and _falls(f"{case.question} {answer.text}"):
            return _said("numeric", True, f"{shown} is {wanted}: the words say that it fell")
    off = "" if case.value == 0 else f", off by {abs(number / case.value - 1):.2%}"
    return _said("numeric", False, f"{shown} is not {wanted}{off}")


def _given(answer: Answer) -> tuple[float, Unit] | str:
    """The answer's value; without one, the only number of its text that the question lacks."""
    beside = numbers(answer.text)
    if answer.value is not None:
        if answer.unit:
            return float(answer.value), unit(answer.unit)
        near = [its_unit for number, its_unit in beside if number == float(answer.value)]
        return float(answer.value), near[0] if near else Unit()
    asked = {number for number, _ in numbers(answer.question)}
    new = [pair for pair in beside if pair[0] not in asked]
    if len({number for number, _ in new}) == 1:
        return new[0]
    return f"no value is given, and the text holds {len(new)} numbers"


def _on_one_scale(
    value: float, expected: Unit, number: float, given: Unit
) -> list[tuple[float, float]]:
    """The pairs to compare. A side that says neither scale nor currency may mean the other's."""
    scaled = (value * (expected.scale or 1.0), number * (given.scale or 1.0))
    if expected.silent or given.silent:
        return [scaled, (float(value), float(number))]
    return [scaled]


def _tolerance(case: GoldCase, expected: Unit) -> float:
    if case.tolerance is not None:
        return case.tolerance
    value = case.value
    assert value is not None
    amount = expected.scale is not None or expected.currency is not None
    if amount or value != int(value) or abs(value) >= 10_000:
        return AMOUNT_TOLERANCE
    return 0.0


def _close(expected: float, number: float, tolerance: float) -> bool:
    slack = max(tolerance * abs(expected), 1e-9 * abs(expected))
    return abs(expected - number) <= slack


_FALLS = re.compile(
    r"\b(fell|fall|falls|decreas\w*|declin\w*|drop\w*|down|lower|less|loss|reduc\w*|shrank|"
    r"negative|outflow|used)\b",
    re.IGNORECASE,
)


def _falls(text: str) -> bool:
    return _FALLS.search(text) is not None


def pages(case: GoldCase, answer: Answer) -> Verdict:
    """At least one of the expected pages is cited."""
    if not case.pages or case.refusal:
        return _unscored("pages", "no page is expected")
    if answer.refused:
        return _said("pages", False, "refused")
    cited = {(citation.document, citation.page) for citation in answer.citations}
    for document, page in sorted(cited, key=str):
        if page in case.pages and case.document in (None, document):
            return _said("pages", True, f"cites {document} page {page}")
    return _said("pages", False, f"cites no page of {', '.join(map(str, case.pages))}")


def tools(case: GoldCase, answer: Answer) -> Verdict:
    """Every expected tool was run and succeeded."""
    if not case.tools:
        return _unscored("tools", "no tool is expected")
    try:
        steps = answer.trace.steps
    except AttributeError:
        return _unscored("tools", "the answer has no trace")
    used = {step.name for step in steps if isinstance(step, ToolStep) and step.status == "ok"}
    missing = [name for name in case.tools if name not in used]
    if missing:
        return _said("tools", False, f"did not use {', '.join(missing)}")
    return _said("tools", True, f"used {', '.join(case.tools)}")


def citations(answer: Answer) -> Verdict:
    """Something is cited or calculated, and every citation is verified."""
    if answer.refused:
        return _unscored("citations", "refused")
    unverified = [citation.marker for citation in answer.citations if not citation.verified]
    if unverified:
        return _said("citations", False, f"not verified: {unverified}")
    if not answer.citations and not answer.calculations:
        return _said("citations", False, "nothing is cited and nothing was calculated")
    return _said("citations", True, f"{len(answer.citations)} citations, all verified")
