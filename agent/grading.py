"""Answers that a person labels one by one, and what the words they type mean.

Knows answers, labels and commands; every label is kept at once. Knows nothing of terminals or of
where answers come from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from ..evals.gold import GoldCase
from ..evals.labels import Key, Label, append_labels
from ..graphs.answer import Answer
from .debugger import Said
from .wording import one_line, place, quoted

HELP = "right | wrong | unsure [NOTE]   next  back  help  quit"
"""One line that is always in sight."""
_WORDS = {
    "r": "right", "1": "right", "y": "right",
    "w": "wrong", "0": "wrong",
    "u": "unsure", "?": "unsure",
    "n": "next", "s": "next", "skip": "next",
    "b": "back",
    "h": "help",
    "q": "quit", "exit": "quit",
}  # fmt: skip
_VALUES: dict[str, float | None] = {"right": 1.0, "wrong": 0.0, "unsure": None}
_HELP_VIEW = """  right, r, 1 [NOTE]    the answer is right      unsure, u [NOTE]  it cannot be said
  wrong, w, 0 [NOTE]    the answer is wrong      next, n   back, b  without a label
  quit, q               leave; what was labelled is kept, and the next time goes on from here"""


@dataclass(frozen=True)
class ToGrade:
    """One answer, and what is expected of it."""

    key: Key
    answer: Answer
    trace: str | None
    case: GoldCase | None


class Grading:
    """A walk through answers. `said` are the labels that this person gave before."""

    def __init__(
        self,
        items: Sequence[ToGrade],
        said: Sequence[Label],
        path: Path,
        who: str,
        now: Callable[[], str],
    ):
        self.items = items
        self._labels = {label.key: label for label in said if label.who == who}
        self._path = path
        self._who = who
        self._now = now
        self.place = self._after(-1)
        """Index into `items`; their number when all are labelled."""

    @property
    def open(self) -> int:
        """How many have no label of this person."""
        return sum(item.key not in self._labels for item in self.items)

    def here(self) -> RenderableType:
        """The answer that is looked at."""
        if self.place >= len(self.items):
            return Text("every answer is labelled; `back` looks again")
        item = self.items[self.place]
        return Group(*map(Text, _lines(item, self.place, len(self.items), self._labels)))

    def do(self, line: str) -> Said:
        """Do what was typed. Raises `GoldError` when a label cannot be kept."""
        word, _, rest = line.strip().partition(" ")
        word = _WORDS.get(word.lower(), word.lower())
        if not word:
            return Said()
        if word == "quit":
            return Said(done=True)
        if word == "help":
            return Said((Text(_HELP_VIEW),))
        if word in ("next", "back"):
            step = self.place + (1 if word == "next" else -1)
            self.place = min(max(step, 0), len(self.items))
            return Said((self.here(),))
        if word not in _VALUES:
            return Said(problem=f"there is no command {one_line(word, 40)!r}; `help` lists them")
        if self.place >= len(self.items):
            return Said(problem="all are labelled: `back` goes to one of them")
        item = self.items[self.place]
        label = Label(
            case=item.key[0],
            repeat=item.key[1],
            trace=item.trace,
            value=_VALUES[word],
            note=rest.strip(),
            who=self._who,
            when=self._now(),
        )
        append_labels(self._path, [label])
        self._labels[label.key] = label
        self.place = self._after(self.place)
        return Said((self.here(),))

    def _after(self, place: int) -> int:
        """The next that has no label, after this one and round to the first."""
        order = [*range(place + 1, len(self.items)), *range(place + 1)]
        return next(
            (n for n in order if n >= 0 and self.items[n].key not in self._labels),
            len(self.items),
        )


def _lines(item: ToGrade, at: int, count: int, labels: dict[Key, Label]) -> list[str]:
    answer, case = item.answer, item.case
    repeat = f", repeat {item.key[1]}" if item.key[1] else ""
    lines = [f"{at + 1} of {count}  {item.key[0]}{repeat}", f"  Question  {answer.question}"]
    if answer.refused:
        lines.append(f"  Refused   {answer.reason or answer.text}")
    else:
        lines.append(f"  Answer    {answer.text}")
    for citation in answer.citations:
        where = place(citation.document, citation.page, citation.page_label, citation.url)
        lines.append(f"    [{citation.marker}] {where}  {quoted(citation.quote)}")
    lines.append(f"  Expected  {_expected(case)}")
    if case is not None and case.evidence:
        lines.append(f"    {quoted(case.evidence)}")
    label = labels.get(item.key)
    if label is not None:
        word = next(name for name, value in _VALUES.items() if value == label.value)
        lines.append(f"  You said  {word} {label.note}".rstrip())
    return lines


def _expected(case: GoldCase | None) -> str:
    if case is None:
        return "not known: there is no gold case of it"
    if case.refusal:
        return "a refusal"
    parts = [case.answer or ""]
    if case.value is not None and str(case.value) not in parts[0]:
        parts.append(f"{case.value:g} {case.unit or ''}".strip())
    if case.contains and not case.answer:
        parts.append("; ".join(case.contains))
    if case.note:
        parts.append(f"({case.note})")
    if case.document:
        pages = ", ".join(map(str, case.pages))
        parts.append(f"[{case.document}{f' page {pages}' if pages else ''}]")
    return "  ".join(part for part in parts if part)
