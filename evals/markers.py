"""The citation markers of an answer's text: `[1]`. Knows nothing of what they stand for."""

import re

_MARKER = re.compile(r"\[\d+\]")


def without_markers(text: str) -> str:
    """The text without markers, each with the white space (one sign of it) that stands before."""
    if "[" not in text:
        return text
    # cut at the bracket: a pattern that may begin with white space is tried at every sign
    *before, rest = _MARKER.split(text)
    return "".join([part[:-1] if part[-1:].isspace() else part for part in before]) + rest


def without_markers_and_space(text: str) -> str:
    """The text without markers, each with all the white space that stands before."""
    *before, rest = _MARKER.split(text)
    return "".join([part.rstrip() for part in before]) + rest


def markers(text: str) -> list[int]:
    """The numbers of the markers, in their order."""
    return [int(marker[1:-1]) for marker in _MARKER.findall(text)]
