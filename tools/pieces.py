"""A passage cut into pieces: sentences, list items and rows, each with its neighbours.

Knows headings and rows by their look. Knows nothing of questions.
"""

import itertools
import re
from dataclasses import dataclass

from .evidence import Shown
from .sentences import sentences
from .tables import split_row
from .wordlists import STOP


@dataclass(frozen=True)
class Piece:
    """A sentence, list item or line of a passage, verbatim, with its neighbours."""

    passage: Shown
    text: str
    before: str
    after: str
    earlier: str = ""
    """The one before `before`."""


def pieces_of(passage: Shown) -> list[Piece]:
    """The sentences, items and rows of a passage."""
    parts: list[str] = []
    width = max(map(len, passage.text.splitlines()), default=0)
    for part in sentences(passage.text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        tabular = sum(is_row(line) for line in lines)
        if len(lines) > 1 and tabular >= 0.5 * len(lines):
            parts.extend(lines)
        else:
            parts.extend(_runs(part, width))
    return [
        Piece(
            passage=passage,
            text=part,
            before=parts[index - 1] if index else "",
            after=parts[index + 1] if index + 1 < len(parts) else "",
            earlier=parts[index - 2] if index > 1 else "",
        )
        for index, part in enumerate(parts)
    ]


def _runs(part: str, width: int) -> list[str]:
    """A part cut where a line cannot be a wrap: below a running title, after a short line."""
    cuts = [0]
    lines = list(re.finditer(r"[^\n]+", part))
    for line, following in itertools.pairwise(lines):
        text, begins = line.group().strip(), following.group().strip()[:1]
        title = " | " in text and not text.startswith("|")
        last = text.rsplit(maxsplit=1)[-1].lower() if text else ""
        short = len(text) < _SHORT * width and not text.endswith((",", ";", "-", ":"))
        short = short and last not in STOP
        if title or short and (begins.isupper() or begins.isdigit()):
            cuts.append(following.start())
    ends = [*cuts[1:], len(part)]
    found = [part[start:end].strip() for start, end in zip(cuts, ends, strict=True)]
    return [each for each in found if each]


_SHORT = 0.65
"""Share of the widest line under which a line that is followed by a capital was not wrapped."""


def is_row(text: str) -> bool:
    """Whether a piece is a row of a table rather than a sentence."""
    return bool(split_row(text)[1])


_NUMBERING = re.compile(
    r"^(?:#+\s*)?(?:(?:note|item|section|part|annex|appendix|chapter|table|figure)\s+)?"
    r"(?:\d{1,3}(?:\.\d+)*|[A-Z]{1,4})[.:)]?\s+(?=[A-Z])",
    re.IGNORECASE,
)


def is_heading(text: str) -> bool:
    """Whether a piece is a heading, numbered or not: it never answers."""
    text = _NUMBERING.sub("", text) or text
    return (
        "\n" not in text
        and len(text.split()) <= 8
        and text[-1] not in ".;:!"
        and not re.search(r"\d|:", text)
    )
