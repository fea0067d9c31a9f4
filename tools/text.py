"""Text as it crosses the border: cleaned once, counted, and cut into words.

Knows characters. Does not know files, pages or ranking. Quotes are found in `tools/quotes.py`,
sentences in `tools/sentences.py`; both are offered here too, so that one import serves.
"""

import re
import unicodedata

from .quotes import find_quote, normalise
from .sentences import sentences

__all__ = ["clean", "find_quote", "normalise", "sentences", "words"]

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f"  # C0 and C1, but for what becomes a line or a space
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"  # fillers that draw nothing
    "\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufeff"  # zero-width
    "\ufe00-\ufe0f\U000e0100-\U000e01ef"  # variation selectors: can carry hidden bytes
    "\ufff9-\ufffb\ufffe\uffff"  # annotation marks, non-characters
    "\ud800-\udfff"  # lone surrogates (pairs are joined before)
    "\U000e0000-\U000e007f"  # tag characters: invisible ASCII
    "]"
)
_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_LINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_SPACE = re.compile("[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "\uf0b7": "\u2022",  # the bullet of the Symbol font, in the private area
    "\uf0a7": "\u2022",
}
_LIGATURE = re.compile("[" + "".join(_LIGATURES) + "]")
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:['\u2019][^\W_]+)*")


def clean(text: str) -> tuple[str, int]:
    """Return the text without what a reader cannot see, and how many characters were removed.

    Removed and counted: NUL and other controls (tab and newline stay), lone surrogates,
    bidirectional controls, zero-width and tag characters, variation selectors. Changed and not
    counted: every line end to a newline, exotic spaces to a space, soft hyphens dropped,
    ligatures (fi, fl, ...) spelled out, composed characters (NFC). Cleaning twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text, 0
    text = _PAIR.sub(_join_pair, text)
    text = _LINE.sub("\n", text)
    text, removed = _INVISIBLE.subn("", text)
    if not text.isascii():
        text = _SPACE.sub(" ", text.replace("\xad", ""))
        text = _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text)
        text = unicodedata.normalize("NFC", text)
    return text, removed


def words(text: str) -> list[str]:
    """Return the lower-case words and numbers of a text; `1,577.5` and `company's` stay whole."""
    return [word.replace("\u2019", "'") for word in _WORD.findall(text.lower())]


def _join_pair(match: re.Match[str]) -> str:
    pair = match[0]
    return chr(0x10000 + ((ord(pair[0]) - 0xD800) << 10) + (ord(pair[1]) - 0xDC00))
