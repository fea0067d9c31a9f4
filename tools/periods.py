"""Years and quarters in a text. Knows how they are written, nothing of what they date."""

import re

_YEAR = re.compile(
    r"(?<![\d,.])(?:FY\s?|fiscal(?:\s+year)?\s+)?((?:19|20)\d\d)(?:\s*[/\u2013-]\s*(\d\d)\b(?!\d))?(?![\d,]\d|\.\d|%)",
    re.IGNORECASE,
)


_SHORT_YEAR = re.compile(r"\bFY\s?'?(\d\d)\b", re.IGNORECASE)


_QUARTER = re.compile(r"\b(?:(q[1-4])|(first|second|third|fourth) quarter)\b", re.IGNORECASE)


_QUARTERS = {"first": "Q1", "second": "Q2", "third": "Q3", "fourth": "Q4"}


_SPAN = re.compile(
    r"(?:between|from|over|across|during)?\s*\b((?:19|20)\d\d)\s*(?:-|\u2013|to|through|until)\s*(?:FY\s?)?((?:19|20)\d\d)",
    re.I,
)


def years(text: str) -> tuple[str, ...]:
    """The years a text names, in order, each once; `FY24` and `2023/24` count as 2024."""
    found: dict[str, None] = {}
    for match in _YEAR.finditer(text):
        year, end = match.groups()
        found.setdefault(year[:2] + end if end and int(end) == (int(year[2:]) + 1) % 100 else year)
    for match in _SHORT_YEAR.finditer(text):
        found.setdefault("20" + match.group(1))
    return tuple(found)


def periods_in(text: str) -> tuple[str, ...]:
    """Years as four digits and quarters as `Q2` in a text; `2022 to 2024` may mean three."""
    found = list(years(text))
    span = _SPAN.search(text)
    if span and re.search(r"\b(?:average|mean|each|sum|total|combined|cumulative)\b", text, re.I):
        first, last = int(span.group(1)), int(span.group(2))
        if 0 < last - first <= 10:
            found = [str(year) for year in range(first, last + 1)]
    for match in _QUARTER.finditer(text):
        quarter = match.group(1) or _QUARTERS[match.group(2).lower()]
        if quarter.upper() not in found:
            found.append(quarter.upper())
    return tuple(found)


def is_period(term: str) -> bool:
    """Whether a stem is a period itself (`2024`, `fy24`, `q2`)."""
    return bool(re.fullmatch(r"(?:fy)?(?:(?:19|20)\d\d|\d\d(?=$)(?<=fy\d\d))|q[1-4]|fy", term))
