"""Spans of time: which documents are of one. Knows dates, nothing of rankings.

A day is an ISO text (`2023-08-30`); ISO days compare as texts.
"""

import calendar
import re
from collections.abc import Mapping

from .errors import SettingsError

Dates = tuple[str | None, str | None]
"""First and last day, both included; None: open."""

_SAID = re.compile(r"(\d{4})(?:-(?:q([1-4])|(\d\d?)(?:-(\d\d?))?))?", re.I)


def span_of(text: str) -> tuple[str, str]:
    """First and last day of `2023`, `2023-08`, `2023-Q3` or `2023-08-30`.

    Raises `SettingsError` for anything else.
    """
    match = _SAID.fullmatch(text.strip())
    if not match:
        raise _wrong(text)
    year, quarter, month, day = match.groups()
    first = 3 * int(quarter) - 2 if quarter else int(month or 1)
    last = 3 * int(quarter) if quarter else int(month or 12)
    if int(year) < 1 or not 1 <= last <= 12 or first < 1:
        raise _wrong(text)
    end = calendar.monthrange(int(year), last)[1]
    if day and not 1 <= int(day) <= end:
        raise _wrong(text)
    return (
        f"{year}-{first:02d}-{int(day or 1):02d}",
        f"{year}-{last:02d}-{int(day or end):02d}",
    )


def dates_between(since: str | None, until: str | None) -> Dates | None:
    """The days from the first of `since` to the last of `until`; None when both are left out.

    Raises `SettingsError` when one is no date or they are the wrong way round.
    """
    if since is None and until is None:
        return None
    first = None if since is None else span_of(since)[0]
    last = None if until is None else span_of(until)[1]
    if first and last and first > last:
        raise SettingsError(f"since {since} is after until {until}: nothing lies between them")
    return first, last


def within(metadata: Mapping[str, str], dates: Dates) -> bool:
    """Whether the day, quarter or year that a document is of touches these days.

    That is what its name, title or first page says (`tools/profiles.py`), for a company's report
    its own (fiscal) year. A document that says none is outside.
    """
    said = metadata.get("date") or metadata.get("year")
    if not said:
        return False
    quarter = metadata.get("quarter") if "date" not in metadata else None
    first, last = span_of(f"{said}-Q{quarter}" if quarter else said)
    since, until = dates
    return (until is None or first <= until) and (since is None or last >= since)


def _wrong(text: str) -> SettingsError:
    return SettingsError(
        f"{text[:40]!r} is no date: expected a year, month, quarter or day, such as 2023, 2023-08,"
        " 2023-Q3 or 2023-08-30"
    )
