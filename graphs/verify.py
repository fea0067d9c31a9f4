"""Verification: what of a draft may be shown. Pure code; the only judge of citations and numbers.

A sentence stays when each of its numbers stands in the question, in a passage it cites, or is the
result of a traced calculation, and when it has a verified citation or states such a result.
Whether a quote *supports* a sentence is a measured score (evals), not decided here.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from ..tools.documents import Passage
from ..tools.numbers import Number, find_numbers, parse_amount, same_amount, shows
from .answer import Calculation, Citation, Operand, Struck
from .identity import identity
from .operands import CONSTANTS, is_traced
from .prompts import NOT_SUPPORTED
from .quoted import across, find, own_line, same_digits, touches
from .state import Draft, DraftSentence

_MARKERS = re.compile(r"\s*(?:\[(?:\d+|passage \d+)(?:\s*,\s*\d+)*\]|\(passage \d+\))")
_FALLS = re.compile(
    r"\b(?:fell|fall(?:s|en)?|decreas|declin|dropp?|lower|less|fewer|reduc|down|loss|lost|shr[aiu]nk"
    r"|cheaper|lighter|shorter|smaller|short of|below)",
    re.I,
)

_Numbers = tuple[tuple[Number, ...], frozenset[tuple[int, int]]]
"""Numbers of a text, and their digits alone as ratios."""


@dataclass(frozen=True)
class Verified:
    """What is left of a draft."""

    text: str
    sentences: tuple[str, ...]
    value: float | int | None
    unit: str | None
    refused: bool
    reason: str | None
    citations: tuple[Citation, ...]
    calculations: tuple[Calculation, ...]
    struck: tuple[Struck, ...]


class Verifier:
    """The evidence of one run, and the check of a draft against it."""

    def __init__(
        self, question: str, passages: Sequence[Passage], calculations: Sequence[Calculation]
    ):
        self.passages = passages
        self.calculations = calculations
        self.asked = find_numbers(question, words=True)
        self.traced = [calculation for calculation in calculations if is_traced(calculation)]
        self._shown: dict[int, _Numbers] = {}
        self._last: tuple[Draft, Verified] | None = None

    def fits(self, passages: Sequence[Passage], calculations: Sequence[Calculation]) -> bool:
        """Whether this is the evidence it was made for."""
        return self.passages == passages and self.calculations == calculations

    def verify(self, draft: Draft) -> Verified:
        """Strike what fails, number what stays; the same draft is not checked again."""
        if self._last is None or self._last[0] != draft:
            self._last = draft, self._verified(draft)
        return self._last[1]

    def _verified(self, draft: Draft) -> Verified:
        if draft.refused:
            return self._refusal(self._reason(draft.reason), ())
        kept: list[str] = []
        struck: list[Struck] = []
        citations: list[Citation] = []
        for sentence in draft.sentences:
            text = _bare(sentence.text)
            if not text:
                continue
            spans, missing = self._spans(sentence, text)
            problem = self._problem(text, [passage for passage, _ in spans])
            if problem is not None:
                found = own_line(self.passages, text)
                if found is not None:
                    spans, problem = [found], self._problem(text, [found[0]])
            if problem is not None:
                struck.append(Struck(text=text, reason=problem))
                continue
            struck.extend(missing)
            markers = [_cite(citations, passage, quote) for passage, quote in spans]
            kept.append(text + "".join(f" [{marker}]" for marker in dict.fromkeys(markers)))
        for calculation in self.calculations:
            if not is_traced(calculation):
                numbers = [item.number for item in calculation.operands if item.source == "unknown"]
                reason = f"{', '.join(numbers)}: in no source"
                struck.append(Struck(text=calculation.expression, reason=reason))
        if not kept:
            return self._refusal(NOT_SUPPORTED, tuple(struck))
        text = " ".join(kept)
        value, unit = self._value(draft, text, citations)
        return Verified(
            text=text,
            sentences=tuple(kept),
            value=value,
            unit=unit,
            refused=False,
            reason=None,
            citations=tuple(citations),
            calculations=tuple(self._used(text)),
            struck=tuple(struck),
        )

    def _refusal(self, reason: str, struck: tuple[Struck, ...]) -> Verified:
        text = f"I cannot answer that: {reason.rstrip('.')}."
        return Verified(text, (text,), None, None, True, reason, (), (), struck)

    def _reason(self, reason: str) -> str:
        """The model's own words only when no number in them is from nowhere."""
        shown = find_numbers(reason)
        if not reason.strip() or not all(self._stands(n, self.passages) for n in shown):
            return NOT_SUPPORTED
        return _bare(reason)

    def _spans(
        self, sentence: DraftSentence, text: str
    ) -> tuple[list[tuple[Passage, str]], list[Struck]]:
        """Verified (passage, quote in the page's own words); and the citations that failed."""
        spans: list[tuple[Passage, str]] = []
        failed: list[Struck] = []
        for citation in sentence.citations:
            found = find(self.passages, citation.passage, citation.quote)
            parts = across(self.passages, citation.quote) if found is None else []
            if found is None and any(touches(text, quote) for _, quote in parts):
                spans.extend(part for part in parts if part not in spans)
            elif found is None:
                reason = f"the quote {citation.quote[:60]!r} stands in no retrieved passage"
                failed.append(Struck(text=text, reason=reason))
            elif not touches(text, found[1]):
                reason = f"the quote {found[1][:60]!r} has no word or number of the claim"
                failed.append(Struck(text=text, reason=reason))
            elif found not in spans:
                spans.append(found)
        return spans, failed

    def _problem(self, text: str, cited: Sequence[Passage]) -> str | None:
        numbers = find_numbers(text, words=True)
        computed = False
        for number in numbers:
            if self._stands(number, cited):
                continue
            if self._result(number, text):
                computed = True
                continue
            return f"{number.text!r} stands in no cited passage, question or calculation"
        computed = computed or any(self._result(number, text) for number in numbers)
        if not cited and not computed:
            return "no verified citation"
        return None

    def _stands(self, number: Number, cited: Sequence[Passage]) -> bool:
        if _among(number, self.asked):
            return True
        if not number.text[:1].isdigit() and number.value in CONSTANTS:
            return True
        above, below = number.ratio
        for passage in cited:
            numbers, digits = self._numbers(passage)
            # the same digits are the usual case; the same amount may be written at another scale
            if (abs(above), below) in digits or _among(number, numbers):
                return True
            # The columns of a table that goes on in this passage are named before it.
            if number.year and any(same_amount(number, n) for n in find_numbers(passage.header)):
                return True
        return any(
            same_digits(number, operand)
            for calculation in self.traced
            for operand in find_numbers(calculation.expression)
        )

    def _numbers(self, passage: Passage) -> _Numbers:
        """The numbers that a passage and its title show, found once."""
        # by identity: it is one of `passages`, which are kept
        known = self._shown.get(identity(passage))
        if known is None:
            title = f"{passage.document} {passage.title} {passage.page or ''} {passage.date or ''}"
            numbers = (*find_numbers(passage.text, words=True), *find_numbers(title))
            digits = frozenset([(abs(n.ratio[0]), n.ratio[1]) for n in numbers])
            known = self._shown[identity(passage)] = numbers, digits
        return known

    def _result(self, number: Number, text: str) -> bool:
        return any(_shows(number, calculation, text) for calculation in self.traced)

    def _used(self, text: str) -> list[Calculation]:
        """The calculations whose results are shown, and those they stand on, numbered anew."""
        shown = find_numbers(text)
        used: set[int] = set()
        for place, calculation in reversed(list(enumerate(self.calculations, start=1))):
            if not is_traced(calculation):
                continue
            if place in used or any(_shows(number, calculation, text) for number in shown):
                used.add(place)
                used.update(filter(None, map(_earlier, calculation.operands)))
        places = {old: new for new, old in enumerate(sorted(used), start=1)}
        return [_renumbered(self.calculations[old - 1], places) for old in places]

    def _value(
        self, draft: Draft, text: str, citations: Sequence[Citation]
    ) -> tuple[float | int | None, str | None]:
        """The draft's value, if it is shown in the text or follows from it."""
        amount = parse_amount(draft.value) if draft.value.strip() else None
        if amount is None:
            return None, None
        shown = find_numbers(text, words=True)
        if not any(same_digits(amount, number) for number in shown) and not self._result(
            amount, text
        ):
            return None, None
        value = amount.value
        plain = int(value) if value.denominator == 1 and abs(value) < 2**53 else float(value)
        unit = _bare(draft.unit) or ("%" if amount.percent else None)
        if unit is not None and any(not self._stands(number, ()) for number in find_numbers(unit)):
            unit = None
        return plain, unit


def _earlier(operand: Operand) -> int:
    """The place of the calculation that an operand comes from; 0 when it is none."""
    kind, _, number = operand.source.partition(" ")
    return int(number) if kind == "calculation" else 0


def _renumbered(calculation: Calculation, places: dict[int, int]) -> Calculation:
    if not any(map(_earlier, calculation.operands)):
        return calculation
    operands = tuple(
        operand.model_copy(update={"source": f"calculation {places[_earlier(operand)]}"})
        if _earlier(operand)
        else operand
        for operand in calculation.operands
    )
    return calculation.model_copy(update={"operands": operands})


def _shows(number: Number, calculation: Calculation, text: str) -> bool:
    """The result, rounded or as a percentage; a scale word is the operands', which the expression
    does not carry. A fall may be told without its sign: it fell by 5.
    """
    exact = _exact(calculation.result)
    if exact.numerator < 0 < number.ratio[0] and _FALLS.search(text):
        exact = -exact
    if shows(number, exact):
        return True
    return number.scale != 1 and shows(number, exact, scale=1)


def _among(number: Number, others: Sequence[Number]) -> bool:
    """Whether one of them is the same amount."""
    return any(same_amount(number, other) for other in others)


@lru_cache(maxsize=1024)
def _exact(result: str) -> Fraction:
    return Fraction(result)


def _bare(text: str) -> str:
    """A model's text without markers of its own and line breaks."""
    return " ".join(_MARKERS.sub("", html.unescape(text)).split())


def _cite(citations: list[Citation], passage: Passage, quote: str) -> int:
    """The marker of a citation, made when it is new."""
    for citation in citations:
        if citation.passage == passage.id and citation.quote == quote:
            return citation.marker
    citations.append(
        Citation(
            marker=len(citations) + 1,
            passage=passage.id,
            document=passage.document,
            page=passage.page,
            page_label=passage.page_label,
            url=passage.url,
            quote=quote,
            verified=True,
        )
    )
    return len(citations)
