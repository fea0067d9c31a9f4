r"""Where a quote stands in a text: the same characters in a row, or nowhere. Never a likeness.

Knows what a quote may lawfully differ in from the page: white space, case, the shape of quote
marks and dashes, ligatures, and a hyphen at a line end. Knows nothing of citations or pages.

Both sides are folded by one function. A hyphen at a line end is ambiguous (`state-\nment`,
`long-\nterm`), so it folds to a mark that matches both a hyphen and nothing.
"""

import re
import unicodedata
from array import array
from collections.abc import Sequence
from functools import lru_cache

_BREAK = "\x01"
"""Stands for a hyphen at a line end in folded text; `clean` keeps it out of real text."""

_ALIKE = {
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033\uff02", '"'),
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032`\u00b4\uff07", "'"),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe63\uff0d", "-"),
    "\u2026": "...",
    "\xad": "",
}
_NO_SPACE_AFTER = frozenset("$\u20ac\xa3\xa5(")
_NO_SPACE_BEFORE = frozenset("%)")
_PLAIN = (
    {ord(sign): like for sign, like in _ALIKE.items() if len(like) == 1}
    | {ord(sign): " " for sign in map(chr, (*range(9, 14), *range(28, 33), 0x85, 0xA0, 0x1680))}
    | {ord(sign): " " for sign in "\u2028\u2029\u202f\u205f\u3000"}
    | {code: " " for code in range(0x2000, 0x200B)}
)
_NOT_KEPT = ("  ", "\u2026", "\xad", *(f"{sign} " for sign in "$\u20ac\xa3\xa5("), " %", " )")
"""Where folding does more than put one character for another, besides at hyphens."""
_LINE_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011][ \t]*\n\s*(?=[^\W\d_])")
_SPACED_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u2011]\s+(?=[^\W\d_])")


def normalise(text: str) -> str:
    """Return the text as it is compared: case, white space, quotes, dashes and line hyphens folded.

    A word broken by a hyphen at a line end is joined without the hyphen.
    """
    return _fold(text)[0].replace(_BREAK, "").strip()


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """Return where the quote stands in the text (start, end), or None when it does not.

    `text[start:end]` is the page's own wording. Quote marks, ellipses and a full stop around the
    quote are ignored; an ellipsis inside it is not bridged. A number is matched whole: `12` stands
    neither in `3120` nor in `12.5`. A short quote (fewer than 3 words and under 12 characters)
    matches on word boundaries only.
    """
    wanted = _bare(unicodedata.normalize("NFC", quote))
    if not any(character.isalnum() for character in wanted):
        return None
    folded, starts, ends = _folded(text)
    if len(wanted) > 2 * len(folded):
        return None
    short = len(wanted.split()) < 3 and len(wanted) < 12
    for start, end in _occurrences(wanted, folded):
        if _whole(folded, start, short=short) and _whole(folded, end, short=short, ending=True):
            return starts[start], ends[end - 1]
    return None


@lru_cache(maxsize=64)
def _folded(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Fold a page, and remember it: its citations are checked one after another."""
    return _fold(text)


def _fold(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    """Return the folded text and, for each of its characters, the span it came from."""
    plain = text.translate(_PLAIN)
    if plain[:1] != " " and not any(sign in plain for sign in _NOT_KEPT):
        folded_ = plain.casefold()
        if len(folded_) == len(text) and ("\n" not in text or not _LINE_HYPHEN.search(text)):
            return folded_, range(len(text)), range(1, len(text) + 1)
    hyphens = {match.start(): match.end() for match in _LINE_HYPHEN.finditer(text)}
    folded: list[str] = []
    starts, ends = array("I"), array("I")
    skip_to = 0
    for index, character in enumerate(text):
        if index < skip_to:
            continue
        if index in hyphens:
            skip_to = hyphens[index]
            piece, end = _BREAK, skip_to
        elif character.isspace():
            if not folded or folded[-1] == " " or folded[-1] in _NO_SPACE_AFTER:
                continue
            piece, end = " ", index + 1
        else:
            piece, end = _ALIKE.get(character, character).casefold(), index + 1
            if character in _NO_SPACE_BEFORE and folded and folded[-1] == " ":
                folded.pop(), starts.pop(), ends.pop()
        for part in piece:
            folded.append(part)
            starts.append(index)
            ends.append(end)
    return "".join(folded), starts, ends


def _bare(quote: str) -> str:
    """Fold a quote and take off what people put around one."""
    # A quote that a model copied has its line ends as spaces: `state- ment` is a line hyphen too.
    folded = _SPACED_HYPHEN.sub(_BREAK, _fold(quote)[0]).strip()
    before = None
    while folded != before:
        before = folded
        folded = folded.strip("\"' ")
        folded = folded.removeprefix("...").removesuffix("...")
        folded = folded.removesuffix(".")
    return folded


def _occurrences(wanted: str, folded: str) -> list[tuple[int, int]]:
    if _BREAK not in wanted and _BREAK not in folded:
        found, start = [], folded.find(wanted)
        while start >= 0:
            found.append((start, start + len(wanted)))
            start = folded.find(wanted, start + 1)
        return found
    parts: list[str] = []
    for before, character in zip(" " + wanted, wanted, strict=False):
        if character == _BREAK:
            parts.append(f"(?:{_BREAK}|- ?)?")
        elif character == "-":
            parts.append(f"[-{_BREAK}]")
        elif character.isalpha() and before.isalpha():
            parts.append(f"{_BREAK}?{re.escape(character)}")
        else:
            parts.append(re.escape(character))
    return [match.span() for match in re.finditer("".join(parts), folded)]


def _whole(folded: str, edge: int, *, short: bool, ending: bool = False) -> bool:
    """Say whether a match may begin or end here: not inside a number, nor (if short) a word."""
    before, after = folded[edge - 1 : edge], folded[edge : edge + 1]
    if not before or not after:
        return True
    if before.isdigit() and after.isdigit():
        return False
    if before.isdigit() and after in ".," and folded[edge + 1 : edge + 2].isdigit():
        return False
    if after.isdigit() and before in ".," and folded[max(edge - 2, 0) : edge - 1].isdigit():
        return False
    if ending and before.isdigit() and after.isalpha():
        return False  # `12` is not `12m`
    return not (short and _spaced(before) and _spaced(after))


def _spaced(character: str) -> bool:
    """Say whether this character belongs to a script that puts spaces between words."""
    return character.isalnum() and character < "\u2e80" or character == _BREAK
