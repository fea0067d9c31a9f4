"""Keys and passwords, taken out of text before anyone reads, records or sends it.

Knows what keys look like and the ones it is told of. Does not know where keys come from.
"""

import re

_PLACEHOLDER = "[key removed]"
_SHAPES = re.compile(
    r"\b(?:sk|rk|pk|tvly|gsk|xai|hf|ghp|pplx|lsv2|AIza)[-_]?[A-Za-z0-9][A-Za-z0-9_\-]{10,}"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\beyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]*)?"
    r"|(?<=://)[^/\s:@]{1,200}:[^/\s@]{1,200}(?=@)"
    r"|(?i:\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=\-]{8,}"
)
_SHORTEST = 6
"""A known key shorter than this is left: taking out `test` would mangle honest words."""


def scrub(text: str, *known: str) -> str:
    """Return the text without the known keys, and without anything that has the shape of a key."""
    for key in sorted(known, key=len, reverse=True):
        if len(key) >= _SHORTEST:
            text = text.replace(key, _PLACEHOLDER)
    return _SHAPES.sub(_PLACEHOLDER, text)
