"""Packed evidence read back from message text: passages and calculations in XML tags.

Knows the tags and their escapes, nothing of who wrote them. Anything else in the text is skipped.
"""

import html
import re
from dataclasses import dataclass

from .headers import header_of

_PASSAGE = re.compile(r"<passage\s+([^>]*)>(.*?)</passage>", re.DOTALL)
_CALCULATION = re.compile(r"<calculation\s+([^>]*)>(.*?)</calculation>", re.DOTALL)
_DOCUMENT = re.compile(r"<document\s+([^>]*?)/?>", re.DOTALL)
_ROW = re.compile(r"<row\s+([^>]*)>", re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass(frozen=True)
class Shown:
    """A passage as it was shown."""

    id: str
    document: str
    text: str
    page: str = ""
    title: str = ""
    header: str = ""
    url: str = ""
    date: str = ""

    @property
    def place(self) -> str:
        """What surrounds the text: names and headings, never quoted.

        The columns of a table that the text begins in date its rows, not what follows them.
        """
        parts = self.header.split(" | ")
        header = " | ".join(parts[:1] + [part for part in parts[1:] if not header_of(part)])
        return " ".join(part for part in (self.document, self.title, header) if part)


@dataclass(frozen=True)
class Computed:
    """A calculation as it was shown."""

    id: str
    expression: str
    result: str


def shown_passages(text: str) -> list[Shown]:
    """Every passage in the text, in order."""
    found = []
    for match in _PASSAGE.finditer(text):
        attributes = _attributes(match.group(1))
        found.append(
            Shown(
                id=attributes.get("id", ""),
                document=attributes.get("document", ""),
                text=html.unescape(match.group(2)),
                page=attributes.get("page", ""),
                title=attributes.get("title", ""),
                header=attributes.get("header", ""),
                url=attributes.get("url", ""),
                date=attributes.get("date", ""),
            )
        )
    return found


def shown_calculations(text: str) -> list[Computed]:
    """Every calculation in the text, in order."""
    found = []
    for match in _CALCULATION.finditer(text):
        attributes = _attributes(match.group(1))
        found.append(
            Computed(
                id=attributes.get("id", ""),
                expression=attributes.get("expression", ""),
                result=html.unescape(match.group(2)).strip(),
            )
        )
    return found


def shown_documents(text: str) -> list[dict[str, str]]:
    """The attributes of every `<document .../>` in the text, in order."""
    return [_attributes(match.group(1)) for match in _DOCUMENT.finditer(text)]


def shown_rows(text: str) -> list[dict[str, str]]:
    """The attributes of every `<row ...>` in the text, in order: item, document, page, ..."""
    return [_attributes(match.group(1)) for match in _ROW.finditer(text)]


def _attributes(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}
