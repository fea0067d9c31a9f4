"""A passage cut into pieces: sentences, list items and rows, each with its neighbours.

Knows headings and rows by their look. Knows nothing of questions.
"""

import re
from dataclasses import dataclass

from .evidence import Shown
from .sentences import sentences
from .tables import split_row


@dataclass(frozen=True)
class Piece:
    """A sentence, list item or line of a passage, verbatim, with its neighbours."""

    passage: Shown
    text: str
    before: str
    after: str


def pieces_of(passage: Shown) -> list[Piece]:
    """The sentences, items and rows of a passage."""
    parts: list[str] = []
    for part in sentences(passage.text):
        lines = [line.strip() for line in part.splitlines() if line.strip()]
        tabular = sum(is_row(line) for line in lines)
        parts.extend(lines if len(lines) > 1 and tabular >= 0.5 * len(lines) else [part])
    return [
        Piece(
            passage=passage,
            text=part,
            before=parts[index - 1] if index else "",
            after=parts[index + 1] if index + 1 < len(parts) else "",
        )
        for index, part in enumerate(parts)
    ]


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
