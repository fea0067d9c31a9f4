"""An answer in sentences, each with verbatim quotes that fit into a citation; or a refusal.

Knows how a quote is cut and shown. Knows nothing of what answers a question.
"""

import re
from dataclasses import dataclass

from .evidence import Shown

_LONGEST_QUOTE = 230
"""Characters of a quote."""
LONGEST_TEXT = 390
"""Characters of a sentence."""


@dataclass(frozen=True)
class Sentence:
    """A sentence of the answer and its citations: (passage id, verbatim quote)."""

    text: str
    citations: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Composed:
    """An answer, or a refusal with its reason."""

    sentences: tuple[Sentence, ...] = ()
    value: str = ""
    unit: str = ""
    reason: str = ""

    @property
    def refused(self) -> bool:
        """Whether nothing answers."""
        return not self.sentences


def verbatim(passage: Shown, text: str, titled: bool = False) -> Sentence:
    """A sentence of a passage without its markup, `titled`: behind the passage's title."""
    text_ = re.sub(r"\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|`", "", text)
    shown = re.sub(
        r"^(?:\d{1,2}(?:\.\d{1,2})+(?=\s+[A-Z])|[\u2022*\u25aa\u25cf-]|#+)\s+",
        "",
        " ".join(text_.split()),
    )
    title = passage.title or re.split(r" \| | - |\. ", passage.header)[0] or passage.document
    shown = f"{title}: {shown}" if titled else shown
    if len(shown) > LONGEST_TEXT:
        shown = shown[:LONGEST_TEXT].rsplit(" ", 1)[0] + " \u2026"
    return Sentence(shown, ((passage.id, quote(text)),))


def quote(text: str) -> str:
    """A verbatim beginning of the text that fits into a citation."""
    text = text.strip()
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE].rsplit(" ", 1)[0]
