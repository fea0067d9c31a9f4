"""Whether a text can hold a date, the number of a page, or digits of a name: is it worth looking?

Each check is necessary for a match of the expressions in `tools/number_patterns.py` (of pages:
`tools/number_surroundings.py`), and far cheaper than those are; it knows nothing else of them.
"""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = re.compile(
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_NAMED = re.compile(
    r"[0-9](?:-[A-Z]|\.[0-9]+\.[0-9]|(?<=[A-Za-z_].)|(?<=[A-Za-z_]-.)|(?<=[A-Za-z0-9.,%]\(.))"
)
_WRITTEN = re.compile(r"[0-9](?:-[0-9]{1,2}-|/[0-9]|\.[0-9]{1,2}\.|:[0-9])")
_REFERENCES = (
    *("p", "page", "pages", "section", "sections", "chapter", "chapters", "note", "notes", "fig"),
    *("figure", "figures", "table", "tables", "item", "items", "step", "steps", "appendix", "no"),
    *("article", "question", "footnote", "footnotes", "exhibit", "#", "\xa7"),
)
_ENDINGS = {word[-2:] for word in _REFERENCES}
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
HARMLESS = frozenset(
    a + b for a in _LETTERS for b in _LETTERS if b != "p" and a + b not in _ENDINGS
)
"""The last letters of words before a space and a number that say nothing of what it numbers."""
_LONG_S = "\u017f"
"""A letter that is an s where case is ignored, and has no s in lower case."""


def may_hold_names(text: str) -> bool:
    """Whether digits may belong to an address, a marker, a version, a footnote or a name."""
    if "@" in text or "[" in text or "://" in text or "www." in text:
        return True
    return _NAMED.search(text) is not None


def may_hold_dates(text: str) -> bool:
    """Whether a date or a time of day may be written here."""
    if _WRITTEN.search(text) is not None or _LONG_S in text:
        return True
    lower = text.lower()
    for month in _MONTHS:
        at = lower.find(month)
        while at >= 0:
            if _MONTH.match(lower, at) and not lower[at - 1 : at].isalpha():
                return True
            at = lower.find(month, at + 1)
    return False


def may_refer(before: str) -> bool:
    """Whether the text before a number may say that it is the number of a page, note or table."""
    return before.rstrip().removesuffix(".").casefold().endswith(_REFERENCES)
